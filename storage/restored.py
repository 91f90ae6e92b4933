"""When this database was put back from a backup: what was due before may have been done, on the one that was lost."""

from datetime import datetime, timedelta

from storage import facts
from storage.db import Connection

NAME = "restored"  # of the fact


def note(db: Connection, made_at: str, *, now: datetime) -> None:
    """Note that all is as it was at `made_at`."""
    facts.put(db, NAME, {"made_at": made_at}, now=now)


def since(db: Connection) -> datetime | None:
    """Return when it was put back; None if it never was."""
    fact = facts.get(db, NAME)
    return None if fact is None else fact.at


def doubtful(db: Connection, due_at: datetime) -> bool:
    """Return whether what was due then, and is not done here, may have been done all the same."""
    at = since(db)
    return at is not None and due_at <= at


def grace(db: Connection, usual: timedelta, *, now: datetime) -> timedelta:
    """Return how late something may still be done: what is doubtful is too late."""
    at = since(db)
    return usual if at is None or at > now else min(usual, now - at)
