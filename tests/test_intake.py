"""The intake against the sandbox: whatever goes wrong, each update is kept once, and the loop goes on."""

import asyncio
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import select
from telegram import Bot
from telegram.request import HTTPXRequest

from bot import intake
from bot.sandbox.driver import Sandbox, User
from storage import inbox
from storage.db import Connection, Database
from storage.tables import inbox as table

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


class Steps:
    """The sandbox's clock, and time passes when somebody sleeps."""

    def __init__(self, telegram: Sandbox) -> None:
        self._telegram = telegram
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        return self._telegram.now()

    async def sleep_until(self, moment: datetime) -> None:
        self.slept.append(moment - self.now())
        self._telegram.move(to=moment)
        await asyncio.sleep(0)


class House:
    """An intake at work."""

    def __init__(self, telegram: Sandbox, database: Database, bot: Bot, anna: User) -> None:
        self.telegram, self.database, self.bot, self.anna = telegram, database, bot, anna
        self.clock = Steps(telegram)
        self.woken = 0
        self.polls: list[datetime] = []

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[None]:
        task = asyncio.create_task(
            intake.receive(
                self.bot,
                self.database,
                clock=self.clock,
                wake=self._wake,
                patience=1,
                polled=self.polls.append,
            )
        )
        try:
            yield
        finally:
            assert not task.done(), "the intake has died"
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _wake(self) -> None:
        self.woken += 1

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.telegram.send(self.anna, text)

    async def empty(self) -> None:
        """Wait until Telegram has nothing left for the bot."""
        await self.until(lambda: not self.telegram.state.queue.pending)

    async def until(self, condition: Callable[[], bool]) -> None:
        await self.telegram.wait_for(condition, seconds=20)

    async def kept(self) -> list[str]:
        return await self.database.read(texts)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines: list[Any] = [record.msg for record in caplog.records if record.name == "bot.intake"]
    return [f"{line['words']} {line.get('why', '')}".strip() for line in lines if "words" in line]


def texts(db: Connection) -> list[str]:
    rows = db.execute(
        select(table.c.payload).where(table.c.kind == "message").order_by(table.c.seq)
    ).scalars()
    return [row["message"]["text"] for row in rows]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with Sandbox.running(now=NOON) as telegram:
        bot = Bot(
            telegram.token,
            base_url=telegram.base_url,
            request=HTTPXRequest(),
            get_updates_request=HTTPXRequest(),
        )
        async with bot:
            anna = telegram.user("Anna")
            await telegram.start(anna)
            house = House(telegram, database, bot, anna)
            async with house.receiving():
                await house.empty()
            house.woken = 0
            house.polls.clear()
            yield house


async def test_updates_are_kept_in_order(house: House) -> None:
    await house.say("one", "two")
    async with house.receiving():
        await house.empty()
        await house.say("three")
        await house.empty()
    assert await house.kept() == ["/start", "one", "two", "three"]
    assert house.woken >= 2
    assert house.polls
    assert house.clock.slept == []


async def test_an_update_is_acknowledged_only_by_the_call_after_it_was_kept(house: House) -> None:
    seen: list[tuple[int, bool]] = []
    keep = house.telegram.state.queue.acknowledge

    def acknowledge(offset: int) -> None:
        seen.append((offset, bool(house.database.read_now(known, offset - 1))))
        keep(offset)

    house.telegram.state.queue.acknowledge = acknowledge  # type: ignore[method-assign]
    await house.say("kept first")
    async with house.receiving():
        await house.empty()
    assert [kept for offset, kept in seen if offset] == [True]


def known(db: Connection, update_id: int) -> list[int]:
    return list(db.execute(select(table.c.seq).where(table.c.update_id == update_id)).scalars())


