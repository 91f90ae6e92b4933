"""The wiring: everything meets here, once, and is taken down in order."""

import asyncio
import contextlib
import logging
import multiprocessing
import signal
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from functools import partial
from typing import Any, TypeVar

from telegram.error import TelegramError
from telegram.ext import Application, ContextTypes, ExtBot
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

import handlers
from bot import catalogues, intake
from bot.actions import commands
from bot.actions.unit import Desk
from bot.clock import Ticker, start
from bot.clocks import FollowedClock, MachineClock
from bot.config import Settings
from bot.sender import Sender
from bot.worker import App, Worker
from handlers.context import Context
from handlers.errors import on_error
from storage import inbox, outbox
from storage.db import Connection, Database, Locked, ProcessLock, opened, trouble
from storage.migrate import migrate

log = logging.getLogger(__name__)

T = TypeVar("T")

# Sends are slow rather than refused when Telegram is busy: an impatient client makes doubles (telegram.md 2b).
SEND_SECONDS = 90.0
RETRY_SECONDS = 3
LAST_SECONDS = 5  # for answers to what is on its way: within the ten that a container gives us


class Bln:
    """One living bot. `async with Bln.living(settings) as bln:` runs it until the block is left."""

    def __init__(self, settings: Settings, database: Database, app: App, desk: Desk, clock: Any) -> None:
        self.settings, self.database, self.app, self.desk, self.clock = settings, database, app, desk, clock
        self.tasks: list[asyncio.Task[Any]] = []
        self.lock: ProcessLock | None = None
        self._lost = asyncio.Event()
        self._pool: ProcessPoolExecutor | None = None
        self.ticker = Ticker(database, desk, clock, elsewhere=self._elsewhere, worked=self._worked)
        self.sender = Sender(database, app.bot, clock, desk, worked=self._worked)
        # Something that was asked for may be due at once: a draft, or a question a minute from now.
        emptied = self.ticker.round.wake
        self.worker = Worker(database, app, desk, clock, worked=self._worked, emptied=emptied)

    @classmethod
    @contextlib.asynccontextmanager
    async def living(cls, settings: Settings) -> "AsyncIterator[Bln]":
        """Start everything in order: lock, migrate, know oneself, recover, then receive."""
        url = settings.database.url.get_secret_value()
        async with contextlib.AsyncExitStack() as stack:
            lock = await _prepared(url, stack)
            clock = await _clock(settings)
            app = application(settings)
            stack.push_async_callback(_hang_up, app)
            await _know_oneself(app)
            database = Database.open(url)
            bln = cls(settings, database, app, desk(settings, app.bot), clock)
            bln.lock = lock
            # Taken down from the last to the first: the worker's last batch ends with the database, and until
            # then its handlers need their loop and the application.
            stack.push_async_callback(bln.worker.close)
            stack.push_async_callback(database.close)
            stack.callback(bln._close_pool)
            await _insist(partial(database.write, _begin, bln.desk, now=clock.now()))
            stack.push_async_callback(bln.worker.finish)
            stack.push_async_callback(bln.sender.finish, LAST_SECONDS)
            async with _tasks(bln._loops(settings)) as tasks:
                bln.tasks = tasks
                yield bln

    def _loops(self, settings: Settings) -> list[Any]:
        rested = self.clock.report if isinstance(self.clock, FollowedClock) else lambda: None
        loops: list[Any] = [
            self.worker.round.run(rested),
            self.sender.round.run(rested),
            self.ticker.round.run(rested),
            self._scheduled(settings.clock.tick_seconds),
            self._until_lost(),
            intake.receive(self.app.bot, self.database, clock=self.clock, wake=self.worker.round.wake),
        ]
        if isinstance(self.clock, FollowedClock):
            loops.append(self.clock.follow(lambda now: self.quiet, self._moved))
        if settings.web.port:
            from bot.web import serve

            loops.append(serve(settings.web.host, settings.web.port))
        return loops

    async def _scheduled(self, seconds: float) -> None:
        # The worker too: `bln-bot retry` gives rows back from another process.
        scheduler = start(seconds, self.ticker.round.wake, self.worker.round.wake)
        scheduler.add_job(self._guard, "interval", seconds=seconds, max_instances=1, misfire_grace_time=None)
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def _guard(self) -> None:
        """PostgreSQL's lock lives as long as its session: who loses it to another process must stop at once."""
        try:
            if self.lock is not None and not await asyncio.to_thread(self.lock.held):
                self._lost.set()
        except Exception as error:
            if not trouble(error):
                raise

    async def _until_lost(self) -> None:
        await self._lost.wait()
        raise Locked("Another bln-bot has taken over this database; this one stops.")

    @property
    def quiet(self) -> bool:
        """Whether inbox, outbox and due rows are finished as far as the clock has come."""
        return not (self.worker.busy or self.sender.busy or self.ticker.round.busy)

    def _worked(self) -> None:
        """Something was written: letters may wait, and other moments may be due next."""
        self.sender.round.wake()
        if isinstance(self.clock, FollowedClock):  # else the scheduler wakes the ticker soon enough
            self.ticker.round.wake()
            self.clock.report()

    def _moved(self) -> None:
        self.ticker.round.wake()
        self.sender.round.wake()

    async def _elsewhere(self, function: Callable[[Any], Any], given: Any) -> Any:
        """Call a function in another process: one is enough, and only once there is a digest to make."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=signal.signal,
                initargs=(signal.SIGINT, signal.SIG_IGN),  # Ctrl-C is for us
            )
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, given)
        except BrokenExecutor:  # it was killed, perhaps for its memory: the next digest gets a new one
            self._close_pool()
            raise

    def _close_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def desk(settings: Settings, bot: "ExtBot[None]") -> Desk:
    """Return what handlers and actions know about the bot and its operator's decisions."""
    last_day = settings.privacy.last_day
    return Desk(
        texts=catalogues.load(default=settings.defaults.language),
        bot_id=bot.id,
        bot_username=bot.username,
        ops_chat=settings.telegram.ops_chat,
        setup_code=settings.access.setup_code.get_secret_value(),
        k=settings.privacy.k,
        controller=settings.privacy.controller,
        contact=settings.privacy.contact,
        last_day=last_day.isoformat() if last_day else "",
        language=settings.defaults.language,
        timezone=settings.defaults.timezone,
    )


