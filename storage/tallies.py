"""How much somebody sent lately: a number by Telegram's id and kind, forgotten when its span is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Executable, and_, bindparam, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.db import Connection
from storage.tables import tallies


def add(
    db: Connection, telegram_id: int, amounts: Mapping[str, tuple[int, timedelta]], *, now: datetime
) -> dict[str, tuple[int, datetime]]:
    """Count: `{kind: (how much, within which span)}`. Return each sum and when it begins anew."""
    added = [
        {"telegram_id": telegram_id, "what": what, "amount": amount, "until": now + span}
        for what, (amount, span) in amounts.items()
    ]
    # One statement a row: SQLAlchemy remembers how one is written, but not how several in one are.
    found = [db.execute(_adding(db.dialect.name), {**row, "now": now}).one() for row in added]
    return {row.what: (row.amount, row.until) for row in found}


@cache
def _adding(dialect: str) -> Executable:
    """Return the statement of `add`, put together once: it runs for every message."""
    new = postgresql.insert(tallies) if dialect == "postgresql" else sqlite.insert(tallies)
    new = new.values({name: bindparam(name) for name in ("telegram_id", "what", "amount", "until")})
    # An end that is later than a span from now is of a clock that was wrong.
    now = bindparam("now", type_=tallies.c.until.type)
    counts = and_(tallies.c.until > now, tallies.c.until <= new.excluded.until)
    return new.on_conflict_do_update(
        index_elements=["telegram_id", "what"],
        set_={
            "amount": case((counts, tallies.c.amount + new.excluded.amount), else_=new.excluded.amount),
            "until": case((counts, tallies.c.until), else_=new.excluded.until),
        },
    ).returning(tallies.c.what, tallies.c.amount, tallies.c.until)


def amount(db: Connection, telegram_id: int, what: str, *, now: datetime) -> int:
    """Return a sum as it stands."""
    query = select(tallies.c.amount).where(
        tallies.c.telegram_id == telegram_id, tallies.c.what == what, tallies.c.until > now
    )
    return db.execute(query).scalar_one_or_none() or 0


def forget_old(db: Connection, *, now: datetime) -> int:
    """Forget sums whose span is over; return how many."""
    return db.execute(delete(tallies).where(tallies.c.until <= now)).rowcount


def forget(db: Connection, telegram_id: int) -> None:
    """Forget what was counted of somebody."""
    db.execute(delete(tallies).where(tallies.c.telegram_id == telegram_id))
