"""Networks and their settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, insert, select, update

from storage import rows
from storage.db import Connection
from storage.tables import members, networks


@dataclass(frozen=True)
class Network:
    """One BLN. `timezone` is IANA; `weekly_time` is HH:MM on its clock, `weekly_day` 0 on Mondays."""

    id: int
    title: str
    language: str
    timezone: str
    weekly_day: int
    weekly_time: str
    weekly: bool
    meeting_hours: int
    approval: str
    stand_in: int | None
    topic_each: bool
    weekly_cap: int
    state: str
    ended_at: datetime | None
    controller: str | None = None
    contact: str | None = None
    officer: str | None = None
    processor: str | None = None
    authority: str | None = None
    last_day: str | None = None
    help: Mapping[str, str] | None = None  # where somebody in trouble finds help, by language
    help_checked_at: datetime | None = None
    help_asked_at: datetime | None = None
    office_from: str = "09:00"  # when somebody is there, Monday to Friday
    office_to: str = "17:00"
    danger: Mapping[str, Sequence[str]] | None = None  # further words of the safety list, by language
    subject: Sequence[str] | None = None  # diagnoses and the like that are its own subject


@cache
def _query() -> "Select[Any]":
    return select(*rows.columns(networks, Network))


def get(db: Connection, network_id: int) -> Network | None:
    """Return a network."""
    return rows.by(db, _query, Network, (networks.c.id, network_id))


def found(db: Connection, network_id: int) -> Network:
    """Return a network that a reference says is there."""
    network = get(db, network_id)
    if network is None:
        raise LookupError(f"network {network_id}")
    return network


def create(db: Connection, *, title: str, language: str, timezone: str, now: datetime) -> Network:
    """Make a network with the usual settings."""
    made = db.execute(
        insert(networks)
        .values(title=title, language=language, timezone=timezone, created_at=now)
        .returning(networks.c.id)
    )
    return found(db, made.scalar_one())


def change(db: Connection, network_id: int, **values: object) -> None:
    """Change settings."""
    db.execute(update(networks).where(networks.c.id == network_id).values(**values))


def active(db: Connection) -> list[Network]:
    """Return all networks that have not ended."""
    query = (
        select(*rows.columns(networks, Network)).where(networks.c.state == "active").order_by(networks.c.id)
    )
    return rows.many(db, query, Network)


def every(db: Connection) -> list[Network]:
    """Return all networks, those that have ended too."""
    return rows.many(db, select(*rows.columns(networks, Network)).order_by(networks.c.id), Network)


def led_by(db: Connection, person_id: int) -> list[Network]:
    """Return the networks of which a person is an active facilitator."""
    query = (
        select(*rows.columns(networks, Network))
        .join(members, members.c.network_id == networks.c.id)
        .where(members.c.person_id == person_id, members.c.facilitator, members.c.state == "active")
        .order_by(networks.c.id)
    )
    return rows.many(db, query, Network)
