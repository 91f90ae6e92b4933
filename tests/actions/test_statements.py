"""A statements round on its way: chosen by who leads, and agreed to by the authors; each on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.actions import contributions as giving
from bot.actions import planning, prompts, sentences, statements, taking
from bot.core.letters import Press, base36, callback, read_callback
from bot.core.mail import Letter
from storage import chats, contributions, dialogs, members, outbox, postings
from storage import prompts as prompt_rows
from storage import sentences as rows
from storage.db import Database
from storage.tables import outbox as outbox_table
from tests.rounds import DESK, FRIDA, MONDAY, SAID, TUESDAY, House, buttons, buttons_of

Within = Callable[[Callable[[House], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Play a scene in one transaction."""

    def run(scene: Callable[[House], None]) -> None:
        database.write_now(lambda db: scene(House(db)))

    return run


def test_only_sentences_that_may_be_quoted_are_offered_and_nothing_tells_whose_they_are(
    within: Within,
) -> None:
    def scene(house: House) -> None:
        contributions.change(house.db, house.answers[21], may_quote="no")
        contributions.change(house.db, house.answers[22], flags=["name"])
        masked = "A group for […] helps right from the diagnosis."
        contributions.change(house.db, house.answers[13], masked=masked)
        house.answers[11] = house.answer(11, SAID[11])
        shown = statements.begin(house.leader)
        assert "at least 5 sentences" in shown[0].params["text"]  # three are left: too few for a round

    within(scene)


def test_a_round_has_five_to_eight_sentences(within: Within) -> None:
    def scene(house: House) -> None:
        four = house.choose(11, 12, 13, 21)
        assert not any("statements.done" in data for data, _ in buttons(four))
        five = house.choose(22)
        assert any("statements.done" in data for data, _ in buttons(five))
        text = five.params["text"]
        assert not any(name in text for name in ("Person", "a carer", "care professional"))

    within(scene)


def test_a_round_begins_from_the_plan_too_and_goes_on_where_it_was_left(within: Within) -> None:
    def scene(house: House) -> None:
        house.choose(11, 12)
        (shown,) = house.press(FRIDA, callback("statements.begin", house.network))
        assert "Chosen so far: 2" in shown.params["text"]
        other = statements.pressed(
            house.db, house.person(11), "begin", house.network, "", message_id=7, desk=DESK, now=house.now
        )
        assert other is None  # she doesn't lead it

    within(scene)


def test_what_is_chosen_can_be_left_out_again(within: Within) -> None:
    def scene(house: House) -> None:
        shown = house.choose(12)
        leave = next(data for data, label in buttons(shown) if data.startswith("v1:statements.leave"))
        again = house.press(FRIDA, leave)[0]
        assert "Chosen so far: 0" in again.params["text"]
        twice = house.press(FRIDA, leave)[0]
        assert "Chosen so far: 0" in twice.params["text"]

    within(scene)


