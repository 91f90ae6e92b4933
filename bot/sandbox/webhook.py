"""Delivery to a webhook: in order within a chat, repeated with growing delays until an update expires."""

from datetime import timedelta

import httpx

from bot.sandbox.state import State
from bot.sandbox.updates import Pending

LONGEST_DELAY = timedelta(minutes=1)
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Deliverer:
    """Sends what is pending to the webhook, if one is set."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def run(self) -> None:
        """Deliver until cancelled."""
        # a client is dear to make, and few tests have a webhook
        await self.state.changes.wait_for(lambda: bool(self.state.webhook))
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            while True:
                # the second is for a running clock, which wakes nobody when a delay is over
                await self.state.changes.wait_for(lambda: self._next() is not None, seconds=1)
                update = self._next()
                if update is not None:
                    await self._deliver(client, update)

    def _next(self) -> Pending | None:
        """Return the first update whose chat has none before it that waits for its next attempt."""
        if not self.state.webhook or not self.state.queue.pending:
            return None
        self.state.queue.expire()
        now, waiting = self.state.clock.now(), set()
        for update in self.state.queue.pending:
            if update.chat_id in waiting:
                continue
            if update.retry_at is None or update.retry_at <= now:
                return update
            waiting.add(update.chat_id)
        return None

    async def _deliver(self, client: httpx.AsyncClient, update: Pending) -> None:
        hook = self.state.webhook
        headers = {HEADER: hook["secret"]} if hook["secret"] else {}
        try:
            answer = await client.post(hook["url"], json=update.as_json(), headers=headers)
            trouble = None if answer.is_success else f"Wrong response from the webhook: {answer.status_code}"
        except httpx.HTTPError as error:
            trouble = f"Connection failed: {type(error).__name__}"
        update.delivered = True
        if trouble is None:
            self.state.queue.done(update)
            return
        update.attempts += 1
        delay = min(LONGEST_DELAY, timedelta(seconds=2 ** (update.attempts - 1)))
        update.retry_at = self.state.clock.now() + delay
        hook |= {"last_error_date": self.state.seconds(), "last_error_message": trouble}
        self.state.changes.fire()
