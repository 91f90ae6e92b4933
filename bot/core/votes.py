"""Choices and scales: what was asked, and what of the answers is shown. Nobody sees who; groups only from k on."""

from collections.abc import Mapping
from dataclasses import dataclass

OWN = -1  # the pick of who gave an answer of their own: its words are a contribution


@dataclass(frozen=True)
class Ballot:
    """What one member chose: numbers of options from 0, of a scale one of 1 to 5."""

    group: str | None
    picks: tuple[int, ...]


@dataclass(frozen=True)
class Poll:
    """A choice or scale that was asked, with all ballots. `kind`: choice, scale; `options` is empty for a scale."""

    prompt: int
    kind: str
    question: str
    options: tuple[str, ...]
    ballots: tuple[Ballot, ...]
    several: bool = False


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
