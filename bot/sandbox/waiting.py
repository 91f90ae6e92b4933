"""Waiting until the bot has finished, and travelling in time from one of its moments to the next."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.sandbox.state import State

WITHIN = timedelta(minutes=3)
REAL_SECONDS = 20.0


class NotFinished(AssertionError):
    """The bot did not come to rest; the message says what it left undone."""


class Waiting:
    """Follows what the bot reports about itself on the clock."""

    def __init__(self, state: State) -> None:
        self.state = state

    def at_rest(self) -> bool:
        """Whether the bot has acknowledged everything and finished what was due by now."""
        clock = self.state.clock
        self.state.queue.expire()
        return not self.state.queue.pending and clock.done is not None and clock.done >= clock.now()

    async def rest(self, real_seconds: float) -> None:
        """Wait until the bot is at rest."""
        if not await self.state.changes.wait_for(self.at_rest, seconds=real_seconds):
            raise NotFinished(self.describe(real_seconds))

    async def settle(self, *, within: timedelta, real_seconds: float) -> None:
        """Wait until the bot is at rest and has nothing more to do for the time `within`."""
        with self._frozen():
            await self._through(self.state.clock.now() + within, real_seconds)

    async def travel(self, to: datetime, *, real_seconds: float) -> None:
        """Go to a moment through every one at which the bot has something to do."""
        with self._frozen():
            await self._through(to, real_seconds)
            self.state.clock.move(to)
            await self.rest(real_seconds)

    @contextlib.contextmanager
    def _frozen(self) -> Iterator[None]:
        """Let time stand still meanwhile: on a running clock nothing is ever done by "now"."""
        rate = self.state.clock.rate
        if rate:
            self.state.clock.play(0)
        try:
            yield
        finally:
            if rate:
                self.state.clock.play(rate)

    async def _through(self, until: datetime, real_seconds: float) -> None:
        clock = self.state.clock
        await self.rest(real_seconds)
        while clock.next is not None and clock.now() < clock.next <= until:
            clock.move(clock.next)
            await self.rest(real_seconds)

    def describe(self, seconds: float) -> str:
        """Say what is not finished."""
        state, clock = self.state, self.state.clock
        pending = [f"  {u.kind} {u.id}{' (fetched)' if u.delivered else ''}" for u in state.queue.pending]
        calls = [f"  {c.at:%H:%M:%S.%f} {c.method}: {c.outcome}" for c in state.calls[-8:]]
        return "\n".join(
            [
                f"the bot was not at rest after {seconds:g} s",
                f"now {clock.now().isoformat()}, done {clock.done and clock.done.isoformat()}, "
                f"next {clock.next and clock.next.isoformat()}, {clock.reports} reports",
                f"{len(pending)} updates not acknowledged:" if pending else "all updates are acknowledged",
                *pending[:20],
                "last requests:",
                *calls,
            ]
        )
