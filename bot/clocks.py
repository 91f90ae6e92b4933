"""The two clocks a bot can live by: the machine's, and one that it follows over HTTP (demo, tests, rehearsals)."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from bot import logs, trust

log = logs.logger(__name__)

POLL_SECONDS = 60.0
LISTENER = {"listener": "1"}  # in a request that reports nothing
NO_TIME = (httpx.HTTPError, ValueError, KeyError, TypeError)  # no answer, or one that tells no time


class MachineClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Sleep until `moment`; at once if it has passed."""
        # In pieces: the machine's clock may be set while we sleep.
        while (seconds := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(seconds, 60))


class FollowedClock:
    """The time that `GET {url}` tells; it may stand still, run fast or jump (design.md §3, *One clock*).

    `settled()` says up to which moment all is done, None while there is work; `moved()` is called when time moved.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._base = datetime.now(UTC)
        self._read_at = time.monotonic()
        self._rate = 0.0
        self._seen = ""  # the version of the answer: with it an answer lost on the way is asked for again
        self._sleepers: list[datetime] = []
        self._moved = asyncio.Event()
        self._news = asyncio.Event()

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return self._base + timedelta(seconds=(time.monotonic() - self._read_at) * self._rate)

    async def sleep_until(self, moment: datetime) -> None:
        """Sleep until the followed time reaches `moment`."""
        self._sleepers.append(moment)
        self._news.set()
        try:
            while (seconds := (moment - self.now()).total_seconds()) > 0:
                # Not asyncio.wait_for: before Python 3.12 it swallows a cancellation that comes with the news.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds / self._rate if self._rate > 0 else None):
                        await self._moved.wait()
        finally:
            self._sleepers.remove(moment)

    def next(self) -> datetime | None:
        """Return when somebody here wants to be woken first."""
        return min(self._sleepers, default=None)

    def report(self) -> None:
        """Something changed that the other side may be waiting for."""
        self._news.set()

    async def first(self, *, listener: bool = False) -> None:
        """Wait until the time is known; a listener does so beside another process, which reports."""
        async with httpx.AsyncClient(timeout=POLL_SECONDS, verify=trust.context()) as client:
            while True:
                try:
                    self._take(await client.get(self._url, params=LISTENER if listener else {}))
                    return
                except NO_TIME:
                    await asyncio.sleep(0.2)  # no clock yet to sleep by

    async def follow(self, settled: Callable[[datetime], bool | None], moved: Callable[[], None]) -> None:
        """Report and listen until cancelled; as long as `settled` says None, listen only."""
        async with httpx.AsyncClient(timeout=POLL_SECONDS, verify=trust.context()) as client:
            while True:
                self._news.clear()
                poll = asyncio.ensure_future(client.get(self._url, params=self._params(settled)))
                news = asyncio.ensure_future(self._news.wait())
                try:
                    await asyncio.wait({poll, news}, return_when=asyncio.FIRST_COMPLETED)
                    if poll.done():
                        self._take(poll.result())
                        moved()
                except NO_TIME as error:
                    log.debug("clock.silent", error=type(error).__name__)
                    await asyncio.sleep(0.2)
                finally:
                    for task in (poll, news):
                        task.cancel()
                    await asyncio.gather(poll, news, return_exceptions=True)

    def _params(self, settled: Callable[[datetime], bool | None]) -> dict[str, str]:
        now, upcoming = self.now(), self.next()
        params = {"seen": self._seen} if self._seen else {}
        is_settled = settled(now)
        if is_settled is None:
            return params | LISTENER
        if is_settled:
            params["done"] = now.isoformat()
        if upcoming is not None:
            params["next"] = upcoming.isoformat()
        return params

    def _take(self, answer: httpx.Response) -> None:
        answer.raise_for_status()
        told = answer.json()
        self._base = datetime.fromisoformat(told["now"]).astimezone(UTC)
        self._rate = float(told["rate"])
        self._seen = str(told.get("version", ""))
        self._read_at = time.monotonic()
        waiting, self._moved = self._moved, asyncio.Event()
        waiting.set()
