"""Where a scenario takes place: three networks with members who answer, a bot in a process of its own, and a ledger.

A scenario has two acts: *questions*, while questions go out and are answered, and *digests*, while those go out too.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.sandbox.driver import Chat, Message, Sandbox, User
from storage import chats, inbox, people, prompts
from storage.db import Connection, Database, trouble
from storage.tables import contributions
from tests.stories.processes import Process, environ_for
from tests.stories.story import seed_member, seed_network

BEGIN = datetime(2026, 11, 5, 15, tzinfo=UTC)  # a Thursday, an hour before the drafts of the week's summaries
DIGESTS = datetime(2026, 11, 6, 15, 59, tzinfo=UTC)  # a minute before these go out
NAMES = ("Anna", "Bert", "Carla", "Dirk", "Els", "Femke", "Gijs", "Hanna", "Ivo")
FAST = 60.0  # simulated seconds a second: Telegram's limits and our own patience count on this clock
PATIENCE = 120.0  # real seconds within which the bot must have everything again, also on a busy machine


class Broken(Exception):
    """A promise that was not kept."""


@dataclass
class Circle:
    """A network, its group and the question that people there answer."""

    id: int
    group: Chat
    members: list[User]
    question: Message | None = None
    heard: bool = True  # whether the bot is in the group


@dataclass(frozen=True)
class Recovery:
    """How long it took, by the clock on the wall and by the sandbox's."""

    real: float
    simulated: float


@dataclass(frozen=True)
class Setting:
    """What is different in a scenario. `probing`: whether the bot can look if a message arrived."""

    ops_chat: bool = True
    kind: str = "supergroup"
    protected: bool = False
    weeks: int = 0  # so many more until the end: where a summary may be missed, the next one must come

    @property
    def probing(self) -> bool:
        """Whether the bot can look if a message arrived whose answer was lost."""
        return self.ops_chat and self.kind == "supergroup" and not self.protected


