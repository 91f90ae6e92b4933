"""The sandbox's time: frozen, running or running faster; everything Telegram counts, counts on it."""

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox.changes import Changes

TICK = timedelta(milliseconds=1)
TOGETHER = timedelta(minutes=45)


class Clock:
    """A time that can be moved forward, and what the bot has said about its work on it."""

    def __init__(self, now: datetime, *, changes: Changes, rate: float = 0.0) -> None:
        self.changes = changes
        self.rate = rate
        self.version = 0  # counts moves and changes of rate
        self.done: datetime | None = None  # up to here the bot has finished what was due
        self.next: datetime | None = None  # then the bot has something to do again
        self.reports = 0
        self.follows = False  # whether the bot has ever said both
        self.told = -1  # the version that the bot was told last
        self.skew = timedelta(0)  # how wrong the clock of the bot's machine is
        self._skewed = -1  # the version with which that began
        self._base = now
        self._since = time.monotonic()
        self._alarms: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """Return the sandbox's moment."""
        if not self.rate:
            return self._base
        return self._base + timedelta(seconds=(time.monotonic() - self._since) * self.rate)

    def _set(self, moment: datetime, rate: float) -> None:
        self._base, self._since, self.rate = moment, time.monotonic(), rate
        self.version += 1
        self.ring()
        self.changes.fire()

    def move(self, to: datetime) -> None:
        """Go forward to a moment; a moment that has passed is left alone."""
        if to > self.now():
            self._set(to, self.rate)

    @property
    def alarm(self) -> datetime | None:
        """Return when the next alarm goes off."""
        return self._alarms[0][0] if self._alarms else None

    @property
    def upcoming(self) -> datetime | None:
        """Return when something happens next: the bot has something to do, or an alarm goes off.

        None as well while the bot is still at what is due: what it will do after that is not known yet.
        """
        now = self.now()
        if self.follows and (self.done is None or self.next is None or self.next <= now):
            return None
        return min((at for at in (self.next, self.alarm) if at is not None and at > now), default=None)

    def jump(self) -> bool:
        """Go to what happens next, if anything does; alarms that go off in quick succession are one jump."""
        target = self.upcoming
        if target is None:
            return False
        until = min(target + TOGETHER, self.next) if self.next and self.next > target else target + TOGETHER
        self.move(target)
        while target != self.next and self.alarm is not None and self.now() < self.alarm < until:
            self.move(self.alarm)
        return True

    def play(self, rate: float) -> None:
        """Let time run `rate` times as fast as real time; 0 freezes it."""
        self._set(self.now(), rate)

    def go_wrong(self, by: timedelta) -> None:
        """Let the bot's machine believe that it is so much later (or earlier) than it is here."""
        self.skew = by
        self._set(self.now(), self.rate)
        self._skewed = self.version

    def hear(self, done: datetime | None, next_: datetime | None, version: int | None) -> None:
        """Take down what the bot says by its own clock; of what it said by another one nothing is known."""
        if version is not None and version < self._skewed:
            done = next_ = None
        self.report(done and done - self.skew, next_ and next_ - self.skew)

    def step(self) -> None:
        """Move a frozen clock a little, so that "done" can prove that what came before was handled."""
        if not self.rate:
            self._set(self._base + TICK, 0.0)

    def report(self, done: datetime | None, next_: datetime | None) -> None:
        """Take down what the bot says about itself."""
        self.reports += 1
        self.follows = self.follows or (done is not None and next_ is not None)
        if (done, next_) != (self.done, self.next):
            self.done, self.next = done, next_
            self.changes.fire()

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Do `action` as soon as time reaches `moment`."""
        heapq.heappush(self._alarms, (moment, next(self._order), action))

    def ring(self) -> None:
        """Do what has become due; a running clock is asked at every request."""
        while self._alarms and self._alarms[0][0] <= self.now():
            heapq.heappop(self._alarms)[2]()
