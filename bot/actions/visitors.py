"""Who speaks to the bot, before anything is kept about that person."""

from dataclasses import dataclass
from datetime import datetime

from bot.actions.unit import Desk
from bot.core.mail import To
from bot.core.texts import Text
from storage import knocks, members, people
from storage.db import Connection
from storage.people import Person


@dataclass(frozen=True)
class Visitor:
    """A Telegram user as an update shows them; `language` is what the phone says."""

    telegram_id: int
    name: str
    username: str | None
    language: str | None

    @property
    def to(self) -> To:
        """The private chat, whether or not the person is kept."""
        return To(telegram=self.telegram_id)

    def text(self, desk: Desk) -> Text:
        """The texts in the phone's language."""
        return desk.texts.of(self.language)


def keep(db: Connection, visitor: Visitor, desk: Desk, *, now: datetime) -> Person:
    """Write a person down who pressed Start and asked for something that needs it."""
    person = people.keep(
        db,
        visitor.telegram_id,
        name=visitor.name,
        username=visitor.username,
        language=visitor.text(desk).language,
        now=now,
    )
    if not person.reachable:
        people.change(db, person.id, reachable=True)
    return person


def forget(db: Connection, person_id: int) -> bool:
    """Erase a person about whom nothing else is kept; return whether that was so."""
    person = people.get(db, person_id)
    if person is None or person.coordinator:
        return False
    if members.any_of(db, person_id) or knocks.waits(db, person_id):
        return False
    people.remove(db, person_id)
    return True


def reader(visitor: Visitor, person: Person | None, desk: Desk) -> tuple[To, Text]:
    """Return where somebody reads us and in which language: what we keep of them, else what the phone says."""
    if person is None:
        return visitor.to, visitor.text(desk)
    return To(person=person.id), desk.text(person.language)
