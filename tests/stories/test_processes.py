"""Several processes on one PostgreSQL: one leads; when it is gone another does, and nothing is lost or doubled."""

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.sandbox.driver import Sandbox
from storage import people, prompts
from storage.db import Connection, Database
from storage.tables import contributions
from tests.stories.lines import Line, balancer, free_port
from tests.stories.processes import Process, environ_for
from tests.stories.story import seed_member, seed_network

GROUPS, PROMPTS = 4, 32
FAST = (
    60.0  # simulated seconds a second, for Telegram's limits and our settle times; the lock counts real ones
)
GENEROUS = 60.0  # real seconds; a takeover takes at most 8 + 2 and a little (bot/leader.py)


class Member:
    """One of the processes, with a line of its own to the database."""

    def __init__(self, process: Process, line: Line, port: int) -> None:
        self.process, self.line, self.port = process, line, port

    async def says(self, client: httpx.AsyncClient) -> str:
        """What /readyz says; nothing if there is no answer."""
        try:
            return (await client.get(f"http://127.0.0.1:{self.port}/readyz")).text
        except httpx.HTTPError:
            return ""


class Team:
    """The processes together."""

    def __init__(self, members: list[Member], client: httpx.AsyncClient) -> None:
        self.members, self._client = members, client

    async def leader(self, *, among: Iterable[Member]) -> Member:
        """Wait until one of these leads."""
        async with asyncio.timeout(GENEROUS):
            while True:
                for member in among:
                    if "ok: leading" in await member.says(self._client):
                        return member
                await asyncio.sleep(0.05)

    async def standing_by(self, *members: Member) -> None:
        """Wait until these stand by."""
        async with asyncio.timeout(GENEROUS):
            for member in members:
                while "standing by" not in await member.says(self._client):  # noqa: ASYNC110 - other processes
                    await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def team(
    telegram: Sandbox, url: str, folder: Path, *, ops_chat: int, count: int = 3, **environ: str
) -> AsyncIterator[Team]:
    async with contextlib.AsyncExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        front = await stack.enter_async_context(balancer(ports))
        members = []
        for number, port in enumerate(ports):
            line = await stack.enter_async_context(Line(url).laid())
            settings = {
                **environ_for(telegram, line.url, ops_chat),
                "BLN_BOT__WEB__PORT": str(port),
                "BLN_BOT__TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{front}/telegram",
                "BLN_BOT__LOG__LEVEL": "INFO",
                **environ,
            }
            process = Process(settings, folder, name=f"bot-{number}")
            await process.start()
            stack.push_async_callback(process.kill)
            members.append(Member(process, line, port))
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=10))
        yield Team(members, client)


