"""The sandbox as tests use it: people who write and press, a clock to travel on, transcripts to read."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from bot.sandbox import server
from bot.sandbox.faults import Fault, Kind
from bot.sandbox.gestures import Gestures
from bot.sandbox.methods import topics
from bot.sandbox.model import Answer, CallRecord, Chat, Topic, User
from bot.sandbox.state import State
from bot.sandbox.transcript import Message
from bot.sandbox.waiting import REAL_SECONDS, WITHIN, NotFinished, Waiting

__all__ = ["Chat", "Message", "Sandbox", "Topic", "User"]

T = TypeVar("T")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Sandbox(Gestures):
    """A running sandbox. What people do is async and returns at once; `settle()` waits for the bot."""

    def __init__(self, state: State, port: int) -> None:
        super().__init__(state)
        origin = f"http://127.0.0.1:{port}"
        self.port = port
        self.base_url, self.file_url = f"{origin}/bot", f"{origin}/file/bot"
        self.clock_url = f"{origin}/clock"
        self.waiting = Waiting(state)

    @classmethod
    @contextlib.asynccontextmanager
    async def running(
        cls, *, now: datetime = MONDAY, seed: int = 0, rate: float = 0.0, privacy: bool = False
    ) -> AsyncIterator[Self]:
        """Serve a fresh Telegram on a free port of this machine."""
        state = State(now=now, seed=seed)
        state.reads_all = not privacy
        if rate:
            state.clock.play(rate)
        sock = server.listen("127.0.0.1", 0)
        port = sock.getsockname()[1]
        async with server.serving(server.create_app(state), sock):
            yield cls(state, port)

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.state.token

    @property
    def username(self) -> str:
        """The bot's username."""
        return str(self.state.bot.username)

    @property
    def calls(self) -> list[CallRecord]:
        """Every request the bot made."""
        return self.state.calls

    @property
    def answers(self) -> list[Answer]:
        """What the bot answered to button presses."""
        return self.state.answers

    # who is there

    def user(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language: str | None = "en",
        is_bot: bool = False,
    ) -> User:
        """Add a person."""
        return self.state.add_user(
            first_name, last_name=last_name, username=username, language=language, is_bot=is_bot
        )

    def group(
        self,
        title: str,
        *,
        members: Iterable[User] = (),
        admins: Iterable[User] = (),
        bot: str | None = "administrator",
        kind: str = "supergroup",
        forum: bool = False,
        username: str | None = None,
        visible_history: bool = False,
    ) -> Chat:
        """Add a group as it is when the story begins; the first of `admins` is its owner."""
        chat = self.state.add_chat(title, kind=kind, username=username, forum=forum)
        chat.visible_history = visible_history
        for member in members:
            self.state.add_member(chat, member)
        for number, admin in enumerate(admins):
            self.state.add_member(chat, admin, "administrator" if number else "creator")
        if bot is not None:
            self.state.add_member(chat, self.state.bot, bot)
        return chat

    async def topic(self, group: Chat, name: str) -> Topic:
        """Open a topic in a forum."""
        self.state.act()
        return topics.open_topic(self.state, group, name, by=self._owner(group))

    # what is to be read

    def _chat(self, where: Chat | User) -> Chat:
        return self.state.private(where) if isinstance(where, User) else where

    def transcript(self, where: Chat | User, *, deleted: bool = True) -> list[Message]:
        """Return all messages of a group, or of a person's private chat."""
        entries = self._chat(where).entries.values()
        return [Message(entry) for entry in entries if deleted or not entry.deleted]

    def last(self, where: Chat | User) -> Message:
        """Return what the bot said last."""
        said = self.said(where)
        if not said:
            raise AssertionError("the bot has said nothing here")
        return said[-1]

    def said(self, where: Chat | User, *, containing: str = "") -> list[Message]:
        """Return what the bot said and did not delete."""
        return [
            message
            for message in self.transcript(where, deleted=False)
            if message.from_bot and not message.service and containing in message.text
        ]

    def file(self, message: Message) -> bytes:
        """Return the bytes of a message's file."""
        assert message.media is not None, f"there is no file in {message}"
        return self.state.file(message.media).data

    def answer(self, query_id: str) -> Answer | None:
        """Return what the bot answered to one button press."""
        return next((answer for answer in self.answers if answer.query_id == query_id), None)

    # waiting and time

    def now(self) -> datetime:
        """Return the sandbox's moment."""
        return self.state.clock.now()

    def play(self, rate: float) -> None:
        """Let time run, `rate` times as fast as real time; 0 freezes it."""
        self.state.clock.play(rate)

    def move(self, *, to: datetime | None = None, by: timedelta = timedelta(0)) -> None:
        """Move the clock without waiting for the bot."""
        self.state.clock.move(to or self.now() + by)

    def mistime(self, by: timedelta) -> None:
        """Let the clock of the bot's machine be wrong by so much; Telegram's own goes on as it was."""
        self.state.clock.go_wrong(by)

    async def settle(self, *, within: timedelta = WITHIN, real_seconds: float = REAL_SECONDS) -> None:
        """Wait until the bot has done what is due now, and what its rate limits put off by a little."""
        await self.waiting.settle(within=within, real_seconds=real_seconds)

    async def travel(
        self,
        *,
        to: datetime | None = None,
        by: timedelta = timedelta(0),
        real_seconds: float = REAL_SECONDS,
    ) -> None:
        """Let time pass, stopping wherever the bot has something to do, and let it finish there."""
        await self.waiting.travel(to or self.now() + by, real_seconds=real_seconds)

    async def wait_for(self, what: Callable[[], T], *, seconds: float = REAL_SECONDS) -> T:
        """Wait for something in Telegram to be there or be true, and return it."""
        if not await self.state.changes.wait_for(lambda: bool(what()), seconds=seconds):
            raise NotFinished(f"did not happen; {self.waiting.describe(seconds)}")
        return what()

    async def requests(self, count: int, *, seconds: float = REAL_SECONDS) -> None:
        """Wait until the bot has made so many more requests."""
        enough = len(self.calls) + count
        await self.wait_for(lambda: len(self.calls) >= enough, seconds=seconds)

    # faults

    def fault(self, method: str, kind: Kind, *, chat: Chat | User | None = None, **details: Any) -> Fault:
        """Let the next request of a method go wrong, or with `probability` any: see `Fault` for the kinds."""
        where = None if chat is None else self._chat(chat).id
        if "probability" in details:
            details.setdefault("times", None)
        return self.state.faults.add(Fault(method, kind, chat_id=where, **details))

    def no_faults(self) -> None:
        """Let everything go right again; what hangs is let go."""
        self.state.faults.clear()
        self.state.changes.fire()
