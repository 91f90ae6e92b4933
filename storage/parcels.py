"""Files of our making on their way to somebody: too large for a letter, and erased when they have arrived."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.core.mail import File
from storage.db import Connection
from storage.tables import parcels


def keep(db: Connection, person_id: int, file: File, *, now: datetime) -> int:
    """Keep a file until it has arrived; return its id, which a letter carries (`mail.parcel`)."""
    values = {"person_id": person_id, "name": file.name, "mime": file.mime, "bytes": file.data, "at": now}
    made: int = db.execute(insert(parcels).values(**values).returning(parcels.c.id)).scalar_one()
    return made


def get(db: Connection, parcel_id: int) -> File | None:
    """Return a file; None if it has arrived, or waited too long."""
    query = select(parcels.c.name, parcels.c.mime, parcels.c.bytes).where(parcels.c.id == parcel_id)
    row = db.execute(query).first()
    return None if row is None else File(row.name, row.mime, bytes(row.bytes))


def forget(db: Connection, parcel_id: int) -> None:
    """Erase a file."""
    db.execute(delete(parcels).where(parcels.c.id == parcel_id))


def forget_old(db: Connection, *, before: datetime) -> int:
    """Erase files that nobody could be sent; return how many."""
    return db.execute(delete(parcels).where(parcels.c.at < before)).rowcount
