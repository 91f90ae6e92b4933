"""The promise of design.md §3: kill -9 at any instant loses no contribution and posts no prompt twice.

The real process is killed again and again while answers come in and prompts go out, with lost answers and 429s.
"""

import contextlib
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.sandbox.driver import Sandbox
from storage import people, prompts
from storage.db import Connection, Database
from storage.tables import contributions
from tests.stories.processes import process
from tests.stories.story import seed_member, seed_network

ANSWERS, PROMPTS, GROUPS, KILLS = 200, 30, 5, 5
SENT_AGAIN, LOST_TWICE = "I sent it once more", "twice. I don't send it a third time"
FAST = 60.0  # simulated seconds a second: Telegram's limits and our settle times count on this clock


async def test_kill_9_loses_nothing_and_posts_nothing_twice(database_url: str, tmp_path: Path) -> None:
    await _kill_again_and_again(database_url, tmp_path, probing=True)


async def test_kill_9_without_an_ops_chat_posts_at_most_twice_and_tells(
    sqlite_url: str, tmp_path: Path
) -> None:
    # On SQLite alone, for time's sake: what differs is the sender, which knows no database.
    await _kill_again_and_again(sqlite_url, tmp_path, probing=False)


async def _kill_again_and_again(database_url: str, tmp_path: Path, *, probing: bool) -> None:
    chance = random.Random(17)
    database = Database.open(database_url)
    async with Sandbox.running(now=datetime(2026, 11, 2, 9, tzinfo=UTC), seed=17) as telegram:
        anna, olle = telegram.user("Anna"), telegram.user("Olle")
        groups = [telegram.group(f"Network {n}", members=[anna], admins=[olle]) for n in range(GROUPS)]
        ops = telegram.group("Operators", members=[olle])
        await telegram.start(olle)
        await database.write(_seed, [group.id for group in groups], anna, olle, now=telegram.now())
        async with process(telegram, database_url, ops.id if probing else None, tmp_path) as bot:
            telegram.play(FAST)
            await telegram.wait_for(lambda: all(telegram.said(group) for group in groups), seconds=30)
            firsts = [telegram.said(group)[0] for group in groups]
            telegram.fault("sendMessage", "lost", times=None, probability=0.15)
            telegram.fault("sendMessage", "429", times=None, probability=0.05, retry_after=2)
            telegram.fault("setMessageReaction", "lost", times=None, probability=0.02)
            sent: dict[int, list[str]] = defaultdict(list)
            for number in range(ANSWERS):
                which = chance.randrange(GROUPS)
                await telegram.reply(anna, to=firsts[which], text=f"answer {number}")
                sent[which].append(f"answer {number}")
                if number % (ANSWERS // KILLS) == 0:
                    await _some_requests(telegram, chance.randrange(3, 60))
                    await bot.kill()
                    await bot.start()
            telegram.no_faults()
            telegram.play(0)
            await telegram.travel(by=timedelta(hours=4), real_seconds=60)
        kept = await database.read(_kept)
        await database.close()
        assert kept == {f"Network {n}": sent[n] for n in range(GROUPS)}
        posted = Counter(
            message.text.split("\n")[1]
            for group in groups
            for message in telegram.said(group)
            if "question" in message.text
        )
        missing = {f"Prompt {n}." for n in range(PROMPTS)} - set(posted)
        twice = [text for text, times in posted.items() if times > 1]
        if probing:
            assert (missing, twice) == (set(), [])
        else:  # once more, never a third time, and the operator hears of each
            assert max(posted.values()) <= 2
            assert len(telegram.said(olle, containing=SENT_AGAIN)) >= len(twice)
            assert len(telegram.said(olle, containing=LOST_TWICE)) >= len(missing)


async def _some_requests(telegram: Sandbox, number: int) -> None:
    """Let the bot work for so many requests, or until it has nothing more to do."""
    with contextlib.suppress(AssertionError):
        await telegram.requests(number, seconds=5)


def _seed(db: Connection, groups: list[int], anna: Any, olle: Any, *, now: datetime) -> None:
    operator = people.keep(db, olle.id, name="Olle", username=None, language="en", now=now)
    people.change(db, operator.id, coordinator=True, reachable=True)
    networks = [seed_network(db, group, f"Network {n}", now=now) for n, group in enumerate(groups)]
    for network in networks:
        seed_member(db, network, anna, now=now)
    for number in range(PROMPTS):
        prompts.create(
            db,
            network_id=networks[number % GROUPS],
            kind="open",
            text=f"Prompt {number}.",
            circle="core",
            when={"kind": "now"},
            state="planned",
            next_due_at=now + timedelta(seconds=30) * (number // GROUPS),
            created_at=now + timedelta(seconds=30) * (number // GROUPS),
        )


def _kept(db: Connection) -> dict[str, list[str]]:
    query = select(contributions.c.network_id, contributions.c.text).order_by(contributions.c.id)
    found: dict[str, list[str]] = defaultdict(list)
    for network_id, text in db.execute(query):
        found[f"Network {network_id - 1}"].append(text)
    return dict(found)