class Talk:
    """Answers that come in all the time."""

    def __init__(self, telegram: Sandbox, who: Any, groups: list[Any]) -> None:
        self._telegram, self._who = telegram, who
        self._questions = [telegram.said(group)[0] for group in groups]
        self.sent: dict[str, list[str]] = defaultdict(list)
        self._task = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        number = 0
        while True:
            which = number % len(self._questions)
            text = f"answer {number}"
            await self._telegram.reply(self._who, to=self._questions[which], text=text)
            self.sent[f"Network {which}"].append(text)
            number += 1
            await asyncio.sleep(0.12)  # a busy evening; nothing waits for it

    async def end(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


async def test_the_leader_is_killed_and_the_next_is_cut_off(
    postgresql_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database.open(postgresql_url)
    async with Sandbox.running(now=datetime(2026, 11, 2, 9, tzinfo=UTC), seed=5) as telegram:
        anna, olle = telegram.user("Anna"), telegram.user("Olle")
        groups = [telegram.group(f"Network {n}", members=[anna], admins=[olle]) for n in range(GROUPS)]
        ops = telegram.group("Operators", members=[olle])
        await telegram.start(olle)
        await database.write(_seed, [group.id for group in groups], anna, olle, now=telegram.now())
        async with team(
            telegram, postgresql_url, tmp_path, ops_chat=ops.id, BLN_BOT__TELEGRAM__MODE="webhook"
        ) as bots:
            telegram.play(FAST)
            first = await bots.leader(among=bots.members)
            rest = [member for member in bots.members if member is not first]
            await bots.standing_by(*rest)
            await telegram.wait_for(lambda: all(telegram.said(group) for group in groups), seconds=GENEROUS)
            telegram.fault("sendMessage", "lost", times=None, probability=0.05)
            talk = Talk(telegram, anna, groups)

            began = time.monotonic()
            await first.process.kill()
            second = await bots.leader(among=rest)
            killed = time.monotonic() - began

            [third] = [member for member in rest if member is not second]
            began = time.monotonic()
            second.line.cut()
            await bots.standing_by(second)
            stopped = time.monotonic() - began
            await bots.leader(among=[third])
            cut = time.monotonic() - began

            second.line.mend()
            await bots.standing_by(second)
            await talk.end()
            telegram.no_faults()
            await _all_posted(telegram, groups)
            telegram.play(0)
            await telegram.travel(by=timedelta(minutes=20), real_seconds=60)
        kept = await database.read(_kept)
        await database.close()
    with capsys.disabled():
        print(  # noqa: T201
            f"\ntaken over {killed:.1f} s after kill -9; cut off: stopped after {stopped:.1f} s, "
            f"taken over after {cut:.1f} s; {sum(map(len, talk.sent.values()))} answers"
        )
    assert kept == dict(talk.sent)
    assert _posted(telegram, groups) == {f"Prompt {n}.": 1 for n in range(PROMPTS)}


async def test_one_of_three_polls(postgresql_url: str, tmp_path: Path) -> None:
    database = Database.open(postgresql_url)
    async with Sandbox.running(now=datetime(2026, 11, 2, 9, tzinfo=UTC), seed=5) as telegram:
        anna, olle = telegram.user("Anna"), telegram.user("Olle")
        groups = [telegram.group(f"Network {n}", members=[anna], admins=[olle]) for n in range(GROUPS)]
        ops = telegram.group("Operators", members=[olle])
        await telegram.start(olle)
        await database.write(_seed, [group.id for group in groups], anna, olle, now=telegram.now())
        async with team(telegram, postgresql_url, tmp_path, ops_chat=ops.id) as bots:
            telegram.play(FAST)
            first = await bots.leader(among=bots.members)
            rest = [member for member in bots.members if member is not first]
            await bots.standing_by(*rest)
            await telegram.wait_for(lambda: all(telegram.said(group) for group in groups), seconds=GENEROUS)
            talk = Talk(telegram, anna, groups)
            await first.process.stop()  # in order: the next one has it at its next try
            second = await bots.leader(among=rest)
            await second.process.kill()
            await bots.leader(among=[member for member in rest if member is not second])
            await talk.end()
            await _all_posted(telegram, groups)
            telegram.play(0)
            await telegram.travel(by=timedelta(minutes=20), real_seconds=60)
        kept = await database.read(_kept)
        await database.close()
    assert kept == dict(talk.sent)
    assert _posted(telegram, groups) == {f"Prompt {n}.": 1 for n in range(PROMPTS)}
    refused = [call for call in telegram.calls if call.method == "getUpdates" and "409" in str(call.outcome)]
    assert len(refused) <= 2  # the last question of each that ended, which Telegram held open


def _kept(db: Connection) -> dict[str, list[str]]:
    query = select(contributions.c.network_id, contributions.c.text).order_by(contributions.c.id)
    found: dict[str, list[str]] = defaultdict(list)
    for network_id, text in db.execute(query):
        found[f"Network {network_id - 1}"].append(text)
    return dict(found)


async def _all_posted(telegram: Sandbox, groups: list[Any]) -> None:
    await telegram.wait_for(lambda: len(_posted(telegram, groups)) == PROMPTS, seconds=GENEROUS)


def _posted(telegram: Sandbox, groups: list[Any]) -> Counter[str]:
    said = (message.text for group in groups for message in telegram.said(group))
    return Counter(text.split("\n")[1] for text in said if "question" in text)


def _seed(db: Connection, groups: list[int], anna: Any, olle: Any, *, now: datetime) -> None:
    operator = people.keep(db, olle.id, name="Olle", username=None, language="en", now=now)
    people.change(db, operator.id, coordinator=True, reachable=True)
    networks = [seed_network(db, group, f"Network {n}", now=now) for n, group in enumerate(groups)]
    for network in networks:
        seed_member(db, network, anna, now=now)
    for number in range(PROMPTS):
        due = now + timedelta(seconds=45) * (number // GROUPS)
        prompts.create(
            db,
            network_id=networks[number % GROUPS],
            kind="open",
            text=f"Prompt {number}.",
            circle="core",
            when={"kind": "now"},
            state="planned",
            next_due_at=due,
            created_at=due,
        )
