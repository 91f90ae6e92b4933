"""Searching everything for what must not be there: every table of a database, and every file beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from storage.db import Connection
from storage.tables import metadata


def everywhere(db: Connection, needles: Sequence[str]) -> list[str]:
    """Return "needle in table" for all that stands in any column of any row, in JSON and bytes too."""
    return [
        f"{needle} in {table.name}: {row._mapping}"
        for table in metadata.sorted_tables
        for row in db.execute(select(table))
        for needle in needles
        if any(_holds(value, needle) for value in row)
    ]


def _holds(value: Any, needle: str) -> bool:
    if isinstance(value, bytes):
        return needle.encode() in value
    if isinstance(value, dict):
        return any(_holds(inner, needle) for pair in value.items() for inner in pair)
    if isinstance(value, list):
        return any(_holds(inner, needle) for inner in value)
    return needle in str(value)


def on_disk(folder: Path, needles: Sequence[str], *, there: bool = True) -> list[str]:
    """Return "needle in file" for every file of a folder: the database, its log, and whatever lies beside it."""
    files = [file for file in folder.rglob("*") if file.is_file()] if there else []
    found = [(file, file.read_bytes()) for file in files]
    return [
        f"{needle} in {file.name}" for file, data in found for needle in needles if needle.encode() in data
    ]
