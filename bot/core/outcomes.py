"""What came of a call to Telegram, as a value: mypy sees to it that every `match` on it is whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class Sent:
    """Telegram did it. `result` is its raw answer, `data` the bytes of a file that was asked for."""

    result: Any = None
    data: bytes | None = None

    @property
    def message_id(self) -> int | None:
        """The id of the message that was sent; 0 is none (telegram.md §10, 29)."""
        messages = self.result if isinstance(self.result, list) else [self.result]
        last = messages[-1] if messages else None
        found = last.get("message_id") if isinstance(last, dict) else None
        return found if isinstance(found, int) and found else None


@dataclass(frozen=True)
class Later:
    """Not sent, and to be tried again at `until`; `pause`: for whom Telegram wants nothing before."""

    until: datetime
    pause: Literal["none", "chat", "all"] = "none"


@dataclass(frozen=True)
class Moved:
    """Not sent: the group has become a supergroup and has another id."""

    new_id: int


@dataclass(frozen=True)
class Refused:
    """Not sent, and never will be. `reason`: Telegram's text in lower case; `gone`: nobody is there any more."""

    reason: str
    gone: bool = False


@dataclass(frozen=True)
class Unparseable:
    """Not sent: Telegram can't read our HTML. It goes out as plain text."""


@dataclass(frozen=True)
class NoThread:
    """Not sent: the topic is closed or deleted. It goes out without one."""

    reason: str


@dataclass(frozen=True)
class Unsure:
    """Telegram's answer was lost. For an action: and nothing more is done about it."""


@dataclass(frozen=True)
class Stopped:
    """Not sent: Telegram does not accept our token. Nothing is sent for a while."""


Outcome = Sent | Later | Moved | Refused | Unparseable | NoThread | Unsure | Stopped
