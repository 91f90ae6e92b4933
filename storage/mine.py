"""What one member gave, as that member looks it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage import rows
from storage.contributions import Contribution
from storage.db import Connection
from storage.tables import contributions, digest_items, digests, postings, prompts


@dataclass(frozen=True)
class Summary:
    """When a contribution went out in a digest, and whether its words stand there."""

    contribution_id: int
    at: datetime
    quoted: bool


def page(db: Connection, member_id: int, *, skip: int, most: int) -> list[Contribution]:
    """Return some of what a member gave, the newest first; what was taken back is among it, without words."""
    query = select(*rows.columns(contributions, Contribution)).where(contributions.c.member_id == member_id)
    query = query.order_by(contributions.c.sent_at.desc(), contributions.c.id.desc())
    return rows.many(db, query.offset(skip).limit(most), Contribution)


def questions(db: Connection, posting_ids: Sequence[int]) -> dict[int, str]:
    """Return what was asked in each posting."""
    query = (
        select(postings.c.id, prompts.c.text)
        .join(prompts, prompts.c.id == postings.c.prompt_id)
        .where(postings.c.id.in_(posting_ids))
    )
    return {row[0]: row[1] for row in db.execute(query)}


def read(db: Connection, given: Sequence[Contribution]) -> set[int]:
    """Return which of these somebody who leads has read, as they are now.

    Who approves a draft has read what it quotes; who has turned all pages of all the answers, the others too.
    """
    query = (
        select(digest_items.c.contribution_id, digests.c.approved_at, digests.c.content)
        .join(digests, digests.c.id == digest_items.c.digest_id)
        .where(digest_items.c.contribution_id.in_([kept.id for kept in given]))
    )
    found: set[int] = set()
    edited = {kept.id: kept.edited_at for kept in given}
    for id, approved_at, content in db.execute(query):
        turned = (content or {}).get("read")
        looked = [datetime.fromisoformat(turned)] if turned else []
        if approved_at is not None and id in _chosen(content or {}):
            looked.append(approved_at)
        at = edited[id]
        if any(at is None or at <= moment for moment in looked):
            found.add(id)
    return found | {kept.id for kept in given if kept.noted_by is not None or kept.heard_by is not None}


def _chosen(content: Mapping[str, Any]) -> set[int]:
    """The contributions of which a draft showed words."""
    choice = content.get("choice") or {}
    quotes = [*choice.get("questions", []), *(one for _, said in choice.get("prompts", []) for one in said)]
    return {one[0] for one in quotes}


def summaries(db: Connection, ids: Sequence[int]) -> dict[int, Summary]:
    """Return the digest each contribution went out in: the latest that quotes it, else the latest."""
    query = (
        select(digest_items.c.contribution_id, digests.c.published_at.label("at"), digest_items.c.quoted)
        .join(digests, digests.c.id == digest_items.c.digest_id)
        .where(digest_items.c.contribution_id.in_(ids), digests.c.state == "published")
    )
    found = rows.many(db, query.order_by(digest_items.c.quoted, digests.c.published_at), Summary)
    return {one.contribution_id: one for one in found}
