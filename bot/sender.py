"""Outbox → Telegram: up to 20 calls at once, each lane in order, and what came of each written down."""

import asyncio
import contextlib
import functools
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.warnings import PTBUserWarning

from bot import logs, metrics
from bot.actions import deliveries, unknowns
from bot.actions.unit import Desk
from bot.core.limits import Limits
from bot.core.mail import PRINT, File
from bot.core.moments import Clock
from bot.core.outcomes import (
    Later,
    Moved,
    NoThread,
    Outcome,
    Refused,
    Sent,
    Stopped,
    Unparseable,
    Unsure,
)
from bot.rounds import Round
from storage import outbox, parcels, prints
from storage.db import Database, trouble
from storage.outbox import EVERYTHING, Row, View

log = logs.logger(__name__)

AT_ONCE = 20
# Over quota Telegram answers late rather than never; who hangs up early makes a double (telegram.md 2b).
TIMEOUTS: dict[str, Any] = {
    "read_timeout": 65,
    "write_timeout": 120,
    "connect_timeout": 10,
    "pool_timeout": 60,
}
MARGIN = timedelta(seconds=0.5)
TOKEN_PAUSE = timedelta(seconds=30)
DATABASE_PAUSE = timedelta(seconds=3)
MINUTE = timedelta(seconds=60)
MOST_BYTES = 20_000_000  # Telegram gives bots no larger files
PIECEWISE = (
    "sendMediaGroup",
    "forwardMessages",
    "copyMessages",
)  # an error does not say that nothing arrived
REDRAWN = 10  # attempts for which a letter waits while its picture or PDF is drawn anew
NO_FILES: Mapping[str, File] = {}
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

# PTB gives seconds or a timedelta, and warns of the seconds; this is the form that stays.


