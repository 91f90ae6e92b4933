"""Somebody in trouble: which help is shown, and by when somebody is to have answered."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core import moments
from bot.core.texts import Markup, Text

PROMISE = timedelta(hours=3)  # of office hours
KEPT = timedelta(days=7)  # so long a request stands, and a telephone number with it
QUIET = timedelta(days=2)  # a talk in which nobody writes for so long is over
SATURDAY = 5
# States of a request: asked, taken, nobody (yet), withdrawn, done.
ASKED, TAKEN, NOBODY, WITHDRAWN, DONE = "asked", "taken", "nobody", "withdrawn", "done"
OPEN = (ASKED, TAKEN, NOBODY)
HERE, CALL = "here", "call"

PHONE = re.compile(r"\+?[0-9]{6,15}")
BETWEEN = re.compile(r"[\s().\-/]+")


def help_of(help: Mapping[str, str] | None, *languages: str) -> str:
    """Return the help text in the first of these languages that has one, else in any."""
    there = {language: words.strip() for language, words in (help or {}).items() if words.strip()}
    return next((there[one] for one in languages if one in there), next(iter(there.values()), ""))


def numbers(help: Mapping[str, str] | None, text: Text, language: str) -> Markup:
    """Return which numbers answer now: 112, and those that a network gives; `language` is the network's."""
    words, danger = help_of(help, text.language, language), text("talk.in_danger")
    return text("talk.numbers", danger=danger, help=words) if words else danger


def promised(asked: datetime, zone: ZoneInfo, opens: time, closes: time) -> datetime:
    """Return by when somebody is to have answered: three hours later, of which only office hours count.

    They are Monday to Friday. Counted on the wall clock: an office opens at nine whatever the night did.
    """
    left, at = PROMISE, moments.local(asked, zone)
    while True:
        begin = max(at, datetime.combine(at.date(), opens))
        end = datetime.combine(at.date(), closes)
        there = end - begin if at.weekday() < SATURDAY else timedelta(0)
        if there >= left:
            return moments.utc(begin + left, zone)
        left -= max(there, timedelta(0))
        at = datetime.combine(at.date() + timedelta(days=1), time.min)


def phone_of(typed: str) -> str | None:
    """Return the telephone number in what was typed, as it is dialled; None if there is none."""
    said = typed.replace("(0)", "") if typed.strip().startswith("+") else typed
    digits = BETWEEN.sub("", said)
    return digits if PHONE.fullmatch(digits) else None
