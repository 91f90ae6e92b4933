"""That somebody's words were erased: a keyed hash and a receipt, no person.

They stand in a table and in a file beside the backups. The file outlives a database that is lost: when a backup is
put back, what was erased since is erased once more.
"""

import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.engine import URL

from bot.config import Mistake
from bot.core.erasing import key_name
from storage import rows
from storage.db import Connection, insert_once, normal, sqlite_file
from storage.tables import erasures

FILE = "erased.jsonl"
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
REMEMBERED = timedelta(days=400)  # longer than any safety copy should live


@dataclass(frozen=True)
class Erasure:
    """One erasure. `mark` is `bot.core.erasing.mark`; `how`: erase, or unnamed (only the link was cut)."""

    mark: str
    how: str
    receipt: str
    at: datetime


@dataclass(frozen=True)
class Again:
    """What is to be erased once more when a backup is put back: all that is known, and the key of its marks."""

    key: bytes = field(repr=False)
    known: Sequence[Erasure] = ()

    def since(self, moment: datetime) -> list[Erasure]:
        """Return what was erased after a backup was made; refuse marks that were made with another key."""
        found = [one for one in self.known if one.at > moment]
        strange = [one for one in found if not one.mark.startswith(f"{key_name(self.key)}:")]
        if strange:
            raise OtherKey(
                f"Since the backup was made {len(strange)} people had their words erased while the bot had another "
                "token, and only that token tells who they were. Restore with the old one in telegram.token, then "
                f"write the new one there. If it is lost: docs/backups.md, under {FILE}."
            )
        return found


class OtherKey(Mistake):
    """The bot's token was changed, and with it the key of the marks."""


class Unreadable(Mistake):
    """The file of erasures is damaged: without it, erased words would come back."""


def keep(db: Connection, made: Erasure) -> bool:
    """Write an erasure down; False if its receipt is known."""
    return insert_once(db, erasures, asdict(made), conflict=["receipt"]) is not None


def every(db: Connection) -> list[Erasure]:
    """Return what was erased, the oldest first."""
    query = select(*rows.columns(erasures, Erasure))
    return rows.many(db, query.order_by(erasures.c.at, erasures.c.id), Erasure)


def new_receipt(db: Connection) -> str:
    """Return a receipt that nobody has: short enough to be read out."""
    while True:
        receipt = "".join(secrets.choice(SIGNS) for _ in range(4))
        if db.execute(select(erasures.c.id).where(erasures.c.receipt == receipt)).first() is None:
            return receipt


def forget_old(db: Connection, *, before: datetime) -> int:
    """Forget erasures that no copy can still hold; return how many."""
    return db.execute(delete(erasures).where(erasures.c.at < before)).rowcount


# The file -------------------------------------------------------------------------------------------------------


def place(url: str | URL, folder: Path | None) -> Path | None:
    """Return where the file is: in the folder of the backups, or else beside a SQLite database."""
    database = sqlite_file(normal(url))
    if folder is not None:
        return folder / FILE
    return None if database is None else database.with_name(FILE)


def read(file: Path) -> list[Erasure]:
    """Return what stands in a file; nothing if it is not there."""
    try:
        written = file.read_text("ascii")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file} can't be read ({type(error).__name__}): see docs/backups.md.") from None
    # What stands behind the last line end was torn when the power went: that erasure was not committed either.
    return [_read(file, line) for line in written.rpartition("\n")[0].splitlines() if line]


def _read(file: Path, line: str) -> Erasure:
    try:
        found = json.loads(line)
        return Erasure(
            str(found["mark"]),
            str(found["how"]),
            str(found["receipt"]),
            datetime.fromisoformat(found["at"]),
        )
    except (ValueError, KeyError, TypeError):
        raise Unreadable(
            f"{file} is damaged: a line of it says nothing. It lists whose words were erased, and without it they "
            "would come back. Take a whole copy of it, or take that line out by hand."
        ) from None


def append(file: Path, made: Iterable[Erasure]) -> None:
    """Add erasures to a file, and make sure that they are on the disk."""
    lines = "".join(f"{json.dumps(asdict(one) | {'at': one.at.isoformat()})}\n" for one in made)
    if not lines:
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        _mend_end(handle)
        os.write(handle, lines.encode())  # one call: two processes' lines don't mix
        os.fsync(handle)
    finally:
        os.close(handle)


def _mend_end(handle: int) -> None:
    """Take away a line that was torn, or the next one would be spoilt by it."""
    size = os.fstat(handle).st_size
    tail = os.pread(handle, 4096, max(0, size - 4096))
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(handle, size - len(tail.rpartition(b"\n")[2]))


def complete(db: Connection, file: Path, *, now: datetime) -> None:
    """Add to a file what stands in the table only, as the disk may have been full at the time; forget what is old."""
    written = read(file)
    young = [one for one in written if one.at >= now - REMEMBERED]
    if len(young) < len(written):
        part = file.with_name(f".{file.name}.part")
        part.unlink(missing_ok=True)
        append(part, young)
        part.replace(file) if young else file.unlink()
    known = {one.receipt for one in young}
    append(file, (one for one in every(db) if one.receipt not in known))
