"""`bln-bot demo`: a Telegram of our own, a page to look into it, the real bot, and a network whose people act."""

import asyncio
import contextlib
import secrets
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.config import Language, Mistake
from bot.demo import child, keeping, opening, script
from bot.demo.cast import Cast
from bot.demo.stage import GaveUp, Impossible, Stage
from bot.sandbox.page import add_page
from bot.sandbox.server import create_app, listen, serving
from bot.sandbox.state import State

HOST = "127.0.0.1"
FOLDER = Path("data/demo")

HELLO = """\
Open {url}
  1. Press "Jump to what comes next" a few times: a question, answers, the weekly summary, the one before the meeting.
  2. Choose who you are, above the chats: Frida leads the network and gets the drafts; the others answer.
  3. Write, reply, react and press buttons as any of them. Ctrl-C ends it{kept}.
"""


def run(port: int, language: Language, keep: bool) -> None:
    """Show the demo until Ctrl-C or SIGTERM."""
    sock = listen(HOST, port)  # first of all: a port in use is said before anything is started
    with contextlib.closing(sock), _folder(keep) as folder:
        asyncio.run(_show(sock, language, folder, keep=keep))


@contextlib.contextmanager
def _folder(keep: bool) -> Iterator[Path]:
    if keep:
        FOLDER.mkdir(parents=True, exist_ok=True)
        yield FOLDER.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="bln-demo-", ignore_cleanup_errors=True) as name:
            yield Path(name)


class Demo:
    """Everything that is there while the demo runs."""

    def __init__(self, language: Language, folder: Path, *, keep: bool) -> None:
        self.folder, self.keep = folder, keep
        self.script = script.load(language)
        kept = keeping.load(folder, language) if keep else None
        self.state = State(now=self.script.begins if kept is None else kept.now)
        self.stage = Stage(self.state, self.script)
        self.set_up = kept is not None
        self.cast = Cast(self.stage, None if kept is None else kept.done)
        if kept is None:
            self.stage.set_up()
            if keep and (folder / "bln.db").exists():
                raise Mistake(f"In {folder} a demo was left half-way: delete that folder to begin anew.")
        else:
            keeping.restore(kept, self.stage)

    def settings(self, port: int, code: str) -> dict[str, str]:
        """What the bot is told by its environment."""
        origin = f"http://{HOST}:{port}"
        return {
            "TELEGRAM__TOKEN": self.state.token,
            "TELEGRAM__BASE_URL": f"{origin}/bot",
            "TELEGRAM__BASE_FILE_URL": f"{origin}/file/bot",
            "DATABASE__URL": f"sqlite:///{self.folder / 'bln.db'}",
            "ACCESS__SETUP_CODE": code,
            "PRIVACY__CONTROLLER": self.script.controller,
            "PRIVACY__CONTACT": self.script.contact,
            "PRIVACY__OFFICER": "none",
            "PRIVACY__PROCESSOR": self.script.controller,
            "PRIVACY__AUTHORITY": self.script.authority,
            "PRIVACY__LAST_DAY": "2028-12-31",
            "DEFAULTS__LANGUAGE": self.script.language,
            "DEFAULTS__TIMEZONE": self.script.zone.key,
            "CLOCK__URL": f"{origin}/clock",
        }

    async def play(self, code: str) -> None:
        """Set the network up, then let its people act."""
        if self.set_up:
            self.state.clock.play(1.0)
        else:
            await self._open(code)
            self.set_up = True
        await self.cast.play()

    async def _open(self, code: str) -> None:
        try:
            await opening.play(self.stage, code)
        except (GaveUp, Impossible):
            log = self.folder / child.LOG
            say(f"The network could not be set up as planned ({log} may say why); you can go on by hand.")
        else:
            say(f"{self.script.title} is set up: its people are in, questions and meeting are planned.")

    def save(self) -> None:
        """Keep it for the next time."""
        if self.keep and self.set_up:
            keeping.save(self.folder, self.stage, set_up=True, done=self.cast.done)


async def _show(sock: socket.socket, language: Language, folder: Path, *, keep: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    demo = Demo(language, folder, keep=keep)
    port, code = sock.getsockname()[1], secrets.token_urlsafe(16)
    app = create_app(demo.state)
    add_page(app, zone=demo.script.zone.key, roles=demo.stage.roles)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(serving(app, sock))
        say(HELLO.format(url=f"http://{HOST}:{port}/", kept=" and keeps it" if keep else ""))
        stack.callback(demo.save)
        watching = await stack.enter_async_context(child.running(folder, demo.settings(port, code)))
        playing = asyncio.create_task(demo.play(code))
        stopping = asyncio.create_task(stop.wait())
        waiting: set[asyncio.Task[Any]] = {watching, playing, stopping}
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (playing, stopping):
                task.cancel()
            await asyncio.gather(playing, stopping, return_exceptions=True)
        for task in done - {stopping}:
            task.result()
    say("Ended.")


def say(words: str) -> None:
    """Print at once, also into a pipe."""
    print(words, flush=True)  # noqa: T201
