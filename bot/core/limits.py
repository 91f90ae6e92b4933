"""How fast we may send, counted here so that Telegram need not say no (telegram.md 2b)."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SECOND = timedelta(seconds=1)
CROWD = 3  # so many chats told to wait …
CROWD_SPAN = timedelta(seconds=5)  # … within this mean that it is about us, not about them


@dataclass
class Window:
    """At most `count` calls in any `span`."""

    count: int
    span: timedelta
    _taken: deque[datetime] = field(default_factory=deque)

    def next(self, now: datetime) -> datetime:
        """Return when the next call may begin."""
        if len(self._taken) < self.count:
            return now
        if self._taken[-1] > now:  # the clock was set back: nobody waits until it is as late again
            self._taken = deque(min(taken, now) for taken in self._taken)
        return max(now, self._taken[0] + self.span)

    def take(self, now: datetime) -> None:
        """Count a call."""
        self._taken.append(now)
        if len(self._taken) > self.count:
            self._taken.popleft()

    def idle(self, now: datetime) -> bool:
        """Whether it holds nothing up and may be forgotten."""
        return not self._taken or self._taken[-1] + self.span <= now


def overall() -> list[Window]:
    """Over all chats: Telegram's own limit is about 30 a second. Spread, as some calls arrive late."""
    return [Window(25, SECOND), Window(5, SECOND / 5)]


def in_group() -> list[Window]:
    """In one group: Telegram's own limit is 20 a minute."""
    return [Window(1, SECOND), Window(18, 60 * SECOND)]


def in_private() -> list[Window]:
    """In one private chat: one a second, two in quick succession."""
    return [Window(2, 2 * SECOND)]


def of_reactions() -> list[Window]:
    """Reactions in one chat: they are no messages, but not free either."""
    return [Window(1, SECOND)]


class Limits:
    """Remembers the calls of the last minute. Not kept: after a restart `take` it from the outbox again."""

    def __init__(self) -> None:
        self._overall = overall()
        self._windows: dict[tuple[int, bool], list[Window]] = {}
        self._refusals: deque[tuple[datetime, int]] = deque()

    def next(self, target: int | None, method: str, *, now: datetime) -> datetime:
        """Return the moment from which `method` may be called for the Telegram chat `target`."""
        return max(window.next(now) for window in [*self._overall, *self._own(target, method)])

    def open(self, *, now: datetime) -> datetime:
        """Return the moment from which anything at all may be called."""
        return max(window.next(now) for window in self._overall)

    def take(self, target: int | None, method: str, *, now: datetime) -> None:
        """Count a call."""
        for window in [*self._overall, *self._own(target, method)]:
            window.take(now)
        if len(self._windows) > 5000:
            self._windows = {
                key: windows
                for key, windows in self._windows.items()
                if not all(window.idle(now) for window in windows)
            }

    def refused(self, target: int | None, *, now: datetime) -> bool:
        """Note that Telegram told us to wait; return whether that came from so many chats that all must."""
        if target is None:
            return True  # not about a chat
        self._refusals.append((now, target))
        while self._refusals[0][0] < now - CROWD_SPAN:
            self._refusals.popleft()
        return len({chat for _, chat in self._refusals}) >= CROWD

    def _own(self, target: int | None, method: str) -> list[Window]:
        reaction = method == "setMessageReaction"
        if target is None or not (reaction or speaks(method)):
            return []
        key = (target, reaction)
        if key not in self._windows:
            made = of_reactions() if reaction else in_group() if target < 0 else in_private()
            self._windows[key] = made
        return self._windows[key]


def speaks(method: str) -> bool:
    """Whether the call counts as a message of ours; edits do (telegram.md 2b)."""
    return method.startswith(("send", "edit", "copy", "forward")) and method != "sendChatAction"
