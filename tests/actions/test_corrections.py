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
from bot.core.mail import Letter, To
from storage import contributions, corrections, dialogs, digests, echoes, erasing, members, networks, people
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

    def put(self, words: str) -> list[Letter]:
        """Frida writes a correction, and presses *Put it there*."""
        return self.press(self.frida, *pressing(self.say(self.frida, words), "put")) or []

    def told_frida(self, letters: Sequence[Letter] | None) -> None:
        """What she was told stands in her chat, as message 60."""
        hers = [one for one in letters or () if one.to.person == self.person(self.frida).id]
        self.write(outbox_rows.write, hers, now=LATER)
        sent, key = {"state": "sent", "message_id": 60}, outbox.c.key.startswith("correction:")
        self.write(lambda db: db.execute(outbox.update().where(key).values(**sent)))

    def card(self, letters: Sequence[Letter] | None) -> Letter:
        """The last of what stands there now."""
        return [one for one in letters or () if one.params.get("message_id") == 60][-1]

    def wrong(self, words: str = "It was the day nurse, not the night nurse.") -> int:
        """Somebody says that something is wrong; Frida was told of it."""
        self.press(self.authors[2], "wrong", self.digest)
        self.told_frida(self.say(self.authors[2], words))
        return self.only().id

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


def pressing(letters: Sequence[Letter], verb: str) -> tuple[str, int, str]:
    """What is behind the button with that verb: for `Published.press`."""
    rows = [row for one in letters for row in one.params.get("reply_markup", {}).get("inline_keyboard", [])]
    found = [read_callback(button["callback_data"]) for row in rows for button in row]
    (one,) = (one for one in found if one is not None and one.action == f"corrections.{verb}")
    return verb, one.id, one.nonce


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
    said = out.put("It was the day nurse.")
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


def test_what_is_typed_is_shown_and_published_by_a_press_only(out: Published) -> None:
    id = out.wrong()
    asked = out.press(out.frida, "answer", id)
    assert "not the night nurse" in to(asked, out.person(out.frida))[0]  # in sight, while she writes
    assert buttons(asked) == ["corrections.never"]
    shown = out.say(out.frida, "Sam, can you call <me> back?")
    assert buttons(shown) == ["corrections.put", "corrections.anew", "corrections.never"]
    assert "Frida: Sam, can you call &lt;me&gt; back?" in shown[0].params["text"]
    assert [one.to for one in shown] == [To(person=out.person(out.frida).id)]
    assert "Sam" not in out.shown()
    assert out.only().state == "asked"
    old = pressing(shown, "put")
    assert buttons(out.press(out.frida, "anew", id)) == ["corrections.never"]
    assert out.press(out.frida, *old) is None  # those words were forgotten
    newer = out.say(out.frida, "It was the day nurse.")
    assert out.press(out.frida, *old) is None
    out.press(out.frida, *pressing(newer, "put"))
    assert "It was the day nurse." in out.shown()


@pytest.mark.parametrize("typed", [False, True])
def test_never_mind_ends_the_writing_and_brings_back_what_the_member_said(
    out: Published, typed: bool
) -> None:
    id, frida = out.wrong(), out.person(out.frida)
    out.write(actions.pressed, frida, "answer", id, "", message_id=60, desk=DESK, now=LATER)
    if typed:
        out.say(out.frida, "Sam, can you call me back?")
    place = 61 if typed else 60
    letters = out.write(actions.pressed, frida, "never", id, "", message_id=place, desk=DESK, now=LATER)
    assert "not the night nurse" in out.card(letters).params["text"]
    assert buttons([out.card(letters)]) == ["corrections.answer", "digests.masks", "corrections.no"]
    assert ("Nothing was put below" in to(letters, frida)[0]) is typed
    assert out.write(dialogs.of, frida.id, now=LATER) is None
    assert out.say(out.frida, "Sam, can you call me back?") == []
    assert "Sam" not in out.shown()


