"""150 networks of 25, a question for each at the same hour, everybody answering within ten minutes."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.sandbox.driver import Sandbox
from storage import prompts
from storage.db import Connection, Database
from storage.migrate import migrate
from storage.tables import contributions
from tests.benchmarks.measures import Figures, Measure
from tests.stories.processes import process
from tests.stories.story import seed_member, seed_network

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = NOW + timedelta(minutes=2)
NETWORKS, MEMBERS = 150, 25
WINDOW = timedelta(minutes=10)
RATE = 5.0  # simulated seconds a second
CEILING = 25.0  # calls a second


async def run(folder: Path) -> Figures:
    """Let the real process live through that hour; measure in its own, simulated seconds."""
    url = f"sqlite:///{folder}/bln.db"
    migrate(url)
    database = Database.open(url)
    chance = random.Random(25)
    async with Sandbox.running(now=NOW) as telegram:
        networks = []
        for number in range(NETWORKS):
            members = [telegram.user(f"Person {number} {which}") for which in range(MEMBERS)]
            group = telegram.group(f"Network {number}", members=members)
            networks.append((group, members))
        await database.write(_seed, networks, now=NOW)
        async with process(telegram, url, None, folder):
            await telegram.settle(real_seconds=60)
            telegram.move(to=HOUR - timedelta(seconds=1))
            await telegram.settle(real_seconds=60)
            telegram.play(RATE)
            answers = asyncio.create_task(_everybody(telegram, networks, chance))
            late = await answers
            await telegram.wait_for(lambda: _acknowledged(telegram) == NETWORKS * MEMBERS, seconds=600)
            telegram.play(0)
            last = max(
                call.at for call in telegram.calls if call.method in ("sendMessage", "setMessageReaction")
            )
            kept = await database.read(_kept)
            calls = Counter(call.method for call in telegram.calls if call.outcome == "ok")
            refused = sum(call.outcome == "429" for call in telegram.calls)
    await database.close()
    if kept != NETWORKS * MEMBERS:
        raise AssertionError(f"{kept} contributions of {NETWORKS * MEMBERS} answers")
    spoken = calls["sendMessage"] + calls["setMessageReaction"]
    # The limiter alone would be done when the last has answered, or when it has let everything through.
    alone = max(late, spoken / CEILING)
    took = (last - HOUR).total_seconds()
    return Figures(took, alone, {"calls": spoken, "contributions": kept, "refused by Telegram": refused})


def _seed(db: Connection, networks: list[tuple[Any, list[Any]]], *, now: datetime) -> None:
    for number, (group, members) in enumerate(networks):
        network = seed_network(db, group.id, f"Network {number}", now=now)
        for member in members:
            seed_member(db, network, member, now=now, told_at=now)
        prompts.create(
            db,
            network_id=network,
            kind="open",
            text="What helped you this week?",
            circle="core",
            when={"kind": "now"},
            state="planned",
            next_due_at=HOUR,
            created_at=now,
        )


async def _everybody(
    telegram: Sandbox, networks: list[tuple[Any, list[Any]]], chance: random.Random
) -> float:
    """Answer at random moments of the window; return how long after the hour the last one did."""
    plan = sorted(
        (HOUR + WINDOW * chance.random(), number, which)
        for number in range(NETWORKS)
        for which in range(MEMBERS)
    )
    for moment, number, which in plan:
        await asyncio.sleep(max(0.0, (moment - telegram.now()).total_seconds() / RATE))
        group, members = networks[number]
        posted = await telegram.wait_for(
            lambda group=group: telegram.said(group, containing="What helped"), seconds=60
        )
        await telegram.reply(members[which], to=posted[-1], text=f"Answer of {which}")
    return (telegram.now() - HOUR).total_seconds()


def _acknowledged(telegram: Sandbox) -> int:
    return sum(call.method == "setMessageReaction" and call.outcome == "ok" for call in telegram.calls)


def _kept(db: Connection) -> int:
    return db.execute(select(func.count()).select_from(contributions)).scalar_one()


MEASURES = [
    Measure(
        "season",
        "150 networks × 25 members, one question at the same hour, all answer within ten minutes: posted, acknowledged,"
        " committed after",
        "the later of the last answer and the limiter's ceiling for all calls",
        "s",
        1.05,
        run,
        runs=3,
    )
]
