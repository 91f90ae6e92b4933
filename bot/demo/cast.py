"""The people of the demo over the following weeks: each act of the script when its moment comes on the sandbox's clock.

Nobody here assumes that they are alone: a visitor may speak for anybody, change the plan, delete and press. What an
act hangs on and is not there, does not happen; the others go on.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from bot.demo import opening
from bot.demo.script import Act, Person
from bot.demo.stage import GaveUp, Impossible, Stage, behind, photo, voice, words
from bot.sandbox import people
from bot.sandbox.model import Chat, Entry

VOICE_SECONDS = 14


class Cast:
    """Watches what the bot says, and sets the alarms of those who react to it."""

    def __init__(self, stage: Stage, done: set[str] | None = None) -> None:
        self.stage, self.state, self.script = stage, stage.state, stage.script
        self.done = set() if done is None else done
        self.wrote: dict[str, Entry] = {}  # what became of the acts
        self._read: dict[int, int] = {}  # the newest message of each chat that was looked at
        self._count: dict[tuple[int, str], int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def play(self) -> None:
        """Let everybody act until cancelled."""
        for person in self.script.people:
            if person.joins is not None:
                self._at(f"join:{person.key}", self.script.begins + person.joins, self._joining(person))
        self.state.changes.listeners.append(self._look)
        try:
            self._look()
            await self._ring()
        finally:
            self.state.changes.listeners.remove(self._look)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ring(self) -> None:
        """A running clock rings when it is asked: ask it when the next alarm is due."""
        clock = self.state.clock
        while True:
            version, alarm, seconds = clock.version, clock.alarm, None
            if alarm is not None and clock.rate:
                seconds = max(0.0, (alarm - clock.now()).total_seconds() / clock.rate)
            await self.state.changes.wait_for(
                lambda version=version, alarm=alarm: clock.version != version or clock.alarm != alarm,  # type: ignore[misc]
                seconds=seconds,
            )
            clock.ring()

    def _at(self, key: str, moment: datetime, action: Callable[[], None]) -> None:
        def act() -> None:
            if key in self.done:
                return
            self.done.add(key)
            try:
                action()
            except (Impossible, LookupError):
                return  # the message is gone, or the person: so be it

        if key not in self.done:
            self.state.clock.at(moment.astimezone(UTC), act)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        async def patient() -> None:
            try:
                await work
            except (GaveUp, Impossible):
                return

        task = asyncio.create_task(patient())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # what happens

    def _look(self) -> None:
        """Read what is new, and see what hangs on it."""
        for circle, group in self.stage.groups.items():
            for entry in self._new(group):
                for anchor in self._in_group(entry):
                    self._happened(anchor, entry, circle)
        frida = self.script.facilitator
        for person in self.script.everybody:
            for entry in self._new(self.stage.private(person.key)):
                if person is frida and behind(entry, r"^v1:digests\.through:"):
                    self._happened(self._numbered(entry, "draft"), entry, "")
                elif behind(entry, r"^v1:digests\.yes:"):
                    self._happened("asked", entry, "", by=person.key)

    def _new(self, chat: Chat) -> list[Entry]:
        since = self._read.get(chat.id, 0)
        if chat.last_id == since:
            return []
        fresh = [entry for number, entry in chat.entries.items() if number > since and entry.sent_by_bot]
        self._read[chat.id] = max(chat.entries, default=since)
        return fresh

    def _in_group(self, entry: Entry) -> list[str]:
        if behind(entry, r"[?&]start=p_"):
            said = words(entry)
            return [
                self._numbered(entry, name) for name, text in self.script.questions.items() if text in said
            ]
        if behind(entry, r"^v1:digests\.about:"):
            return [self._numbered(entry, "digest")]
        return ["meeting"] if behind(entry, r"^v1:meetings\.yes:") else []

    def _numbered(self, entry: Entry, name: str) -> str:
        number = self._count[entry.chat.id, name] = self._count.get((entry.chat.id, name), 0) + 1
        return f"{name}.{number}"

    def _happened(self, anchor: str, entry: Entry, circle: str, by: str | None = None) -> None:
        """Set the alarms of all who react to this."""
        moment = datetime.fromtimestamp(entry.body["date"], UTC)
        for act in self.script.acts:
            person = self.script.person(act.by)
            if act.to != anchor or circle not in ("", person.circle) or by not in (None, act.by):
                continue
            key = f"{act.key}@{entry.id}" if by else act.key
            self._at(key, moment + act.after, self._acting(act, person, entry))

    # what is done

    def _joining(self, person: Person) -> Callable[[], None]:
        async def join() -> None:
            link = await opening.join_link(self.stage, self.stage.group_of(person))
            await opening.join(self.stage, person, link)

        return lambda: self._later(join())

    def _acting(self, act: Act, person: Person, target: Entry) -> Callable[[], None]:
        def group() -> None:
            self._gave(act, self.stage.say(act.by, act.text, target.chat, self._there(target)))

        def edit() -> None:
            people.edit(self.state, self.stage.users[act.by], self._there(target), act.text)

        def react() -> None:
            people.react(self.state, self.stage.users[act.by], self._there(target), act.text)

        def press() -> None:
            verb, _, nonce = act.text.partition(" ")
            chat, wanted = target.chat, rf"^v1:\w+\.{re.escape(verb)}:"
            wanted += rf"[^:]+:{re.escape(nonce)}$" if nonce else ""
            found = behind(target, wanted)
            # Not in older messages: their buttons may be of no use any more, and an alert stands in a visitor's way.
            later = self.stage.find(chat, wanted, after=target.id)
            entry, data = (target, found) if found else later or (target, "")
            if data and not self.stage.has_pressed(act.by, data):
                self.stage.press(act.by, entry, data)

        def in_private() -> None:
            self._later(self._in_private(act, person, target))

        def file() -> None:
            self._gave(act, self._send_file(act, target))

        ways = {"group": group, "reply": group, "edit": edit, "react": react, "press": press}
        return {**ways, "private": in_private, "voice": in_private, "photo": file}[act.how]

    def _there(self, entry: Entry) -> Entry:
        if entry.deleted:
            raise Impossible("it was deleted")
        return entry

    async def _in_private(self, act: Act, person: Person, posting: Entry) -> None:
        """Tap *Answer privately*, wait until the bot asks, and answer."""
        link = behind(posting, r"[?&]start=p_")
        if link is None or posting.deleted:
            return
        chat, user = self.stage.private(person.key), self.stage.users[person.key]
        opened = people.follow(self.state, user, link)
        await self.stage.wait_to_find(chat, r"^v1:answering\.", after=0 if opened is None else opened.id)
        if act.how == "voice":
            self._gave(act, self._send_file(act, None))
        else:
            self._gave(act, self.stage.say(act.by, act.text))

    def _send_file(self, act: Act, target: Entry | None) -> Entry:
        if act.how == "voice":
            sound = {"kind": "voice", "mime": "audio/wav", "extra": {"duration": VOICE_SECONDS}}
            file = self.state.keep_file(voice(VOICE_SECONDS), **sound)  # type: ignore[arg-type]
        else:
            size = {"width": 900, "height": 1100}
            data = photo(self.script.picture)
            file = self.state.keep_file(data, kind="photo", mime="image/jpeg", extra=size)
        body = people.file_body(file, act.text or None)
        chat = None if target is None else target.chat
        reply = None if target is None else self._there(target)
        return people.write(self.state, self.stage.users[act.by], body, chat=chat, reply_to=reply)

    def _gave(self, act: Act, entry: Entry) -> None:
        """Somebody may react to it."""
        self.wrote[act.key] = entry
        self._happened(act.key, entry, "")
