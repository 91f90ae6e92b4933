"""150 digests over 10,000 contributions together, beside reading the same rows; and ten times the networks."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from bot.actions import digests
from storage import digests as stored
from storage.db import Connection, Database
from storage.migrate import migrate
from tests.benchmarks.measures import Figures, Measure
from tests.benchmarks.people import fill
from tests.mailing import desk

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NETWORKS, EACH = 150, 67  # 10,050 contributions
FEW = 15

# What a digest is made from, as one would ask for it by hand.
PLAIN = text(
    "SELECT contributions.*, postings.prompt_id, members.*, people.name FROM contributions"
    " JOIN postings ON postings.id = contributions.posting_id"
    " JOIN members ON members.id = contributions.member_id"
    " JOIN people ON people.id = members.person_id"
    " WHERE contributions.network_id = :network AND contributions.state = 'kept' ORDER BY contributions.id"
)


async def against_reading(folder: Path) -> Figures:
    """Make all drafts: read, choose, compile, write."""
    ours, plain = await _all(folder, NETWORKS)
    return Figures(ours, plain)


async def linear(folder: Path) -> Figures:
    """Make ten times as many."""
    few, many = folder / "few", folder / "many"
    few.mkdir()
    many.mkdir()
    fewer, _ = await _all(few, FEW)
    more, _ = await _all(many, FEW * 10)
    return Figures(more, fewer)


async def _all(folder: Path, count: int) -> tuple[float, float]:
    """Return the seconds for all digests of so many networks, and for reading their rows."""
    url = f"sqlite:///{folder}/bln.db"
    migrate(url)
    database = Database.open(url)
    await database.write(fill, count=count, each=EACH, now=NOW)
    us = desk()
    for network in await database.read(stored.unplanned, now=NOW):
        await database.write(digests.plan, network, us, now=NOW)
    at = NOW
    while not (due := await database.read(digests.due, now=at)):
        upcoming = await database.read(digests.upcoming, now=at)
        at = (upcoming or at) + timedelta(seconds=1)
    if len(due) != count:
        raise AssertionError(f"{len(due)} digests of {count} are due")
    for which in due:  # asks Telegram whether answers in groups are still there; nothing of ours to measure
        work = await database.read(digests.read, which, us, now=at)
        await database.write(digests.write, which, us, now=at, made=digests.make(work))
    at += timedelta(minutes=11)
    began = time.perf_counter()
    for which in due:
        work = await database.read(digests.read, which, us, now=at)
        await database.write(digests.write, which, us, now=at, made=digests.make(work))
    ours = time.perf_counter() - began
    states = await database.read(stored.by_state)
    if states.get("draft") != count:
        raise AssertionError(f"digests are {states}")
    began = time.perf_counter()
    for network in range(1, count + 1):
        await database.read(_plain, network)
    plain = time.perf_counter() - began
    await database.close()
    return ours, plain


def _plain(db: Connection, network: int) -> int:
    return len(db.execute(PLAIN, {"network": network}).all())


MEASURES = [
    Measure(
        "digests",
        "150 digests over 10,050 contributions: read, choose, compile, write",
        "reading the same rows with plain SQL",
        "s",
        1_000,
        against_reading,
    ),
    Measure("digests-linear", "digests of 150 networks", "of 15 networks", "s", 12, linear),
]
