"""From SQLite to PostgreSQL: everything, or nothing and a line that says why."""

import random
import re
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    cast,
    delete,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.db import BadUrl, Connection, Database, Locked, opened, trouble
from storage.migrate import HalfMigrated, NewerDatabase, WrongVersion, known, migrate
from storage.mistakes import Unusable
from storage.moving import CannotMove, _blaming, move, sum_of
from storage.tables import media, metadata, people
from storage.types import Moment

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
TABLES = metadata.sorted_tables
ROWS = 12  # of every table, so that each can have another parent
ODD_TEXTS = [
    "",
    " ",
    "👩‍👩‍👧‍👦 zei: “ja”",
    "Ångström\n\ttab",
    "null",
    "\\",
    "'; --",
    "e\u0301",
    "\U0010ffff",
    "0",
]
ODD_JSON = [
    None,  # no value at all
    JSON.NULL,  # a value: null
    [],
    {},
    "null",
    {"b": 1, "a": [None, True, False, "👋"], "": {"Å": "\\u0041"}},
    [0.1, 1e22, 1e-7, 10**30, -0.0, 100, 1.5e3, 2.50],
    {"id": -1001234567890123, "text": "1.0", "same": 1.0},
]


# A database with everything in it -----------------------------------------------------------------------------


class Filler:
    """Rows for every table, whatever its columns are; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.ids: dict[str, list[int]] = {}

    def fill(self, db: Connection) -> None:
        for table in TABLES:
            rows = [self.row(table, number) for number in range(ROWS)]
            db.execute(insert(table), rows)
            key = next(iter(table.primary_key))
            self.ids[table.name] = list(db.execute(select(key)).scalars())

    def row(self, table: Table, number: int) -> dict[str, Any]:
        columns = [column for column in table.columns if column is not table.autoincrement_column]
        return {column.name: self.value(table, column, number) for column in columns}

    def value(self, table: Table, column: Column[Any], number: int) -> Any:
        alone = any(
            column.name in constraint.columns
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        )
        if column.nullable and not alone and self.dice.random() < 0.3:
            return None
        for key in column.foreign_keys:
            there = self.ids[key.column.table.name]
            return there[number % len(there)] if alone else self.dice.choice(there)
        match column.type:
            case JSON():
                value = ODD_JSON[number % len(ODD_JSON)]
                return {} if value is None and not column.nullable else value
            case Moment():
                return NOON + timedelta(microseconds=self.dice.randint(-(10**15), 10**15))
            case Boolean():
                return self.dice.random() < 0.5
            case LargeBinary():
                return self.dice.randbytes(self.dice.choice([0, 1, 70_000]))
            case Text():
                return f"{self.dice.choice(ODD_TEXTS)}{number}" if alone else self.dice.choice(ODD_TEXTS)
            case Integer() if column.type.__class__ is Integer:
                return self.dice.choice([0, -1, 2**31 - 1])
        return 2**51 + number if alone else self.dice.choice([0, -(2**52), 2**52])


def erase(db: Connection) -> None:
    """Erase the newest row of every other table, and with it what hangs on it; and all of one table."""
    for table in TABLES[::2]:
        key = next(iter(table.primary_key))
        newest = select(key).order_by(key.desc()).limit(1).scalar_subquery()
        db.execute(delete(table).where(key == newest))
    db.execute(delete(metadata.tables["audit"]))


@pytest.fixture(params=[1, 2])
def filled_url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    fill(sqlite_url, request.param)
    return sqlite_url


def fill(url: str, seed: int = 1) -> None:
    with opened(url) as database:
        database.write_now(Filler(seed).fill)
        database.write_now(erase)


def contents(url: str) -> dict[str, list[Any]]:
    """All rows as values, and every JSON as it is written, so that null and nothing differ."""
    with opened(url) as database:
        return {table.name: database.read_now(rows, table) for table in TABLES}


def rows(db: Connection, table: Table) -> list[Any]:
    nulls = [cast(column, Text) == "null" for column in table.columns if isinstance(column.type, JSON)]
    return [tuple(row) for row in db.execute(select(table, *nulls).order_by(*table.primary_key))]


def tables(url: str) -> set[str]:
    """The tables of a PostgreSQL database."""
    with psycopg.connect(url) as db:
        return {name for (name,) in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def quiet(_: str) -> None:
    return None


# All of it ----------------------------------------------------------------------------------------------------


def test_everything_arrives(filled_url: str, empty_postgresql_url: str) -> None:
    before = contents(filled_url)
    said: list[str] = []
    last = move(filled_url, empty_postgresql_url, said.append)
    assert contents(empty_postgresql_url) == before
    assert contents(filled_url) == before
    there = {name: len(found) for name, found in before.items() if found}
    assert sorted(said) == sorted(f"{name}: {count}, checked" for name, count in there.items())
    assert len(there) > len(TABLES) * 0.8
    assert last.startswith(
        f"Moved {sum(there.values())} rows; both databases hold the same. Now write the new"
    )


def test_no_id_is_given_again(filled_url: str, empty_postgresql_url: str) -> None:
    move(filled_url, empty_postgresql_url, quiet)
    with closing(sqlite3.connect(filled_url.removeprefix("sqlite:///"))) as db:
        given = dict(db.execute("SELECT name, seq FROM sqlite_sequence"))
    with psycopg.connect(empty_postgresql_url) as db:
        for table in TABLES:
            key = table.autoincrement_column
            if key is not None:
                query = "SELECT nextval(pg_get_serial_sequence(%s, %s))"
                assert db.execute(query, [table.name, key.name]).fetchone() == (given[table.name] + 1,)


def test_the_bot_goes_on_with_what_was_moved(sqlite_url: str, empty_postgresql_url: str) -> None:
    """An empty database moves too, and one that was migrated but never used takes it."""
    migrate(empty_postgresql_url)
    assert move(sqlite_url, empty_postgresql_url, quiet).startswith("Moved 0 rows")
    fill(empty_postgresql_url)


def test_a_moved_database_can_be_moved_only_once(sqlite_url: str, empty_postgresql_url: str) -> None:
    fill(sqlite_url)
    move(sqlite_url, empty_postgresql_url, quiet)
    before = contents(empty_postgresql_url)
    with pytest.raises(CannotMove, match="is not empty: it has rows in agenda, answering, asks and"):
        move(sqlite_url, empty_postgresql_url, quiet)
    assert contents(empty_postgresql_url) == before


def test_files_do_not_fill_the_memory(sqlite_url: str, postgresql_url: str) -> None:
    """Ten of 2 MB are moved and compared with a few of them in hand."""
    size = 2_000_000
    with opened(sqlite_url) as database:
        database.write_now(Filler(1).fill)
        for number in range(10):
            database.write_now(
                lambda db, data: db.execute(media.insert().values(data)).rowcount, a_file(number, size)
            )
    tracemalloc.start()
    try:
        move(sqlite_url, postgresql_url, quiet)
        assert tracemalloc.get_traced_memory()[1] < 6 * size
    finally:
        tracemalloc.stop()


def a_file(number: int, size: int) -> dict[str, Any]:
    data = bytes([number]) * size
    return {"contribution_id": 1, "kind": "photo", "file_id": "x", "bytes": data, "at": NOON}


def test_a_table_has_the_same_sum_only_if_it_holds_the_same(database: Database) -> None:
    def summed(db: Connection, values: list[dict[str, Any]]) -> str:
        facts = metadata.tables["facts"]
        db.execute(delete(facts))
        for number, value in enumerate(values, 1):
            db.execute(
                insert(facts).values({"id": number, "name": f"{number}", "value": None, "at": NOON, **value})
            )
        return sum_of(db, facts).digest

    contents: list[list[dict[str, Any]]] = [
        [],
        [{}],
        [{"name": "a"}],
        [{"value": JSON.NULL}],
        [{"value": "null"}],
        [{"value": 1}],
        [{"value": "1"}],
        [{"value": [1, 2]}],
        [{"value": [2, 1]}],
        [{"at": NOON + timedelta(microseconds=1)}],
        [{"name": "a"}, {"name": "b"}],
        [{"name": "b"}, {"name": "a"}],
    ]
    sums = [database.write_now(summed, values) for values in contents]
    assert len(set(sums)) == len(contents)
    same = [{"value": {"a": 1, "b": 1e2}}], [{"value": {"b": 100, "a": 1.0}}]
    assert len({database.write_now(summed, values) for values in same}) == 1


def test_the_command_moves_and_keeps_the_password_to_itself(
    sqlite_url: str, empty_postgresql_url: str, tmp_path: Path
) -> None:
    fill(sqlite_url)
    to = empty_postgresql_url.replace("postgres:@", "postgres:geheim@")
    environ = {"BLN_BOT__DATABASE__URL": sqlite_url, "BLN_BOT__TELEGRAM__TOKEN": f"123456:{'x' * 35}"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "move-database", "--to", to],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path.cwd()), **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "people: " in done.stdout
    assert "database.url" in done.stdout.splitlines()[-1]
    assert "geheim" not in done.stdout + done.stderr


# Or nothing ---------------------------------------------------------------------------------------------------


@pytest.fixture
def unchanged(sqlite_url: str, empty_postgresql_url: str) -> Iterator[tuple[str, str]]:
    """A filled source and an empty target, which both are what they were when the test is over."""
    fill(sqlite_url)
    before = contents(sqlite_url)
    yield sqlite_url, empty_postgresql_url
    assert contents(sqlite_url) == before
    assert tables(empty_postgresql_url) == set()


def test_only_from_sqlite_to_postgresql(unchanged: tuple[str, str], tmp_path: Path) -> None:
    source, target = unchanged
    with pytest.raises(CannotMove, match=r"database\.url is not a SQLite file"):
        move(target, target, quiet)
    with pytest.raises(CannotMove, match="--to has to be a PostgreSQL database"):
        move(source, f"sqlite:///{tmp_path}/new.db", quiet)
    with pytest.raises(CannotMove, match=r"nowhere/bln.db is not there"):
        move(f"sqlite:///{tmp_path}/nowhere/bln.db", target, quiet)
    with pytest.raises(BadUrl, match="--to is no database URL"):
        move(source, "somewhere", quiet)
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "new.db").exists()


def test_a_database_that_is_not_there_is_told(unchanged: tuple[str, str]) -> None:
    source, target = unchanged
    with pytest.raises(Unusable, match=r'database "bln_none" does not exist.*or correct --to'):
        move(source, re.sub(r"/bln_\w+", "/bln_none", target), quiet)


@pytest.mark.parametrize("side", [0, 1])
def test_not_under_a_running_bot(unchanged: tuple[str, str], side: int) -> None:
    with Database.lock(unchanged[side]), pytest.raises(Locked, match="Stop it first"):
        move(*unchanged, quiet)


def test_a_source_of_another_version_is_refused(unchanged: tuple[str, str], tmp_path: Path) -> None:
    stamps = [
        ("9999_next", NewerDatabase, "newer bln-bot"),
        (None, HalfMigrated, "does not say of which version"),
    ]
    for stamp, refusal, words in stamps:
        with closing(sqlite3.connect(tmp_path / "bln.db")) as db, db:
            db.execute("UPDATE alembic_version SET version_num = ?", [stamp or ""])
        with pytest.raises(refusal, match=words):
            move(*unchanged, quiet)
    with closing(sqlite3.connect(tmp_path / "bln.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = ?", [known()[-1]])
    older = f"sqlite:///{tmp_path}/older.db"
    migrate(older, target=known()[0])
    with pytest.raises(WrongVersion, match=f"at {known()[0]}.*Start this version on it once"):
        move(older, unchanged[1], quiet)


def test_a_target_with_some_of_our_tables_is_refused(sqlite_url: str, empty_postgresql_url: str) -> None:
    with psycopg.connect(empty_postgresql_url) as db:
        db.execute("CREATE TABLE people (id bigint)")
    with pytest.raises(HalfMigrated, match="has people, but does not say of which version"):
        move(sqlite_url, empty_postgresql_url, quiet)
    assert tables(empty_postgresql_url) == {"people"}


def test_a_row_that_postgresql_refuses_moves_nothing(unchanged: tuple[str, str], tmp_path: Path) -> None:
    """Told by table and reason; what the row holds is somebody's."""
    values = ("a\0secret word", 2**60, "nl", "2026-05-12 12:00:00")
    with closing(sqlite3.connect(tmp_path / "bln.db")) as db:
        with db:
            db.execute(
                "INSERT INTO people (name, telegram_id, language, created_at) VALUES (?, ?, ?, ?)", values
            )
        with pytest.raises(
            CannotMove, match=r"does not take a row of the table people: a NUL in a text"
        ) as refused:
            move(*unchanged, quiet)
        with db:
            db.execute("DELETE FROM people WHERE telegram_id = ?", [2**60])
    assert "secret" not in str(refused.value)


