"""Small facts with the moment at which they were true: what Telegram said of a chat, when the bot was awake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Select, delete, or_, select

from storage import rows
from storage.db import Connection, upsert
from storage.tables import facts


@dataclass(frozen=True)
class Fact:
    """A named value and when it was learnt."""

    name: str
    value: Any
    at: datetime


def get(db: Connection, name: str) -> Fact | None:
    """Return the fact, however old."""
    return rows.by(db, _query, Fact, (facts.c.name, name))


@cache
def _query() -> "Select[Any]":
    return select(*rows.columns(facts, Fact))


def put(db: Connection, name: str, value: Any, *, now: datetime) -> None:
    """Keep a value under its name; the one before is gone."""
    upsert(db, facts, {"name": name, "value": value, "at": now}, conflict=["name"])


def beginning(db: Connection, name: str) -> list[Fact]:
    """Return the facts whose names begin so, the oldest first."""
    return rows.records(db.execute(_beginning(name)), Fact)


@lru_cache(maxsize=8)  # a handful of kinds, and now and then one person's
def _beginning(name: str) -> "Select[Any]":
    begins = facts.c.name.startswith(name, autoescape=True)
    return _query().where(begins).order_by(facts.c.at, facts.c.name)


def forget(db: Connection, beginnings: Sequence[str], *, before: datetime) -> int:
    """Erase facts learnt before a moment whose names begin so; return how many."""
    so = or_(*(facts.c.name.startswith(beginning, autoescape=True) for beginning in beginnings))
    return db.execute(delete(facts).where(so, facts.c.at < before)).rowcount


def drop(db: Connection, name: str) -> None:
    """Forget a fact."""
    db.execute(delete(facts).where(facts.c.name == name))
