"""Stars: at most two in a window, the oldest named first, and one goes only for one that has none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import stars
from bot.core.stars import MOST, Own

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("window", "id", "state"),
    [
        ([Own(1)], 1, "free"),
        ([Own(1, NOW)], 1, "on"),
        ([Own(1), Own(2, NOW)], 1, "free"),
        ([Own(1), Own(2, NOW), Own(3, NOW)], 1, "full"),
        ([Own(1), Own(2, NOW), Own(3, NOW)], 3, "on"),
        ([Own(2, NOW)], 1, "over"),  # it is out
        ([], 1, "over"),
    ],
)
def test_each_answer_has_its_state(window: list[Own], id: int, state: str) -> None:
    assert stars.state(window, id) == state


def test_the_oldest_star_is_named_first() -> None:
    assert stars.held([Own(1, at(2)), Own(2), Own(3, at(1)), Own(4, at(1))]) == (3, 4, 1)


WINDOWS = st.lists(st.integers(1, 9), unique=True).flatmap(
    lambda ids: st.lists(st.none() | st.integers(0, 5), min_size=len(ids), max_size=len(ids)).map(
        lambda minutes: [
            Own(id, None if one is None else at(one)) for id, one in zip(ids, minutes, strict=True)
        ]
    )
)


@given(WINDOWS, st.integers(1, 9), st.integers(1, 9))
def test_a_star_goes_only_where_there_are_enough_and_only_for_one_that_has_none(
    window: list[Own], id: int, other: int
) -> None:
    if stars.given_up(window, id, other):
        assert len(stars.held(window)) >= MOST
        assert id not in stars.held(window)
        assert other in stars.held(window)
        assert id in {one.id for one in window}


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=30))
def test_however_one_taps_there_are_never_more_than_two(taps: list[tuple[int, int]]) -> None:
    window = {id: Own(id) for id in range(1, 7)}
    for minute, (id, other) in enumerate(taps):
        own = list(window.values())
        state = stars.state(own, id)
        if state == stars.FREE:
            window[id] = Own(id, at(minute))
        elif state == stars.ON:
            window[id] = Own(id)
        elif stars.given_up(own, id, other):
            window[other], window[id] = Own(other), Own(id, at(minute))
        assert len(stars.held(list(window.values()))) <= MOST
