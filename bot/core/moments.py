"""Moments and clocks: from a wall clock to UTC and back, and the hours in which nobody is disturbed.

A moment is an aware `datetime` in UTC; a *local* time is naive and belongs to the time zone beside it.
Every change from one to the other in this bot goes through `utc` and `local`, because only here the two
nights are thought of on which a clock jumps.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

QUIET_START = time(21, 0)
QUIET_END = time(8, 0)


class Clock(Protocol):
    """What tells the time to every edge; nothing else reads a clock or sleeps."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Come back when `now()` has reached `moment`."""
        ...


def utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clocks in `zone` show `local`.

    A time that is skipped in spring becomes the first minute that exists after it; of a time that comes
    twice in autumn the first is meant.
    """
    if local.tzinfo is not None:
        raise ValueError("a local time has no zone of its own")
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(fold=0):
        return moment
    # In a gap fold=0 counts with the offset before the jump and so lands behind it, fold=1 in front of it.
    return _jump(local.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


def _jump(before: datetime, behind: datetime, zone: ZoneInfo) -> datetime:
    """Return the first whole minute after the change of offset between the two moments."""
    old = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(behind.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high + -high % 60, UTC)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clocks in `zone` show at `moment`, as a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def local_key(moment: datetime, zone: ZoneInfo) -> str:
    """Return the wall-clock name of a moment, `2026-12-01T10:00`; stored, so its form never changes."""
    return key(local(moment, zone))


def key(wall: datetime) -> str:
    """Return the name of a local time, `2026-12-01T10:00`."""
    return wall.replace(tzinfo=None).isoformat(timespec="minutes")


def quiet(moment: datetime, zone: ZoneInfo, start: time = QUIET_START, end: time = QUIET_END) -> bool:
    """Tell whether `moment` lies in the quiet hours: from `start`, up to but without `end`."""
    at = local(moment, zone).time()
    if start <= end:  # the same twice means: no quiet hours
        return start <= at < end
    return at >= start or at < end


def after_quiet(
    moment: datetime, zone: ZoneInfo, start: time = QUIET_START, end: time = QUIET_END
) -> datetime:
    """Return `moment`, or the end of the quiet hours it lies in."""
    if not quiet(moment, zone, start, end):
        return moment
    wall = local(moment, zone)
    day = wall.date() if wall.time() < end else wall.date() + timedelta(days=1)
    over = datetime.combine(day, end)
    found = utc(over, zone)
    if found <= moment:  # the hour that comes twice, and `end` was in its first round
        found = over.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return after_quiet(found, zone, start, end)
