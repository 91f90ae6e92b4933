"""The bot's queue of updates: an offset is the only acknowledgement, and nothing waits for ever."""

import copy
import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.model import Json

DAY = timedelta(hours=24)
PRESS = timedelta(seconds=150)
WEEK = timedelta(days=7)
CAPACITY = 100_000

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
)
BY_DEFAULT = frozenset(KINDS) - {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass
class Pending:
    """An update that waits to be acknowledged."""

    id: int
    kind: str
    payload: Json
    chat_id: int | None
    expires: datetime
    delivered: bool = False
    retry_at: datetime | None = None  # webhook only
    attempts: int = 0

    def as_json(self) -> Json:
        """Return the update as the bot gets it."""
        return {"update_id": self.id, self.kind: self.payload}


class Queue:
    """Updates in order of arrival."""

    def __init__(self, clock: Clock, *, first_id: int, random: Random) -> None:
        self.clock = clock
        self.pending: list[Pending] = []
        self.acknowledged: list[Pending] = []  # the last ones, for a fault that delivers twice
        self.allowed = BY_DEFAULT
        self.next_id = first_id
        self.dropped = 0
        self.pushed = self.expired = 0  # how many there ever were, and how many nobody fetched in time
        self._random = random
        self._last = clock.now()

    def allow(self, kinds: Any) -> None:
        """Remember which kinds the bot wants; an empty list means the default."""
        if isinstance(kinds, list):
            self.allowed = frozenset(k for k in kinds if k in KINDS) or BY_DEFAULT

    def push(self, kind: str, payload: Json, *, chat_id: int | None) -> Pending | None:
        """Add an update unless the bot doesn't want its kind: what isn't wanted now is lost."""
        now = self.clock.now()
        if kind not in self.allowed or len(self.pending) >= CAPACITY:
            self.dropped += 1
            return None
        if now - self._last >= WEEK and not self.pending:
            self.jump(self._random.randint(100_000, 900_000_000))
        self._last = now
        life = PRESS if kind == "callback_query" else DAY
        update = Pending(self.next_id, kind, copy.deepcopy(payload), chat_id, now + life)
        self.next_id += 1
        self.pushed += 1
        self.pending.append(update)
        self.clock.changes.fire()
        return update

    def jump(self, to: int) -> None:
        """Let the next update have this id: ids need not rise for ever."""
        self.next_id = to

    def expire(self) -> None:
        """Drop what nobody fetched in time."""
        now = self.clock.now()
        if any(update.expires <= now for update in self.pending):
            waiting = [update for update in self.pending if update.expires > now]
            self.expired += len(self.pending) - len(waiting)
            self.pending = waiting
            self.clock.changes.fire()

    def acknowledge(self, offset: int) -> None:
        """Forget what lies before `offset`; an offset out of the window acknowledges nothing."""
        if offset < 0:
            offset = self.pending[offset].id if -offset <= len(self.pending) else 0
        last = self.pending[-1].id if self.pending else self.next_id - 1
        if offset == 0 or offset > last + 1:
            return
        self._forget([update for update in self.pending if update.id < offset])

    def _forget(self, gone: list[Pending]) -> None:
        if gone:
            self.acknowledged = (self.acknowledged + gone)[-100:]
            ids = {update.id for update in gone}
            self.pending = [update for update in self.pending if update.id not in ids]
            self.clock.step()
            self.clock.changes.fire()

    def done(self, update: Pending) -> None:
        """Acknowledge one update: what a webhook's 200 does."""
        self._forget([u for u in self.pending if u is update])

    def read(self, offset: int, limit: int) -> list[Pending]:
        """Return the updates from `offset` on, or from the head when it lies outside."""
        last = self.pending[-1].id if self.pending else self.next_id - 1
        chosen = (u for u in self.pending if u.id >= offset or offset > last + 1)
        return list(itertools.islice(chosen, limit))

    def drop_all(self) -> None:
        """Forget everything: drop_pending_updates."""
        self._forget(list(self.pending))

    def repeat(self) -> None:
        """Deliver the last acknowledged updates again, under their old ids."""
        known = {update.id for update in self.pending}
        self.pending = [u for u in self.acknowledged if u.id not in known] + self.pending
        self.acknowledged = []

    def reorder(self) -> None:
        """Let kinds overtake each other, the latest first; within a kind the order stays."""
        waiting = [u for u in self.pending if not u.delivered]
        kinds = list(dict.fromkeys(u.kind for u in reversed(waiting)))
        ids = sorted(u.id for u in waiting)
        waiting.sort(key=lambda u: kinds.index(u.kind))
        for update, new in zip(waiting, ids, strict=True):
            update.id = new
        self.pending = [u for u in self.pending if u.delivered] + waiting
