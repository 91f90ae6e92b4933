"""How fast a bot may send: per chat, per group and over all, counted on the sandbox's clock."""

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

from bot.sandbox.errors import too_many

SECOND = timedelta(seconds=1)
MINUTE = timedelta(seconds=60)


class Limits:
    """Remembers what was sent. `enabled = False` lifts the limits."""

    def __init__(self, *, overall: int = 30, group: int = 20, burst: int = 3) -> None:
        self.enabled = True
        self.overall, self.group, self.burst = overall, group, burst
        self._all: deque[datetime] = deque()
        self._groups: defaultdict[int, deque[datetime]] = defaultdict(deque)
        self._chats: dict[int, datetime] = {}  # when the chat's bucket will be full again

    def take(self, chat_id: int, *, now: datetime) -> None:
        """Count one message, or refuse it."""
        if not self.enabled:
            return
        wait = max(self._wait_overall(now), self._wait_chat(chat_id, now), self._wait_group(chat_id, now))
        if wait > timedelta(0):
            raise too_many(max(1, math.ceil(wait.total_seconds())))
        self._all.append(now)
        self._chats[chat_id] = max(self._chats.get(chat_id, now), now) + SECOND
        if chat_id < 0:
            self._groups[chat_id].append(now)

    def _wait_overall(self, now: datetime) -> timedelta:
        return _wait(self._all, self.overall, SECOND, now)

    def _wait_group(self, chat_id: int, now: datetime) -> timedelta:
        return _wait(self._groups[chat_id], self.group, MINUTE, now) if chat_id < 0 else timedelta(0)

    def _wait_chat(self, chat_id: int, now: datetime) -> timedelta:
        full_at = self._chats.get(chat_id, now)
        return full_at - now - (self.burst - 1) * SECOND


def _wait(sent: deque[datetime], most: int, window: timedelta, now: datetime) -> timedelta:
    while sent and sent[0] <= now - window:
        sent.popleft()
    return timedelta(0) if len(sent) < most else sent[-most] + window - now
