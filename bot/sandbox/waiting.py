"""Waiting until the bot has finished, and travelling in time from one of its moments to the next."""

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.sandbox.state import State

WITHIN = timedelta(minutes=3)
REAL_SECONDS = 20.0
PRESS = 8.0  # real seconds that one jump takes at most
A_MOMENT = timedelta(seconds=15)
AT_MOST = 5.0  # real seconds that a jump waits for a bot that does not finish …
SOON = 5.0  # … or that has not said what comes next


PAUSING_SECONDS = 2.0  # real ones: a bot that fetches its updates needs less


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
        await self._rest_before(until, real_seconds)
        while clock.next is not None and clock.now() < clock.next <= until:
            clock.move(clock.next)
            await self._rest_before(until, real_seconds)

    async def _rest_before(self, until: datetime, real_seconds: float) -> None:
        """Wait for rest; a bot that waits before it asks for updates again is helped over that pause."""
        clock, changes = self.state.clock, self.state.changes
        while not await changes.wait_for(self.at_rest, seconds=min(PAUSING_SECONDS, real_seconds)):
            waits = clock.done is not None and clock.done >= clock.now() and clock.next is not None
            if not waits or clock.next is None or not clock.now() < clock.next <= until:
                await self.rest(real_seconds)
                return
            clock.move(clock.next)

    def seen(self) -> int:
        """Return a number that changes whenever anybody can see something new: a message, an edit, a reaction."""
        entries = [entry for chat in self.state.chats.values() for entry in chat.entries.values()]
        return hash(
            tuple((len(one.versions), one.deleted, len(one.reactions), id(one.body)) for one in entries)
        )

    async def something_planned(self) -> None:
        """Wait a little for a bot that is still at work and has not said yet what comes next."""
        clock = self.state.clock
        await self.state.changes.wait_for(
            lambda: self.state.closing or clock.upcoming is not None, seconds=SOON if clock.reports else 0
        )

    async def go_on(self, since: int, start: datetime) -> None:
        """After a jump from `start`: go further while nothing new is to be seen, or it was a matter of seconds.

        Much of what a bot does is housekeeping, and its rate limits put things off by a moment.
        """
        state, clock = self.state, self.state.clock
        until = time.monotonic() + PRESS
        while (
            not state.closing
            and time.monotonic() < until
            and (self.seen() == since or clock.now() - start < A_MOMENT)
        ):
            target = clock.now()
            finished = await state.changes.wait_for(
                lambda target=target: state.closing or self._finished(target),  # type: ignore[misc]
                seconds=AT_MOST,
            )
            if not finished or (self.seen() != since and clock.now() - start >= A_MOMENT) or not clock.jump():
                return

    def _finished(self, moment: datetime) -> bool:
        """Whether the bot has finished what was due by a moment; on a running clock it never has by "now"."""
        done = self.state.clock.done
        known = self.state.clock.upcoming is not None
        return known and not self.state.queue.pending and done is not None and done >= moment

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
