"""Groups. Elsewhere a chat is its internal id; Telegram's id is an attribute that changes, and lives here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Executable,
    Select,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    exists,
    false,
    or_,
    select,
    update,
)

from storage import rows
from storage.db import Connection, insert_once
from storage.tables import (
    chat_ids,
    chats,
    contributions,
    metadata,
    outbox,
    posting_messages,
    postings,
    reaction_counts,
    reactions,
)


@dataclass(frozen=True)
class Chat:
    """A group of a network. `topic_id`: the forum topic in which it was set up; `rights`: what is missing."""

    id: int
    network_id: int
    circle: str
    telegram_id: int
    kind: str
    title: str
    topic_id: int | None
    state: str
    rights: list[str] | None
    last_message_id: int
    introduced_at: datetime | None

    @property
    def supergroup(self) -> bool:
        """Whether its message ids are counted for itself, and so can be probed."""
        return self.kind == "supergroup"


@cache
def _query() -> "Select[Any]":
    return select(*rows.columns(chats, Chat))


def get(db: Connection, chat_id: int) -> Chat | None:
    """Return a chat."""
    return rows.by(db, _query, Chat, (chats.c.id, chat_id))


def by_telegram_id(db: Connection, telegram_id: int) -> Chat | None:
    """Return the chat that has, or ever had, this Telegram id."""
    now = rows.by(db, _query, Chat, (chats.c.telegram_id, telegram_id))
    if now is not None:
        return now
    once = select(chat_ids.c.chat_id).where(chat_ids.c.telegram_id == telegram_id)
    return rows.one(db, _query().where(chats.c.id.in_(once)), Chat)


def of_network(db: Connection, network_id: int) -> list[Chat]:
    """Return the chats of a network that the bot is in."""
    query = select(*rows.columns(chats, Chat)).where(
        chats.c.network_id == network_id, chats.c.state == "active"
    )
    return rows.many(db, query.order_by(chats.c.id), Chat)


def audience(db: Connection, network_id: int, circle: str) -> list[Chat]:
    """Return the chats a prompt for `circle` (core, sounding, both) is posted in."""
    return [chat for chat in of_network(db, network_id) if circle in ("both", chat.circle)]


def lost(db: Connection, network_id: int, circle: str) -> list[Chat]:
    """Return the chats that a prompt for `circle` should be posted in, and that the bot is in no longer."""
    query = select(*rows.columns(chats, Chat)).where(
        chats.c.network_id == network_id, chats.c.state == "gone"
    )
    return [
        chat for chat in rows.many(db, query.order_by(chats.c.id), Chat) if circle in ("both", chat.circle)
    ]


def keep(
    db: Connection,
    network_id: int,
    telegram_id: int,
    *,
    circle: str,
    kind: str,
    title: str,
    topic_id: int | None = None,
    now: datetime,
) -> Chat:
    """Return the chat with this Telegram id, made if it is new."""
    found = by_telegram_id(db, telegram_id)
    if found is not None:
        return found
    values = {"network_id": network_id, "circle": circle, "telegram_id": telegram_id, "kind": kind}
    values |= {"title": title, "topic_id": topic_id, "created_at": now}
    insert_once(db, chats, values, conflict=["telegram_id"])
    made = by_telegram_id(db, telegram_id)
    assert made is not None
    _remember(db, made.id, telegram_id, now=now)
    return made


def change(db: Connection, chat_id: int, **values: Any) -> None:
    """Change columns of a chat."""
    db.execute(update(chats).where(chats.c.id == chat_id).values(**values))


def gone(db: Connection, chat_id: int) -> bool:
    """The bot is in this chat no longer; False if that was known."""
    was = update(chats).where(chats.c.id == chat_id, chats.c.state != "gone")
    return db.execute(was.values(state="gone")).rowcount == 1


def seen_message(db: Connection, chat_id: int, message_id: int) -> None:
    """Note that the chat's message ids have come so far: a probe begins above."""
    behind = update(chats).where(chats.c.id == chat_id, chats.c.last_message_id < message_id)
    db.execute(behind.values(last_message_id=message_id))


def seen_here(db: Connection, telegram_id: int, message_id: int) -> None:
    """The same, by Telegram's id, for whatever anybody wrote there."""
    db.execute(_seeing(), {"here": telegram_id, "seen": message_id})


@cache
def _seeing() -> Executable:
    seen = bindparam("seen", type_=chats.c.last_message_id.type)
    behind = update(chats).where(chats.c.telegram_id == bindparam("here"), chats.c.last_message_id < seen)
    return behind.values(last_message_id=seen)


# A group becomes a supergroup -------------------------------------------------------------------------------


def migrate(db: Connection, old: int, new: int, *, now: datetime) -> Chat | None:
    """Give the chat its new Telegram id. Three signals tell of it, in any order; only the first counts."""
    chat = by_telegram_id(db, old)
    if chat is None or chat.telegram_id == new:
        return chat
    _forget_message_ids(db, chat.id)
    other = by_telegram_id(db, new)
    if other is not None and other.id != chat.id:
        _merge(db, chat.id, other.id)
    for telegram_id in (old, new):
        _remember(db, chat.id, telegram_id, now=now)
    change(
        db,
        chat.id,
        telegram_id=new,
        kind="supergroup",
        state="active",
        last_message_id=0 if other is None else other.last_message_id,
    )
    return get(db, chat.id)


def _remember(db: Connection, chat_id: int, telegram_id: int, *, now: datetime) -> None:
    values = {"chat_id": chat_id, "telegram_id": telegram_id, "since": now}
    insert_once(db, chat_ids, values, conflict=["telegram_id"])


def _forget_message_ids(db: Connection, chat_id: int) -> None:
    """The supergroup counts its messages anew: an old id would soon mean another message.

    Above all, a ✍ set on an old id would fail, and that reads as *its author deleted it*.
    """
    for table in (postings, contributions, outbox):
        db.execute(update(table).where(table.c.chat_id == chat_id).values(message_id=None))
    db.execute(delete(posting_messages).where(posting_messages.c.chat_id == chat_id))
    for table in (reactions, reaction_counts):
        # What was felt is kept, under ids that no message has.
        mine = update(table).where(table.c.chat_id == chat_id, table.c.message_id > 0)
        db.execute(mine.values(message_id=-table.c.message_id))


def _merge(db: Connection, into: int, other: int) -> None:
    """Move everything of the chat `other`, which turned out to be the same one, and remove it."""
    for table in metadata.sorted_tables:
        if "chat_id" in table.c and table.c.chat_id.references(chats.c.id):
            free = ~_taken(table, into)
            mine = update(table).where(table.c.chat_id == other, free)
            db.execute(mine.values(chat_id=into).execution_options(synchronize_session=False))
    db.execute(delete(chats).where(chats.c.id == other))


def _taken(table: Table, chat_id: int) -> Any:
    """Whether `chat_id` has a row that differs from this one in nothing but the chat."""
    same = table.alias("same")
    keys: Sequence[UniqueConstraint] = [
        key for key in table.constraints if isinstance(key, UniqueConstraint) and "chat_id" in key.columns
    ]
    clashes = [
        exists().where(
            same.c.chat_id == chat_id,
            and_(*(same.c[column.name] == column for column in key.columns if column.name != "chat_id")),
        )
        for key in keys
    ]
    return or_(false(), *clashes)