def test_each_author_is_asked_in_private_and_only_what_has_a_yes_goes_out(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        assert set(house.asked()) == set(SAID)
        for id in (11, 12, 21):
            house.say(id, "yes")
        house.say(13, "no")
        house.now = TUESDAY
        prompts.post_due(house.db, prompt, DESK, now=house.now)
        text = house.in_group()["text"]
        assert "The night nurse must come before six." in text
        assert "I am tired" not in text
        assert "one number to call" in text
        assert "an hour a week" in text
        for id in (13, 22, 23):  # a no, and silence
            assert SAID[id].rstrip(".") not in text
        assert "Person" not in text

    within(scene)


def test_with_fewer_than_three_yeses_nothing_goes_out_and_who_leads_hears_it(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        house.say(11, "yes")
        house.say(12, "yes")
        house.now = TUESDAY
        prompts.post_due(house.db, prompt, DESK, now=house.now)
        assert postings.of_prompt(house.db, prompt) == []
        told = select(outbox_table.c.params).where(outbox_table.c.key.startswith("missed:"))
        (params,) = house.db.execute(told).scalars()
        assert "fewer than three" in params["text"]
        house.now += timedelta(hours=1)
        house.say(21, "yes")  # it is not too late: it can be posted by hand now
        post_now = next(data for data, _ in buttons_of(params) if data.startswith("v1:prompts.post"))
        house.press(FRIDA, post_now)
        assert len(postings.of_prompt(house.db, prompt)) == 1

    within(scene)


def test_nobody_but_its_author_can_say_yes(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        yes = read_callback(next(data for data, _ in house.asked()[11] if ".yes:" in data))
        assert isinstance(yes, Press)
        for other in (12, FRIDA):
            pressed = sentences.pressed(
                house.db,
                house.person(other),
                "yes",
                yes.id,
                yes.nonce,
                message_id=7,
                desk=DESK,
                now=house.now,
            )
            assert pressed is None

    within(scene)


def test_a_yes_is_to_the_words_that_were_read(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        before = house.asked()[11]
        for id in SAID:
            house.say(id, "yes")
        kept = contributions.get(house.db, house.answers[11])
        assert kept is not None
        house.now += timedelta(minutes=5)
        letters = taking.reword(
            house.db, kept, "The night nurse must come before five. I am tired.", DESK, now=house.now
        )
        outbox.write(house.db, letters, now=house.now)
        assert sentences.ready(house.db, prompt) == 5
        old = read_callback(next(data for data, _ in before if ".yes:" in data))
        assert isinstance(old, Press)
        again = sentences.pressed(
            house.db, house.person(11), "yes", old.id, old.nonce, message_id=7, desk=DESK, now=house.now
        )
        assert again is None
        house.say(11, "yes")  # to the new words
        assert [one.words for one in rows.words(house.db, prompt, (rows.AGREED,))][:1] != []
        assert "before five" in " ".join(one.words for one in rows.words(house.db, prompt, (rows.AGREED,)))

    within(scene)


def test_words_beside_the_sentence_can_change_and_the_yes_holds(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        for id in SAID:
            house.say(id, "yes")
        kept = contributions.get(house.db, house.answers[11])
        assert kept is not None
        taking.reword(house.db, kept, f"Good evening. {SAID[11]}", DESK, now=house.now)
        assert sentences.ready(house.db, prompt) == 6

    within(scene)


def test_the_question_still_stands_when_words_beside_the_sentence_change(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        kept = contributions.get(house.db, house.answers[11])
        assert kept is not None
        taking.reword(house.db, kept, f"Good evening. {SAID[11]}", DESK, now=house.now)
        house.say(11, "yes")  # below the question that came before
        assert sentences.ready(house.db, prompt) == 1

    within(scene)


def test_who_could_not_be_asked_at_once_is_asked_later(within: Within) -> None:
    def scene(house: House) -> None:
        members.change(house.db, house.members[11], resting_until=MONDAY + timedelta(hours=3))
        house.planned(*SAID)
        assert 11 not in house.asked()
        sentences.ask_later(house.db, DESK, now=MONDAY + timedelta(hours=4))
        assert 11 in house.asked()

    within(scene)


def test_who_else_is_to_read_it_is_asked_about_anew(within: Within) -> None:
    def scene(house: House) -> None:
        chats.keep(
            house.db, house.network, -1002, circle="sounding", kind="supergroup", title="Board", now=MONDAY
        )
        prompt = house.planned(*SAID)
        for id in SAID:
            house.say(id, "yes")
        house.now += timedelta(minutes=5)
        house.press(FRIDA, f"v1:prompts.who:{base36(prompt)}:both")
        assert sentences.ready(house.db, prompt) == 0
        house.say(11, "yes")
        assert sentences.ready(house.db, prompt) == 1

    within(scene)


def test_a_sentence_that_came_to_tell_who_somebody_is_stays_out(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        for id in SAID:
            house.say(id, "yes")
        contributions.change(house.db, house.answers[11], flags=["name"])
        assert sentences.ready(house.db, prompt) == 5

    within(scene)


# Other words ------------------------------------------------------------------------------------------------------

QUESTION = ["Yes, as it is", "I'll reword it", "No"]


def named(letter: Letter) -> dict[str, str]:
    """The buttons by what stands on them."""
    return {label: data for data, label in buttons(letter)}


def press(house: House, id: int, letter: Letter, label: str) -> Letter:
    return house.press(id, named(letter)[label])[0]


def write(house: House, id: int, words: str) -> list[Letter]:
    """What its author types while other words are asked for."""
    person = house.person(id)
    dialog = dialogs.of(house.db, person.id, now=house.now)
    assert dialog is not None
    return sentences.typed(house.db, person, dialog, words, DESK, now=house.now)


def answer(house: House, id: int) -> str:
    kept = contributions.get(house.db, house.answers[id])
    assert kept is not None
    return kept.text


def test_who_reads_that_it_is_changed_in_the_group_comes_back_to_the_question(within: Within) -> None:
    def scene(house: House) -> None:
        contributions.change(house.db, house.answers[11], place="group", chat_id=house.chat)
        prompt = house.planned(*SAID)
        (told,) = house.say(11, "reword")
        assert "It stands in the group" in told.params["text"]
        assert "The night nurse must come before six." in told.params["text"]
        assert dialogs.of(house.db, house.person(11).id, now=house.now) is None
        back = press(house, 11, told, "Leave it")
        assert list(named(back)) == QUESTION
        assert "The night nurse must come before six." in back.params["text"]
        assert "it may go out" in press(house, 11, back, "Yes, as it is").params["text"]
        assert sentences.ready(house.db, prompt) == 1

    within(scene)


def test_who_rather_leaves_the_words_comes_back_to_the_question(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        (told,) = house.say(11, "reword")
        back = press(house, 11, told, "Leave it")
        assert list(named(back)) == QUESTION
        assert dialogs.of(house.db, house.person(11).id, now=house.now) is None

    within(scene)


def test_who_answers_a_second_question_is_waited_for_no_more(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        house.say(11, "reword")
        house.say(11, "no")  # below the same question, which was asked anew
        assert dialogs.of(house.db, house.person(11).id, now=house.now) is None

    within(scene)


def test_new_words_take_the_place_of_one_sentence_and_the_rest_of_the_answer_stays(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        (told,) = house.say(11, "reword")
        assert "The night nurse must come before six." in told.params["text"]
        assert "the rest of your answer stays" in told.params["text"]
        assert "I am tired" not in told.params["text"]
        (asked,) = write(house, 11, "The night nurse must come before five.")
        assert answer(house, 11) == "The night nurse must come before five. I am tired."
        assert contributions.last_version(house.db, house.answers[11]) == SAID[11]
        # A yes is to the words that were read: they are asked about.
        assert sentences.ready(house.db, prompt) == 0
        assert "before five." in asked.params["text"]
        assert list(named(asked)) == QUESTION
        press(house, 11, asked, "Yes, as it is")
        assert [one.words for one in rows.words(house.db, prompt, (rows.AGREED,))] == [
            "The night nurse must come before five."
        ]

    within(scene)


def test_new_words_are_asked_about_at_once_even_in_quiet_hours(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        house.say(11, "reword")
        members.change(house.db, house.members[11], resting_until=MONDAY + timedelta(days=9))
        (asked,) = write(house, 11, "The night nurse must come before five")
        assert asked.not_before is None
        assert list(named(asked)) == QUESTION

    within(scene)


def test_new_words_that_cannot_go_out_change_nothing(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        house.say(11, "reword")
        for words in (
            "Sooner.",
            "Can the night nurse come before five?",
            "see https://example.org for all of it",
        ):
            (told,) = write(house, 11, words)
            assert "That can't go out" in told.params["text"]
            assert "For example" in told.params["text"]
            assert list(named(told)) == ["Leave it"]
        assert answer(house, 11) == SAID[11]
        write(house, 11, "The night nurse must come before five.")
        assert "before five" in answer(house, 11)

    within(scene)


def test_new_words_for_a_sentence_that_stands_there_no_more_change_nothing(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        house.say(11, "reword")
        kept = contributions.get(house.db, house.answers[11])
        assert kept is not None
        other = "Somebody should come at night, before six. I am tired."
        taking.reword(house.db, kept, other, DESK, now=house.now)
        (told,) = write(house, 11, "The night nurse must come before five.")
        assert "no longer stands in your answer" in told.params["text"]
        assert answer(house, 11) == other
        assert dialogs.of(house.db, house.person(11).id, now=house.now) is None

    within(scene)


def test_a_sentence_is_reworded_where_it_stands_now(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        house.say(11, "reword")
        kept = contributions.get(house.db, house.answers[11])
        assert kept is not None
        taking.reword(house.db, kept, f"Good evening. {SAID[11]}", DESK, now=house.now)
        write(house, 11, "The night nurse must come before five.")
        assert answer(house, 11) == "Good evening. The night nurse must come before five. I am tired."

    within(scene)


def test_what_was_masked_beside_the_sentence_stays_masked(within: Within) -> None:
    def scene(house: House) -> None:
        text = "Dr. Berg is late. The night nurse must come before six."
        contributions.change(house.db, house.answers[11], text=text, masked=text.replace("Dr. Berg", "[…]"))
        prompt = house.planned(*SAID)
        house.say(11, "reword")
        (asked,) = write(house, 11, "The night nurse must come before five.")
        assert "before five." in asked.params["text"]
        kept = contributions.get(house.db, house.answers[11])
        assert kept is not None
        assert kept.text == "Dr. Berg is late. The night nurse must come before five."
        assert kept.masked == "[…] is late. The night nurse must come before five."
        press(house, 11, asked, "Yes, as it is")
        assert sentences.ready(house.db, prompt) == 1

    within(scene)


def test_new_words_for_a_round_that_is_out_change_nothing(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        (told,) = house.say(11, "reword")
        for id in (12, 13, 21):
            house.say(id, "yes")
        house.now = TUESDAY - timedelta(hours=1)
        prompts.post_due(house.db, prompt, DESK, now=TUESDAY)
        (late,) = write(house, 11, "The night nurse must come before five.")
        assert "It is too late" in late.params["text"]
        assert answer(house, 11) == SAID[11]
        keep = read_callback(named(told)["Leave it"])
        assert isinstance(keep, Press)
        person = house.person(11)
        assert (
            sentences.pressed(
                house.db, person, "keep", keep.id, keep.nonce, message_id=7, desk=DESK, now=house.now
            )
            is None
        )

    within(scene)


def test_after_yes_and_no_the_sentence_can_still_be_read(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        (no,) = house.say(11, "no")
        assert "it stays out" in no.params["text"]
        assert "The night nurse must come before six." in no.params["text"]
        yes = press(house, 11, no, "Yes, after all")
        assert "The night nurse must come before six." in yes.params["text"]
        again = press(house, 11, yes, "Rather not")
        assert "The night nurse must come before six." in again.params["text"]

    within(scene)


def test_of_a_sentence_that_may_not_be_shown_any_more_nothing_is_left_to_say_yes_to(within: Within) -> None:
    def scene(house: House) -> None:
        house.planned(*SAID)
        contributions.change(house.db, house.answers[11], may_quote="no")  # it has not fallen out yet
        (no,) = house.say(11, "no")
        assert "night nurse" not in no.params["text"]
        assert buttons(no) == []
        assert giving.own(house.db, house.person(11), house.answers[11], DESK) is not None

    within(scene)


# When it goes out -------------------------------------------------------------------------------------------------


def test_another_time_says_what_to_write_and_there_is_a_way_back(within: Within) -> None:
    def scene(house: House) -> None:
        when = press(house, FRIDA, house.choose(*SAID), "Go on")
        assert "When shall the sentences go out?" in when.params["text"]
        assert "2026-11-09 10:00" in when.params["text"]
        other = press(house, FRIDA, when, "Another time")
        assert "Write the day and the time here" in other.params["text"]
        assert "2026-11-09 10:00" in other.params["text"]
        assert list(named(other)) == ["Back", "Never mind"]
        again = press(house, FRIDA, other, "Back")
        assert named(again) == named(when)
        chosen = press(house, FRIDA, again, "Back")
        assert "Chosen so far: 6" in chosen.params["text"]
        assert dialogs.of(house.db, house.person(FRIDA).id, now=house.now) is None
        gone = press(house, FRIDA, press(house, FRIDA, chosen, "Go on"), "Never mind")
        assert "nothing is planned" in gone.params["text"]
        assert rows.draft(house.db, house.network) is None

    within(scene)


@pytest.mark.parametrize(
    "command",
    [
        "/prompt What helped you?",
        "/choice What would help? | Respite | Training",
        "/scale Respite is easy to find.",
    ],
)
def test_every_other_question_has_the_same_ways_back(within: Within, command: str) -> None:
    def scene(house: House) -> None:
        text = command.replace(" | ", "\n")
        (when,) = planning.take(house.leader, text, (), circle="core")
        while "Another time" not in named(when):  # a choice has steps before
            assert list(named(when))[-1] == "Never mind"
            when = house.press(FRIDA, buttons(when)[0][0])[0]
        assert list(named(when))[-1] == "Never mind"
        other = press(house, FRIDA, when, "Another time")
        assert "2026-11-09 10:00" in other.params["text"]
        assert other.params["text"] != when.params["text"]
        assert list(named(other)) == ["Back", "Never mind"]
        assert list(named(press(house, FRIDA, other, "Back"))) == list(named(when))

    within(scene)


def test_the_time_of_what_is_planned_can_be_left_as_it_is(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        (when,) = house.press(FRIDA, callback("prompts.when", prompt))
        assert list(named(when))[-1] == "Leave it"
        other = press(house, FRIDA, when, "Another time")
        assert list(named(other)) == ["Back", "Leave it"]
        press(house, FRIDA, other, "Leave it")
        found = prompt_rows.get(house.db, prompt)
        assert found is not None
        assert (found.state, found.next_due_at) == ("planned", TUESDAY)
        assert dialogs.of(house.db, house.person(FRIDA).id, now=house.now) is None

    within(scene)
