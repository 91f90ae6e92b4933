"""When things are due, counted on the network's own clock: prompts, their closing, digests, and what moves.

An occurrence is known by its *local key*, the wall-clock time it was planned for: the same in winter and
summer, and once only in the night that has an hour twice. Whoever stores an occurrence stores the key beside
what it belongs to, under a unique constraint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bot.core import moments
from bot.core.whens import AroundMeeting, At, Every, Now, UntilMeeting, When

T = TypeVar("T")

CLOSING_TIME = time(20, 0)
WINDOW_DAYS = 7
OPEN_AT_LEAST = timedelta(hours=20)
DRAFT_HOURS = 24
STAND_IN_HOURS = 12
PRE_MEETING_HOURS = 48


@dataclass(frozen=True)
class Occurrence:
    """One time at which something is due."""

    local_key: str
    due_at: datetime


@dataclass(frozen=True)
class Decision:
    """What to do with everything that is due: at most one is posted, the others were missed."""

    post: Occurrence | None
    missed: tuple[Occurrence, ...]


@dataclass(frozen=True)
class Move(Generic[T]):
    """What a moved meeting does to `item`; of a series that ends with the meeting, to its last time."""

    item: T
    old: datetime
    new: datetime


class Weekly(NamedTuple):
    """A weekly digest: its ISO week, `2026-W48`, and when it goes out."""

    key: str
    publish_at: datetime


# --- prompts


def occurrences(
    when: When,
    *,
    zone: ZoneInfo,
    meeting: datetime | None,
    posted: Collection[str],
    created: datetime,
    after: datetime | None = None,
) -> Iterator[Occurrence]:
    """Yield what is still to come of `when`, in order; a series without an end never stops.

    `posted` are the keys that are done with (posted, missed or skipped). What comes once is done with its
    first key, wherever its meeting moves later; a series comes once a day, though its hour was changed that
    day. Nothing is due before `created`, nor up to and including `after`. Without a meeting, nothing hangs
    on it.
    """
    for wall in _walls(when, zone=zone, meeting=meeting, posted=posted, created=created):
        due = max(moments.utc(wall, zone), created) if isinstance(when, Now) else moments.utc(wall, zone)
        if due >= created and (after is None or due > after):
            yield Occurrence(moments.key(wall), due)


def _walls(
    when: When, *, zone: ZoneInfo, meeting: datetime | None, posted: Collection[str], created: datetime
) -> Iterator[datetime]:
    if isinstance(when, Every):
        days = {key[:10] for key in posted}
        series = _weekly_walls(when, zone=zone, meeting=meeting, start=moments.local(created, zone).date())
        yield from (wall for wall in series if wall.date().isoformat() not in days)
    elif not posted and (wall := _single(when, zone=zone, meeting=meeting, created=created)) is not None:
        yield wall


def _single(
    when: Now | At | AroundMeeting, *, zone: ZoneInfo, meeting: datetime | None, created: datetime
) -> datetime | None:
    match when:
        case Now():
            return moments.local(created, zone)
        case At(local):
            return local
        case AroundMeeting():
            return _around(when, meeting, zone) if meeting else None


def _around(when: AroundMeeting, meeting: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(moments.local(meeting, zone).date() + timedelta(days=when.days), when.time)


def _weekly_walls(
    when: Every, *, zone: ZoneInfo, meeting: datetime | None, start: date
) -> Iterator[datetime]:
    if isinstance(when.until, UntilMeeting):
        if meeting is None:
            return
        end = moments.local(meeting, zone)
    else:
        end = datetime.combine(when.until or date.max, time.max)
    wall = datetime.combine(start + timedelta(days=(when.weekday - start.weekday()) % 7), when.time)
    while wall < end:
        yield wall
        wall += timedelta(weeks=1)


def next_due(
    when: When,
    *,
    zone: ZoneInfo,
    meeting: datetime | None,
    posted: Collection[str],
    created: datetime,
    after: datetime | None = None,
) -> Occurrence | None:
    """Return the next occurrence, or None when there is none (any more)."""
    coming = occurrences(when, zone=zone, meeting=meeting, posted=posted, created=created, after=after)
    return next(coming, None)


def due(
    when: When,
    *,
    zone: ZoneInfo,
    meeting: datetime | None,
    posted: Collection[str],
    created: datetime,
    now: datetime,
) -> list[Occurrence]:
    """Return what is due at `now` and not done with, oldest first: what `decide` wants."""
    coming = occurrences(when, zone=zone, meeting=meeting, posted=posted, created=created)
    return list(takewhile(lambda occurrence: occurrence.due_at <= now, coming))


def decide(dues: Iterable[Occurrence], *, now: datetime, grace: timedelta) -> Decision:
    """Choose the latest due occurrence if it is not older than `grace`; never a burst after an outage."""
    past = sorted((d for d in dues if d.due_at <= now), key=lambda d: d.due_at)
    if past and now - past[-1].due_at <= grace:
        return Decision(past[-1], tuple(past[:-1]))
    return Decision(None, tuple(past))


def closes_at(posted_at: datetime, zone: ZoneInfo, days: int = WINDOW_DAYS) -> datetime:
    """Return the evening on which a posting closes: of day `days`, the day of posting being the first."""
    wall = moments.local(posted_at, zone)
    last = wall.date() + timedelta(days=max(days, 1) - 1)
    if datetime.combine(last, CLOSING_TIME) <= wall:  # one day only, and posted in the evening
        last += timedelta(days=1)
    return moments.utc(datetime.combine(last, CLOSING_TIME), zone)


def in_time(closes: datetime, posted_at: datetime, summary: datetime | None) -> datetime:
    """Return when something closes of which a summary shows numbers: with that summary, unless it is too soon."""
    if summary is None or not posted_at + OPEN_AT_LEAST <= summary < closes:
        return closes
    return summary


# --- digests


def weekly_due(weekday: int, at: time, zone: ZoneInfo, after: datetime) -> Weekly:
    """Return the first weekly digest that goes out after `after`."""
    start = moments.local(after, zone).date()
    day = start + timedelta(days=(weekday - start.weekday()) % 7)
    while (publish_at := moments.utc(datetime.combine(day, at), zone)) <= after:
        day += timedelta(weeks=1)
    week = day.isocalendar()
    return Weekly(f"{week.year}-W{week.week:02}", publish_at)


def hours_before(moment: datetime, hours: float, zone: ZoneInfo) -> datetime:
    """Count back on the wall clock, so that 48 h before a meeting at 17:30 is 17:30 in every week."""
    return moments.utc(moments.local(moment, zone) - timedelta(hours=hours), zone)


def pre_meeting_at(starts_at: datetime, zone: ZoneInfo, hours: float = PRE_MEETING_HOURS) -> datetime:
    """Return when the digest before a meeting goes out."""
    return hours_before(starts_at, hours, zone)


def draft_at(publish_at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the facilitators get the draft."""
    return hours_before(publish_at, DRAFT_HOURS, zone)


