"""The one private dialog a person is in: which step, and what was said so far. Losing one is harmless."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from storage import rows
from storage.db import Connection, upsert
from storage.tables import dialogs

LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Dialog:
    """Where a person is: `kind` is the subject (`joining`, `prompts`, `answering`), `step` a word of that subject."""

    person_id: int
    kind: str
    step: str
    data: dict[str, Any]
    expires_at: datetime


def of(db: Connection, person_id: int, *, now: datetime) -> Dialog | None:
    """Return the open dialog of a person."""
    query = select(*rows.columns(dialogs, Dialog)).where(
        dialogs.c.person_id == person_id, dialogs.c.expires_at > now
    )
    return rows.one(db, query, Dialog)


def of_kind(db: Connection, kind: str) -> list[Dialog]:
    """Return the dialogs of a subject."""
    query = select(*rows.columns(dialogs, Dialog)).where(dialogs.c.kind == kind)
    return rows.many(db, query.order_by(dialogs.c.id), Dialog)


def put(
    db: Connection,
    person_id: int,
    kind: str,
    step: str,
    data: dict[str, Any] | None = None,
    *,
    now: datetime,
    lasts: timedelta = LASTS,
) -> None:
    """Open a dialog, or go to another step of it; the one before is over."""
    values = {
        "person_id": person_id,
        "kind": kind,
        "step": step,
        "data": data or {},
        "expires_at": now + lasts,
        "version": 0,
    }
    upsert(db, dialogs, values, conflict=["person_id"])


def close(db: Connection, person_id: int) -> None:
    """End whatever dialog a person is in."""
    db.execute(delete(dialogs).where(dialogs.c.person_id == person_id))


def leave(db: Connection, person_id: int, kind: str) -> None:
    """End a person's dialog if it is about this subject; words may wait in another one."""
    db.execute(delete(dialogs).where(dialogs.c.person_id == person_id, dialogs.c.kind == kind))


def forget_old(db: Connection, *, now: datetime) -> int:
    """Erase dialogs that were left half-way; return how many."""
    return db.execute(delete(dialogs).where(dialogs.c.expires_at <= now)).rowcount
