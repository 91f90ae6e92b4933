"""Choices and scales: what was asked, and what of the answers is shown. Nobody sees who; groups only from k on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core import groups
from bot.core.groups import Groups

OWN = -1  # the pick of who gave an answer of their own: its words are a contribution


@dataclass(frozen=True)
class Ballot:
    """What one member chose: numbers of options from 0, of a scale one of 1 to 5. `turn`: who chose first has 0."""

    group: str | None
    picks: tuple[int, ...]
    turn: int = 0


@dataclass(frozen=True)
class Poll:
    """A choice or scale that was asked, with all ballots. `kind`: choice, scale; `options` is empty for a scale.

    `settled`: what was shown of it when it first stood in a digest. That stays, in every digest and for who looks
    again, whoever leaves or erases later: a difference would tell what they chose.
    """

    prompt: int
    kind: str
    question: str
    options: tuple[str, ...]
    ballots: tuple[Ballot, ...]
    several: bool = False
    occurrence: int = 0
    settled: "Settled | None" = None


@dataclass(frozen=True)
class Result:
    """What is shown of a poll. `options` are in words (of a scale "1" to "5"; None: an own answer), counts beside them.

    `groups`: by code of a group that may be shown, merged with the smallest one where a rest would give somebody
    away; `groups.PARTICIPANT` for all whose group may not be named. Empty where there are too few to tell apart.
    """

    prompt: int
    kind: str
    question: str
    options: tuple[str | None, ...]
    counts: tuple[int, ...]
    voters: int
    groups: Mapping[tuple[str, ...], tuple[int, ...]]  # the codes that stand together → counts by option
    several: bool = False
    turnout: Mapping[tuple[str, ...], int] = field(
        default_factory=dict
    )  # how many of them voted: `groups`' keys


@dataclass(frozen=True)
class Settled:
    """What the first digest with a poll in it shows of it; nothing if `shown` is None."""

    shown: Result | None


SCALE = range(1, 6)

Cell = tuple[str, ...]  # the codes of groups that are counted together


def results(polls: Iterable[Poll], *, sizes: Mapping[str, int], k: int, named: Groups) -> tuple[Result, ...]:
    """Return what is shown of each poll, in their order; nothing of one in which fewer than k voted."""
    return tuple(
        result for poll in polls if (result := result_of(poll, sizes=sizes, k=k, named=named)) is not None
    )


def result_of(
    poll: Poll, *, sizes: Mapping[str, int], k: int, named: Groups, growing: bool = False
) -> Result | None:
    """Return what is shown of a poll: None as long as fewer than k voted.

    `growing`: people look while others still choose. Then of each group as many are counted as make full steps of k:
    one more each time would tell who looks again what the last one chose.
    """
    if poll.settled is not None:
        return poll.settled.shown
    keys = _keys(poll)
    ballots = [ballot for ballot in poll.ballots if set(ballot.picks) & set(keys)]
    if not ballots or len(ballots) < k:
        return None
    cells = _cells(ballots, sizes, k, named)
    if growing:
        cells = {cell: _in_steps(voted, k) for cell, voted in cells.items()}
        ballots = [ballot for voted in cells.values() for ballot in voted] or _in_steps(ballots, k)
        keys = _keys(replace(poll, ballots=tuple(ballots)))  # an own answer that waits shows in no option
    return Result(
        prompt=poll.prompt,
        kind=poll.kind,
        question=poll.question,
        options=tuple(None if key == OWN else _option(poll, key) for key in keys),
        counts=_counts(ballots, keys),
        voters=len(ballots),
        groups={cell: _counts(voted, keys) for cell, voted in cells.items()},
        several=poll.several,
        turnout={cell: len(voted) for cell, voted in cells.items()},
    )


def _in_steps(ballots: Iterable[Ballot], k: int) -> list[Ballot]:
    first = sorted(ballots, key=lambda ballot: ballot.turn)
    return first[: len(first) // k * k]


def _keys(poll: Poll) -> tuple[int, ...]:
    """What could be picked; an own answer only where somebody gave one."""
    if poll.kind == "scale":
        return tuple(SCALE)
    own = any(OWN in ballot.picks for ballot in poll.ballots)
    return (*range(len(poll.options)), *((OWN,) if own else ()))


def _option(poll: Poll, key: int) -> str:
    return str(key) if poll.kind == "scale" else poll.options[key]


def _counts(ballots: Iterable[Ballot], keys: Sequence[int]) -> tuple[int, ...]:
    picked = Counter(pick for ballot in ballots for pick in set(ballot.picks))
    return tuple(picked[key] for key in keys)


def _cells(
    ballots: Sequence[Ballot], sizes: Mapping[str, int], k: int, named: Groups
) -> dict[Cell, list[Ballot]]:
    """Share the ballots out among groups that may be shown: every one in exactly one, and none below k voters.

    So whatever is subtracted from whatever, nothing below k is left. Empty where there is one group only.
    """
    fine: dict[str, list[Ballot]] = {}
    for ballot in ballots:
        code = ballot.group if ballot.group in named.fine else None
        fine.setdefault(code or groups.PARTICIPANT, []).append(ballot)
    alone = {
        code: voted
        for code, voted in fine.items()
        if code != groups.PARTICIPANT and len(voted) >= k and named.shown(code, sizes, k) == code
    }
    rest = {code: voted for code, voted in fine.items() if code not in alone}
    cells: dict[Cell, list[Ballot]] = {(code,): voted for code, voted in alone.items()}
    for broad in groups.WIDE:
        small = [code for code in rest if named.broad(code) == broad]
        together = [ballot for code in small for ballot in rest[code]]
        # Beside one of its own groups a broad one would not say whom it means.
        if (
            len(together) >= k
            and not any(named.broad(code) == broad for code in alone)
            and (sum(size for code, size in sizes.items() if named.broad(code) == broad) >= k)
        ):
            cells[(broad,)] = together
            rest = {code: voted for code, voted in rest.items() if code not in small}
    left = [ballot for voted in rest.values() for ballot in voted]
    if left:
        codes = {code if named.shown(code, sizes, k) == code else groups.PARTICIPANT for code in rest}
        joined: Cell = ()
        if len(left) < k and cells:
            joined = min(cells, key=lambda cell: (len(cells[cell]), _place(cell[0], named)))
            left = [*cells.pop(joined), *left]
        cells[tuple(sorted({*joined, *codes}, key=lambda code: _place(code, named)))] = left
    if len(cells) < 2:
        return {}
    return dict(sorted(cells.items(), key=lambda item: [_place(code, named) for code in item[0]]))


def _place(code: str, named: Groups) -> int:
    """The order in which groups are shown: the fine ones, the broad ones, everybody else."""
    order = (*named.fine, *groups.WIDE, groups.PARTICIPANT)
    return order.index(code)


# What a digest keeps ----------------------------------------------------------------------------------------------


def frozen(polls: Iterable[Poll], *, sizes: Mapping[str, int], k: int, named: Groups) -> list[list[Any]]:
    """Return, in numbers alone, what a digest shows of its polls, to be kept with it; `thawed` reads it."""
    kept: list[list[Any]] = []
    for poll in polls:
        row: list[Any] = [poll.occurrence]
        if (result := result_of(poll, sizes=sizes, k=k, named=named)) is not None:
            cells = [
                [list(cell), list(counts), result.turnout[cell]] for cell, counts in result.groups.items()
            ]
            row += [None in result.options, list(result.counts), result.voters, cells]
        kept.append(row)
    return kept


def thawed(row: Sequence[Any], poll: Poll) -> Poll:
    """Return a poll with what was kept of it, and nothing else of what was chosen."""
    shown = None
    if len(row) >= 5:
        _, own, counts, voters, cells = row[:5]
        options = tuple(map(str, SCALE)) if poll.kind == "scale" else poll.options
        shown = Result(
            prompt=poll.prompt,
            kind=poll.kind,
            question=poll.question,
            options=(*options, None) if own else options,
            counts=tuple(counts),
            voters=voters,
            groups={tuple(cell): tuple(chosen) for cell, chosen, _ in cells},
            several=poll.several,
            turnout={tuple(cell): number for cell, _, number in cells},
        )
    return replace(poll, ballots=(), settled=Settled(shown))
