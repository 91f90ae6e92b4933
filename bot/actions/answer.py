"""What an action is called with when Telegram has answered a letter of its kind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.actions.unit import Desk
from bot.core.outcomes import Refused, Sent, Unsure
from storage.db import Connection
from storage.outbox import Row


@dataclass(frozen=True)
class Answer:
    """The end of a letter: it arrived, it was refused, or nobody will ever know (`Unsure`)."""

    row: Row
    outcome: Sent | Refused | Unsure
    desk: Desk
    now: datetime

    @property
    def about(self) -> dict[str, Any]:
        """What the letter's writer noted for the action."""
        return self.row.about

    @property
    def result(self) -> Any:
        """Telegram's raw answer; None if there is none."""
        return self.outcome.result if isinstance(self.outcome, Sent) else None


Action = Callable[[Connection, Answer], None]
