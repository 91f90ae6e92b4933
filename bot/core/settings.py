"""What a facilitator decides for a network: which values there are, and how typed ones are read.

One more setting: a line in `CHOICES` (or a screen of its own), its column, and its texts `settings.<name>…`.
"""

import re
from datetime import time
from functools import cache
from zoneinfo import available_timezones

from bot.core.texts import LANGUAGES

# The values offered as buttons; what can be typed besides is read below.
CHOICES: dict[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "timezone": ("Europe/Amsterdam", "Europe/Stockholm", "Europe/London", "Europe/Berlin", "Europe/Rome"),
    "weekly_day": ("0", "1", "2", "3", "4", "5", "6"),
    "weekly_time": ("09:00", "12:00", "17:00", "19:00"),
    "weekly": ("on", "off"),
    "meeting_hours": ("24", "48", "72", "96"),
    "approval": ("open", "required", "trusted"),
    "topic_each": ("on", "off"),
    "weekly_cap": ("1", "2", "3", "5"),
}
TYPED = ("timezone", "weekly_time")
CLOCK = re.compile(r"(?:kl\.?\s*)?(\d{1,2})(?:\s*[:.h]\s*(\d{2}))?\s*(am|pm|uur|u)?", re.IGNORECASE)


def packed(value: str) -> str:
    """A value as it stands in a button, which has no `/` and no `:`."""
    return value.replace("/", ".").replace(":", "-") if value else value


def unpacked(name: str, value: str) -> str | None:
    """The value behind a button; None for one that was never offered, as forged ones are."""
    return next((offered for offered in CHOICES.get(name, ()) if packed(offered) == value), None)


def columns(name: str, value: str) -> dict[str, object]:
    """The column that a value goes into, in the column's type."""
    if name in ("weekly_day", "meeting_hours", "weekly_cap"):
        return {name: int(value)}
    if name in ("weekly", "topic_each"):
        return {name: value == "on"}
    return {name: value}


def read(name: str, typed: str) -> str | None:
    """The value that was typed; None if it is none."""
    return {"timezone": zone_of, "weekly_time": clock_of}[name](typed) if name in TYPED else None


def clock_of(typed: str) -> str | None:
    """`17`, `17:30`, `17.30 uur`, `kl. 17` or `5 pm` as `17:30`."""
    match = CLOCK.fullmatch(typed.strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    half = (match[3] or "").lower()
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def zone_of(typed: str) -> str | None:
    """A time zone by its name, or by its city alone."""
    said = "_".join(typed.split()).casefold()
    return _zones().get(said)


@cache
def _zones() -> dict[str, str]:
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    cities: dict[str, list[str]] = {}
    for name in names:
        cities.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    known = {city: found[0] for city, found in cities.items() if len(found) == 1}
    return known | {name.casefold(): name for name in names} | {"utc": "UTC"}


def wall(value: str) -> time:
    """`17:30` as a time."""
    hour, _, minute = value.partition(":")
    return time(int(hour), int(minute or 0))
