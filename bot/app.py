"""The wiring: everything meets here, once, and is taken down in order."""

import asyncio
import contextlib
import multiprocessing
import signal
import socket
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
from bot import catalogues, child, intake, logs, trust, web
from bot.actions import commands
from bot.actions.unit import Desk
from bot.clock import Ticker, start
from bot.clocks import FollowedClock, MachineClock
from bot.config import Settings
from bot.core.erasing import Safety, key_of
from bot.health import Health
from bot.leader import TRY, Leader
from bot.sender import Sender
from bot.worker import App, Worker
from handlers.context import Context
from handlers.errors import on_error
from storage import erasures, inbox, leading, outbox
from storage.db import Connection, Database, Locked, normal, opened, sqlite_file, trouble
from storage.migrate import check, current, known, migrate, require_current
from storage.mistakes import telling

log = logs.logger(__name__)

T = TypeVar("T")

# Sends are slow rather than refused when Telegram is busy: an impatient client makes doubles (telegram.md 2b).
SEND_SECONDS = 90.0
RETRY_SECONDS = 3
LAST_SECONDS = 5  # for answers to what is on its way: within the ten that a container gives us


class Bln:
    """One living process. `async with Bln.living(settings) as bln:` runs it until the block is left.

    It always receives; whatever handles, plans and sends is its `Term`, which it has while it leads.
    """

    def __init__(
        self, settings: Settings, database: Database, app: App, desk: Desk, clock: Any, leader: Leader
    ) -> None:
        self.settings, self.database, self.app, self.desk, self.clock = settings, database, app, desk, clock
        self.leader = leader
        self.health = Health(receives="webhook" if settings.telegram.mode == "webhook" else "poll")
        self.tasks: list[asyncio.Task[Any]] = []
        self.term: Term | None = None
        self._former: list[Term] = []
        self._decided = asyncio.Event()  # whether it leads or stands by is known
        self._pool: ProcessPoolExecutor | None = None
        self.lent: ProcessPoolExecutor | None = None  # one that somebody else keeps
        self.hook: Any = None
        self.place: Any = None
        if settings.telegram.mode == "webhook":
            self._open_hook()
        leader.news = self.received

    @classmethod
    @contextlib.asynccontextmanager
    async def living(
        cls, settings: Settings, *, processes: ProcessPoolExecutor | None = None
    ) -> "AsyncIterator[Bln]":
        """Start everything in order: the port, the lock, migrate, know oneself; then receive, and lead or stand by.

        `processes`: what another bot before this one used already; else it begins its own.
        """
        url = settings.database.url.get_secret_value()
        async with contextlib.AsyncExitStack() as stack:
            sock = stack.enter_context(web.door(settings.web)) if settings.web.port else None
            leader = Leader(url)
            stack.push_async_callback(leader.release)
            await _insist(partial(_prepared, leader, url, first=True))
            clock = await _clock(settings, listener=not leader.has_lock)
            app = application(settings)
            stack.push_async_callback(_hang_up, app)
            await _know_oneself(app)
            database = Database.open(url)
            bln = cls(settings, database, app, desk(settings, app.bot), clock, leader)
            bln.lent = processes
            # Taken down from the last to the first: the worker's last batch ends with the database, and until
            # then its handlers need their loop and the application.
            stack.push_async_callback(bln._close_former)
            stack.push_async_callback(database.close)
            stack.callback(bln._close_pool)
            async with _tasks(bln._loops(sock)) as tasks:
                bln.tasks = tasks
                decided = asyncio.create_task(bln._decided.wait())
                try:
                    await asyncio.wait({decided, *tasks}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    decided.cancel()
                yield bln

    def _open_hook(self) -> None:
        from bot.webhook import Hook, Place

        telegram = self.settings.telegram
        self.place = Place(telegram.token.get_secret_value(), telegram.webhook_url)
        self.hook = Hook(
            self.place,
            self.database,
            self.clock,
            kept=self._called,
            leads=lambda: self.term is not None and self.leader.sure,
            known=intake.ALLOWED,
        )

    def _loops(self, sock: socket.socket | None) -> list[Any]:
        loops: list[Any] = [self._lead()]
        if isinstance(self.clock, FollowedClock):
            loops.append(self.clock.follow(lambda now: self.quiet, self._moved))
        if sock is not None:
            posts = [(path, self.hook.answer) for path in self.place.paths] if self.hook is not None else []
            pages = web.Pages(self.health, self.database, self.clock, posts)
            loops.append(web.serve(self.settings.web, sock, pages))
        return loops

    # Leading

    async def _lead(self) -> None:
        """Lead as often as nobody else does, and stand by between."""
        while True:
            if self.leader.has_lock:
                await self._lead_once()
            self.health.role = "standing by"
            self._decided.set()
            await self._stand_by()

    async def _lead_once(self) -> None:
        lost = asyncio.create_task(self.leader.until_lost())
        leading = asyncio.create_task(self._work())
        try:
            await asyncio.wait({lost, leading}, return_when=asyncio.FIRST_COMPLETED)
            if leading.done():
                leading.result()  # raises what ended it: none of its loops ends by itself
        finally:
            for task in (lost, leading):
                task.cancel()
            await asyncio.gather(lost, leading, return_exceptions=True)
        log.warning("leader.lost", words="This process leads no longer; it stands by.")
        await self.leader.release()

    async def _work(self) -> None:
        """Begin a term, and work until something ends it."""
        number = await _insist(partial(self.database.write, _begin, self.desk, now=self.clock.now()))
        term = self.term = Term(self, number)
        self._open()
        self.health.role = "leading"
        self._decided.set()
        log.info("leader.leading")
        try:
            async with _tasks(term.loops()) as tasks:
                self.report()
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.term = None
            self._former.append(term)
            await term.finish()

    async def _stand_by(self) -> None:
        """Try again and again to lead; meanwhile see to it that the tables are ours to write into."""
        url = self.settings.database.url.get_secret_value()
        said = silent = False
        while not self.leader.has_lock:
            try:
                if not said:
                    said = True
                    log.info("leader.standing_by", words="Another process leads; this one stands by.")
                else:
                    await asyncio.sleep(TRY)  # real seconds, see bot/leader.py
                await _prepared(self.leader, url)
                silent = False
                self._open(await self.database.read(_is_current))
            except Exception as error:
                if not trouble(error):
                    raise
                if not silent:
                    silent = True
                    log.warning("database.silent", words="The database does not answer; waiting for it.")

    def _open(self, current: bool = True) -> None:
        if self.hook is not None:
            self.hook.open = current

    def deposed(self) -> None:
        """A write was refused because another process leads; from any thread."""
        self.leader.lose()

    # What others tell

    @property
    def quiet(self) -> bool | None:
        """Whether all is finished as far as the clock has come; None where another process knows that."""
        return None if self.term is None and self.health.role == "standing by" else self._is_quiet()

    def _is_quiet(self) -> bool:
        return self.term is not None and self.term.quiet

    def received(self) -> None:
        """Something is in the inbox."""
        if self.term is not None:
            self.term.worker.round.wake()

    def _called(self) -> None:
        self.health.called(self.clock.now())
        self.received()

    def report(self) -> None:
        """Let a followed clock ask again whether we are done."""
        if isinstance(self.clock, FollowedClock):
            self.clock.report()

    def _moved(self) -> None:
        if self.term is not None:
            self.term.ticker.round.wake()
            self.term.sender.round.wake()

    # Elsewhere

    async def _elsewhere(self, function: Callable[[Any], Any], given: Any) -> Any:
        """Call a function in another process: one is enough, and only once there is a digest to make."""
        if self._pool is None and self.lent is None:
            self._pool = process_pool()
        try:
            pool = self.lent or self._pool
            return await asyncio.get_running_loop().run_in_executor(pool, function, given)
        except BrokenExecutor:  # it was killed, perhaps for its memory: the next digest gets a new one
            self._close_pool()
            raise

    def _close_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    async def _close_former(self) -> None:
        for term in self._former:
            await term.worker.close()


def process_pool() -> ProcessPoolExecutor:
    """Return a process that computes: begun when it is first needed, ended by who asked for it."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=child.begin)


class Term:
    """What only the leader does. Each time that a process begins to lead it makes a new one.

    The writes of a former one may still hang in a dead connection; when that ends they are refused.
    """

    def __init__(self, bln: Bln, number: int) -> None:
        self._bln, self._clock = bln, bln.clock
        self._database = database = bln.database.led(partial(self._check, number)) if number else bln.database
        self.ticker = Ticker(
            database,
            bln.desk,
            bln.clock,
            elsewhere=bln._elsewhere,
            worked=self._worked,
            ticked=bln.health.ticked,
        )
        self.sender = Sender(
            database, bln.app.bot, bln.clock, bln.desk, worked=self._worked, may=lambda: bln.leader.sure
        )
        # Something that was asked for may be due at once: a draft, or a question a minute from now.
        emptied = self.ticker.round.wake
        self.worker = Worker(database, bln.app, bln.desk, bln.clock, worked=self._worked, emptied=emptied)

    def loops(self) -> list[Any]:
        """Return what runs while this process leads."""
        settings = self._bln.settings
        loops: list[Any] = [
            self.worker.round.run(self._bln.report),
            self.sender.round.run(self._bln.report),
            self.ticker.round.run(self._bln.report),
            self._scheduled(settings.clock.tick_seconds),
            self._registered() if self._bln.hook is not None else self._polled(),
        ]
        if settings.backup.folder is not None:
            from bot import backups

            keeping = backups.keep_up(
                settings, self._database, self._clock, self._bln.desk, wrote=self._worked
            )
            loops.append(keeping)
        return loops

    async def finish(self) -> None:
        """End in order, or at once where another process leads already."""
        await self.sender.finish(LAST_SECONDS if self._bln.leader.sure else 0)
        await self.worker.finish()

    @property
    def quiet(self) -> bool:
        """Whether inbox, outbox and due rows are finished as far as the clock has come."""
        return not (self.worker.busy or self.sender.busy or self.ticker.round.busy)

    def _check(self, number: int, db: Connection) -> None:
        try:
            leading.check(db, number)
        except leading.Deposed:
            self._bln.deposed()
            raise

    async def _polled(self) -> None:
        await intake.receive(
            self._bln.app.bot,
            self._database,
            clock=self._clock,
            wake=self.worker.round.wake,
            polled=self._bln.health.polled,
        )

    async def _registered(self) -> None:
        from bot.webhook import Registration

        certificate = self._bln.settings.telegram.webhook_certificate
        bot, place = self._bln.app.bot, self._bln.place
        registration = Registration(bot, place, certificate=certificate, allowed=intake.ALLOWED)
        await registration.keep_up(self._clock, registered=self._bln.health.registered)

    async def _scheduled(self, seconds: float) -> None:
        # The worker too: `bln-bot retry` gives rows back from another process.
        scheduler = start(seconds, self.ticker.round.wake, self.worker.round.wake)
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    def _worked(self) -> None:
        """Something was written: letters may wait, and other moments may be due next."""
        self.sender.round.wake()
        if isinstance(self._clock, FollowedClock):  # else the scheduler wakes the ticker soon enough
            self.ticker.round.wake()
            self._clock.report()


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
        officer=settings.privacy.officer,
        processor=settings.privacy.processor,
        authority=settings.privacy.authority,
        last_day=last_day.isoformat() if last_day else "",
        keep_months=settings.privacy.keep_months,
        language=settings.defaults.language,
        timezone=settings.defaults.timezone,
        safety=safety(settings),
    )


def safety(settings: Settings) -> Safety:
    """Return what erasing must know of the safety copies."""
    place = erasures.place(settings.database.url.get_secret_value(), settings.backup.folder)
    return Safety(place, settings.backup.days, key_of(settings.telegram.token.get_secret_value()))


def application(settings: Settings) -> App:
    """Return a python-telegram-bot application without updater and JobQueue, with every handler registered."""
    warnings.filterwarnings("ignore", message=".*do_api_request.*", category=PTBUserWarning)
    warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)
    trusted = {"verify": trust.context()}
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
            httpx_kwargs=trusted,
        ),
        get_updates_request=HTTPXRequest(
            connection_pool_size=2, connect_timeout=10, read_timeout=65, httpx_kwargs=trusted
        ),
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


async def _prepared(leader: Leader, url: str, *, first: bool = False) -> None:
    """Take the lock and bring the tables up to date, or, on PostgreSQL, find another process leading."""
    if not leader.has_lock:
        try:
            # A wrong password is not waited for; later, whatever it is, it was right before.
            with telling(normal(url)) if first else contextlib.nullcontext():
                await leader.take()
        except Locked:
            if sqlite_file(normal(url)) is not None:
                raise
            return
    await _to_the_end(migrate, url)


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
                log.warning(
                    "database.silent",
                    words="The database does not answer; waiting for it.",
                    error=type(error).__name__,
                )
                said = True
        await asyncio.sleep(RETRY_SECONDS)  # real seconds: without a database nothing is due


async def _clock(settings: Settings, *, listener: bool) -> MachineClock | FollowedClock:
    if not settings.clock.url:
        return MachineClock()
    clock = FollowedClock(settings.clock.url)
    await clock.first(listener=listener)
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
                log.warning("telegram.silent", words="Telegram does not know us yet; trying on.", error=said)
            # Real seconds: a followed clock may stand still, and nothing is due before we know who we are.
            await asyncio.sleep(RETRY_SECONDS)


async def _hang_up(app: App) -> None:
    """Close the connections; python-telegram-bot leaves them open where getMe was never answered."""
    await app.shutdown()
    for request in app.bot._request:
        await request.shutdown()


def _begin(db: Connection, desk: Desk, *, now: Any) -> int:
    """Settle what must be settled before the first update is asked for; return the number of the term."""
    number = leading.begin(db, now=now)
    outbox.recover(db)
    inbox.forget_old(db, now=now)
    outbox.write(db, commands.letters(desk), now=now)
    return number


def _is_current(db: Connection) -> bool:
    """Return whether the tables are those of this code; an older leader will make room for a newer one."""
    newest = known()[-1]
    return current(db) == newest or check(db) == newest  # which refuses newer ones


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
        log.info("running", bot=bln.desk.bot_username)
        ready()
        await asyncio.wait(bln.tasks, return_when=asyncio.FIRST_COMPLETED)


def retry(settings: Settings) -> int:
    """Give parked updates back to the inbox; return how many. Works beside a running bot, which sees them soon."""
    with opened(settings.database.url.get_secret_value()) as database:
        database.read_now(require_current)
        return database.write_now(inbox.retry)
