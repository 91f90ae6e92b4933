"""Something is wrong, my point is missing: from the button below a summary to the summary that was mended."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import contributions as giving
from bot.actions import corrections as actions
from bot.actions import digests as publishing
from bot.actions import draft_presses
from bot.core.contributions import Given
from bot.core.letters import base36, read_callback
from bot.core.mail import Letter
from storage import contributions, corrections, digests, members, networks, people
from storage import outbox as outbox_rows
from storage.db import Database
from storage.people import Person
from storage.tables import corrections as table
from storage.tables import outbox
from tests.actions.test_digests import DESK, DRAFT, FRIDAY, MONDAY, Bench

LATER = FRIDAY + timedelta(hours=1)
QUESTION = "What helped?"


class Published(Bench):
    """A weekly summary that went out: of carer 11's two answers one is not quoted."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.write(networks.change, self.network, approval="trusted")
        self.quoted = [
            self.given(f"Carer {n} slept through the night for once, and that helped.", author=n)
            for n in range(3)
        ]
        self.missing = self.given("A second thing that nobody has seen yet.", at=MONDAY + timedelta(hours=1))
        self.tick(MONDAY)
        self.tick(DRAFT)
        self.tick(FRIDAY)
        self.digest = self.the("published").id
        self.write(digests.quoted, self.digest, set(self.quoted))

    def person(self, member: int) -> Person:
        found = self.write(members.get, member)
        person = self.write(people.get, found.person_id)
        assert isinstance(person, Person)
        return person

    def press(self, member: int, verb: str, id: int, nonce: str = "") -> list[Letter] | None:
        found: list[Letter] | None = self.write(
            actions.pressed, self.person(member), verb, id, nonce, message_id=7, desk=DESK, now=LATER
        )
        return found

    def say(self, member: int, words: str) -> list[Letter]:
        given = Given(5, 900 + member, "text", words, (), None, LATER)
        found: list[Letter] = self.write(actions.typed, self.person(member), given, DESK, now=LATER)
        return found

    def shown(self) -> str:
        """The summary as it would be edited now."""
        (letter,) = [
            one
            for one in self.write(publishing.mend, self.digest, DESK, now=LATER)
            if one.to.chat is not None
        ][:1]
        return str(letter.params["text"])

    def only(self) -> corrections.Correction:
        (row,) = self.write(lambda db: db.execute(select(table.c.id)).scalars().all())
        found = self.write(corrections.get, row)
        assert isinstance(found, corrections.Correction)
        return found


@pytest.fixture
def out(database: Database) -> Published:
    bench = Published(database)
    sent = {"state": "sent", "message_id": 50}
    bench.write(lambda db: db.execute(outbox.update().where(outbox.c.kind == publishing.KIND).values(**sent)))
    return bench


def buttons(letters: Sequence[Letter] | None) -> list[str]:
    rows: list[Any] = []
    for letter in letters or ():
        rows += letter.params.get("reply_markup", {}).get("inline_keyboard", [])
    pressed = [read_callback(one.get("callback_data")) for row in rows for one in row]
    return [one.action for one in pressed if one is not None]


def to(letters: Sequence[Letter] | None, person: Person) -> list[str]:
    return [str(one.params.get("text")) for one in letters or () if one.to.person == person.id]


def test_from_the_group_it_goes_on_in_private(out: Published) -> None:
    begun = out.write(actions.begun, out.person(out.authors[0]), out.digest, DESK, private=False, now=LATER)
    assert begun.answer == "I've written to you in our private chat."
    assert buttons(begun.letters) == ["corrections.wrong", "corrections.missing", "corrections.stop"]
    assert "until Saturday 7 November" in begun.letters[0].params["text"]


def test_who_has_not_joined_hears_nothing_of_it(out: Published) -> None:
    begun = out.write(actions.begun, None, out.digest, DESK, private=False, now=LATER)
    assert (begun.letters, begun.alert) == ((), True)


def test_a_missing_answer_is_taken_in_and_goes_when_it_is_taken_back(out: Published) -> None:
    author = out.authors[0]
    assert "corrections.mine" in buttons(out.press(author, "missing", out.digest))
    told = out.press(author, "mine", out.digest, base36(out.missing))
    frida = out.person(out.frida)
    assert buttons([one for one in told or () if one.to.person == frida.id]) == [
        "corrections.yes",
        "corrections.no",
    ]
    assert "nobody has seen yet" in to(told, frida)[0]
    assert "Carer 11" not in to(told, frida)[0]  # a role, as chosen; never the name
    letters = out.press(out.frida, "yes", out.only().id)
    assert "Your point stands in the summary now" in to(letters, out.person(author))[0]
    assert "A second thing that nobody has seen yet." in out.shown()
    out.write(contributions.change, out.missing, state="taken_back", text="")
    assert "nobody has seen yet" not in out.shown()


