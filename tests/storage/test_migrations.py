"""Migrations keep what is there, on both databases, and end at the tables of the code."""

import ast
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, Table, column, delete, func, insert, inspect, select, table, text
from sqlalchemy.schema import MetaData

from storage import tables
from storage.db import Connection, Database, Locked, opened
from storage.migrate import (
    FOLDER,
    BrokenReferences,
    HalfMigrated,
    NewerDatabase,
    WrongVersion,
    current,
    known,
    migrate,
    require_current,
)
from storage.types import Moment

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
NEXT = f"{len(known()) + 1:04}_next"


# The schema -------------------------------------------------------------------------------------------------


def test_the_migrated_schema_is_that_of_the_tables(database: Database) -> None:
    assert database.read_now(differences) == []


def differences(db: Connection) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"compare_type": True, "compare_server_default": other_default}
    return list(compare_metadata(MigrationContext.configure(db, opts=options), tables.metadata))


def other_default(_1: Any, _2: Any, _3: Any, found: str | None, _4: Any, wanted: str | None) -> bool | None:
    """Leave it to Alembic, except that it sees no default in an empty text on SQLite."""
    return False if wanted == "" and found in {"''", "('')"} else None


def test_every_table_remembers_the_ids_it_gave(sqlite_url: str) -> None:
    with opened(sqlite_url) as database:
        assert database.read_now(forgetful) == {"alembic_version"}


def forgetful(db: Connection) -> set[str]:
    statement = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%AUTOINCREMENT%'"
    return set(db.execute(text(statement)).scalars()) - {"sqlite_sequence"}


def test_a_revision_is_called_as_its_file_is_and_follows_the_one_before() -> None:
    chain = [(None, known()[0]), *zip(known(), known()[1:], strict=False)]
    assert [(says(name, "down_revision"), says(name, "revision")) for _, name in chain] == chain


