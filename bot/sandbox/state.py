"""All that the sandbox's Telegram knows, and the few things that everything else is made of.

User actions live in `people.py` and `membership.py`, the bot's in `methods/`; whoever shows the state
(the browser page) adds a listener to `state.changes.listeners` and renders with `render.py`.
"""

import re
from datetime import datetime
from random import Random
from typing import Any

from bot.sandbox.changes import Changes
from bot.sandbox.clock import Clock
from bot.sandbox.errors import bad
from bot.sandbox.faults import Faults
from bot.sandbox.limits import Limits
from bot.sandbox.model import (
    ANONYMOUS,
    CHANNEL_BOT,
    TELEGRAM,
    Answer,
    CallRecord,
    Chat,
    Entry,
    Json,
    Member,
    Poll,
    Query,
    StoredFile,
    User,
    all_rights,
)
from bot.sandbox.updates import Queue

BOT_ID = 7_100_000_001
FIRST_USER = 5_200_000_001
FIRST_GROUP = 4_100_000_001
FIRST_SUPERGROUP = 1_002_100_000_001
WELL_FORMED = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")


class State:
    """One Telegram with one bot."""

    def __init__(self, *, now: datetime, seed: int = 0, username: str = "bln_sandbox_bot") -> None:
        self.random = Random(seed)  # noqa: S311 - the same story again is the point
        self.changes = Changes()
        self.clock = Clock(now, changes=self.changes)
        self.queue = Queue(
            self.clock, first_id=self.random.randint(100_000_000, 900_000_000), random=self.random
        )
        self.faults = Faults(self.random)
        self.limits = Limits()
        self.bot = User(BOT_ID, "BLN", username=username, language=None, is_bot=True)
        self.token = f"{BOT_ID}:" + "sandbox" * 5
        self.reads_all = True  # privacy mode off; administrators read everything anyway
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.polls: dict[str, Poll] = {}
        self.queries: dict[str, Query] = {}
        self.answers: list[Answer] = []
        self.calls: list[CallRecord] = []
        self.settings: dict[str, Any] = {}  # commands, names, descriptions, menu buttons
        self.webhook: Json = {}
        self.poller = 0  # counts getUpdates calls: an earlier one gives way
        self.closing = False
        self._box = 0  # message ids of private chats and basic groups are one sequence
        self._numbers = {
            "user": FIRST_USER,
            "group": FIRST_GROUP,
            "supergroup": FIRST_SUPERGROUP,
            "file": 1,
            "query": 1,
        }
        self.anonymous = User(ANONYMOUS, "Group", username="GroupAnonymousBot", language=None, is_bot=True)
        self.channel_bot = User(CHANNEL_BOT, "Channel", username="Channel_Bot", language=None, is_bot=True)
        self.telegram = User(TELEGRAM, "Telegram", language=None)

    @property
    def version(self) -> int:
        """How often anything has changed."""
        return self.changes.version

    def number(self, kind: str) -> int:
        """Return the next number of a kind: one that was given is never given again."""
        value = self._numbers[kind]
        self._numbers[kind] += 1
        return value

    # users and chats

    def add_user(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language: str | None = "en",
        is_bot: bool = False,
    ) -> User:
        """Add an account, and the private chat it may one day start with the bot."""
        user = User(self.number("user"), first_name, last_name, username, language, is_bot)
        self.users[user.id] = user
        self.chats[user.id] = Chat(user.id, "private", user=user)
        self.changes.fire()
        return user

    def add_chat(
        self, title: str, *, kind: str = "supergroup", username: str | None = None, forum: bool = False
    ) -> Chat:
        """Add an empty group."""
        if kind == "group":
            chat = Chat(-self.number("group"), "group", title, None)
        else:
            chat = Chat(-self.number("supergroup"), "supergroup", title, username, forum=forum)
        self.chats[chat.id] = chat
        self.changes.fire()
        return chat

    def add_member(self, chat: Chat, user: User, status: str = "member") -> Member:
        """Put a user into a chat without telling anybody: how a chat was before the story begins."""
        rights = all_rights() if status in ("administrator", "creator") else {}
        member = chat.members[user.id] = Member(user, status, rights)
        self.changes.fire()
        return member

    def private(self, user: User) -> Chat:
        """Return the user's chat with the bot."""
        return self.chats[user.id]

    def membership(self, chat: Chat) -> Member | None:
        """Return the bot's own standing in a group."""
        return chat.members.get(self.bot.id)

    def bot_is_admin(self, chat: Chat) -> bool:
        """Whether the bot is administrator of a group."""
        member = self.membership(chat)
        return member is not None and member.is_admin

    # messages

    def new_id(self, chat: Chat) -> int:
        """Return the next message id: supergroups count for themselves, all else is in the bot's one box."""
        if chat.kind == "supergroup":
            chat.last_id += 1
            return chat.last_id
        self._box += 1
        chat.last_id = self._box
        return self._box

    def post(
        self,
        chat: Chat,
        sender: User,
        body: Json,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        service: bool = False,
    ) -> Entry:
        """Put a message into a chat."""
        entry = Entry(chat, self.new_id(chat), sender, body, reply_to, thread, service=service)
        entry.sent_by_bot = sender.id == self.bot.id
        body["date"] = self.seconds()
        chat.entries[entry.id] = entry
        self.changes.fire()
        return entry

    def seconds(self) -> int:
        """Return the moment as Telegram writes it: whole seconds."""
        return int(self.clock.now().timestamp())

    def act(self) -> None:
        """Begin something a user does: a frozen clock moves on a little."""
        self.clock.step()

    # files

    def keep_file(
        self,
        data: bytes,
        *,
        kind: str,
        name: str | None = None,
        mime: str | None = None,
        size: int | None = None,
        extra: Json | None = None,
    ) -> StoredFile:
        """Keep a file; its id is valid for this bot for ever."""
        number = self.number("file")
        suffix = "." + name.rsplit(".", 1)[1] if name and "." in name else ""
        file = StoredFile(
            id=f"BQACAgSandbox{number:08d}{kind}",
            unique_id=f"AgAD{number:08d}",
            kind=kind,
            data=data,
            size=len(data) if size is None else size,
            path=f"{kind}s/file_{number}{suffix}",
            name=name,
            mime=mime,
            extra=extra or {},
        )
        self.files[file.id] = file
        return file

    def file(self, file_id: str) -> StoredFile:
        """Return a file by the id under which the bot knows it."""
        if file_id not in self.files:
            raise bad("wrong file identifier/HTTP URL specified")
        return self.files[file_id]

    def close(self) -> None:
        """Let everybody who waits go home."""
        self.closing = True
        self.changes.fire()
