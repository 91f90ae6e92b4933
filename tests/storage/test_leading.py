"""Leading on PostgreSQL: what a former leader still wants to write is refused, and what it has begun is ended."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from storage import facts, leading
from storage.db import Connection, Database, opened, trouble

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def led(database: Database, number: int) -> Database:
    return database.led(lambda db: leading.check(db, number))


def test_each_leader_has_a_higher_number(postgresql_url: str) -> None:
    with opened(postgresql_url) as database:
        numbers = [database.write_now(leading.begin, now=NOON) for _ in range(3)]
    assert numbers == [1, 2, 3]


def test_on_sqlite_nothing_is_counted(sqlite_url: str) -> None:
    with opened(sqlite_url) as database:
        assert database.write_now(leading.begin, now=NOON) == 0
        assert database.read_now(facts.get, leading.NAME) is None


def test_who_was_followed_by_another_writes_no_more(postgresql_url: str) -> None:
    with opened(postgresql_url) as database:
        first = led(database, database.write_now(leading.begin, now=NOON))
        first.write_now(facts.put, "mine", 1, now=NOON)
        second = led(database, database.write_now(leading.begin, now=NOON))
        with pytest.raises(leading.Deposed):
            first.write_now(facts.put, "mine", 2, now=NOON)
        second.write_now(facts.put, "theirs", 3, now=NOON)
        database.write_now(facts.put, "received", 4, now=NOON)  # whoever receives does not lead
        kept = [database.read_now(facts.get, name) for name in ("mine", "theirs", "received")]
    assert [fact and fact.value for fact in kept] == [1, 3, 4]


def test_a_write_under_way_is_ended_by_the_next_leader(postgresql_url: str) -> None:
    """It may hang in a cut line, with rows locked that the next leader needs."""
    begun, end = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def hanging(db: Connection) -> None:
        facts.put(db, "half", 1, now=NOON)
        begun.set()
        assert end.wait(20)
        facts.put(db, "whole", 1, now=NOON)

    def work() -> None:
        try:
            old._write_once(hanging)
        except DBAPIError as error:
            failures.append(error)

    with opened(postgresql_url) as theirs, opened(postgresql_url) as ours:
        old = led(theirs, theirs.write_now(leading.begin, now=NOON))
        writing = threading.Thread(target=work)
        writing.start()
        assert begun.wait(20)
        assert ours.write_now(leading.begin, now=NOON) == 2  # does not wait for it
        end.set()
        writing.join()
        assert [trouble(failure) for failure in failures] == [True]
        with pytest.raises(leading.Deposed):  # as it is told when it tries once more
            old.write_now(hanging)
        assert ours.read_now(facts.get, "half") is None
