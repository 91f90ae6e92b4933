"""Joining, step by step, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import arriving, joining
from bot.actions.visitors import Visitor
from bot.core.letters import read_callback
from storage import chats, dialogs, knocks, links, members, people
from storage.db import Connection, Database
from tests.joiners import ANNA, BEN, DESK, NOW, forced, ground, invitation, labels, opened, press, text


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
        assert {use: bool(given) for use, given in members.consent(db, member.id).items()} == {
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
            if "Je doet mee" in text(said):
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


@pytest.mark.parametrize(
    ("label", "attribution"), [('Yes, as "a participant"', "none"), ("My role once we're 3", "role")]
)
def test_below_k_the_role_is_for_later(at: Any, label: str, attribution: str) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        said = opened(db, ANNA, "j", invitation(db, here))
        for step in ("English", "Go on", "I'm 18+ and I agree", "I care for someone close"):
            said = press(db, ANNA, said, step)
        assert labels(said[-1])[:3] == [
            'Yes, as "a participant"',
            "My role once we're 3",
            "Yes, with my name",
        ]
        assert "Once 3 people here share your role, your choice can be <i>a carer</i>" in text(said)
        press(db, ANNA, said, label)
        person = people.by_telegram_id(db, 7)
        assert person is not None
        member = members.who(db, here.network, person.id)
        assert member is not None
        assert member.attribution == attribution

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
        said = arriving.knock(db, ANNA, here.network, "core", DESK, now=NOW)
        assert "Frida decides" in str(said[0].params["text"])
        assert labels(said[1]) == ["Let in", "No"]
        again = arriving.knock(db, ANNA, here.network, "core", DESK, now=NOW)
        assert len(again) == 1  # she is asked once
        frida, anna = people.get(db, here.frida), people.by_telegram_id(db, 7)
        assert frida is not None
        assert anna is not None
        knock = knocks.of(db, here.network, anna.id)
        assert knock is not None
        settle = {"message_id": 3, "desk": DESK, "now": NOW}
        assert arriving.settle_knock(db, anna, knock.id, let_in=True, **settle) is None
        letters = arriving.settle_knock(db, frida, knock.id, let_in=True, **settle)
        assert letters is not None
        assert "Hello Anna" in str(letters[-1].params["text"])
        assert arriving.settle_knock(db, frida, knock.id, let_in=False, **settle) is None

    at(body)


def test_who_is_refused_hears_so_and_cannot_knock_again(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        arriving.knock(db, ANNA, here.network, "core", DESK, now=NOW)
        frida, anna = people.get(db, here.frida), people.by_telegram_id(db, 7)
        assert frida is not None
        assert anna is not None
        knock = knocks.of(db, here.network, anna.id)
        assert knock is not None
        arriving.settle_knock(db, frida, knock.id, let_in=False, message_id=3, desk=DESK, now=NOW)
        again = arriving.knock(db, ANNA, here.network, "core", DESK, now=NOW)
        assert ["isn't possible" in str(letter.params["text"]) for letter in again] == [True]

    at(body)


def test_a_join_left_half_way_is_erased_after_a_week(at: Any) -> None:
    def body(db: Connection) -> None:
        here = ground(db)
        opened(db, ANNA, "j", invitation(db, here))
        arriving.knock(db, BEN, here.network, "core", DESK, now=NOW)
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
        first = arriving.join_hint(db, chat, 7, DESK, now=NOW, reply_to=4)
        assert labels(first[0]) == ["Join"]
        assert arriving.join_hint(db, chat, 7, DESK, now=NOW + timedelta(days=6)) == []
        assert arriving.join_hint(db, chat, 7, DESK, now=NOW + timedelta(days=7)) != []
        assert (
            arriving.join_hint(db, chat, 1, DESK, now=NOW) != []
        )  # Frida leads, and has agreed to nothing yet
        leader = members.who(db, here.network, here.frida)
        assert leader is not None
        members.agree(db, leader.id, "take_part", True, version="1", language="en", now=NOW)
        assert arriving.join_hint(db, chat, 1, DESK, now=NOW + timedelta(days=30)) == []

    at(body)


def test_a_foreign_link_gets_a_kind_line(at: Any) -> None:
    def body(db: Connection) -> None:
        ground(db)
        for prefix in ("j", "g", "p"):
            assert "don't know this link" in text(opened(db, ANNA, prefix, "nonsense"))
        assert people.by_telegram_id(db, 7) is None

    at(body)
