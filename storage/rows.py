"""From rows to records: the border at which nothing lazy travels further."""

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, Result, Select, Table, bindparam
from sqlalchemy.engine import Connection

Record = TypeVar("Record")
Where = tuple[ColumnElement[Any], object]  # a column, and the value it has


def fields(record: type[Any]) -> list[str]:
    """Return the column names a record wants: its own field names."""
    return [field.name for field in dataclasses.fields(record)]


def columns(table: Table, record: type[Any]) -> list[Any]:
    """Return the columns of `table` that `record` has fields for."""
    return [table.c[name] for name in fields(record)]


def by(
    db: Connection, query: "Callable[[], Select[Any]]", record: type[Record], *where: Where
) -> Record | None:
    """Return the first row of a query in which columns have these values.

    The statement is put together once: for what every update asks, that took longer than asking.
    """
    row = db.execute(*_asking(query, where)).first()
    return None if row is None else record(**row._mapping)


def all_by(
    db: Connection,
    query: "Callable[[], Select[Any]]",
    record: type[Record],
    *where: Where,
    order: ColumnElement[Any],
) -> list[Record]:
    """Return all rows of a query in which columns have these values; the statement is put together once."""
    return records(db.execute(*_asking(query, where, order)), record)


def _asking(
    query: "Callable[[], Select[Any]]", where: Sequence[Where], order: ColumnElement[Any] | None = None
) -> "tuple[Select[Any], dict[str, object]]":
    statement = _by(query, tuple(column for column, _ in where), order)
    return statement, {f"value_{place}": value for place, (_, value) in enumerate(where)}


@cache
def _by(
    query: "Callable[[], Select[Any]]",
    columns: tuple[ColumnElement[Any], ...],
    order: ColumnElement[Any] | None,
) -> "Select[Any]":
    wanted = query().where(*(column == bindparam(f"value_{place}") for place, column in enumerate(columns)))
    return wanted if order is None else wanted.order_by(order)


Prepared = Callable[..., tuple[Executable, dict[str, object]]]


def prepared(build: Callable[..., Executable]) -> Prepared:
    """Put a statement together once, with a place for each argument: `db.execute(*due(now=now))`.

    For what every tick and every update asks. `build` names its arguments, and gets placeholders.
    """
    places = tuple(inspect.signature(build).parameters)

    @cache
    def statement() -> Executable:
        return build(*(bindparam(place) for place in places))

    def asking(**values: object) -> tuple[Executable, dict[str, object]]:
        return statement(), values

    return asking


def one(db: Connection, query: "Select[Any]", record: type[Record]) -> Record | None:
    """Return the first row as a record."""
    row = db.execute(query.limit(1)).first()
    return None if row is None else record(**row._mapping)


def many(db: Connection, query: "Select[Any]", record: type[Record]) -> list[Record]:
    """Return all rows as records."""
    return records(db.execute(query), record)


def records(found: "Result[Any]", record: type[Record]) -> list[Record]:
    """Return all rows of a result as records."""
    names = tuple(found.keys())
    return [record(**dict(zip(names, row, strict=True))) for row in found]
