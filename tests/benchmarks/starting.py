"""The real process: from its start to the first getUpdates, and its memory when it has nothing to do."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.driver import Sandbox
from tests.benchmarks.measures import Figures, Measure
from tests.stories.processes import ROOT, environ_for

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
IDLE = 4.0  # seconds after the first getUpdates: whatever it does at the start is over


@dataclass(frozen=True)
class Started:
    """Seconds to the first getUpdates, and memory: what the system would get back if the process ended (PSS), in MB."""

    seconds: float
    megabytes: float


async def memory(folder: Path) -> Figures:
    """Compare what both need when idle."""
    ours, plain = await _ours(folder), await _plain(folder)
    return Figures(ours.megabytes, plain.megabytes)


async def start(folder: Path) -> Figures:
    """Compare how long both take; the bot with a database that is there, as after every start but the first."""
    await _ours(folder)
    ours, plain = await _ours(folder), await _plain(folder)
    return Figures(ours.seconds, plain.seconds)


async def _ours(folder: Path) -> Started:
    async with Sandbox.running(now=NOW) as telegram:
        environ = environ_for(telegram, f"sqlite:///{folder}/bln.db")
        environ.pop("BLN_BOT__CLOCK__URL")  # the machine's, as in real life
        return await _started(telegram, ["-m", "bot", "run"], environ, folder)


async def _plain(folder: Path) -> Started:
    async with Sandbox.running(now=NOW) as telegram:
        script = str(ROOT / "tests" / "benchmarks" / "idle_ptb.py")
        return await _started(telegram, [script, telegram.token, telegram.base_url], dict(os.environ), folder)


async def _started(telegram: Sandbox, arguments: list[str], environ: dict[str, str], folder: Path) -> Started:
    began = time.perf_counter()
    async with _process(arguments, environ, folder) as pid:
        await telegram.wait_for(
            lambda: any(call.method == "getUpdates" for call in telegram.calls), seconds=60
        )
        seconds = time.perf_counter() - began
        await asyncio.sleep(IDLE)
        return Started(seconds, _memory(pid))


@asynccontextmanager
async def _process(arguments: list[str], environ: dict[str, str], folder: Path) -> AsyncIterator[int]:
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=folder, env=environ, stdout=log, stderr=log
        )
    try:
        yield process.pid
    finally:
        process.kill()
        await process.wait()


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


MEASURES = [
    Measure(
        "memory",
        "`bln-bot run`, idle",
        "an idle python-telegram-bot application with SQLAlchemy imported",
        "MB",
        1.5,
        memory,
    ),
    Measure("start", "from start to first getUpdates", "the same", "s", 2, start),
]
