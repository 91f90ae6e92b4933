"""Who leads on PostgreSQL: a number in `facts` that rises with each new leader.

Whoever led before may still have writes under way. `begin` ends them, and each later one meets `check`, which
locks the number for as long as the write lasts: nothing that a former leader writes comes after its successor
has begun. On SQLite there is one process, and nothing to check.
"""

from datetime import datetime

from sqlalchemy import Executable, select, text

from storage import facts, rows
from storage.db import Connection
from storage.tables import facts as table

NAME = "leader"
CHANNEL = "bln_inbox"  # told when another process has put something into the inbox

# Whoever is in the middle of a write that `check` began holds this lock on the table, and nobody else does.
END_THEIR_WRITES = text(
    "SELECT pg_terminate_backend(pid, 3000) FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE relation = CAST(:table AS regclass) AND mode = 'RowShareLock' AND usename = current_user "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)


class Deposed(Exception):
    """Another process leads now; what this one wanted to write was undone."""


def begin(db: Connection, *, now: datetime) -> int:
    """Return the number of a new leader, who has the lock; 0 where none is needed."""
    if db.dialect.name != "postgresql":
        return 0
    db.execute(END_THEIR_WRITES, {"table": table.name})
    last = facts.get(db, NAME)
    number = (last.value["number"] if last else 0) + 1
    facts.put(db, NAME, {"number": number}, now=now)
    return number


def check(db: Connection, number: int) -> None:
    """Make sure, until this transaction ends, that the leader with this number is the latest."""
    if db.execute(*_number()).scalar_one()["number"] != number:
        raise Deposed


@rows.prepared
def _number() -> Executable:
    return select(table.c.value).where(table.c.name == NAME).with_for_update(read=True)


def tell(db: Connection) -> None:
    """Let the leader know, with the commit, that the inbox has something new."""
    if db.dialect.name == "postgresql":
        db.execute(text(f"NOTIFY {CHANNEL}"))
