"""Time in: APScheduler drives the tick, rows say what is due (telegram.md §3: its own job stores lose occurrences)."""

import functools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import logs, metrics
from bot.actions import away, operator
from bot.actions.due import JOBS, Job
from bot.actions.unit import Desk
from bot.core.moments import Clock
from bot.rounds import Round
from storage import outbox
from storage.db import Connection, Database, trouble

log = logs.logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Task = tuple[str, int | str]  # of a job: one due thing by its id, or one of its questions
Elsewhere = Callable[[Callable[[Any], Any], Any], Awaitable[Any]]  # calls a function in another process

AGAIN, LONGEST = timedelta(seconds=10), timedelta(minutes=10)  # until what failed is tried again
TOLD = 3  # failures after which the operator hears of it
AT_MOST = 5  # times that one thing may be due at one moment: a clock may stand still


ASKED = ("due", "upcoming")  # the two questions of a job


@dataclass(frozen=True)
class Seen:
    """What a job said: which of its things are due, and when the next one is."""

    due: Sequence[int]
    next: datetime | None


def _seen(db: Connection, jobs: Sequence[Job], *, now: datetime) -> dict[str, Seen]:
    return {job.name: _one_seen(db, job, now=now) for job in jobs}


def _one_seen(db: Connection, job: Job, *, now: datetime) -> Seen:
    at = job.upcoming(db, now=now)
    nothing = job.foretold and (at is None or at > now)
    return Seen(() if nothing else job.due(db, now=now), at)


class StillDue(Exception):
    """It was done again and again, and is due as before."""


@dataclass
class Failure:
    """Something that is due and could not be done: how often, and when it is tried again."""

    times: int
    again: datetime


