"""What of a choice is shown: everything that is right, and nothing by which somebody in a small group is found out."""

import json
import random
from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import forms
from bot.core.forms import Form
from bot.core.groups import FINE, PARTICIPANT, USUAL
from bot.core.votes import OWN, Ballot, Poll, Result, frozen, result_of, results, thawed

K = 3
OPTIONS = ("Respite", "Training", "A coach")


def poll(*ballots: Ballot, kind: str = "choice", several: bool = False) -> Poll:
    return Poll(1, kind, "What helps?", OPTIONS if kind == "choice" else (), ballots, several)


def of(group: str | None, *picks: int, times: int = 1) -> list[Ballot]:
    return [Ballot(group, picks)] * times


def shown(*ballots: Ballot, k: int = K, **sizes: int) -> Result | None:
    found = results([poll(*ballots)], sizes=sizes, k=k, named=USUAL)
    return found[0] if found else None


GROUPS = st.sampled_from([*FINE, None, "own_9"])
PICKS = st.lists(st.sampled_from([OWN, 0, 1, 2]), min_size=1, max_size=4, unique=True).map(tuple)
BALLOTS = st.lists(st.builds(Ballot, GROUPS, PICKS), max_size=30)
SIZES = st.dictionaries(st.sampled_from(FINE), st.integers(0, 9))


@given(BALLOTS, SIZES, st.integers(1, 5))
def test_whatever_is_added_or_subtracted_no_few_voters_are_left(
    ballots: list[Ballot], sizes: dict[str, int], k: int
) -> None:
    result = shown(*ballots, k=k, **sizes)
    if result is None:
        assert len(ballots) < k or not ballots
        return
    people = list(result.turnout.values())
    chosen = chain.from_iterable(combinations(people, size) for size in range(len(people) + 1))
    for some in chosen:
        for left in (sum(some), result.voters - sum(some)):
            assert left == 0 or left >= k
    assert not people or sum(people) == result.voters  # nobody is told of who stands in no group


@given(BALLOTS, SIZES)
def test_each_named_group_is_one_that_may_be_named(ballots: list[Ballot], sizes: dict[str, int]) -> None:
    result = shown(*ballots, **sizes)
    for code in chain.from_iterable(result.groups if result else ()):
        many = (
            sizes.get(code, 0) if code in FINE else sum(n for g, n in sizes.items() if USUAL.broad(g) == code)
        )
        assert code == PARTICIPANT or many >= K


@given(BALLOTS, SIZES)
def test_totals_are_right(ballots: list[Ballot], sizes: dict[str, int]) -> None:
    result = shown(*ballots, **sizes)
    if result is None:
        return
    keys = [OWN if option is None else OPTIONS.index(option) for option in result.options]
    assert list(result.counts) == [sum(key in ballot.picks for ballot in ballots) for key in keys]
    for at, total in enumerate(result.counts):
        assert not result.groups or sum(counts[at] for counts in result.groups.values()) == total


@given(BALLOTS, SIZES, st.randoms(use_true_random=False))
def test_in_which_order_people_chose_changes_nothing(
    ballots: list[Ballot], sizes: dict[str, int], chance: random.Random
) -> None:
    mixed = list(ballots)
    chance.shuffle(mixed)
    assert shown(*ballots, **sizes) == shown(*mixed, **sizes)


@given(BALLOTS, SIZES, st.integers(1, 5))
def test_while_people_choose_each_group_grows_in_steps_of_k(
    ballots: list[Ballot], sizes: dict[str, int], k: int
) -> None:
    cast = [replace(ballot, turn=turn) for turn, ballot in enumerate(ballots)]
    grown = result_of(poll(*cast), sizes=sizes, k=k, named=USUAL, growing=True)
    whole = shown(*ballots, k=k, **sizes)
    assert (grown is None) == (whole is None)
    if grown is not None and whole is not None:
        assert all(people % k == 0 for people in (grown.voters, *grown.turnout.values()))
        assert 0 <= whole.voters - grown.voters < k * max(1, len(whole.groups))
        assert set(grown.groups) == set(whole.groups)
        assert not grown.groups or sum(grown.turnout.values()) == grown.voters


def test_who_came_last_is_not_told_by_another_look() -> None:
    first = [Ballot("carer", (0,), turn) for turn in range(3)]
    for last in ((1,), (OWN,)):
        looks = [
            result_of(poll(*cast), sizes={"carer": 9}, k=K, named=USUAL, growing=True)
            for cast in (first, [*first, Ballot("carer", last, 3)])
        ]
        assert looks[0] == looks[1]


@given(BALLOTS, SIZES)
def test_what_a_digest_keeps_of_a_poll_is_what_it_showed(
    ballots: list[Ballot], sizes: dict[str, int]
) -> None:
    asked = poll(*ballots)
    (row,) = json.loads(json.dumps(frozen([asked], sizes=sizes, k=K, named=USUAL)))
    later = thawed(row, replace(asked, ballots=asked.ballots[1:]))
    assert later.ballots == ()
    assert result_of(later, sizes={}, k=K, named=USUAL) == shown(*ballots, **sizes)


def test_groups_stand_beside_each_other_where_enough_of_each_chose() -> None:
    result = shown(*of("carer", 0, times=4), *of("practitioner", 1, times=3), carer=9, practitioner=5)
    assert result is not None
    assert result.groups == {("carer",): (4, 0, 0), ("practitioner",): (0, 3, 0)}
    assert (result.counts, result.voters, result.turnout) == (
        (4, 3, 0),
        7,
        {("carer",): 4, ("practitioner",): 3},
    )


