"""Every ?start= and ?startgroup= parameter behind the prefixes `setup_ j_ p_ g_` but the operator's own."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update

from storage import rows
from storage.db import Connection
from storage.tables import links


def token() -> str:
    """Return 16 random bytes, base64url: a token nobody guesses and that fits into a link."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Link:
    """What a token opens: kind `join`, `answer` or `group`. `uses_left` None: any number."""

    token: str
    kind: str
    network_id: int | None
    circle: str | None
    posting_id: int | None
    created_by: int | None
    uses_left: int | None
    expires_at: datetime | None


def make(db: Connection, kind: str, *, now: datetime, **values: object) -> Link:
    """Make a link."""
    made = token()
    db.execute(insert(links).values(token=made, kind=kind, created_at=now, **values))
    link = rows.one(db, select(*rows.columns(links, Link)).where(links.c.token == made), Link)
    assert link is not None
    return link


def find(db: Connection, kind: str, given: str, *, now: datetime) -> Link | None:
    """Return the link if it exists, is of this kind, has uses left and has not expired."""
    query = select(*rows.columns(links, Link)).where(links.c.token == given, links.c.kind == kind)
    link = rows.one(db, query, Link)
    if link is None or link.uses_left == 0 or (link.expires_at is not None and link.expires_at <= now):
        return None
    return link


def of(db: Connection, kind: str, given: str) -> Link | None:
    """Return the link, used up or expired as it may be."""
    query = select(*rows.columns(links, Link)).where(links.c.token == given, links.c.kind == kind)
    return rows.one(db, query, Link)


def standing(db: Connection, kind: str, network_id: int, circle: str, *, now: datetime) -> Link:
    """Return the link of this kind that a network's circle has for good, made if there is none."""
    query = select(*rows.columns(links, Link)).where(
        links.c.kind == kind,
        links.c.network_id == network_id,
        links.c.circle == circle,
        links.c.uses_left.is_(None),
        links.c.expires_at.is_(None),
    )
    found = rows.one(db, query.order_by(links.c.id), Link)
    return found or make(db, kind, now=now, network_id=network_id, circle=circle)


def forget_served(db: Connection, *, before: datetime) -> int:
    """Erase links that were used up or expired, and are older than that; return how many."""
    over = or_(links.c.uses_left == 0, links.c.expires_at.is_not(None))
    at = func.coalesce(links.c.expires_at, links.c.created_at)
    return db.execute(delete(links).where(over, at < before)).rowcount


def use(db: Connection, given: str) -> None:
    """Count one use."""
    db.execute(
        update(links)
        .where(links.c.token == given, links.c.uses_left.is_not(None))
        .values(uses_left=links.c.uses_left - 1)
    )
