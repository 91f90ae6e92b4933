"""A statements round on its way: chosen by who leads, and agreed to by the authors; each on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.actions import prompts, sentences, statements, taking
from bot.core.letters import Press, base36, callback, read_callback
from storage import chats, contributions, members, outbox, postings
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
