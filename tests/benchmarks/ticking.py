"""One tick with 1,000 networks and 100,000 planned prompts, ten of them due, beside one with a hundredth of both."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.clock import Ticker
from bot.core import whens
from storage.db import Connection, Database
from storage.migrate import migrate
from storage.tables import prompts
from tests.benchmarks.measures import Figures, Measure
from tests.benchmarks.people import fill
from tests.mailing import desk

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DUE = 10


class HandClock:
    """A clock that somebody sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, moment: datetime) -> None:
        self.at = moment


async def run(folder: Path) -> Figures:
    """Tick both, after a first tick that plans digests and tidies."""
    (folder / "many").mkdir()
    (folder / "few").mkdir()
    many = await _tick(folder / "many", networks=1000)
    few = await _tick(folder / "few", networks=10)
    return Figures(many * 1000, few * 1000)


async def _tick(folder: Path, *, networks: int) -> float:
    url = f"sqlite:///{folder}/bln.db"
    migrate(url)
    database = Database.open(url)
    for first in range(1, networks + 1, 100):
        await database.write(fill, count=min(100, networks), planned=100, now=NOW, first=first)

    async def elsewhere(function: Any, given: Any) -> Any:
        return function(given)

    clock = HandClock(NOW)
    ticker = Ticker(database, desk(), clock, elsewhere=elsewhere, worked=lambda: None)
    await ticker.tick()  # plans the digests of all networks, and tidies
    times = []
    for minute in range(1, 6):
        clock.at = NOW + timedelta(minutes=minute)
        await database.write(_due, at=clock.at)
        began = time.perf_counter()
        await ticker.tick()
        times.append(time.perf_counter() - began)
        if await database.read(_still_due, at=clock.at):
            raise AssertionError("what was due was not posted")
    await database.close()
    return sorted(times)[len(times) // 2]


def _due(db: Connection, *, at: datetime) -> None:
    when = whens.to_json(whens.Now())
    common = {"kind": "open", "text": "How was today?", "when": when, "state": "planned"}
    moments = {"next_due_at": at, "created_at": at - timedelta(days=1)}
    rows = [{"network_id": network, **common, **moments} for network in range(1, DUE + 1)]
    db.execute(insert(prompts), rows)


def _still_due(db: Connection, *, at: datetime) -> bool:
    query = prompts.select().where(prompts.c.state == "planned", prompts.c.next_due_at <= at)
    return db.execute(query).first() is not None


MEASURES = [
    Measure(
        "tick",
        "a tick with 1,000 networks and 100,000 planned prompts, ten due",
        "10 networks and 1,000 planned prompts, ten due",
        "ms",
        3,
        run,
    )
]