async def test_every_call_names_all_that_is_wanted(house: House) -> None:
    calls = [call.params for call in house.telegram.calls if call.method == "getUpdates"]
    assert {tuple(wanted(call)) for call in calls} == {tuple(intake.ALLOWED)}
    assert {"chat_member", "message_reaction", "poll_answer", "chat_join_request"} < set(intake.ALLOWED)
    assert "channel_post" not in intake.ALLOWED


def wanted(params: dict[str, Any]) -> list[str]:
    return re.findall(r"\w+", str(params["allowed_updates"]))


FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("429", {"retry_after": 40}),
    ("5xx", {}),
    ("5xx", {"status": 200}),
    ("5xx", {"executed": "before"}),
    ("reset", {}),
    ("lost", {}),
]


@pytest.mark.parametrize(("kind", "details"), FAULTS)
async def test_nothing_is_lost_when_telegram_fails(
    house: House, caplog: pytest.LogCaptureFixture, kind: Any, details: dict[str, Any]
) -> None:
    caplog.set_level(logging.INFO, "bot.intake")
    house.telegram.fault("getUpdates", kind, times=3, **details)
    await house.say("one", "two")
    async with house.receiving():
        await house.empty()
    assert await house.kept() == ["/start", "one", "two"]
    assert len(house.clock.slept) == 3
    assert "upstream is down" not in caplog.text  # an answer that breaks off may hold words
    trouble, over = said(caplog)  # once each
    assert trouble.startswith("No updates are received at the moment; trying on. ")
    assert over == "Updates are received again."


async def test_the_waits_grow_up_to_a_limit(house: House) -> None:
    house.telegram.fault("getUpdates", "5xx", times=6)
    async with house.receiving():
        await house.until(lambda: bool(house.polls))
    assert [wait.total_seconds() for wait in house.clock.slept] == [3, 6, 12, 24, 30, 30]


async def test_telegram_is_given_the_time_it_asks_for(house: House) -> None:
    house.telegram.fault("getUpdates", "429", retry_after=40)
    async with house.receiving():
        await house.until(lambda: bool(house.polls))
    assert house.clock.slept == [timedelta(seconds=41)]


async def test_what_comes_twice_is_kept_once(house: House) -> None:
    async with house.receiving():
        await house.say("one", "two")
        await house.empty()
        house.telegram.fault("getUpdates", "duplicate", times=2)
        await house.say("three")
        await house.until(lambda: not house.telegram.state.faults.armed[0].times)
        await house.empty()
    assert await house.kept() == ["/start", "one", "two", "three"]


async def test_ids_that_jump_back_are_taken_as_they_come(house: House) -> None:
    async with house.receiving():
        await house.say("late")
        await house.empty()
        house.telegram.fault("getUpdates", "jump", to=5)
        await house.until(lambda: not house.telegram.state.faults.armed[0].times)
        await house.say("early", "after")
        await house.empty()
    assert await house.kept() == ["/start", "late", "early", "after"]


async def test_a_webhook_that_was_set_is_deleted_and_its_updates_stay(house: House) -> None:
    await house.bot.set_webhook("https://example.org/hook")
    await house.say("meanwhile")
    async with house.receiving():
        await house.empty()
        await house.bot.set_webhook("https://example.org/hook")  # somebody insists
        await house.say("again")
        await house.empty()
    assert await house.kept() == ["/start", "meanwhile", "again"]


