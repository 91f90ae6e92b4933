"""`/privacy` for members of one network, of several, and for whoever is none; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot import catalogues
from bot.actions import privacy
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core.mail import Letter
from storage import members, networks, people
from storage.db import Connection, Database
from storage.people import Person
from tests.answerable import PRIVACY

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DESK = replace(
    Desk(texts=catalogues.load(strict=True), bot_id=42, bot_username="bln_bot"), **PRIVACY, keep_months=6
)
ANNA, EVE = Visitor(7, "Anna", None, "en"), Visitor(8, "Eve", None, "sv")


def anna(db: Connection) -> Person:
    return people.keep(db, 7, name="Anna", username=None, language="en", now=NOW)


def network(db: Connection, title: str, *, joins: Person | None = None, **values: Any) -> int:
    made = networks.create(db, title=title, language="en", timezone="Europe/Amsterdam", now=NOW)
    frida = people.keep(db, 1, name="Frida", username=None, language="en", now=NOW)
    leader = members.keep(db, made.id, frida.id, circle="core", now=NOW)
    members.change(db, leader.id, state="active", facilitator=True)
    if joins is not None:
        member = members.keep(db, made.id, joins.id, circle="core", now=NOW)
        members.change(db, member.id, state="active")
    if values:
        networks.change(db, made.id, **values)
    return made.id


def press(
    db: Connection, person: Person | None, verb: str, network_id: int, nonce: str = ""
) -> list[Letter] | None:
    visitor = EVE if person is None else ANNA
    return privacy.pressed(db, visitor, person, verb, network_id, nonce, message_id=5, desk=DESK)


def said(letters: list[Letter] | None) -> str:
    assert letters is not None
    return "\n".join(str(letter.params.get("text")) for letter in letters)


def labels(letters: list[Letter]) -> list[str]:
    rows = letters[0].params["reply_markup"]["inline_keyboard"]
    return [button["text"] for row in rows for button in row]


def test_a_stranger_reads_everything_and_is_not_kept(database: Database) -> None:
    def body(db: Connection) -> None:
        network(db, "Care <partnership>")
        letters = privacy.begin(db, EVE, None, DESK)
        assert letters[0].to.telegram == 8
        assert "Zorgbelang Utrecht" in said(letters)
        assert "Du är inte med här" in said(letters)
        page = press(db, None, "page", 0, "rights")
        assert "Autoriteit Persoonsgegevens" in said(page)
        assert "i 6 månader efter" in said(press(db, None, "page", 0, "long"))
        assert "Frida" not in said(press(db, None, "page", 0, "readers"))
        assert people.by_telegram_id(db, 8) is None

    database.write_now(body)


def test_of_a_network_only_its_people_learn_who_leads_it(database: Database) -> None:
    def body(db: Connection) -> None:
        me = anna(db)
        own, other = network(db, "Care", joins=me), network(db, "Neighbours")
        assert "For <i>Care</i>" in said(privacy.begin(db, ANNA, me, DESK))
        assert "Frida reads the answers" in said(press(db, me, "page", own, "readers"))
        for number, nonce in ((other, "readers"), (99, "readers"), (own, "nonsense")):
            assert press(db, me, "page", number, nonce) is None
            assert press(db, None, "page", own, nonce) is None

    database.write_now(body)


def test_where_several_organisations_answer_one_is_asked_which_is_meant(database: Database) -> None:
    def body(db: Connection) -> None:
        me = anna(db)
        network(db, "Care", joins=me)
        network(db, "Neighbours", joins=me)
        assert "For <i>Care</i>" in said(privacy.begin(db, ANNA, me, DESK))  # the same one answers for both
        third = network(db, "Third", joins=me, controller="Borås <kommun>", contact="033 1", officer="Ann")
        letters = privacy.begin(db, ANNA, me, DESK)
        assert labels(letters) == ["Care", "Neighbours", "Third"]
        assert "Borås &lt;kommun&gt;" in said(press(db, me, "show", third))
        assert "Ann" in said(press(db, me, "page", third, "rights"))
        assert "officer" not in said(press(db, me, "page", 1, "rights"))

    database.write_now(body)


def test_who_has_left_still_reads_who_answers(database: Database) -> None:
    def body(db: Connection) -> None:
        me = anna(db)
        own = network(db, "Care", joins=me)
        member = members.who(db, own, me.id)
        assert member is not None
        members.change(db, member.id, state="left")
        assert "For <i>Care</i>" in said(privacy.begin(db, ANNA, me, DESK))

    database.write_now(body)
