"""`bln-bot move-database`: everything from SQLite to PostgreSQL in one transaction, compared before it is kept.

It works on `storage/tables.py` alone: a new table or column needs nothing here, a new column type a line in `_mark`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Insert,
    LargeBinary,
    NullPool,
    RowMapping,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from storage.db import ProcessLock, normal, postgres_engine, sqlite_engine, sqlite_file
from storage.migrate import check, known, require_current, upgrade
from storage.mistakes import SETTING, Unusable, some, telling
from storage.tables import metadata

TO = "--to"  # where the target's address is written
ROWS = 500  # in hand at a time; of files, which may have 20 MB each, one

Say = Callable[[str], object]


class CannotMove(Unusable):
    """The database stays where it is; the text says why."""


@dataclass(frozen=True)
class Sum:
    """What is in a table, whichever database it is in."""

    rows: int
    digest: str


def move(source_url: str, target_url: str, say: Say) -> str:
    """Copy everything from the one database to the other, or nothing; return what is to be done next."""
    source, target = normal(source_url), normal(target_url, TO)
    file = sqlite_file(source)
    if file is None:
        raise CannotMove(f"{SETTING} is not a SQLite file: there is nothing to move.")
    if sqlite_file(target) is not None:
        raise CannotMove(f"{TO} has to be a PostgreSQL database, as in postgresql://user:password@host/name.")
    if not file.is_file():  # a lock would make its folder
        raise CannotMove(f"{file} is not there: see whether {SETTING} is right.")
    with _locked(source, SETTING), _locked(target, TO), _reading(source) as origin, _writing(target) as copy:
        total = _move(origin, copy, say)
    return (
        f"Moved {total} rows; both databases hold the same. Now write the new address into {SETTING} and start the "
        f"bot. {file} was left as it is: once all is well, erase it and the files beside it whose names begin with "
        "its own, for people's words are in them."
    )


def _move(source: Connection, target: Connection, say: Say) -> int:
    require_current(source)
    _prepare(target)
    total = 0
    for table in metadata.sorted_tables:  # who is referred to comes first
        with _blaming(table):
            read = _copy(source, target, table)
        if read != sum_of(target, table):
            raise CannotMove(
                f"The table {table.name} came out differently. Nothing was moved; please report this."
            )
        if read.rows:
            say(f"{table.name}: {read.rows}, checked")
        total += read.rows
    for table in metadata.sorted_tables:
        _set_sequence(source, target, table)
    return total


# Both ends --------------------------------------------------------------------------------------------------


@contextmanager
def _locked(url: URL, name: str) -> Iterator[None]:
    lock = ProcessLock(url)
    with telling(url, name):
        lock.__enter__()
    try:
        yield
    finally:
        lock.__exit__()


@contextmanager
def _reading(url: URL) -> Iterator[Connection]:
    engine = sqlite_engine(url, begin="BEGIN", patience=10, pragmas=["query_only=ON"], poolclass=NullPool)
    with _begun(engine, url, SETTING) as connection:
        yield connection


@contextmanager
def _writing(url: URL) -> Iterator[Connection]:
    # No time-out for statements: a table is as long as it is. The pool's do not hold here.
    engine = postgres_engine(
        url,
        settings={"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"},
        poolclass=NullPool,
    )
    with _begun(engine, url, TO) as connection:
        yield connection


@contextmanager
def _begun(engine: Engine, url: URL, name: str) -> Iterator[Connection]:
    try:
        with telling(url, name), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _prepare(target: Connection) -> None:
    """Make the tables in the target, which must be empty."""
    check(target)
    there = set(inspect(target).get_table_names())
    full = {
        table.name
        for table in metadata.sorted_tables
        if table.name in there and target.execute(text(f'SELECT 1 FROM "{table.name}" LIMIT 1')).first()  # noqa: S608 - our tables
    }
    if full:
        raise CannotMove(
            f"The database of {TO} is not empty: it has rows in {some(full)}. Nothing was changed; "
            "make a new one (createdb), and name that."
        )
    upgrade(target, known()[-1])


@contextmanager
def _blaming(table: Table) -> Iterator[None]:
    """Say which table has what PostgreSQL refuses; not its whole answer, which holds what people said."""
    try:
        yield
    except DBAPIError as error:
        refusal = _refusal(error.orig)
        if refusal is None:
            raise
        diag = getattr(refusal, "diag", None)
        driver = "a NUL in a text" if "NUL" in str(refusal) else type(refusal).__name__
        reason = getattr(diag, "message_primary", None) or driver
        raise CannotMove(
            f"PostgreSQL does not take a row of the table {table.name}: {reason}. Nothing was moved; "
            "please report this."
        ) from None


def _refusal(error: BaseException | None) -> BaseException | None:
    """Return what PostgreSQL refused; of many rows at once, psycopg sometimes says only that it gave up the others."""
    from psycopg import DataError, IntegrityError

    while error is not None and not isinstance(error, (IntegrityError, DataError)):
        error = error.__context__
    return error


# Rows -------------------------------------------------------------------------------------------------------


def _copy(source: Connection, target: Connection, table: Table) -> Sum:
    """Copy a table in the order of its ids; return what was read."""
    statement = _insertion(table)

    def put(rows: Sequence[RowMapping]) -> None:
        target.execute(statement, [{f"new_{name}": value for name, value in row.items()} for row in rows])

    return sum_of(source, table, put)


def sum_of(db: Connection, table: Table, seen: Callable[[Sequence[RowMapping]], None] | None = None) -> Sum:
    """Return how many rows a table has, and a digest of them that is the same in every kind of database."""
    digest, count = hashlib.sha256(), 0
    for rows in _rows(db, table):
        for row in rows:
            _mark(digest, table, row)
        count += len(rows)
        if seen is not None:
            seen(rows)
    return Sum(count, digest.hexdigest())


def _rows(db: Connection, table: Table) -> Iterator[Sequence[RowMapping]]:
    """Yield all rows, some at a time: not everything fits into memory."""
    files = any(isinstance(column.type, LargeBinary) for column in table.columns)
    query: Select[Any] = select(*(_readable(column) for column in table.columns)).order_by(*table.primary_key)
    with db.execute(query, execution_options={"yield_per": 1 if files else ROWS}) as result:
        for rows in result.partitions():
            yield [row._mapping for row in rows]


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _readable(column: Column[Any]) -> Any:
    """Take JSON as it is written: read as a value, JSON's null and no value at all would be the same."""
    return cast(column, Text).label(column.name) if _is_json(column) else column


