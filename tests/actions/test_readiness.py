"""Before people can join: what is missing, how it is asked for, and that the network opens once; on both databases."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import catalogues
from bot.actions import opening, preparing, privacy, readiness
from bot.actions.unit import Desk
from bot.core.letters import MAX_LABEL, plain, read_callback
from bot.core.mail import Letter
from bot.core.texts import LANGUAGES
from storage import chats, dialogs, members, networks, people, tables
from storage.db import Connection, Database
from storage.networks import Network
from storage.people import Person
from tests.answerable import HELP, PRIVACY, get_ready

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TEXTS = catalogues.load(strict=True)
EMPTY = Desk(texts=TEXTS, bot_id=42, bot_username="bln_bot")
FILLED = replace(EMPTY, **PRIVACY)
ACT_ON = 600  # characters of a message where a person must act


@dataclass
class Ground:
    """A network led by Frida, just set up."""

    db: Connection
    network_id: int
    frida: Person
    desk: Desk = EMPTY

    @property
    def network(self) -> Network:
        return networks.found(self.db, self.network_id)

    @property
    def missing(self) -> tuple[str, ...]:
        return readiness.missing(self.db, self.network, self.desk)

    def press(self, action: str, nonce: str = "") -> list[Letter] | None:
        verb = action.removeprefix("readiness.")
        about: dict[str, Any] = {"message_id": 5, "desk": self.desk, "now": NOW}
        return preparing.pressed(self.db, self.frida, verb, self.network_id, nonce, **about)

    def tap(self, letters: list[Letter], label: str) -> list[Letter]:
        rows = letters[0].params["reply_markup"]["inline_keyboard"]
        data = next(one["callback_data"] for row in rows for one in row if one["text"] == label)
        pressed = read_callback(data)
        assert pressed is not None
        found = self.press(pressed.action, pressed.nonce)
        assert found is not None, label
        return found

    def type(self, words: str) -> list[Letter]:
        dialog = dialogs.of(self.db, self.frida.id, now=NOW)
        assert dialog is not None
        return preparing.typed(self.db, self.frida, dialog, words, self.desk, now=NOW)

    def close(self) -> None:
        opening.close(self.db, self.network_id, now=NOW)


def ground(db: Connection, desk: Desk = EMPTY, language: str = "en") -> Ground:
    network = networks.create(db, title="Care", language="en", timezone="Europe/Amsterdam", now=NOW)
    chat = chats.keep(db, network.id, -1001, circle="core", kind="supergroup", title="Care", now=NOW)
    chats.change(db, chat.id, rights=[])
    frida = people.keep(db, 1, name="Frida", username=None, language=language, now=NOW)
    member = members.keep(db, network.id, frida.id, circle="core", now=NOW)
    members.change(db, member.id, state="active", facilitator=True)
    here = Ground(db, network.id, frida, desk)
    here.close()
    return here


def mohammed(here: Ground) -> int:
    person = people.keep(here.db, 2, name="Mohammed", username=None, language="nl", now=NOW)
    member = members.keep(here.db, here.network_id, person.id, circle="core", now=NOW)
    members.change(here.db, member.id, state="active")
    return person.id


def said(letters: list[Letter]) -> str:
    return "\n".join(str(letter.params.get("text")) for letter in letters)


def test_each_thing_is_asked_for_in_turn_and_then_people_can_join(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        stand_in = mohammed(here)
        first = here.press("next")
        assert first is not None
        assert "Which organisation" in said(first)
        assert "How do members reach Zorg &lt;b&gt;" in said(here.type("Zorg <b>"))
        letters = here.type("help@zorg.example")
        assert "data protection officer" in said(letters)
        letters = here.tap(letters, "There is none")
        letters = here.tap(letters, "The same organisation")
        letters = here.tap(letters, "Netherlands")
        letters = here.tap(letters, "31 December 2028")
        assert "Where does a member in trouble" in said(letters[:1])
        assert "What happens to your words" in said(letters[1:])  # now she can be told what everybody is told
        assert here.missing == ("help", "stand_in")
        answerable = privacy.of(here.network, here.desk)
        assert (answerable.controller, answerable.processor) == ("Zorg <b>", "Zorg <b>")
        assert answerable.authority.startswith("Autoriteit")
        networks.change(db, here.network_id, help=HELP)
        letters = here.press("next") or []
        letters = here.tap(here.tap(letters, "Choose a member"), "Mohammed")
        assert here.missing == ()
        assert "People can join" in said(letters)
        assert "als vervanger" in said([one for one in letters if one.to.person == stand_in])
        in_group = [letter for letter in letters if letter.to.chat is not None]
        assert "I'm the bot of" in said(in_group)
        assert "People can join" in said(here.press("show") or [])
        assert len(here.press("show") or []) == 1  # said once

    database.write_now(body)


def test_what_the_configuration_says_is_not_asked(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db, FILLED)
        assert here.missing == ("help", "stand_in")
        assert "Where does a member in trouble" in said(here.press("next") or [])

    database.write_now(body)


def test_a_stand_in_is_somebody_who_takes_part_and_not_the_only_one_leading(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db, FILLED)
        networks.change(db, here.network_id, help=HELP, stand_in=here.frida.id)
        assert here.missing == ("stand_in",)
        person = mohammed(here)
        networks.change(db, here.network_id, stand_in=person)
        assert here.missing == ()
        member = members.who(db, here.network_id, person)
        assert member is not None
        members.change(db, member.id, state="left")
        assert here.missing == ("stand_in",)
        assert here.press("member", f"stand_in.{here.frida.id}") is None

    database.write_now(body)


def test_what_cannot_be_read_is_asked_again(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        here.press("ask", "controller")
        assert "2 to 200" in said(here.type("x" * 201))
        here.press("ask", "last_day")
        for typed in ("<b>soon", "2025-12-31", "2026-11-02"):
            assert "can't read" in said(here.type(typed))
        here.type("31 December 2027")
        assert here.network.last_day == "2027-12-31"
        assert {"controller", "contact"} <= set(here.missing)

    database.write_now(body)


def test_nobody_else_may_and_nothing_can_be_forged(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        for nonce in ("controller.x", "authority.XX", "last_day.1999-01-01", "help.x", "title.x", ""):
            assert here.press("set", nonce) is None
        assert here.press("ask", "title") is None
        assert here.press("member", "stand_in.999") is None
        eve = people.keep(db, 9, name="Eve", username=None, language="en", now=NOW)
        other = replace(here, frida=eve)
        assert other.press("show") is None

    database.write_now(body)


def test_a_network_cannot_keep_words_longer_than_all_are_kept(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db, FILLED)
        here.press("ask", "last_day")
        assert "can't read" in said(here.type("2029-01-01"))
        networks.change(db, here.network_id, last_day="2030-01-01")
        assert privacy.of(here.network, FILLED).last_day == "2028-12-31"
        networks.change(db, here.network_id, last_day="2027-06-30", controller="Another")
        answerable = privacy.of(here.network, FILLED)
        assert (answerable.last_day, answerable.controller) == ("2027-06-30", "Another")
        assert privacy.of(None, FILLED).controller == "Zorgbelang Utrecht"

    database.write_now(body)


def test_who_wanted_to_join_before_is_mentioned_once_and_not_named(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db, FILLED)
        opening.close(db, here.network_id, now=NOW, waited=True)
        here.close()  # what is remembered stays
        get_ready(db, here.network_id, now=NOW)
        assert (
            opening.look_after(db, FILLED, now=NOW) == 1
        )  # as after the settings on the server were filled in
        assert opening.look_after(db, FILLED, now=NOW) == 0
        written = [str(row.params.get("text")) for row in outbox_rows(db)]
        assert any("asked to wait" in text for text in written)

    database.write_now(body)


def test_who_leads_hears_that_nobody_can_join_any_more_and_then_that_people_can(database: Database) -> None:
    def body(db: Connection) -> None:
        here = ground(db, FILLED)
        stand_in = get_ready(db, here.network_id, now=NOW)
        assert opening.look_after(db, FILLED, now=NOW) == 1
        member = members.who(db, here.network_id, stand_in)
        assert member is not None
        members.change(db, member.id, state="left")
        for minutes in (1, 2):
            assert opening.look_after(db, FILLED, now=NOW + timedelta(minutes=minutes)) == 0
        told = [str(row.params.get("text")) for row in outbox_rows(db)]
        assert len([text for text in told if "Nobody can join" in text]) == 1
        members.change(db, member.id, state="active")
        assert opening.look_after(db, FILLED, now=NOW + timedelta(hours=6)) == 1
        told = [str(row.params.get("text")) for row in outbox_rows(db)]
        assert len([text for text in told if "People can join" in text]) == 2
        assert len([text for text in told if "I'm the bot of" in text]) == 1  # the group hears it once

    database.write_now(body)


def outbox_rows(db: Connection) -> list[Any]:
    return list(db.execute(select(tables.outbox)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_is_short_and_its_buttons_fit(database: Database, language: str) -> None:
    def body(db: Connection) -> None:
        here = ground(db, language=language)
        networks.change(db, here.network_id, controller="Stichting Mantelzorg Midden-Nederland")
        asked = [("ask", name) for name in (*PRIVACY, "help", "stand_in")]
        for action, nonce in [("show", ""), ("all", ""), ("members", ""), *asked]:
            letters = here.press(action, nonce)
            assert letters is not None
            assert len(plain(str(letters[0].params["text"]))) < ACT_ON, nonce
            rows = letters[0].params["reply_markup"]["inline_keyboard"]
            assert all(len(one["text"]) <= MAX_LABEL for row in rows for one in row)

    database.write_now(body)
