"""Whose words are shown: which groups, which people, and that nothing goes out that may not."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import voices
from bot.core.cutting import MARK
from bot.core.groups import FINE
from bot.core.voices import Reply, Voices, side

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
THEMES = ("nights", "money", "respite")


def _one_group(row: dict[str, Any]) -> dict[str, Any]:
    """A person belongs to one group."""
    groups = ["carer", "carer", "practitioner", "researcher", None]
    return {**row, "group": groups[row["member"] % 5]}


def _numbered(rows: list[Any]) -> list[Reply]:
    return [reply(number, **_one_group(row)) for number, row in enumerate(rows, 1)]


REPLIES = st.lists(
    st.builds(
        dict,
        prompt=st.integers(1, 4),
        member=st.integers(1, 9),
        text=TEXTS,
        consents=st.sampled_from([ALL, ALL, ALL, ("take_part",)]),
        state=st.sampled_from(["kept", "kept", "kept", "taken_back", "deleted"]),
        hidden=st.sampled_from([False, False, True]),
        conversation=st.booleans(),
        may_quote=st.sampled_from([None, "yes", "yes", "no"]),
        past=st.integers(0, 3),
        tapped=st.lists(st.sampled_from(THEMES), max_size=2, unique=True).map(tuple),
        reacted=st.lists(st.sampled_from(FINE), max_size=2).map(tuple),
    ),
    max_size=24,
).map(_numbered)


def seated(
    replies: list[Reply], *, seats: int = 3, total: int = 99, number: int = 0, heard: tuple[int, ...] = ()
) -> dict[int, list[Reply]]:
    """Who has a seat, by prompt, as it is shown."""
    about = {one.id: one.tapped for one in replies}
    hall = Voices(replies, themes=about, number=number, heard=heard)
    hall.fill(dict.fromkeys(hall.said, seats), total)
    return {prompt: hall.shown(prompt) for prompt in hall.said}


def chosen(replies: list[Reply], **values: Any) -> list[Reply]:
    return [one for quotes in seated(replies, **values).values() for one in quotes]


def _can_all_be_seated(replies: list[Reply], seats: int) -> bool:
    """Whether the groups can be shared out among the prompts, a seat of each being a carer's."""
    where: dict[str, set[int]] = {}
    for one in replies:
        where.setdefault(side(one), set()).add(one.prompt)
    free = Counter({one.prompt: seats for one in replies})
    free.subtract(where.pop("carer", set()))
    return _shared_out(sorted(where.values(), key=len), free)


def _shared_out(wishes: list[set[int]], free: Counter[int]) -> bool:
    if not wishes:
        return True
    return any(free[one] and _shared_out(wishes[1:], free - Counter([one])) for one in wishes[0])


@given(REPLIES, st.integers(2, 4), st.integers(0, 20))
def test_each_group_that_spoke_is_quoted_whenever_there_are_seats_enough(
    replies: list[Reply], seats: int, number: int
) -> None:
    said = [one for one in replies if voices.quotable(one)]
    quoted = {side(one) for one in chosen(replies, seats=seats, number=number)}
    if _can_all_be_seated(said, seats):
        assert quoted == {side(one) for one in said}


@given(REPLIES, st.integers(2, 4))
def test_in_each_prompt_a_carer_who_spoke_has_a_seat_and_the_first_one(
    replies: list[Reply], seats: int
) -> None:
    for prompt, quotes in seated(replies, seats=seats).items():
        spoke = any(side(one) == "carer" for one in replies if voices.quotable(one) and one.prompt == prompt)
        assert not spoke or side(quotes[0]) == "carer"


@given(REPLIES, st.integers(1, 4), st.integers(1, 9))
def test_nobody_is_quoted_twice_while_another_of_the_same_group_waits(
    replies: list[Reply], seats: int, total: int
) -> None:
    quotes = chosen(replies, seats=seats, total=total)
    often = Counter(one.member for one in quotes)
    for one in quotes:
        if often[one.member] > 1:
            waiting = {
                other.member
                for other in replies
                if voices.quotable(other) and (other.prompt, side(other)) == (one.prompt, side(one))
            }
            assert waiting <= set(often)


@given(REPLIES, st.integers(1, 4), st.integers(1, 9))
def test_no_seat_stays_empty_and_none_is_taken_twice(replies: list[Reply], seats: int, total: int) -> None:
    said = Counter(one.prompt for one in replies if voices.quotable(one))
    quotes = seated(replies, seats=seats, total=total)
    assert all(len(set(of_it)) == len(of_it) <= seats for of_it in quotes.values())
    assert sum(map(len, quotes.values())) == min(total, sum(min(count, seats) for count in said.values()))
    if total >= len(said):
        assert all(quotes.values())


@given(REPLIES)
def test_what_may_not_be_quoted_never_is(replies: list[Reply]) -> None:
    for one in chosen(replies, seats=9):
        assert one.state == "kept"
        assert not one.hidden
        assert "quote" in one.consents
        assert one.may_quote != "no"
        assert not one.conversation or one.may_quote == "yes"


@given(REPLIES, st.randoms(), st.integers(0, 9))
def test_the_order_in_which_replies_are_handed_over_changes_nothing(
    replies: list[Reply], random: Any, number: int
) -> None:
    shuffled = list(replies)
    random.shuffle(shuffled)
    assert chosen(shuffled, number=number) == chosen(replies, number=number)


