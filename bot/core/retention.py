"""How long a network lives, who hears of its end before, and when what its members gave is erased."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.core import moments

ENDS = 12  # months without a prompt or a meeting
AHEAD = 1  # so many months before, those who lead it are told
LATE_WORD = timedelta(days=1)  # nothing is erased for good sooner than this after it was announced

Step = Literal["well", "revive", "warn", "wait", "end"]


@dataclass(frozen=True)
class Life:
    """What a network shows of itself. `last`: its latest prompt or meeting, past or planned, or its beginning."""

    last: datetime
    warned_at: datetime | None = None
    ended_at: datetime | None = None


def later(moment: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the same day and hour on the wall clock so many months later; of a month too short, its last day."""
    local = moments.local(moment, zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return moments.utc(local.replace(year=year, month=month + 1, day=day), zone)


def quiet_since(life: Life, zone: ZoneInfo) -> datetime:
    """Return when those who lead it are told that it will end."""
    return later(life.last, ENDS - AHEAD, zone)


def ends_at(life: Life, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return when it ends: after a year, and never sooner than a month after they were told."""
    told = now if life.warned_at is None else life.warned_at
    return max(later(life.last, ENDS, zone), later(told, AHEAD, zone))


def step(life: Life, zone: ZoneInfo, *, now: datetime) -> Step:
    """Return what is to be done about a network; `well`: nothing, and what was announced is off."""
    if life.ended_at is not None:
        return "revive" if life.last > life.ended_at else "wait"
    if now < quiet_since(life, zone):
        return "well"
    if life.warned_at is None or life.warned_at > now:  # told in the future: the clock was wrong
        return "warn"
    return "end" if now >= ends_at(life, zone, now=now) else "wait"


def erased_at(ended_at: datetime, keep_months: int, zone: ZoneInfo, closing: datetime | None) -> datetime:
    """Return when everything of a network that ended is erased: some months later, at the latest on the last day."""
    kept = later(ended_at, keep_months, zone)
    return kept if closing is None else min(kept, closing)


# The last day of all ----------------------------------------------------------------------------------------------


def closing(last_day: str, zone: ZoneInfo) -> datetime | None:
    """Return when the last day begins (ISO, or empty): from then on nothing is taken, and all is erased."""
    try:
        return moments.utc(datetime.combine(date.fromisoformat(last_day), time()), zone) if last_day else None
    except ValueError:
        return None


def announced_at(closing: datetime, zone: ZoneInfo) -> datetime:
    """Return when those who lead networks hear of the last day."""
    return later(closing, -AHEAD, zone)


def cleared_at(closing: datetime, told_at: datetime) -> datetime:
    """Return when everything is erased: that day, unless it was announced just now.

    A bot that was away tells it late; and a date mistyped in the settings must not erase years of answers at once.
    """
    return max(closing, told_at + LATE_WORD)
