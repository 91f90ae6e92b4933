"""Every ?start= and ?startgroup= parameter behind the prefixes `setup_ j_ p_ g_` but the operator's own."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, delete, func, insert, or_, select, update

from storage import rows
from storage.db import Connection
from storage.tables import links

JOIN = "join"  # the kind of a personal invitation


def token() -> str:
    """Return 16 random bytes, base64url: a token nobody guesses and that fits into a link."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Link:
    """What a token opens: kind `join`, `answer` or `group`. `uses_left` None: any number.

    Of a personal invitation: `name`, `group` and `language` are what whoever invites knows of the guest; `opened_by`
    is who pressed Start with it, unless that person said no.
    """

    id: int
    token: str
    kind: str
    network_id: int | None
    circle: str | None
    posting_id: int | None
    created_by: int | None
    uses_left: int | None
    name: str | None
    group: str | None
    language: str | None
    role: str
    opened_by: int | None
    opened_at: datetime | None
    reminded_at: datetime | None
    expires_at: datetime | None
    created_at: datetime


def _query() -> "Select[tuple[object, ...]]":
    return select(*rows.columns(links, Link))


def make(db: Connection, kind: str, *, now: datetime, **values: object) -> Link:
    """Make a link."""
    made = token()
    db.execute(insert(links).values(token=made, kind=kind, created_at=now, **values))
    link = rows.one(db, _query().where(links.c.token == made), Link)
    assert link is not None
    return link


def find(db: Connection, kind: str, given: str, *, now: datetime) -> Link | None:
    """Return the link if it exists, is of this kind, has uses left and has not expired."""
    link = of(db, kind, given)
    if link is None or link.uses_left == 0 or (link.expires_at is not None and link.expires_at <= now):
        return None
    return link


def of(db: Connection, kind: str, given: str) -> Link | None:
    """Return the link, used up or expired as it may be."""
    return rows.one(db, _query().where(links.c.token == given, links.c.kind == kind), Link)


def get(db: Connection, link_id: int) -> Link | None:
    """Return a link by its id, which buttons carry instead of the token."""
    return rows.one(db, _query().where(links.c.id == link_id), Link)


def standing(db: Connection, kind: str, network_id: int, circle: str, *, now: datetime) -> Link:
    """Return the link of this kind that a network's circle has for good, made if there is none."""
    query = _query().where(
        links.c.kind == kind,
        links.c.network_id == network_id,
        links.c.circle == circle,
        links.c.uses_left.is_(None),
        links.c.expires_at.is_(None),
    )
    found = rows.one(db, query.order_by(links.c.id), Link)
    return found or make(db, kind, now=now, network_id=network_id, circle=circle)


def use(db: Connection, given: str) -> None:
    """Count one use."""
    db.execute(
        update(links)
        .where(links.c.token == given, links.c.uses_left.is_not(None))
        .values(uses_left=links.c.uses_left - 1)
    )


def forget_served(db: Connection, *, before: datetime) -> int:
    """Erase links that were used up or expired, and are older than that; return how many."""
    over = or_(links.c.uses_left == 0, links.c.expires_at.is_not(None))
    at = func.coalesce(links.c.expires_at, links.c.created_at)
    return db.execute(delete(links).where(over, at < before)).rowcount


# Personal invitations ---------------------------------------------------------------------------------------------

# What is known of a guest, and what they are to be: nothing any more.
GUEST = {"name": None, "group": None, "language": None, "circle": None, "role": "member"}


def invitations(db: Connection, network_id: int, *, now: datetime) -> list[Link]:
    """Return the personal invitations of a network that still let somebody in, the oldest first."""
    query = _query().where(links.c.network_id == network_id, _waiting(now))
    return rows.many(db, query.order_by(links.c.created_at, links.c.id), Link)


def unopened(db: Connection, *, before: datetime, now: datetime) -> list[Link]:
    """Return the invitations made before a moment with which nobody pressed Start, and nobody was told so."""
    return rows.many(
        db, _query().where(*_silent(now), links.c.created_at <= before).order_by(links.c.id), Link
    )


def oldest_unopened(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the oldest invitation was made with which nobody pressed Start, and nobody was told so."""
    found: datetime | None = db.execute(*_oldest(now=now)).scalar_one()
    return found


@rows.prepared
def _oldest(now: Any) -> Executable:
    return select(func.min(links.c.created_at)).where(*_silent(now))


def _waiting(now: datetime) -> ColumnElement[bool]:
    return and_(links.c.kind == JOIN, links.c.uses_left > 0, links.c.expires_at > now)


def _silent(now: datetime) -> Sequence[ColumnElement[bool]]:
    nobody = (links.c.opened_at.is_(None), links.c.reminded_at.is_(None), links.c.network_id.is_not(None))
    return (_waiting(now), links.c.created_by.is_not(None), *nobody)


def change(db: Connection, link_id: int, **values: object) -> None:
    """Change columns of a link."""
    db.execute(update(links).where(links.c.id == link_id).values(**values))


def drop(db: Connection, link_id: int) -> bool:
    """Take an invitation back; False if it was used or is gone."""
    return db.execute(delete(links).where(links.c.id == link_id, links.c.uses_left != 0)).rowcount == 1


def opened_by(db: Connection, network_id: int, person_id: int) -> Link | None:
    """Return the personal invitation with which somebody began to join a network, the latest one."""
    query = _query().where(
        links.c.kind == JOIN, links.c.network_id == network_id, links.c.opened_by == person_id
    )
    return rows.one(db, query.order_by(links.c.opened_at.desc(), links.c.id.desc()), Link)


def unopen(db: Connection, network_id: int, person_id: int) -> None:
    """Forget that somebody opened an invitation of a network: who said no leaves no trace in it."""
    mine = (links.c.network_id == network_id, links.c.opened_by == person_id)
    db.execute(update(links).where(*mine).values(opened_by=None, opened_at=None))


def forget_guests(db: Connection, *, now: datetime) -> int:
    """Erase whom invitations were for that nobody used in time; return how many."""
    known = or_(*(links.c[column].is_not(None) for column in GUEST if column != "role"))
    over = (links.c.kind == JOIN, links.c.expires_at <= now)
    return db.execute(update(links).where(known, *over).values(**GUEST)).rowcount
