"""What one member was, or will be, asked in private about one posting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, func, select, update

from storage import rows, sentences, statements, votes
from storage.db import Connection, insert_once
from storage.tables import asks, contributions, members, networks, postings, prompts


@dataclass(frozen=True)
class Ask:
    """`again_at`: when it is to be looked at; `state`: open (the reminder), later (asked for), declined."""

    id: int
    posting_id: int
    member_id: int
    state: str
    again_at: datetime | None
    reminded_at: datetime | None
    asked_at: datetime | None


@dataclass(frozen=True)
class Open:
    """A posting as far as its reminder goes."""

    id: int
    posted_at: datetime
    closes_at: datetime
    timezone: str


def get(db: Connection, ask_id: int) -> Ask | None:
    """Return a row."""
    return rows.one(db, select(*rows.columns(asks, Ask)).where(asks.c.id == ask_id), Ask)


def of(db: Connection, posting_id: int, member_id: int) -> Ask | None:
    """Return what a member is asked about a posting."""
    where = (asks.c.posting_id == posting_id, asks.c.member_id == member_id)
    return rows.one(db, select(*rows.columns(asks, Ask)).where(*where), Ask)


def keep(db: Connection, posting_id: int, member_id: int) -> Ask:
    """Return the row of a member and a posting, made if new."""
    values = {"posting_id": posting_id, "member_id": member_id}
    insert_once(db, asks, values, conflict=["posting_id", "member_id"])
    found = of(db, posting_id, member_id)
    assert found is not None
    return found


def change(db: Connection, ask_id: int, **values: Any) -> None:
    """Change columns of a row."""
    db.execute(update(asks).where(asks.c.id == ask_id).values(**values))


def unwish(db: Connection, person_id: int) -> None:
    """Forget what a person wanted to be asked again."""
    theirs = select(members.c.id).where(members.c.person_id == person_id)
    wishes = update(asks).where(asks.c.member_id.in_(theirs), asks.c.state == "later")
    db.execute(wishes.values(state="open", again_at=None))


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the rows whose moment has come."""
    return db.execute(*_due(now=now)).scalars().all()


@rows.prepared
def _due(now: Any) -> Executable:
    return select(asks.c.id).where(asks.c.again_at <= now).order_by(asks.c.again_at, asks.c.id)


def upcoming(db: Connection) -> datetime | None:
    """Return when the next one is due."""
    found: datetime | None = db.execute(*_upcoming()).scalar_one()
    return found


@rows.prepared
def _upcoming() -> Executable:
    return select(func.min(asks.c.again_at))


def asked(db: Connection, person_id: int, *, since: datetime) -> list[datetime]:
    """Return when a person was asked something of the kind, in all networks."""
    query = (
        select(asks.c.asked_at)
        .join(members, members.c.id == asks.c.member_id)
        .where(members.c.person_id == person_id, asks.c.asked_at > since)
    )
    return list(db.execute(query.order_by(asks.c.asked_at)).scalars())


def reminded(db: Connection, prompt_id: int, member_id: int) -> bool:
    """Whether a member was reminded of a prompt, in any of its postings."""
    query = (
        select(asks.c.id)
        .join(postings, postings.c.id == asks.c.posting_id)
        .where(
            postings.c.prompt_id == prompt_id,
            asks.c.member_id == member_id,
            asks.c.reminded_at.is_not(None),
        )
    )
    return db.execute(query.limit(1)).first() is not None


def answered(db: Connection, posting_id: int, member_id: int) -> bool:
    """Whether a member has given or chosen something at a posting; what was taken back was given, too."""
    query = select(contributions.c.id).where(
        contributions.c.posting_id == posting_id, contributions.c.member_id == member_id
    )
    given = db.execute(query.limit(1)).first() is not None
    return given or votes.to_posting(db, posting_id, member_id) or _round_answered(db, posting_id, member_id)


def _round_answered(db: Connection, posting_id: int, member_id: int) -> bool:
    query = (
        select(prompts.c.id)
        .join(postings, postings.c.prompt_id == prompts.c.id)
        .where(postings.c.id == posting_id, prompts.c.kind == sentences.KIND)
    )
    found = db.execute(query).scalar_one_or_none()
    return found is not None and statements.answered(db, found, member_id)


def unreminded(db: Connection, *, now: datetime) -> list[Open]:
    """Return the open postings of which nobody was reminded yet; asked at every tick, so no more than is needed."""
    return rows.records(db.execute(*_unreminded(now=now)), Open)


@rows.prepared
def _unreminded(now: Any) -> Executable:
    return (
        select(postings.c.id, postings.c.posted_at, postings.c.closes_at, networks.c.timezone)
        .join(networks, networks.c.id == postings.c.network_id)
        .where(postings.c.reminded_at.is_(None), postings.c.closes_at > now, networks.c.state == "active")
        .order_by(postings.c.closes_at, postings.c.id)
    )
