"""Which answers of a member the present window of stars holds."""

from sqlalchemy import select

from bot.core.stars import Own
from storage.db import Connection
from storage.digests import MEETING, WEEKLY
from storage.tables import contributions, digest_items, digests, members, networks


def window(db: Connection, member_id: int) -> list[Own]:
    """Return the answers of a member that stand in no published digest of the chain that counts."""
    weekly = (
        select(networks.c.weekly)
        .join(members, members.c.network_id == networks.c.id)
        .where(members.c.id == member_id)
    )
    chain = WEEKLY if db.execute(weekly).scalar_one_or_none() else MEETING
    out = (
        select(digest_items.c.id)
        .join(digests, digests.c.id == digest_items.c.digest_id)
        .where(
            digest_items.c.contribution_id == contributions.c.id,
            digests.c.chain == chain,
            digests.c.state == "published",
        )
    )
    query = select(contributions.c.id, contributions.c.starred_at).where(
        contributions.c.member_id == member_id, contributions.c.state == "kept", ~out.exists()
    )
    return [Own(id, at) for id, at in db.execute(query.order_by(contributions.c.id))]
