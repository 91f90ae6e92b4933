"""What members said about a summary that is out: something is wrong, or their point is missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from storage import rows
from storage.db import Connection
from storage.tables import corrections, people


@dataclass(frozen=True)
class Correction:
    """`kind`: wrong (`words` say what), missing (`contribution_id` says which answer, `mark` which words of it).

    `state`: asked, accepted, declined, withdrawn. `answer`: of who leads, as it is shown below the summary.
    """

    id: int
    digest_id: int
    member_id: int
    kind: str
    contribution_id: int | None
    words: str | None
    mark: str | None
    answer: str | None
    state: str
    settled_by: int | None
    at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class Accepted:
    """What is shown of one that was accepted."""

    contribution_id: int | None
    mark: str | None
    answer: str | None
    name: str | None  # of who wrote the answer


def create(db: Connection, **values: Any) -> int:
    """Write one down; return its id."""
    made: int = db.execute(insert(corrections).values(**values).returning(corrections.c.id)).scalar_one()
    return made


def get(db: Connection, correction_id: int) -> Correction | None:
    """Return one."""
    query = select(*rows.columns(corrections, Correction)).where(corrections.c.id == correction_id)
    return rows.one(db, query, Correction)


def change(db: Connection, correction_id: int, **values: Any) -> None:
    """Change columns of one."""
    db.execute(update(corrections).where(corrections.c.id == correction_id).values(**values))


def of_member(db: Connection, digest_id: int, member_id: int) -> list[Correction]:
    """Return what a member said about a digest."""
    query = select(*rows.columns(corrections, Correction)).where(
        corrections.c.digest_id == digest_id, corrections.c.member_id == member_id
    )
    return rows.many(db, query.order_by(corrections.c.id), Correction)


def about(db: Connection, contribution_id: int) -> list[Correction]:
    """Return those in which an answer was said to be missing."""
    query = select(*rows.columns(corrections, Correction)).where(
        corrections.c.contribution_id == contribution_id
    )
    return rows.many(db, query.order_by(corrections.c.id), Correction)


def masked(db: Connection, contribution_id: int, before: str, after: str) -> None:
    """Who leads masked something in an answer: what they were shown of it has another mark."""
    same = (corrections.c.contribution_id == contribution_id, corrections.c.mark == before)
    db.execute(update(corrections).where(*same).values(mark=after))


def accepted(db: Connection, digest_id: int) -> list[Accepted]:
    """Return what was accepted about a digest, in that order."""
    query = (
        select(corrections.c.contribution_id, corrections.c.mark, corrections.c.answer, people.c.name)
        .outerjoin(people, people.c.id == corrections.c.settled_by)
        .where(corrections.c.digest_id == digest_id, corrections.c.state == "accepted")
    )
    return rows.many(db, query.order_by(corrections.c.settled_at, corrections.c.id), Accepted)


def how_many(db: Connection, digest_id: int, member_id: int) -> int:
    """Return how often a member said something about a digest."""
    query = select(func.count()).where(
        corrections.c.digest_id == digest_id, corrections.c.member_id == member_id
    )
    return db.execute(query).scalar_one()
