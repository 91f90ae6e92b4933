"""What somebody must mend before the database can be used, told in a line. One more: a line in a table here."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

SETTING = "database.url"  # where the address stands, unless told otherwise


class Unusable(Exception):
    """The database can't be used before somebody mends something; the text says what, without a password."""


# By SQLite's primary result codes. BUSY, LOCKED and the like pass by themselves, and are not here.
DAMAGED = "{file} is no sound database ({reason}). Put a backup in its place: bln-bot restore."
UNREADABLE = (
    "{file} can't be opened or written ({reason}). Give it and its folder to the user who runs bln-bot."
)
SQLITE = {
    3: UNREADABLE,
    8: UNREADABLE,
    10: "{file} can't be read or written ({reason}). See whether its disk is full or failing, and start again.",
    11: DAMAGED,
    13: "The disk of {file} is full. Make room, and start again.",
    14: UNREADABLE,
    26: DAMAGED,
}

# PostgreSQL gives no code when it refuses a connection: its words must do, and where they are not English the
# bot waits as it does for a server that is down.
POSTGRES = (
    (
        r"password authentication failed|no password supplied",
        "See whether user and password in {name} are right.",
    ),
    (r"database .* does not exist", "Make it on the server (createdb), or correct {name}."),
    (r"role .* does not exist|not permitted to log in", "Make that user on the server, or correct {name}."),
    (r"no pg_hba\.conf entry", "Let this user in from here in the server's pg_hba.conf, or correct {name}."),
    (r"failed to resolve host(?!.*Temporary failure)", "See whether the server's name in {name} is right."),
    (
        r"does not support SSL|SSL connection is required|certificate",
        "See whether sslmode and the certificates in {name} fit the server.",
    ),
    (
        r"invalid \w+ value|unrecognized configuration parameter",
        "Correct what stands behind the question mark in {name}.",
    ),
    (
        r"permission denied for (schema|database)",
        "Make the user in {name} the owner of that database: ALTER DATABASE … OWNER TO …",
    ),
    (
        r"in a read-only transaction",
        "{name} names a server that only reads, a standby perhaps: name the main one.",
    ),
    (
        r"No space left on device|could not extend file",
        "The server's disk is full: make room there, and start again.",
    ),
)


@contextmanager
def telling(url: URL, name: str = SETTING) -> Iterator[None]:
    """Around the first contact with a database: what won't pass by waiting is raised as `Unusable`."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        words = advice(error, url, name)
        if words is None:
            raise
        raise Unusable(words) from None  # not from `error`: it would count as trouble, and be waited for


def advice(error: BaseException, url: URL, name: str = SETTING) -> str | None:
    """Return what is wrong and what to do about it; None if time may mend it, or if the mistake is ours."""
    original = getattr(error, "orig", None) or error
    lines = str(original).strip().splitlines()
    if (url.get_backend_name() == "sqlite") != isinstance(original, sqlite3.Error):
        return None  # of the other database: two are open where one is moved
    if isinstance(original, sqlite3.Error):
        words = SQLITE.get(getattr(original, "sqlite_errorcode", 0) & 0xFF)
        return words and words.format(file=Path(url.database or ""), reason=lines[0] if lines else "")
    for pattern, words in POSTGRES:
        found = next((line for line in lines if re.search(pattern, line)), None)
        if found:
            reason = re.split(r"failed: |FATAL:  |ERROR:  ", found)[-1].strip().rstrip(".")
            return f"The database can't be used: {reason}. {words.format(name=name)}"
    return None


def some(names: set[str]) -> str:
    """Return the first of the names, as a list to be read."""
    first = sorted(names)[:3]
    return ", ".join(first) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
