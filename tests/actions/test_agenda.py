"""Questions as proposals for the meeting: that one, and what facilitators do with them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import agenda as actions
from bot.actions import contributions as giving
from bot.actions import draft_presses
from bot.actions.draft_press import Reaction
from bot.core import erasing
from bot.core.letters import base36
from bot.core.mail import Letter
from storage import agenda, contributions, dialogs, members, networks, people
from storage import erasing as rows
from storage.db import Database
from storage.people import Person
from storage.tables import agenda as table
from storage.tables import interest
from tests.actions.test_digests import DESK, DRAFT, FRIDAY, MONDAY, Bench

LATER = FRIDAY + timedelta(hours=1)


class Asked(Bench):
    """Three carers asked something in their answers; the draft is there."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.write(networks.change, self.network, approval="trusted")
        for number, words in enumerate(
            ("Who pays for the taxi?", "Who pays for a taxi, does anyone know?", "Why at six?")
        ):
            self.given(words, author=number)
        self.tick(MONDAY)
        self.tick(DRAFT)
        self.digest = self.the("draft").id

    def person(self, member: int) -> Person:
        found = self.write(members.get, member)
        person = self.write(people.get, found.person_id)
        assert isinstance(person, Person)
        return person

    def press(self, verb: str, nonce: str = "", *, who: int | None = None) -> str:
        """Press a button of the draft; return what is shown."""
        person = self.person(who or self.frida)
        found: Reaction = self.write(
            draft_presses.pressed, person, verb, self.digest, nonce, 7, DESK, now=DRAFT
        )
        return "\n".join(texts(found.letters)) or found.answer

    def entries(self) -> list[int]:
        return [one.id for one in self.write(agenda.of_digest, self.digest)]

    def publish(self) -> str:
        self.tick(FRIDAY)
        return self.sent()[0]

    def that(self, member: int, entry: int) -> str:
        found: Reaction = self.write(actions.pressed, self.person(member), entry, "1", DESK, now=LATER)
        return found.answer

    def wanting(self) -> list[Any]:
        query = select(interest.c.agenda_id, interest.c.member_id)
        return [tuple(row) for row in self.write(lambda db: db.execute(query).all())]


def texts(letters: Sequence[Letter]) -> list[str]:
    return [str(one.params["text"]) for one in letters if "text" in one.params]


@pytest.fixture
def asked(database: Database) -> Asked:
    return Asked(database)


def test_one_that_is_left_out_is_not_in_the_summary_and_can_come_back(asked: Asked) -> None:
    assert "Why at six?" in asked.press("agenda")
    last = base36(asked.entries()[2])
    asked.press("q_out", last)
    assert "Left out." in asked.press("agenda")
    asked.press("q_back", last)
    assert "Left out." not in asked.press("agenda")
    asked.press("q_out", last)
    questions = asked.publish().split("Who has written", 1)[0]
    assert questions.count("Why at six?") == 1  # as an answer to the question, no longer as a proposal
    assert "Who pays for the taxi?" in questions


def test_two_that_say_the_same_stand_there_once(asked: Asked) -> None:
    asked.press("agenda")
    first, second, _ = asked.entries()
    asked.press("q_into", f"{base36(second)}.{base36(first)}")
    assert "Stands with question 1." in asked.press("agenda")
    own, off = [one.id for one in asked.write(agenda.of_digest, asked.digest) if one.shown], second
    assert off not in own
    assert asked.press("q_into", f"{base36(second)}.{base36(first)}") == DESK.text("en").plain(
        "error.stale_button"
    )


@pytest.mark.parametrize("nonce", ["", "-", "zzzzzzzzzzzzzzzzzzzz"])
def test_a_button_that_we_never_made_means_nothing(asked: Asked, nonce: str) -> None:
    asked.press("agenda")
    assert asked.press("q_out", nonce) == DESK.text("en").plain("error.stale_button")