def test_a_rest_of_few_stands_with_the_smallest_group() -> None:
    result = shown(
        *of("carer", 0, times=4),
        *of("practitioner", 1, times=3),
        *of("politician", 2),
        carer=9,
        practitioner=5,
    )
    assert result is not None
    assert result.groups == {("carer",): (4, 0, 0), ("practitioner", PARTICIPANT): (0, 3, 1)}


def test_a_small_group_counts_with_its_broad_one_unless_that_would_tell_who_it_is() -> None:
    sizes = {"carer": 9, "practitioner": 2, "volunteer": 2, "politician": 1}
    result = shown(
        *of("carer", 0, times=4),
        *of("practitioner", 1, times=2),
        *of("volunteer", 1),
        *of("politician", 2),
        **sizes,
    )
    assert result is not None
    # The politician would be the only one of the rest.
    assert result.groups == {("carer",): (4, 0, 0), ("work", PARTICIPANT): (0, 3, 1)}
    # Beside carers "who knows care at home" would be the one who receives care.
    beside = shown(*of("carer", 0, times=4), *of("cared_for", 1, times=3), carer=9, cared_for=2)
    assert beside is not None
    assert set(beside.groups) == {("carer",), (PARTICIPANT,)}


def test_too_few_show_nothing_and_one_group_alone_is_the_total() -> None:
    assert shown(*of("carer", 0, times=2), carer=9) is None
    alone = shown(*of("carer", 0, times=3), carer=9)
    assert alone is not None
    assert (alone.groups, alone.counts) == ({}, (3, 0, 0))


def test_a_scale_has_five_steps_and_what_nobody_could_choose_counts_nowhere() -> None:
    ballots = [*of("carer", 5, times=3), *of("carer", 1), *of("carer", 6), *of("carer", 0)]
    (result,) = results([poll(*ballots, kind="scale")], sizes={"carer": 9}, k=K, named=USUAL)
    assert (result.options, result.counts, result.voters) == (tuple("12345"), (1, 0, 0, 0, 3), 4)


def test_an_own_answer_is_shown_only_where_somebody_gave_one() -> None:
    without, given_one = shown(*of("carer", 0, times=3)), shown(*of("carer", 0, times=3), *of("carer", OWN))
    assert without is not None
    assert given_one is not None
    assert (without.options, given_one.options) == (OPTIONS, (*OPTIONS, None))


# What can be chosen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "question", "options"),
    [
        ("What helps?\nRespite\nTraining", "What helps?", ("Respite", "Training")),
        ("What helps?\n- Respite\n\n•  a   coach ", "What helps?", ("Respite", "a coach")),
        (
            "What helps?\n1. Respite\n2) Training\n10 hours",
            "What helps?",
            ("Respite", "Training", "10 hours"),
        ),
        ("What helps?", "What helps?", ()),
        ("", "", ()),
        ("  \n ", "", ()),
    ],
)
def test_options_are_read_as_people_write_lists(words: str, question: str, options: tuple[str, ...]) -> None:
    asked, form = forms.typed(words)
    assert (asked, form.options) == (question, options)
    assert (form.several, form.own) == ((False, True) if options else (None, None))


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ((), "few"),
        (("A",), "few"),
        (("A", "B"), None),
        (tuple("ABCDEFGHIJ"), None),
        (tuple("ABCDEFGHIJK"), "many"),
        (("A", "x" * 80), None),
        (("A", "x" * 81), "long"),
        (("A", "🙂" * 41), "long"),  # two units each, as Telegram counts
        (("Yes", "YES"), "same"),
    ],
)
def test_what_is_wrong_with_options(options: tuple[str, ...], fault: str | None) -> None:
    assert forms.fault(options) == fault


def test_a_choice_is_asked_for_what_it_lacks() -> None:
    assert forms.lack(Form()) == "options"
    assert forms.lack(Form(("A",), False, True)) == "options"
    assert forms.lack(Form(("A", "B"))) == "several"
    assert forms.lack(Form(("A", "B"), False)) == "own"
    whole = Form(("A", "B"), True, False)
    assert forms.lack(whole) is None
    assert forms.from_json(whole.to_json()) == whole
    assert forms.from_json(None) == Form()


@pytest.mark.parametrize(
    ("kind", "form", "allowed"),
    [
        ("choice", Form(("A", "B"), False, False), {0, 1}),
        ("choice", Form(("A", "B"), False, True), {OWN, 0, 1}),
        ("scale", Form(), {1, 2, 3, 4, 5}),
    ],
)
def test_only_what_is_offered_can_be_chosen(kind: str, form: Form, allowed: set[int]) -> None:
    assert {pick for pick in range(-3, 12) if forms.allowed(kind, form, pick)} == allowed


def test_one_replaces_the_other_and_of_several_each_stands_for_itself() -> None:
    one, several = Form(OPTIONS, False, True), Form(OPTIONS, True, True)
    assert forms.picked(one, (0,), 2) == (2,)
    assert forms.picked(one, (2,), 2) == (2,)
    assert forms.picked(several, (2,), 0) == (0, 2)
    assert forms.picked(several, (0, 2), OWN, on=True) == (0, 2, OWN)
    assert forms.picked(several, (0, 2), 2) == (0,)
    assert forms.picked(several, (0, 2), 2, on=True) == (0, 2)  # pressed twice
    assert forms.picked(several, (0,), 2, on=False) == (0,)
