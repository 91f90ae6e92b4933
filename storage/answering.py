"""Which question somebody answers in private, and words that wait until their author has said what they answer.

Not a dialog: whatever else a person begins to do in between, what they wrote stays here.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from storage.db import Connection, upsert
from storage.tables import answering

LASTS = timedelta(days=7)


def of(db: Connection, person_id: int, *, now: datetime) -> dict[str, Any]:
    """Return what is kept for a person; empty if nothing is."""
    query = select(answering.c.data).where(answering.c.person_id == person_id, answering.c.expires_at > now)
    found: dict[str, Any] | None = db.execute(query).scalar_one_or_none()
    return found or {}


def put(db: Connection, person_id: int, data: dict[str, Any], *, now: datetime) -> None:
    """Keep it for a week; empty: nothing any more."""
    if data:
        values = {"person_id": person_id, "data": data, "expires_at": now + LASTS}
        upsert(db, answering, values, conflict=["person_id"])
    else:
        db.execute(delete(answering).where(answering.c.person_id == person_id))


def forget_old(db: Connection, *, now: datetime) -> int:
    """Erase what waited too long; return how many people's."""
    return db.execute(delete(answering).where(answering.c.expires_at <= now)).rowcount
