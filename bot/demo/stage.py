"""The demo's Telegram: who is in which group, and how an actor finds what the bot said to them.

Buttons are found by the data behind them and never by their words, which differ by language and may change.
"""

import io
import math
import re
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from PIL import Image, ImageDraw, ImageFont

from bot.demo.script import Person, Script
from bot.sandbox import markup, people
from bot.sandbox.model import Chat, Entry, Json, User
from bot.sandbox.people import Impossible
from bot.sandbox.state import State

T = TypeVar("T")
PATIENCE = 20.0  # real seconds for which an actor waits for the bot


class GaveUp(Exception):
    """The bot did not say what an actor was waiting for; the visitor may have changed the course of things."""


@dataclass
class Stage:
    """The sandbox with the network's people in it."""

    state: State
    script: Script
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Chat] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=dict)

    def set_up(self) -> None:
        """Give everybody a telephone and put them into their groups, where the bot is not yet."""
        for person in self.script.everybody:
            user = self.state.add_user(person.name, language=self.script.language)
            self.users[person.key] = user
            self.roles[user.id] = person.role
        frida = self.users[self.script.facilitator.key]
        for circle, title in (("core", self.script.group), ("board", self.script.board)):
            group = self.groups[circle] = self.state.add_chat(title)
            self.state.add_member(group, frida, "creator")
        for person in self.script.people:
            self.state.add_member(self.groups[person.circle], self.users[person.key])

    def group_of(self, person: Person) -> Chat:
        """Return the group in which somebody is."""
        return self.groups[person.circle]

    # what the bot said

    def said(self, chat: Chat) -> Iterator[Entry]:
        """Return what the bot said in a chat and did not delete, the newest first."""
        for entry in reversed(list(chat.entries.values())):
            if entry.sent_by_bot and not entry.deleted and not entry.service:
                yield entry

    def find(self, chat: Chat, pattern: str, *, after: int = 0) -> tuple[Entry, str] | None:
        """Return the newest of the bot's messages with a button that fits, and the data or address behind it."""
        for entry in self.said(chat):
            if entry.id <= after:
                return None
            found = behind(entry, pattern)
            if found is not None:
                return entry, found
        return None

    async def wait_for(self, what: Callable[[], T | None], *, seconds: float = PATIENCE) -> T:
        """Wait until there is something, and return it."""
        if not await self.state.changes.wait_for(lambda: what() is not None, seconds=seconds):
            raise GaveUp
        found = what()
        assert found is not None
        return found

    async def wait_to_find(self, chat: Chat, pattern: str, *, after: int = 0) -> tuple[Entry, str]:
        """Wait for a message of the bot with a button that fits."""
        return await self.wait_for(lambda: self.find(chat, pattern, after=after))

    # what a person does

    def private(self, key: str) -> Chat:
        """Return somebody's chat with the bot."""
        return self.state.private(self.users[key])

    def press(self, key: str, entry: Entry, data: str) -> None:
        """Press a button."""
        people.send_query(self.state, self.users[key], entry, data)

    def has_pressed(self, key: str, data: str) -> bool:
        """Whether a visitor did it for them: pressed this button, or chose something else in the same place."""
        same = ":".join(data.split(":")[:3])
        return any(
            one.user.id == self.users[key].id and ":".join(one.data.split(":")[:3]) == same
            for one in self.state.queries.values()
        )

    def say(self, key: str, text: str, chat: Chat | None = None, reply_to: Entry | None = None) -> Entry:
        """Write something."""
        return people.write(self.state, self.users[key], people.text_body(text), chat=chat, reply_to=reply_to)

    async def join(self, person: Person, *, after: int = 0) -> None:
        """Go through the dialog of joining as a person would: read, tap, read on."""
        chat, tapped = self.private(person.key), set[str]()
        while True:
            entry, _ = await self.wait_to_find(chat, r"^v1:joining\.", after=after)
            shown = list(buttons(entry))
            data = next_tap(shown, person, self.script.language, tapped)
            if data is None:
                return
            tapped.add(data)
            before = entry.body
            self.press(person.key, entry, data)
            await self.wait_for(lambda: _moved_on(self, chat, entry, before))  # noqa: B023
            if ".done:" in data:
                return


def _moved_on(stage: Stage, chat: Chat, entry: Entry, before: Json) -> bool | None:
    newest = next(stage.said(chat), entry)
    return (newest is not entry or entry.body is not before) or None


def next_tap(shown: list[str], person: Person, language: str, tapped: set[str]) -> str | None:
    """Return what somebody taps on a screen of joining; the first button is the one that goes on."""
    wishes = [
        rf"^v1:joining\.lang:[^:]*:{language}\b",
        r"^v1:joining\.agree:",
        rf"^v1:joining\.as:[^:]*:{person.group}\b",
        r"^v1:joining\.show:[^:]*:further\b",
        rf"^v1:joining\.quote:[^:]*:{person.quote}\b",
        r"^v1:joining\.quote:",
        *([r"^v1:joining\.tap:[^:]*:media\b"] if person.media else []),
        r"^v1:joining\.",
    ]
    for wish in wishes:
        for data in shown:
            if re.search(wish, data) and data not in tapped:
                return data
    return None


def buttons(entry: Entry) -> Iterator[str]:
    """Return what is behind a message's buttons: data, or addresses."""
    for row in markup.buttons(entry.body):
        for one in row:
            yield str(one.get("callback_data") or one.get("url") or "")


def behind(entry: Entry, pattern: str) -> str | None:
    """Return what is behind the first button that fits."""
    return next((data for data in buttons(entry) if re.search(pattern, data)), None)


def words(entry: Entry) -> str:
    """Return a message's text or caption."""
    return str(entry.body.get("text", entry.body.get("caption", "")))


# Things that people send ----------------------------------------------------------------------------------------


def photo(lines: tuple[str, ...]) -> bytes:
    """Return the picture of a week's plan on a fridge."""
    picture = Image.new("RGB", (900, 1100), "#c9cfd3")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((70, 70, 830, 1030), 6, fill="#fffdf4", outline="#d8d2bd", width=3)
    draw.ellipse((420, 50, 480, 110), fill="#b5483a")
    for number, line in enumerate(lines):
        top = 170 + number * 118
        draw.line((110, top + 84, 790, top + 84), fill="#bcd0de", width=3)
        draw.text((120, top + 26), line, fill="#27408b", font=ImageFont.load_default(44))
    out = io.BytesIO()
    picture.rotate(-1.5, resample=Image.Resampling.BICUBIC, fillcolor="#c9cfd3").save(out, "JPEG", quality=82)
    return out.getvalue()


def voice(seconds: int) -> bytes:
    """Return a quiet humming: a sound that any browser can play, as no voice of a real person belongs here."""
    rate = 8000
    samples = bytearray()
    for n in range(rate * seconds):
        swell = 0.5 - 0.5 * math.cos(2 * math.pi * n / rate / 1.5)
        tone = math.sin(2 * math.pi * (180 + 20 * ((n // rate) % 3)) * n / rate)
        samples.append(128 + int(26 * swell * tone))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(bytes(samples))
    return out.getvalue()


__all__ = ["GaveUp", "Impossible", "Stage", "behind", "buttons", "photo", "voice", "words"]
