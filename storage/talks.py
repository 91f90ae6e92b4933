"""Who asked to be contacted, and by whom; what is said then is kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, and_, delete, func, insert, or_, select, update

from bot.core.talk import ASKED, HERE, OPEN, TAKEN
from storage import rows
from storage.db import Connection
from storage.tables import outbox, talks

KIND = "talk"  # of the letters that pass words on
ALERT = "talk_alert"  # of the letters that ask somebody


@dataclass(frozen=True)
class Talk:
    """A request. `to_person` is who is asked now; `anyone`: the others may be asked one after the other.

    `due_at`: until when somebody is to take it on; once taken, when it is over if nobody writes.
    """

    id: int
    network_id: int
    person_id: int
    to_person: int
    anyone: bool
    how: str
    phone: str | None
    state: str
    at: datetime
    due_at: datetime
    taken_at: datetime | None
    taken_by: int | None


def get(db: Connection, talk_id: int) -> Talk | None:
    """Return a request."""
    return rows.one(db, select(*rows.columns(talks, Talk)).where(talks.c.id == talk_id), Talk)


def ask(db: Connection, **values: object) -> Talk:
    """Write a request down."""
    made = db.execute(insert(talks).values(**values).returning(talks.c.id)).scalar_one()
    talk = get(db, made)
    assert talk is not None
    return talk


def change(db: Connection, talk_id: int, **values: object) -> None:
    """Change columns of a request."""
    db.execute(update(talks).where(talks.c.id == talk_id).values(**values))


def open_of(db: Connection, person_id: int) -> Talk | None:
    """Return what a person has asked for and what is not over; there is one at a time."""
    query = select(*rows.columns(talks, Talk)).where(talks.c.person_id == person_id, talks.c.state.in_(OPEN))
    return rows.one(db, query.order_by(talks.c.id.desc()), Talk)


def under_way(db: Connection, person_id: int) -> Talk | None:
    """Return the talk in which what this person writes is passed on."""
    talk = open_of(db, person_id)
    return talk if talk is not None and talk.state == TAKEN and talk.how == HERE else None


def of_helper(db: Connection, network_id: int, person_id: int) -> Sequence[int]:
    """Return the requests of a network that wait for this person's answer, or that this person took on."""
    waits = and_(talks.c.state == ASKED, talks.c.to_person == person_id)
    taken = and_(talks.c.state == TAKEN, talks.c.taken_by == person_id)
    query = select(talks.c.id).where(talks.c.network_id == network_id, or_(waits, taken))
    return db.execute(query.order_by(talks.c.id)).scalars().all()


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the requests that were to be answered, or talks that are over, by now."""
    return db.execute(*_due(now=now)).scalars().all()


@rows.prepared
def _due(now: Any) -> Executable:
    query = select(talks.c.id).where(talks.c.state.in_(OPEN), talks.c.due_at <= now)
    return query.order_by(talks.c.due_at, talks.c.id)


def upcoming(db: Connection) -> datetime | None:
    """Return when the next one is due."""
    found: datetime | None = db.execute(*_upcoming()).scalar_one()
    return found


@rows.prepared
def _upcoming() -> Executable:
    return select(func.min(talks.c.due_at)).where(talks.c.state.in_(OPEN))


def forget_old(db: Connection, *, before: datetime) -> int:
    """Erase requests that are over; return how many."""
    over = talks.c.state.not_in(OPEN)
    return db.execute(delete(talks).where(over, talks.c.due_at < before)).rowcount


def behind(db: Connection, person_id: int, message_id: int) -> int | None:
    """Return the talk of which a message in somebody's private chat passed words on."""
    query = select(outbox.c.about).where(
        outbox.c.person_id == person_id, outbox.c.message_id == message_id, outbox.c.kind == KIND
    )
    about = db.execute(query.limit(1)).scalar_one_or_none()
    return None if not about else int(about["talk"])


@dataclass(frozen=True)
class Alert:
    """Somebody who was asked, and the message in which."""

    person_id: int
    message_id: int | None


def alert_key(talk_id: int, person_id: int) -> str:
    """The key of the letter that asks somebody."""
    return f"talk:{talk_id}:ask:{person_id}"


def alerts(db: Connection, talk_id: int) -> list[Alert]:
    """Return who was asked, the first one first."""
    asking = outbox.c.key.like(f"talk:{talk_id}:ask:%") & (outbox.c.kind == ALERT)
    query = select(outbox.c.person_id, outbox.c.message_id).where(asking, outbox.c.person_id.is_not(None))
    return rows.many(db, query.order_by(outbox.c.id), Alert)


def settle(db: Connection, letter_id: int) -> None:
    """Of what was passed on nothing is left, no file id and no button either."""
    db.execute(update(outbox).where(outbox.c.id == letter_id).values(params={}, result=None))
