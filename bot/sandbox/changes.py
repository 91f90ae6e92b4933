"""Who waits for something to happen in the sandbox waits here: by conditions, never by seconds."""

import asyncio
from collections.abc import Callable

Listener = Callable[[], None]


class Changes:
    """Counts changes, calls listeners at once and wakes whoever waits for a condition."""

    def __init__(self) -> None:
        self.version = 0
        self.listeners: list[Listener] = []
        self._event = asyncio.Event()

    def fire(self) -> None:
        """Say that something has changed."""
        self.version += 1
        event, self._event = self._event, asyncio.Event()
        event.set()
        for listener in list(self.listeners):
            listener()

    async def wait_for(self, condition: Callable[[], bool], *, seconds: float | None = None) -> bool:
        """Wait until `condition` holds; False if `seconds` of real time passed first."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await self._event.wait()
        except TimeoutError:
            return condition()
        return True
