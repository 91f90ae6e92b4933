"""Common ground and difference: what a statements round shows, and when it says nothing (../shared/digest.md, 5)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Stance:
    """What one member says to a statement: agree, disagree or unsure. `broad` is their broad group."""

    broad: str | None
    answer: str


@dataclass(frozen=True)
class Statement:
    """A sentence, to the letter from a contribution, and what members say to it. `invited`: how many could."""

    id: int
    prompt: int
    contribution: int
    words: str
    stances: tuple[Stance, ...]
    invited: int


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
