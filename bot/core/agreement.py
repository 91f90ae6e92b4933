"""Common ground and difference: what a statements round shows, and when it says nothing (../shared/digest.md, 5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Any

from bot.core.groups import USUAL, WIDE, Groups

AGREE, DISAGREE, UNSURE = "agree", "disagree", "unsure"
ANSWERS = (AGREE, DISAGREE, UNSURE)
MOST_AGREE = Fraction(60, 100)  # of each group, for common ground
APART = Fraction(40, 100)  # between the groups that agree most and least, for a difference
AGAINST = Fraction(30, 100)  # of all who answered, for a difference
TURNOUT = Fraction(1, 2)  # of who was asked; below it nothing is said

TOGETHER, DIFFERENT = "agree", "differ"  # where a statement stands in a digest
BETWEEN = "between"  # it stands in none, but its numbers were told to who answered

Counts = tuple[int, int, int]  # agree, disagree, unsure


@dataclass(frozen=True)
class Stance:
    """What one member says to a statement: agree, disagree or unsure. `broad` is their broad group."""

    broad: str | None
    answer: str


@dataclass(frozen=True)
class Statement:
    """A sentence, to the letter from a contribution, and what members say to it. `invited`: how many could.

    `asked`: how many of them by broad group, where not the whole network was asked. `settled`: what was shown of it
    when its digest went out; that stays, whoever joins, leaves or erases later: a difference would tell of them.
    """

    id: int
    prompt: int
    contribution: int
    words: str
    stances: tuple[Stance, ...]
    invited: int
    asked: Mapping[str, int] = field(default_factory=dict)
    settled: "Settled | None" = None


@dataclass(frozen=True)
class Agreement:
    """What is shown of a statement, in counts. `everywhere`: each of the broad groups has enough votes and agrees.

    `groups`: agree, disagree, unsure by broad group, only where each shown group has enough votes.
    """

    id: int
    contribution: int
    words: str
    agree: int
    disagree: int
    unsure: int
    everywhere: bool
    groups: Mapping[str, tuple[int, int, int]]

    @property
    def voters(self) -> int:
        """How many answered."""
        return self.agree + self.disagree + self.unsure


@dataclass(frozen=True)
class Settled:
    """What a published digest shows of a statement, or, `where` being `BETWEEN`, what else may be told of it.

    Nothing if `shown` is None. `rank` is its place there.
    """

    where: str
    rank: int
    shown: Agreement | None


def ground(
    statements: Iterable[Statement], *, sizes: Mapping[str, int], k: int, named: Groups = USUAL
) -> tuple[tuple[Agreement, ...], tuple[Agreement, ...]]:
    """Return what we agree on, the surest first, and where we differ, in the order of the statements.

    `sizes` are the network's active members by group. What lies between, and what too few have answered, is in neither.
    """
    members = _members(sizes, named)
    agreements: list[tuple[float, Agreement]] = []
    differences: list[tuple[int, Agreement]] = []
    for one in sorted(statements, key=lambda one: one.id):
        if one.settled is not None:
            where, rank, found = one.settled.where, one.settled.rank, one.settled.shown
            if found is not None and where == TOGETHER:
                agreements.append((-rank, found))
            elif found is not None and where == DIFFERENT:
                differences.append((rank, found))
            continue
        parts = _parts(one, one.asked or members, k)
        if parts is None:
            continue
        found = _shown(one, parts, members, k)
        if _differ(found, parts):  # before agreeing: "we agree" is not quite true where groups are far apart
            differences.append((0, found))
        elif all(_agreeing(counts) >= MOST_AGREE for counts in parts.values()):
            agreements.append((_surely(parts), found))
    agreements.sort(key=lambda one: (-one[0], one[1].id))
    differences.sort(key=lambda one: (one[0], one[1].id))
    return tuple(found for _, found in agreements), tuple(found for _, found in differences)


def counted(one: Statement, *, sizes: Mapping[str, int], k: int, named: Groups = USUAL) -> Agreement | None:
    """Return what may be told of a statement, whether we agree on it or not; None where too few have answered."""
    if one.settled is not None:
        return one.settled.shown
    members = _members(sizes, named)
    parts = _parts(one, one.asked or members, k)
    return None if parts is None else _shown(one, parts, members, k)


def _members(sizes: Mapping[str, int], named: Groups) -> dict[str, int]:
    """Active members by broad group."""
    found: dict[str, int] = {}
    for code, number in sizes.items():
        broad = named.broad(code)
        if broad is not None and number:
            found[broad] = found.get(broad, 0) + number
    return found


def _parts(one: Statement, members: Mapping[str, int], k: int) -> dict[str, Counts] | None:
    """Return the counts by the groups that are weighed against each other; None where too few have answered.

    A broad group of at least k who were asked stands for itself, and nothing is said before k of it have answered. It
    can't be asked of a smaller one, or a network without decision makers would never hear what it agrees on: these,
    and who belongs to no broad group, are one part together ("") if k of them answered. If fewer did, they are counted
    with the smallest part, so that nobody's answer is what is left when the others are subtracted.
    """
    voters = len(one.stances)
    if voters < k or voters < one.invited * TURNOUT:
        return None
    large = [broad for broad in WIDE if members.get(broad, 0) >= k]
    parts = {broad: _counts(one.stances, (broad,)) for broad in large}
    if any(sum(counts) < k for counts in parts.values()):
        return None
    rest = _counts([stance for stance in one.stances if stance.broad not in large])
    if sum(rest) >= k or not parts:
        return {**parts, "": rest} if sum(rest) else parts
    if sum(rest):
        smallest = min(parts, key=lambda broad: (sum(parts[broad]), WIDE.index(broad)))
        merged = _plus(parts.pop(smallest), rest)
        parts[""] = merged
    return parts


def _counts(stances: Sequence[Stance], broad: Sequence[str] | None = None) -> Counts:
    said = [stance.answer for stance in stances if broad is None or stance.broad in broad]
    return said.count(AGREE), said.count(DISAGREE), said.count(UNSURE)


def _plus(one: Counts, other: Counts) -> Counts:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _shown(one: Statement, parts: Mapping[str, Counts], members: Mapping[str, int], k: int) -> Agreement:
    agree, disagree, unsure = _counts(one.stances)
    alone = {broad: counts for broad, counts in parts.items() if broad and members.get(broad, 0) >= k}
    every = len(members) > 1 and set(alone) == set(members)
    return Agreement(
        id=one.id,
        contribution=one.contribution,
        words=one.words,
        agree=agree,
        disagree=disagree,
        unsure=unsure,
        everywhere=every and all(_agreeing(counts) >= MOST_AGREE for counts in alone.values()),
        groups=alone if len(alone) > 1 else {},  # one group beside the total tells of the others
    )


def _agreeing(counts: Counts) -> Fraction:
    return Fraction(counts[0], sum(counts))


def _differ(found: Agreement, parts: Mapping[str, Counts]) -> bool:
    shares = [_agreeing(counts) for counts in parts.values()]
    return max(shares) - min(shares) >= APART or Fraction(found.disagree, found.voters) >= AGAINST


def _surely(parts: Mapping[str, Counts]) -> float:
    """The geometric mean of how surely each part agrees: one that doesn't pulls all down, however many others do."""
    shares = [(counts[0] + 1) / (sum(counts) + 2) for _, counts in sorted(parts.items())]
    return round(
        prod(shares) ** (1 / len(shares)), 9
    )  # rounded: the same counts in another order are the same


