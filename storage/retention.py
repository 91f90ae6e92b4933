"""Erasing what members gave in a network. Bounded, so that nobody waits for the database; a person: `erasing.py`.

Every function erases at most `limit` rows and returns how many; who calls it comes again until that is 0.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, Table, and_, case, delete, func, select

from bot.core.retention import Life
from storage import rows
from storage.db import Connection
from storage.outbox import RECEIPTS
from storage.tables import (
    chats,
    contributions,
    dialogs,
    digests,
    knocks,
    media,
    meetings,
    members,
    networks,
    outbox,
    people,
    postings,
    prompts,
    reaction_counts,
    reactions,
    rsvps,
    votes,
)

LIMIT = 500
BYTES = 16 * 1024 * 1024  # of files in one go: every byte is written over


# Signs of life ----------------------------------------------------------------------------------------------------


def lives(db: Connection) -> dict[int, Life]:
    """Return what every network shows of itself."""
    posted = select(func.max(postings.c.posted_at)).where(postings.c.network_id == networks.c.id)
    met = select(func.max(meetings.c.starts_at)).where(
        meetings.c.network_id == networks.c.id, meetings.c.state == "planned"
    )
    coming = select(func.max(prompts.c.next_due_at)).where(
        prompts.c.network_id == networks.c.id, prompts.c.state == "planned"
    )
    query = select(
        networks.c.id,
        networks.c.warned_at,
        networks.c.ended_at,
        networks.c.created_at,
        *(sign.scalar_subquery() for sign in (posted, met, coming)),
    ).order_by(networks.c.id)
    return {
        network_id: Life(max(sign for sign in signs if sign is not None), warned_at, ended_at)
        for network_id, warned_at, ended_at, *signs in db.execute(query)
    }


def revived(db: Connection) -> Sequence[int]:
    """Return the networks that have ended, and for which something was planned since."""
    return db.execute(*_revived()).scalars().all()


@rows.prepared
def _revived() -> Executable:
    ended = networks.c.ended_at
    prompt = select(prompts.c.id).where(
        prompts.c.network_id == networks.c.id, prompts.c.state == "planned", prompts.c.next_due_at > ended
    )
    meeting = select(meetings.c.id).where(
        meetings.c.network_id == networks.c.id, meetings.c.state == "planned", meetings.c.starts_at > ended
    )
    query = select(networks.c.id).where(networks.c.state == "ended", prompt.exists() | meeting.exists())
    return query.order_by(networks.c.id)


# Words ------------------------------------------------------------------------------------------------------------


def erase_words(
    db: Connection,
    *,
    network_id: int | None = None,
    member_ids: Sequence[int] = (),
    limit: int = LIMIT,
) -> int:
    """Erase what was given in a network, or by these members: files, words with versions, reactions, answers, votes.

    Digests that were published and quote them are edited first, by whoever calls this (`contributions.changed`).
    """
    if network_id is not None:
        given, felt = contributions.c.network_id == network_id, reactions.c.network_id == network_id
        theirs = select(members.c.id).where(members.c.network_id == network_id)
        coming, chosen = rsvps.c.member_id.in_(theirs), votes.c.member_id.in_(theirs)
    else:
        given, felt = contributions.c.member_id.in_(member_ids), reactions.c.member_id.in_(member_ids)
        coming, chosen = rsvps.c.member_id.in_(member_ids), votes.c.member_id.in_(member_ids)
    files = erase_files(db, select(contributions.c.id).where(given), limit)
    if files:
        return files  # bytes enough for one go
    return _erase(db, ((contributions, given), (reactions, felt), (rsvps, coming), (votes, chosen)), limit)


def erase_network(db: Connection, network_id: int, *, limit: int = LIMIT) -> int:
    """Erase a network with all that was given, asked, agreed to and said in it; the last row is its own."""
    erased = erase_words(db, network_id=network_id, limit=limit)
    if erased:
        return erased
    here = select(chats.c.id).where(chats.c.network_id == network_id)
    out = select(digests.c.id).where(digests.c.network_id == network_id)
    copied = and_(outbox.c.kind.in_(RECEIPTS), outbox.c.about["digest"].as_integer().in_(out))
    return _erase(
        db,
        (
            (reaction_counts, reaction_counts.c.chat_id.in_(here)),
            (outbox, outbox.c.chat_id.in_(here)),
            (outbox, copied),  # in private chats, where they are edited as long as there is one
            (digests, digests.c.network_id == network_id),
            (postings, postings.c.network_id == network_id),
            (prompts, prompts.c.network_id == network_id),
            (members, members.c.network_id == network_id),
            (networks, networks.c.id == network_id),
        ),
        limit,
    )


def erase_unattached(db: Connection, *, before: datetime, limit: int) -> int:
    """Erase people who lead, take part in and ask for nothing, and were first seen before a moment."""
    busy = (
        select(members.c.id).where(members.c.person_id == people.c.id),
        select(knocks.c.id).where(knocks.c.person_id == people.c.id, knocks.c.state == "asked"),
        select(dialogs.c.id).where(dialogs.c.person_id == people.c.id),
    )
    idle = [people.c.created_at < before, ~people.c.coordinator, *(~one.exists() for one in busy)]
    found = db.execute(select(people.c.id).where(*idle).order_by(people.c.id).limit(limit)).scalars().all()
    return db.execute(delete(people).where(people.c.id.in_(found))).rowcount if found else 0


# Parts ------------------------------------------------------------------------------------------------------------


def some(db: Connection, table: Table, where: ColumnElement[bool], limit: int) -> int:
    """Erase at most `limit` rows of a table; return how many."""
    key = table.primary_key.columns[0]
    chosen: Select[Any] = select(key).where(where).limit(limit)
    return db.execute(delete(table).where(key.in_(chosen))).rowcount


def _erase(db: Connection, parts: Iterable[tuple[Table, ColumnElement[bool]]], limit: int) -> int:
    """Erase from one table after the other, as long as there is room in this go."""
    erased = 0
    for table, where in parts:
        erased += some(db, table, where, limit - erased)
        if erased >= limit:
            break
    return erased


def erase_files(db: Connection, whose: "Select[Any]", limit: int) -> int:
    """Erase some of the files of these contributions; return how many."""
    here = case((media.c.sha256.is_(None), 0), else_=func.coalesce(media.c.size, 0))  # what was never fetched
    query = select(media.c.id, here).where(media.c.contribution_id.in_(whose)).order_by(media.c.id)
    chosen = list(_light((row[0], row[1]) for row in db.execute(query.limit(limit)).all()))
    return db.execute(delete(media).where(media.c.id.in_(chosen))).rowcount if chosen else 0


def _light(files: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield the first of these files, and those after it as far as they are small enough together."""
    total = 0
    for number, (file, size) in enumerate(files):
        total += size
        if number and total > BYTES:
            return
        yield file
