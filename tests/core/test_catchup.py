"""Whose voices a catch-up tells of, and that it stays short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catchup import QUOTE, SHORT, Voices, cut, fitted, quotes, voices
from bot.core.digest import Quote
from bot.core.groups import FINE, USUAL, WIDE
from bot.core.letters import plain
from bot.core.texts import Markup


@pytest.mark.parametrize(
    ("spoke", "sizes", "named", "others"),
    [
        ({"carer": 4}, {"carer": 6}, (("carer", 4),), False),
        ({"carer": 2}, {"carer": 6}, (), True),  # two voices of six: no number below k
        ({"carer": 2}, {"carer": 2}, (), True),
        ({"carer": 2, "cared_for": 1}, {"carer": 2, "cared_for": 2}, (("lived", 3),), False),
        (
            {"carer": 3, "cared_for": 1},
            {"carer": 3, "cared_for": 3},
            (("carer", 3),),
            True,
        ),  # not beside its own
        ({"carer": 3, "politician": 1}, {"carer": 5, "politician": 1}, (("carer", 3),), True),
        ({"other": 3}, {"other": 3}, (("other", 3),), False),
        ({None: 1}, {}, (), True),
        ({}, {"carer": 9}, (), False),
    ],
)
def test_whose_voices_are_told(
    spoke: dict[str | None, int], sizes: dict[str, int], named: tuple[tuple[str, int], ...], others: bool
) -> None:
    assert voices(spoke, sizes, 3, USUAL) == Voices(named, others)


GROUPS = st.sampled_from(FINE)


@given(st.dictionaries(GROUPS, st.tuples(st.integers(0, 6), st.integers(0, 6))), st.integers(2, 5))
def test_no_number_below_k_is_told_nor_can_be_found_by_subtracting(
    people: dict[str, tuple[int, int]], k: int
) -> None:
    sizes = {code: max(pair) for code, pair in people.items()}
    spoke: dict[str | None, int] = {code: min(pair) for code, pair in people.items()}
    found = voices(spoke, sizes, k, USUAL)
    assert all(count >= k for _, count in found.named)
    told = {code for code, _ in found.named}
    for wide in told.intersection(WIDE):
        fine = {code for code in FINE if USUAL.broad(code) == wide}
        assert not told & fine
        assert sum(sizes.get(code, 0) for code in fine) >= k
    for code in told - set(WIDE):
        assert sizes[code] >= k
    covered = sum(count for _, count in found.named)
    assert found.others == (covered < sum(spoke.values()))


def test_short_quotes_are_told_whole_and_a_lone_long_one_is_cut_at_a_word() -> None:
    long, short = Quote(1, "word " * 60, "carer"), Quote(2, "My neighbour", "carer")
    assert quotes([long, short]) == [short]
    assert quotes([long]) == [long]
    assert quotes([]) == []
    assert cut(long.words).endswith("word …")
    assert len(cut(long.words)) <= QUOTE + 2
    assert cut(short.words) == short.words


@pytest.mark.parametrize(
    ("size", "expected"), [(50, (3, 2)), (150, (2, 1)), (200, (1, 1)), (500, (1, 0)), (900, (1, 0))]
)
def test_less_is_told_where_it_would_get_long(size: int, expected: tuple[int, int]) -> None:
    html = fitted(lambda asked, quoted: Markup(f"{asked} {quoted} " + "&amp;" * (size * (asked + quoted))))
    assert tuple(map(int, html.split()[:2])) == expected
    assert len(plain(html)) <= SHORT or expected == (1, 0)