def application(settings: Settings) -> App:
    """Return a python-telegram-bot application without updater and JobQueue, with every handler registered."""
    warnings.filterwarnings("ignore", message=".*do_api_request.*", category=PTBUserWarning)
    warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)
    bot: ExtBot[None] = ExtBot(
        settings.telegram.token.get_secret_value(),
        base_url=settings.telegram.base_url,
        base_file_url=settings.telegram.base_file_url,
        request=HTTPXRequest(
            connection_pool_size=64,
            connect_timeout=10,
            pool_timeout=60,
            read_timeout=SEND_SECONDS,
            write_timeout=SEND_SECONDS,
            media_write_timeout=120,
        ),
        get_updates_request=HTTPXRequest(connection_pool_size=2, connect_timeout=10, read_timeout=65),
    )
    app: App = (
        Application.builder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=Context))
        .build()
    )
    app.add_handlers(handlers.all_handlers())
    app.add_error_handler(on_error, block=True)
    return app


async def _prepared(url: str, stack: contextlib.AsyncExitStack) -> ProcessLock:
    """Take the lock and bring the tables up to date."""
    lock = await _insist(partial(_locked, url, stack))
    await _insist(partial(_to_the_end, migrate, url))
    return lock


async def _locked(url: str, stack: contextlib.AsyncExitStack) -> ProcessLock:
    return stack.enter_context(Database.lock(url))


async def _to_the_end(function: Callable[[str], object], url: str) -> None:
    """Call a function in a thread; who is cancelled waits for its end, as the lock must not go before it."""
    work = asyncio.create_task(asyncio.to_thread(function, url))
    try:
        await asyncio.shield(work)
    finally:
        await asyncio.wait({work})


async def _insist(work: Callable[[], Awaitable[T]]) -> T:
    """Do what the start depends on, again and again while the database is down."""
    said = False
    while True:
        try:
            return await work()
        except Exception as error:
            if not trouble(error):
                raise
            if not said:
                log.warning("the database does not answer (%s); waiting for it", type(error).__name__)
                said = True
        await asyncio.sleep(RETRY_SECONDS)  # real seconds: without a database nothing is due


async def _clock(settings: Settings) -> MachineClock | FollowedClock:
    if not settings.clock.url:
        return MachineClock()
    clock = FollowedClock(settings.clock.url)
    await clock.first()
    return clock


async def _know_oneself(app: App) -> None:
    """Repeat getMe until Telegram answers; a wrong token is said once and tried on, as it may be mended."""
    said = ""
    while True:
        try:
            await app.initialize()
            return
        except TelegramError as error:
            if type(error).__name__ != said:
                said = type(error).__name__
                log.warning("Telegram does not know us yet (%s); trying on", said)
            # Real seconds: a followed clock may stand still, and nothing is due before we know who we are.
            await asyncio.sleep(RETRY_SECONDS)


async def _hang_up(app: App) -> None:
    """Close the connections; python-telegram-bot leaves them open where getMe was never answered."""
    await app.shutdown()
    for request in app.bot._request:
        await request.shutdown()


def _begin(db: Connection, desk: Desk, *, now: Any) -> None:
    """What must be settled before the first update is asked for."""
    outbox.recover(db)
    inbox.forget_old(db, now=now)
    outbox.write(db, commands.letters(desk), now=now)


@contextlib.asynccontextmanager
async def _tasks(loops: list[Any]) -> "AsyncIterator[list[asyncio.Task[Any]]]":
    """Run the loops beside the block; one that ended before it is a mistake, and raised."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    ended: list[asyncio.Task[Any]] = []
    try:
        yield tasks
        ended = [task for task in tasks if task.done()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        error = None if task.cancelled() else task.exception()
        raise error or RuntimeError(f"{task.get_coro()!r} has ended")


async def run(settings: Settings, *, ready: Callable[[], None] = lambda: None) -> None:
    """Run until SIGTERM or SIGINT. Nothing needs to be drained: everything stands in the database."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    life, stopping = asyncio.create_task(_live(settings, ready)), asyncio.create_task(stop.wait())
    try:
        # The start may have to wait for Telegram or the database, and is to be stopped as well.
        await asyncio.wait({life, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life
    log.info("stopped")


async def _live(settings: Settings, ready: Callable[[], None]) -> None:
    """Live until cancelled, or until a loop ends, which none does by itself."""
    async with Bln.living(settings) as bln:
        log.info("running as @%s", bln.desk.bot_username)
        ready()
        await asyncio.wait(bln.tasks, return_when=asyncio.FIRST_COMPLETED)


def retry(settings: Settings) -> int:
    """Give parked updates back to the inbox; return how many. Works beside a running bot, which sees them soon."""
    with opened(settings.database.url.get_secret_value()) as database:
        return database.write_now(inbox.retry)
