"""Units of work: kept or undone whole, one writer, readers that cannot write, one process."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.db import (
    BadUrl,
    Connection,
    Database,
    Locked,
    ProcessLock,
    insert_once,
    normal,
    opened,
    trouble,
    upsert,
)
from storage.tables import facts, pauses

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def add(db: Connection, name: str) -> None:
    db.execute(facts.insert().values(name=name, at=NOON))


def names(db: Connection) -> list[str]:
    return list(db.execute(select(facts.c.name).order_by(facts.c.id)).scalars())


def add_then_fail(db: Connection, name: str) -> None:
    add(db, name)
    raise KeyError(name)


def cut(url: str) -> None:
    """End every PostgreSQL session of a database, as a restart does."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_write_is_kept_when_it_returns(database: Database) -> None:
    await database.write(add, "kept")
    assert await database.read(names) == ["kept"]


async def test_a_write_is_undone_when_it_raises(database: Database) -> None:
    with pytest.raises(KeyError):
        await database.write(add_then_fail, "undone")
    assert await database.read(names) == []


async def test_a_savepoint_is_undone_alone(database: Database) -> None:
    def both(db: Connection) -> None:
        add(db, "first")
        savepoint = db.begin_nested()
        add(db, "second")
        savepoint.rollback()

    await database.write(both)
    assert await database.read(names) == ["first"]


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        await database.read(add, "sneaked")
    assert await database.read(names) == []


async def test_a_read_sees_one_state(database: Database) -> None:
    began, written = threading.Event(), threading.Event()

    def twice(db: Connection) -> tuple[list[str], list[str]]:
        before = names(db)
        began.set()
        assert written.wait(10)
        return before, names(db)

    reading = asyncio.create_task(database.read(twice))
    await asyncio.to_thread(began.wait, 10)
    await database.write(add, "meanwhile")
    written.set()
    assert await reading == ([], [])


async def test_writers_and_readers_do_not_refuse_each_other(database: Database) -> None:
    def one_more(db: Connection, number: int) -> None:
        add(db, f"{len(names(db))}-{number}")

    await asyncio.gather(*(database.write(one_more, number) for number in range(40)))
    assert len(await database.read(names)) == 40


async def test_writes_on_sqlite_happen_in_the_order_asked(sqlite_url: str) -> None:
    with opened(sqlite_url) as database:
        await asyncio.gather(*(database.write(add, str(number)) for number in range(30)))
        assert await database.read(names) == [str(number) for number in range(30)]


async def test_a_coroutine_can_be_run_in_a_write(database: Database) -> None:
    def run(db: Connection) -> str:
        async def handler() -> str:
            add(db, "handled")
            return "done"

        with asyncio.Runner() as runner:
            return runner.run(handler())

    assert await database.write(run) == "done"
    assert await database.read(names) == ["handled"]


async def test_a_cancelled_caller_does_not_tear_a_write(database: Database) -> None:
    began, go_on = threading.Event(), threading.Event()

    def slow(db: Connection) -> None:
        add(db, "first")
        began.set()
        assert go_on.wait(10)
        add(db, "second")

    task = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(began.wait, 10)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    while not (found := await database.read(names)):  # PostgreSQL has several writers
        pass
    assert found == ["first", "second"]


def test_the_command_line_writes_and_reads_without_a_loop(database_url: str) -> None:
    with opened(database_url) as database:
        database.write_now(add, "now")
        assert database.read_now(names) == ["now"]


def test_sqlite_is_set_to_lose_nothing(sqlite_url: str) -> None:
    def pragma(db: Connection, name: str) -> object:
        return db.execute(text(f"PRAGMA {name}")).scalar_one()

    with opened(sqlite_url) as database:
        found = {
            name: database.write_now(pragma, name)
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 10000,
    }


def test_what_was_erased_is_not_in_the_file(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as database:
        database.write_now(add, "a word nobody else says")
        database.write_now(lambda db: db.execute(facts.delete()).rowcount)
    assert b"a word nobody else says" not in (tmp_path / "bln.db").read_bytes()


def test_an_error_does_not_repeat_what_people_wrote(database: Database) -> None:
    database.write_now(add, "a secret")
    with pytest.raises(IntegrityError) as caught:
        database.write_now(lambda db: db.execute(facts.insert().values(name="x", at=None)).rowcount)
    assert "hide_parameters" in str(caught.value)


# Trouble ----------------------------------------------------------------------------------------------------


def failure(database: Database, statement: str) -> BaseException:
    with pytest.raises(DBAPIError) as caught:
        database.write_now(lambda db: db.execute(text(statement)))
    return caught.value


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT nothing FROM facts",
        "SELEKT 1",
        "INSERT INTO facts (name) VALUES ('a')",
        "INSERT INTO rsvps (meeting_id, member_id, answer, at) VALUES (1, 1, 'yes', '2026-05-12')",
    ],
)
def test_a_mistake_of_ours_is_not_trouble(database: Database, statement: str) -> None:
    assert not trouble(failure(database, statement))