def says(name: str, variable: str) -> Any:
    for node in ast.parse((FOLDER / "versions" / f"{name}.py").read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(getattr(target, "id", None) == variable for target in targets):
            return ast.literal_eval(node.value)  # type: ignore[attr-defined]
    raise AssertionError(f"{name} has no {variable}")


# Rows -------------------------------------------------------------------------------------------------------


def fill(db: Connection, *, rows: int = 3) -> dict[str, int]:
    """Put rows into every table that the database has, whatever its columns are; return their numbers."""
    found = MetaData()
    found.reflect(db)
    for each in found.sorted_tables:
        if each.name != "alembic_version":
            for number in range(1, rows + 1):
                db.execute(insert(each).values({c.name: value(each, c, number) for c in each.columns}))
    return counts(db)


def value(of: Table, column: Any, number: int) -> Any:
    """Return something that fits the column and differs from row to row."""
    if column.primary_key or column.foreign_keys:
        return number
    kind = column.type.python_type if column.type.__class__.__name__ not in {"JSON", "JSONB"} else dict
    known_values: dict[type, Any] = {
        int: number,
        bool: True,
        str: f"{of.name} {number}",
        datetime: NOON if getattr(column.type, "timezone", False) else NOON.replace(tzinfo=None),
        dict: {"number": number},
        bytes: b"bytes",
    }
    return known_values[kind]


def counts(db: Connection) -> dict[str, int]:
    names = [name for name in inspect(db).get_table_names() if name != "alembic_version"]
    return {name: db.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names}


@pytest.mark.parametrize("revision", known())
def test_filled_tables_survive_all_later_migrations(empty_database_url: str, revision: str) -> None:
    migrate(empty_database_url, target=revision)
    with opened(empty_database_url) as database:
        before = database.write_now(fill)
    assert set(before.values()) == {3}
    migrate(empty_database_url)
    with opened(empty_database_url) as database:
        after = database.read_now(counts)
        assert {name: after[name] for name in before if name in after} == {
            name: number for name, number in before.items() if name in after
        }
        assert database.read_now(current) == known()[-1]
        assert database.read_now(differences) == []


def test_words_that_waited_in_a_dialog_go_on_waiting(empty_database_url: str) -> None:
    migrate(empty_database_url, target="0002_retention")
    with opened(empty_database_url) as database:
        database.write_now(fill)
        database.write_now(lambda db: db.execute(text("UPDATE dialogs SET kind = 'answering' WHERE id > 1")))
    migrate(empty_database_url)
    with opened(empty_database_url) as database:
        after = database.read_now(counts)
        assert (after["dialogs"], after["answering"]) == (1, 2)


def folder_with(tmp_path: Path, *upgrade: str) -> Path:
    """A copy of the migrations with one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    lines = ["import sqlalchemy as sa", "from alembic import op", "from storage.types import Key"]
    lines += [f"revision = {NEXT!r}", f"down_revision = {known()[-1]!r}", "def upgrade():"]
    (folder / "versions" / f"{NEXT}.py").write_text("\n".join([*lines, *(f"    {line}" for line in upgrade)]))
    return folder


REBUILD = (
    "with op.batch_alter_table('people', table_kwargs={'sqlite_autoincrement': True}) as people:",
    "    people.alter_column('telegram_id', existing_type=Key, nullable=True)",
    "    people.add_column(sa.Column('shoe_size', sa.Integer(), server_default='40', nullable=False))",
)


def test_the_children_of_a_rebuilt_table_survive(database_url: str, tmp_path: Path) -> None:
    with opened(database_url) as database:
        before = database.write_now(fill)
    migrate(database_url, folder=folder_with(tmp_path, *REBUILD))
    with opened(database_url) as database:
        assert database.read_now(counts) == before
        shoes: Select[Any] = select(column("shoe_size")).select_from(table("people"))
        assert database.read_now(lambda db: list(db.execute(shoes).scalars())) == [40] * 3
        # and they are still its children
        database.write_now(lambda db: db.execute(delete(tables.people)).rowcount)
        assert database.read_now(counts)["members"] == 0


def test_a_rebuilt_table_knows_the_ids_that_were_erased(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as database:
        database.write_now(fill)
        database.write_now(lambda db: db.execute(delete(tables.people)).rowcount)
    migrate(sqlite_url, folder=folder_with(tmp_path, *REBUILD))
    with opened(sqlite_url) as database:
        assert database.write_now(add_person) == 4
        assert database.read_now(forgetful) == {"alembic_version"}


def add_person(db: Connection) -> int:
    values = {"telegram_id": 5, "name": "Anna", "language": "nl", "created_at": NOON}
    key = db.execute(insert(tables.people).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def test_a_migration_that_would_leave_loose_rows_is_undone(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as database:
        before = database.write_now(fill)
    with pytest.raises(BrokenReferences, match="members"):
        migrate(sqlite_url, folder=folder_with(tmp_path, "op.execute('DELETE FROM people')"))
    with opened(sqlite_url) as database:
        assert database.read_now(counts) == before
        assert database.read_now(current) == known()[-1]


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    steps = ["op.create_table('shoes', sa.Column('id', Key, primary_key=True))", "raise KeyError('halfway')"]
    with pytest.raises(KeyError, match="halfway"):
        migrate(database_url, folder=folder_with(tmp_path, *steps))
    with opened(database_url) as database:
        assert "shoes" not in database.read_now(counts)
        assert database.read_now(current) == known()[-1]


def test_a_migration_that_is_killed_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    with opened(database_url) as database:
        before = database.write_now(fill)
    steps = [*REBUILD, "op.create_table('shoes', sa.Column('id', Key, primary_key=True))"]
    die = "import os; os.kill(os.getpid(), 9)"
    folder = folder_with(tmp_path, *steps, "op.execute('DELETE FROM audit')", die)
    code = "import sys; from pathlib import Path; from storage.migrate import migrate; "
    code += "migrate(sys.argv[1], folder=Path(sys.argv[2]))"
    killed = subprocess.run([sys.executable, "-c", code, database_url, str(folder)], check=False)
    assert killed.returncode == -9
    with opened(database_url) as database:
        assert database.read_now(counts) == before
        assert database.read_now(current) == known()[-1]
        assert database.read_now(differences) == []
    shutil.rmtree(folder)
    migrate(database_url, folder=folder_with(tmp_path, *steps))  # and the next start does it
    with opened(database_url) as database:
        assert database.read_now(counts) == {**before, "shoes": 0}


# A database that is not what it says -------------------------------------------------------------------------


HALVES = [
    ("DROP TABLE alembic_version", r"has .*, but does not say of which version"),
    ("DELETE FROM alembic_version", r"has .*, but does not say of which version"),
    ("INSERT INTO alembic_version VALUES ('0001')", r"at 0001 and .*, which no bln-bot knows"),
    ("UPDATE alembic_version SET version_num = '1975ea83b712'", "at 1975ea83b712, which no bln-bot knows"),
    ("DROP TABLE rsvps", "it lacks the table rsvps: a migration was done by half"),
    ("ALTER TABLE members DROP COLUMN told_at", "it lacks members.told_at: a migration was done by half"),
]


@pytest.mark.parametrize(("statement", "words"), HALVES)
def test_a_half_migrated_database_is_left_alone(database_url: str, statement: str, words: str) -> None:
    with opened(database_url) as database:
        database.write_now(fill)
        database.write_now(lambda db: db.execute(text(statement)).rowcount)
        before = database.read_now(counts)
    with pytest.raises(HalfMigrated, match=words):
        migrate(database_url)
    with opened(database_url) as database:
        assert database.read_now(counts) == before


def test_a_half_migrated_older_database_is_left_alone(empty_database_url: str) -> None:
    """It says that it is older, but a table of its own time is missing."""
    migrate(empty_database_url, target=known()[0])
    with opened(empty_database_url) as database:
        database.write_now(lambda db: db.execute(text("DROP TABLE rsvps")).rowcount)
    with pytest.raises(HalfMigrated, match=f"at {known()[0]}, but it lacks the table rsvps"):
        migrate(empty_database_url)
    with opened(empty_database_url) as database:
        assert database.read_now(current) == known()[0]


def test_tables_of_another_program_beside_ours_do_not_matter(empty_postgresql_url: str) -> None:
    """A PostgreSQL database may have an extension's tables."""
    with opened(empty_postgresql_url) as database:
        database.write_now(lambda db: db.execute(text("CREATE TABLE spatial_ref_sys (id int)")).rowcount)
    migrate(empty_postgresql_url)
    migrate(empty_postgresql_url)


def test_a_command_that_does_not_migrate_wants_this_version(empty_database_url: str, tmp_path: Path) -> None:
    with opened(empty_database_url) as database:
        with pytest.raises(WrongVersion, match="is empty"):
            database.read_now(require_current)
        migrate(empty_database_url)
        database.read_now(require_current)
        with pytest.raises(WrongVersion, match=f"at {known()[-1]}, this one at {NEXT}"):
            database.read_now(require_current, folder_with(tmp_path, "pass"))


# Around it --------------------------------------------------------------------------------------------------


def test_migrating_twice_is_migrating_once(database_url: str, tmp_path: Path) -> None:
    with Database.lock(database_url):
        migrate(database_url)
        migrate(database_url)
    assert not list(tmp_path.glob("*.before-*"))


def test_nothing_pending_needs_no_lock(database_url: str, tmp_path: Path) -> None:
    """`bln-bot retry` works beside the running bot."""
    with other_process(database_url):
        migrate(database_url)
        with pytest.raises(Locked):
            migrate(database_url, folder=folder_with(tmp_path, "pass"))


@contextmanager
def other_process(url: str) -> Iterator[None]:
    """Let another process hold the lock."""
    code = "import sys\nfrom storage.db import Database\nwith Database.lock(sys.argv[1]): print(); sys.stdin.read()"
    order = [sys.executable, "-c", code, url]
    with subprocess.Popen(order, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.communicate()


def test_a_copy_is_kept_from_before(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as database:
        before = database.write_now(fill)
    (tmp_path / "bln.db.before-0000_older").write_text("an older copy, with words that were erased since")
    migrate(sqlite_url, folder=folder_with(tmp_path, "op.execute('DELETE FROM audit')"))
    assert [file.name for file in tmp_path.glob("*.before-*")] == [f"bln.db.before-{NEXT}"]
    with closing(sqlite3.connect(tmp_path / f"bln.db.before-{NEXT}")) as copy:
        assert copy.execute("SELECT count(*) FROM audit").fetchone() == (before["audit"],)
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (known()[-1],)


def test_a_new_database_has_no_copy(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/bln.db")
    assert not list(tmp_path.glob("*.before-*"))


def test_a_newer_database_is_left_alone(database_url: str, tmp_path: Path) -> None:
    migrate(database_url, folder=folder_with(tmp_path, "pass"))
    with pytest.raises(NewerDatabase, match=f"newer bln-bot: it is at {NEXT}"):
        migrate(database_url)


def test_moments_in_the_tables_are_all_of_our_type() -> None:
    strangers = [
        f"{each.name}.{column.name}"
        for each in tables.metadata.sorted_tables
        for column in each.columns
        if column.type.python_type is datetime and not isinstance(column.type, Moment)
    ]
    assert strangers == []