async def test_another_poller_is_named_once_and_outlived(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.intake")
    async with house.receiving(), httpx.AsyncClient() as stranger:
        for _ in range(2):
            await house.until(lambda: house.telegram.calls[-1].outcome == "pending")
            await stranger.get(f"{house.telegram.base_url}{house.telegram.token}/getUpdates")
        await house.say("still here")
        await house.empty()
    assert await house.kept() == ["/start", "still here"]
    assert "another program receives the updates of this bot" in said(caplog)[0]


@pytest.mark.parametrize("token", ["123456789:AAFaFaFaFaFaFaFaFaFaFaFaFaFaFaFaFaF", "no token at all"])
async def test_a_token_that_is_refused_is_tried_on_and_not_told(
    house: House, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    caplog.set_level(logging.INFO, "bot.intake")
    right = house.telegram.state.token
    async with house.receiving():
        house.telegram.state.token = token
        await house.until(lambda: len(house.clock.slept) > 2)
        house.telegram.state.token = right
        await house.say("mended")
        await house.empty()
    assert "Telegram does not accept the token" in caplog.text
    assert right not in caplog.text
    assert await house.kept() == ["/start", "mended"]


async def test_a_mistake_of_ours_does_not_end_it_and_tells_no_words(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(db: Connection, updates: list[dict[str, Any]], *, now: datetime) -> int:
        raise KeyError(updates[0]["message"]["text"])

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "store", broken)
        await house.say("a secret")
        async with house.receiving():
            await house.until(lambda: len(house.clock.slept) > 1)
    assert "KeyError" in caplog.text
    assert "a secret" not in caplog.text
    async with house.receiving():
        await house.empty()
    assert await house.kept() == ["/start", "a secret"]


async def test_it_waits_for_the_database(
    house: House, caplog: pytest.LogCaptureFixture, database_url: str
) -> None:
    caplog.set_level(logging.INFO, "bot.intake")
    async with house.receiving():
        with down(database_url):
            await house.say("one", "two")
            await house.until(lambda: len(house.clock.slept) > 1)
            assert len(house.telegram.state.queue.pending) == 2  # not acknowledged
        await house.say("three")
        await house.empty()
    assert await house.kept() == ["/start", "one", "two", "three"]
    assert said(caplog) == [
        "No updates are received at the moment; trying on. the database does not answer",
        "Updates are received again.",
    ]


async def test_it_starts_before_the_database_does(house: House, database_url: str) -> None:
    await house.say("early")
    calls = len(house.telegram.calls)
    with down(database_url):
        async with house.receiving():
            await house.until(lambda: len(house.clock.slept) > 0)
        assert len(house.telegram.calls) == calls  # nothing is fetched that could not be kept
    async with house.receiving():
        await house.empty()
    assert await house.kept() == ["/start", "early"]


@contextmanager
def down(url: str) -> Iterator[None]:
    """Make a database useless for a while."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(Path(url.removeprefix("sqlite:///")), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as admin:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        admin.execute(allow.format(sql.Identifier(name), sql.Literal(True)))


@pytest.mark.parametrize("seed", [1, 2])
async def test_stopping_at_any_moment_loses_nothing(house: House, seed: int) -> None:
    random = Random(seed)
    said = [f"word {number}" for number in range(60)]
    left = iter(said)
    for _ in range(12):
        async with house.receiving():
            await house.say(*(next(left) for _ in range(5)))
            for _ in range(random.randrange(30)):
                await asyncio.sleep(0)
    async with house.receiving():
        await house.empty()
    assert await house.kept() == ["/start", *said]


async def test_old_ids_are_forgotten_before_the_first_poll(house: House) -> None:
    [start] = await house.database.read(inbox.next, 10)
    await house.database.write(inbox.done, [start.seq])
    house.telegram.move(by=timedelta(days=8))
    house.telegram.state.queue.jump(start.update_id)
    await house.say("the old id again")
    house.telegram.state.queue.pending[0].id = start.update_id
    async with house.receiving():
        await house.empty()
    assert await house.kept() == ["the old id again"]


@pytest.mark.parametrize("answer", [{}, None, "text", 7, [1, 2], [{"message": {}}], [{"update_id": "7"}]])
def test_garbage_is_recognised(answer: Any) -> None:
    with pytest.raises(intake.Garbage):
        intake.updates_in(answer)


def test_what_has_an_id_is_taken_out_of_garbage() -> None:
    assert intake.updates_in([]) == []
    assert intake.updates_in([3, {"update_id": 2**63}, {"update_id": 7}]) == [{"update_id": 7}]
