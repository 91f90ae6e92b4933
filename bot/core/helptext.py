"""What those who lead a network give for somebody in trouble: its help text, office hours and own safety words."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from babel.core import get_global

from bot.core.settings import clock_of, wall
from bot.core.texts import LANGUAGES

MAX_HELP = 200  # characters: it stands in messages in which somebody must act
MAX_WORD, MAX_WORDS = 40, 30
LEAST_OFFICE = 60  # minutes
CHECK = timedelta(days=183)  # numbers change: after so long somebody looks whether they are right
WEEK = timedelta(days=7)  # between one asking and the next
HOURS = (("08:00", "16:00"), ("09:00", "17:00"), ("10:00", "15:00"))  # what is offered
BY_LANGUAGE = {"nl": "NL", "sv": "SE", "en": "GB"}
COUNTRIES = ("NL", "SE", "GB")  # whose national lines we know: `helptext.suggest_<country>`
RANGE = re.compile(r"\s*(.+?)\s*(?:-|–|—|\bto\b|\btot\b|\btill\b|\bt/m\b|\|)\s*(.+?)\s*", re.IGNORECASE)


def country_of(zone: str, language: str) -> str | None:
    """Return the country whose national line is suggested: the time zone's, else the language's; None if unknown."""
    own = get_global("zone_territories").get(zone)
    if own is not None:
        return own if own in COUNTRIES else None
    return BY_LANGUAGE.get(language)


def accepted(typed: str) -> str | None:
    """Return a help text as it is kept, in one line; None if it is too short to hold a number, or too long."""
    words = " ".join(typed.split())
    return words if len(words) <= MAX_HELP and any(sign.isdigit() for sign in words) else None


def read_hours(typed: str) -> tuple[str, str] | None:
    """Return office hours that were typed, `9-17` or `9:00 to 17:00`; None if they are none."""
    match = RANGE.fullmatch(typed)
    begin, end = (clock_of(match[1]), clock_of(match[2])) if match else (None, None)
    if begin is None or end is None:
        return None
    return (begin, end) if _minutes(end) - _minutes(begin) >= LEAST_OFFICE else None


def _minutes(clock: str) -> int:
    at = wall(clock)
    return at.hour * 60 + at.minute


def read_words(typed: str) -> list[str] | None:
    """Return the safety words that were typed, split at commas and lines; None if they are too many or too long."""
    words = list(dict.fromkeys(" ".join(one.split()) for one in re.split(r"[,;\n]", typed) if one.strip()))
    return words if 0 < len(words) <= MAX_WORDS and all(2 < len(one) <= MAX_WORD for one in words) else None


def language_in(word: str) -> str | None:
    """Return the language that a word of the one-line form names."""
    return word.lower() if word.lower() in LANGUAGES else None


def to_ask(
    help: Mapping[str, str] | None, checked_at: datetime | None, asked_at: datetime | None, *, now: datetime
) -> bool:
    """Tell whether somebody is to be asked if the numbers are still right: every six months, then every week."""
    if not help or checked_at is None or now - checked_at < CHECK:
        return False
    return asked_at is None or asked_at <= checked_at or now - asked_at >= WEEK
