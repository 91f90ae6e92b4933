"""The column types, and ids that are never given again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import StatementError

from storage.db import Connection, Database
from storage.tables import facts

NOON = datetime(2026, 5, 12, 12, 0, 0, 123456, tzinfo=UTC)


def add(db: Connection, name: str, at: datetime) -> int:
    key = db.execute(facts.insert().values(name=name, at=at)).inserted_primary_key
    assert key is not None
    return int(key[0])


def test_a_naive_moment_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="a moment needs a time zone"):
        database.write_now(add, "naive", NOON.replace(tzinfo=None))


@pytest.mark.parametrize("offset", [-11, 0, 5.75, 14])
def test_a_moment_comes_back_in_utc(database: Database, offset: float) -> None:
    database.write_now(add, "noon", NOON.astimezone(timezone(timedelta(hours=offset))))
    moment = database.read_now(lambda db: db.execute(select(facts.c.at)).scalar_one())
    assert moment == NOON
    assert moment.tzinfo is UTC


def test_moments_are_compared_as_moments(database: Database) -> None:
    database.write_now(add, "noon", NOON)
    later = (NOON + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-8)))
    found = database.read_now(
        lambda db: db.execute(select(facts.c.name).where(facts.c.at < later)).scalars().all()
    )
    assert found == ["noon"]


def test_an_erased_id_is_never_given_again(database: Database) -> None:
    first = database.write_now(add, "first", NOON)
    database.write_now(lambda db: db.execute(delete(facts)).rowcount)
    assert database.write_now(add, "second", NOON) > first


def test_nothing_is_sql_null_in_a_json_column(database: Database) -> None:
    database.write_now(add, "nothing", NOON)
    database.write_now(
        lambda db: db.execute(facts.insert().values(name="none", value=None, at=NOON)).rowcount
    )
    query = select(facts.c.id).where(facts.c.value.is_(None))
    assert len(database.read_now(lambda db: db.execute(query).all())) == 2
