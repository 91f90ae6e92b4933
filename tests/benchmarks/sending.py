"""The real sender against the sandbox, beside the ceiling that its own limiter sets: 25 calls a second."""

import asyncio
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path

from bot.core.mail import To, say
from bot.sandbox.driver import Sandbox
from bot.sandbox.model import CallRecord
from storage import outbox
from storage.db import Connection, Database
from storage.migrate import migrate
from tests.benchmarks.measures import Figures, Measure
from tests.mailing import posting

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CEILING = 25.0
GROUPS, PEOPLE, EACH = 150, 150, 3
LETTERS = (GROUPS + PEOPLE) * EACH


class RunningClock:
    """The sandbox's time, which runs by itself at the machine's pace."""

    def __init__(self, telegram: Sandbox) -> None:
        self._telegram = telegram

    def now(self) -> datetime:
        return self._telegram.now()

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))


async def run(folder: Path) -> Figures:
    """Send three letters each to 150 groups and 150 people, and look at when Telegram saw them."""
    url = f"sqlite:///{folder}/bln.db"
    migrate(url)
    database = Database.open(url)
    async with Sandbox.running(now=NOW, rate=1.0) as telegram:
        people = [telegram.user(f"Person {number}") for number in range(PEOPLE)]
        for one in people:
            await telegram.start(one)
        groups = [telegram.group(f"Group {number}") for number in range(GROUPS)]
        targets = [chat.id for chat in groups] + [one.id for one in people]
        async with posting(database, telegram, read_timeout=60) as post:
            post.sender._clock = RunningClock(telegram)
            await database.write(_letters, targets, now=telegram.now())
            await _until_sent(post.sender.work, post.sender._clock, database)
        calls = [call for call in telegram.calls if call.method == "sendMessage"]
    await database.close()
    return Figures(_rate(calls), CEILING, {"letters": LETTERS, "refused": _check(calls)})


def _letters(db: Connection, targets: list[int], *, now: datetime) -> None:
    letters = [
        letter
        for number in range(EACH)
        for target in targets
        for letter in say(To(telegram=target), f"{number}", key=f"letter:{target}:{number}")
    ]
    outbox.write(db, letters, now=now)


async def _until_sent(work: object, clock: RunningClock, database: Database) -> None:
    step = work
    while (await database.read(outbox.depth)).get("pending"):
        rest = await step()  # type: ignore[operator]
        if rest is not None:
            await clock.sleep_until(rest)


def _rate(calls: list[CallRecord]) -> float:
    moments = sorted(call.at for call in calls)
    return (len(calls) - 1) / (moments[-1] - moments[0]).total_seconds()


def _check(calls: list[CallRecord]) -> float:
    """Return how many calls Telegram refused; raise if the order of a chat, or its limit, was not kept."""
    by_chat = sorted(calls, key=lambda call: int(call.params["chat_id"]))
    for chat, some in groupby(by_chat, key=lambda call: int(call.params["chat_id"])):
        own = list(some)
        if [call.params["text"] for call in own] != [str(number) for number in range(EACH)]:
            raise AssertionError(f"chat {chat}: {[call.params['text'] for call in own]}")
        if chat < 0 and any((b.at - a.at).total_seconds() < 0.9 for a, b in pairwise(own)):
            raise AssertionError(f"group {chat} got two messages within a second")
    return sum(call.outcome != "ok" for call in calls)


MEASURES = [
    Measure(
        "sending",
        "sending, calls a second",
        "the limiter's ceiling",
        "/s",
        0.98,
        run,
        at_least=True,
    )
]
