"""Who came by a forwarded link and waits for a facilitator's yes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from storage import rows
from storage.db import Connection, insert_once
from storage.tables import knocks


@dataclass(frozen=True)
class Knock:
    """A wish to join; `state` is asked, let_in or refused."""

    id: int
    network_id: int
    person_id: int
    circle: str
    state: str


def get(db: Connection, knock_id: int) -> Knock | None:
    """Return a knock."""
    return rows.one(db, select(*rows.columns(knocks, Knock)).where(knocks.c.id == knock_id), Knock)


def of(db: Connection, network_id: int, person_id: int) -> Knock | None:
    """Return a person's knock at a network."""
    query = select(*rows.columns(knocks, Knock)).where(
        knocks.c.network_id == network_id, knocks.c.person_id == person_id
    )
    return rows.one(db, query, Knock)


def waits(db: Connection, person_id: int) -> bool:
    """Whether a person waits for an answer anywhere."""
    query = select(knocks.c.id).where(knocks.c.person_id == person_id, knocks.c.state == "asked")
    return db.execute(query.limit(1)).first() is not None


def ask(db: Connection, network_id: int, person_id: int, circle: str, *, now: datetime) -> Knock | None:
    """Write down that a person asks; None if that person asked before."""
    values = {"network_id": network_id, "person_id": person_id, "circle": circle, "at": now}
    made = insert_once(db, knocks, values, conflict=["network_id", "person_id"])
    return None if made is None else get(db, made)


def settle(db: Connection, knock_id: int, state: str) -> bool:
    """Write the answer down; False if there was one already."""
    open_one = update(knocks).where(knocks.c.id == knock_id, knocks.c.state == "asked")
    return db.execute(open_one.values(state=state)).rowcount == 1


def forget(db: Connection, *, before: datetime) -> int:
    """Erase knocks that are older, answered or not; return how many."""
    return db.execute(delete(knocks).where(knocks.c.at < before)).rowcount


def people_before(db: Connection, before: datetime) -> list[int]:
    """Return who knocked before a moment."""
    return list(db.execute(select(knocks.c.person_id).where(knocks.c.at < before)).scalars())