class Ticker:
    """The round that turns time into due rows.

    It rests until the next row is due. APScheduler wakes it every `seconds` besides, so that nothing depends on
    one long sleep, and whoever writes a row wakes it too. What fails is put off and stops nothing else.
    """

    def __init__(
        self,
        database: Database,
        desk: Desk,
        clock: Clock,
        *,
        elsewhere: Elsewhere,
        worked: Callable[[], None],
        ticked: Callable[[datetime], None] = lambda now: None,
        jobs: Sequence[Job] = JOBS,
    ) -> None:
        self._database, self._desk, self._clock = database, desk, clock
        self._elsewhere, self._worked, self._ticked, self._jobs = elsewhere, worked, ticked, jobs
        self._failures: dict[Task, Failure] = {}
        self._done: Counter[Task] = Counter()  # what was done at the moment `_at`
        self._at: datetime | None = None
        self._awake: datetime | None = None
        self._untidy = False  # erased words may still stand in the database's log
        self.round = Round("tick", self.tick, clock, failed=metrics.stumbled)

    @metrics.timed_tick
    async def tick(self) -> datetime | None:
        """Do what is due, each in a transaction of its own; return when the next is."""
        now = self._clock.now()
        await self._note_awake(now)
        if now != self._at:
            self._at = now
            self._done.clear()
        seen = await self._look(now)
        worked = False
        for job in self._jobs:
            # What was done may have made something else due.
            due = None if worked else seen.get(job.name)
            worked = await self._all(job, now, due) or worked
        if self._untidy:  # somebody may have been reading: then once more with the next tick
            self._untidy = not await self._try(("housekeeping", "wipe"), now, self._database.tidy)
        if worked:
            self._worked()
            seen = await self._look(now)
        moments = [failure.again for failure in self._failures.values()]
        for job in self._jobs:
            at = seen[job.name].next if job.name in seen else await self._upcoming(job, now)
            moments += [] if at is None else [at]
        self._ticked(now)
        # What is due still, or again, comes with the next tick, not this instant.
        return min((at for at in moments if at > now), default=None)

    async def _look(self, now: datetime) -> dict[str, Seen]:
        """Ask all jobs in one transaction; nothing if one of them can't answer: each is then asked by itself."""
        if any(which in ASKED for _, which in self._failures):
            return {}
        try:
            return await self._database.read(_seen, self._jobs, now=now)
        except Exception as error:
            if trouble(error):
                raise
            return {}

    async def _note_awake(self, now: datetime) -> None:
        if self._awake is None or abs(now - self._awake) > away.EVERY:
            await self._database.write(away.note, now=now)
            self._awake = now

    async def _all(self, job: Job, now: datetime, seen: Seen | None) -> bool:
        """Do what is due of one kind; return whether anything was done."""
        found = await self._try((job.name, "due"), now, self._due, job, now) if seen is None else seen.due
        found = found or ()
        self._forget(job, found)
        done = [await self._try((job.name, which), now, self._one, job, which, now) for which in found]
        self._untidy = self._untidy or (job.erases and any(done))
        return any(done)

    async def _due(self, job: Job, now: datetime) -> Sequence[int]:
        return await self._database.read(job.due, now=now)

    async def _upcoming(self, job: Job, now: datetime) -> datetime | None:
        return await self._try((job.name, "upcoming"), now, self._next, job, now)

    async def _next(self, job: Job, now: datetime) -> datetime | None:
        return await self._database.read(job.upcoming, now=now)

    async def _one(self, job: Job, which: int, now: datetime) -> bool:
        self._done[job.name, which] += 1
        if self._done[job.name, which] > AT_MOST:
            raise StillDue
        made = {}
        if job.read is not None and job.make is not None:
            found = await self._database.read(job.read, which, self._desk, now=now)
            made["made"] = await metrics.timed_making(job.name, self._make(job, job.make, found))
        await self._database.write(functools.partial(job.write), which, self._desk, now=now, **made)
        metrics.job(job.name, "done")
        return True

    async def _make(self, job: Job, make: Callable[[Any], Any], found: Any) -> Any:
        try:
            return await self._elsewhere(make, found)
        except BrokenExecutor as error:  # it was killed: perhaps what is to be drawn needs more than there is
            if job.make_without is None:
                raise
            log.warning("job.died", job=job.name, error=type(error).__name__)
            return await self._elsewhere(job.make_without, found)

    # What fails

    async def _try(
        self, task: Task, now: datetime, work: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """Return what came of `work`; None if it failed, or failed before and is not to be tried yet."""
        failure = self._failures.get(task)
        if failure is not None and now < failure.again <= now + LONGEST:  # else the clock was set back
            return None
        try:
            with logs.about(job=task[0], which=task[1]):
                result = await work(*args, **kwargs)
        except Exception as error:
            if trouble(error):
                raise  # it is the database: all comes again, and nothing is counted
            await self._failed(task, error, now)
            return None
        self._failures.pop(task, None)
        return result

    async def _failed(self, task: Task, error: Exception, now: datetime) -> None:
        name, which = task
        failure = self._failures.setdefault(task, Failure(0, now))
        failure.times += 1
        failure.again = now + min(LONGEST, AGAIN * 2 ** min(failure.times - 1, 10))
        metrics.job(name, "failed")
        log.error("job.failed", job=name, which=which, error=type(error).__name__, exc_info=error)
        if failure.times == TOLD:
            await self._database.write(_tell, self._desk, task, type(error).__name__, now=now)
            self._worked()

    def _forget(self, job: Job, found: Sequence[int]) -> None:
        """Forget the failures of what is no longer due."""
        for name, which in list(self._failures):
            if name == job.name and isinstance(which, int) and which not in found:
                del self._failures[name, which]


def _tell(db: Connection, desk: Desk, task: Task, error: str, *, now: datetime) -> None:
    name, which = task
    letters = operator.tell(
        db,
        desk,
        "job_failed",
        key=f"job:{name}:{which}:{now.date()}",
        job=name,
        which=str(which),
        error=error,
    )
    outbox.write(db, letters, now=now)


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