def test_a_correction_can_be_taken_out_again_and_the_member_hears_of_it(out: Published) -> None:
    id, author = out.wrong(), out.person(out.authors[2])
    out.press(out.frida, "answer", id)
    mended = out.put("It was the day nurse.")
    assert buttons([out.card(mended)]) == ["corrections.out"]
    (here,) = (one for one in mended if one.params.get("text") == "The summary is mended.")
    assert buttons([here]) == ["corrections.out"]
    letters = out.press(out.frida, "out", id)
    assert "taken out again" in to(letters, author)[0]
    assert {one.key for one in mended if one.to.person == author.id}.isdisjoint(
        one.key for one in letters or () if one.to.person == author.id
    )
    assert "taken out again" in out.card(letters).params["text"]
    assert "It was the day nurse." not in out.shown()
    assert (out.only().answer, out.only().state) == (None, "declined")
    assert out.press(out.frida, "out", id) is None


def test_a_point_can_be_taken_out_again(out: Published) -> None:
    author = out.authors[0]
    out.told_frida(out.press(author, "mine", out.digest, base36(out.missing)))
    taken = out.press(out.frida, "yes", out.only().id)
    assert buttons([out.card(taken)]) == ["corrections.out"]
    assert out.press(author, "out", out.only().id) is None  # only who leads
    letters = out.press(out.frida, "out", out.only().id)
    assert "taken out again" in to(letters, out.person(author))[0]
    assert "nobody has seen yet" not in out.shown()
    assert not out.write(digests.items, out.digest)[out.missing].quoted


def test_a_point_that_its_author_took_back_is_taken_out_without_a_word_to_them(out: Published) -> None:
    author = out.authors[0]
    out.press(author, "mine", out.digest, base36(out.missing))
    out.press(out.frida, "yes", out.only().id)
    out.write(contributions.change, out.missing, state="taken_back", text="")
    assert to(out.press(out.frida, "out", out.only().id), out.person(author)) == []


def test_an_answer_of_who_leads_that_was_erased_is_not_taken_out_a_second_time(out: Published) -> None:
    id = out.wrong()
    out.press(out.frida, "answer", id)
    out.put("It was the day nurse.")
    out.write(corrections.change, id, answer=None, settled_by=None)
    assert out.press(out.frida, "out", id) is None


def test_of_two_who_lead_the_second_hears_that_it_is_settled(out: Published) -> None:
    id, other = out.wrong(), out.authors[1]
    out.write(members.change, other, facilitator=True)
    out.press(out.frida, "answer", id)
    out.press(other, "answer", id)
    shown = out.say(other, "It was the evening nurse.")
    late = pressing(shown, "put")
    out.write(outbox_rows.write, shown, now=LATER)
    sent, hers = {"state": "sent", "message_id": 61}, outbox.c.person_id == out.person(other).id
    out.write(lambda db: db.execute(outbox.update().where(hers).values(**sent)))
    mended = out.put("It was the day nurse.")
    (closed,) = (one for one in mended if one.params.get("message_id") == 61)
    assert "evening" not in closed.params["text"]  # what she was about to put there has given way
    assert out.press(other, *late) is None
    assert "settled meanwhile" in out.say(other, "It was the evening nurse, I think.")[0].params["text"]
    assert "evening" not in out.shown()


def test_a_member_who_is_gone_leaves_nothing_to_put_right(out: Published) -> None:
    id = out.wrong()
    out.press(out.frida, "answer", id)
    shown = out.say(out.frida, "It was the day nurse.")
    out.write(lambda db: db.execute(table.delete()))
    assert out.press(out.frida, *pressing(shown, "put")) is None
    assert out.press(out.frida, "never", id) is None
    assert "settled meanwhile" in out.say(out.frida, "It was the day nurse.")[0].params["text"]


