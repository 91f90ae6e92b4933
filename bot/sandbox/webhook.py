"""Delivery to a webhook: in order within a queue, repeated with growing delays until an update expires.

As in Telegram's own server (WebhookActor.cpp): messages of one chat are a queue, and each other kind of update there is
another; of a queue one update is on its way at a time, of all together at most `max_connections`. Who answers with
Retry-After is called again then.
"""

import asyncio
from datetime import timedelta

import httpx

from bot.sandbox.state import State
from bot.sandbox.updates import Pending

LONGEST_DELAY = timedelta(minutes=1)
HEADER = "X-Telegram-Bot-Api-Secret-Token"
MESSAGES = ("message", "edited_message", "channel_post", "edited_channel_post")

Lane = tuple[int | None, str]


class Deliverer:
    """Sends what is pending to the webhook, if one is set."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._flying: dict[Lane, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        # a client is dear to make, and few tests have a webhook
        await self.state.changes.wait_for(lambda: bool(self.state.webhook))
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            try:
                while True:
                    # the second is for a running clock, which wakes nobody when a delay is over
                    await self.state.changes.wait_for(lambda: self._next() is not None, seconds=1)
                    update = self._next()
                    if update is not None:
                        self._flying[lane(update)] = asyncio.create_task(self._deliver(client, update))
            finally:
                flying = list(self._flying.values())
                for task in flying:
                    task.cancel()
                await asyncio.gather(*flying, return_exceptions=True)

    def _next(self) -> Pending | None:
        """Return the first update in whose queue none is on its way, or waits for its next attempt."""
        hook = self.state.webhook
        if not hook or not self.state.queue.pending or len(self._flying) >= hook["max_connections"]:
            return None
        self.state.queue.expire()
        now, waiting = self.state.clock.now(), set(self._flying)
        for update in self.state.queue.pending:
            if lane(update) in waiting:
                continue
            if update.retry_at is None or update.retry_at <= now:
                return update
            waiting.add(lane(update))
        return None

    async def _deliver(self, client: httpx.AsyncClient, update: Pending) -> None:
        try:
            await self._call(client, update)
        finally:
            del self._flying[lane(update)]
            self.state.changes.fire()

    async def _call(self, client: httpx.AsyncClient, update: Pending) -> None:
        hook = self.state.webhook
        headers = {HEADER: hook["secret"]} if hook["secret"] else {}
        wait = 0
        try:
            answer = await client.post(hook["url"], json=update.as_json(), headers=headers)
            trouble = None if answer.is_success else f"Wrong response from the webhook: {answer.status_code}"
            wait = int(answer.headers.get("Retry-After", 0))
        except httpx.HTTPError as error:
            trouble = f"Connection failed: {type(error).__name__}"
        update.delivered = True
        if trouble is None:
            self.state.queue.done(update)
            return
        update.attempts += 1
        delay = timedelta(seconds=wait) or min(LONGEST_DELAY, timedelta(seconds=2 ** (update.attempts - 1)))
        update.retry_at = self.state.clock.now() + delay
        hook |= {"last_error_date": self.state.seconds(), "last_error_message": trouble}


def lane(update: Pending) -> Lane:
    """Return the queue of an update."""
    return update.chat_id, "message" if update.kind in MESSAGES else update.kind
