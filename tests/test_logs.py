"""The log: what must not stand in it, and how it reads. tests/stories/test_silence.py lets the whole bot try."""

import ast
import asyncio
import io
import json
import logging
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot import logs
from bot.config import Log

ID, SECRET = "123456789", "AAtest-token_of-thirty-or-more-characters"
TOKEN = f"{ID}:{SECRET}"
WORDS = "my neighbour helped me"
NAMES = (
    "",
    *logs.OURS,
    "httpx",
    "httpcore",
    "hpack",
    "apscheduler",
    "bot.sender",
    "asyncio",
    "anything.else",
)
ROOT = Path(__file__).parents[1]
SAYING = ("debug", "info", "warning", "error", "critical", "exception", "log", "bind", "new")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging belongs to the whole process: give it back as it was."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in NAMES}
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def log(style: str = "text", level: str = "INFO") -> io.StringIO:
    stream = io.StringIO()
    logs.set_up(Log.model_validate({"format": style, "level": level}), stream)
    return stream


# Tokens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_token_reaches_the_log(style: str) -> None:
    stream = log(style)
    ours = logs.logger("bot.sender")
    ours.warning(
        "sent", key=f"https://api.telegram.org/bot{TOKEN}/getMe", words=TOKEN, why=quote(TOKEN, safe="")
    )
    try:
        raise ValueError(f"the token `{TOKEN}` was rejected")
    except ValueError:
        ours.exception("failed", stack_info=True)
    logging.getLogger("anything.else").error(TOKEN)
    logging.getLogger("anything.else").error("GET https://api.telegram.org/bot%s/getMe, %r", TOKEN, [TOKEN])
    logging.getLogger("anything.else").error(quote(TOKEN, safe=""))
    assert SECRET not in stream.getvalue()
    assert stream.getvalue().count("***") == 4
    assert "Traceback" in stream.getvalue()


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
SECRETS = st.text(ALPHABET, min_size=30, max_size=50)
COLONS = st.sampled_from([":", "%3A", "%3a", "%253A"])  # encoded once, or twice


@given(st.text(), st.integers(10**5, 10**12), COLONS, SECRETS, st.text())
def test_wherever_a_token_stands_its_secret_half_is_taken_out(
    before: str, number: int, colon: str, secret: str, after: str
) -> None:
    assume(secret not in f"{before}{number}" and secret not in after)
    assert secret not in logs.without_tokens(f"{before}{number}{colon}{secret}{after}")


@given(st.text(), SECRETS, st.text(), st.sampled_from(["text", "json"]))
def test_no_line_of_anybody_holds_a_token(before: str, secret: str, after: str, style: str) -> None:
    assume(secret not in before + after)
    stream = log(style, "DEBUG")
    text = f"{before}{ID}:{secret}{after}"
    logs.logger("bot.sender").warning("sent", words=text, key=text, why=[text], kind=text.encode())
    for message, *values in ((text,), (text, text), ("%s and %r", text, {text: text})):
        logging.getLogger("anything.else").warning(message, *values)
    assert secret not in stream.getvalue()


# Words ------------------------------------------------------------------------------------------------------


def broken() -> None:
    """Raise an error whose message, cause, context, notes and locals hold what somebody wrote."""
    words = WORDS
    try:
        try:
            int(words)
        except ValueError:
            raise LookupError({"text": words})  # noqa: B904 - the context is the point
    except LookupError as error:
        error.add_note(words)
        raise KeyError(words) from ExceptionGroup(words, [ValueError(words)])


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_message_of_an_error_reaches_the_log(style: str) -> None:
    """A database, a parser or a dictionary repeats in it what a participant wrote."""
    stream = log(style, "DEBUG")
    try:
        broken()
    except KeyError as error:
        logs.logger("bot.rounds").debug("failed", exc_info=True)
        logs.logger("bot.rounds").error("failed", error=error, exc_info=error)
        logging.getLogger("apscheduler.executors.default").exception(error)
        logging.getLogger("apscheduler.executors.default").exception('Job "%s" raised an exception', error)
    assert "neighbour" not in stream.getvalue()
    assert stream.getvalue().count("builtins.KeyError") == 4
    assert stream.getvalue().count("builtins.ExceptionGroup") == 4


