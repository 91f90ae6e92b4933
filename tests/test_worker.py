"""The worker against the sandbox's bot: what handlers write is kept whole or not at all, and nothing stops it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DisconnectionError
from telegram import Update
from telegram.ext import Application, ContextTypes, ExtBot, MessageHandler, filters

import handlers
from bot.actions.unit import Desk
from bot.app import Bln
from bot.core.mail import To, say
from bot.sandbox.driver import Sandbox
from bot.worker import Done, batch
from handlers.context import Context
from handlers.errors import on_error
from storage import facts, inbox
from storage.db import Connection, Database, opened
from storage.tables import inbox as inbox_table
from storage.tables import outbox as outbox_table
from tests.mailing import desk, person
from tests.stories.conftest import settings

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CHAT = 4711


@dataclass
class House:
    """An application whose handler repeats what it hears, and stumbles over some words."""

    database: Database
    app: Any
    desk: Desk
    runner: asyncio.Runner
    troubles: int = 0  # so often the database is away yet
    seen: list[str] = field(default_factory=list)

    async def came(self, *texts: str, ids: int = 1) -> None:
        updates = [message(number, text) for number, text in enumerate(texts, ids)]
        await self.database.write(inbox.store, updates, now=NOW)

    async def batch(self, *, now: datetime = NOW) -> Done:
        return await self.database.write(batch, self.app, self.runner, self.desk, now=now)

    async def all(self) -> None:
        while (await self.batch()).any:
            pass

    async def handle(self, update: Update, context: Context) -> None:
        assert update.effective_message is not None
        text = update.effective_message.text or ""
        self.seen.append(text)
        context.say(say(To(telegram=CHAT), text, key=""))
        if "trouble" in text and self.troubles:
            self.troubles -= 1
            raise DisconnectionError("the server is away")
        if "poison" in text:
            facts.put(context.db, "half", text, now=context.now)
            raise LookupError(text)

    async def letters(self) -> list[str]:
        return await self.database.read(_letters)

    async def states(self) -> list[tuple[str, int, str | None, bool]]:
        return await self.database.read(_states)


def message(number: int, text: str) -> dict[str, Any]:
    anna = {"id": CHAT, "is_bot": False, "first_name": "Anna"}
    chat = {"id": CHAT, "type": "private", "first_name": "Anna"}
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1_793_610_000, "from": anna, "chat": chat, "text": text},
    }


def _letters(db: Connection) -> list[str]:
    """What the handlers said, in order."""
    query = select(outbox_table.c.params).where(outbox_table.c.key.like("reply:%"))
    return [params["text"] for params in db.execute(query.order_by(outbox_table.c.id)).scalars()]


def _states(db: Connection) -> list[tuple[str, int, str | None, bool]]:
    """State, attempts, error of each update, and whether its words are still there."""
    table = inbox_table
    query = select(table.c.state, table.c.attempts, table.c.error, table.c.payload).order_by(table.c.seq)
    return [(state, count, error, payload is not None) for state, count, error, payload in db.execute(query)]


def _told(db: Connection) -> int:
    query = select(outbox_table.c.id).where(outbox_table.c.key.like("operator:parked:%"))
    return len(db.execute(query).all())


def build(bot: "ExtBot[None]", context: type[Context] = Context) -> Any:
    return (
        Application.builder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=context))
        .build()
    )


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(now=NOW) as telegram:
        yield telegram


@pytest.fixture
async def house(database: Database, telegram: Sandbox) -> AsyncIterator[House]:
    app = build(ExtBot(telegram.token, base_url=telegram.base_url))
    house = House(database, app, desk(), asyncio.Runner(loop_factory=asyncio.new_event_loop))
    app.add_handler(MessageHandler(filters.ALL, house.handle))
    app.add_error_handler(on_error)
    await app.initialize()
    await database.write(person, CHAT, coordinator=True)  # of strangers nothing is parked
    yield house
    await app.shutdown()
    await asyncio.to_thread(house.runner.close)


async def test_what_is_handled_is_written_in_order_and_gives_up_its_words(house: House) -> None:
    texts = [f"{number}" for number in range(45)]
    await house.came(*texts)
    assert (await house.batch()).any
    assert await house.letters() == texts[:20]  # a batch is one transaction of at most 20
    await house.all()
    assert await house.letters() == texts
    assert set(await house.states()) == {("done", 0, None, False)}


async def test_the_same_update_twice_changes_nothing(house: House) -> None:
    await house.came("hello")
    await house.all()
    await house.came("hello")
    await house.all()
    assert (await house.letters(), house.seen) == (["hello"], ["hello"])


async def test_a_poison_update_is_parked_after_three_attempts_and_those_behind_it_go_on(house: House) -> None:
    await house.came("one", "poison", "two", "three")
    await house.batch()
    assert await house.letters() == ["one"]  # what came before is kept, what comes behind waits its turn
    await house.all()
    assert house.seen == ["one", "poison", "poison", "poison", "two", "three"]
    assert await house.letters() == ["one", "two", "three"]
    assert await house.database.read(facts.get, "half") is None
    assert (await house.states())[1] == ("parked", 3, "LookupError", True)
    assert await house.database.read(_told) == 1


async def test_what_is_given_back_and_fails_again_is_told_again(house: House) -> None:
    await house.came("poison")
    await house.all()
    assert await house.database.write(inbox.retry) == 1
    for _ in range(3):
        await house.batch(now=NOW + timedelta(days=1))
    assert (await house.states())[0] == ("parked", 3, "LookupError", True)
    assert await house.database.read(_told) == 2


async def test_trouble_with_the_database_is_not_counted_and_undoes_the_whole_batch(house: House) -> None:
    house.troubles = 5
    await house.came("one", "trouble", "two")
    while house.troubles:
        try:
            await house.batch()
        except DisconnectionError:
            assert await house.letters() == []
    await house.all()
    assert await house.letters() == ["one", "trouble", "two"]
    assert set(await house.states()) == {("done", 0, None, False)}


async def test_an_update_that_nobody_can_read_is_parked_and_one_of_a_new_kind_is_not(house: House) -> None:
    broken = {"update_id": 1, "poll": {"id": "1", "question": "What?"}}
    unknown = {"update_id": 2, "telepathy": {"from": {"id": 5}, "text": "hello"}}
    await house.database.write(inbox.store, [broken, unknown, {"update_id": 3}], now=NOW)
    await house.all()
    assert [row[0] for row in await house.states()] == ["parked", "done", "done"]


async def test_no_words_reach_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    await house.came("poison: my mother fell")
    await house.all()
    assert "LookupError" in caplog.text
    assert "mother" not in caplog.text


class NoContext(Context):
    """Cannot be made."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise LookupError


