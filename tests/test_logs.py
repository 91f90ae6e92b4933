"""The log: what must not stand in it, and how it reads."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from bot.config import Log

TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
NAMES = ("", *logs.OURS, "httpx", "httpcore", "hpack", "apscheduler")


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


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_token_reaches_the_log(style: str) -> None:
    stream = log(style)
    bot = logging.getLogger("bot.sender")
    bot.warning("POST https://api.telegram.org/bot%s/getMe, %s", TOKEN, {"token": TOKEN.replace(":", "%3A")})
    try:
        raise ValueError(f"the token `{TOKEN}` was rejected")
    except ValueError:
        bot.exception("it failed", stack_info=True)
    logging.getLogger("anything.else").error(TOKEN)
    assert "AAtest" not in stream.getvalue()
    assert stream.getvalue().count("***") == 3
    assert "Traceback" in stream.getvalue()


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_message_of_an_error_reaches_the_log(style: str) -> None:
    """A database, a parser or a dictionary repeats in it what a participant wrote."""
    stream = log(style, "DEBUG")
    try:
        try:
            int("my neighbour helped me")
        except ValueError as error:
            raise KeyError("my mother") from error
    except KeyError:
        logging.getLogger("bot.rounds").debug("it failed", exc_info=True)
        logging.getLogger("apscheduler.executors.default").exception("it failed")
    assert "neighbour" not in stream.getvalue().replace('int("my neighbour helped me")', "").replace(
        'int(\\"my neighbour helped me\\")', ""
    )
    assert stream.getvalue().count("builtins.ValueError") == stream.getvalue().count("builtins.KeyError") == 2


@pytest.mark.parametrize(
    "name", ["httpx", "httpcore.connection", "hpack", "telegram.Bot", "apscheduler.scheduler"]
)
def test_others_are_heard_from_warning_on(name: str) -> None:
    stream = log(level="DEBUG")
    logging.getLogger(name).info("my neighbour helped me")
    logging.getLogger(name).warning("worth knowing")
    assert "neighbour" not in stream.getvalue()
    assert "worth knowing" in stream.getvalue()


def test_ours_are_heard_from_their_level_on() -> None:
    stream = log(level="DEBUG")
    logging.getLogger("bot.clock").debug("tick")
    logging.getLogger("storage.db").debug("migrated")
    assert [line.split(": ")[1] for line in stream.getvalue().splitlines()] == ["tick", "migrated"]
    quieter = log(level="ERROR")
    logging.getLogger("bot.clock").warning("late")
    assert quieter.getvalue() == ""


def test_json_is_one_object_a_line() -> None:
    stream = log("json")
    logging.getLogger("bot").info("two\nlines, and ö")
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logging.getLogger("bot").exception("no")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["level"], first["logger"], first["message"]) == ("INFO", "bot", "two\nlines, and ö")
    assert first["time"].endswith("+00:00")
    assert "error" not in first
    assert "ZeroDivisionError" in second["error"]


def test_a_line_whose_values_do_not_fit_takes_nobody_down() -> None:
    stream = log()
    logging.getLogger("bot").info("%d of %d", "one")
    assert "its values do not fit" in stream.getvalue()


def test_setting_up_twice_says_nothing_twice() -> None:
    log()
    stream = log()
    logging.getLogger("bot").info("once")
    assert stream.getvalue().count("once") == 1
