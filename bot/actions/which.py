"""Which network a facilitator's command is about, and what most actions for facilitators need.

A new command for facilitators: `handlers.which.command(name, run)` among its handlers; nothing to do here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Text
from storage import chats, members, networks
from storage.db import Connection
from storage.networks import Network
from storage.people import Person

KIND = "which"


@dataclass(frozen=True)
class Leader:
    """A facilitator at work in one network, at one moment; answers go to the private chat."""

    db: Connection
    person: Person
    network: Network
    desk: Desk
    now: datetime

    @cached_property
    def text(self) -> Text:
        """The texts in the facilitator's language."""
        return self.desk.text(self.person.language)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The network's time zone: every time a facilitator names is one of its clocks."""
        return ZoneInfo(self.network.timezone)

    @property
    def to(self) -> To:
        """The private chat."""
        return To(person=self.person.id)

    def full(self, moment: datetime) -> str:
        """Return day and hour as the facilitator reads them."""
        return dates.full(moment, self.zone, self.text.language, now=self.now)

    def show(
        self,
        html: str,
        keyboard: Keyboard | None = None,
        message_id: int | None = None,
        *,
        quotes: Collection[int] = (),
    ) -> list[Letter]:
        """Say something, in place of the pressed message if there is one; `quotes`: of whose words it has."""
        about = {"quotes": list(quotes)} if quotes else None
        if message_id is None:
            return mail.say(self.to, html, keyboard, about=about)
        return [mail.edit(self.to, message_id, html, keyboard, about=about)]


def network(db: Connection, person: Person, chat_telegram_id: int | None) -> Network | list[Network] | None:
    """Return the network that a command is about; several: ask which; None: this person leads none (there).

    `chat_telegram_id` is the group in which the command was typed, None in private.
    """
    led = networks.led_by(db, person.id)  # one that has ended too: planning something brings it back
    if chat_telegram_id is not None:
        chat = chats.by_telegram_id(db, chat_telegram_id)
        return next((one for one in led if chat is not None and one.id == chat.network_id), None)
    return led[0] if len(led) == 1 else led or None


def leader(
    db: Connection, person: Person, network_id: int | None, desk: Desk, *, now: datetime
) -> Leader | None:
    """Return the person as facilitator of that network; None if they are none now. Every press asks this."""
    found = None if network_id is None else networks.get(db, network_id)
    if found is None:
        return None
    member = members.who(db, found.id, person.id)
    if member is None or not (member.active and member.facilitator):
        return None
    return Leader(db, person, found, desk, now)


def question(person: Person, choice: list[Network], desk: Desk) -> list[Letter]:
    """Ask which network is meant."""
    buttons = [Button(one.title, callback("which.take", one.id)) for one in choice]
    return mail.say(To(person=person.id), desk.text(person.language)("which.ask"), keyboard_rows(buttons))