def test_other_errors_are_not_trouble() -> None:
    assert not trouble(None)
    assert not trouble(ValueError("x"))


def test_a_file_that_somebody_else_writes_is_trouble(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bln.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        database = Database.open(sqlite_url, patience=0.01)
        error = failure(database, "SELECT 1")
        other.execute("ROLLBACK")
    assert trouble(error)
    database.write_now(add, "after")
    assert database.read_now(names) == ["after"]
    database.close_now()


def test_a_file_that_is_no_database_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "bln.db").write_bytes(b"no database at all" * 100)
    with opened(f"sqlite:///{tmp_path}/bln.db") as database:
        assert trouble(failure(database, "SELECT 1"))


def test_trouble_is_recognised_behind_another_error(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "bln.db").write_bytes(b"no database at all" * 100)
    with opened(sqlite_url) as database:
        error = RuntimeError("the handler failed")
        error.__cause__ = failure(database, "SELECT 1")
    assert trouble(error)


def test_who_goes_on_after_the_connection_was_lost_is_tried_again(postgresql_url: str) -> None:
    tries: list[int] = []

    def work(db: Connection) -> int:
        tries.append(len(tries))
        if len(tries) == 1:
            with contextlib.suppress(DBAPIError):  # as an inspection that can do without its answer
                db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return int(db.execute(text("SELECT 1")).scalar_one())

    with opened(postgresql_url) as database:
        assert database.write_now(work) == 1
    assert tries == [0, 1]


def test_a_server_that_is_not_there_is_trouble(tmp_path: Path) -> None:
    with opened(f"postgres://nobody@/bln?host={tmp_path}") as database:
        assert trouble(failure(database, "SELECT 1"))


def test_a_write_is_repeated_whole_after_a_cut_connection(postgresql_url: str) -> None:
    calls: list[int] = []

    def cut_once(db: Connection) -> None:
        add(db, f"call {len(calls)}")
        calls.append(1)
        if len(calls) == 1:
            cut(postgresql_url)
        add(db, "after the cut")

    with opened(postgresql_url) as database:
        database.write_now(cut_once)
        assert database.read_now(names) == ["call 1", "after the cut"]


def test_two_that_wait_for_each_other_both_end_well(postgresql_url: str) -> None:
    meet = threading.Barrier(2, timeout=10)
    met: list[str] = []

    def crosswise(db: Connection, first: str, second: str) -> None:
        change = facts.update().values(at=NOON)
        db.execute(change.where(facts.c.name == first))
        if len(met) < 2:
            met.append(first)
            meet.wait()
        db.execute(change.where(facts.c.name == second))

    async def both() -> None:
        await asyncio.gather(database.write(crosswise, "a", "b"), database.write(crosswise, "b", "a"))

    with opened(postgresql_url) as database:
        database.write_now(add, "a")
        database.write_now(add, "b")
        asyncio.run(both())


# The lock ---------------------------------------------------------------------------------------------------


def test_a_second_bot_is_refused(database_url: str) -> None:
    with (
        Database.lock(database_url),
        pytest.raises(Locked, match="Another bln-bot is running on this database"),
        ProcessLock(database_url),
    ):
        pass
    with Database.lock(database_url) as lock:
        assert lock.held()


def test_another_process_is_refused(database_url: str) -> None:
    code = "import sys; from storage.db import Database\nwith Database.lock(sys.argv[1]): print('in')"
    order = [sys.executable, "-c", code, database_url]
    with Database.lock(database_url):
        refused = subprocess.run(order, capture_output=True, text=True, check=False)
    assert (refused.stdout, "storage.db.Locked" in refused.stderr) == ("", True)
    assert subprocess.run(order, capture_output=True, text=True, check=True).stdout == "in\n"


def test_a_lost_lock_is_taken_again_if_nobody_else_has_it(postgresql_url: str) -> None:
    with Database.lock(postgresql_url) as lock:
        cut(postgresql_url)
        assert lock.held()
        cut(postgresql_url)
        with ProcessLock(postgresql_url):
            assert not lock.held()
        assert lock.held()


def test_a_lock_whose_session_has_ended_can_be_cut_and_given_back(postgresql_url: str) -> None:
    with Database.lock(postgresql_url) as lock:
        cut(postgresql_url)
        with pytest.raises(DBAPIError):
            lock.beat()
        lock.cut()
    with Database.lock(postgresql_url):
        pass


