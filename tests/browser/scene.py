"""A group, three people and a bot that speaks when the test says so: what the page's tests look at."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from PIL import Image
from starlette.applications import Starlette

from bot.sandbox import people
from bot.sandbox.model import Chat, User
from bot.sandbox.page import add_page
from bot.sandbox.server import create_app
from bot.sandbox.state import State

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def picture(colour: str = "seagreen", size: tuple[int, int] = (640, 400)) -> bytes:
    """Return a small PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@dataclass
class Scene:
    """A sandbox with its page, and hands for the bot."""

    state: State
    app: Starlette
    url: str = ""
    roles: dict[int, str] = field(default_factory=dict)

    def person(self, name: str, role: str = "") -> User:
        """Let somebody have a telephone."""
        first, _, last = name.partition(" ")
        user = self.state.add_user(first, last_name=last or None)
        if role:
            self.roles[user.id] = role
        return user

    def group(self, title: str, *members: User) -> Chat:
        """Let a group exist: the first one owns it, the bot is an administrator."""
        chat = self.state.add_chat(title)
        for number, user in enumerate(members):
            self.state.add_member(chat, user, "creator" if number == 0 else "member")
        self.state.add_member(chat, self.state.bot, "administrator")
        return chat

    async def bot(self, method: str, files: dict[str, Any] | None = None, **params: Any) -> Any:
        """Let the bot call the Bot API, as it really does."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            address = f"/bot{self.state.token}/{method}"
            if files:
                answer = await client.post(address, data=params, files=files)
            else:
                answer = await client.post(address, json=params)
        answered = answer.json()
        assert answered["ok"], answered
        return answered["result"]

    def says(self, user: User, text: str, chat: Chat | None = None, *, to: int | None = None) -> int:
        """Let somebody write, as if from another telephone."""
        where = self.state.private(user) if chat is None else chat
        entry = people.write(
            self.state,
            user,
            people.text_body(text),
            chat=where,
            reply_to=where.entry(to) if to is not None else None,
        )
        return entry.id

    def updates(self, kind: str) -> list[dict[str, Any]]:
        """Return what the bot would be told."""
        return [one.payload for one in self.state.queue.pending if one.kind == kind]


def new_scene(now: datetime = START) -> Scene:
    """Return an empty sandbox with a page."""
    state = State(now=now)
    app = create_app(state)
    scene = Scene(state, app)
    add_page(app, zone="Europe/Amsterdam", roles=scene.roles)
    state.limits.enabled = False
    state.bot.first_name = "BLN bot"
    state.queue.allow(["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"])
    return scene
