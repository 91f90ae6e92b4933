"""Telegram users who have dealt with the bot."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, delete, select, update

from storage import rows
from storage.db import Connection, insert_once
from storage.tables import people


@dataclass(frozen=True)
class Person:
    """A Telegram user; `name` is the first name shown there."""

    id: int
    telegram_id: int
    name: str
    username: str | None
    language: str
    coordinator: bool
    reachable: bool
    weekly_asks: int = 3
    warned_at: datetime | None = None  # last told that an answer seems to hold a name or a number


@cache
def _query() -> "Select[Any]":
    return select(*rows.columns(people, Person))


def by_telegram_id(db: Connection, telegram_id: int) -> Person | None:
    """Return the person behind a Telegram id."""
    return rows.by(db, _query, Person, (people.c.telegram_id, telegram_id))


def get(db: Connection, person_id: int) -> Person | None:
    """Return a person."""
    return rows.by(db, _query, Person, (people.c.id, person_id))


def keep(
    db: Connection, telegram_id: int, *, name: str, username: str | None, language: str, now: datetime
) -> Person:
    """Return the person with this Telegram id, made if new; Telegram's names are refreshed."""
    insert_once(
        db,
        people,
        {
            "telegram_id": telegram_id,
            "name": name,
            "username": username,
            "language": language,
            "coordinator": False,
            "reachable": False,
            "created_at": now,
        },
        conflict=["telegram_id"],
    )
    db.execute(update(people).where(people.c.telegram_id == telegram_id).values(name=name, username=username))
    person = by_telegram_id(db, telegram_id)
    assert person is not None
    return person


def every(db: Connection) -> list[tuple[int, int]]:
    """Return everybody who is known: our id, and Telegram's."""
    query = select(people.c.id, people.c.telegram_id).order_by(people.c.id)
    return [(id, telegram_id) for id, telegram_id in db.execute(query)]


def change(db: Connection, person_id: int, **values: object) -> None:
    """Change columns of a person."""
    db.execute(update(people).where(people.c.id == person_id).values(**values))


def remove(db: Connection, person_id: int) -> None:
    """Erase a person, with dialogs, knocks and letters that wait."""
    db.execute(delete(people).where(people.c.id == person_id))


def coordinators(db: Connection) -> list[Person]:
    """Return everybody who holds coordinator rights."""
    query = select(*rows.columns(people, Person)).where(people.c.coordinator).order_by(people.c.id)
    return rows.many(db, query, Person)
