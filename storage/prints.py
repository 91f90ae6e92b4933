"""Pictures and PDFs of digests on their way: drawn again from the rows whenever needed, and erased after a week."""

from datetime import datetime

from sqlalchemy import delete, select, update

from bot.core.mail import File
from storage.db import Connection, insert_once
from storage.tables import prints


def keep(
    db: Connection,
    digest_id: int,
    what: str,
    language: str,
    file: File,
    *,
    alt: str = "",
    edition: int = 0,
    now: datetime,
) -> int:
    """Keep what was drawn, in place of an earlier edition; return its id, which stays: letters carry it."""
    values = {
        "name": file.name,
        "mime": file.mime,
        "alt": alt,
        "bytes": file.data,
        "edition": edition,
        "at": now,
    }
    same = (prints.c.digest_id == digest_id, prints.c.what == what, prints.c.language == language)
    found: int | None = db.execute(select(prints.c.id).where(*same).limit(1)).scalar_one_or_none()
    if found is not None:
        db.execute(update(prints).where(prints.c.id == found).values(**values))
        return found
    values |= {"digest_id": digest_id, "what": what, "language": language}
    made = insert_once(db, prints, values, conflict=["digest_id", "what", "language", "edition"])
    assert made is not None
    return made


def get(db: Connection, print_id: int) -> File | None:
    """Return what was drawn, without bytes while it is drawn anew; None if it is gone."""
    query = select(prints.c.name, prints.c.mime, prints.c.bytes).where(prints.c.id == print_id)
    row = db.execute(query).first()
    return None if row is None else File(row.name, row.mime, bytes(row.bytes))


def blank(db: Connection, digest_id: int) -> None:
    """Erase what was drawn of a digest: somebody took words back. Letters on their way wait for the new one."""
    db.execute(update(prints).where(prints.c.digest_id == digest_id).values(bytes=b"", alt=""))


def forget_old(db: Connection, *, before: datetime) -> int:
    """Erase what was drawn before a moment; return how many."""
    return db.execute(delete(prints).where(prints.c.at < before)).rowcount