def stand_in_at(publish_at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the stand-in is asked, if nobody has looked at the draft."""
    return hours_before(publish_at, STAND_IN_HOURS, zone)


# --- a meeting that moves


def moved(
    items: Iterable[tuple[T, When | timedelta]], old_start: datetime, new_start: datetime, zone: ZoneInfo
) -> list[Move[T]]:
    """Return what moves with a meeting; a `timedelta` is a span before its start, as a digest's."""
    moves = []
    for item, anchor in items:
        old, new = _anchored(anchor, old_start, zone), _anchored(anchor, new_start, zone)
        if old is not None and new is not None and old != new:
            moves.append(Move(item, old, new))
    return sorted(moves, key=lambda move: move.new)


def _anchored(anchor: When | timedelta, start: datetime, zone: ZoneInfo) -> datetime | None:
    match anchor:
        case timedelta():
            return hours_before(start, anchor / timedelta(hours=1), zone)
        case AroundMeeting():
            return moments.utc(_around(anchor, start, zone), zone)
        case Every(weekday, at, UntilMeeting()):
            return _last_before(start, weekday, at, zone)
    return None


def _last_before(start: datetime, weekday: int, at: time, zone: ZoneInfo) -> datetime:
    wall = moments.local(start, zone)
    last = datetime.combine(wall.date() - timedelta(days=(wall.weekday() - weekday) % 7), at)
    return moments.utc(last if last < wall else last - timedelta(weeks=1), zone)