def test_what_was_said_in_time_is_put_right_and_taken_out_after_members_time_is_over(out: Published) -> None:
    id, frida, late = out.wrong(), out.person(out.frida), FRIDAY + timedelta(hours=30)
    out.write(actions.pressed, frida, "answer", id, "", message_id=60, desk=DESK, now=late)
    given = Given(5, 990, "text", "It was the day nurse.", (), None, late)
    shown = out.write(actions.typed, frida, given, DESK, now=late)
    verb, _, nonce = pressing(shown, "put")
    out.write(actions.pressed, frida, verb, id, nonce, message_id=61, desk=DESK, now=late)
    assert "It was the day nurse." in out.shown()
    out.write(actions.pressed, frida, "out", id, "", message_id=61, desk=DESK, now=late)
    assert "It was the day nurse." not in out.shown()


def test_words_that_wait_are_forgotten_with_the_dialog(out: Published) -> None:
    id, frida = out.wrong(), out.person(out.frida)
    out.press(out.frida, "answer", id)
    shown = out.say(out.frida, "It was the day nurse.")
    late = LATER + actions.LASTS
    put = pressing(shown, "put")
    assert out.write(actions.pressed, frida, *put, message_id=61, desk=DESK, now=late) is None
    assert out.write(dialogs.forget_old, now=late) == 1


def test_the_members_answers_and_the_questions_are_listed_apart_under_numbers(out: Published) -> None:
    (letter,) = out.press(out.authors[0], "missing", out.digest) or ()
    lines = letter.params["text"].split("\n")
    assert lines[2:4] == [
        "<b>What you wrote</b> (passed on as it is)",
        "1. A second thing that nobody has seen yet.",
    ]
    assert lines[5:] == ["<b>Write it now</b>, as a late answer to", f"2. {QUESTION}"]
    labels = [one["text"] for row in letter.params["reply_markup"]["inline_keyboard"] for one in row]
    assert labels == ["1. Pass it on", "2. Write it now", "Never mind"]


def test_who_has_nothing_unquoted_is_only_asked_to_write(out: Published) -> None:
    (letter,) = out.press(out.authors[1], "missing", out.digest) or ()
    assert "What you wrote" not in letter.params["text"]
    assert buttons([letter]) == ["corrections.write", "corrections.stop"]


def test_a_settled_card_says_what_it_was_about_and_what_was_done(out: Published) -> None:
    id = out.wrong("It was the day nurse, not the night nurse, and she came at four and not at six.")
    card = out.card(out.press(out.frida, "no", id))
    assert card.params["text"] == (
        "A member said that something is wrong in a summary: "
        "<i>It was the day nurse, not the night nurse, and she came at…</i>\n"
        "The summary was left as it is."
    )
    assert card.about == {"member": out.authors[2]}  # by which it is found when they erase what they gave


def test_a_settled_card_repeats_nothing_that_sounds_like_danger(out: Published) -> None:
    card = out.card(out.press(out.frida, "no", out.wrong("He hits me, and it says he helps.")))
    assert card.params["text"].startswith("A member said that something is wrong in a summary.\n")


@pytest.mark.parametrize("verb", ["yes", "no"])
def test_a_settled_card_forgets_a_point_that_is_taken_back(out: Published, verb: str) -> None:
    out.told_frida(out.press(out.authors[0], "mine", out.digest, base36(out.missing)))
    card = out.card(out.press(out.frida, verb, out.only().id))
    assert "<i>A second thing that nobody has seen yet.</i>" in card.params["text"]
    out.write(contributions.change, out.missing, state="taken_back", text="")
    again = out.card(out.write(giving.changed, out.missing, DESK, now=LATER))
    assert "A second thing" not in again.params["text"]
    assert "taken it back" in again.params["text"]


def test_the_few_words_on_a_settled_card_are_found_when_their_author_erases_them(out: Published) -> None:
    out.press(out.frida, "no", out.wrong())
    author = out.person(out.authors[2])
    trace = out.write(erasing.gather, author.id)
    shown = out.write(echoes.letters_of, trace)
    assert [(one.person_id, one.message_id) for one in shown if one.key.startswith("correction:")] == [
        (out.person(out.frida).id, 60)
    ]