async def test_where_no_context_can_be_made_the_update_is_not_taken_for_handled(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    app = build(house.app.bot, NoContext)
    app.add_handler(MessageHandler(filters.ALL, house.handle))
    await app.initialize()
    house.app = app
    await house.came("my mother fell")
    await house.all()
    assert (await house.states())[0] == ("parked", 3, "LookupError", True)
    assert "mother" not in caplog.text


# In the living bot ------------------------------------------------------------------------------------------


async def test_the_batch_in_hand_is_finished_before_its_handlers_lose_their_loop(
    telegram: Sandbox, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    closing: list[Callable[[float], bool]] = []

    async def slow(update: Update, _: Context) -> None:
        loop.call_soon_threadsafe(begun.set)
        assert closing[0](10)  # goes on when the database is being closed

    monkeypatch.setattr(handlers, "all_handlers", lambda: [MessageHandler(filters.ALL, slow)])
    async with Bln.living(settings(telegram, database_url)) as bln:
        closing.append(bln.database._closing.wait)
        anna = telegram.user("Anna")
        await telegram.send(anna, "one")
        await asyncio.wait_for(begun.wait(), 20)
    with opened(database_url) as database:
        assert set(database.read_now(_states)) == {("done", 0, None, False)}


async def test_a_loop_that_ends_ends_the_bot_with_an_error(telegram: Sandbox, database_url: str) -> None:
    async def live() -> None:
        async with Bln.living(settings(telegram, database_url)) as bln:
            bln.tasks[0].cancel()
            await asyncio.wait(bln.tasks, return_when=asyncio.FIRST_COMPLETED)

    with pytest.raises(RuntimeError, match="has ended"):
        await live()
