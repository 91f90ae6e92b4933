"""When the bot was last awake, so that it can say honestly how long it was away (design.md §4.3)."""

from datetime import datetime, timedelta

from storage import facts
from storage.db import Connection

EVERY = timedelta(minutes=1)
NAME = "awake"


def note(db: Connection, *, now: datetime) -> None:
    """Note that the bot is awake, once a minute; a longer gap is noted as an absence."""
    last = facts.get(db, NAME)
    if last is not None and timedelta(0) <= now - last.at < EVERY:
        return  # a note from the future is from a clock that was wrong
    if last is not None and now - last.at > timedelta(minutes=10):
        facts.put(db, "away", {"from": last.at.isoformat(), "to": now.isoformat()}, now=now)
    facts.put(db, NAME, {}, now=now)


def absence(db: Connection, *, now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when the bot was away, if it came back less than an hour ago."""
    noted = facts.get(db, "away")
    if noted is None or now - noted.at > timedelta(hours=1) or noted.value is None:
        return None
    return datetime.fromisoformat(noted.value["from"]), datetime.fromisoformat(noted.value["to"])
