"""What goes wrong, one function each. A new fault: a function with `@fault`, and it stands in the table.

A function is called in each of the two acts of its scenario. It lets people talk, lets things go wrong, mends them,
and each time awaits `recovers()`; `verdict.py` knows what must hold whatever went wrong.
"""

import asyncio
import os
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.campaign.stage import Broken, Setting, Stage

Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One line of the table. `own_server`: it stops the PostgreSQL server, which others may need."""

    name: str
    play: Play
    setting: Setting
    own_server: bool = False


FAULTS: dict[str, Fault] = {}


def fault(name: str, setting: Setting = Setting(), *, own_server: bool = False) -> Callable[[Play], Play]:  # noqa: B008
    """Put a function into the table."""

    def register(play: Play) -> Play:
        FAULTS[name] = Fault(name, play, setting, own_server)
        return play

    return register


# The process ----------------------------------------------------------------------------------------------------


@fault("kill -9")
async def kill(stage: Stage) -> None:
    for _ in stage.many(4):
        await stage.talk(8)
        await stage.some_requests()
        await stage.bot.kill()
        await stage.talk(4)
        await stage.bot.start()
        await stage.recovers()


@fault("SIGTERM, killed 2 s later")
async def terminate(stage: Stage) -> None:
    """Half of the times a call hangs that the bot would like to wait for."""
    patient = 0
    for number in stage.many(4):
        await stage.talk(8)
        if number % 2 == 0:
            stage.telegram.fault("sendMessage", "hang", times=3, executed="before")
        await stage.some_requests()
        stage.bot.signal(signal.SIGTERM)
        await stage.talk(4)
        patient += await stage.bot.stop(grace=2)
        stage.telegram.no_faults()
        await stage.bot.start()
        await stage.recovers()
    stage.note(f"{stage.act}: ended by itself {patient} times")


@fault("5 to 17 hours of downtime")
async def downtime(stage: Stage) -> None:
    """Longer than the six hours for which a question may be late, and always less than Telegram's 24."""
    for hours in (5, 17) if stage.act == "questions" else (5,):
        await stage.talk(6)
        await stage.bot.kill()
        for _ in range(hours):
            stage.telegram.move(by=timedelta(hours=1))
            await stage.talk(2)
        await stage.bot.start()
        await stage.recovers()


@fault("two instances at once")
async def twice(stage: Stage) -> None:
    """The second comes while the first works; then both start in the same moment, and the survivor is killed."""
    for _ in stage.many(2):
        await stage.talk(6)
        await stage.other.start()
        await _refused_or_waiting(stage)
        await stage.talk(6)
        await stage.recovers()
        await stage.bot.kill()
        await stage.other.kill()
        await asyncio.gather(stage.bot.start(), stage.other.start())
        await stage.talk(6)
        if (
            make_url(stage.url).get_backend_name() == "sqlite"
        ):  # one of them is refused; how soon, nobody knows
            ends = [asyncio.create_task(one.ended()) for one in (stage.bot, stage.other)]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED, timeout=60)
            for end in ends:
                end.cancel()
        await stage.recovers()
        await stage.other.kill()
        if not stage.bot.running:
            await stage.bot.start()
        await stage.talk(4)
        await stage.recovers()


async def _refused_or_waiting(stage: Stage) -> None:
    try:
        async with asyncio.timeout(6):
            code = await stage.other.ended()
    except TimeoutError:
        stage.note("the second stands by")
        return
    lines = stage.other.said().strip().splitlines()
    if code != 1 or "Another bln-bot" not in lines[-1]:
        raise Broken(f"the second instance ended with {code}: {lines[-1:]}")
    stage.note("the second is refused with a line")


# The database ---------------------------------------------------------------------------------------------------


@fault("database down for a minute", own_server=True)
async def database_down(stage: Stage) -> None:
    """PostgreSQL is stopped at once, in the middle of whatever it does; a SQLite file is locked by somebody else."""
    for _ in stage.many(1 if stage.server is None else 2):
        await stage.talk(8)
        if stage.server is None:
            await _locked(stage)
        else:
            await _stopped(stage)
        await stage.recovers()


async def _locked(stage: Stage) -> None:
    # Longer than the ten real seconds for which the bot waits for a lock, so that it sees an error.
    stage.telegram.play(5)
    other = await asyncio.to_thread(_exclusively, make_url(stage.url).database or "")
    try:
        await stage.talk(8)
        await stage.simulated(62)
        await stage.talk(4)
    finally:
        other.close()
    stage.telegram.play(60)