@dataclass
class Stage:
    """One sandbox, one database, one bot, and what people did."""

    telegram: Sandbox
    database: Database
    url: str
    folder: Path
    setting: Setting
    chance: random.Random
    short: bool
    server: Any = None  # the PostgreSQL server, where the scenario has one of its own
    act: str = "questions"
    circles: list[Circle] = field(default_factory=list)
    said: dict[str, list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )  # by place, what the bot must keep
    recoveries: list[Recovery] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    poison: int = 0
    times: int = 0
    frida: User = field(init=False)
    olle: User = field(init=False)
    ops: Chat = field(init=False)
    bot: Process = field(init=False)
    other: Process = field(init=False)  # a second instance

    # Beginning and end

    async def begin(self) -> None:
        """Let everybody be there, start the bot, and wait until a question stands in each group."""
        telegram = self.telegram
        self.frida, self.olle = telegram.user("Frida"), telegram.user("Olle")
        users = [telegram.user(name) for name in NAMES]
        for number in range(3):
            members = users[number * 3 : number * 3 + 3]
            group = telegram.group(
                f"Network {number}",
                members=[self.frida, *members],
                admins=[self.olle],
                kind=self.setting.kind,
            )
            group.protected = self.setting.protected
            self.circles.append(Circle(0, group, members))
        self.ops = telegram.group("Operators", members=[self.olle])
        await self.database.write(seed, self.circles, self.frida, self.olle, now=telegram.now())
        environ = environ_for(telegram, self.url, self.ops.id if self.setting.ops_chat else None)
        environ["BLN_BOT__LOG__LEVEL"] = "INFO"
        self.bot = Process(environ, self.folder)
        self.other = Process(environ, self.folder, name="other")
        for user in (self.olle, self.frida, *users):
            await telegram.start(user)
        await self.bot.start()
        telegram.play(FAST)
        await telegram.wait_for(
            lambda: all(telegram.said(one.group) for one in self.circles), seconds=PATIENCE
        )
        for circle in self.circles:
            circle.question = telegram.said(circle.group)[0]
            for user in circle.members:  # so that there is something to sum up, whatever chance decides
                await self.write(circle, user)
        await self.open_private()

    async def open_private(self) -> None:
        """Let everybody press *Answer privately*: for a day what they write in private is an answer."""
        for circle in self.circles:
            assert circle.question is not None
            url = circle.question.button_rows[0][0]["url"]
            for user in circle.members:
                await self.telegram.follow(user, url)

    async def to_the_digests(self) -> None:
        """Go to the minute before the week's summaries are published, past the making of their drafts."""
        telegram = self.telegram
        telegram.play(0)
        await telegram.travel(to=DIGESTS, real_seconds=PATIENCE)
        telegram.play(FAST)
        self.act = "digests"
        await self.open_private()

    async def finish(self) -> None:
        """Let everything come to its end."""
        self.telegram.no_faults()
        self.telegram.play(0)
        await self.telegram.travel(by=timedelta(hours=4, weeks=self.setting.weeks), real_seconds=PATIENCE)

    async def close(self) -> None:
        """End the processes."""
        for one in (self.bot, self.other):
            await one.kill()

    async def orphans(self) -> int:
        """End what lives on after its bot was killed; return how many that were, after they had time to end."""
        until = time.monotonic() + 10
        while (left := alive_in(self.folder)) and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(left)

    # People

    async def talk(self, count: int) -> None:
        """Let people answer, in their groups and in private, and react."""
        for _ in range(count):
            circle = self.chance.choice(self.circles)
            user = self.chance.choice(circle.members)
            dice = self.chance.random()
            if dice < 0.3:
                await self.write(circle, user, private=True)
            elif dice < 0.4 and circle.question is not None and circle.question.chat is circle.group:
                await self.telegram.react(user, circle.question, self.chance.choice("👍🔥🎉"))
            else:
                await self.write(circle, user)
            await asyncio.sleep(self.chance.random() * 0.03)

    async def write(self, circle: Circle, user: User, *, private: bool = False) -> None:
        """One answer, with a number by which it is found again."""
        number = sum(len(texts) for texts in self.said.values())
        text = f"answer {number} by {user.first_name}"
        if private:
            await self.telegram.send(user, text)
            self.said[f"private {user.first_name}"].append(text)
            return
        assert circle.question is not None
        if not circle.heard:  # Telegram tells a bot nothing of a group that it is not in
            await self.telegram.send(user, "in vain", chat=circle.group)
            return
        await self.telegram.reply(user, to=circle.question, text=text, chat=circle.group)
        self.said[str(circle.id)].append(text)

    # Time and the bot

    def many(self, count: int) -> range:
        """Return how often: less often in the short form."""
        return range(max(1, count // 4) if self.short else count)

    async def some_requests(self) -> None:
        """Let the bot work for a chance number of requests, or until it has nothing more to do."""
        with contextlib.suppress(AssertionError):
            await self.telegram.requests(self.chance.randrange(3, 40), seconds=2)

    async def simulated(self, seconds: float) -> None:
        """Let simulated seconds pass; with the sandbox's clock running fast these are few real ones."""
        until = self.telegram.now() + timedelta(seconds=seconds)
        while (left := (until - self.telegram.now()).total_seconds()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(1.0, left / self.telegram.state.clock.rate))

    async def recovers(self) -> None:
        """Wait until everything that people gave is kept, and take the time."""
        began, moment = time.monotonic(), self.telegram.now()
        await self.kept()
        simulated = (self.telegram.now() - moment).total_seconds()
        self.recoveries.append(Recovery(time.monotonic() - began, simulated))
        self.times += 1

    async def kept(self) -> None:
        """Wait until everything that people gave is kept."""
        began = time.monotonic()
        while (missing := await self._missing()) is not None:
            if time.monotonic() - began > PATIENCE:
                raise Broken(f"not recovered after {PATIENCE:.0f} s: {missing}")
            if not (self.bot.running or self.other.running):
                last = (self.bot.said().strip().splitlines() or ["without a word"])[-1]
                raise Broken(f"the process ended by itself: {last}")
            await asyncio.sleep(0.02)

    async def _missing(self) -> str | None:
        if pending := [one for one in self.telegram.state.queue.pending if not one.delivered]:
            return f"{len(pending)} updates were not fetched"
        try:
            kept, waiting = await self.database.read(progress)
        except Exception as error:
            if not trouble(error):
                raise
            return "the database does not answer"
        wanted = sum(len(texts) for texts in self.said.values())
        if waiting:
            return "updates wait in the inbox"
        return f"{kept} of {wanted} contributions are kept" if kept < wanted else None

    def note(self, words: str) -> None:
        """Say something beside the table, once."""
        if words not in self.notes:
            self.notes.append(words)


@contextlib.asynccontextmanager
async def stage(
    url: str, folder: Path, setting: Setting, *, seed: int, short: bool, server: Any = None
) -> AsyncIterator[Stage]:
    """A stage on a migrated, empty database."""
    # Not the bot's own patience: we only look, and must not make the bot wait.
    database = Database.open(url, patience=1)
    try:
        async with Sandbox.running(now=BEGIN, seed=seed) as telegram:
            chance = random.Random(seed)
            made = Stage(telegram, database, url, folder, setting, chance, short, server)
            try:
                yield made
            finally:
                await made.close()
    finally:
        await database.close()


def seed(db: Connection, circles: list[Circle], frida: Any, olle: Any, *, now: datetime) -> None:
    """Networks with members who have joined, and questions planned for both acts."""
    operator = people.keep(db, olle.id, name="Olle", username=None, language="en", now=now)
    people.change(db, operator.id, coordinator=True, reachable=True)
    number = 0
    for circle in circles:
        circle.id = seed_network(db, circle.group.id, str(circle.group.title), now=now)
        for chat in chats.of_network(db, circle.id):
            chats.change(db, chat.id, kind=circle.group.kind)
        seed_member(db, circle.id, frida, now=now, group="researcher", facilitator=True)
        for user in circle.members:
            seed_member(db, circle.id, user, now=now)
        dues = [now + timedelta(seconds=90) * n for n in range(8)]
        dues += [DIGESTS + timedelta(seconds=45) * n for n in range(8)]
        for due in dues:
            number += 1
            prompts.create(
                db,
                network_id=circle.id,
                kind="open",
                text=f"What helped you on evening {number:03}?",
                circle="core",
                when={"kind": "now"},
                state="planned",
                next_due_at=due,
                created_at=due,
            )


def alive_in(folder: Path) -> list[int]:
    """Return the processes whose working folder this is: the bot's, and what it starts."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is somebody else's
            if link.readlink() == folder:
                found.append(int(link.parent.name))
    return found


def progress(db: Connection) -> tuple[int, bool]:
    """Return how many contributions are kept, and whether updates wait."""
    kept = db.execute(select(func.count()).select_from(contributions)).scalar_one()
    return kept, inbox.waiting(db)
