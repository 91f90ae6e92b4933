"""Telegram → inbox: an update is acknowledged only after it was committed, and the loop never ends by itself.

A new kind of update to receive is a word in `ALLOWED`.
"""

import logging
import os
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from telegram import Bot
from telegram.error import (
    BadRequest,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.warnings import PTBUserWarning

from bot import logs, metrics
from bot.core.moments import Clock
from storage import inbox
from storage.db import Database, trouble

# Always all of them: what is not named is dropped on arrival, and Telegram remembers the list. Without
# channel_post: nobody takes part as a channel, and a channel that links a group posts there as a message.
ALLOWED = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "message_reaction_count",
    "poll",
    "poll_answer",
    "chat_join_request",
]
# Without it python-telegram-bot warns whenever Telegram asks it to wait.
os.environ.setdefault("PTB_TIMEDELTA", "true")
# It writes down every answer that it cannot read, and with it what people said.
logging.getLogger("telegram.request").setLevel(logging.CRITICAL)

LIMIT = 100
# Telegram slows down who asks again for the same within 3 s, and answers one update then.
FIRST_WAIT = timedelta(seconds=3)
LONGEST_WAIT = timedelta(seconds=30)

log = logs.logger(__name__)


class Garbage(Exception):
    """The answer to getUpdates holds no updates."""


async def receive(
    bot: Bot,
    database: Database,
    *,
    clock: Clock,
    wake: Callable[[], None],
    patience: int = 50,
    polled: Callable[[datetime], None] = lambda moment: None,
) -> None:
    """Fetch updates until cancelled, which loses nothing; `polled` hears of every answer that was kept.

    `patience`: seconds that Telegram holds an empty answer back; it allows 50.
    """
    # Bot.get_updates would lose all updates of an answer for one that it cannot read.
    warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)
    intake = Intake(bot, database, clock, patience)
    complaints = Complaints()
    while True:
        try:
            came = await intake.fetch()
        except Exception as error:  # whatever it is: without this loop the bot is deaf
            metrics.stumbled("intake", error)
            complaints.add(error)
            await clock.sleep_until(clock.now() + complaints.wait(error))
            continue
        complaints.over()
        polled(clock.now())
        if came:
            wake()  # also for those known already: the commit that kept them may have looked like a failure


class Intake:
    """Where the bot stands in Telegram's queue; nothing of it needs to survive."""

    def __init__(self, bot: Bot, database: Database, clock: Clock, patience: int) -> None:
        self._bot, self._database, self._clock, self._patience = bot, database, clock, patience
        self._offset = 0  # the earliest that is not acknowledged
        self._ready = False

    async def fetch(self) -> int:
        """Wait for updates and keep them; the next call acknowledges them. Return how many came."""
        if not self._ready:
            await self._prepare()
        try:
            updates = updates_in(await self._ask())
        except Conflict as error:
            self._ready = "webhook" not in str(error).lower()
            raise
        if not updates:
            return 0
        new = await self._database.write(inbox.store, updates, now=self._clock.now())
        metrics.received(updates, ALLOWED)
        offset, self._offset = self._offset, updates[-1]["update_id"] + 1
        if not new and self._offset == offset:
            raise Garbage  # the same again though it was acknowledged: let there be a pause
        return len(updates)

    async def _prepare(self) -> None:
        await self._database.write(inbox.forget_old, now=self._clock.now())
        await self._bot.delete_webhook(drop_pending_updates=False)
        self._ready = True

    async def _ask(self) -> Any:
        return await self._bot.do_api_request(
            "getUpdates",
            api_kwargs={
                "offset": self._offset,
                "timeout": self._patience,
                "limit": LIMIT,
                "allowed_updates": ALLOWED,
            },
            read_timeout=self._patience + 15,
        )


def updates_in(answer: Any) -> list[dict[str, Any]]:
    """Return the updates of an answer; what has no id can be neither kept nor acknowledged."""
    if not isinstance(answer, list):
        raise Garbage
    updates = [item for item in answer if isinstance(item, dict) and inbox.has_id(item)]
    if answer and not updates:
        raise Garbage
    return updates


class Complaints:
    """What is wrong just now, said once, and once more when it is over."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._waits = 0

    def add(self, error: Exception) -> None:
        """Say what happened, if it was not said yet."""
        line = _line(error)
        if line not in self._said:
            self._said.add(line)
            log.warning(
                "intake.troubled", words="No updates are received at the moment; trying on.", why=line
            )
            if type(error).__name__ in line:
                log.error("intake.failed", error=type(error).__name__, exc_info=error)

    def wait(self, error: Exception) -> timedelta:
        """Return how long to leave Telegram or the database alone."""
        self._waits += 1
        growing = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._waits - 1, 8))
        if isinstance(error, RetryAfter):
            metrics.told_to_wait(_told(error).total_seconds())
            return max(growing, _told(error) + timedelta(seconds=1))
        return growing

    def over(self) -> None:
        """All is well."""
        if self._said:
            log.info("intake.well", words="Updates are received again.")
        self._said.clear()
        self._waits = 0


def _told(error: RetryAfter) -> timedelta:
    told = error.retry_after  # which of both depends on PTB_TIMEDELTA
    return told if isinstance(told, timedelta) else timedelta(seconds=told)


def _line(error: Exception) -> str:
    """Return what is wrong in words of ours: an error's own may hold the token, or what somebody wrote."""
    if trouble(error):
        return "the database does not answer"
    match error:
        case Conflict() if "webhook" in str(error).lower():
            return "a webhook is set, it is being deleted"
        case Conflict():
            return "another program receives the updates of this bot"
        case InvalidToken() | EndPointNotFound():
            return "Telegram does not accept the token (telegram.token)"
        case RetryAfter():
            return "Telegram asks us to wait"
        case BadRequest() | Forbidden():
            return "Telegram refuses to give them"
        case NetworkError():
            return "Telegram cannot be reached"
        case Garbage() | TelegramError():
            return "Telegram's answer makes no sense"
    return f"{type(error).__name__}, a mistake in the bot"
