"""What monitoring is told: that the process lives, and whether it is ready, in a few plain lines.

Ages are real seconds, never the bot's clock: a followed clock may stand still or jump a week ahead, while calls to
Telegram, and the scheduler that wakes the tick, go on in real time.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from storage import facts
from storage.db import Database

PATIENCE = 3.0  # real seconds for the database's answer
# Polls take 50 s, a webhook is looked at every five minutes; a tick may make digests for 150 networks.
LIMITS = {
    "poll": timedelta(minutes=5),
    "webhook": timedelta(minutes=15),
    "tick": timedelta(minutes=10),
}
WORDS = {
    "poll": ("last answer to getUpdates", "nothing was received from Telegram"),
    "webhook": ("webhook last found in order", "the webhook was not found in order"),
    "tick": ("last tick", "there was no tick"),
}

Role = Literal["starting", "standing by", "leading"]


class Health:
    """When what has to go on was last seen to go on."""

    def __init__(
        self, *, receives: Literal["poll", "webhook"], monotonic: Callable[[], float] = time.monotonic
    ):
        self._receives, self._monotonic = receives, monotonic
        self._seen: dict[str, float] = {}
        self._asking: asyncio.Task[bool] | None = None
        self._role: Role = "starting"
        self._since = monotonic()

    @property
    def role(self) -> Role:
        """What this process does."""
        return self._role

    @role.setter
    def role(self, role: Role) -> None:
        self._role, self._since = role, self._monotonic()

    def polled(self, now: datetime) -> None:
        """Telegram has answered getUpdates, and what it gave was kept."""
        self._seen["poll"] = self._monotonic()

    def registered(self, now: datetime) -> None:
        """Telegram knows our webhook."""
        self._seen["webhook"] = self._monotonic()

    def called(self, now: datetime) -> None:
        """Telegram has called our webhook, and what it gave was kept."""
        self._seen["call"] = self._monotonic()

    def ticked(self, now: datetime) -> None:
        """The bot has looked what is due."""
        self._seen["tick"] = self._monotonic()

    async def report(self, database: Database | None) -> tuple[bool, list[str]]:
        """Return whether this process is ready for its work, and a line about each part of it."""
        lines = [await self._database_line(database), self._role_line()]
        if self._role == "leading":
            lines += [self._line(self._receives), self._line("tick")]
        if "call" in self._seen:
            lines.append((True, f"last call by Telegram {self._ago('call')}"))
        return all(fine for fine, _ in lines), [
            f"{'ok' if fine else 'FAULT'}: {words}" for fine, words in lines
        ]

    async def _database_line(self, database: Database | None) -> tuple[bool, str]:
        fine = database is not None and await self._answers(database)
        return fine, "database answers" if fine else "database does not answer"

    def _role_line(self) -> tuple[bool, str]:
        words = {
            "starting": "starting",
            "standing by": "standing by, another process leads",
            "leading": "leading",
        }
        return self._role != "starting", words[self._role]

    def _line(self, name: str) -> tuple[bool, str]:
        good, bad = WORDS[name]
        seen = self._seen.get(name)
        # A process that has just begun to lead is given as long for its first.
        age = self._monotonic() - max(self._since, seen if seen is not None else self._since)
        if age > LIMITS[name].total_seconds():
            return False, f"{bad} for {_span(age)}"
        return True, f"{good} {self._ago(name)}" if seen is not None else f"{good}: none yet"

    def _ago(self, name: str) -> str:
        return f"{_span(self._monotonic() - self._seen[name])} ago"

    async def _answers(self, database: Database) -> bool:
        """Ask the database for a row. One question at a time: on a cut line each would take a thread for long."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(_asked(database))
        await asyncio.wait({self._asking}, timeout=PATIENCE)
        return self._asking.done() and self._asking.result()


async def _asked(database: Database) -> bool:
    try:
        await database.read(facts.get, "awake")
    except Exception:  # whatever it is: we are being asked by those who look for what is wrong
        return False
    return True


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