@settings(max_examples=40)
@given(REPLIES)
def test_what_is_printed_goes_on_from_what_is_on_the_phone(replies: list[Reply]) -> None:
    hall = Voices(replies, themes={})
    room = dict.fromkeys(hall.said, 2)
    hall.fill(room, 99)
    phone = {prompt: set(hall.shown(prompt)) for prompt in room}
    hall.fill({prompt: seats + 1 for prompt, seats in room.items()}, 99)
    assert all(phone[prompt] <= set(hall.shown(prompt)) for prompt in room)


def test_the_groups_behind_the_carers_take_turns() -> None:
    replies = [
        reply(n, group=group)
        for n, group in enumerate(("volunteer", "practitioner", "researcher", "carer"), 1)
    ]
    firsts = {chosen(replies, seats=4, number=number)[1].group for number in range(9)}
    assert firsts == {"volunteer", "practitioner", "researcher"}
    assert all(chosen(replies, seats=4, number=number)[0].group == "carer" for number in range(9))


def test_who_was_quoted_less_often_goes_first() -> None:
    often, seldom = reply(1, past=2), reply(2, past=0)
    assert chosen([often, seldom], seats=1) == [seldom]


def test_who_has_asked_a_question_lets_others_be_quoted() -> None:
    assert chosen([reply(1), reply(2)], seats=1, heard=(1,)) == [reply(2)]


def test_a_theme_that_nobody_told_of_yet_is_quoted_before_one_that_has_its_quote() -> None:
    replies = [
        reply(1, tapped=("nights",), text="He gets up four times a night and calls for me."),
        reply(2, tapped=("nights",), text="I have not slept through a night since he came home."),
        reply(3, tapped=("money",), text="The taxi to the clinic costs us forty euros each time."),
    ]
    quoted = chosen(replies, seats=2)
    assert {one.tapped for one in quoted} == {("nights",), ("money",)}


LONG = "My sister takes the nights now, and I sleep in the room at the end of the hall."


def test_a_group_that_can_be_seated_elsewhere_leaves_the_only_seat_to_another_one() -> None:
    """The researcher, the rarer one, says more to the first prompt, to which alone the volunteers spoke."""
    volunteers = [reply(n, group="volunteer") for n in (1, 2, 3)]
    replies = [
        *volunteers,
        reply(4, group="researcher", member=4, text=LONG),
        reply(5, group="researcher", member=4, prompt=2, text="Well."),
    ]
    quoted = chosen(replies, seats=1)
    assert {one.group for one in quoted} == {"volunteer", "researcher"}
    assert 5 in {one.id for one in quoted}


def test_a_carer_keeps_a_seat_in_a_prompt_where_others_say_more() -> None:
    replies = [*map(reply, range(10, 30)), reply(2, prompt=2, past=9, text="Well.")]
    replies += [
        reply(n, prompt=2, group="practitioner", text=f"{LONG} Number {n} of many.") for n in (3, 4, 5)
    ]
    assert 2 in {one.id for one in chosen(replies, seats=2)}
    assert 2 in {one.id for one in chosen(replies, seats=2, total=3)}


def test_nobody_has_two_seats_in_a_prompt_while_another_of_the_group_has_none() -> None:
    replies = [
        reply(1, member=1, text=LONG),
        reply(2, member=1, text="The taxi to the clinic costs us forty euros."),
        reply(3, member=2, past=9, text="Well."),
    ]
    assert {one.member for one in chosen(replies, seats=2)} == {1, 2}


def test_a_theme_is_not_told_at_the_cost_of_a_groups_only_seat() -> None:
    replies = [
        reply(1, group="researcher", tapped=("nights",)),
        reply(2, tapped=("money",), past=9, text="Well."),
        reply(3, prompt=2, tapped=("nights",)),
        reply(4, prompt=2, tapped=("nights",)),
    ]
    assert "researcher" in {one.group for one in chosen(replies, seats=1)}


def test_who_is_the_only_carer_elsewhere_leaves_the_seat_here_to_another_one() -> None:
    replies = [
        reply(1, member=1, text=LONG),
        reply(2, member=2, text="Well."),
        reply(3, group="researcher"),
        reply(4, member=1, prompt=2, text=LONG),
    ]
    assert {one.id for one in chosen(replies, seats=2)} == {2, 3, 4}


def test_of_very_many_each_group_is_compared_alike() -> None:
    replies = [reply(n, group="carer") for n in range(1, 900)]
    replies += [reply(n, group="researcher", member=n % 7) for n in range(1000, 1020)]
    sample = voices.sampled(replies)
    assert len(sample) == voices.SAMPLE
    assert sum(one.group == "researcher" for one in sample) == 20
    assert sample == sorted(sample, key=lambda one: one.id)


def test_reactions_break_ties_only() -> None:
    quiet, liked = reply(1), reply(2, reacted=("carer", "practitioner"))
    assert chosen([quiet, liked], seats=1) == [liked]
    better = reply(1, text="My neighbour came by and stayed with her for the whole of the afternoon.")
    assert chosen([better, liked], seats=1) == [better]


@pytest.mark.parametrize("text", ["👍", "🙂🙂\n🙂", "...", " "])
def test_a_sign_without_a_word_is_counted_but_not_quoted(text: str) -> None:
    assert voices.kept(reply(text=text))
    assert not voices.quotable(reply(text=text))


def test_words_to_which_their_author_said_yes_stay_the_same_in_a_fuller_digest() -> None:
    text = "The night nurse comes at ten. " * 3 + "She is kind to him and she listens to what I say. " * 2
    asked = voices.cut(reply(text=text), 160)
    again = voices.cut(reply(text=text, answer=f"yes:{asked.mark}"), 90)
    assert again == asked
    assert voices.cut(reply(text=text), 90) != asked
    assert MARK in voices.shown(text, asked.spans)