def test_a_loose_row_moves_nothing(unchanged: tuple[str, str], tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bln.db")) as db:
        with db:  # without PRAGMA foreign_keys
            db.execute(
                "INSERT INTO rsvps (meeting_id, member_id, answer, at) VALUES (999, 1, 'x', '2026-05-12')"
            )
        with pytest.raises(CannotMove, match=r"the table rsvps: .*violates foreign key"):
            move(*unchanged, quiet)
        with db:
            db.execute("DELETE FROM rsvps WHERE meeting_id = 999")


@pytest.mark.parametrize(
    "change",
    ["NEW.name := NEW.name || '.'", "NEW.created_at := NEW.created_at + interval '1 us'", "RETURN NULL"],
)
def test_what_came_out_differently_is_not_kept(sqlite_url: str, postgresql_url: str, change: str) -> None:
    fill(sqlite_url)
    with psycopg.connect(postgresql_url) as db:
        db.execute(
            "CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN IF NEW.id = 3 THEN {change}; END IF; RETURN NEW; END$$"
        )
        db.execute("CREATE TRIGGER change BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION change()")
    with pytest.raises(CannotMove, match=r"people came out differently. Nothing was moved"):
        move(sqlite_url, postgresql_url, quiet)
    assert not any(contents(postgresql_url).values())


def test_a_target_that_goes_away_has_nothing(sqlite_url: str, empty_postgresql_url: str) -> None:
    fill(sqlite_url)

    def cut(_: str) -> None:
        with psycopg.connect(empty_postgresql_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database()"
            )

    with pytest.raises(DBAPIError) as caught:
        move(sqlite_url, empty_postgresql_url, cut)
    assert trouble(caught.value)
    assert tables(empty_postgresql_url) == set()
    move(sqlite_url, empty_postgresql_url, quiet)
    with opened(empty_postgresql_url) as database:
        assert database.read_now(lambda db: db.execute(select(people.c.id)).first())


def test_what_was_refused_is_told_also_where_the_driver_says_that_it_gave_up() -> None:
    refused, gave_up = psycopg.errors.ForeignKeyViolation("no such meeting"), psycopg.errors.PipelineAborted()
    gave_up.__context__ = refused
    with (
        pytest.raises(CannotMove, match="the table rsvps: ForeignKeyViolation"),
        _blaming(metadata.tables["rsvps"]),
    ):
        raise OperationalError("INSERT", {}, gave_up)