class Sender:
    """The round that empties the outbox."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        clock: Clock,
        desk: Desk,
        *,
        worked: Callable[[], None] = lambda: None,
        may: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may` is asked right before each call: a process that no longer leads makes none."""
        # It means well: raw calls are the point here, as results are kept as Telegram gave them.
        warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)
        self._database, self._bot, self._clock, self._desk, self._worked = database, bot, clock, desk, worked
        self._may = may
        self._limits = Limits()
        self._remembered = False
        self._flying: set[asyncio.Task[None]] = set()
        self._beginning: asyncio.Task[None] | None = None
        self._begun: list[int] = []  # rows that may be claimed, and whose calls were not made
        self._stopped_until: datetime | None = None
        self._token_refused = False
        self.round = Round("sender", self.step, clock, failed=metrics.stumbled)

    @property
    def busy(self) -> bool:
        """Whether something is being sent, or could be."""
        return self.round.busy or bool(self._flying)

    async def step(self) -> datetime | bool | None:
        """Begin what may be sent now; return True if there was something, or when to look again."""
        now = self._clock.now()
        await self._remember(now)
        if self._begun:
            await self._database.write(outbox.give_back, self._begun)
            self._begun = []
        if self._stopped_until is not None and now < self._stopped_until:
            return self._stopped_until
        if (opened := self._limits.open(now=now)) > now:
            return opened  # looking into a full outbox costs more than a call
        view = await self._database.read(outbox.look, now=now)
        if view.unknown:
            await self._database.write(unknowns.resolve, self._desk, now=now)
            return True
        chosen, rest = self._choose(view, now)
        if not chosen:
            return rest
        # Who is cancelled between claim and call would leave letters of which nobody knows whether they were sent.
        self._beginning = asyncio.create_task(self._begin(chosen, now))
        await asyncio.shield(self._beginning)
        return True

    async def _begin(self, chosen: list[int], now: datetime) -> None:
        self._begun = chosen
        rows = await self._database.write(outbox.claim, chosen, now=now)
        self._begun = []
        for row in rows:
            task = asyncio.create_task(self._deliver(row))
            self._flying.add(task)
            task.add_done_callback(self._landed)

    async def work(self) -> datetime | None:
        """Send all that may be sent now; return when there is more. For tests, and where no round runs."""
        while True:
            rest = await self.step()
            if self._flying:
                await asyncio.wait(self._flying)
            elif rest is not True:
                return rest or None

    async def finish(self, seconds: float) -> None:
        """Wait a little for the answers to what was begun, before an orderly end; the rest will be unknown."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if self._beginning is not None:
                    await asyncio.wait({self._beginning})
                while self._flying:
                    await asyncio.wait(self._flying)
        left = list(self._flying)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _remember(self, now: datetime) -> None:
        """Count what was sent in the last minute before we started."""
        if not self._remembered:
            for moment, target, method in await self._database.read(outbox.recent, since=now - MINUTE):
                self._limits.take(target, method, now=moment)
            self._remembered = True

    def _choose(self, view: View, now: datetime) -> tuple[list[int], datetime | None]:
        """Return the rows to send now, and when to look again if there are none."""
        chosen: list[int] = []
        moments = [] if view.next is None else [view.next]
        for head in view.heads:
            allowed = self._limits.next(head.target, head.method, now=now)
            pauses = (view.pauses.get(EVERYTHING), view.pauses.get(str(head.target)))
            at = max([allowed, *(pause for pause in pauses if pause is not None)])
            if at > now:
                moments.append(at)
            elif len(chosen) + len(self._flying) < AT_ONCE:
                chosen.append(head.id)
                self._limits.take(head.target, head.method, now=now)
        # With 20 on their way there may be nothing to wait for but one of them: each wakes us when it lands.
        return chosen, min(moments, default=None)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        self._flying.discard(task)
        self.round.wake()
        self._worked()

    async def _deliver(self, row: Row) -> None:
        with logs.about(letter=row.id):
            await self._deliver_one(row)

    async def _deliver_one(self, row: Row) -> None:
        if not self._may():
            return  # whoever leads now calls it unknown
        try:
            outcome = self._weigh(row, await self._call(row))
            if isinstance(outcome, Stopped):
                outcome = await self._stopped()
            elif isinstance(outcome, Sent):
                self._token_refused = False
        except Exception as error:  # a row left as it was would hold up its lane
            log.error("letter.after_sending", error=type(error).__name__, exc_info=error)
            outcome = Unsure()
        metrics.sent(row.method, outcome)
        await self._write_down(row, outcome)

    async def _call(self, row: Row) -> Outcome:
        if row.print is not None:
            return await self._call_with_print(row, row.print)
        if row.parcel is None:
            return await call(self._bot, row, now=self._clock.now)
        file = await self._database.read(parcels.get, row.parcel)
        if file is None:
            return Refused("parcel is gone")
        return await call(self._bot, row, {"document": file}, now=self._clock.now)

    async def _call_with_print(self, row: Row, print_id: int) -> Outcome:
        """The bytes are read right before the call: somebody may have taken words back a moment ago."""
        file = await self._database.read(prints.get, print_id)
        if file is None:
            return Refused("print is gone")
        if not file.data:  # it is drawn anew
            again = Later(self._clock.now() + patience(row))
            return again if row.attempts < REDRAWN else Refused("print is gone")
        name = PRINT if row.method == "editMessageMedia" else row.method.removeprefix("send").lower()
        return await call(self._bot, row, {name: file}, now=self._clock.now)

    def _weigh(self, row: Row, outcome: Outcome) -> Outcome:
        """Let everything wait if Telegram tells several chats to."""
        told = isinstance(outcome, Later) and outcome.pause == "chat"
        if told and self._limits.refused(row.target, now=self._clock.now()):
            assert isinstance(outcome, Later)
            return Later(outcome.until, "all")
        return outcome

    async def _stopped(self) -> Outcome:
        """Tell a wrong token from a method that this server doesn't know: both are 404."""
        try:
            await self._bot.do_api_request("getMe", **TIMEOUTS)
        except (InvalidToken, EndPointNotFound):
            pass
        except TelegramError:
            return Later(self._clock.now() + TOKEN_PAUSE)
        else:
            return Refused("method not found")
        self._stopped_until = self._clock.now() + TOKEN_PAUSE
        if not self._token_refused:
            log.error(
                "token.refused", words="Telegram does not accept telegram.token; letters wait until it does."
            )
            self._token_refused = True
        return Stopped()

    async def _write_down(self, row: Row, outcome: Outcome) -> None:
        """Write down what came of a call, however long the database is away: a row left as it was is a double."""
        take: Callable[..., None] = deliveries.take
        while True:
            try:
                await self._database.write(take, row, outcome, self._desk, now=self._clock.now())
                return
            except Exception as error:
                metrics.stumbled("sender", error)
                log.error("letter.unwritten", error=type(error).__name__)
                if not trouble(error):
                    if take is not deliveries.take:
                        log.error("letter.not_even_in_short", exc_info=error)
                        return  # after the next start it counts as unknown
                    take = functools.partial(deliveries.barely, error=error)
                    continue
            await self._clock.sleep_until(self._clock.now() + DATABASE_PAUSE)


