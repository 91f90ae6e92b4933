"""Which sentences can be put to everybody: whole ones, to the letter, and in an order that tells nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import consents, voices
from bot.core.statements import candidates, fits, instead, moved, reworded, stands
from bot.core.voices import Reply

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PIECES = (
    "The night nurse must come before six.",
    "Who can I call at night?",
    "Yes.",
    "My […] should have one number to call.",
    "Look at https://example.org for what I mean.",
    "Carers should have one number to call…",
    "Kl. 10 is too late for her, and for me.",
    "word " * 40,
    "😀 And one day off a week would help me.",
)


def reply(id: int, text: str, **more: Any) -> Reply:
    values: dict[str, Any] = {
        "prompt": 1,
        "group": "carer",
        "place": "private",
        "chat": None,
        "kind": "text",
        "name": "Anna",
    }
    uses = (consents.TAKE_PART, consents.QUOTE)
    values |= {"member": id, "attribution": "name", "consents": uses, "arrived_at": NOW, **more}
    return Reply(id=id, text=text, **values)


def words(*replies: Reply) -> list[str]:
    return [one.words for one in candidates(replies)]


def test_a_sentence_stands_alone_and_can_be_agreed_with() -> None:
    assert words(reply(1, " ".join(PIECES[:5]))) == ["The night nurse must come before six."]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "taken_back"},
        {"may_quote": "no"},
        {"conversation": True},
        {"consents": (consents.TAKE_PART,)},
        {"active": False},
        {"flagged": True},
    ],
)
def test_what_may_not_be_shown_is_not_offered(wrong: dict[str, Any]) -> None:
    assert words(reply(1, PIECES[0])) != []
    assert words(reply(1, PIECES[0], **wrong)) == []


def test_everybody_comes_once_before_anybody_comes_twice() -> None:
    many = " ".join(f"Sentence number {n} of the many is this one." for n in range(9))
    found = candidates([reply(1, many), reply(2, PIECES[0]), reply(3, "One day off a week would help me.")])
    assert {one.contribution for one in found[:3]} == {1, 2, 3}


TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map(" ".join)
REPLIES = st.lists(TEXTS, min_size=1, max_size=6).map(
    lambda texts: [reply(n, text, member=n % 3) for n, text in enumerate(texts, 1)]
)


@given(REPLIES, st.randoms(use_true_random=False))
def test_every_sentence_is_to_the_letter_and_the_order_of_input_changes_nothing(
    replies: list[Reply], dice: Any
) -> None:
    found = candidates(replies)
    texts = {one.id: one.text for one in replies}
    for one in found:
        ((start, end),) = one.spans
        assert texts[one.contribution][start:end] == one.words
        assert voices.mark(texts[one.contribution], one.spans) == one.mark
    mixed = dice.sample(replies, len(replies))
    assert candidates(mixed) == found


@given(TEXTS, st.sampled_from(["", "Good evening. ", "Hm!\n"]))
def test_the_same_sentence_is_found_again_wherever_it_stands_now(text: str, before: str) -> None:
    for one in candidates([reply(1, text)]):
        ((start, end),) = moved(before + text, one.spans, one.mark) or ()
        assert (before + text)[start:end] == one.words


def test_other_words_are_not_the_same_sentence_and_stand_in_its_place() -> None:
    (one,) = candidates([reply(1, PIECES[0])])
    changed = PIECES[0].replace("six", "two")
    assert moved(changed, one.spans, one.mark) is None
    ((start, end),) = instead(changed, one.spans) or ()
    assert changed[start:end] == changed
    assert instead("Yes.", one.spans) is None


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("Come before six. I am tired.", "Come before six.", "Come by five.", "Come by five. I am tired."),
        # Without a full stop it would run into what follows, and in small letters into what comes before.
        ("Come before six. I am tired.", "Come before six.", "Come by five", "Come by five\nI am tired."),
        ("I am tired. Come before six.", "Come before six.", "come by five", "I am tired.\ncome by five"),
        ("Hm. Come before six. Yes.", "Come before six.", "come by five", "Hm.\ncome by five\nYes."),
        ("Come before six.", "Come before six.", "Come by five", "Come by five"),
        ("Hm!\nCome before six\nYes.", "Come before six", "Come. By five", "Hm!\nCome. By five\nYes."),
    ],
)
def test_other_words_take_the_place_of_one_sentence_only(
    text: str, old: str, new: str, expected: str
) -> None:
    start = text.index(old)
    assert reworded(text, (start, start + len(old)), new) == expected


@given(TEXTS, st.sampled_from(["come by five", "Come by five.", "Come. Come soon", "“Come by five”"]))
def test_the_sentences_beside_reworded_ones_stay_what_they_were(text: str, new: str) -> None:
    found = list(voices.sentences(text))
    for number, place in enumerate(found):
        after = reworded(text, place, new)
        said = [after[slice(*one)] for one in voices.sentences(after)]
        beside = [text[slice(*one)] for one in found[:number] + found[number + 1 :]]
        own = [new[slice(*one)] for one in voices.sentences(new)]
        assert said == beside[:number] + own + beside[number:]


def test_a_sentence_is_found_in_what_its_author_wrote_though_something_is_masked() -> None:
    read, text = "[…] is late. Come before six.", "Dr. Berg is late. Come before six."
    start = read.index("Come")
    found = stands(text, read, (start, len(read)))
    assert found is not None
    assert text[slice(*found)] == "Come before six."
    assert stands("Come by five.", read, (start, len(read))) is None


def test_words_fit_where_one_of_their_sentences_does() -> None:
    assert fits(f"Yes. {PIECES[0]}")
    assert not fits(" ".join(PIECES[1:5]))
