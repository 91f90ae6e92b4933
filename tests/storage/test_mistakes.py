"""What somebody must mend is told in a line, without a password, and nothing is changed."""

import os
import resource
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.__main__ import told
from storage.db import BadUrl, Database, ProcessLock, normal, opened, trouble
from storage.migrate import migrate
from storage.mistakes import Unusable, advice, telling

NOBODY = 65534


def line(action: Callable[[], object]) -> str:
    """What the person at the keyboard reads."""
    with pytest.raises((Unusable, OSError)) as caught:
        action()
    assert not trouble(caught.value)  # it would be waited for
    words = told(caught.value)
    assert words is not None
    assert len(words.splitlines()) == 1
    return words


def locked(url: str) -> None:
    """As a start does it, before anything else."""
    with telling(normal(url)), ProcessLock(url):
        pass


# Addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://me:geheim@localhost:port/bln", "database.url is no database URL"),
        ("postgres://me:half@geheim@localhost/bln", "database.url: write %40 for each @ in the password"),
        ("postgres://me:geheim@host/bln?sslmod=require", 'invalid connection option "sslmod"; correct'),
        ("mysql://me:geheim@host/bln", "mysql is not supported; use sqlite or postgresql"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(url: str, words: str) -> None:
    found = line(lambda: migrate(url))
    assert words in found
    assert "geheim" not in found


@pytest.mark.parametrize("first", [locked, migrate])
def test_a_database_that_is_not_on_the_server(postgres: str, first: Callable[[str], None]) -> None:
    found = line(lambda: first(postgres.replace("/postgres?", "/nosuch?")))
    assert found == (
        'The database can\'t be used: database "nosuch" does not exist. Make it on the server (createdb), '
        "or correct database.url."
    )


def test_a_user_that_is_not_on_the_server(postgres: str) -> None:
    found = line(lambda: locked(postgres.replace("postgres:@", "nobody:geheim@")))
    assert 'role "nobody" does not exist. Make that user on the server' in found
    assert "geheim" not in found


def test_what_the_driver_cannot_use(postgres: str) -> None:
    assert 'invalid sslmode value: "maybe"' in line(lambda: locked(f"{postgres}&sslmode=maybe"))


@pytest.fixture
def with_password(postgres: str) -> Iterator[str]:
    """A user `keeper` who must give a password, and may connect only to the database."""
    with psycopg.connect(postgres, autocommit=True) as admin:
        (file,) = admin.execute("SHOW hba_file").fetchone() or ("",)
        rules = Path(file).read_text()
        admin.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
        Path(file).write_text(f"local all keeper scram-sha-256\n{rules}")
        admin.execute("SELECT pg_reload_conf()")
        yield postgres.replace("postgres:@", "keeper:right@")
        Path(file).write_text(rules)
        admin.execute("SELECT pg_reload_conf()")
        admin.execute("DROP ROLE keeper")


def test_a_wrong_password(with_password: str) -> None:
    wrong = with_password.replace("right", "geheim")
    found = line(lambda: until_asked(wrong))
    assert found == (
        'The database can\'t be used: password authentication failed for user "keeper". '
        "See whether user and password in database.url are right."
    )


def until_asked(url: str) -> None:
    """The server reads its new rules a moment after it was told to."""
    for _ in range(1000):
        locked(url)


def test_a_user_who_may_not_make_tables(with_password: str) -> None:
    found = line(lambda: migrate(with_password))
    assert "permission denied for schema public. Make the user in database.url the owner" in found


def test_a_database_without_room_for_emoji(postgres: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        found = line(lambda: migrate(postgres.replace("/postgres?", "/latin?")))
        admin.execute("DROP DATABASE latin WITH (FORCE)")
    assert "keeps its text as LATIN1" in found
    assert "--encoding=UTF8" in found


@pytest.mark.parametrize(
    ("answer", "told_at_once"),
    [
        ("failed to resolve host 'db.exmaple.org': [Errno -2] Name or service not known", True),
        ("failed to resolve host 'db.example.org': [Errno -3] Temporary failure in name resolution", False),
        ('connection to server at "10.0.0.1", port 5432 failed: Connection refused', False),
        ('connection to server at "10.0.0.1" failed: FATAL:  the database system is starting up', False),
        ('connection to server at "10.0.0.1" failed: FATAL:  sorry, too many clients already', False),
        ("SSL SYSCALL error: EOF detected", False),
        (
            'connection to server at "::1" failed: FATAL:  no pg_hba.conf entry for host "::1", user "me"',
            True,
        ),
        ("server does not support SSL, but SSL was required", True),
        ('FATAL:  password authentication failed for user "me"', True),
        ("cannot execute CREATE TABLE in a read-only transaction", True),
    ],
)
def test_what_passes_by_itself_is_waited_for(answer: str, told_at_once: bool) -> None:
    error = OperationalError(None, None, psycopg.OperationalError(answer))
    words = advice(error, normal("postgres://me:geheim@db/bln"))
    assert (words is not None) == told_at_once
    assert "geheim" not in (words or "")


def test_another_database_s_error_is_not_explained_with_this_file(tmp_path: Path) -> None:
    """Both are open when one is moved to the other."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("PRAGMA max_page_count = 1").close()
        with pytest.raises(sqlite3.OperationalError, match="full") as caught:
            db.execute("CREATE TABLE words AS SELECT zeroblob(10000) AS word")
    assert advice(caught.value, normal("postgres://me@db/bln")) is None
    assert advice(caught.value, normal(f"sqlite:///{tmp_path}/bln.db")) is not None


# Files --------------------------------------------------------------------------------------------------------


@contextmanager
def powerless() -> Iterator[None]:
    """Without the rights of root, who may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="bln-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


@pytest.mark.parametrize("first", [locked, migrate])
def test_a_folder_in_which_nothing_can_be_made(folder: Path, first: Callable[[str], None]) -> None:
    folder.chmod(0o555)
    with powerless():
        found = line(lambda: first(f"sqlite:///{folder}/bln.db"))
    assert "Permission denied" in found or "Give it and its folder to the user who runs bln-bot" in found
    assert str(folder) in found
    assert list(folder.iterdir()) == []


def test_a_file_that_cannot_be_written(folder: Path) -> None:
    migrate(f"sqlite:///{folder}/bln.db")
    for file in folder.iterdir():
        file.chmod(0o444)
    before = (folder / "bln.db").read_bytes()
    with powerless():
        found = line(lambda: migrate(f"sqlite:///{folder}/bln.db"))
    assert found.startswith(f"{folder}/bln.db can't be opened or written (")
    assert (folder / "bln.db").read_bytes() == before


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    assert "data is a file, and should be the folder" in line(
        lambda: locked(f"sqlite:///{tmp_path}/data/bln.db")
    )
    assert "Not a directory" in line(lambda: locked(f"sqlite:///{tmp_path}/data/deep/bln.db"))
    with pytest.raises(BadUrl):
        Database.open(f"sqlite:///{tmp_path}/data/bln.db")
    assert (tmp_path / "data").read_text() == "not a folder"


def test_a_file_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "bln.db").mkdir()
    assert f"{tmp_path}/bln.db can't be opened" in line(lambda: migrate(f"sqlite:///{tmp_path}/bln.db"))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "bln.db").write_bytes(b"something else altogether" * 100)
    found = line(lambda: migrate(f"sqlite:///{tmp_path}/bln.db"))
    assert found.startswith(f"{tmp_path}/bln.db is no sound database (file is not a database). Put a backup")
    assert (tmp_path / "bln.db").read_bytes() == b"something else altogether" * 100


