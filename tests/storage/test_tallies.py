"""Tallies: sums that begin anew when their span is over, and are forgotten then."""

from datetime import UTC, datetime, timedelta

from storage import tallies
from storage.db import Connection, Database

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _add(db: Connection, who: int, now: datetime, amount: int = 1) -> dict[str, tuple[int, datetime]]:
    return tallies.add(db, who, {"given": (amount, MINUTE), "day": (1, timedelta(days=1))}, now=now)


def test_sums_grow_within_their_span_and_begin_anew_after_it(database: Database) -> None:
    assert database.write_now(_add, 7, NOW)["given"] == (1, NOW + MINUTE)
    assert database.write_now(_add, 7, NOW + MINUTE / 2)["given"] == (2, NOW + MINUTE)
    assert database.write_now(_add, 8, NOW)["given"][0] == 1
    later = database.write_now(_add, 7, NOW + MINUTE)
    assert later["given"] == (1, NOW + 2 * MINUTE)
    assert later["day"] == (3, NOW + timedelta(days=1))


def test_a_clock_that_was_ahead_holds_nobody_up(database: Database) -> None:
    database.write_now(_add, 7, NOW + timedelta(days=30), 100)
    assert database.write_now(_add, 7, NOW)["given"] == (1, NOW + MINUTE)


def test_big_numbers_fit(database: Database) -> None:
    assert database.write_now(_add, 2**52, NOW, 5_000_000_000)["given"][0] == 5_000_000_000


def _both(db: Connection) -> tuple[int, int, int]:
    forgotten = tallies.forget_old(db, now=NOW + 2 * MINUTE)
    before = tallies.amount(db, 7, "day", now=NOW)
    tallies.forget(db, 7)
    return forgotten, before, tallies.amount(db, 7, "day", now=NOW)


def test_what_is_over_is_forgotten(database: Database) -> None:
    database.write_now(_add, 7, NOW)
    assert database.write_now(_both) == (1, 1, 0)
