"""The real process, `bln-bot run`: started, told to stop, killed, started again."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.driver import Sandbox
from tests.answerable import ENVIRON

ROOT = Path(__file__).parents[2]


class Process:
    """A `bln-bot run` that is killed and started again; its output is in `log`."""

    def __init__(self, environ: Mapping[str, str], folder: Path, *, name: str = "bot") -> None:
        self._environ, self._folder = dict(environ), folder
        self.log = folder / f"{name}.log"
        self._running: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The id of the process that runs now, or ran last."""
        assert self._running is not None, "it was never started"
        return self._running.pid

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._running is not None and self._running.returncode is None

    async def start(self, **environ: str) -> None:
        """Start it; `environ` is added to what it was made with, for good."""
        self._environ |= environ
        with self.log.open("ab") as log:
            self._running = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                cwd=self._folder,
                env=self._environ,
                stdout=log,
                stderr=log,
            )

    async def ended(self) -> int:
        """Wait for its end; return its exit code."""
        assert self._running is not None, "it was never started"
        return await self._running.wait()

    async def stop(self, grace: float = 10.0) -> bool:
        """SIGTERM, and after `grace` seconds SIGKILL; return whether it ended by itself."""
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await self.ended()
        except TimeoutError:
            await self.kill()
            return False
        return True

    async def kill(self) -> None:
        """SIGKILL; nothing happens if it does not run."""
        if self._running is not None:
            self.signal(signal.SIGKILL)
            await self._running.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                self._running.send_signal(number)

    def said(self) -> str:
        """Return what it wrote to its output so far."""
        return self.log.read_text() if self.log.exists() else ""


def environ_for(telegram: Sandbox, url: str, ops_chat: int | None = None) -> dict[str, str]:
    """Return an environment that holds all settings of a bot on the sandbox."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BLN_BOT__TELEGRAM__TOKEN": telegram.token,
        "BLN_BOT__TELEGRAM__BASE_URL": telegram.base_url,
        "BLN_BOT__DATABASE__URL": url,
        "BLN_BOT__CLOCK__URL": telegram.clock_url,
        "BLN_BOT__LOG__LEVEL": "WARNING",
        **ENVIRON,
    }
    if ops_chat is not None:
        environ["BLN_BOT__TELEGRAM__OPS_CHAT"] = str(ops_chat)
    return environ


@asynccontextmanager
async def process(
    telegram: Sandbox, url: str, ops_chat: int | None, folder: Path, *, name: str = "bot", **environ: str
) -> AsyncIterator[Process]:
    """The real process, its settings all from the environment; whatever becomes of it, it does not outlive this."""
    one = Process({**environ_for(telegram, url, ops_chat), **environ}, folder, name=name)
    await one.start()
    try:
        yield one
    finally:
        await one.kill()
