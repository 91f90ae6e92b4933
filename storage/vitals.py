"""How the database is, for the doctor: looked at while the bot runs or not, and never changed."""

import fcntl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text

from storage import facts, members, migrate, pgtools
from storage.db import LOCK_KEY, Connection, Database, normal, opened, sqlite_file
from storage.facts import Fact
from storage.networks import Network, active
from storage.tables import chats, inbox, networks, outbox


@dataclass(frozen=True)
class Group:
    """A group of an active network; `gone` if the bot has noticed that it is in it no longer."""

    network: str
    title: str
    telegram_id: int
    gone: bool


@dataclass(frozen=True)
class Standing:
    """What an active network has of what people must be told; `stood_in_for`: somebody takes over from who leads."""

    network: Network
    stood_in_for: bool


@dataclass(frozen=True)
class Vitals:
    """What stands in the tables, in numbers; `since` and `due` are those of what has waited longest."""

    groups: list[Group]
    parked: int
    waiting: int
    since: datetime | None
    unsent: int
    due: datetime | None
    backup: Fact | None
    networks: list[Standing]


@dataclass(frozen=True)
class Look:
    """A database that answers. `vitals` only where the tables are those of this version."""

    place: str
    size: int
    revision: str | None
    newest: str
    newer: bool
    running: bool
    vitals: Vitals | None
    server: int | None  # PostgreSQL's major version


def file_of(url: str) -> Path | None:
    """Return the SQLite file of a URL."""
    return sqlite_file(normal(url))


def place_of(url: str) -> str:
    """Return where the database is, without its password."""
    file = file_of(url)
    return normal(url).render_as_string(hide_password=True) if file is None else str(file.resolve())


def look(url: str, *, now: datetime) -> Look:
    """Look at a database; it must be there."""
    with opened(url) as database:
        revision = database.read_now(migrate.current)
        known = migrate.known()
        return Look(
            place=place_of(url),
            size=_size(database),
            revision=revision,
            newest=known[-1],
            newer=revision is not None and revision not in known,
            running=_locked(database),
            vitals=database.read_now(vitals, now=now) if revision == known[-1] else None,
            server=None if sqlite_file(database.url) else database.read_now(pgtools.server),
        )


def vitals(db: Connection, *, now: datetime) -> Vitals:
    """Count what waits, and name the groups."""
    waiting = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == "new")
    parked = select(func.count()).where(inbox.c.state == "parked")
    due = outbox.c.state.in_(("pending", "unknown")), outbox.c.not_before <= now
    arrived, since = db.execute(waiting).one()
    unsent, first = db.execute(select(func.count(), func.min(outbox.c.not_before)).where(*due)).one()
    return Vitals(
        groups=_groups(db),
        parked=db.execute(parked).scalar_one(),
        waiting=arrived,
        since=since,
        unsent=unsent,
        due=first,
        backup=facts.get(db, "backup"),
        networks=[Standing(one, members.stood_in_for(db, one.id, one.stand_in)) for one in active(db)],
    )


def _groups(db: Connection) -> list[Group]:
    query = (
        select(networks.c.title, chats.c.title, chats.c.telegram_id, chats.c.state)
        .join(chats, chats.c.network_id == networks.c.id)
        .where(networks.c.state == "active")
        .order_by(networks.c.id, chats.c.id)
    )
    return [Group(network, title, id, state == "gone") for network, title, id, state in db.execute(query)]


def _size(database: Database) -> int:
    file = sqlite_file(database.url)
    if file is None:
        return database.read_now(_postgres_size)
    beside = file.with_name(f"{file.name}-wal")
    return sum(part.stat().st_size for part in (file, beside) if part.exists())


def _postgres_size(db: Connection) -> int:
    size: int = db.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return size


def _locked(database: Database) -> bool:
    """Whether a bot works on this database: somebody has the process lock."""
    file = sqlite_file(database.url)
    return database.read_now(_advisory) if file is None else _flocked(file.with_name(f"{file.name}.lock"))


def _advisory(db: Connection) -> bool:
    held = text(
        "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        " AND ((classid::bigint << 32) | objid::bigint) = :key AND objsubid = 1)"
    )
    return bool(db.execute(held, {"key": LOCK_KEY}).scalar_one())


def _flocked(file: Path) -> bool:
    if not file.exists():
        return False
    with file.open() as lock:
        try:
            # Shared, and let go at once: a bot that starts in this very instant would be refused.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
