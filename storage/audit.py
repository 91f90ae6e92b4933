"""What was done to whose things: actions and numbers, never words."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert

from storage.db import Connection
from storage.tables import audit


def note(
    db: Connection,
    action: str,
    *,
    now: datetime,
    network_id: int | None = None,
    person_id: int | None = None,
    **numbers: Any,
) -> None:
    """Write a line; `numbers` hold ids and counts only."""
    db.execute(
        insert(audit).values(
            at=now, action=action, network_id=network_id, person_id=person_id, numbers=numbers or None
        )
    )


def forget(db: Connection, *, before: datetime) -> int:
    """Erase lines that nobody needs to answer for any more; return how many."""
    return db.execute(delete(audit).where(audit.c.at < before)).rowcount