def test_one_of_two_stands_alone_when_the_other_is_taken_back(asked: Asked) -> None:
    asked.press("agenda")
    first, second, _ = asked.entries()
    asked.press("q_into", f"{base36(second)}.{base36(first)}")
    gone = asked.write(agenda.get, first).contribution_id
    asked.write(contributions.change, gone, state="taken_back", text="")
    asked.write(giving.changed, gone, DESK, now=DRAFT)
    assert "Stands with" not in asked.press("agenda")
    asked.tick(DRAFT)
    questions = asked.publish().split("Who has written", 1)[0]
    assert questions.count("Who pays for a taxi, does anyone know?") == 2  # proposal, and answer


def test_a_question_of_their_own_stands_there_without_a_name(asked: Asked) -> None:
    asked.press("add")
    frida = asked.person(asked.frida)
    asked.write(draft_presses.typed, frida, "  What do we ask\nthe council? ", DESK, now=DRAFT)
    assert "What do we ask the council?" in asked.press("agenda")
    assert "What do we ask the council?" in asked.publish()


def test_too_long_a_question_is_asked_for_again(asked: Asked) -> None:
    asked.press("add")
    said = asked.write(draft_presses.typed, asked.person(asked.frida), "x" * 201, DESK, now=DRAFT)
    assert "201" in texts(said)[0]
    assert asked.write(dialogs.of, asked.person(asked.frida).id, now=DRAFT) is not None


def test_members_decide_nothing_there(asked: Asked) -> None:
    assert asked.press("agenda", who=asked.authors[0]) == DESK.text("en").plain("error.not_allowed")


def test_one_tap_and_nobody_sees_who_or_how_few(asked: Asked) -> None:
    asked.press("agenda")
    asked.publish()
    entry = asked.entries()[0]
    for member in asked.authors[:2]:
        assert asked.that(member, entry).startswith("Noted")
    assert "want to talk about it" not in asked.press("agenda")  # two are too few to be told
    asked.that(asked.authors[2], entry)
    assert "3 people want to talk about it." in asked.press("agenda")
    assert asked.that(asked.authors[2], entry).startswith("Taken back")
    assert "want to talk about it" not in asked.press("agenda")


def test_who_wants_either_of_two_counts_once(asked: Asked) -> None:
    asked.press("agenda")
    first, second, _ = asked.entries()
    asked.press("q_into", f"{base36(second)}.{base36(first)}")
    asked.publish()
    for member in asked.authors[:2]:
        asked.that(member, first)
        asked.that(member, second)
    assert "want to talk about it" not in asked.press("agenda")


def test_nobody_who_is_not_there_can_say_so(asked: Asked) -> None:
    asked.press("agenda")
    entry = asked.entries()[0]
    assert asked.that(asked.authors[0], entry) == DESK.text("en").plain("error.stale_button")  # not out yet
    asked.publish()
    answer = asked.write(actions.pressed, None, entry, "1", DESK, now=LATER)
    assert "have joined" in answer.answer
    assert asked.wanting() == []


def test_erased_with_who_wanted_it_and_with_who_added_it(asked: Asked) -> None:
    asked.press("add")
    asked.write(
        draft_presses.typed, asked.person(asked.frida), "What do we ask the council?", DESK, now=DRAFT
    )
    asked.press("agenda")
    asked.publish()
    own = next(one.id for one in asked.write(agenda.of_digest, asked.digest) if one.words)
    asked.that(asked.authors[0], own)
    erase(asked, asked.authors[0])
    assert asked.wanting() == []
    erase(asked, asked.frida)
    words = asked.write(lambda db: db.execute(select(table.c.words)).scalars().all())
    assert [one for one in words if one] == []


def erase(asked: Asked, member: int) -> None:
    found = asked.write(members.get, member)
    asked.write(_erase, found.person_id)


def _erase(db: Any, person_id: int) -> None:
    trace = rows.gather(db, person_id)
    assert trace is not None
    rows.erase(db, trace, erasing.ERASE, now=LATER)