# What a digest keeps ----------------------------------------------------------------------------------------------


def frozen(
    statements: Iterable[Statement], *, sizes: Mapping[str, int], k: int, named: Groups = USUAL
) -> list[list[Any]]:
    """Return, without words, what is told of a digest's statements, to be kept with it; `thawed` reads it."""
    every = sorted(statements, key=lambda one: one.id)
    agreements, differences = ground(every, sizes=sizes, k=k, named=named)
    shown = {found.id: (TOGETHER, found) for found in agreements} | {
        found.id: (DIFFERENT, found) for found in differences
    }
    places = {id: number for number, id in enumerate(shown)}
    kept: list[list[Any]] = []
    for one in every:
        row: list[Any] = [one.id, one.prompt, one.contribution]
        where, found = shown.get(one.id) or (BETWEEN, counted(one, sizes=sizes, k=k, named=named))
        if found is not None:
            groups = {broad: list(counts) for broad, counts in found.groups.items()}
            row += [
                where,
                places.get(one.id, 0),
                found.agree,
                found.disagree,
                found.unsure,
                found.everywhere,
                groups,
            ]
        kept.append(row)
    return kept


def thawed(row: Sequence[Any], words: str) -> Settled:
    """Return what was kept of a statement, with its words as they are now."""
    if len(row) < 10:
        return Settled("", 0, None)
    id, _, contribution, where, rank, agree, disagree, unsure, everywhere, groups = row[:10]
    counts = {
        broad: (groups[broad][0], groups[broad][1], groups[broad][2]) for broad in WIDE if broad in groups
    }
    shown = Agreement(id, contribution, words, agree, disagree, unsure, everywhere, counts)
    return Settled(where, rank, shown)