def test_no_other_handler_sees_an_error_of_ours_either(caplog: pytest.LogCaptureFixture) -> None:
    try:
        broken()
    except KeyError as error:
        logs.logger("bot.rounds").error("failed", exc_info=error, kind=error)
    assert "builtins.KeyError" in caplog.text
    assert "neighbour" not in caplog.text


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore.connection", "hpack", "telegram.Bot", "apscheduler.scheduler", "bot.old"]
)
def test_others_are_heard_from_warning_on(name: str) -> None:
    stream = log(level="DEBUG")
    other = logging.getLogger(name)
    before, other.level = other.level, logging.DEBUG  # even if something sets it free
    other.info(WORDS)
    other.warning("worth knowing")
    other.setLevel(before)
    assert "neighbour" not in stream.getvalue()
    assert "worth knowing" in stream.getvalue()


@pytest.mark.parametrize(
    ("message", "values", "said"),
    [
        (
            'Run time of "%s" was missed by %d seconds',
            (WORDS, 5),
            'Run time of "<str>" was missed by 5 seconds',
        ),
        ("%(who)s said %(what)r", ({"who": WORDS, "what": 2.5},), "<str> said 2.5"),
        ("%d of %d", (WORDS,), "%d of %d"),  # the values don't fit
        (f"Received data was {[WORDS]}", (), "Received data was"),
        (f"Unknown name: {WORDS}", (), "Unknown name"),
        (ValueError(WORDS), (), "<ValueError>"),
        ({"text": WORDS}, (), "<dict>"),
    ],
)
def test_of_what_others_say_only_their_own_words_and_numbers_are_left(
    message: str, values: tuple[object, ...], said: str
) -> None:
    stream = log()
    logging.getLogger("anything.else").warning(message, *values)
    assert stream.getvalue().split(": ", 1)[1] == f"{said}\n"


async def test_what_asyncio_complains_of_holds_no_words() -> None:
    stream = log(level="DEBUG")
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0

    async def fails(words: str) -> None:
        raise LookupError(words)

    def raises(words: str) -> None:
        raise KeyError(words)

    task = loop.create_task(fails(WORDS), name=WORDS)
    await asyncio.wait({task})
    del task  # nobody asked what came of it
    loop.call_soon(raises, WORDS)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    loop.call_exception_handler({"message": "It broke", "words": WORDS})
    loop.set_debug(False)
    said = stream.getvalue()
    assert "Task exception was never retrieved" in said
    assert "Exception in callback" in said
    assert "Executing <str> took" in said
    assert "It broke" in said
    assert "neighbour" not in said


class Unprintable:
    def __repr__(self) -> str:
        raise LookupError(WORDS)