def _insertion(table: Table) -> Insert:
    return insert(table).values(
        {
            column.name: cast(bindparam(f"new_{column.name}", type_=Text()), JSONB)
            if _is_json(column)
            else bindparam(f"new_{column.name}", type_=column.type)
            for column in table.columns
        }
    )


def _mark(digest: Any, table: Table, row: RowMapping) -> None:
    """Add a row to a digest: a letter for the kind of each value, its length, and itself."""
    for column in table.columns:
        kind, value = _written(row[column.name], is_json=_is_json(column))
        digest.update(b"%s%d:" % (kind, len(value)))
        digest.update(value)


def _written(value: Any, *, is_json: bool) -> tuple[bytes, bytes]:
    match value:
        case None:
            return b"-", b""
        case bool():
            return b"b", b"%d" % value
        case int():
            return b"i", b"%d" % value
        case bytes() | memoryview():
            return b"x", bytes(value)
        case datetime():
            return b"t", value.astimezone(UTC).isoformat().encode()
        case str() if is_json:
            return b"j", _canonical(value).encode()
        case str():
            return b"s", value.encode()
    raise TypeError(f"storage/moving.py does not know how to compare {type(value).__name__}")


def _canonical(document: str) -> str:
    """JSON in one spelling: PostgreSQL sorts its keys, and writes 1e2 as 100."""
    return json.dumps(_DECODER.decode(document), sort_keys=True)


def _number(digits: str) -> str:
    whole, _, fraction = format(Decimal(digits), "f").partition(".")
    value = f"{whole}.{fraction.rstrip('0')}".rstrip(".")
    # NUL, which no text in PostgreSQL has, keeps the number apart from a text that looks like it.
    return "\0" + ("0" if value == "-0" else value)


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_number)


# Ids --------------------------------------------------------------------------------------------------------


def _set_sequence(source: Connection, target: Connection, table: Table) -> None:
    """Go on behind the last id that was ever given: old buttons carry those of rows that were erased."""
    key = table.autoincrement_column
    if key is None:
        return
    given = _last_given(source, table, key)
    if not given:
        return
    target.execute(
        text(
            "SELECT setval(s, GREATEST(:given, COALESCE(pg_sequence_last_value(s), 0)))"
            " FROM (SELECT pg_get_serial_sequence(:table, :key)::regclass AS s) AS found"
        ),
        {"given": given, "table": f'"{table.name}"', "key": key.name},
    )


def _last_given(source: Connection, table: Table, key: Column[Any]) -> int:
    query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    remembered = source.execute(query, {"name": table.name}).scalar_one_or_none() or 0
    return max(remembered, source.execute(select(func.max(key))).scalar_one() or 0)
