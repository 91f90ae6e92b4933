"""What happened in a network since somebody last looked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from storage import contributions as contribution_rows
from storage import rows
from storage.db import Connection
from storage.digests import Digest
from storage.tables import chats, contributions, digests, members, postings


def voices(db: Connection, network_id: int, circle: str, *, since: datetime) -> dict[str | None, int]:
    """Return how many people of each group answered what was asked in a circle; conversation is none."""
    query = (
        select(members.c.group, func.count(contributions.c.member_id.distinct()))
        .join(members, members.c.id == contributions.c.member_id)
        .join(postings, postings.c.id == contributions.c.posting_id)
        .join(chats, chats.c.id == postings.c.chat_id)
        .where(
            contributions.c.network_id == network_id,
            contributions.c.state == "kept",
            contributions.c.arrived_at > since,
            ~contributions.c.conversation,
            # Not yet its author's own words, or held back for somebody's safety.
            or_(contributions.c.noted_by.is_(None), contributions.c.heard_state == "confirmed"),
            contribution_rows.safe(),
            members.c.state == "active",
            chats.c.circle == circle,
        )
        .group_by(members.c.group)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def latest_digest(
    db: Connection, network_id: int, chains: Sequence[str], *, since: datetime
) -> Digest | None:
    """Return the digest of these chains that went out last, if that was since then."""
    query = select(*rows.columns(digests, Digest)).where(
        digests.c.network_id == network_id,
        digests.c.chain.in_(chains),
        digests.c.state == "published",
        digests.c.published_at > since,
    )
    return rows.one(db, query.order_by(digests.c.published_at.desc(), digests.c.id.desc()), Digest)
