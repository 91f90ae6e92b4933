"""Time in: APScheduler drives the tick, rows say what is due (telegram.md §3: its own job stores lose occurrences)."""

import asyncio
import functools
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.actions import away, due
from bot.actions.due import Job
from bot.actions.unit import Desk
from bot.core.moments import Clock
from bot.rounds import Round
from storage.db import Database

log = logging.getLogger(__name__)


class Ticker:
    """The round that turns time into due rows.

    It rests until the next row is due. APScheduler wakes it every `seconds` besides, so that nothing depends on
    one long sleep, and whoever writes a row wakes it too.
    """

    def __init__(
        self,
        database: Database,
        desk: Desk,
        clock: Clock,
        *,
        executor: Callable[[], Executor],
        worked: Callable[[], None],
    ) -> None:
        self._database, self._desk, self._clock = database, desk, clock
        self._executor, self._worked = executor, worked
        self.round = Round("tick", self.tick, clock)
        self.last: datetime | None = None

    async def tick(self) -> datetime | None:
        """Do what is due, each in a transaction of its own; return when the next is."""
        now = self._clock.now()
        if self.last is None or now - self.last > away.EVERY:
            await self._database.write(away.note, now=now)
        worked = False
        for job, found in await self._database.read(due.list_due, now=now):
            worked = await self._one(job, found, now) or worked
        self.last = now if self.last is None or now - self.last > away.EVERY else self.last
        if worked:
            self._worked()
        upcoming = await self._database.read(due.upcoming, now=now)
        # What failed just now stays due: the next tick tries it again, not this instant.
        return upcoming if upcoming is None or upcoming > now else None

    async def _one(self, job: Job, found: int, now: datetime) -> bool:
        try:
            made = {}
            if job.read is not None and job.make is not None:
                material = await self._database.read(job.read, found, self._desk, now=now)
                loop = asyncio.get_running_loop()
                made["made"] = await loop.run_in_executor(self._executor(), job.make, material)
            await self._database.write(functools.partial(job.write), found, self._desk, now=now, **made)
        except Exception as error:
            log.error("%s %s: %s", job.name, found, type(error).__name__)
            log.debug("%s %s failed", job.name, found, exc_info=True)
            return False
        return True


def start(seconds: float, *wakes: Callable[[], None]) -> AsyncIOScheduler:
    """Start the scheduler that wakes whoever looks at rows; the caller shuts it down."""
    scheduler = AsyncIOScheduler(timezone=UTC)

    async def wake() -> None:
        for one in wakes:
            one()

    scheduler.add_job(
        wake, "interval", seconds=seconds, max_instances=1, coalesce=True, misfire_grace_time=None
    )
    scheduler.start()
    return scheduler