# One call ---------------------------------------------------------------------------------------------------


async def call(
    bot: Bot, row: Row, more: Mapping[str, File] = NO_FILES, *, now: Callable[[], datetime]
) -> Outcome:
    """Call Telegram and say what came of it (telegram.md §4.1; the order of the clauses matters)."""
    try:
        result = await bot.do_api_request(row.method, api_kwargs=params(row, more), **TIMEOUTS)
    except (InvalidToken, EndPointNotFound):
        return Stopped()
    except NetworkError as error:
        if isinstance(error.__cause__, NOT_SENT):
            return Later(now() + patience(row))
        if row.method in PIECEWISE or not isinstance(error, BadRequest):  # BadRequest is a NetworkError
            return Unsure()
        return refused(row, reason(error))
    except TelegramError as error:
        return Unsure() if row.method in PIECEWISE else told(error, now())
    except Exception as error:
        log.error("letter.while_sending", error=type(error).__name__)
        return Unsure()
    return await download(bot, row, result, now=now) if row.method == "getFile" else Sent(result)


def params(row: Row, more: Mapping[str, File] = NO_FILES) -> dict[str, Any]:
    """Return the parameters of the call, files included; `more`: those that waited outside of the letter."""
    found = dict(row.call)
    for name, file in {**row.files, **more}.items():
        found[name] = InputFile(file.data, filename=file.name)
        found[name].mimetype = file.mime
    if row.target is not None and row.method != "getFile":
        found["chat_id"] = row.target
    return found


def told(error: TelegramError, now: datetime) -> Outcome:
    """Return the outcome behind what Telegram said itself."""
    match error:
        case RetryAfter():
            return Later(now + wait(error) + MARGIN, "chat")
        case ChatMigrated():
            return Moved(error.new_chat_id)
        case Forbidden():
            return Refused(reason(error), gone=True)
        case _:  # what was no JSON, or another bot's poll: nothing is known
            return Unsure()


def wait(error: RetryAfter) -> timedelta:
    """Return how long Telegram wants us to wait, whichever type PTB gives it in, and count it."""
    given: Any = error.retry_after
    told = given if isinstance(given, timedelta) else timedelta(seconds=float(given))
    metrics.told_to_wait(told.total_seconds())
    return told


def refused(row: Row, reason: str) -> Outcome:
    """Return what a *bad request* is; texts from Telegram's server (telegram.md §7)."""
    if "can't parse entities" in reason and "parse_mode" in row.params:
        return Unparseable()
    if "message is not modified" in reason and row.method.startswith("edit"):
        return Sent()
    if row.method == "deleteMessage" and "message to delete not found" in reason:
        return Sent(True)
    if ("thread not found" in reason or "topic_closed" in reason) and "message_thread_id" in row.params:
        return NoThread(reason)
    if "can't parse entities" in reason:
        return Refused("can't parse entities")  # what follows quotes the text
    return Refused(reason, gone=reason in ("chat not found", "user not found"))


def reason(error: TelegramError) -> str:
    """Return Telegram's own text, in lower case."""
    return error.message.lower().removeprefix("bad request: ").removeprefix("forbidden: ")


def patience(row: Row) -> timedelta:
    """How long to wait when Telegram could not be reached: 3 s at first, a minute in the end."""
    return timedelta(seconds=min(60, 3 * 2 ** min(row.attempts - 1, 5)))


async def download(bot: Bot, row: Row, file: dict[str, Any], *, now: Callable[[], datetime]) -> Outcome:
    """Fetch the bytes behind the answer to getFile. Its path holds the token: it goes no further than here."""
    path = file.get("file_path")
    known = {name: value for name, value in file.items() if name != "file_path"}
    if not path or file.get("file_size", 0) > MOST_BYTES:
        return Refused("file is too big")
    url = path if path.startswith("http") else f"{bot.base_file_url}/{path}"
    try:
        data = await bot.request.retrieve(url, **TIMEOUTS)
    except RetryAfter as error:
        return Later(now() + wait(error) + MARGIN)
    except (InvalidToken, BadRequest, Forbidden):  # 404: the file, not the token
        return Refused("file is gone")
    except TelegramError:
        return Later(now() + patience(row)) if row.attempts < 10 else Refused("file can't be fetched")
    return Refused("file is too big") if len(data) > MOST_BYTES else Sent(known, bytes(data))
