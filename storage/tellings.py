"""Who would rather tell an answer than write it. A telephone number stays for a week at most."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage import rows
from storage.db import Connection, upsert
from storage.tables import tellings


@dataclass(frozen=True)
class Telling:
    """`how`: call, meeting; `state`: asked, done, dropped."""

    id: int
    posting_id: int
    member_id: int
    how: str
    phone: str | None
    state: str
    at: datetime


def get(db: Connection, telling_id: int) -> Telling | None:
    """Return a row."""
    query = select(*rows.columns(tellings, Telling)).where(tellings.c.id == telling_id)
    return rows.one(db, query, Telling)


def of(db: Connection, posting_id: int, member_id: int) -> Telling | None:
    """Return what a member wished about a posting."""
    query = select(*rows.columns(tellings, Telling)).where(
        tellings.c.posting_id == posting_id, tellings.c.member_id == member_id
    )
    return rows.one(db, query, Telling)


def put(
    db: Connection, posting_id: int, member_id: int, how: str, phone: str | None, *, now: datetime
) -> Telling:
    """Write a wish down; an earlier one about the same question is over."""
    values = {
        "posting_id": posting_id,
        "member_id": member_id,
        "how": how,
        "phone": phone,
        "state": "asked",
        "at": now,
    }
    found = get(db, upsert(db, tellings, values, conflict=["posting_id", "member_id"]))
    assert found is not None
    return found


def change(db: Connection, telling_id: int, **values: Any) -> None:
    """Change columns of a row."""
    db.execute(update(tellings).where(tellings.c.id == telling_id).values(**values))


def with_phone(db: Connection, *, before: datetime, limit: int) -> list[Telling]:
    """Return those whose number is older than a moment."""
    query = select(*rows.columns(tellings, Telling)).where(
        tellings.c.phone.is_not(None), tellings.c.at < before
    )
    return rows.many(db, query.order_by(tellings.c.id).limit(limit), Telling)