def test_a_process_knows_its_own_lock(database_url: str) -> None:
    assert not ProcessLock.ours(database_url)
    with Database.lock(database_url):
        assert ProcessLock.ours(database_url)
    assert not ProcessLock.ours(database_url)


def test_the_lock_s_line_is_watched_from_both_ends(postgresql_url: str) -> None:
    """The server lets the lock go when it notices that the line is cut: within 10 s."""
    lock = ProcessLock(f"{postgresql_url}&options=-c%20work_mem%3D5MB&keepalives_idle=600&connect_timeout=99")
    with lock:
        session = lock._session
        assert session is not None
        driver: Any = session.connection.driver_connection
        ours = driver.info.get_parameters()
        theirs = {
            row.name: row.setting for row in session.execute(text("SELECT name, setting FROM pg_settings"))
        }
        idle, interval, count = (int(ours[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
        assert idle + interval * count < 10
        assert (int(ours["tcp_user_timeout"]), ours["connect_timeout"]) == (8000, "5")
    assert theirs["statement_timeout"] == "5000"
    # On a socket of the same machine the server shows 0 for these, as there is no line to be cut.
    for name in ("tcp_keepalives_idle=3", "tcp_keepalives_interval=2", "tcp_keepalives_count=2"):
        assert f"-c {name}" in ours["options"]
    assert "-c tcp_user_timeout=8000" in ours["options"]
    assert theirs["work_mem"] == "5120"  # what the operator wrote stays


def test_a_postgresql_session_gives_up_in_time_and_keeps_what_the_address_says(postgresql_url: str) -> None:
    def shown(db: Connection) -> dict[str, str]:
        names = "statement_timeout", "idle_in_transaction_session_timeout", "application_name", "search_path"
        return {name: db.execute(text(f"SHOW {name}")).scalar_one() for name in names}

    address = f"{postgresql_url}&sslmode=prefer&application_name=mine&options=-c%20search_path%3Dpg_catalog"
    with opened(address) as database:
        for found in (database.write_now(shown), database.read_now(shown)):
            assert found == {
                "statement_timeout": "15s",
                "idle_in_transaction_session_timeout": "1min",
                "application_name": "mine",
                "search_path": "pg_catalog",
            }
        assert database.url.query["sslmode"] == "prefer"


# Writing once -----------------------------------------------------------------------------------------------


def test_a_row_is_inserted_once(database: Database) -> None:
    values = {"name": "once", "at": NOON}
    first = database.write_now(insert_once, facts, values, conflict=["name"])
    assert first is not None
    assert database.write_now(insert_once, facts, values, conflict=["name"]) is None
    assert database.write_now(insert_once, facts, values) is None


def test_an_upsert_changes_the_row_that_is_there(database: Database) -> None:
    later = NOON.replace(hour=13)
    first = database.write_now(upsert, pauses, {"target": "7", "until": NOON}, conflict=["target"])
    assert database.write_now(upsert, pauses, {"target": "7", "until": later}, conflict=["target"]) == first
    assert database.read_now(lambda db: db.execute(select(pauses.c.until)).scalar_one()) == later


def test_an_upsert_leaves_what_it_is_not_to_change(database: Database) -> None:
    values = {"name": "seen", "value": 1, "at": NOON}
    database.write_now(upsert, facts, values, conflict=["name"])
    again = {**values, "value": 2, "at": NOON.replace(hour=13)}
    database.write_now(upsert, facts, again, conflict=["name"], update=["value"])
    assert database.read_now(lambda db: db.execute(select(facts.c.value, facts.c.at)).one()) == (2, NOON)


# URLs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///data/bln.db", "sqlite:///data/bln.db"),
        ("postgres://u:p@host/bln", "postgresql+psycopg://u:p@host/bln"),
        ("postgresql://u:p@host/bln?sslmode=require", "postgresql+psycopg://u:p@host/bln?sslmode=require"),
    ],
)
def test_the_driver_is_ours(url: str, expected: str) -> None:
    assert normal(url).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize(
    "url", ["data/bln.db", "mysql://u:geheim@host/bln", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_that_cannot_be_used_is_explained_without_its_password(url: str) -> None:
    with pytest.raises(BadUrl, match=r"database\.url") as caught:
        Database.open(url)
    assert "geheim" not in str(caught.value)


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/data/deep/bln.db") as database:
        database.write_now(lambda db: db.execute(text("SELECT 1")).scalar_one())
    assert (tmp_path / "data/deep/bln.db").exists()
