"""The unit of work of one update or tick: what handlers and actions may use, and what they leave behind."""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.core.erasing import NO_SAFETY, Safety
from bot.core.mail import Letter
from bot.core.texts import Text, Texts
from storage.db import Connection


@dataclass(frozen=True)
class Desk:
    """What the bot knows about itself; the same for its whole life."""

    texts: Texts
    bot_id: int
    bot_username: str
    ops_chat: int | None = None
    setup_code: str = ""
    k: int = 3
    controller: str = ""
    contact: str = ""
    officer: str = ""  # "none": there need be none
    processor: str = ""
    authority: str = ""
    last_day: str = ""  # ISO date, or empty
    keep_months: int = 12  # after the end of a network
    language: str = "en"
    timezone: str = "UTC"
    safety: Safety = NO_SAFETY

    def text(self, language: str | None) -> Text:
        """Return the texts of `language`, or of the default one."""
        return self.texts.of(language or self.language)

    def link(self, start: str) -> str:
        """Return the link that opens the private chat with `start`."""
        return f"https://t.me/{self.bot_username}?start={start}"


@dataclass(frozen=True)
class PressAnswer:
    """What a pressed button says back at once; goes out after the commit, errors ignored."""

    query_id: str
    text: str = ""
    alert: bool = False
    url: str = ""


@dataclass
class Unit:
    """One update being handled: everything it wants is collected here and written by the worker."""

    db: Connection
    now: datetime
    key: str  # of its letters: reply:<inbox seq>
    desk: Desk
    raw: Mapping[str, Any] = field(default_factory=dict)  # the update as it came: newer fields than PTB knows
    letters: list[Letter] = field(default_factory=list)
    answers: list[PressAnswer] = field(default_factory=list)
    failure: BaseException | None = None
    over: int = 0  # by how much its sender is over the measure of a minute
    # What filters ask of everybody's updates again and again, by question; handlers look for themselves.
    glimpsed: dict[str, Any] = field(default_factory=dict)


_unit: ContextVar[Unit] = ContextVar("unit")


@contextlib.contextmanager
def holding(unit: Unit) -> Iterator[None]:
    """Make `unit` the one that handlers see; a ContextVar, as PTB builds a new context for its error handler."""
    token = _unit.set(unit)
    try:
        yield
    finally:
        _unit.reset(token)


def current() -> Unit:
    """Return the unit of the update being handled."""
    return _unit.get()
