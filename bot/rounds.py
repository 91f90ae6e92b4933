"""A loop that works while there is work and rests until it is woken; worker, sender and ticker are rounds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot import logs
from bot.core.moments import Clock

log = logs.logger(__name__)

Step = Callable[[], Awaitable[datetime | bool | None]]
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=3), timedelta(seconds=30)


class Round:
    """Calls `step` again and again.

    `step` says what comes next: True, there was work, come again; a moment, rest until then; None or False,
    rest until woken. A step that raises is logged, told to `failed`, and repeated after 3 to 30 s: a round never dies.
    """

    def __init__(
        self,
        name: str,
        step: Step,
        clock: Clock,
        *,
        failed: Callable[[str, Exception], None] = lambda name, error: None,
    ) -> None:
        self.name, self._step, self._clock, self._failed = name, step, clock, failed
        self._woken = asyncio.Event()
        self._woken.set()
        self._resting = False
        self._troubles = 0

    @property
    def busy(self) -> bool:
        """Whether there is, or may be, something to do right now; what could not be done is not done."""
        return not self._resting or self._woken.is_set() or self._troubles > 0

    def wake(self) -> None:
        """Make it look again, now or as soon as the running step is over."""
        self._woken.set()

    async def run(self, rested: Callable[[], None] = lambda: None) -> None:
        """Run until cancelled; `rested` is called whenever it lies down."""
        while True:
            self._resting = False
            self._woken.clear()
            rest = await self._once()
            if rest is True:
                continue
            self._resting = True
            rested()
            await self._sleep(rest or None)

    async def _once(self) -> datetime | bool | None:
        try:
            rest = await self._step()
        except Exception as error:
            self._troubles += 1
            log.warning(
                "round.failed", words="Again in a moment.", round=self.name, error=type(error).__name__
            )
            log.debug("round.traceback", round=self.name, exc_info=True)
            self._failed(self.name, error)
            wait = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(self._troubles - 1, 4)))
            return self._clock.now() + wait
        self._troubles = 0
        return rest

    async def _sleep(self, until: datetime | None) -> None:
        if until is None:
            await self._woken.wait()
            return
        waits = {
            asyncio.ensure_future(self._woken.wait()),
            asyncio.ensure_future(self._clock.sleep_until(until)),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)  # if we are cancelled here, we notice it
