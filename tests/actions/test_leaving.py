"""Leaving: what is asked then, what is done with one's words until that is answered, and who stays all the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.actions import digests as summaries
from bot.actions import leaving
from bot.actions.answer import Answer
from bot.core.letters import read_callback
from bot.core.outcomes import Refused, Sent
from storage import chats, members, networks, outbox, people
from storage.db import Database
from tests.actions.test_digests import DESK, FRIDAY, MONDAY
from tests.actions.test_erasing import NIGHT, WALK, Circle


@pytest.fixture
def circle(database: Database) -> Circle:
    return Circle(database)


def verbs(letter: Any) -> list[str]:
    rows = letter.params["reply_markup"]["inline_keyboard"]
    presses = [read_callback(button["callback_data"]) for row in rows for button in row]
    return [press.action for press in presses if press is not None]


def presses(circle: Circle, verb: str, *, author: int = 0) -> Any:
    return circle.write(
        leaving.pressed,
        circle.person(author),
        verb,
        circle.authors[0],
        "",
        message_id=9,
        desk=DESK,
        now=MONDAY,
    )


def goes(circle: Circle, how: str = "group", *, now: Any = MONDAY) -> Any:
    member = circle.write(members.get, circle.authors[0])
    return circle.write(leaving.left, member, DESK, how=how, now=now)


def test_who_left_the_group_is_asked_what_becomes_of_their_words(circle: Circle) -> None:
    [asked] = goes(circle)
    assert "You're no longer in the group chat of <i>Care</i>" in asked.params["text"]
    assert verbs(asked) == ["leaving.keep", "leaving.unnamed", "leaving.erase", "leaving.stay"]
    left = circle.write(members.get, circle.authors[0])
    assert (left.state, left.left_at, left.left_how) == ("left", MONDAY, None)
    assert goes(circle) == []  # told once


def test_at_night_it_waits_until_the_quiet_hours_are_over(circle: Circle) -> None:
    [asked] = goes(circle, now=MONDAY + timedelta(hours=13))  # 23:00 in Amsterdam
    assert asked.not_before == MONDAY + timedelta(hours=22)


def test_until_it_is_answered_nothing_is_quoted_anew_and_what_went_out_stays(circle: Circle) -> None:
    circle.write(networks.change, circle.network, approval="trusted")
    circle.given(NIGHT)
    circle.given(WALK, author=1)
    circle.weeks(FRIDAY + timedelta(minutes=1))
    circle.given("One more thing that I would like to say to you all.", at=FRIDAY + timedelta(hours=1))
    circle.given("And the evenings are long.", author=1, at=FRIDAY + timedelta(hours=1))
    goes(circle, now=FRIDAY + timedelta(hours=2))
    circle.weeks(FRIDAY + timedelta(weeks=1, minutes=1))
    first, second = circle.sent()
    assert "night nurse" in first
    assert "evenings are long" in second
    assert "One more thing" not in second
    digest = circle.the("published")
    circle.arrives(f"digest:{digest.id}:{circle.chat}", 77)
    edits = circle.write(summaries.mend, digest.id, DESK, now=FRIDAY + timedelta(weeks=2))
    assert any("night nurse" in edit.params["text"] for edit in edits)


def test_who_wants_to_stay_stays_and_who_was_removed_does_not(circle: Circle) -> None:
    goes(circle)
    [said] = presses(circle, "stay")
    assert "You stay in <i>Care</i>" in said.params["text"]
    assert circle.write(members.get, circle.authors[0]).active
    [told] = goes(circle, "removed")
    assert "Somebody who leads it" in told.params["text"]
    assert "leaving.stay" not in verbs(told)
    presses(circle, "keep")  # its words stay; the buttons of an older message do not bring the person back
    assert presses(circle, "stay") is None
    assert not circle.write(members.get, circle.authors[0]).active


def test_who_was_taken_out_of_the_chat_by_somebody_does_not_come_back_by_a_button(circle: Circle) -> None:
    circle.write(members.change, circle.authors[0], facilitator=True)
    [told] = goes(circle, "taken_out")
    assert "no longer in the group chat" in told.params["text"]
    assert "leaving.stay" not in verbs(told)
    assert presses(circle, "stay") is None
    gone = circle.write(members.get, circle.authors[0])
    assert (gone.active, gone.facilitator) == (False, False)


def test_to_leave_is_to_answer(circle: Circle) -> None:
    [asked] = circle.write(leaving.begin, circle.person(), DESK)
    assert "Leave <i>Care</i>?" in asked.params["text"]
    assert circle.write(members.get, circle.authors[0]).active  # not yet
    [kept] = presses(circle, "keep")
    assert "Your words stay as they are" in kept.params["text"]
    left = circle.write(members.get, circle.authors[0])
    assert (left.state, left.left_how) == ("left", "keep")


@pytest.mark.parametrize(
    ("verb", "shown"), [("erase", "Erase what you gave"), ("unnamed", "without your name?")]
)
def test_what_cannot_be_undone_is_explained_first(circle: Circle, verb: str, shown: str) -> None:
    circle.given(NIGHT)
    [said] = presses(circle, verb)
    assert shown in said.params["text"]
    assert circle.write(members.get, circle.authors[0]).active


def test_nobody_presses_for_somebody_else(circle: Circle) -> None:
    for verb in ("keep", "erase", "unnamed", "stay", "show"):
        assert presses(circle, verb, author=1) is None


def test_who_leads_alone_cannot_leave_yet(circle: Circle) -> None:
    frida = circle.write(people.get, circle.write(members.get, circle.frida).person_id)
    [said] = circle.write(leaving.begin, frida, DESK)
    assert "Nobody else leads <i>Care</i>" in said.params["text"]


# Two groups -----------------------------------------------------------------------------------------------------


def out(circle: Circle, chat: int, telegram_id: int = 11) -> Any:
    group = circle.write(chats.get, chat)
    return circle.write(leaving.out_of_group, group, telegram_id, DESK, how="group", now=MONDAY)


def test_who_is_in_the_other_group_takes_part_there(circle: Circle) -> None:
    other = circle.write(_second_group, circle.network)
    assert out(circle, other) == []  # that one was never theirs
    [question] = out(circle, circle.chat)
    assert (question.method, question.to.chat, question.params["user_id"]) == ("getChatMember", other, 11)
    answer(circle, question, Sent({"status": "member", "user": {"id": 11}}))
    moved = circle.write(members.get, circle.authors[0])
    assert (moved.active, moved.circle) == (True, "sounding")
    [told] = [key for key in circle.letters() if key.startswith("after:")]
    assert "From now on you take part in the sounding board" in circle.row(told).params["text"]


@pytest.mark.parametrize("outcome", [Sent({"status": "left"}), Refused("user not found")])
def test_who_is_in_neither_group_has_left(circle: Circle, outcome: Any) -> None:
    circle.write(_second_group, circle.network)
    [question] = out(circle, circle.chat)
    answer(circle, question, outcome)
    assert circle.write(members.get, circle.authors[0]).state == "left"


def test_who_leads_does_so_from_the_private_chat(circle: Circle) -> None:
    assert out(circle, circle.chat, 1) == []
    assert circle.write(members.get, circle.frida).active


def answer(circle: Circle, question: Any, outcome: Any) -> None:
    circle.write(outbox.write, [replace(question, key="question")], now=MONDAY)
    circle.write(leaving.judge_elsewhere, Answer(circle.row("question"), outcome, DESK, MONDAY))


def _second_group(db: Any, network: int) -> int:
    return chats.keep(db, network, -200, circle="sounding", kind="supergroup", title="Board", now=MONDAY).id
