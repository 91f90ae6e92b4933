"""Questions of a digest as proposals for the meeting, and who wants to talk about which. Nobody sees who."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from storage import rows
from storage.db import Connection, insert_once
from storage.tables import agenda, interest


@dataclass(frozen=True)
class Entry:
    """A question: a member's, which stands in their contribution, or a facilitator's own `words`.

    `state`: on, dropped; `merged_into`: another entry that says the same.
    """

    id: int
    digest_id: int
    contribution_id: int | None
    words: str | None
    added_by: int | None
    merged_into: int | None
    state: str
    position: int

    @property
    def shown(self) -> bool:
        """Whether it stands on the agenda by itself."""
        return self.state == "on" and self.merged_into is None


def of_digest(db: Connection, digest_id: int) -> list[Entry]:
    """Return all entries of a digest, in the order in which they came."""
    query = select(*rows.columns(agenda, Entry)).where(agenda.c.digest_id == digest_id)
    return rows.many(db, query.order_by(agenda.c.position, agenda.c.id), Entry)


def get(db: Connection, entry_id: int) -> Entry | None:
    """Return an entry."""
    return rows.one(db, select(*rows.columns(agenda, Entry)).where(agenda.c.id == entry_id), Entry)


def add(db: Connection, digest_id: int, **values: Any) -> int:
    """Put a question on the agenda, behind the others; return its id."""
    last = select(func.coalesce(func.max(agenda.c.position), 0)).where(agenda.c.digest_id == digest_id)
    values |= {"digest_id": digest_id, "position": db.execute(last).scalar_one() + 1}
    made: int = db.execute(insert(agenda).values(**values).returning(agenda.c.id)).scalar_one()
    return made


def change(db: Connection, entry_id: int, **values: Any) -> None:
    """Change columns of an entry."""
    db.execute(update(agenda).where(agenda.c.id == entry_id).values(**values))


def remove(db: Connection, entry_id: int) -> None:
    """Take a facilitator's own question away, with what was merged into it coming back."""
    db.execute(update(agenda).where(agenda.c.merged_into == entry_id).values(merged_into=None))
    db.execute(delete(agenda).where(agenda.c.id == entry_id))


# That one ---------------------------------------------------------------------------------------------------------


def toggle(db: Connection, entry_id: int, member_id: int, *, now: datetime) -> bool:
    """Say that a member wants to talk about it, or no longer; return whether they do now."""
    theirs = (interest.c.agenda_id == entry_id, interest.c.member_id == member_id)
    if db.execute(delete(interest).where(*theirs)).rowcount:
        return False
    values = {"agenda_id": entry_id, "member_id": member_id, "at": now}
    insert_once(db, interest, values, conflict=["agenda_id", "member_id"])
    return True


def wanted(db: Connection, entry_ids: Collection[int]) -> dict[int, set[int]]:
    """Return who wants to talk about which entry."""
    query = select(interest.c.agenda_id, interest.c.member_id).where(interest.c.agenda_id.in_(entry_ids))
    found: dict[int, set[int]] = {}
    for entry_id, member_id in db.execute(query):
        found.setdefault(entry_id, set()).add(member_id)
    return found
