"""Prompts and the moments at which they happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, delete, func, insert, select, update

from storage import rows
from storage.db import Connection, insert_once
from storage.tables import occurrences, prompts


@dataclass(frozen=True)
class Prompt:
    """A question with a schedule (`when`: bot/core/whens.py to_json) and an audience (`circle`)."""

    id: int
    network_id: int
    kind: str
    text: str
    circle: str
    when: dict[str, Any]
    meeting_id: int | None
    attachments: list[dict[str, Any]] | None
    form: dict[str, Any] | None  # what can be chosen: bot/core/forms.py
    state: str
    next_due_at: datetime | None
    created_by: int | None
    created_at: datetime


def create(db: Connection, **values: Any) -> Prompt:
    """Make a prompt."""
    made = db.execute(insert(prompts).values(**values).returning(prompts.c.id)).scalar_one()
    prompt = get(db, made)
    assert prompt is not None
    return prompt


def get(db: Connection, prompt_id: int) -> Prompt | None:
    """Return a prompt."""
    return rows.one(db, select(*rows.columns(prompts, Prompt)).where(prompts.c.id == prompt_id), Prompt)


def change(db: Connection, prompt_id: int, **values: Any) -> None:
    """Change columns of a prompt."""
    db.execute(update(prompts).where(prompts.c.id == prompt_id).values(**values))


def planned(db: Connection, network_id: int) -> list[Prompt]:
    """Return what is coming in a network, the next one first."""
    query = (
        select(*rows.columns(prompts, Prompt))
        .where(prompts.c.network_id == network_id, prompts.c.state == "planned")
        .order_by(prompts.c.next_due_at.is_(None), prompts.c.next_due_at, prompts.c.id)
    )
    return rows.many(db, query, Prompt)


def around_meeting(db: Connection, meeting_id: int) -> list[Prompt]:
    """Return the planned prompts that hang on a meeting."""
    query = select(*rows.columns(prompts, Prompt)).where(
        prompts.c.meeting_id == meeting_id, prompts.c.state == "planned"
    )
    return rows.many(db, query.order_by(prompts.c.id), Prompt)


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the ids of prompts whose moment has come, the oldest first."""
    return db.execute(*_due(now=now)).scalars().all()


@rows.prepared
def _due(now: Any) -> Executable:
    query = select(prompts.c.id).where(prompts.c.state == "planned", prompts.c.next_due_at <= now)
    return query.order_by(prompts.c.next_due_at, prompts.c.id)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next prompt is due."""
    found: datetime | None = db.execute(*_upcoming()).scalar_one()
    return found


@rows.prepared
def _upcoming() -> Executable:
    return select(func.min(prompts.c.next_due_at)).where(prompts.c.state == "planned")


def happened(db: Connection, prompt_id: int) -> dict[str, str]:
    """Return local key → state of every occurrence that was posted, missed or skipped."""
    query = select(occurrences.c.local_key, occurrences.c.state).where(occurrences.c.prompt_id == prompt_id)
    return {row[0]: row[1] for row in db.execute(query)}


def occur(
    db: Connection, prompt_id: int, local_key: str, state: str, *, due_at: datetime, now: datetime
) -> int | None:
    """Write an occurrence down; None if it was already, however that came about."""
    return insert_once(
        db,
        occurrences,
        {"prompt_id": prompt_id, "local_key": local_key, "state": state, "due_at": due_at, "at": now},
        conflict=["prompt_id", "local_key"],
    )


def unhappen(db: Connection, prompt_id: int, local_key: str) -> bool:
    """Let an occurrence that was skipped come after all; False if none was."""
    where = (occurrences.c.prompt_id == prompt_id, occurrences.c.local_key == local_key)
    return db.execute(delete(occurrences).where(*where, occurrences.c.state == "skipped")).rowcount == 1


def posted_since(db: Connection, network_id: int, since: datetime) -> list[datetime]:
    """Return when questions were posted in a network; one in both circles counts once."""
    query = (
        select(occurrences.c.at)
        .join(prompts, prompts.c.id == occurrences.c.prompt_id)
        .where(prompts.c.network_id == network_id, occurrences.c.state == "posted", occurrences.c.at >= since)
    )
    return list(db.execute(query).scalars())


def between(db: Connection, first: Prompt, last: int) -> list[Prompt]:
    """Return the prompts that the same person made in the same network from `first` to the one with id `last`."""
    query = select(*rows.columns(prompts, Prompt)).where(
        prompts.c.network_id == first.network_id,
        prompts.c.created_by == first.created_by,
        prompts.c.id.between(first.id, last),
    )
    return rows.many(db, query.order_by(prompts.c.id), Prompt)


def forget_drafts(db: Connection, *, before: datetime) -> int:
    """Erase prompts that were begun and never planned; return how many."""
    old = delete(prompts).where(prompts.c.state == "draft", prompts.c.created_at < before)
    return db.execute(old).rowcount
