"""The real `bln-bot run` as a child process, with settings from its environment alone."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import bot
from bot.config import PREFIX, Mistake

LOG = "bot.log"
ENDING = 10.0  # seconds for an orderly end


def environment(base: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment: no setting of the real bot's, and this very code."""
    kept = {
        name: value
        for name, value in base.items()
        if not name.upper().startswith(PREFIX) and name != "BLN_BOT_CONFIG"
    }
    code = str(Path(bot.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [code, base.get("PYTHONPATH", "")]))
    return {**kept, "PYTHONPATH": path, **{f"{PREFIX}{key}": value for key, value in settings.items()}}


@contextlib.asynccontextmanager
async def running(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[asyncio.Task[None]]:
    """Run the bot in `folder`, where no config.toml is; the task raises when the bot ends by itself."""
    with (folder / LOG).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=folder,
            env=environment(os.environ, settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us: we end it before the Telegram it talks to
            preexec_fn=_die_with_parent,
        )
    watching = asyncio.create_task(_watch(process, folder / LOG))
    try:
        yield watching
    finally:
        watching.cancel()
        await _end(process)


def _die_with_parent() -> None:
    """On Linux, end when the demo is killed: nobody would be left to end the bot."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


async def _watch(process: asyncio.subprocess.Process, log: Path) -> None:
    code = await process.wait()
    raise Mistake(
        "\n".join([f"The bot has stopped by itself (exit code {code}). It said last:", *_end_of(log)])
    )


def _end_of(log: Path) -> list[str]:
    return log.read_text("utf-8", "replace").strip().splitlines()[-5:]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end; what does not, is ended."""
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(ENDING):
                await process.wait()
        except TimeoutError:
            pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # and whatever it had started itself
    await process.wait()