def test_a_point_that_is_written_now_is_a_late_answer(out: Published) -> None:
    author = out.authors[1]
    out.press(author, "write", out.digest, base36(out.posting))
    told = out.say(author, "The taxi is what we forgot to say.")
    assert any("Saved" in text for text in to(told, out.person(author)))
    said = out.only()
    kept = out.write(contributions.get, said.contribution_id)
    assert (kept.text, kept.member_id) == ("The taxi is what we forgot to say.", author)
    out.press(out.frida, "yes", said.id)
    assert "The taxi is what we forgot to say." in out.shown()


def test_what_is_wrong_is_put_right_below_the_summary_and_the_members_words_go(out: Published) -> None:
    author = out.authors[2]
    out.press(author, "wrong", out.digest)
    told = out.say(author, "It was the day nurse, not the night nurse.")
    assert "the day nurse" in to(told, out.person(out.frida))[0]
    out.press(out.frida, "answer", out.only().id)
    said = out.say(out.frida, "It was the day nurse.")
    assert "There is a correction below the summary now" in to(said, out.person(author))[0]
    assert out.only().words is None
    assert "It was the day nurse." in out.shown()
    assert "Frida" in out.shown()


def test_left_as_it_is_its_author_hears_so(out: Published) -> None:
    author = out.authors[0]
    out.press(author, "mine", out.digest, base36(out.missing))
    letters = out.press(out.frida, "no", out.only().id)
    assert "left it as it is" in to(letters, out.person(author))[0]
    assert "nobody has seen yet" not in out.shown()
    assert out.press(out.frida, "yes", out.only().id) is None  # settled is settled


def test_only_who_leads_decides_and_nobody_says_it_for_another(out: Published) -> None:
    assert out.press(out.authors[1], "mine", out.digest, base36(out.missing)) is None
    out.press(out.authors[0], "mine", out.digest, base36(out.missing))
    assert out.press(out.authors[0], "yes", out.only().id) is None


def test_when_it_is_too_late_nothing_is_passed_on(out: Published) -> None:
    person, late = out.person(out.authors[0]), FRIDAY + timedelta(hours=25)
    begun = out.write(actions.begun, person, out.digest, DESK, private=True, now=late)
    assert begun.letters[0].params["text"].startswith("That was possible until Saturday 7 November")
    pressed = out.write(
        actions.pressed, person, "mine", out.digest, base36(out.missing), message_id=7, desk=DESK, now=late
    )
    assert "That was possible until" in pressed[0].params["text"]
    assert out.write(lambda db: db.execute(select(table.c.id)).all()) == []


def test_in_a_summary_that_nobody_had_looked_at_a_point_that_is_taken_in_is_shown_too(out: Published) -> None:
    kept = out.the("published").kept
    out.write(digests.change, out.digest, content={**kept, "unapproved": "open"})
    out.press(out.authors[0], "mine", out.digest, base36(out.missing))
    out.press(out.frida, "yes", out.only().id)
    assert "A second thing that nobody has seen yet." in out.shown()


def test_words_that_sound_like_danger_are_passed_on_to_nobody(out: Published) -> None:
    author = out.authors[1]
    out.press(author, "write", out.digest, base36(out.posting))
    told = out.say(author, "I want to kill myself.")
    assert not any("kill myself" in words for words in to(told, out.person(out.frida)))
    assert out.write(lambda db: db.execute(select(table.c.id)).all()) == []


def test_what_may_not_be_quoted_is_not_offered(out: Published) -> None:
    out.write(contributions.change, out.missing, may_quote="no")
    assert "corrections.mine" not in buttons(out.press(out.authors[0], "missing", out.digest))


def test_a_point_taken_back_is_gone_from_where_it_was_passed_on(out: Published) -> None:
    author, frida = out.authors[0], out.person(out.frida)
    told = out.press(author, "mine", out.digest, base36(out.missing)) or []
    out.write(outbox_rows.write, [one for one in told if one.to.person == frida.id], now=LATER)
    sent = {"state": "sent", "message_id": 60}
    out.write(
        lambda db: db.execute(outbox.update().where(outbox.c.key.startswith("correction:")).values(**sent))
    )
    out.write(contributions.change, out.missing, state="taken_back", text="")
    letters = out.write(giving.changed, out.missing, DESK, now=LATER)
    (edit,) = (one for one in letters if one.to.person == frida.id and one.params.get("message_id") == 60)
    assert "changed it or taken it back" in edit.params["text"]
    assert out.press(out.frida, "yes", out.only().id) is None


def test_a_point_that_was_taken_in_does_not_change_unseen(out: Published) -> None:
    out.press(out.authors[0], "mine", out.digest, base36(out.missing))
    out.press(out.frida, "yes", out.only().id)
    out.write(contributions.change, out.missing, text="Quite other words, which nobody has read.")
    assert "Quite other words" not in out.shown()


def test_a_point_that_was_taken_in_can_be_masked(out: Published) -> None:
    out.press(out.authors[0], "mine", out.digest, base36(out.missing))
    out.press(out.frida, "yes", out.only().id)
    frida = out.person(out.frida)
    out.write(draft_presses.pressed, frida, "mask", out.digest, base36(out.missing), 7, DESK, now=LATER)
    out.write(draft_presses.typed, frida, "nobody", DESK, now=LATER)
    assert "A second thing that […] has seen yet." in out.shown()
