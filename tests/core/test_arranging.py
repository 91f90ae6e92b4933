"""What facilitators swap and reorder: another of the same group, round and back again, and nothing slips in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import arranging, voices
from bot.core.digest import Asked, Choice, Material
from bot.core.voices import Reply

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
AGREED = ("take_part", "quote")


def reply(id: int, **values: object) -> Reply:
    made = Reply(
        id=id,
        prompt=1,
        member=id,
        group="carer",
        place="private",
        chat=None,
        kind="text",
        text=f"Answer number {id} is about the night and how it went.",
        attribution="role",
        name=f"Name {id}",
        consents=AGREED,
        arrived_at=MONDAY,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def material(*replies: Reply, swapped: dict[int, int] | None = None) -> Material:
    return Material(
        chain="weekly",
        number=0,
        prompts=(Asked(1, "What helped?"),),
        replies=replies,
        groups={"carer": 9},
        k=3,
        publish_at=MONDAY,
        swapped=swapped or {},
    )


def chosen(whole: Material, *ids: int) -> Choice:
    by_id = {one.id: one for one in whole.replies}
    return Choice(prompts=((1, tuple(voices.cut(by_id[id]) for id in ids)),))


def shown(choice: Choice) -> list[int]:
    return [one.id for _, quotes in choice.prompts for one in quotes]


def pressed(whole: Material, choice: Choice, times: int, first: int) -> list[list[int]]:
    """Swap one place again and again."""
    found = []
    for _ in range(times):
        made = arranging.swap(whole, choice, first)
        assert made is not None
        before = set(shown(choice))
        choice, swapped = made
        whole = replace(whole, swapped=swapped)
        first = next((id for id in shown(choice) if id not in before), first)
        found.append(shown(choice))
    return found


def test_swapping_goes_to_the_next_best_one_and_back() -> None:
    whole = material(reply(1), reply(2, past=3), reply(3, starred=True), reply(4))
    choice = chosen(whole, 1)
    assert pressed(whole, choice, 4, 1) == [[3], [4], [2], [1]]


def test_back_at_the_first_choice_nothing_is_swapped_any_more() -> None:
    whole = material(reply(1), reply(2))
    choice, swapped = arranging.swap(whole, chosen(whole, 1), 1) or (None, None)
    assert swapped == {1: 2}
    assert choice is not None
    again = arranging.swap(replace(whole, swapped=swapped), choice, 2)
    assert again == (chosen(whole, 1), {})


def test_what_stands_there_by_itself_by_now_is_swapped_for_itself() -> None:
    """Made anew, the draft shows what was swapped in, and what it was swapped for as well."""
    whole = material(reply(1), reply(2), reply(3), swapped={1: 2})
    choice, swapped = arranging.swap(whole, arranging.again(whole, chosen(whole, 1, 2)), 2) or (Choice(), {})
    assert shown(choice) == [1, 3]
    assert shown(arranging.again(replace(whole, swapped=swapped), chosen(whole, 1, 2))) == [1, 3]


def test_who_is_quoted_elsewhere_waits_and_what_tells_of_somebody_comes_last() -> None:
    whole = material(reply(1), reply(2, member=5), reply(3, flagged=True), reply(4), reply(5, member=5))
    assert [one.id for one in arranging.turns(whole, chosen(whole, 1, 5), 1)] == [1, 4, 2, 3]


@pytest.mark.parametrize(
    "other",
    [
        {"hidden": True},
        {"may_quote": "no"},
        {"consents": ("take_part",)},
        {"state": "taken_back"},
        {"active": False},
        {"prompt": 2},
        {"group": "practitioner"},
        {"single": "asked:abc"},
        {"text": "  "},
    ],
)
def test_what_may_not_be_shown_or_is_not_the_same_group_takes_no_place(other: dict[str, object]) -> None:
    whole = material(reply(1), reply(2, **other))
    assert arranging.swap(whole, chosen(whole, 1), 1) is None


def test_words_that_are_no_quote_of_this_digest_are_not_swapped() -> None:
    whole = material(reply(1), reply(2))
    assert arranging.swap(whole, chosen(whole, 1), 2) is None
    assert arranging.swap(whole, chosen(whole, 1), 99) is None


def test_a_choice_that_is_made_anew_keeps_what_was_swapped_as_far_as_it_can() -> None:
    whole = material(reply(1), reply(2), reply(3), swapped={1: 3})
    assert shown(arranging.again(whole, chosen(whole, 1))) == [3]
    assert shown(arranging.again(whole, chosen(whole, 1, 3))) == [1, 3]  # it stands there anyway
    assert shown(arranging.again(whole, chosen(whole, 2))) == [2]
    gone = replace(whole, replies=(reply(1), reply(2), reply(3, hidden=True)))
    assert shown(arranging.again(gone, chosen(gone, 1))) == [1]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), min_size=1, max_size=8),
    st.lists(st.integers(0, 7), max_size=12),
)
def test_however_one_swaps_each_quote_stands_once_and_every_group_keeps_its_seats(
    given: Sequence[tuple[str, bool, bool]], presses: Sequence[int]
) -> None:
    replies = [
        reply(id, group=group, hidden=hidden, flagged=flagged)
        for id, (group, hidden, flagged) in enumerate(given, 1)
    ]
    whole = material(*replies)
    groups = {one.id: one.group for one in replies}
    choice = chosen(whole, *[one.id for one in replies if not one.hidden][:3])
    seats = [groups[id] for id in shown(choice)]
    for number in presses:
        here = shown(choice)
        if here and (made := arranging.swap(whole, choice, here[number % len(here)])) is not None:
            choice, swapped = made
            whole = replace(whole, swapped=swapped)
        ids = shown(choice)
        assert len(ids) == len(set(ids))
        assert [groups[id] for id in ids] == seats
        assert not any(one.hidden for one in replies if one.id in ids)
        for one in choice.all:
            text = next(other.text for other in replies if other.id == one.id)
            assert voices.mark(text, one.spans) == one.mark


def test_a_theme_moves_up_one_place_and_the_first_one_stays() -> None:
    assert arranging.raised(("a", "b", "c"), "c") == ("a", "c", "b")
    assert arranging.raised(("a", "b", "c"), "a") == ("a", "b", "c")
    assert arranging.raised(("a", "b"), "gone") == ("a", "b")
