"""Raw update → committed contribution, beside the same SQL statements alone."""

import asyncio
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select
from telegram import Update
from telegram.ext import ExtBot, MessageHandler, filters

from bot.app import application
from bot.sandbox.driver import Sandbox
from bot.worker import batch
from storage import inbox
from storage.db import Connection, Database
from storage.migrate import migrate
from storage.tables import contributions
from tests.benchmarks.measures import Figures, Measure
from tests.benchmarks.people import MEMBERS, fill
from tests.mailing import desk
from tests.stories.conftest import settings
from tests.test_worker import build

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
UPDATES, ANSWER = 1000, 100  # Telegram gives at most 100 updates an answer
Statement = tuple[Any, Any]  # as SQLAlchemy got it, or as its driver did, with its values


async def run(folder: Path) -> Figures:
    """Receive and handle 1,000 answers to questions in ten groups."""
    file, copy = folder / "bln.db", folder / "copy.db"
    migrate(f"sqlite:///{file}")
    database = Database.open(f"sqlite:///{file}")
    await database.write(fill, count=10, now=NOW)
    database.close_now()
    for later in ("copy", "again", "recorded"):
        shutil.copy(file, folder / f"{later}.db")
    updates = [_update(number) for number in range(UPDATES)]
    async with Sandbox.running(now=NOW) as telegram:
        app = application(settings(telegram, f"sqlite:///{file}"))
        await app.initialize()
        try:
            ours = await _receive(folder / "again.db", app, updates)
            built: list[list[Statement]] = [[]]
            plain: list[list[Statement]] = [[]]
            await _receive(folder / "recorded.db", app, updates, built, plain)
        finally:
            await app.shutdown()
        nothing = await _dispatch(telegram, updates)
    alone = await _statements(folder / "bln.db", built)
    driver = await asyncio.to_thread(_driver, copy, plain)
    statements = sum(len(part) for part in plain) / UPDATES
    return Figures(
        UPDATES / ours,
        UPDATES / alone,
        {
            "statements an update": statements,
            "ours to the statements in the bare sqlite3 driver": driver / ours,
            "ours to python-telegram-bot with a handler that does nothing": nothing / ours,
        },
    )


def _update(number: int) -> dict[str, Any]:
    network = 1 + number % 10
    who = network * 1000 + number // 10 % MEMBERS
    chat = {"id": -1_000_000_000_000 - network, "type": "supergroup", "title": f"Network {network}"}
    bot = {"id": 777, "is_bot": True, "first_name": "bot", "username": "bln_bot"}
    asked = {"message_id": 100, "date": 1_793_000_000, "chat": chat, "from": bot, "text": "What helped you?"}
    message = {
        "message_id": 1000 + number,
        "date": int(NOW.timestamp()),
        "chat": chat,
        "from": {"id": who + 5_000_000, "is_bot": False, "first_name": f"Person {who}"},
        "text": f"Answer {number}: my neighbour sat with him, and I slept.",
        "reply_to_message": asked,
    }
    return {"update_id": 1000 + number, "message": message}


async def _receive(
    file: Path, app: Any, updates: list[dict[str, Any]], *records: list[list[Statement]]
) -> float:
    """Store and handle all updates; return the seconds. `records`: where the statements of each transaction go."""
    database = Database.open(f"sqlite:///{file}")
    if records:
        _record(database, *records)
    runner, us = asyncio.Runner(loop_factory=asyncio.new_event_loop), desk()
    began = time.perf_counter()
    for start in range(0, len(updates), ANSWER):
        await database.write(inbox.store, updates[start : start + ANSWER], now=NOW)
        while (await database.write(batch, app, runner, us, now=NOW)).any:
            pass
    took = time.perf_counter() - began
    kept = await database.read(_count)
    await asyncio.to_thread(runner.close)
    await database.close()
    if kept != len(updates):
        raise AssertionError(f"{kept} contributions of {len(updates)} answers")
    return took


def _count(db: Connection) -> int:
    return db.execute(select(func.count()).select_from(contributions)).scalar_one()


def _record(database: Database, built: list[list[Statement]], plain: list[list[Statement]]) -> None:
    @event.listens_for(database._writer, "before_execute")
    def note_built(_c: Any, statement: Any, many: Any, one: Any, _options: Any) -> None:
        built[-1].append((statement, list(many) or one))

    @event.listens_for(database._writer, "before_cursor_execute")
    def note_plain(_c: Any, _cur: Any, statement: str, values: Any, _ctx: Any, executemany: bool) -> None:
        plain[-1] += [(statement, each) for each in (values if executemany else [values])]

    @event.listens_for(database._writer, "commit")
    def end(_: Any) -> None:
        built.append([])
        plain.append([])


async def _statements(file: Path, parts: list[list[Statement]]) -> float:
    """Run the same statements, already put together, in the same thread and transactions; return the seconds."""
    database = Database.open(f"sqlite:///{file}")
    began = time.perf_counter()
    for part in parts:
        if part:
            await database.write(_all, part)
    took = time.perf_counter() - began
    await database.close()
    return took


def _all(db: Connection, part: list[Statement]) -> None:
    for statement, values in part:
        result = db.execute(statement, values or None)
        if result.returns_rows:
            result.all()


def _driver(file: Path, parts: list[list[Statement]]) -> float:
    """Run the same statements with nothing but the driver; return the seconds."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        began = time.perf_counter()
        for part in parts:
            for statement, values in part:
                connection.execute(statement, values).fetchall()
            connection.commit()
        return time.perf_counter() - began


async def _dispatch(telegram: Sandbox, updates: list[dict[str, Any]]) -> float:
    """Return how long python-telegram-bot takes to hand all updates to a handler that does nothing."""

    async def nothing(_update: Update, _context: Any) -> None:
        return

    app = build(ExtBot(telegram.token, base_url=telegram.base_url))
    app.add_handler(MessageHandler(filters.ALL, nothing))
    await app.initialize()
    try:
        began = time.perf_counter()
        for update in updates:
            await app.process_update(Update.de_json(dict(update), app.bot))
        return time.perf_counter() - began
    finally:
        await app.shutdown()


MEASURES = [
    Measure(
        "receiving",
        "durable receiving, updates a second",
        "the same SQLAlchemy statements alone, already put together, same thread and batches",
        "/s",
        0.6,
        run,
        at_least=True,
    )
]
