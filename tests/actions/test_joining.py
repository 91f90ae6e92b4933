"""Joining, step by step, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import catalogues
from bot.actions import joining
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core.letters import read_callback
from bot.core.mail import Letter
from storage import chats, dialogs, knocks, links, members, networks, people
from storage.db import Connection, Database

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DESK = Desk(
    texts=catalogues.load(strict=True),
    bot_id=42,
    bot_username="bln_bot",
    controller="Zorgbelang Utrecht",
    contact="030 299 19 70",
    last_day="2028-12-31",
)
ANNA = Visitor(7, "Anna", "anna", "en")
BEN = Visitor(8, "Ben", None, "nl")


@dataclass
class Ground:
    """A network led by Frida, and a chat of it."""

    network: int
    chat: int
    frida: int


def ground(db: Connection, *, carers: int = 0) -> Ground:
    network = networks.create(
        db, title="Care partnership", language="en", timezone="Europe/Amsterdam", now=NOW
    )
    chat = chats.keep(
        db, network.id, -1001, circle="core", kind="supergroup", title="Care partnership", now=NOW
    )
    for number in range(carers):
        person = people.keep(db, 100 + number, name=f"C{number}", username=None, language="en", now=NOW)
        member = members.keep(db, network.id, person.id, circle="core", now=NOW)
        members.change(db, member.id, state="active", group="carer")
    frida = people.keep(db, 1, name="Frida", username=None, language="en", now=NOW)
    leader = members.keep(db, network.id, frida.id, circle="core", now=NOW)
    members.change(db, leader.id, state="active", facilitator=True, group="practitioner")
    return Ground(network.id, chat.id, frida.id)


def invitation(db: Connection, here: Ground) -> str:
    return links.make(
        db,
        "join",
        now=NOW,
        network_id=here.network,
        circle="core",
        uses_left=1,
        expires_at=NOW + timedelta(days=60),
    ).token


def labels(letter: Letter) -> list[str]:
    rows = letter.params.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def press(
    db: Connection, visitor: Visitor, letters: list[Letter], label: str, *, now: datetime = NOW
) -> list[Letter]:
    """Press a button of the last message; None becomes a failure."""
    rows = letters[-1].params["reply_markup"]["inline_keyboard"]
    data = next(button["callback_data"] for row in rows for button in row if button["text"] == label)
    found = forced(db, visitor, data, now=now)
    assert found is not None, label
    return found


def forced(db: Connection, visitor: Visitor, data: str, *, now: datetime = NOW) -> list[Letter] | None:
    pressed = read_callback(data)
    person = people.by_telegram_id(db, visitor.telegram_id)
    assert pressed is not None
    assert person is not None
    verb = pressed.action.removeprefix("joining.")
    return joining.pressed(db, person, verb, pressed.id, pressed.nonce, message_id=5, desk=DESK, now=now)


def opened(db: Connection, visitor: Visitor, prefix: str, token: str) -> list[Letter]:
    return joining.opened(db, visitor, prefix, token, DESK, now=NOW)


def text(letters: list[Letter]) -> str:
    return str(letters[-1].params["text"])


@pytest.fixture
def at(database: Database) -> Callable[[Callable[[Connection], Any]], Any]:
    """Run a test's body in one transaction."""
    return database.write_now


def test_six_taps_and_in(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db, carers=2)
        token = invitation(db, here)
        said = opened(db, ANNA, "j", token)
        assert "Frida" in text(said)
        assert labels(said[-1])[0] == "English"
        said = press(db, ANNA, said, "English")
        said = press(db, ANNA, said, "Go on")
        assert "31 December 2028" in text(said)
        said = press(db, ANNA, said, "I'm 18+ and I agree")
        said = press(db, ANNA, said, "I care for someone close")
        assert labels(said[-1])[:2] == ['Yes, as "a carer"', 'Yes, as "a participant"']  # she is the third
        said = press(db, ANNA, said, 'Yes, as "a carer"')
        said = press(db, ANNA, said, "Continue")
        assert "You're in" in text(said)
        person = people.by_telegram_id(db, 7)
        assert person is not None
        member = members.who(db, here.network, person.id)
        assert member is not None
        assert (member.state, member.group, member.circle, member.attribution) == (
            "active",
            "carer",
            "core",
            "role",
        )
        assert members.consent(db, member.id) == {
            "take_part": True,
            "quote": True,
            "name": False,
            "media": False,
            "reports": False,
        }
        assert links.find(db, "join", token, now=NOW) is None
        assert "already take part" in text(opened(db, ANNA, "j", token))

    at(body)


