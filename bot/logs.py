"""What the bot writes to its log: a name that stays, words of ours, ids. No token, and nothing that people wrote.

A line is `log.warning("update.failed", update=17, error="ValueError")`, with `words="…"` where a person has to
know what to do. A new key is a word in `KEYS`; texts, titles and names of people have none.
"""

import contextlib
import logging
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TextIO

import structlog
from structlog.contextvars import bound_contextvars as about
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from bot.config import TOKEN, Log

__all__ = ["about", "guard", "logger", "set_up", "trace", "uncaught", "without_tokens"]

OURS = ("bot", "handlers", "storage")
# What may stand beside an event; tests/test_logs.py reads all our calls. `about` binds some for what is done inside.
KEYS = {
    *("words", "why", "error", "exc_info"),
    *("update", "job", "which", "letter", "kind", "method", "migration", "text", "key", "round"),
    *("bot", "new_chat", "count", "seconds", "backup", "bytes", "place"),
}
SECRET = re.compile(TOKEN.pattern.replace("%3A", "%(?:25)*3A"), re.IGNORECASE)  # encoded twice is still one
# What others say without arguments may be an f-string: its words go up to the first sign that a value follows.
VALUE = re.compile(r"[\n(<\[{'\"`=:]")
NUMBERS = (int, float, date, timedelta)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of one of our modules: `log = logs.logger(__name__)`."""
    log: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            # At once, so that no handler ever sees the error itself.
            structlog.processors.ExceptionRenderer(_trace_of),
            _without_objects,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return log


def set_up(settings: Log, stream: TextIO | None = None) -> None:
    """Send everything to `stream` (stderr), ours from `log.level` on, what others say from WARNING on.

    Below that httpx writes addresses with the token, python-telegram-bot whole updates, SQLAlchemy values.
    """
    handler = Lines(stream or sys.stderr)
    handler.setFormatter(Whole(_as_json if settings.format == "json" else _as_text))
    handler.addFilter(redact)  # on the handler: filters of loggers don't see what their children say
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.level)
    for name in ("httpx", "httpcore", "hpack", "apscheduler"):  # even if something else set them free
        logging.getLogger(name).setLevel(logging.WARNING)


def guard() -> None:
    """Log what nobody catches, and what comes before the settings are known; for the whole process.

    Python's own hooks, in threads and in destructors too, print messages and objects, and with them what people wrote.
    """
    set_up(Log(level="WARNING"))
    sys.excepthook = lambda kind, error, _: uncaught(error)
    threading.excepthook = lambda args: uncaught(args.exc_value)
    sys.unraisablehook = lambda args: uncaught(args.exc_value)
    warnings.showwarning = _warned


def uncaught(error: BaseException | None) -> None:
    """Log what ended a thread or the process."""
    if not isinstance(error, (KeyboardInterrupt, SystemExit)):
        logger("bot").critical("uncaught", error=type(error).__name__, exc_info=error)


def _warned(
    message: object, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    logger("bot").warning("warned", kind=category.__name__, place=f"{filename}:{lineno}")


def without_tokens(text: str) -> str:
    """Return `text` with each token taken out."""
    return SECRET.sub("***", text)


def trace(error: BaseException | None) -> str:
    """Return where an error came from, and the errors behind it: types and places.

    Their messages are left out: a database or a parser repeats in them what a participant wrote.
    """
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        places = "".join(traceback.format_tb(error.__traceback__))
        parts.append(
            f"Traceback (most recent call last):\n{places}{type(error).__module__}.{type(error).__qualname__}"
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich led to\n\n".join(reversed(parts))


# Ours -------------------------------------------------------------------------------------------------------


def _trace_of(exc_info: ExcInfo) -> str:
    return trace(exc_info[1])


def _without_objects(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Keep texts and numbers; of anything else only what it is: its repr may hold whatever it was made of."""
    return {key: value if _speaks(value) else f"<{type(value).__name__}>" for key, value in line.items()}


def _speaks(value: object) -> bool:
    return value is None or isinstance(value, (str, *NUMBERS))


# What others say --------------------------------------------------------------------------------------------


class Unsaid:
    """Stands in a message of others for a value that may be a participant's."""

    def __init__(self, value: object) -> None:
        self._kind = type(value).__name__

    def __repr__(self) -> str:
        return f"<{self._kind}>"


def redact(record: logging.LogRecord) -> bool:
    """Reduce what others say to their own words, numbers and types; below WARNING they say nothing."""
    if _is_ours(record):
        return True
    if record.levelno < logging.WARNING:
        return False
    record.msg, record.args = without_tokens(_reduced(record)), None
    if record.exc_info:
        # what stands in exc_text already is what formatters use
        record.exc_text = without_tokens(trace(record.exc_info[1]))
    return True


def _is_ours(record: logging.LogRecord) -> bool:
    return isinstance(record.msg, dict) and hasattr(record, "_logger")


def _reduced(record: logging.LogRecord) -> str:
    """A filter that raises would take the caller down with it, for the sake of a line in a log."""
    if not isinstance(record.msg, str):
        return repr(Unsaid(record.msg))
    if record.args:
        with contextlib.suppress(Exception):
            return str(record.msg % _numbers(record.args))
    return VALUE.split(record.msg, maxsplit=1)[0].strip()


def _numbers(args: Sequence[object] | Mapping[str, object]) -> Any:
    if isinstance(args, Mapping):
        return {key: _number(value) for key, value in args.items()}
    return tuple(_number(value) for value in args)


def _number(value: object) -> object:
    return value if isinstance(value, NUMBERS) else Unsaid(value)


# Lines ------------------------------------------------------------------------------------------------------


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines; what can't be written is not shown, as the standard library would, with all its values."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a line is missing, if even that is possible."""
        with contextlib.suppress(Exception):
            self.stream.write(f"a line of {record.name} could not be written\n")


class Whole(structlog.stdlib.ProcessorFormatter):
    """Writes a whole line, and looks through it for tokens once more."""

    def __init__(self, render: Any) -> None:
        super().__init__(processors=[_stamped, render], foreign_pre_chain=[_of_others])

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return without_tokens(super().format(record))


def _of_others(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    record = line["_record"]
    found = {"event": line["event"], "stack": record.stack_info, "exception": record.exc_text}
    return {key: value for key, value in found.items() if value} | {"_record": record}


def _stamped(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    record = line.pop("_record")
    line.pop("_from_structlog", None)
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"time": moment, "level": record.levelname, "logger": record.name, **line}


_as_json = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


def _as_text(_: WrappedLogger, __: str, line: EventDict) -> str:
    """One line: moment in UTC, level, logger, event, words, ids; the traceback below."""
    head = f"{line.pop('time')} {line.pop('level'):<7} {line.pop('logger')}: {line.pop('event')}"
    words = line.pop("words", None)
    below = [line.pop("stack", None), line.pop("exception", None)]
    ids = [f"{key}={_word(str(value))}" for key, value in line.items()]
    first = " ".join([f"{head}: {words}" if words else head, *ids])
    return "\n".join([first, *(part for part in below if part)])


def _word(value: str) -> str:
    return value if re.fullmatch(r"[^\s\"]+", value) else f'"{" ".join(value.split())}"'
