"""Copies a living database into one file (storage/archive.py); `storage/restore.py` is the way back."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, NullPool, inspect, text
from sqlalchemy.engine import URL

from bot.config import Mistake
from storage import archive, migrate, pgtools
from storage.db import normal, postgres_engine, sqlite_file
from storage.mistakes import telling

STEP = 1000  # pages of SQLite at a time: between two steps a signal is heard
SPARE = 64 << 20  # so much is left to a disk besides the copy: the bot goes on writing
STAMP = "alembic_version"  # the table without whose row tables are no database of ours
# A dump takes as long as it takes, and its snapshot is held so long.
PATIENT = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    bln_bot: str  # the version that wrote it
    revision: str
    database: str  # sqlite, postgresql
    made_at: str  # of the moment that it shows
    rows: dict[str, int]
    server: int | None = None  # PostgreSQL's major version
    schema: str | None = None  # PostgreSQL's

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Manifest":
        """Return what an archive holds; what a later version added is left alone."""
        return cls(**{name: kept[name] for name in cls.__dataclass_fields__ if name in kept})

    @property
    def moment(self) -> datetime:
        """The moment that it shows."""
        return datetime.fromisoformat(self.made_at)


@dataclass(frozen=True)
class Made:
    """A backup that was written."""

    bytes: int
    rows: dict[str, int]


class NothingThere(Mistake):
    """There is no database to copy."""


class Unsound(Mistake):
    """The database itself is damaged: a copy of it could not be restored."""


def make(url: str | URL, file: Path, *, passphrase: str, version: str, now: datetime) -> Made:
    """Copy everything as it is at this moment, while others go on writing; `file` must not be there yet."""
    parsed = normal(url)
    source = _of_postgres if sqlite_file(parsed) is None else _of_sqlite
    with archive.new_file(file) as out, telling(parsed), source(parsed, version, now) as (manifest, pieces):
        archive.write(out, asdict(manifest), pieces, passphrase=passphrase, made_at=now)
        return Made(out.tell(), manifest.rows)


def clear(url: str | URL, file: Path) -> None:
    """Remove what a process left that was killed while it made this backup."""
    archive.clear(file.parent, file.name)
    source = sqlite_file(normal(url))
    if source is not None:
        archive.clear(source.parent, _copy_of(source))


def _copy_of(file: Path) -> str:
    return f"{file.name}.copy"


# SQLite -----------------------------------------------------------------------------------------------------


@contextmanager
def _of_sqlite(url: URL, version: str, now: datetime) -> Iterator[tuple[Manifest, Iterator[bytes]]]:
    file = sqlite_file(url)
    assert file is not None
    if not file.is_file():
        raise NothingThere(f"There is no database at {file} yet: see whether database.url is right.")
    _see_room(file)
    # Beside the database, where people's words are anyway: the backup itself may be encrypted.
    with archive.scratch(file.parent, _copy_of(file)) as copy:
        _copy(file, copy)
        with closing(sqlite3.connect(copy)) as db:
            complaint = unsound(db)
            if complaint:
                raise Unsound(
                    f"{file} is damaged ({complaint}), so a backup of it would be of no use. Keep the older "
                    "backups, and go back to the newest: bln-bot restore."
                )
            manifest = Manifest(
                version, _revision(sqlite_revision(db)), "sqlite", now.isoformat(), counted(db)
            )
        with copy.open("rb") as plain:
            yield manifest, pieces_of(plain)


def _see_room(file: Path) -> None:
    free = shutil.disk_usage(file.parent).free
    needed = sum(each.stat().st_size for each in (file, file.with_name(f"{file.name}-wal")) if each.exists())
    if free < needed + SPARE:
        raise Mistake(
            f"The disk of {file} has no room for a copy, which a backup needs for a short while: "
            f"{_megabytes(needed + SPARE)} MB are needed, {_megabytes(free)} are free."
        )


def _megabytes(size: int) -> int:
    return -(-size // (1 << 20))


def _copy(file: Path, copy: Path) -> None:
    """Copy what one read transaction sees: without it, each write of the bot would begin the copy anew."""
    with (
        closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
        ) as source,
        closing(sqlite3.connect(copy, isolation_level=None)) as target,
    ):
        source.execute("PRAGMA busy_timeout=10000").close()
        source.execute("BEGIN").close()
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it sees no change
        target.execute("PRAGMA synchronous=OFF").close()  # it is read once, and thrown away
        source.backup(target, pages=STEP, progress=_between)
        target.execute("PRAGMA journal_mode=DELETE").close()  # one file, that needs none beside it


def _between(status: int, remaining: int, total: int) -> None:
    """Called between two steps, so that Ctrl-C is heard."""


def unsound(db: sqlite3.Connection) -> str:
    """Return what is wrong with a SQLite database; empty if it is sound."""
    try:
        found = db.execute("PRAGMA integrity_check(1)").fetchone()
        if found is None or found[0] != "ok":
            return "integrity check"
        loose = db.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return f"a row of {loose[0]} refers to nothing" if loose else ""


def sqlite_revision(db: sqlite3.Connection) -> str:
    """Return the revision of a SQLite database; empty if it has none."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (STAMP,)).fetchone():
        return ""
    found = db.execute(f"SELECT version_num FROM {STAMP}").fetchone()  # noqa: S608 - a name of ours
    return str(found[0]) if found else ""


