"""Reactions: per person the current set, per message the counts where Telegram gives only those."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage import rows
from storage.db import Connection, insert_once
from storage.tables import reaction_counts, reactions


@dataclass(frozen=True)
class Reaction:
    """What one member feels about one message; `at` is Telegram's date."""

    network_id: int
    chat_id: int
    message_id: int
    member_id: int
    emojis: list[str]
    at: datetime


def put(
    db: Connection,
    *,
    network_id: int,
    chat_id: int,
    message_id: int,
    member_id: int,
    emojis: Sequence[str],
    at: datetime,
) -> bool:
    """Write down the current set of a member on a message; False if a newer one is known."""
    key = {"chat_id": chat_id, "message_id": message_id, "member_id": member_id}
    now = {"emojis": list(emojis), "at": at}
    if insert_once(db, reactions, {"network_id": network_id, **key, **now}, conflict=list(key)) is not None:
        return True
    # Telegram's date counts seconds: of two within one, the later to arrive is the newer.
    mine = update(reactions).where(*(reactions.c[name] == value for name, value in key.items()))
    return db.execute(mine.where(reactions.c.at <= at).values(**now)).rowcount == 1


def count(db: Connection, *, chat_id: int, message_id: int, counts: dict[str, int], at: datetime) -> bool:
    """Write down how often each emoji stands on a message; False if newer numbers are known."""
    key = {"chat_id": chat_id, "message_id": message_id}
    now: dict[str, Any] = {"counts": counts, "at": at}
    if insert_once(db, reaction_counts, {**key, **now}, conflict=list(key)) is not None:
        return True
    mine = update(reaction_counts).where(
        *(reaction_counts.c[name] == value for name, value in key.items()), reaction_counts.c.at <= at
    )
    return db.execute(mine.values(**now)).rowcount == 1


def of_network(db: Connection, network_id: int) -> list[Reaction]:
    """Return what the members of a network feel, about whichever message; who took all back is left out."""
    query = select(*rows.columns(reactions, Reaction)).where(reactions.c.network_id == network_id)
    return [one for one in rows.many(db, query.order_by(reactions.c.id), Reaction) if one.emojis]


def counts_of(db: Connection, chat_id: int, message_id: int) -> dict[str, int]:
    """Return the counts of a message of which Telegram gives no more."""
    query = select(reaction_counts.c.counts).where(
        reaction_counts.c.chat_id == chat_id, reaction_counts.c.message_id == message_id
    )
    found: dict[str, int] | None = db.execute(query).scalar_one_or_none()
    return found or {}
