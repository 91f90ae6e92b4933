"""A network in which somebody is in trouble, for tests of actions: without a Telegram, letters arrive at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot import catalogues
from bot.actions import alerts, danger, helptext, taking, talk, talk_requests
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import consents
from bot.core.contributions import Given
from bot.core.letters import read_callback
from bot.core.mail import Letter
from storage import (
    chats,
    contributions,
    dialogs,
    members,
    networks,
    outbox,
    people,
    postings,
    prompts,
    talks,
)
from storage.db import Connection, Database
from storage.people import Person
from storage.tables import audit as audit_table
from storage.tables import outbox as outbox_table

NIGHT = datetime(2026, 11, 27, 22, 12, tzinfo=UTC)  # a Friday, 23:12 in Amsterdam
MONDAY_NOON = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
DESK = Desk(texts=catalogues.load(strict=True), bot_id=42, bot_username="bln_bot")
HELP = {"en": "Someone to talk to, day and night: De Luisterlijn, 088 0767 000."}
PRESSES = {
    "talk": talk.pressed,
    "danger": danger.pressed,
    "alert": alerts.pressed,
    "helptext": helptext.pressed,
}


@dataclass
class Room:
    """A network with Anna, led by Frida, Mohammed standing in, and a coordinator; what is said is written down."""

    db: Connection
    network: int
    people: dict[str, Person]
    now: datetime = NIGHT

    def person(self, name: str) -> Person:
        found = people.get(self.db, self.people[name].id)
        assert found is not None
        return found

    def keep(self, letters: list[Letter] | None) -> list[Letter]:
        """Write letters down as the worker and the clock do; each arrives at once, as a message of its own."""
        if letters is None:
            return []
        count = len(self.db.execute(select(outbox_table.c.id)).all())
        keyed = [replace(one, key=one.key or f"t:{count}:{n}") for n, one in enumerate(letters)]
        outbox.write(self.db, keyed, now=self.now)
        self.arrive()
        return keyed

    def arrive(self) -> None:
        waiting = outbox_table.c.state == "pending"
        for id in self.db.execute(select(outbox_table.c.id).where(waiting)).scalars().all():
            self.db.execute(
                update(outbox_table).where(outbox_table.c.id == id).values(state="sent", message_id=1000 + id)
            )

    def talk(self, name: str) -> list[Letter]:
        one = self.person(name)
        visitor = Visitor(one.telegram_id, one.name, None, "en")
        return self.keep(talk.begin(self.db, visitor, one, DESK, now=self.now))

    def press(self, name: str, letters: list[Letter], label: str) -> list[Letter] | None:
        """Press a button of one of these letters; None where it means nothing any more."""
        pressed = read_callback(button(letters, label))
        assert pressed is not None
        subject, _, verb = pressed.action.partition(".")
        found = PRESSES[subject](
            self.db, self.person(name), verb, pressed.id, pressed.nonce, message_id=5, desk=DESK, now=self.now
        )
        return None if found is None else self.keep(found)

    def said(self, name: str, since: int = 0) -> list[str]:
        """Everything that somebody was told, edits included, from the row `since` on."""
        mine = (outbox_table.c.person_id == self.people[name].id, outbox_table.c.id > since)
        rows = self.db.execute(select(outbox_table.c.params).where(*mine).order_by(outbox_table.c.id))
        return [str(row[0].get("text", "")) for row in rows]

    def last(self) -> int:
        return max(self.db.execute(select(outbox_table.c.id)).scalars(), default=0)

    def letters(self, name: str) -> list[Letter]:
        """What somebody sees, as letters whose buttons can be pressed."""
        mine = outbox_table.c.person_id == self.people[name].id
        rows = self.db.execute(select(outbox_table.c.params).where(mine).order_by(outbox_table.c.id.desc()))
        return [Letter(None, "", row[0]) for row in rows]  # type: ignore[arg-type]

    def due(self, now: datetime) -> None:
        """Let the clock do what is due."""
        self.now = now
        for id in talk_requests.due(self.db, now=now):
            talk_requests.follow(self.db, id, DESK, now=now)
        self.arrive()

    def request(self) -> talks.Talk:
        found = talks.open_of(self.db, self.people["Anna"].id)
        assert found is not None
        return found

    def answer(self, words: str, *, place: int | None = None, number: int = 77) -> int:
        """Anna answers the open question; returns the contribution."""
        posting = postings.open_in(self.db, self.network, now=self.now)[0]
        member = members.who(self.db, self.network, self.people["Anna"].id)
        assert member is not None
        given = Given(member.telegram_id, number, "text", words, (), None, self.now)
        self.keep(taking.take(self.db, posting, member, given, chat_id=place, desk=DESK, now=self.now))
        kept = contributions.behind(self.db, member.telegram_id, number)
        assert kept is not None
        return kept.id

    def audited(self) -> list[str]:
        return list(self.db.execute(select(audit_table.c.action).order_by(audit_table.c.id)).scalars())


def button(letters: list[Letter], label: str) -> str:
    for letter in letters:
        for row in letter.params.get("reply_markup", {}).get("inline_keyboard", []):
            for one in row:
                if one["text"] == label:
                    return str(one["callback_data"])
    raise AssertionError(f"there is no button {label}: {labels(letters)}")


def labels(letters: list[Letter]) -> list[str]:
    keyboards = [letter.params.get("reply_markup", {}).get("inline_keyboard", []) for letter in letters]
    return [one["text"] for keyboard in keyboards for row in keyboard for one in row]


def room(db: Connection) -> Room:
    network = networks.create(
        db, title="Care partnership", language="en", timezone="Europe/Amsterdam", now=NIGHT
    )
    chat = chats.keep(
        db, network.id, -1001, circle="core", kind="supergroup", title="Care partnership", now=NIGHT
    )
    found = {}
    for number, name in enumerate(("Anna", "Frida", "Mohammed", "Cora"), 7):
        person = people.keep(db, number, name=name, username=None, language="en", now=NIGHT)
        people.change(db, person.id, reachable=True, coordinator=name == "Cora")
        found[name] = person
        if name == "Cora":
            continue
        member = members.keep(db, network.id, person.id, circle="core", now=NIGHT)
        members.change(db, member.id, state="active", group="carer", facilitator=name == "Frida")
        for use in (consents.TAKE_PART, consents.QUOTE):
            members.agree(db, member.id, use, True, version=consents.VERSION, language="en", now=NIGHT)
    networks.change(db, network.id, help=HELP, help_checked_at=NIGHT, stand_in=found["Mohammed"].id)
    prompt = prompts.create(
        db,
        network_id=network.id,
        kind="open",
        text="What helped you?",
        circle="core",
        when={"kind": "now"},
        state="planned",
        next_due_at=NIGHT,
        created_at=NIGHT,
    )
    occurrence = prompts.occur(db, prompt.id, "x", "posted", due_at=NIGHT, now=NIGHT)
    postings.create(
        db,
        occurrence_id=occurrence,
        prompt_id=prompt.id,
        network_id=network.id,
        chat_id=chat.id,
        token="token",
        posted_at=NIGHT,
        closes_at=NIGHT + timedelta(days=6),
    )
    return Room(db, network.id, found)


async def play(database: Database, story: Callable[[Room], None]) -> None:
    await database.write(lambda db: story(room(db)))


def dialog(here: Room, name: str) -> dialogs.Dialog:
    found = dialogs.of(here.db, here.people[name].id, now=here.now)
    assert found is not None
    return found


def given(here: Room, name: str, words: str, number: int = 50, **more: Any) -> Given:
    values = {"files": (), **more}
    return Given(here.people[name].telegram_id, number, "text", words, sent_at=here.now, album=None, **values)
