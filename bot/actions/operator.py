"""What the operator is told: in the chat of `telegram.ops_chat`, or else each coordinator in private."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot import logs
from bot.actions.unit import Desk
from bot.core.mail import Letter, To, say
from storage import people
from storage.db import Connection

log = logs.logger(__name__)

KIND = "operator"


def tell(db: Connection, desk: Desk, id: str, *, key: str, **values: Any) -> list[Letter]:
    """Return the letters that say the text `operator.<id>`; values are ids, numbers and Telegram's own words."""
    # No values: what Telegram says may hold a title, and a log holds nothing that people wrote.
    log.warning("operator.told", text=id, key=key)
    return [
        letter
        for to, language, number in _readers(db, desk)
        for letter in say(
            to,
            desk.text(language)(f"operator.{id}", **values),
            key=f"operator:{key}:{number}",
            kind=KIND,
            unsure="repeat",  # twice is better than never
        )
    ]


def parked(db: Connection, desk: Desk, seq: int, error: str, *, now: datetime) -> list[Letter]:
    """An update was given up after three attempts; after `bln-bot retry` it may be again."""
    return tell(db, desk, "parked", key=f"parked:{seq}:{now.timestamp():.3f}", seq=seq, error=error)


def _readers(db: Connection, desk: Desk) -> Iterable[tuple[To, str, int]]:
    if desk.ops_chat is not None:
        return [(To(telegram=desk.ops_chat), desk.language, 0)]
    return [
        (To(person=person.id), person.language, person.id)
        for person in people.coordinators(db)
        if person.reachable
    ]
