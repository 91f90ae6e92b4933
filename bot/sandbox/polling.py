"""getUpdates: a long poll in which the later of two pollers wins."""

import time

from bot.sandbox.errors import ApiError
from bot.sandbox.model import Json
from bot.sandbox.params import Params
from bot.sandbox.state import State

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
LONGEST = 50


class Poller:
    """Remembers the last getUpdates, because asking for the same offset again at once is throttled."""

    def __init__(self) -> None:
        self.offset: int | None = None
        self.began = self.ended = 0.0

    async def get_updates(self, state: State, params: Params) -> list[Json]:
        """Return updates, waiting for the first of them as long as the bot wants."""
        if state.webhook:
            raise ApiError(409, WEBHOOK)
        state.poller += 1
        mine = state.poller
        state.changes.fire()
        if params.has("allowed_updates"):
            state.queue.allow(params.nested("allowed_updates"))
        offset = params.integer("offset")
        limit = params.integer("limit", 100)
        limit = limit if 1 <= limit <= 100 else 100
        seconds, limit = self._throttled(offset, min(LONGEST, max(0, params.integer("timeout"))), limit)
        state.queue.expire()
        state.queue.acknowledge(offset)
        offset = max(offset, 0)
        await state.changes.wait_for(
            lambda: bool(state.queue.read(offset, 1)) or state.poller != mine or state.closing,
            seconds=seconds,
        )
        self.ended = time.monotonic()
        if state.poller != mine and not state.closing:
            raise ApiError(409, CONFLICT)
        updates = state.queue.read(offset, limit)
        for update in updates:
            update.delivered = True
        return [update.as_json() for update in updates]

    def _throttled(self, offset: int, seconds: int, limit: int) -> tuple[int, int]:
        """Telegram's brake on hot loops, in real time like all socket time-outs."""
        now = time.monotonic()
        if offset == self.offset:
            if now - self.ended < 0.5:
                limit = 1
            if now - self.began < 3:
                seconds = max(seconds, 3)
        self.offset, self.began = offset, now
        return seconds, limit
