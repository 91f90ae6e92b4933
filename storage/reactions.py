"""Reactions: per person the current set, per message the counts where Telegram gives only those."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, or_, select, update

from storage import rows
from storage.db import Connection, insert_once
from storage.tables import (
    chats,
    contribution_messages,
    contributions,
    members,
    posting_messages,
    postings,
    reaction_counts,
    reactions,
)


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


def groups_on(db: Connection, contribution_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the stakeholder groups of those who reacted to contributions; an author's own reaction is left out."""
    at = and_(
        reactions.c.chat_id == contributions.c.chat_id, reactions.c.message_id == contributions.c.message_id
    )
    query = (
        select(contributions.c.id, members.c.group, reactions.c.emojis)
        .join(reactions, at)
        .join(members, members.c.id == reactions.c.member_id)
        .where(
            contributions.c.id.in_(contribution_ids),
            members.c.id != contributions.c.member_id,
            members.c.group.is_not(None),
            members.c.state == "active",
        )
    )
    found: dict[int, set[str]] = {}
    for id, group, emojis in db.execute(query):
        if emojis:
            found.setdefault(id, set()).add(group)
    return {id: tuple(sorted(codes)) for id, codes in found.items()}


def counts_of(db: Connection, chat_id: int, message_id: int) -> dict[str, int]:
    """Return the counts of a message of which Telegram gives no more."""
    query = select(reaction_counts.c.counts).where(
        reaction_counts.c.chat_id == chat_id, reaction_counts.c.message_id == message_id
    )
    found: dict[str, int] | None = db.execute(query).scalar_one_or_none()
    return found or {}


def forget_unmatched(db: Connection, *, since: datetime, before: datetime, limit: int) -> int:
    """Erase what was felt, between the two moments, about messages that proved to be none of ours; return how many.

    It was taken while the id of a posting was not known. What stands under a negative id was ours once.
    """
    return sum(_forget_unmatched(db, table, since, before, limit) for table in (reactions, reaction_counts))


def _forget_unmatched(db: Connection, table: Table, since: datetime, before: datetime, limit: int) -> int:
    ours = (
        select(postings.c.id).where(
            postings.c.chat_id == table.c.chat_id, postings.c.message_id == table.c.message_id
        ),
        select(posting_messages.c.id).where(
            posting_messages.c.chat_id == table.c.chat_id,
            posting_messages.c.message_id == table.c.message_id,
        ),
        select(contribution_messages.c.id)
        .join(chats, chats.c.telegram_id == contribution_messages.c.telegram_chat_id)
        .where(chats.c.id == table.c.chat_id, contribution_messages.c.message_id == table.c.message_id),
    )
    looked_at = and_(table.c.at >= since, table.c.at < before, table.c.message_id > 0)
    chosen = select(table.c.id).where(looked_at, ~or_(*(one.exists() for one in ours))).limit(limit)
    return db.execute(delete(table).where(table.c.id.in_(chosen))).rowcount
