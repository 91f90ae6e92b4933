"""Whose words are shown, and that they are shown to the letter."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import voices
from bot.core.groups import FINE
from bot.core.voices import LIMIT, MARK, Reply, Seats

ALL = ("take_part", "quote")
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def reply(id: int = 1, **values: Any) -> Reply:
    usual: dict[str, Any] = {
        "prompt": 1,
        "member": id,
        "group": "carer",
        "place": "group",
        "chat": 1,
        "kind": "text",
        "text": "My neighbour came by.",
        "attribution": "role",
        "name": "Anna",
        "consents": ALL,
        "arrived_at": AT,
    }
    return Reply(id, **(usual | values))


WORDS = st.lists(
    st.sampled_from(["a", "night", "help", "I", "the", "why", "élan", "10", "🙂"]), min_size=1, max_size=60
)
ENDS = st.sampled_from([". ", "! ", "? ", "\n", " ", "… "])
TEXTS = st.lists(st.tuples(WORDS, ENDS), min_size=1, max_size=6).map(
    lambda parts: "".join(" ".join(words) + end for words, end in parts)
)
REPLIES = st.lists(
    st.builds(
        dict,
        member=st.integers(1, 8),
        text=TEXTS,
        group=st.sampled_from([*FINE, None]),
        consents=st.sampled_from([ALL, ALL, ALL, ("take_part",)]),
        state=st.sampled_from(["kept", "kept", "kept", "taken_back", "deleted"]),
        hidden=st.booleans(),
        conversation=st.booleans(),
        may_quote=st.sampled_from([None, None, "yes", "no"]),
        past=st.integers(0, 3),
    ),
    max_size=14,
).map(lambda rows: [reply(number, **_one_group(row)) for number, row in enumerate(rows, 1)])


def _one_group(row: dict[str, Any]) -> dict[str, Any]:
    """A person belongs to one group."""
    groups = [*FINE, None]
    return {**row, "group": groups[row["member"] % 4]}


def chosen(replies: list[Reply], *, seats: int = 3, number: int = 0) -> list[Reply]:
    by_id = {one.id: one for one in replies}
    return [by_id[one.id] for one in voices.choose(replies, seats=seats, number=number, taken=Seats())]


@given(REPLIES, st.integers(1, 6), st.integers(0, 20))
def test_each_group_that_spoke_is_quoted_while_there_are_seats(
    replies: list[Reply], seats: int, number: int
) -> None:
    speaking = {voices.side(one) for one in replies if voices.quotable(one)}
    quoted = {voices.side(one) for one in chosen(replies, seats=seats, number=number)}
    assert len(quoted) == min(len(speaking), seats)
    if "carer" in speaking and seats > 1:
        assert "carer" in quoted


@given(REPLIES, st.integers(1, 8))
def test_nobody_is_quoted_twice_while_another_of_the_same_group_waits(
    replies: list[Reply], seats: int
) -> None:
    quoted = [one.member for one in chosen(replies, seats=seats)]
    for one in replies:
        if voices.quotable(one) and one.member not in quoted:
            same = {other.member for other in replies if voices.side(other) == voices.side(one)}
            assert all(quoted.count(member) <= 1 for member in same)


@given(REPLIES)
def test_what_may_not_be_quoted_never_is(replies: list[Reply]) -> None:
    raised = voices.questions(replies, most=9, taken=Seats())
    for one in [*chosen(replies, seats=9), *(next(r for r in replies if r.id == q.id) for q in raised)]:
        assert one.state == "kept"
        assert not one.hidden
        assert "quote" in one.consents
        assert one.may_quote != "no"
        assert not one.conversation or one.may_quote == "yes"


@given(REPLIES, st.randoms())
def test_the_order_in_which_replies_are_handed_over_changes_nothing(
    replies: list[Reply], random: Any
) -> None:
    shuffled = list(replies)
    random.shuffle(shuffled)
    assert chosen(shuffled) == chosen(replies)
    assert voices.questions(shuffled, most=3, taken=Seats()) == voices.questions(
        replies, most=3, taken=Seats()
    )


@given(TEXTS, st.integers(40, 200))
def test_a_quote_is_verbatim_and_short(text: str, limit: int) -> None:
    for spans in (voices.quote(text, limit), voices.question(text, limit)):
        if not spans or not text.strip():
            continue
        shown = voices.shown(text, spans)
        assert len(shown) <= limit
        pieces = [piece.strip() for piece in shown.split(MARK) if piece.strip()]
        assert all(piece in " ".join(text.split()) for piece in pieces)
        assert all(part in text for part in voices.parts(text, spans))


@given(TEXTS)
def test_a_question_is_one(text: str) -> None:
    spans = voices.question(text, LIMIT)
    assert bool(spans) == any(voices.ASKS.search(text[a:b]) for a, b in voices.sentences(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  Short enough. ", "Short enough."),
        ("Two\nlines.", "Two lines."),
        ("A" * 100 + ". " + "B" * 100 + ".", "A" * 100 + ". […]"),
        ("Hello. " + "B" * 153 + ".", "[…] " + "B" * 153 + "."),
        ("Vi börjar kl. 10 " + "och " * 60, "Vi börjar kl. 10" + " och" * 34 + " […]"),
    ],
)
def test_a_long_text_is_cut_between_sentences(text: str, shown: str) -> None:
    assert voices.shown(text, voices.quote(text)) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "We were four. Who calls the night nurse when it is late in the evening? Thanks.",
            "[…] Who calls the night nurse when it is late in the evening? […]",
        ),
        ("The nurse left. Why?", "The nurse left. Why?"),
        ("I wonder who pays", "I wonder who pays"),
        ("Ik snap niet waarom dat zo moet.", "Ik snap niet waarom dat zo moet."),
        ("Jag undrar vem som ringer.", "Jag undrar vem som ringer."),
        ("We had a good week.", None),
    ],
)
def test_questions_are_found_with_and_without_their_mark(text: str, shown: str | None) -> None:
    spans = voices.question(text)
    assert (voices.shown(text, spans) if spans else None) == shown


def test_the_groups_behind_the_carers_take_turns() -> None:
    replies = [
        reply(n, group=group)
        for n, group in enumerate(("volunteer", "practitioner", "researcher", "carer"), 1)
    ]
    firsts = {chosen(replies, seats=2, number=number)[1].group for number in range(9)}
    assert firsts == {"volunteer", "practitioner", "researcher"}
    assert all(chosen(replies, seats=2, number=number)[0].group == "carer" for number in range(9))


def test_who_was_quoted_less_often_goes_first() -> None:
    often, seldom = reply(1, past=2), reply(2, past=0)
    assert chosen([often, seldom], seats=1) == [seldom]


def test_words_that_are_not_in_the_contribution_stop_everything() -> None:
    with pytest.raises(ValueError, match="contribution"):
        voices.parts("abc", [(3, 9)])