@pytest.mark.parametrize("style", ["text", "json"])
def test_what_cannot_be_written_is_not_shown_and_takes_nobody_down(
    style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = log(style)
    logs.logger("bot").info("odd", kind=Unprintable(), key="\ud800")
    logging.getLogger("else").error("%s %s", Unprintable(), WORDS)
    logging.getLogger("else").error("%d", WORDS)
    assert stream.getvalue().count("<Unprintable>") == 2
    stream.close()
    logs.logger("bot").info("odd", words=WORDS)
    assert "neighbour" not in "".join(capsys.readouterr())


UNCAUGHT = """
    import asyncio, sys, threading, warnings
    from bot import __main__, logs
    from bot.config import Log

    WORDS = "".join(["my neigh", "bour helped me"])  # so that no line of this file holds them

    class Last:
        def __del__(self):
            raise LookupError(WORDS)

    def fails(words):
        raise ValueError(words)

    async def lives():
        asyncio.get_running_loop().call_soon(fails, WORDS)
        asyncio.create_task(asyncio.to_thread(fails, WORDS))
        await asyncio.sleep(0.1)

    @__main__.app.command()
    def breaks() -> None:
        if len(sys.argv) > 1:
            logs.set_up(Log(format=sys.argv[1]))
        thread = threading.Thread(target=fails, args=[WORDS], name=WORDS)
        thread.start()
        thread.join()
        Last()
        warnings.warn(WORDS)
        asyncio.run(lives())
        try:
            fails(WORDS)
        except ValueError as error:
            raise KeyError(WORDS) from error

    __main__.main(["breaks"])
"""


@pytest.mark.parametrize("style", ["json", ""])  # "": before the settings are known
def test_what_nobody_catches_is_told_without_its_message(tmp_path: Path, style: str) -> None:
    script = tmp_path / "breaks.py"
    script.write_text(textwrap.dedent(UNCAUGHT))
    done = subprocess.run(
        [sys.executable, "-W", "default", str(script), *filter(None, [style])],
        env={"PYTHONPATH": str(ROOT), "PYTHONASYNCIODEBUG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "neighbour" not in done.stdout + done.stderr
    for kind in ("builtins.LookupError", "builtins.ValueError", "builtins.KeyError", "UserWarning"):
        assert kind in done.stderr
    assert "Task exception was never retrieved" in done.stderr
    if style == "json":
        assert {json.loads(line)["logger"] for line in done.stderr.splitlines()} == {"bot", "asyncio"}


# What we say ourselves --------------------------------------------------------------------------------------


def calls_of_ours() -> Iterator[tuple[str, ast.Call]]:
    for folder in logs.OURS:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                whose = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                if whose in ("logging", "structlog") or (whose == "log" and node.func.attr in SAYING):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}", node


def is_right(call: ast.Call) -> bool:
    """Whether a call has an event of letters, words that are ours, and only known keys."""
    if ast.unparse(call.func) == "logging.getLogger":
        return bool(call.args) and isinstance(call.args[0], ast.Constant)  # another's, to quieten it
    if ast.unparse(call.func).startswith(("logging", "structlog")):
        return False
    event = call.args[0] if len(call.args) == 1 else None
    return (
        isinstance(event, ast.Constant)
        and event.value.replace(".", "").replace("_", "").isalpha()
        and all(given.arg in logs.KEYS for given in call.keywords)
        and all(isinstance(given.value, ast.Constant) for given in call.keywords if given.arg == "words")
    )


def test_our_own_lines_are_names_that_stay_with_ids_beside_them() -> None:
    """A new key goes into `logs.KEYS`, once it is sure that no participant's word or name gets into it."""
    found = [(where, call) for where, call in calls_of_ours() if not where.startswith("bot/logs.py")]
    assert len(found) > 15
    assert [where for where, call in found if not is_right(call)] == []


@pytest.mark.parametrize(
    "line",
    [
        "log.info(f'{name} said')",
        "log.info('said', name)",
        "log.info('said %s', name)",
        "log.info('said', name=name)",
        "log.info('said', words=text)",
        "log.info('said', **member)",
        "logging.getLogger(__name__)",
        "logging.warning('said')",
    ],
)
def test_a_line_that_could_hold_words_is_found(line: str) -> None:
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert not is_right(call)


def test_ours_are_heard_from_their_level_on() -> None:
    stream = log(level="DEBUG")
    logs.logger("bot.clock").debug("ticked")
    logs.logger("storage.db").debug("migrated")
    assert [line.split(": ")[1] for line in stream.getvalue().splitlines()] == ["ticked", "migrated"]
    quieter = log(level="ERROR")
    logs.logger("bot.clock").warning("late")
    assert quieter.getvalue() == ""


def test_a_line_has_its_moment_level_place_event_words_and_ids() -> None:
    stream = log()
    with logs.about(update=17):
        logs.logger("bot.worker").warning(
            "token.refused", words="Look at it.", why="two\nwords", error="KeyError"
        )
    moment, line = stream.getvalue().split(" ", 1)
    assert moment.endswith("+00:00")
    assert sorted(line.rstrip().split(" update=17")) == sorted(
        ['WARNING bot.worker: token.refused: Look at it. why="two words" error=KeyError', ""]
    )


def test_json_is_one_object_a_line() -> None:
    stream = log("json")
    with logs.about(update=17):
        logs.logger("bot").info("token.refused", words="two\nlines, and ö")
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logs.logger("bot").exception("no")
    logging.getLogger("else").error("no", exc_info=ValueError(WORDS))
    first, second, third = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "logger": "bot",
        "event": "token.refused",
        "update": 17,
        "words": "two\nlines, and ö",
    }
    assert "ZeroDivisionError" in second["exception"]
    assert (third["logger"], third["event"]) == ("else", "no")
    assert third["exception"].endswith("builtins.ValueError")


def test_setting_up_twice_says_nothing_twice() -> None:
    log()
    stream = log()
    logs.logger("bot").info("once")
    assert stream.getvalue().count("once") == 1
