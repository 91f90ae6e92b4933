"""What one member gave, as that member looks it up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


def summaries(db: Connection, ids: Sequence[int]) -> dict[int, Summary]:
    """Return the digest each contribution went out in: the latest that quotes it, else the latest."""
    query = (
        select(digest_items.c.contribution_id, digests.c.published_at.label("at"), digest_items.c.quoted)
        .join(digests, digests.c.id == digest_items.c.digest_id)
        .where(digest_items.c.contribution_id.in_(ids), digests.c.state == "published")
    )
    found = rows.many(db, query.order_by(digest_items.c.quoted, digests.c.published_at), Summary)
    return {one.contribution_id: one for one in found}
