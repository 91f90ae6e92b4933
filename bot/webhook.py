"""Telegram's calls → inbox: 200 only after the commit, 503 where that fails, and Telegram calls again.

Path and secret of the webhook are made from the bot's token by HMAC-SHA256, each with a label of its own: every
process of one bot knows them, nothing has to be stored, and who does not know the token can guess neither. A new
token gives new ones.

Telegram has one call at a time under way for the messages of one chat (and so for each other kind of update), however
many connections it may open, and we answer after the commit: so the inbox has them in their order, whichever process
was called. One connection would add nothing to that: its order between chats and kinds is by their numbers, not by
time (WebhookActor.cpp: all that was loaded together is due at the same moment, and taken by queue id).
"""

import asyncio
import base64
import hmac
import json
import re
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, EndPointNotFound, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot import logs, metrics
from bot.core.moments import Clock
from storage import inbox, leading
from storage.db import Connection, Database

HEADER = "X-Telegram-Bot-Api-Secret-Token"
MOST_BYTES = 1_000_000  # an update is JSON of a few kilobytes; files are fetched, not sent
BODY_SECONDS = 10.0
KEEP_SECONDS = (
    5.0  # for a commit, which may still come after it; then Telegram calls again, perhaps another process
)
# Without the first Telegram's pauses double, up to two minutes; the second lets a balancer choose another process.
AGAIN = {"Retry-After": "3", "Connection": "close"}
AT_ONCE = 100  # updates in one transaction
CONNECTIONS = 10  # so that one process that hangs does not hold up everybody's messages

LOOK = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=3), timedelta(seconds=30)
UPLOAD_SECONDS = 60

log = logs.logger(__name__)


