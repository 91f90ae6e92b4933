"""From rows to records: the border at which nothing lazy travels further."""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, bindparam
from sqlalchemy.engine import Connection

Record = TypeVar("Record")


def fields(record: type[Any]) -> list[str]:
    """Return the column names a record wants: its own field names."""
    return [field.name for field in dataclasses.fields(record)]


def columns(table: Table, record: type[Any]) -> list[Any]:
    """Return the columns of `table` that `record` has fields for."""
    return [table.c[name] for name in fields(record)]


def by(
    db: Connection,
    query: "Callable[[], Select[Any]]",
    column: ColumnElement[Any],
    value: object,
    record: type[Record],
) -> Record | None:
    """Return the first row of a query in which a column has a value.

    The statement is put together once: for what every update asks, that took longer than asking.
    """
    row = db.execute(_by(query, column), {"value": value}).first()
    return None if row is None else record(**row._mapping)


@cache
def _by(query: "Callable[[], Select[Any]]", column: ColumnElement[Any]) -> "Select[Any]":
    return query().where(column == bindparam("value"))


def one(db: Connection, query: "Select[Any]", record: type[Record]) -> Record | None:
    """Return the first row as a record."""
    row = db.execute(query.limit(1)).first()
    return None if row is None else record(**row._mapping)


def many(db: Connection, query: "Select[Any]", record: type[Record]) -> list[Record]:
    """Return all rows as records."""
    found = db.execute(query)
    names = tuple(found.keys())
    return [record(**dict(zip(names, row, strict=True))) for row in found]
