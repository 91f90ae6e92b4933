"""The inbox: every update as Telegram sent it, from its arrival until the transaction that handles it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, delete, exists, func, or_, select, update

from storage import rows
from storage.db import Connection, insert
from storage.tables import inbox, members, people

ATTEMPTS = 3  # then a row is parked, and the ones behind it go on
REMEMBERED = timedelta(days=3)  # Telegram repeats within one day, and may start its ids anywhere after seven
# Where a member's message comes as itself; elsewhere (a press, a reaction) an update only points at one,
# which may be ours.
MESSAGES = ("message", "edited_message")


@dataclass(frozen=True)
class InboxRow:
    """One update; `payload` is None once it was handled."""

    seq: int
    update_id: int
    kind: str
    chat_telegram_id: int | None
    message_id: int | None
    state: str
    attempts: int
    error: str | None
    payload: dict[str, Any] | None
    received_at: datetime


def store(db: Connection, updates: Sequence[dict[str, Any]], *, now: datetime) -> int:
    """Keep the updates that were not here before, in the order given; return how many they are."""
    if not updates:
        return 0
    new = insert(db, inbox).values([_row(update, now) for update in updates])
    return len(
        db.execute(new.on_conflict_do_nothing(index_elements=["update_id"]).returning(inbox.c.seq)).all()
    )


def next(db: Connection, limit: int) -> list[InboxRow]:
    """Return the oldest updates that wait, in the order in which they came."""
    return _with_state(db, "new", limit)


def done(db: Connection, seqs: Iterable[int]) -> None:
    """Note that these were handled, and give up what they said; the ids stay, to recognise a repeat."""
    handled = update(inbox).where(inbox.c.seq.in_(list(seqs)))
    db.execute(handled.values(state="done", payload=None, error=None))


def failed(db: Connection, row: InboxRow, error: BaseException) -> bool:
    """Count a failed attempt; return whether the update is parked now.

    What came from somebody who takes no part is not kept for later: of it only ids and kind stay.
    """
    attempts = row.attempts + 1
    state = "parked" if attempts >= ATTEMPTS else "new"
    # The type alone: a message may hold what somebody said.
    values: dict[str, Any] = {"attempts": attempts, "state": state, "error": type(error).__name__}
    if state == "parked" and not keepable(db, row.payload or {}):
        values["payload"] = None
    db.execute(update(inbox).where(inbox.c.seq == row.seq).values(**values))
    return state == "parked"


def keepable(db: Connection, raw: dict[str, Any]) -> bool:
    """Return whether an update may be kept: nobody sent it, or somebody who takes part, or a coordinator."""
    senders = set(_senders(raw.get(kind_of(raw))))
    if not senders:
        return True  # such as counts of reactions
    joined = select(members.c.id).where(members.c.person_id == people.c.id, members.c.state == "active")
    known = select(people.c.telegram_id).where(
        people.c.telegram_id.in_(senders), or_(people.c.coordinator, joined.exists())
    )
    return set(db.execute(known).scalars()) == senders


def _senders(content: Any) -> Iterable[int]:
    """Yield who speaks in an update; a channel or an anonymous administrator by the id it has instead."""
    for name in ("from", "user", "sender_chat", "actor_chat"):
        sender = content.get(name) if isinstance(content, dict) else None
        id = _number(sender.get("id")) if isinstance(sender, dict) else None
        if id is not None:
            yield id


def waiting(db: Connection) -> bool:
    """Return whether there is something to handle."""
    return bool(db.execute(*_waiting()).scalar_one())


@rows.prepared
def _waiting() -> Executable:
    return select(exists().where(inbox.c.state == "new"))


def depth(db: Connection) -> dict[str, tuple[int, datetime]]:
    """Return how many rows wait (new) or were given up (parked), and since when the oldest of each."""
    query = select(inbox.c.state, func.count(), func.min(inbox.c.received_at))
    query = query.where(inbox.c.state.in_(("new", "parked"))).group_by(inbox.c.state)
    return {state: (count, oldest) for state, count, oldest in db.execute(query)}


def parked(db: Connection) -> list[InboxRow]:
    """Return the updates that were given up after several attempts."""
    return _with_state(db, "parked", None)


def retry(db: Connection) -> int:
    """Give the parked updates that were kept back, at their old places; return how many they are."""
    kept = update(inbox).where(inbox.c.state == "parked", inbox.c.payload.is_not(None))
    return db.execute(kept.values(state="new", attempts=0, error=None)).rowcount


def forget_old(db: Connection, *, now: datetime) -> int:
    """Forget what was handled days ago, as an old id must not swallow a new update; return how many."""
    old = delete(inbox).where(inbox.c.state == "done", inbox.c.received_at < now - REMEMBERED)
    return db.execute(old).rowcount


def forget_parked(db: Connection, *, before: datetime) -> int:
    """Erase what was parked and arrived before a moment: nobody has given it back; return how many."""
    old = delete(inbox).where(inbox.c.state == "parked", inbox.c.received_at < before)
    return db.execute(old).rowcount


def known_messages(db: Connection, chat_telegram_id: int, above: int) -> set[int]:
    """Return the ids above `above` of messages in a chat that came from others, so none of them is ours."""
    query = select(inbox.c.message_id).where(
        inbox.c.chat_telegram_id == chat_telegram_id, inbox.c.message_id > above
    )
    return set(db.execute(query).scalars())


def _with_state(db: Connection, state: str, limit: int | None) -> list[InboxRow]:
    query = select(*rows.columns(inbox, InboxRow)).where(inbox.c.state == state)
    return rows.many(db, query.order_by(inbox.c.seq).limit(limit), InboxRow)


def _row(update: dict[str, Any], now: datetime) -> dict[str, Any]:
    kind = kind_of(update)
    chat_id, message_id = _place(kind, update.get(kind))
    return {
        "update_id": update["update_id"],
        "kind": kind,
        "chat_telegram_id": chat_id,
        "message_id": message_id,
        "payload": storable(update),
        "received_at": now,
    }


def kind_of(update: dict[str, Any]) -> str:
    """Return the update's type: the one key beside its id."""
    for key in update:
        if key != "update_id":
            return key
    return "nothing"


def has_id(update: dict[str, Any]) -> bool:
    """Return whether an update has an id; without one it can be neither kept nor acknowledged."""
    number = update.get("update_id")
    return type(number) is int and 0 <= number < 2**63


def _place(kind: str, content: Any) -> tuple[int | None, int | None]:
    """Return the chat of an update, and its message if the update is one."""
    if not isinstance(content, dict):
        return None, None
    about = content if "chat" in content else content.get("message")  # a press carries our message
    chat = about.get("chat") if isinstance(about, dict) else None
    if not isinstance(chat, dict):
        return None, None
    return _number(chat.get("id")), _number(content.get("message_id")) if kind in MESSAGES else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and abs(value) < 2**63 else None


def storable(value: Any) -> Any:
    """Return JSON that every database takes: PostgreSQL refuses NUL and half surrogates, and an update it
    refuses would come again for ever."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):  # Python reads NaN, PostgreSQL does not
        return None
    return value
