"""Statements rounds: what members say to their sentences (storage/sentences.py), and what of it stands in a digest."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.core import agreement
from bot.core.agreement import Stance, Statement
from storage import groups, sentences
from storage.db import Connection, upsert
from storage.digests import UNPUBLISHED, Digest
from storage.tables import chats as chats_table
from storage.tables import contributions, digests, postings, prompts, stances, statements
from storage.tables import members as members_table

RECENT = timedelta(days=120)  # what closed before is not news in a network that begins to have summaries

# What members say -------------------------------------------------------------------------------------------------


def say(db: Connection, statement_id: int, member_id: int, answer: str, *, now: datetime) -> None:
    """Write down what a member says to a sentence, in place of what they said before."""
    values = {"statement_id": statement_id, "member_id": member_id, "answer": answer, "at": now}
    upsert(db, stances, values, conflict=["statement_id", "member_id"])


def said_by(db: Connection, prompt_id: int, member_id: int) -> dict[int, str]:
    """Return what a member says to the sentences of a round."""
    query = (
        select(stances.c.statement_id, stances.c.answer)
        .join(statements, statements.c.id == stances.c.statement_id)
        .where(statements.c.prompt_id == prompt_id, stances.c.member_id == member_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def answered(db: Connection, prompt_id: int, member_id: int) -> bool:
    """Whether a member has answered every sentence of a round."""
    there = {one.sentence.id for one in sentences.words(db, prompt_id, (sentences.POSTED,))}
    return bool(there) and there <= set(said_by(db, prompt_id, member_id))


def any_said(db: Connection, prompt_id: int) -> bool:
    """Whether anybody has answered any of them."""
    query = (
        select(stances.c.id)
        .join(statements, statements.c.id == stances.c.statement_id)
        .where(statements.c.prompt_id == prompt_id)
    )
    return db.execute(query.limit(1)).first() is not None


def count(db: Connection, member_ids: Collection[int]) -> int:
    """Return to how many sentences these members have said something."""
    return db.execute(select(func.count()).where(stances.c.member_id.in_(member_ids))).scalar_one()


def erase(db: Connection, member_ids: Collection[int]) -> None:
    """Erase what these members said; what is being made of it right now is made again.

    In a digest that went out the numbers stay: they are nobody's, and a difference would tell what this one said.
    """
    here = select(members_table.c.network_id).where(members_table.c.id.in_(member_ids))
    if db.execute(delete(stances).where(stances.c.member_id.in_(member_ids))).rowcount:
        coming = digests.c.network_id.in_(here), digests.c.state.in_(UNPUBLISHED)
        db.execute(update(digests).where(*coming).values(version=digests.c.version + 1))


# Rounds -----------------------------------------------------------------------------------------------------------


def round_of(db: Connection, prompt_id: int) -> tuple[Statement, ...]:
    """Return a round with all that was said, as it is counted; nobody stands in it, only broad groups."""
    prompt = db.execute(select(prompts.c.network_id).where(prompts.c.id == prompt_id)).first()
    shown = [] if prompt is None else sentences.words(db, prompt_id, (sentences.POSTED,))
    if prompt is None or not shown:
        return ()
    named = groups.of(db, prompt.network_id)
    asked = _asked(db, prompt.network_id, prompt_id)
    broads: dict[str, int] = {}
    for group in asked.values():
        if (broad := named.broad(group)) is not None:
            broads[broad] = broads.get(broad, 0) + 1
    said = _stances(db, [one.sentence.id for one in shown])
    return tuple(
        Statement(
            id=one.sentence.id,
            prompt=prompt_id,
            contribution=one.sentence.contribution_id,
            words=one.words,
            stances=tuple(
                Stance(named.broad(group), answer) for _, group, answer in said.get(one.sentence.id, ())
            ),
            # Whoever answered and has left since was asked, too.
            invited=len({*asked, *(member for member, _, _ in said.get(one.sentence.id, ()))}),
            asked=broads,
        )
        for one in shown
    )


def _asked(db: Connection, network_id: int, prompt_id: int) -> dict[int, str | None]:
    """Who could answer a round: the active members of the circles it was posted to, and their groups."""
    circles = (
        select(chats_table.c.circle)
        .join(postings, postings.c.chat_id == chats_table.c.id)
        .where(postings.c.prompt_id == prompt_id)
    )
    query = select(members_table.c.id, members_table.c.group).where(
        members_table.c.network_id == network_id,
        members_table.c.state == "active",
        members_table.c.circle.in_(circles),
    )
    return {row[0]: row[1] for row in db.execute(query)}


def _stances(db: Connection, ids: Collection[int]) -> dict[int, list[tuple[int, str | None, str]]]:
    query = (
        select(stances.c.statement_id, stances.c.member_id, members_table.c.group, stances.c.answer)
        .join(members_table, members_table.c.id == stances.c.member_id)
        .where(stances.c.statement_id.in_(ids))
        .order_by(stances.c.statement_id, stances.c.member_id)
    )
    found: dict[int, list[tuple[int, str | None, str]]] = {}
    for statement, member, group, answer in db.execute(query):
        found.setdefault(statement, []).append((member, group, answer))
    return found


# In digests -------------------------------------------------------------------------------------------------------


def of_digest(db: Connection, digest: Digest, *, now: datetime) -> tuple[Statement, ...]:
    """Return the statements that stand in a digest: of rounds that are closed, and in no earlier one of its chain.

    Once a digest is out, its numbers are those that were kept with it, and only the words are looked at again.
    """
    if digest.state == "published":
        return _kept(db, _frozen(digest.kept))
    return tuple(one for prompt in due(db, digest, now=now) for one in result(db, prompt))


def due(db: Connection, digest: Digest, *, now: datetime) -> list[int]:
    """Return the rounds that are to stand in a digest: closed by its hour, and in no earlier one of its chain."""
    closed = _closed(db, digest.network_id, until=min(now, digest.publish_at))
    told = _told(db, digest) if closed else set()
    return [prompt for prompt in closed if prompt not in told]


def result(db: Connection, prompt_id: int) -> tuple[Statement, ...]:
    """Return what came of a round that is closed: as the first digest with it told, or as it is counted now.

    So it stays the same in every digest, and for who looks again, though somebody erased what they said meanwhile.
    """
    query = (
        select(digests.c.content)
        .join(prompts, prompts.c.network_id == digests.c.network_id)
        .where(prompts.c.id == prompt_id, digests.c.state == "published")
        .order_by(digests.c.published_at, digests.c.id)
    )
    for content in db.execute(query).scalars():
        if kept := [row for row in _frozen(content or {}) if row[1] == prompt_id]:
            return _kept(db, kept)
    return round_of(db, prompt_id)


def _frozen(content: Mapping[str, Any]) -> list[list[Any]]:
    kept: list[list[Any]] = (content.get("frozen") or {}).get("rounds") or []
    return kept


def _closed(db: Connection, network_id: int, *, until: datetime) -> list[int]:
    """The rounds of a network that nobody can answer any more, the oldest first."""
    closes = func.max(postings.c.closes_at)
    query = (
        select(prompts.c.id)
        .join(postings, postings.c.prompt_id == prompts.c.id)
        .where(
            prompts.c.network_id == network_id, prompts.c.kind == sentences.KIND, prompts.c.state != "deleted"
        )
        .group_by(prompts.c.id)
        .having(closes <= until, closes > until - RECENT)
        .order_by(closes, prompts.c.id)
    )
    return list(db.execute(query).scalars())


def _told(db: Connection, digest: Digest) -> set[int]:
    """The rounds that stand in another digest of its chain."""
    query = select(digests.c.content).where(
        digests.c.network_id == digest.network_id,
        digests.c.chain == digest.chain,
        digests.c.state == "published",
        digests.c.id != digest.id,
    )
    return {row[1] for content in db.execute(query).scalars() for row in _frozen(content or {})}


def _kept(db: Connection, frozen: list[list[Any]]) -> tuple[Statement, ...]:
    """Statements of a digest that is out: what is gone, or has other words by now, is not among them."""
    ids = [row[0] for row in frozen]
    if not ids:
        return ()
    there = sentences.posted_ones(db, ids)
    given = sentences.replies(
        db, contributions.c.id.in_([one.contribution_id for one in there.values()]), out=True
    )
    found = []
    for row in frozen:
        one = there.get(row[0])
        said = None if one is None else one.words(given.get(one.contribution_id))
        if one is not None and said is not None:
            settled = agreement.thawed(row, said)
            found.append(Statement(one.id, one.prompt_id, one.contribution_id, said, (), 0, settled=settled))
    return tuple(found)


def told_in(db: Connection, network_id: int, ids: Collection[int]) -> list[int]:
    """Return the published digests of a network in which these sentences stand."""
    query = select(digests.c.id, digests.c.content).where(
        digests.c.network_id == network_id, digests.c.state == "published"
    )
    return [
        digest_id
        for digest_id, content in db.execute(query.order_by(digests.c.id))
        if any(row[0] in ids for row in _frozen(content or {}))
    ]