def counted(db: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    names = sorted(row[0] for row in db.execute(query))
    # The names are those of the database's own tables.
    return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


# PostgreSQL -------------------------------------------------------------------------------------------------


@contextmanager
def _of_postgres(url: URL, version: str, now: datetime) -> Iterator[tuple[Manifest, Iterator[bytes]]]:
    engine = postgres_engine(url, settings=PATIENT, poolclass=NullPool, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as db:
            server = pgtools.server(db)
            program = pgtools.tool("pg_dump", server)
            # What is counted and what is dumped is seen at the same moment.
            snapshot = db.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            revision, schema = _revision(migrate.current(db) or ""), current_schema(db)
            rows = counted_here(db, schema)
            manifest = Manifest(version, revision, "postgresql", now.isoformat(), rows, server, schema)
            options = [
                "--format=custom",
                "--compress=0",  # the archive does it
                "--no-owner",
                "--no-privileges",
                "--lock-wait-timeout=60s",
                f"--snapshot={snapshot}",
                f"--exclude-table-data={_named(schema, STAMP)}",  # see storage/restore.py
                *(f"--table={_named(schema, name)}" for name in rows),
            ]
            with pgtools.running(program, options, url, stdout=subprocess.PIPE) as (process, ended):
                assert process.stdout is not None
                yield manifest, _dumped(process.stdout, ended)
    finally:
        engine.dispose()


def _dumped(out: IO[bytes], ended: Any) -> Iterator[bytes]:
    yield from pieces_of(out)
    ended()


def current_schema(db: Connection) -> str:
    """Return where PostgreSQL has our tables."""
    return str(db.execute(text("SELECT current_schema()")).scalar_one())


def counted_here(db: Connection, schema: str) -> dict[str, int]:
    """Return how many rows each table of a schema has."""
    quote = db.dialect.identifier_preparer.quote_identifier
    names = sorted(inspect(db).get_table_names(schema))
    count = "SELECT count(*) FROM {}.{}"
    return {name: db.execute(text(count.format(quote(schema), quote(name)))).scalar_one() for name in names}


def _named(schema: str, name: str) -> str:
    """A table as pg_dump wants it: without the quotes it would be a pattern."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))


# Both -------------------------------------------------------------------------------------------------------


def _revision(found: str) -> str:
    if not found:
        raise NothingThere(
            "The database is empty, so there is nothing to copy. See whether database.url is right."
        )
    return found


def pieces_of(source: IO[bytes]) -> Iterator[bytes]:
    """Yield a file in pieces."""
    while piece := source.read(archive.PIECE):
        yield piece
