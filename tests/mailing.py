"""What tests of the sending side share: the sandbox's clock, a sender, a network with a group, a desk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from telegram import Bot
from telegram.request import HTTPXRequest

from bot import catalogues, trust
from bot.actions.unit import Desk
from bot.core.mail import Letter
from bot.core.texts import Texts
from bot.sandbox.driver import Sandbox
from bot.sender import Sender
from storage import chats, outbox, people
from storage.db import Connection, Database, insert
from storage.outbox import Row
from storage.tables import networks as networks_table

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
BOT_ID = 777


class SandboxClock:
    """The sandbox's time. Who sleeps moves it on."""

    def __init__(self, telegram: Sandbox) -> None:
        self._telegram = telegram

    def now(self) -> datetime:
        return self._telegram.state.clock.now()

    async def sleep_until(self, moment: datetime) -> None:
        self._telegram.state.clock.move(moment)


class Post:
    """A database, a Telegram and the sender in between; time moves only in `pass_` and `all`."""

    def __init__(self, database: Database, telegram: Sandbox, bot: Bot, ops_chat: int | None) -> None:
        self.database, self.telegram, self.bot = database, telegram, bot
        self.desk = desk(ops_chat=ops_chat, bot_id=telegram.state.bot.id)
        self.clock = SandboxClock(telegram)
        self.sender = Sender(database, bot, self.clock, self.desk)

    async def write(self, *letters: Letter) -> None:
        await self.database.write(outbox.write, letters, now=self.clock.now())

    async def pass_(self, **time: float) -> None:
        """Let time pass and send what has become due."""
        await self.clock.sleep_until(self.clock.now() + timedelta(**time))
        await self.sender.work()

    async def all(self, **within: float) -> None:
        """Send everything that becomes due within a time, going from moment to moment."""
        end = self.clock.now() + timedelta(**within)
        while (rest := await self.sender.work()) is not None and rest <= end:
            await self.clock.sleep_until(rest)
        await self.clock.sleep_until(end)

    async def row(self, key: str) -> Row:
        found = await self.database.read(outbox.by_key, key)
        assert found is not None, f"no letter {key}"
        return found

    async def state(self, key: str) -> str:
        return (await self.row(key)).state

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The parameters of the calls of a method, in order."""
        return [call.params for call in self.telegram.calls if call.method == method]


@asynccontextmanager
async def posting(
    database: Database,
    telegram: Sandbox,
    *,
    ops_chat: int | None = None,
    token: str = "",
    read_timeout: float = 5,
) -> AsyncIterator[Post]:
    """A sender that talks to the sandbox."""
    request = HTTPXRequest(
        connection_pool_size=32, read_timeout=read_timeout, httpx_kwargs={"verify": trust.context()}
    )
    bot = Bot(
        token or telegram.token, base_url=telegram.base_url, base_file_url=telegram.file_url, request=request
    )
    if not token:
        await bot.initialize()
    else:
        await request.initialize()
    post = Post(database, telegram, bot, ops_chat)
    try:
        yield post
    finally:
        await post.sender.finish(0)  # else a call that is under way opens a connection that nobody closes
        await bot.shutdown()
        await request.shutdown()


@cache
def texts() -> Texts:
    return catalogues.load(strict=True)


def desk(*, ops_chat: int | None = None, bot_id: int = BOT_ID) -> Desk:
    return Desk(texts=texts(), bot_id=bot_id, bot_username="bln_bot", ops_chat=ops_chat)


def network(db: Connection) -> int:
    """A network with nobody in it."""
    made: int = db.execute(
        insert(db, networks_table)
        .values(title="Care", language="en", timezone="Europe/Amsterdam", created_at=START)
        .returning(networks_table.c.id)
    ).scalar_one()
    return made


def group(db: Connection, telegram_id: int, *, kind: str = "supergroup") -> int:
    """A group of a network of its own; its internal id."""
    return chats.keep(db, network(db), telegram_id, circle="core", kind=kind, title="Care", now=START).id


def person(db: Connection, telegram_id: int, *, coordinator: bool = False) -> int:
    """Somebody who has pressed Start."""
    made = people.keep(db, telegram_id, name="Anna", username=None, language="en", now=START)
    people.change(db, made.id, reachable=True, coordinator=coordinator)
    return made.id
