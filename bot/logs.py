"""What the bot writes to its log: no token, and nothing by others that could hold a participant's words."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

from bot.config import TOKEN, Log

OURS = ("bot", "handlers", "storage")


def set_up(settings: Log, stream: TextIO | None = None) -> None:
    """Send everything to `stream` (stderr), ours from `log.level` on, what others say from WARNING on.

    Below that httpx writes addresses with the token, python-telegram-bot whole updates, SQLAlchemy values.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(AsJson() if settings.format == "json" else AsText())
    handler.addFilter(redact)  # on the handler: filters of loggers don't see what their children say
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.level)
    for name in ("httpx", "httpcore", "hpack", "apscheduler"):  # even if something else set them free
        logging.getLogger(name).setLevel(logging.WARNING)


def without_tokens(text: str) -> str:
    """Return `text` with the secret half of each token taken out."""
    return TOKEN.sub("***", text)


def redact(record: logging.LogRecord) -> bool:
    """Take tokens out of a record, and messages out of its traceback; a filter that lets everything through."""
    record.msg, record.args = without_tokens(_message(record)), None
    if record.exc_info:
        # what stands in exc_text already is what formatters use
        record.exc_text = without_tokens(trace(record.exc_info[1]))
    if record.stack_info:
        record.stack_info = without_tokens(record.stack_info)
    return True


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


def _message(record: logging.LogRecord) -> str:
    """A filter that raises would take the caller down with it, for the sake of a line in a log."""
    try:
        return record.getMessage()
    except Exception as error:
        return f"{record.msg!r} (its values do not fit: {type(error).__name__})"


class AsText(logging.Formatter):
    """One line: moment in UTC, level, logger, message; tracebacks below."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """As ISO 8601 with its zone."""
        return _moment(record)


class AsJson(logging.Formatter):
    """One JSON object a line, tracebacks within it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as an object; keys without a value are left out."""
        line = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "error": record.exc_text,
            "stack": record.stack_info,
        }
        return json.dumps({key: value for key, value in line.items() if value}, ensure_ascii=False)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
