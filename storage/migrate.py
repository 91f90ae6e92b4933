"""Brings a database to the version of this code; the steps are in `storage/migrations/versions/`."""

import logging
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, NullPool, StaticPool, create_engine, inspect, text
from sqlalchemy.engine import URL

from bot import logs
from storage.db import ProcessLock, make_folder, normal, postgres_engine, sqlite_file, sqlite_writer
from storage.mistakes import Unusable, some, telling
from storage.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
log = logs.logger(__name__)


class NewerDatabase(Unusable):
    """The database was written by a later version of the bot."""


class HalfMigrated(Unusable):
    """The tables are not those of the version that the database says it has."""


class WrongVersion(Unusable):
    """The database is sound, but the bot has to be started on it once before a command can use it."""


class BrokenReferences(Exception):
    """A migration would have left rows that refer to nothing; it was undone."""


def known(folder: Path = FOLDER) -> list[str]:
    """Return all revisions of this code, oldest first: a revision is called as its file is."""
    return sorted(file.stem for file in (folder / "versions").glob("[0-9]*.py"))


def migrate(url: str | URL, *, target: str | None = None, folder: Path = FOLDER) -> None:
    """Bring the database to `target`, by default the newest; the process lock is needed only then."""
    parsed = normal(url)
    wanted = target or known(folder)[-1]
    with telling(parsed), _engine(parsed) as engine:
        if _revision(engine, folder) >= wanted:
            return
        with nullcontext() if ProcessLock.ours(parsed) else ProcessLock(parsed):
            before = _revision(engine, folder)
            if before >= wanted:  # another process was quicker
                return
            if before:
                _copy(parsed, wanted)
            with engine.begin() as connection:
                upgrade(connection, wanted, folder)
            log.info("database.migrated", migration=wanted)


def _revision(engine: Engine, folder: Path) -> str:
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # or another process' migration came between two looks
            connection.execution_options(isolation_level="REPEATABLE READ")
        return check(connection, folder)


def require_current(db: Connection, folder: Path = FOLDER) -> None:
    """Refuse a database that is not of this version, for a command that does not migrate."""
    revision, newest = check(db, folder), known(folder)[-1]
    if not revision:
        raise WrongVersion(
            "The database is empty. See whether database.url is right; `bln-bot run` fills it."
        )
    if revision != newest:
        raise WrongVersion(
            f"This database belongs to an older bln-bot: it is at {revision}, this one at {newest}. "
            "Start this version on it once (`bln-bot run`), which brings it up to date; then repeat this."
        )


def check(db: Connection, folder: Path = FOLDER) -> str:
    """Return the database's revision, "" for an empty one; refuse one whose tables are not of that revision."""
    revision, revisions = _stamp(db), known(folder)
    if not revision:
        _refuse_tables(db)
        _refuse_encoding(db)
        return ""
    if revision not in revisions:
        if re.match(r"\d{4}_", revision) and revision > revisions[-1]:
            raise NewerDatabase(
                f"This database belongs to a newer bln-bot: it is at {revision}, this one knows {revisions[-1]}. "
                "Install the newer version again, or go back to a copy of the database."
            )
        raise HalfMigrated(
            f"This database says it is at {revision}, which no bln-bot knows: it belongs to another program, or "
            "somebody changed it. See whether database.url is right, or go back to a copy of the database."
        )
    missing = _missing(db, revision, folder)
    if missing:
        raise HalfMigrated(
            f"This database says it is at {revision}, but it lacks {some(missing)}: a migration was done by half, "
            "or somebody changed it. Nothing was touched; go back to a copy of the database, or a backup."
        )
    return revision


def current(db: Connection) -> str | None:
    """Return the database's revision, None for an empty one. Alembic takes long to load, and is not asked."""
    return _stamp(db) or None


def _stamp(db: Connection) -> str:
    if not inspect(db).has_table("alembic_version"):
        return ""
    found = sorted(db.execute(text("SELECT version_num FROM alembic_version")).scalars())
    return " and ".join(found)


def _refuse_tables(db: Connection) -> None:
    """Refuse tables without a version. PostgreSQL's may be another program's, unless they have our names."""
    there = set(inspect(db).get_table_names()) - {"alembic_version"}
    ours = there & set(metadata.tables)
    if ours:
        raise HalfMigrated(
            f"This database has {some(ours)}, but does not say of which version: a migration was done by half, or "
            "another program uses these names. Go back to a copy of the database, or name an empty one."
        )
    if there and db.dialect.name == "sqlite":
        raise HalfMigrated(
            f"This file is another program's database: it has {some(there)}. Name another one in database.url."
        )


def _refuse_encoding(db: Connection) -> None:
    if db.dialect.name != "postgresql":
        return
    encoding = db.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise Unusable(
            f"This database keeps its text as {encoding}, which has no room for every language and no emoji. "
            "Make another one: createdb --encoding=UTF8 --template=template0."
        )


def _missing(db: Connection, revision: str, folder: Path) -> set[str]:
    """Return the tables and columns that this revision has and the database lacks."""
    there = _shape(db)
    if folder == FOLDER and revision == known()[-1]:
        wanted = {each.name: {column.name for column in each.columns} for each in metadata.sorted_tables}
    else:
        wanted = _shape_of(revision, folder)
    lost = wanted.keys() - there.keys()
    return {f"the table {name}" for name in lost} | {
        f"{name}.{column}" for name in wanted.keys() - lost for column in wanted[name] - there[name]
    }


def _shape(db: Connection) -> dict[str, set[str]]:
    found = inspect(db).get_multi_columns().items()
    return {name: {column["name"] for column in columns} for (_, name), columns in found}


def _shape_of(revision: str, folder: Path) -> dict[str, set[str]]:
    """Return the tables and columns of an older revision, by migrating a database in memory up to it."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            upgrade(connection, revision, folder)
            return _shape(connection)
    finally:
        engine.dispose()


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


def upgrade(connection: Connection, target: str, folder: Path = FOLDER) -> None:
    """Bring the tables to `target` within the caller's transaction: all of it, or nothing."""
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
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
        shutil.copymode(file, part)
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)  # where the disk was full
    for older in file.parent.glob(f"{file.name}.before-*"):
        if older != copy:
            older.unlink()
