"""One person raised: nothing goes out without that person's yes to the very words; on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.actions import contributions as giving
from bot.actions import draft_presses, singles
from bot.core.mail import Letter
from storage import contributions, dialogs, networks
from storage.db import Connection, Database
from tests.drafting import DESK, DRAFT, FRIDAY, MINUTE, Drafting, buttons, pressing, said

WORDS = "A short walk in the morning, before the house wakes up, helped me."
ANSWERS = {
    "Anna": "My neighbour came by every evening and sat with him for an hour.",
    "Ben": WORDS,
    "Cleo": "The nurse explained the new pills to us in words we understood.",
    "Dora": "My sister took over on Sunday so that I could sleep a whole night.",
    "Emil": "Somebody at the town hall answered the telephone at the first try.",
}
MORNING = datetime(2026, 11, 6, 7, tzinfo=UTC)  # 8:00 in Amsterdam


@pytest.fixture
def world(database: Database) -> Drafting:
    return Drafting(database)


def asked(world: Drafting) -> list[Letter]:
    return world.letters("single:")


def drafted(world: Drafting) -> list[Letter]:
    """The draft is made, and Ben is asked about his point."""
    world.drafted(**ANSWERS)
    (question,) = asked(world)
    assert all("1 thing that one person raised waits" in said([one]) for one in world.letters("draft:"))
    assert question.to == world.to("Ben")
    assert WORDS in said([question])
    return [question]


def press(
    world: Drafting, question: list[Letter], label: str, *, by: str = "Ben", at: datetime = DRAFT
) -> list[Letter] | None:
    verb, id, mark = pressing(question, label)
    found: list[Letter] | None = world.write(
        singles.pressed, world.person(by), verb, id, mark, message_id=7, desk=DESK, now=at
    )
    return found


def typed(world: Drafting, words: str, *, at: datetime = DRAFT) -> list[Letter]:
    def take(db: Connection) -> list[Letter]:
        person = world.person("Ben")
        dialog = dialogs.of(db, person.id, now=at)
        assert dialog is not None
        return singles.typed(db, person, dialog, words, DESK, now=at)

    found: list[Letter] = world.write(take)
    return found


def published(world: Drafting) -> str:
    world.press("good", at=FRIDAY - MINUTE)
    world.tick(FRIDAY)
    return world.sent()[0]


def test_with_a_yes_it_is_in_the_draft_and_goes_out(world: Drafting) -> None:
    question = drafted(world)
    assert list(buttons(question)) == ["Yes, as it is", "I'll reword it", "No"]
    assert "1 thing that one person raised waits" in world.draft()
    assert WORDS not in world.draft()
    told = press(world, question, "Yes, as it is")
    assert told is not None
    assert "Good." in said(told)
    assert WORDS in said(world.letters("draft:1:2:1"))  # the other facilitator's draft has it, too
    assert WORDS in world.draft()
    assert "waits" not in world.draft()
    assert WORDS in published(world)


def test_without_an_answer_it_stays_out_and_who_leads_has_it(world: Drafting) -> None:
    drafted(world)
    assert WORDS in said(world.press("through").letters)
    assert WORDS in said(world.press("all").letters)
    assert WORDS not in published(world)


@pytest.mark.parametrize("approval", ["open", "trusted"])
def test_unread_it_goes_out_only_with_a_yes(world: Drafting, approval: str) -> None:
    world.write(networks.change, world.network, approval=approval)
    question = drafted(world)
    if approval == "open":
        press(world, question, "Yes, as it is")
    world.tick(FRIDAY)
    assert (WORDS in world.sent()[0]) is (approval == "open")


def test_who_said_yes_is_not_asked_again_when_nobody_looks(world: Drafting) -> None:
    question = drafted(world)
    press(world, question, "Yes, as it is")
    world.tick(FRIDAY - timedelta(hours=12))
    assert world.to("Ben") not in [one.to for one in world.letters("may:")]
    assert len(asked(world)) == 1


def test_a_no_holds_for_good(world: Drafting) -> None:
    question = drafted(world)
    told = press(world, question, "No")
    assert told is not None
    assert "won't be quoted. You can change that in <i>My answers</i>." in said(told)
    assert pressing(told, "My answers")[:2] == ("one", world.given["Ben"])
    assert world.kept("Ben").may_quote == "no"
    assert WORDS not in published(world)


def test_a_yes_can_be_taken_back_when_it_is_out(world: Drafting) -> None:
    question = drafted(world)
    told = press(world, question, "Yes, as it is")
    assert WORDS in published(world)
    assert told is not None
    assert press(world, told, "Not after all", at=FRIDAY + MINUTE) is not None
    assert world.kept("Ben").may_quote == "no"
    assert WORDS not in world.shown()


def test_at_night_the_question_waits_for_the_morning(world: Drafting) -> None:
    world.change("Ben", quiet_from="16:00", quiet_to="08:00")
    (question,) = drafted(world)
    assert question.not_before == MORNING


@pytest.mark.parametrize(
    "away",
    [
        {"listening": True},
        {"paused_until": FRIDAY},
        {"resting_until": FRIDAY},
    ],
)
def test_who_wants_to_be_left_alone_is_not_asked_and_it_stays_out(
    world: Drafting, away: dict[str, Any]
) -> None:
    world.change("Ben", **away)
    world.drafted(**ANSWERS)
    assert world.to("Ben") not in [one.to for one in asked(world)]
    assert WORDS not in published(world)


def test_changed_words_have_no_yes_and_are_asked_about_once_more(world: Drafting) -> None:
    question = drafted(world)
    press(world, question, "Yes, as it is")
    changed = WORDS.replace("short", "long")
    for text, count in ((changed, 2), (WORDS.replace("short", "slow"), 2)):
        world.write(contributions.change, world.given["Ben"], text=text)
        world.write(giving.changed, world.given["Ben"], DESK, now=DRAFT + MINUTE)
        assert world.item("Ben").single is None
        world.tick(DRAFT + MINUTE)
        assert len(asked(world)) <= count
    assert press(world, question, "Yes, as it is") is None  # to words that are no more
    assert "walk in the morning" not in published(world)


def test_masked_words_have_no_yes_either_and_their_author_is_asked_about_them(world: Drafting) -> None:
    question = drafted(world)
    press(world, question, "Yes, as it is")
    world.on("mask", "Ben")
    world.say(world.write(draft_presses.typed, world.person("Frida"), "the house", DESK, now=DRAFT))
    (again,) = asked(world)
    assert "before […] wakes up" in said([again])
    assert "wakes up" not in world.draft()
    assert press(world, [again], "Yes, as it is") is not None
    assert "before […] wakes up" in published(world)
    assert world.letters("told:") == []  # they were shown these very words


def test_words_taken_back_before_the_morning_are_not_asked_about(world: Drafting) -> None:
    world.change("Ben", quiet_from="16:00", quiet_to="08:00")
    drafted(world)
    world.write(giving.erase, world.kept("Ben"), "taken_back", DESK, now=DRAFT)
    assert asked(world) == []


def test_other_words_are_the_yes_and_take_the_answers_place(world: Drafting) -> None:
    question = drafted(world)
    shown = press(world, question, "I'll reword it")
    assert shown is not None
    assert "at most" in said(shown)
    told = typed(world, "Walking early helped me.")
    assert "Walking early helped me." in said(told)
    world.tick(DRAFT + MINUTE)
    assert "Walking early helped me." in world.draft()
    assert world.kept("Ben").text == "Walking early helped me."
    assert asked(world) == []  # the question about the first words is gone, and there is no other
    assert "Walking early helped me." in published(world)


def test_words_too_long_to_be_shown_whole_are_shown_cut_and_asked_about(world: Drafting) -> None:
    question = drafted(world)
    press(world, question, "I'll reword it")
    told = typed(
        world, f"Walking early helped me. {'And then there is the dog who wants to come along, too. ' * 5}"
    )
    assert "more than there is room for" in said(told)
    assert "Walking early helped me." not in world.draft()
    assert press(world, told, "Yes, as it is") is not None
    world.tick(DRAFT + MINUTE)
    assert "Walking early helped me." in published(world)


def test_a_reply_in_the_group_is_reworded_there(world: Drafting) -> None:
    world.place = {"place": "group", "chat_id": world.chat}
    question = drafted(world)
    shown = press(world, question, "I'll reword it")
    assert shown is not None
    assert "It stands in the group" in said(shown)
    back = press(world, shown, "Leave it")
    assert back is not None
    assert list(buttons(back)) == ["Yes, as it is", "I'll reword it", "No"]


def test_an_answer_that_comes_too_late_stands_in_the_next_one(world: Drafting) -> None:
    question = drafted(world)
    assert WORDS not in published(world)
    told = press(world, question, "Yes, as it is", at=FRIDAY + MINUTE)
    assert told is not None
    assert "They can be in the next one." in said(told)
    week = timedelta(weeks=1)
    world.tick(FRIDAY + MINUTE)
    world.answer("Anna", "This week it was the garden.", at=FRIDAY + timedelta(days=1))
    world.tick(DRAFT + week)
    assert WORDS in said(world.letters("draft:")[-1:])
    assert len(asked(world)) == 1  # not asked twice about the same words


def test_an_answer_nobody_read_stands_in_the_next_one_with_a_late_yes(world: Drafting) -> None:
    question = drafted(world)
    world.answer("Olga", "The weather.", place="group", chat_id=world.chat)
    world.press("since")
    world.tick(FRIDAY)
    assert WORDS not in world.sent()[0]
    told = press(world, question, "Yes, as it is", at=FRIDAY + MINUTE)
    assert told is not None
    assert "in the summary that goes out on Friday 13 November" in said(told)
    world.tick(DRAFT + timedelta(weeks=1))
    assert WORDS in said(world.letters("draft:")[-1:])


def test_nobody_is_asked_for_a_part_that_is_left_out_until_it_is_put_back(world: Drafting) -> None:
    world.drafted(Anna=ANSWERS["Anna"])
    world.press("leave", "singles")
    for name in ("Ben", "Cleo", "Dora", "Emil"):
        world.answer(name, ANSWERS[name], at=DRAFT)
    world.press("since")
    world.tick(DRAFT + MINUTE)
    assert asked(world) == []
    world.say(world.press("put", "singles", at=DRAFT + MINUTE).letters)
    assert len(asked(world)) == 1


def test_only_the_author_can_say_yes(world: Drafting) -> None:
    question = drafted(world)
    assert press(world, question, "Yes, as it is", by="Anna") is None
    assert WORDS not in world.draft()


def test_who_leads_can_leave_it_out_before_its_author_has_answered(world: Drafting) -> None:
    question = drafted(world)
    world.on("hide", "Ben")
    assert "waits" not in world.draft()
    assert press(world, question, "Yes, as it is") is not None
    assert WORDS not in published(world)


def test_who_has_left_meanwhile_presses_a_button_that_means_nothing(world: Drafting) -> None:
    question = drafted(world)
    keep = press(world, question, "I'll reword it")
    world.change("Ben", state="left")
    assert press(world, keep or [], "Leave it") is None
