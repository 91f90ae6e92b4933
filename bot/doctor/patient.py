"""What the checks look at; each thing is looked at once, when the first check needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.config import Settings
from bot.doctor.asking import Answer, Telegram
from storage import vitals
from storage.vitals import Group, Look, Vitals


@dataclass(frozen=True)
class Standing:
    """A group and what Telegram says of the bot in it."""

    group: Group
    answer: Answer


class Patient:
    """A bot with its settings (as far as they can be used), its Telegram and its database."""

    def __init__(
        self,
        settings: Settings,
        path: Path | None,
        environ: Mapping[str, str],
        mistakes: list[str],
        telegram: Telegram,
        *,
        now: datetime,
    ) -> None:
        self.settings, self.path, self.environ, self.mistakes = settings, path, environ, mistakes
        self._telegram = telegram
        self.now = now

    @property
    def url(self) -> str:
        """Where the database is."""
        return self.settings.database.url.get_secret_value()

    @property
    def has_token(self) -> bool:
        """Whether there is anything to ask Telegram with."""
        return bool(self.settings.telegram.token.get_secret_value())

    @cached_property
    def me(self) -> Answer:
        """Who Telegram says that the bot is."""
        return self._telegram.ask("getMe")

    @property
    def known(self) -> bool:
        """Whether Telegram knows the token; who does not must not be asked more."""
        return self.has_token and self.me.ok

    @cached_property
    def webhook(self) -> Answer:
        """How Telegram delivers."""
        return self._telegram.ask("getWebhookInfo")

    @cached_property
    def file(self) -> Path | None:
        """The SQLite file, None with PostgreSQL."""
        return vitals.file_of(self.url)

    @cached_property
    def look(self) -> Look | None:
        """The database; None where there is none yet. It raises where it can't be read."""
        if self.file is not None and not self.file.exists():
            return None
        return vitals.look(self.url, now=self.now)

    @property
    def vitals(self) -> Vitals | None:
        """What stands in the tables, if they could be read; why not is said by one check alone."""
        try:
            return self.look.vitals if self.look else None
        except Exception:
            return None

    @cached_property
    def standings(self) -> list[Standing]:
        """How the bot stands in every group; when Telegram falls silent the rest is left out."""
        found: list[Standing] = []
        for group in self.vitals.groups if self.vitals and self.known else []:
            found.append(Standing(group, self.in_chat(group.telegram_id)))
            if found[-1].answer.none:
                break
        return found

    def in_chat(self, telegram_id: int) -> Answer:
        """Ask how the bot stands in a chat, under its new id if it became a supergroup."""
        bot: Any = self.me.result
        answer = self._telegram.ask("getChatMember", chat_id=telegram_id, user_id=bot["id"])
        return self.in_chat(answer.moved_to) if answer.moved_to else answer
