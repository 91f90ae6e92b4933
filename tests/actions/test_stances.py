"""A statements round: answered by all, and true to the words since, in the group and in digests; on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import answering, prompts, stances
from bot.actions import asks as asking
from bot.actions import contributions as giving
from bot.actions.answer import Answer
from bot.core import agreement, consents
from bot.core.letters import read_callback
from bot.core.outcomes import Sent
from storage import asks, contributions, digests, members, outbox, postings, sentences
from storage import statements as rows
from storage.db import Database
from storage.tables import outbox as outbox_table
from tests.rounds import (
    CARERS,
    DESK,
    FRIDA,
    LATER,
    SAID,
    TUESDAY,
    WORKERS,
    House,
    buttons,
    buttons_of,
)

Within = Callable[[Callable[[House], None]], None]


@pytest.fixture
def within(database: Database) -> Within:
    """Play a scene in one transaction."""

    def run(scene: Callable[[House], None]) -> None:
        database.write_now(lambda db: scene(House(db)))

    return run


def test_an_answer_in_the_group_counts_once_and_can_be_changed_until_it_closes(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        told = house.here(12, 1, "agree")
        assert told is not None
        assert "I agree" in told.words
        house.here(12, 1, "disagree")
        (one, *_) = rows.round_of(house.db, posting.prompt_id)
        assert [stance.answer for stance in one.stances] == ["disagree"]
        house.now = LATER
        closed = house.here(12, 1, "agree")
        assert closed is not None
        assert "closed" in closed.words
        (one, *_) = rows.round_of(house.db, posting.prompt_id)
        assert [stance.answer for stance in one.stances] == ["disagree"]

    within(scene)


def test_who_has_not_joined_is_led_to_joining_and_counts_nowhere(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        button = next(data for data, _ in buttons_of(house.in_group()) if data.endswith(".agree"))
        found = read_callback(button)
        assert found is not None
        told = stances.here(house.db, None, found.id, found.nonce, DESK, now=house.now)
        assert told is not None
        assert posting.token in told.url
        assert not rows.any_said(house.db, posting.prompt_id)

    within(scene)


def test_in_private_one_sentence_comes_after_the_other_until_all_are_answered(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        (shown,) = answering.begin(house.db, house.person(12), posting.id, DESK, now=house.now) or []
        for number in range(1, 7):
            assert f"Sentence {number} of 6" in shown.params["text"]
            assert not asks.answered(house.db, posting.id, house.members[12])
            (shown,) = house.press(12, buttons(shown)[number % 3][0])
        assert asks.answered(house.db, posting.id, house.members[12])
        assert "saved" in shown.params["text"]
        came = next(data for data, _ in buttons(shown) if data.startswith("v1:stances.result"))
        assert "It is open until" in house.press(12, came)[0].params["text"]
        change = next(data for data, _ in buttons(shown) if data.startswith("v1:stances.see"))
        (one,) = house.press(12, change)
        assert "You said:" in one.params["text"]

    within(scene)


def test_who_answered_all_is_not_reminded(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        for number in range(1, 7):
            house.here(12, number, "agree")
        house.here(13, 1, "agree")
        house.now = posting.closes_at - timedelta(hours=26)
        asking.remind(house.db, posting.id, DESK, now=house.now)
        asked = select(outbox_table.c.person_id).where(outbox_table.c.key.startswith("ask:"))
        reminded = set(house.db.execute(asked).scalars())
        assert house.person(12).id not in reminded
        assert house.person(13).id in reminded

    within(scene)


def everybody_says(house: House, number: int, **answers: str) -> None:
    for id in CARERS + WORKERS:
        house.here(id, number, answers.get(f"p{id}", "agree"))


def test_what_came_of_it_is_shown_when_it_has_closed_and_enough_answered(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        everybody_says(house, 1)
        house.here(11, 2, "disagree")
        (before,) = answering.begin(house.db, house.person(FRIDA), posting.id, DESK, now=house.now) or []
        assert "agrees" not in before.params["text"]
        house.now = LATER
        (after,) = answering.begin(house.db, house.person(FRIDA), posting.id, DESK, now=house.now) or []
        assert "6 agree, 0 disagree" in after.params["text"]
        assert "In every group most agree." in after.params["text"]
        assert "1 disagrees" not in after.params["text"]  # one alone answered the second: nothing is shown

    within(scene)


# Taken back -------------------------------------------------------------------------------------------------------


def digest_of(house: House, **values: Any) -> digests.Digest:
    made = digests.create(
        house.db,
        network_id=house.network,
        chain=values.pop("chain", digests.WEEKLY),
        occurrence=values.pop("occurrence", "2026-W46"),
        state="due",
        draft_at=LATER,
        publish_at=LATER,
        **values,
    )
    found = None if made is None else digests.get(house.db, made)
    assert found is not None
    return found


def test_a_sentence_whose_author_takes_it_back_is_gone_everywhere_with_what_was_said_to_it(
    within: Within,
) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        everybody_says(house, 1)
        everybody_says(house, 2)
        first = sentences.words(house.db, posting.prompt_id, (sentences.POSTED,))[0]
        kept = contributions.get(house.db, first.sentence.contribution_id)
        assert kept is not None
        letters = giving.erase(house.db, kept, "taken_back", DESK, now=house.now)
        (edit,) = [
            one for one in letters if one.method == "editMessageText" and one.params["message_id"] == 70
        ]
        assert first.words not in edit.params["text"]
        assert len(rows.round_of(house.db, posting.prompt_id)) == 5
        digest = digest_of(house)
        assert first.words not in [one.words for one in rows.of_digest(house.db, digest, now=LATER)]
        assert all(len(one.stances) in (0, 6) for one in rows.round_of(house.db, posting.prompt_id))
        stale = next(data for data, _ in buttons_of(house.in_group()) if f"{first.sentence.id}.agree" in data)
        found = read_callback(stale)
        assert found is not None
        assert stances.here(house.db, house.person(12), found.id, found.nonce, DESK, now=house.now) is None

    within(scene)


def test_who_said_yes_can_think_better_of_it_after_it_went_out(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        house.say(12, "no")
        assert SAID[12] not in [
            one.words for one in sentences.words(house.db, posting.prompt_id, (sentences.POSTED,))
        ]

    within(scene)


def test_who_is_no_longer_to_be_quoted_falls_out(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        member = house.members[12]
        members.agree(
            house.db, member, consents.QUOTE, False, version=consents.VERSION, language="en", now=house.now
        )
        giving.changed_all(house.db, [house.answers[12]], DESK, now=house.now)
        assert SAID[12] not in [
            one.words for one in sentences.words(house.db, posting.prompt_id, (sentences.POSTED,))
        ]

    within(scene)


# In digests -------------------------------------------------------------------------------------------------------


def test_a_round_stands_once_in_each_chain_after_it_closed(within: Within) -> None:
    def scene(house: House) -> None:
        house.posted()
        everybody_says(house, 1)
        weekly = digest_of(house)
        assert rows.of_digest(house.db, weekly, now=TUESDAY) == ()
        assert len(rows.of_digest(house.db, weekly, now=LATER)) == 6
        kept = [[one.id, one.prompt, one.contribution] for one in rows.of_digest(house.db, weekly, now=LATER)]
        digests.change(house.db, weekly.id, state="published", content={"frozen": {"rounds": kept}})
        assert rows.of_digest(house.db, digest_of(house, occurrence="2026-W47"), now=LATER) == ()
        before = digest_of(house, chain=digests.MEETING, occurrence="meeting:1")
        assert len(rows.of_digest(house.db, before, now=LATER)) == 6

    within(scene)


def test_what_a_digest_told_of_a_round_stays_everywhere_when_somebody_leaves(within: Within) -> None:
    def scene(house: House) -> None:
        house.posted()
        everybody_says(house, 1)
        weekly = digest_of(house)
        there = rows.of_digest(house.db, weekly, now=LATER)
        sizes = members.sizes(house.db, house.network)
        before, _ = agreement.ground(there, sizes=sizes, k=3)
        kept = agreement.frozen(there, sizes=sizes, k=3)
        digests.change(house.db, weekly.id, state="published", content={"frozen": {"rounds": kept}})
        other = next(id for id in CARERS if house.answers[id] != before[0].contribution)
        members.remove(house.db, house.members[other])
        out = digests.get(house.db, weekly.id)
        assert out is not None
        # Two summaries, or two looks in private, would tell together what they had said.
        meeting = digest_of(house, chain=digests.MEETING, occurrence="meeting:1")
        for shown in (
            rows.of_digest(house.db, out, now=LATER),
            rows.of_digest(house.db, meeting, now=LATER),
            rows.result(house.db, there[0].prompt),
        ):
            after, _ = agreement.ground(shown, sizes=members.sizes(house.db, house.network), k=3)
            assert [(one.id, one.agree, one.groups) for one in after] == [
                (one.id, one.agree, one.groups) for one in before
            ]

    within(scene)


def test_a_round_is_edited_though_it_was_just_on_its_way(within: Within) -> None:
    def scene(house: House) -> None:
        prompt = house.planned(*SAID)
        for id in SAID:
            house.say(id, "yes")
        house.now = TUESDAY
        prompts.post_due(house.db, prompt, DESK, now=house.now)
        key = f"posting:{postings.of_prompt(house.db, prompt)[0].id}"
        on_its_way = outbox.by_key(house.db, key)
        assert on_its_way is not None
        kept = contributions.get(house.db, house.answers[12])
        assert kept is not None
        giving.erase(house.db, kept, "taken_back", DESK, now=house.now)
        assert SAID[12] not in house.in_group()["text"]  # if it goes out only now
        prompts.stood(house.db, Answer(on_its_way, Sent({"message_id": 71}), DESK, house.now))
        edits = select(outbox_table.c.params).where(outbox_table.c.key.startswith("round:"))
        (edit,) = house.db.execute(edits).scalars()
        assert edit["message_id"] == 71
        assert SAID[12] not in edit["text"]

    within(scene)


def test_digests_are_mended_when_a_sentence_falls_out(within: Within) -> None:
    def scene(house: House) -> None:
        posting = house.posted()
        everybody_says(house, 1)
        weekly = digest_of(house)
        kept = [[one.id, one.prompt, one.contribution] for one in rows.of_digest(house.db, weekly, now=LATER)]
        digests.change(house.db, weekly.id, state="published", content={"frozen": {"rounds": kept}})
        first = sentences.words(house.db, posting.prompt_id, (sentences.POSTED,))[0]
        given = contributions.get(house.db, first.sentence.contribution_id)
        assert given is not None
        giving.erase(house.db, given, "taken_back", DESK, now=LATER)
        out = digests.get(house.db, weekly.id)
        assert out is not None
        assert out.kept["edition"] == 1
        assert len(rows.of_digest(house.db, out, now=LATER)) == 5

    within(scene)
