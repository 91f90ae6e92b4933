"""Brings a database to the version of this code; the steps are in `storage/migrations/versions/`."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, NullPool, inspect, text
from sqlalchemy.engine import URL

from storage.db import ProcessLock, make_folder, normal, postgres_engine, sqlite_file, sqlite_writer

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
log = logging.getLogger(__name__)


class NewerDatabase(Exception):
    """The database was written by a later version of the bot."""


class BrokenReferences(Exception):
    """A migration would have left rows that refer to nothing; it was undone."""


def known(folder: Path = FOLDER) -> list[str]:
    """Return all revisions of this code, oldest first: a revision is called as its file is."""
    return sorted(file.stem for file in (folder / "versions").glob("[0-9]*.py"))


def migrate(url: str | URL, *, target: str | None = None, folder: Path = FOLDER) -> None:
    """Bring the database to `target`, by default the newest; the process lock is needed only then."""
    parsed = normal(url)
    wanted = target or known(folder)[-1]
    with _engine(parsed) as engine:
        if _revision(engine, folder) >= wanted:
            return
        with nullcontext() if ProcessLock.ours(parsed) else ProcessLock(parsed):
            before = _revision(engine, folder)
            if before >= wanted:  # another process was quicker
                return
            if before:
                _copy(parsed, wanted)
            with engine.begin() as connection:
                _upgrade(connection, wanted, folder)
            log.info("The database is now at %s.", wanted)


def _revision(engine: Engine, folder: Path) -> str:
    with engine.connect() as connection:
        revision = current(connection) or ""
    revisions = known(folder)
    if revision and revision not in revisions:
        raise NewerDatabase(
            f"This database belongs to a newer bln-bot: it is at {revision}, this one knows {revisions[-1]}. "
            "Install the newer version again, or go back to a copy of the database."
        )
    return revision


def current(db: Connection) -> str | None:
    """Return the database's revision, None for an empty one. Alembic takes long to load, and is not asked."""
    if not inspect(db).has_table("alembic_version"):
        return None
    revision: str | None = db.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


def settings(connection: Connection, folder: Path = FOLDER) -> "Config":
    """Return what Alembic needs to know, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    file = sqlite_file(url)
    if file is None:
        engine = postgres_engine(url, settings={"lock_timeout": "60s"}, poolclass=NullPool)
    else:
        make_folder(file)
        # Off before BEGIN, where it still counts: a table is rebuilt by dropping the old one, and that would
        # delete every ON DELETE CASCADE child.
        engine = sqlite_writer(url, patience=60, pragmas=["foreign_keys=OFF"], poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


def _upgrade(connection: Connection, target: str, folder: Path) -> None:
    from alembic import command

    logging.getLogger("alembic").setLevel(logging.WARNING)
    if connection.dialect.name != "sqlite":
        command.upgrade(settings(connection, folder), target)
        return
    given = _ids_given(connection)
    command.upgrade(settings(connection, folder), target)
    _remember(connection, given)
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise BrokenReferences(f"The migration to {target} would leave {len(broken)} loose rows in {tables}.")


def _ids_given(db: Connection) -> dict[str, int]:
    if not inspect(db).has_table("sqlite_sequence", sqlite_include_internal=True):
        return {}
    rows = db.execute(text("SELECT name, seq FROM sqlite_sequence")).all()
    return {row.name: row.seq for row in rows}


def _remember(db: Connection, given: dict[str, int]) -> None:
    """Let a rebuilt table know the ids that were erased before: old buttons carry them."""
    now = _ids_given(db)
    there = set(inspect(db).get_table_names())
    for name, seq in given.items():
        if name in there and now.get(name, -1) < seq:
            db.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            db.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
                {"name": name, "seq": seq},
            )


def _copy(url: URL, wanted: str) -> None:
    """Keep the SQLite file as it is beside itself; only the latest copy stays, it holds what people said."""
    file = sqlite_file(url)
    if file is None:
        return
    copy = file.with_name(f"{file.name}.before-{wanted}")
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    shutil.copymode(file, part)
    part.replace(copy)
    for older in file.parent.glob(f"{file.name}.before-*"):
        if older != copy:
            older.unlink()