def secret(token: str, label: str) -> str:
    """Return 43 letters, digits, - and _ that belong to this token and label."""
    digest = hmac.digest(token.encode(), f"bln-bot {label}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Place:
    """Where Telegram calls: `url` is told to it, `paths` are answered, with and without the proxy's prefix."""

    def __init__(self, token: str, base: str) -> None:
        last = secret(token, "webhook path")
        self.key = secret(token, "webhook secret")
        self.url = f"{base.rstrip('/')}/{last}"
        self.paths = list(dict.fromkeys([f"/{last}", urlsplit(self.url).path]))

    def is_ours(self, url: str) -> bool:
        """Whether Telegram calls us; how it writes the host is its own affair."""
        return hmac.compare_digest(urlsplit(url).path.encode(), self.paths[-1].encode())


# Receiving --------------------------------------------------------------------------------------------------


class Hook:
    """Takes Telegram's calls. Those that come while others are being written are written together."""

    def __init__(
        self,
        place: Place,
        database: Database,
        clock: Clock,
        *,
        kept: Callable[[], None],
        leads: Callable[[], bool],
        known: Collection[str],
    ) -> None:
        """`kept` hears of each commit; `leads`: whether that is enough, or the leader has to be told."""
        self._key, self._database, self._clock, self._known = place.key.encode(), database, clock, known
        self._kept, self._leads = kept, leads
        self.open = False  # whether the inbox is this version's
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._since: float | None = None  # when the write under way began

    async def answer(self, request: Request) -> Response:
        """Answer one call; a refusal repeats nothing of it."""
        given = request.headers.get(HEADER, "").encode("latin-1")
        if not hmac.compare_digest(given, self._key):
            return Response(status_code=403)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return Response(status_code=408, headers={"Connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413, headers={"Connection": "close"})
        update = _update(body)
        if update is None:
            return Response(status_code=400)
        return Response() if await self._keep(update) else Response(status_code=503, headers=AGAIN)

    async def close(self) -> None:
        """Wait for the write under way."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def _keep(self, update: dict[str, Any]) -> bool:
        """Return whether the update was committed."""
        if not self.open or self._is_stuck():
            return False
        mine: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, mine))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                return await mine
        except TimeoutError:
            return False

    def _is_stuck(self) -> bool:
        return self._since is not None and time.monotonic() - self._since > KEEP_SECONDS

    async def _write_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            some = [(update, future) for update, future in some if not future.done()]
            self._since = time.monotonic()
            kept = await self._write([update for update, _ in some])
            self._since = None
            for _, future in some:
                if not future.done():
                    future.set_result(kept)
            if kept:
                self._kept()

    async def _write(self, updates: Sequence[dict[str, Any]]) -> bool:
        tell = not self._leads()
        try:
            await self._database.write(_store, updates, tell=tell, now=self._clock.now())
        except Exception as error:
            metrics.stumbled("webhook", error)
            log.warning("webhook.unwritten", count=len(updates), error=type(error).__name__)
            return False
        metrics.received(updates, self._known)
        return True


def _store(db: Connection, updates: Sequence[dict[str, Any]], *, tell: bool, now: datetime) -> None:
    inbox.store(db, updates, now=now)
    if tell:
        leading.tell(db)


async def _body(request: Request) -> bytes | None:
    """Return the body; None if it is too long, at once where its length was told."""
    told = request.headers.get("content-length", "0")
    if not told.isdecimal() or len(told) > 9 or int(told) > MOST_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        update = inbox.storable(json.loads(body))
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and inbox.has_id(update) else None


# Registering ------------------------------------------------------------------------------------------------


class Registration:
    """Tells Telegram where to call, and looks now and then whether it still knows. Only the leader does."""

    def __init__(self, bot: Bot, place: Place, *, certificate: Path | None, allowed: Sequence[str]) -> None:
        self._bot, self._place, self._certificate, self._allowed = bot, place, certificate, allowed
        self._known = False
        self._said = ""
        self._last_error: datetime | None = None

    async def keep_up(self, clock: Clock, *, registered: Callable[[datetime], None]) -> None:
        """Go on until cancelled; `registered` hears of each time that all was well."""
        troubles = 0
        while True:
            try:
                await self.look()
            except Exception as error:  # whatever it is: without a webhook the bot is deaf
                metrics.stumbled("registration", error)
                self._say(error)
                wait = _wait(error, troubles)
                troubles += 1
            else:
                if self._said:
                    log.info("webhook.well", words="Telegram knows the webhook.")
                wait, troubles, self._said = LOOK, 0, ""
                registered(clock.now())
            await clock.sleep_until(clock.now() + wait)

    async def look(self) -> None:
        """Set the webhook if it is not known to be set; say what trouble Telegram has had with it."""
        if not self._known:
            await self._set()
            return
        info = await self._bot.get_webhook_info(read_timeout=UPLOAD_SECONDS)
        if not self._is_right(info):
            log.warning("webhook.changed", words="Somebody changed or deleted the webhook; it is set again.")
            await self._set()
            return
        if info.last_error_date is not None and info.last_error_date != self._last_error:
            self._last_error = info.last_error_date
            log.warning(
                "webhook.unreached",
                words="Telegram could not deliver something, and tries again.",
                why=about(info.last_error_message or ""),
                count=info.pending_update_count,
            )

    async def _set(self) -> None:
        self._known = False
        given = self._certificate
        await self._bot.set_webhook(
            self._place.url,
            certificate=None if given is None else await asyncio.to_thread(given.read_bytes),
            secret_token=self._place.key,
            allowed_updates=self._allowed,
            max_connections=CONNECTIONS,
            drop_pending_updates=False,
            read_timeout=UPLOAD_SECONDS,
            write_timeout=UPLOAD_SECONDS,
        )
        self._known = True

    def _is_right(self, info: WebhookInfo) -> bool:
        return (
            self._place.is_ours(info.url)
            and set(info.allowed_updates or ()) == set(self._allowed)
            and info.has_custom_certificate == (self._certificate is not None)
        )

    def _say(self, error: Exception) -> None:
        why = _line(error)
        if why != self._said:
            self._said = why
            log.warning("webhook.unset", words="The webhook could not be set; trying on.", why=why)


def _wait(error: Exception, troubles: int) -> timedelta:
    growing = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(troubles, 8))
    if isinstance(error, RetryAfter):
        given = error.retry_after  # which of both depends on PTB_TIMEDELTA
        told = given if isinstance(given, timedelta) else timedelta(seconds=given)
        metrics.told_to_wait(told.total_seconds())
        return max(growing, told + timedelta(seconds=1))
    return growing


def _line(error: Exception) -> str:
    """Return what is wrong in words of ours: an error's own may hold the token."""
    match error:
        case InvalidToken() | EndPointNotFound():
            return "Telegram does not accept the token (telegram.token)"
        case RetryAfter():
            return "Telegram asks us to wait"
        case BadRequest() | Forbidden():
            return f"telegram.webhook_url: {about(error.message)}"
        case TelegramError():
            return "Telegram cannot be reached"
        case OSError():
            return "telegram.webhook_certificate can't be read"
    return f"{type(error).__name__}, a mistake in the bot"


# Telegram's server's own texts, and what they mean to an operator; the first that fits.
CLASSES = (
    (r"resolve host|name or service", "the name is not known (DNS)"),
    (r"certificate|ssl", "the certificate is not accepted"),
    (r"wrong response.*?: (\d{3})", "our side answered {0}"),
    (r"only on ports|port .* forbidden", "the port must be 443, 80, 88 or 8443"),
    (r"https url must", "the address must begin with https://"),
    (r"ip address|ipv6", "the address must be a public IPv4 one"),
    (r"timed? ?out|timeout", "no answer in time"),
    (r"connect|closed|refused|reset|unreachable", "no connection"),
)


def about(text: str) -> str:
    """Return what Telegram's words are about, without them: they may repeat the address, and so its secret."""
    for pattern, words in CLASSES:
        if found := re.search(pattern, text.lower()):
            return words.format(*found.groups())
    return "something else; getWebhookInfo shows what"
