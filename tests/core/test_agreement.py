"""Common ground and difference: said only when enough have answered, and never so that somebody could be subtracted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core.agreement import (
    AGREE,
    ANSWERS,
    DISAGREE,
    UNSURE,
    Agreement,
    Stance,
    Statement,
    counted,
    frozen,
    ground,
    thawed,
)
from bot.core.groups import WIDE

K = 3
FINE = {"lived": "carer", "work": "practitioner", "decide": "politician", None: "other"}
BROADS = (*WIDE, None)


def said(broad: str | None, *, agree: int = 0, disagree: int = 0, unsure: int = 0) -> list[Stance]:
    answers = [AGREE] * agree + [DISAGREE] * disagree + [UNSURE] * unsure
    return [Stance(broad, answer) for answer in answers]


def statement(id: int, stances: Sequence[Stance], invited: int) -> Statement:
    return Statement(id, 1, 100 + id, f"sentence {id}", tuple(stances), invited)


def sizes(**members: int) -> dict[str, int]:
    return {FINE[broad]: number for broad, number in members.items()}


EVERYBODY = sizes(lived=10, work=5, decide=4)


def test_what_every_group_agrees_with_is_common_ground_and_is_told_in_counts() -> None:
    stances = [
        *said("lived", agree=8, unsure=1),
        *said("work", agree=4, disagree=1),
        *said("decide", agree=3),
    ]
    (found,), differences = ground([statement(1, stances, 19)], sizes=EVERYBODY, k=K)
    assert (found.agree, found.disagree, found.unsure, found.voters) == (15, 1, 1, 17)
    assert found.everywhere
    assert found.groups == {"lived": (8, 0, 1), "work": (4, 1, 0), "decide": (3, 0, 0)}
    assert differences == ()


def test_the_many_do_not_outvote_a_group_that_disagrees() -> None:
    stances = [*said("lived", agree=10), *said("work", agree=5), *said("decide", agree=1, disagree=2)]
    agreements, (found,) = ground([statement(1, stances, 19)], sizes=EVERYBODY, k=K)
    assert agreements == ()
    assert found.groups["decide"] == (1, 2, 0)
    assert not found.everywhere


def test_the_surest_common_ground_comes_first_weighing_groups_not_heads() -> None:
    heads = [*said("lived", agree=10), *said("work", agree=3, unsure=1), *said("decide", agree=3, unsure=1)]
    groups = [*said("lived", agree=8, unsure=2), *said("work", agree=5), *said("decide", agree=4)]
    agreements, _ = ground([statement(1, heads, 19), statement(2, groups, 19)], sizes=EVERYBODY, k=K)
    assert [one.id for one in agreements] == [2, 1]


def test_below_half_of_those_asked_nothing_is_said() -> None:
    stances = [*said("lived", agree=3), *said("work", agree=3), *said("decide", agree=3)]
    assert ground([statement(1, stances, 19)], sizes=EVERYBODY, k=K) == ((), ())
    assert ground([statement(1, stances, 18)], sizes=EVERYBODY, k=K) != ((), ())


def test_a_large_group_of_which_too_few_answered_silences_the_statement() -> None:
    stances = [*said("lived", agree=10), *said("work", agree=2), *said("decide", agree=4)]
    assert ground([statement(1, stances, 19)], sizes=EVERYBODY, k=K) == ((), ())


def test_a_network_without_deciders_hears_what_it_agrees_on() -> None:
    here = sizes(lived=6, work=4)
    stances = [*said("lived", agree=6), *said("work", agree=4)]
    (found,), _ = ground([statement(1, stances, 10)], sizes=here, k=K)
    assert found.everywhere


def test_one_politician_is_counted_with_others_and_all_groups_is_not_said() -> None:
    here = sizes(lived=6, work=4, decide=1)
    stances = [*said("lived", agree=6), *said("work", agree=4), *said("decide", disagree=1)]
    found = counted(statement(1, stances, 11), sizes=here, k=K)
    assert found is not None
    assert not found.everywhere
    assert found.groups == {}  # beside the carers' numbers, the rest would be four and one


def test_what_was_shown_stays_when_stances_are_gone_and_reads_with_the_words_of_today() -> None:
    stances = [*said("lived", agree=8), *said("work", agree=5), *said("decide", agree=4)]
    apart = [*said("lived", agree=8), *said("work", disagree=5), *said("decide", agree=4)]
    every = [statement(1, stances, 19), statement(2, apart, 19), statement(3, said("lived", agree=1), 19)]
    before = ground(every, sizes=EVERYBODY, k=K)
    kept = frozen(every, sizes=EVERYBODY, k=K)
    assert not any("sentence" in str(row) for row in kept)
    later = [replace(statement(row[0], (), 0), settled=thawed(row, f"sentence {row[0]}")) for row in kept]
    assert ground(later, sizes=sizes(lived=1), k=K) == before


def test_of_what_lies_between_the_numbers_stay_too() -> None:
    half = [
        *said("lived", agree=4, unsure=4),
        *said("work", agree=3, unsure=3),
        *said("decide", agree=2, unsure=2),
    ]
    one = statement(1, half, 18)
    told = counted(one, sizes=EVERYBODY, k=K)
    assert told is not None
    (row,) = frozen([one], sizes=EVERYBODY, k=K)
    later = replace(statement(1, (), 0), settled=thawed(row, told.words))
    assert ground([later], sizes=EVERYBODY, k=K) == ((), ())
    assert counted(later, sizes=sizes(lived=1), k=K) == told


# For all rounds ---------------------------------------------------------------------------------------------------

counts = st.integers(0, 7)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[dict[str, int], list[Statement]]:
    members = {broad: draw(counts) for broad in BROADS}
    invited = sum(members.values())
    found = []
    for id in range(1, draw(st.integers(1, 4)) + 1):
        stances = [
            Stance(broad, draw(st.sampled_from(ANSWERS)))
            for broad, number in members.items()
            for _ in range(draw(st.integers(0, number)))
        ]
        found.append(statement(id, stances, invited))
    return {FINE[broad]: number for broad, number in members.items()}, found


def shown(members: dict[str, int], every: Sequence[Statement]) -> tuple[Agreement, ...]:
    agreements, differences = ground(every, sizes=members, k=K)
    return (*agreements, *differences)


@given(rounds(), st.randoms(use_true_random=False))
def test_the_order_of_input_changes_nothing(
    made: tuple[dict[str, int], list[Statement]], dice: object
) -> None:
    members, every = made
    mixed = [replace(one, stances=tuple(dice.sample(one.stances, len(one.stances)))) for one in every]  # type: ignore[attr-defined]
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert ground(mixed, sizes=members, k=K) == ground(every, sizes=members, k=K)


@given(rounds())
def test_no_number_and_no_subtraction_tells_of_fewer_than_k(
    made: tuple[dict[str, int], list[Statement]],
) -> None:
    members, every = made
    by_id = {one.id: one for one in every}
    for found in shown(members, every):
        assert found.voters >= K
        total = (found.agree, found.disagree, found.unsure)
        told = [sum(numbers) for numbers in found.groups.values()]
        assert all(number >= K for number in told)
        left = sum(total) - sum(told)
        assert left == 0 or left >= K
        assert all(members[FINE[broad]] >= K for broad in found.groups)
        really = Counter(stance.broad for stance in by_id[found.id].stances)
        assert {broad: sum(numbers) for broad, numbers in found.groups.items()}.items() <= really.items()
        if found.everywhere:
            present = [broad for broad in WIDE if members[FINE[broad]]]
            assert all(members[FINE[broad]] >= K and really[broad] >= K for broad in present)


@given(rounds())
def test_nothing_is_shown_below_turnout_and_nothing_is_both(
    made: tuple[dict[str, int], list[Statement]],
) -> None:
    members, every = made
    agreements, differences = ground(every, sizes=members, k=K)
    assert not {one.id for one in agreements} & {one.id for one in differences}
    by_id = {one.id: one for one in every}
    for found in (*agreements, *differences):
        one = by_id[found.id]
        assert 2 * len(one.stances) >= one.invited
        votes = Counter(stance.broad for stance in one.stances)
        assert all(votes[broad] >= K for broad in WIDE if members[FINE[broad]] >= K)
        assert found.words == one.words
