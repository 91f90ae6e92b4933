"""The clock: what is due is done once, what fails stops nothing else, and APScheduler drives it all."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DisconnectionError

from bot.actions import away, housekeeping
from bot.actions.due import Job
from bot.actions.unit import Desk
from bot.app import Bln
from bot.clock import Ticker, start
from bot.core.limits import Limits
from bot.sandbox.driver import Sandbox
from storage import facts
from storage.db import Connection, Database
from storage.tables import outbox as outbox_table
from tests.mailing import desk, person
from tests.stories.conftest import settings

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.Event().wait()


class Alarm:
    """Things that become due at a moment and are done once."""

    def __init__(self, name: str, *at: datetime) -> None:
        self.name, self.at = name, dict(enumerate(at, 1))
        self.done: list[int] = []
        self.fails: Exception | None = None  # when one is done
        self.asking: Exception | None = None  # when asked what is due

    @property
    def job(self) -> Job:
        return Job(self.name, self.due, self.upcoming, self.write)

    def due(self, db: Connection, *, now: datetime) -> Sequence[int]:
        if self.asking:
            raise self.asking
        return [id for id, at in self.at.items() if at <= now and id not in self.done]

    def upcoming(self, db: Connection, *, now: datetime) -> datetime | None:
        if self.asking:
            raise self.asking
        return min((at for id, at in self.at.items() if id not in self.done), default=None)

    def write(self, db: Connection, id: int, desk: Desk, *, now: datetime) -> None:
        facts.put(db, f"{self.name}:{id}", {}, now=now)
        if self.fails:
            raise self.fails
        self.done.append(id)


def ticker(database: Database, clock: Hand, *alarms: Alarm, **more: Any) -> Ticker:
    async def elsewhere(function: Callable[[Any], Any], given: Any) -> Any:
        return function(given)

    jobs = [alarm.job for alarm in alarms]
    more = {"elsewhere": elsewhere, "worked": lambda: None, "jobs": jobs, **more}
    return Ticker(database, desk(), clock, **more)


async def test_what_is_due_is_done_once_and_the_next_moment_is_known(database: Database) -> None:
    clock, alarm = Hand(), Alarm("a", START, START + HOUR)
    one = ticker(database, clock, alarm)
    assert await one.tick() == START + HOUR
    assert await one.tick() == START + HOUR
    assert alarm.done == [1]
    clock.moment += 2 * HOUR
    assert await one.tick() is None
    assert alarm.done == [1, 2]


@pytest.mark.parametrize("where", ["fails", "asking"])
async def test_a_job_that_raises_stops_no_other_and_hides_no_moment(database: Database, where: str) -> None:
    clock, bad, good = Hand(), Alarm("bad", START), Alarm("good", START, START + HOUR)
    setattr(bad, where, LookupError("secret words"))
    one = ticker(database, clock, bad, good)
    assert await one.tick() == START + timedelta(seconds=10)  # a frozen clock has somewhere to go
    assert good.done == [1]
    assert await database.read(facts.get, "bad:1") is None  # undone
    clock.moment += HOUR
    await one.tick()
    assert good.done == [1, 2]
    setattr(bad, where, None)
    clock.moment += HOUR
    await one.tick()
    assert bad.done == [1]


async def test_what_fails_is_tried_less_and_less_often_and_the_operator_hears_of_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.write(person, 1, coordinator=True)
    clock, bad = Hand(), Alarm("bad", START)
    bad.fails = LookupError("secret words")
    one = ticker(database, clock, bad)
    for _ in range(360):  # an hour of ticks
        await one.tick()
        clock.moment += timedelta(seconds=10)
    tries = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert 8 <= len(tries) <= 12
    query = select(outbox_table.c.params).where(outbox_table.c.key.like("operator:job:%"))
    told = await database.read(lambda db: [params["text"] for params in db.execute(query).scalars()])
    assert len(told) == 1
    assert "bad 1 (LookupError)" in told[0]


async def test_trouble_with_the_database_is_not_the_jobs_mistake(database: Database) -> None:
    clock, alarm = Hand(), Alarm("a", START)
    alarm.fails = DisconnectionError("away")
    one = ticker(database, clock, alarm)
    with pytest.raises(DisconnectionError):
        await one.tick()  # the round waits and comes again
    alarm.fails = None
    await one.tick()
    assert alarm.done == [1]


async def test_what_stays_due_does_not_keep_a_frozen_clock_busy_for_ever(database: Database) -> None:
    clock, alarm, ticks = Hand(), Alarm("a", START), 0
    alarm.done = _Never()
    one: Ticker = ticker(database, clock, alarm, worked=lambda: one.round.wake())
    task = asyncio.create_task(one.round.run())
    while one.round.busy and ticks < 2000:
        ticks += 1
        await asyncio.sleep(0.001)
    assert ticks < 2000
    task.cancel()


class _Never(list[int]):
    def append(self, _: int) -> None:
        """Forget it."""


async def test_a_clock_that_is_set_back_stops_nothing(database: Database) -> None:
    clock = Hand()
    await database.write(away.note, now=START + 400 * 24 * HOUR)  # the clock was wrong by a year
    await database.write(housekeeping.tidy, 0, desk(), now=START + 400 * 24 * HOUR)
    assert await database.read(housekeeping.due, now=START) == [0]
    alarm = Alarm("a", START)
    alarm.fails = LookupError()
    one = ticker(database, clock, alarm)
    clock.moment = START + 400 * 24 * HOUR
    await one.tick()
    clock.moment, alarm.fails = START, None
    await one.tick()
    assert alarm.done == [1]
    awake = await database.read(facts.get, away.NAME)
    assert awake is not None
    assert awake.at == START


def test_limits_do_not_wait_until_it_is_as_late_again() -> None:
    limits = Limits()
    for _ in range(30):
        limits.take(-1, "sendMessage", now=START + HOUR)
    assert limits.open(now=START) <= START + timedelta(seconds=1)
    assert limits.next(-1, "sendMessage", now=START) <= START + timedelta(minutes=1)


async def test_apscheduler_wakes_whoever_looks_at_rows() -> None:
    woken = asyncio.Event()
    scheduler = start(0.01, woken.set)
    try:
        await asyncio.wait_for(woken.wait(), 20)
        woken.clear()
        await asyncio.wait_for(woken.wait(), 20)
    finally:
        scheduler.shutdown(wait=False)


async def test_a_process_that_was_killed_while_it_rendered_is_replaced(database_url: str) -> None:
    async with Sandbox.running(now=START) as telegram, Bln.living(settings(telegram, database_url)) as bln:
        with pytest.raises(BrokenExecutor):
            await bln._elsewhere(_killed, 9)
        assert await bln._elsewhere(abs, -3) == 3


def _killed(by: int) -> None:
    os.kill(os.getpid(), by)


async def test_the_bot_can_be_stopped_while_it_waits_for_telegram(database_url: str) -> None:
    from bot.app import run

    async with Sandbox.running(now=START) as telegram:
        telegram.fault("getMe", "5xx", times=None)
        running = asyncio.create_task(run(settings(telegram, database_url)))
        await telegram.wait_for(lambda: [call for call in telegram.calls if call.method == "getMe"])
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 20)


async def test_where_the_other_process_dies_less_is_asked_of_it(database: Database) -> None:
    clock, alarm = Hand(), Alarm("digests", START)
    asked: list[str] = []

    async def elsewhere(function: Callable[[Any], Any], given: Any) -> Any:
        asked.append(given)
        if len(asked) == 1:
            raise BrokenExecutor("killed")
        return function(given)

    def write(db: Connection, id: int, desk: Desk, *, now: datetime, made: str) -> None:
        asked.append(made)
        alarm.done.append(id)

    job = Job(
        "digests",
        alarm.due,
        alarm.upcoming,
        write,
        read=lambda db, id, desk, now: "work",
        make=lambda work: "with pictures",
        make_without=lambda work: "without",
    )
    await ticker(database, clock, jobs=[job], elsewhere=elsewhere).tick()
    assert asked == ["work", "work", "without"]
    assert alarm.done == [1]