def test_the_first_button_of_every_step_goes_on(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        said = opened(db, BEN, "j", invitation(db, here))
        for _ in range(8):
            if not labels(said[-1]):
                break
            said = press(db, BEN, said, labels(said[-1])[0])
        assert "Je doet mee" in text(said)

    at(body)


def test_not_now_keeps_nothing_and_the_invitation_works(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        token = invitation(db, here)
        said = press(db, ANNA, opened(db, ANNA, "j", token), "English")
        said = press(db, ANNA, said, "Not now")
        assert "kept nothing" in text(said)
        assert said[-1].to.person is None
        assert people.by_telegram_id(db, 7) is None
        assert links.find(db, "join", token, now=NOW) is not None

    at(body)


def test_a_personal_link_lets_in_one(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        token = invitation(db, here)
        anna, ben = opened(db, ANNA, "j", token), opened(db, BEN, "j", token)
        anna = press(db, ANNA, press(db, ANNA, anna, "English"), "Go on")
        ben = press(db, BEN, press(db, BEN, ben, "Nederlands"), "Verder")
        press(db, ANNA, anna, "I'm 18+ and I agree")
        assert "al gebruikt" in text(press(db, BEN, ben, "Ik ben 18+ en ga akkoord"))
        assert "already used" in text(opened(db, Visitor(9, "Cy", None, "en"), "j", token))
        assert people.by_telegram_id(db, 9) is None

    at(body)


def test_below_k_there_is_one_label_only(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        said = opened(db, ANNA, "j", invitation(db, here))
        for label in ("English", "Go on", "I'm 18+ and I agree", "I care for someone close"):
            said = press(db, ANNA, said, label)
        assert labels(said[-1]) == ['Yes, as "a participant"', "Yes, with my name", "No, don't quote me"]
        press(db, ANNA, said, 'Yes, as "a participant"')
        person = people.by_telegram_id(db, 7)
        assert person is not None
        member = members.who(db, here.network, person.id)
        assert member is not None
        assert member.attribution == "none"

    at(body)


def test_who_works_in_care_hears_of_secrecy(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        said = opened(db, ANNA, "j", invitation(db, here))
        for label in ("English", "Go on", "I'm 18+ and I agree", "I work in care"):
            said = press(db, ANNA, said, label)
        assert "secrecy" in text(said)
        assert "quoted" in text(press(db, ANNA, said, "I understand"))

    at(body)


@pytest.mark.parametrize("verb", ["as", "quote", "tap", "done", "show"])
def test_nothing_counts_before_the_agreement(at: Any, verb: str) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        said = opened(db, ANNA, "j", invitation(db, here))
        data = said[-1].params["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        member = read_callback(data)
        assert member is not None
        values = {"as": "carer", "quote": "role", "tap": "media", "done": "", "show": "quote"}
        assert forced(db, ANNA, f"v1:joining.{verb}:{data.split(':')[2]}:{values[verb]}") is None
        found = members.get(db, member.id)
        assert found is not None
        assert found.state == "joining"

    at(body)


def test_somebody_elses_button_does_nothing(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        anna = opened(db, ANNA, "j", invitation(db, here))
        opened(db, BEN, "j", invitation(db, here))
        data = anna[-1].params["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        assert forced(db, BEN, data) is None
        for value in ("xx", "", "en.en.en", "0"):
            assert (
                forced(db, ANNA, f"v1:joining.lang:{data.split(':')[2]}:{value}") is None
                or value == "en.en.en"
            )

    at(body)


def test_steps_can_be_typed(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        opened(db, ANNA, "j", invitation(db, here))
        person = people.by_telegram_id(db, 7)
        assert person is not None
        for words in ("1", "go on", "I'm 18+ and I agree", "2"):
            dialog = dialogs.of(db, person.id, now=NOW)
            assert dialog is not None
            said = joining.typed(db, person, dialog, words, DESK, now=NOW)
        assert "quoted" in text(said)
        dialog = dialogs.of(db, person.id, now=NOW)
        assert dialog is not None
        again = joining.typed(db, person, dialog, "what do you mean?", DESK, now=NOW)
        assert labels(again[-1]) == labels(said[-1])

    at(body)


def test_a_group_link_asks_telegram_first(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        chat = chats.get(db, here.chat)
        assert chat is not None
        link = links.standing(db, "group", here.network, "core", now=NOW)
        assert links.standing(db, "group", here.network, "core", now=NOW) == link
        asked = opened(db, ANNA, "g", link.token)
        assert [letter.method for letter in asked] == ["getChatMember"]
        assert people.by_telegram_id(db, 7) is None  # nothing is kept before Telegram says so

    at(body)


def test_a_facilitator_lets_in_who_knocks(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        said = joining._knock(db, ANNA, here.network, "core", DESK, now=NOW)
        assert "Frida decides" in str(said[0].params["text"])
        assert labels(said[1]) == ["Let in", "No"]
        again = joining._knock(db, ANNA, here.network, "core", DESK, now=NOW)
        assert len(again) == 1  # she is asked once
        frida, anna = people.get(db, here.frida), people.by_telegram_id(db, 7)
        assert frida is not None
        assert anna is not None
        knock = knocks.of(db, here.network, anna.id)
        assert knock is not None
        settle = {"message_id": 3, "desk": DESK, "now": NOW}
        assert joining.settle_knock(db, anna, knock.id, let_in=True, **settle) is None
        letters = joining.settle_knock(db, frida, knock.id, let_in=True, **settle)
        assert letters is not None
        assert "Hello Anna" in str(letters[-1].params["text"])
        assert joining.settle_knock(db, frida, knock.id, let_in=False, **settle) is None

    at(body)


def test_who_is_refused_hears_so_and_cannot_knock_again(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        joining._knock(db, ANNA, here.network, "core", DESK, now=NOW)
        frida, anna = people.get(db, here.frida), people.by_telegram_id(db, 7)
        assert frida is not None
        assert anna is not None
        knock = knocks.of(db, here.network, anna.id)
        assert knock is not None
        joining.settle_knock(db, frida, knock.id, let_in=False, message_id=3, desk=DESK, now=NOW)
        again = joining._knock(db, ANNA, here.network, "core", DESK, now=NOW)
        assert ["isn't possible" in str(letter.params["text"]) for letter in again] == [True]

    at(body)


def test_a_join_left_half_way_is_erased_after_a_week(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        opened(db, ANNA, "j", invitation(db, here))
        joining._knock(db, BEN, here.network, "core", DESK, now=NOW)
        assert joining.forget_half_way(db, now=NOW + timedelta(days=7)) == 0
        assert joining.forget_half_way(db, now=NOW + timedelta(days=7, minutes=1)) == 1
        assert people.by_telegram_id(db, 7) is None
        assert people.by_telegram_id(db, 8) is None
        assert people.get(db, here.frida) is not None

    at(body)


def test_a_hint_comes_once_a_week_and_never_to_members(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        chat = chats.get(db, here.chat)
        assert chat is not None
        first = joining.join_hint(db, chat, 7, DESK, now=NOW, reply_to=4)
        assert labels(first[0]) == ["Join"]
        assert joining.join_hint(db, chat, 7, DESK, now=NOW + timedelta(days=6)) == []
        assert joining.join_hint(db, chat, 7, DESK, now=NOW + timedelta(days=7)) != []
        assert (
            joining.join_hint(db, chat, 1, DESK, now=NOW) != []
        )  # Frida leads, and has agreed to nothing yet
        leader = members.who(db, here.network, here.frida)
        assert leader is not None
        members.agree(db, leader.id, "take_part", True, version="1", language="en", now=NOW)
        assert joining.join_hint(db, chat, 1, DESK, now=NOW + timedelta(days=30)) == []

    at(body)


def test_a_foreign_link_gets_a_kind_line(at: Any) -> None:
    def body(db: Connection) -> None:
        ground(db)
        for prefix in ("j", "g", "p"):
            assert "don't know this link" in text(opened(db, ANNA, prefix, "nonsense"))
        assert people.by_telegram_id(db, 7) is None

    at(body)