def _exclusively(file: str) -> sqlite3.Connection:
    other = sqlite3.connect(file, timeout=10, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    return other


async def _stopped(stage: Stage) -> None:
    os.kill(stage.server.get_pid(), signal.SIGQUIT)  # an immediate shutdown: no goodbye to anybody
    await stage.talk(8)
    await stage.simulated(60)
    await stage.talk(4)
    await asyncio.to_thread(stage.server.ensure_postgres_running)


@fault("disk full")
async def disk_full(stage: Stage) -> None:
    """SQLite: the process may write no file beyond a page; PostgreSQL: every write is answered as on a full disk."""
    for _ in stage.many(2):
        await stage.talk(8)
        async with _no_space(stage):
            await stage.talk(8)
            await stage.simulated(60)
        await stage.talk(4)
        await stage.recovers()


@asynccontextmanager
async def _no_space(stage: Stage) -> AsyncIterator[None]:
    if make_url(stage.url).get_backend_name() == "sqlite":
        resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        return
    async with await psycopg.AsyncConnection.connect(stage.url, autocommit=True) as admin:
        await admin.execute(FULL)
        for table in TABLES:
            await admin.execute(
                f"CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION no_space()"
            )
        try:
            yield
        finally:
            for table in TABLES:
                await admin.execute(f"DROP TRIGGER no_space ON {table}")


TABLES = ("inbox", "contributions", "outbox", "digests", "facts")
FULL = """
CREATE OR REPLACE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$
"""


# Time -----------------------------------------------------------------------------------------------------------


@fault("clock wrong by hours and days", Setting(weeks=1))
async def clock_step(stage: Stage) -> None:
    """The clock of the bot's machine jumps and comes back, both ways; Telegram's goes on as it was."""
    wrong = [timedelta(hours=3), timedelta(hours=-3), timedelta(days=3), timedelta(days=-3)]
    for by in wrong[1::2] if stage.short else wrong:
        for skew in (by, timedelta(0)):
            await stage.talk(5)
            await stage.kept()  # in private somebody would be asked what they mean, three days later
            stage.telegram.fault("getUpdates", "5xx", times=1)  # so that it waits for a moment by its clock
            await stage.talk(1)
            await stage.some_requests()
            stage.telegram.mistime(skew)
            await stage.simulated(20)
            stage.telegram.no_faults()
            await stage.open_private()  # a private answer is open for a day, by the bot's clock
            await stage.talk(5)
            await stage.recovers()


# The way to Telegram --------------------------------------------------------------------------------------------


@fault("storms of 429")
async def storm(stage: Stage) -> None:
    for _ in stage.many(3):
        for method in ("sendMessage", "setMessageReaction", "editMessageText", "forwardMessage"):
            stage.telegram.fault(method, "429", probability=0.6, retry_after=stage.chance.randrange(3, 30))
        stage.telegram.fault("getUpdates", "429", probability=0.3, retry_after=3)
        await _amid(stage)


async def lost(stage: Stage) -> None:
    for _ in stage.many(3):
        stage.telegram.fault("sendMessage", "lost", probability=0.4)
        stage.telegram.fault("*", "lost", probability=0.1)
        await _amid(stage)


fault("lost answers")(lost)
fault("lost answers, no ops_chat", Setting(ops_chat=False))(lost)
fault("lost answers, basic groups", Setting(kind="group"))(lost)
fault("lost answers, protected groups", Setting(protected=True))(lost)


@fault("5xx and broken connections")
async def broken(stage: Stage) -> None:
    for _ in stage.many(3):
        for executed in ("before", "never"):
            stage.telegram.fault("*", "5xx", probability=0.15, executed=executed)
            stage.telegram.fault("*", "reset", probability=0.15, executed=executed)
        await _amid(stage)


@fault("hanging calls")
async def hanging(stage: Stage) -> None:
    """Calls that are neither answered nor refused until the connection ends, carried out before, after or never."""
    for _ in stage.many(3):
        for executed in ("before", "after", "never"):
            stage.telegram.fault("sendMessage", "hang", probability=0.15, executed=executed)
            stage.telegram.fault("setMessageReaction", "hang", probability=0.1, executed=executed)
        stage.telegram.fault("getUpdates", "hang", times=1, skip=3)
        await _amid(stage)


@fault("updates twice and out of order")
async def disorder(stage: Stage) -> None:
    """Known updates come again, reactions overtake messages, and ids begin anew somewhere else, also lower."""
    for _ in stage.many(3):
        stage.telegram.fault("getUpdates", "duplicate", probability=0.4)
        stage.telegram.fault("getUpdates", "reorder", probability=0.5)
        await _amid(stage)
        stage.telegram.fault("getUpdates", "jump", to=stage.chance.randrange(1_000, 900_000_000))
        await stage.talk(3)
        await stage.recovers()


async def _amid(stage: Stage) -> None:
    """Let people talk while all that was armed goes wrong, then let it be over."""
    await stage.talk(10)
    await stage.simulated(60)
    await stage.talk(5)
    stage.telegram.no_faults()
    await stage.recovers()


# The groups -----------------------------------------------------------------------------------------------------


@fault("migration in mid-conversation", Setting(kind="group"))
async def migration(stage: Stage) -> None:
    """A basic group becomes a supergroup: another id, other message numbers, answers to what stood before."""
    circle = stage.circles[0 if stage.act == "questions" else 1]
    await stage.talk(8)
    await stage.some_requests()
    circle.group = await stage.telegram.migrate(circle.group)
    await stage.talk(12)
    await stage.recovers()
    await stage.simulated(120)
    await stage.talk(8)
    await stage.recovers()


@fault("bot removed and added again")
async def removed(stage: Stage) -> None:
    circle = stage.circles[0 if stage.act == "questions" else 1]
    await stage.talk(8)
    await stage.some_requests()
    await stage.telegram.remove_bot(circle.group, by=stage.olle)
    circle.heard = False
    await stage.talk(8)
    await stage.simulated(100)
    await stage.telegram.add_bot(stage.olle, circle.group, admin=True)
    circle.heard = True
    await stage.talk(8)
    await stage.recovers()


# Updates --------------------------------------------------------------------------------------------------------


@fault("poison updates")
async def poison(stage: Stage) -> None:
    """Updates that no handler can take, in between those that it can: set aside, and the others go on."""
    queue = stage.telegram.state.queue
    for _ in stage.many(3):
        await stage.talk(4)
        for body in (POISON[stage.chance.randrange(len(POISON))], POISON[0]):
            queue.push("message", body, chat_id=None)
            stage.poison += 1
            await stage.talk(4)
        await stage.recovers()


POISON: tuple[dict[str, Any], ...] = (
    {"message_id": 1, "date": "yesterday", "chat": {"id": -5, "type": "group"}, "poll": {}},
    {"message_id": [], "chat": None, "from": 7},
)
