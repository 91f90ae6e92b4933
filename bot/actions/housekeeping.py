"""What is erased by itself, four times a day: what is no longer needed is not kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.actions import joining
from bot.actions.unit import Desk
from storage import audit, contributions, dialogs, facts, inbox, prompts
from storage.db import Connection

EVERY = timedelta(hours=6)
NAME = "tidied"
HELD = timedelta(days=7)  # a file whose sender never said whether it may be kept


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next tidying is due."""
    last = facts.get(db, NAME)
    # A last time in the future is from a clock that was wrong: it must not keep what is to be erased.
    return now if last is None or last.at > now else last.at + EVERY


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return one thing to do, if the last time is long enough ago."""
    at = upcoming(db, now=now)
    return [0] if at is not None and at <= now else []


def tidy(db: Connection, _: int, desk: Desk, *, now: datetime) -> None:
    """Erase what has served: old inbox rows, dialogs and joins left half-way, files that nobody may keep."""
    numbers = {
        "inbox": inbox.forget_old(db, now=now) or 0,
        "dialogs": dialogs.forget_old(db, now=now),
        "drafts": prompts.forget_drafts(db, before=now - dialogs.LASTS),
        "joins": joining.forget_half_way(db, now=now),
        "held": contributions.forget_held(db, before=now - HELD),
    }
    facts.put(db, NAME, {}, now=now)
    if any(numbers.values()):
        audit.note(db, "tidied", now=now, **numbers)
