"""When somebody who has not joined was last told how: no words, no name."""

from datetime import datetime

from sqlalchemy import delete, update

from storage.db import Connection, insert_once
from storage.tables import hints


def due(db: Connection, chat_id: int, telegram_id: int, *, now: datetime, not_since: datetime) -> bool:
    """Note a hint and return True, unless there was one after `not_since`."""
    values = {"chat_id": chat_id, "telegram_id": telegram_id, "at": now}
    if insert_once(db, hints, values, conflict=["chat_id", "telegram_id"]) is not None:
        return True
    mine = update(hints).where(hints.c.chat_id == chat_id, hints.c.telegram_id == telegram_id)
    return db.execute(mine.where(hints.c.at <= not_since).values(at=now)).rowcount == 1


def forget(db: Connection, *, before: datetime) -> int:
    """Erase hints that are older; return how many."""
    return db.execute(delete(hints).where(hints.c.at < before)).rowcount
