"""Dates, hours, numbers and lists as a reader's language writes them; add a language by adding its row.

Words come from Babel. What Babel's patterns don't have is the way a sentence says both day and hour, so those
stand here, in the notation of Unicode's locale data (letters in quotes are text).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from bot.core import moments

NEAR = timedelta(days=183)  # a date that is further away than this is shown with its year


@dataclass(frozen=True)
class Style:
    """How one language writes dates."""

    locale: str
    day: str
    year: str
    time: str
    between: str  # from a day to its hour


STYLES = {
    "en": Style("en_GB", "EEEE d MMMM", " y", "HH:mm", " 'at' "),
    "nl": Style("nl", "EEEE d MMMM", " y", "HH.mm 'uur'", " 'om' "),
    "sv": Style("sv", "EEEE d MMMM", " y", "'kl.' HH.mm", " "),
}


def full(moment: datetime, zone: ZoneInfo, language: str, *, now: datetime | None = None) -> str:
    """Return "Friday 27 November at 10:00", with the year if it is far from `now`."""
    style = _style(language)
    pattern = style.day + _year(moment, style, now) + style.between + style.time
    return _format(moment, zone, pattern, style)


def day(moment: datetime, zone: ZoneInfo, language: str, *, now: datetime | None = None) -> str:
    """Return "Friday 27 November", with the year if it is far from `now`."""
    style = _style(language)
    return _format(moment, zone, style.day + _year(moment, style, now), style)


def short(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return "27 Nov 10:00", for a button."""
    return _brief(moment, zone, language, "d MMM ")


def short_day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return "Fri 27 Nov 10:00", for a button on which the day of the week matters."""
    return _brief(moment, zone, language, "EEE d MMM ")


def _brief(moment: datetime, zone: ZoneInfo, language: str, day: str) -> str:
    style = _style(language)
    return _format(moment, zone, day + style.time.replace("'kl.' ", "").replace(" 'uur'", ""), style)


def clock_time(moment: datetime | time, zone: ZoneInfo, language: str) -> str:
    """Return "10:00", "10.00 uur" or "kl. 10.00"; a `time` is one of the wall clock already."""
    style = _style(language)
    if isinstance(moment, time):
        wall = datetime.combine(date.min, moment.replace(tzinfo=None))
        return str(format_datetime(wall, style.time, locale=style.locale))
    return _format(moment, zone, style.time, style)


def weekday_name(weekday: int, language: str) -> str:
    """Return "Monday" for 0, written as inside a sentence."""
    return str(get_day_names("wide", "format", _style(language).locale)[weekday])


def duration(span: timedelta | float, language: str) -> str:
    """Return how long something takes: "45 seconds", "1 minute 20", "2 hours 5 minutes"."""
    locale = _style(language).locale
    total = round(span.total_seconds() if isinstance(span, timedelta) else span)
    hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
    if total < 60:
        return _unit(seconds, "second", locale)
    if not hours:
        return _unit(minutes, "minute", locale) + (f" {seconds}" if seconds else "")
    return _unit(hours, "hour", locale) + (f" {_unit(minutes, 'minute', locale)}" if minutes else "")


def joined(items: Iterable[str], language: str) -> str:
    """Return "a, b and c"."""
    return str(format_list(list(items), locale=_style(language).locale))


def number(value: float, language: str) -> str:
    """Return a number with the language's own signs: 1,234.5 or 1.234,5."""
    return str(format_decimal(value, locale=_style(language).locale))


def percent(share: float, language: str) -> str:
    """Return a share of 1 in whole per cent."""
    return str(format_percent(share, locale=_style(language).locale))


def _style(language: str) -> Style:
    return STYLES.get(language.replace("_", "-").split("-")[0], STYLES["en"])


def _year(moment: datetime, style: Style, now: datetime | None) -> str:
    return style.year if now is not None and abs(moment - now) > NEAR else ""


def _format(moment: datetime, zone: ZoneInfo, pattern: str, style: Style) -> str:
    # Naive and already on the zone's clock: Babel is never asked to convert
    return str(format_datetime(moments.local(moment, zone), pattern, locale=style.locale))


def _unit(value: int, unit: str, locale: str) -> str:
    if (locale, unit) == ("nl", "hour"):  # Babel 2.18 has lost the Dutch plural and says "3 duration-hour"
        return f"{value} uur"
    return str(format_unit(value, f"duration-{unit}", locale=locale))
