"""Meetings and who comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, Select, delete, insert, select, update

from storage import rows
from storage.db import Connection, upsert
from storage.tables import meetings, rsvps


@dataclass(frozen=True)
class Meeting:
    """A meeting of a network; `sequence` is iCalendar's and grows with every change."""

    id: int
    network_id: int
    title: str
    place: str
    starts_at: datetime
    state: str
    sequence: int
    reminded_at: datetime | None


def create(db: Connection, **values: Any) -> Meeting:
    """Make a meeting."""
    made = db.execute(insert(meetings).values(**values).returning(meetings.c.id)).scalar_one()
    meeting = get(db, made)
    assert meeting is not None
    return meeting


def get(db: Connection, meeting_id: int) -> Meeting | None:
    """Return a meeting."""
    return rows.by(db, _query, Meeting, (meetings.c.id, meeting_id))


@cache
def _query() -> "Select[Any]":
    return select(*rows.columns(meetings, Meeting))


def starts_at(db: Connection, meeting_id: int | None) -> datetime | None:
    """Return when a meeting begins; None if there is none, or it was cancelled."""
    meeting = None if meeting_id is None else get(db, meeting_id)
    return None if meeting is None or meeting.state != "planned" else meeting.starts_at


def coming(db: Connection, network_id: int, *, now: datetime) -> list[Meeting]:
    """Return the meetings of a network that have not begun, the next one first."""
    query = (
        select(*rows.columns(meetings, Meeting))
        .where(meetings.c.network_id == network_id, meetings.c.state == "planned", meetings.c.starts_at > now)
        .order_by(meetings.c.starts_at, meetings.c.id)
    )
    return rows.many(db, query, Meeting)


def change(db: Connection, meeting_id: int, **values: Any) -> None:
    """Change columns of a meeting."""
    db.execute(update(meetings).where(meetings.c.id == meeting_id).values(**values))


def answer(db: Connection, meeting_id: int, member_id: int, given: str, *, now: datetime) -> None:
    """Write down whether a member comes: yes, no or maybe."""
    values = {"meeting_id": meeting_id, "member_id": member_id, "answer": given, "at": now}
    upsert(db, rsvps, values, conflict=["meeting_id", "member_id"])


def answers(db: Connection, meeting_id: int) -> dict[int, str]:
    """Return member id → answer."""
    query = select(rsvps.c.member_id, rsvps.c.answer).where(rsvps.c.meeting_id == meeting_id)
    return {row[0]: row[1] for row in db.execute(query)}


def to_remind(db: Connection, *, now: datetime, until: datetime) -> Sequence[int]:
    """Return the planned meetings that begin between now and `until` and were not announced again yet."""
    return db.execute(*_to_remind(now=now, until=until)).scalars().all()


@rows.prepared
def _to_remind(now: Any, until: Any) -> Executable:
    near = (meetings.c.starts_at > now, meetings.c.starts_at <= until)
    query = select(meetings.c.id).where(
        meetings.c.state == "planned", meetings.c.reminded_at.is_(None), *near
    )
    return query.order_by(meetings.c.starts_at)


def next_start(db: Connection, *, after: datetime) -> datetime | None:
    """Return when the next meeting begins of those that were not announced again yet."""
    return db.execute(*_next_start(after=after)).scalar_one_or_none()


@rows.prepared
def _next_start(after: Any) -> Executable:
    query = select(meetings.c.starts_at).where(
        meetings.c.state == "planned", meetings.c.reminded_at.is_(None), meetings.c.starts_at > after
    )
    return query.order_by(meetings.c.starts_at).limit(1)


def forget_answers(db: Connection, meeting_id: int) -> None:
    """Everybody is asked again: the meeting has another time."""
    db.execute(delete(rsvps).where(rsvps.c.meeting_id == meeting_id))