def test_another_program_s_file(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "places.sqlite")) as db:
        db.execute("CREATE TABLE bookmarks (url)")
    found = line(lambda: migrate(f"sqlite:///{tmp_path}/places.sqlite"))
    assert "another program's database: it has bookmarks" in found
    with closing(sqlite3.connect(tmp_path / "places.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


@contextmanager
def pages(most: int) -> Iterator[None]:
    """A disk with room for so many pages: SQLite answers what it would of a full one."""

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={most}").close()

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def test_a_full_disk_at_the_first_start(tmp_path: Path) -> None:
    with pages(20):
        found = line(lambda: migrate(f"sqlite:///{tmp_path}/bln.db"))
    assert found == f"The disk of {tmp_path}/bln.db is full. Make room, and start again."
    migrate(f"sqlite:///{tmp_path}/bln.db")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """For root too, no file grows beyond that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_room_for_the_copy_before_a_migration(tmp_path: Path) -> None:
    """The database stays as it was, and no piece of a copy takes what room there is."""
    url = f"sqlite:///{tmp_path}/bln.db"
    migrate(url, target="0001_first")
    before = (tmp_path / "bln.db").read_bytes()
    with files_of_at_most(50_000):
        found = line(lambda: migrate(url))
    assert found.startswith(
        f"{tmp_path}/bln.db can't be read or written (disk I/O error). See whether its disk"
    )
    assert (tmp_path / "bln.db").read_bytes() == before
    assert not list(tmp_path.glob("*.before-*"))
    migrate(url)


def test_a_command_tells_it_too(postgres: str) -> None:
    """`bln-bot retry` and the like speak with the database without migrating it."""

    def ask() -> None:
        with opened(postgres.replace("/postgres?", "/nosuch?")) as database:
            database.read_now(lambda db: db.exec_driver_sql("SELECT 1"))

    assert 'database "nosuch" does not exist' in line(ask)


def test_a_mistake_of_ours_is_not_hidden(database_url: str) -> None:
    with pytest.raises(DBAPIError), opened(database_url) as database:
        database.read_now(lambda db: db.exec_driver_sql("SELECT nothing FROM facts"))
