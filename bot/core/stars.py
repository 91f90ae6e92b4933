"""Stars: two per person and window on their own answers, *this one matters to me*. Seen by nobody else.

The window is what the next summary takes: answers that stand in no published digest of the weekly chain yet, or, where
there is no weekly one, of the chain before meetings. One chain alone counts: both go out at hours of their own, and two
answers to keep apart from all others can be thought of until the next summary, not over two calendars. A star stays
on an answer when its window closes; it is chosen by it in the other chain too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST = 2

ON, FREE, FULL, OVER = "on", "free", "full", "over"


@dataclass(frozen=True)
class Own:
    """An answer of one's own that the window holds."""

    id: int
    starred_at: datetime | None = None


def held(window: Sequence[Own]) -> tuple[int, ...]:
    """Return what is starred there, the oldest star first."""
    starred = [(one.starred_at, one.id) for one in window if one.starred_at is not None]
    return tuple(id for _, id in sorted(starred))


def state(window: Sequence[Own], id: int) -> str:
    """Tell whether an answer is starred, could be, only in place of another one, or no more."""
    if id not in {one.id for one in window}:
        return OVER
    starred = held(window)
    if id in starred:
        return ON
    return FREE if len(starred) < MOST else FULL


def given_up(window: Sequence[Own], id: int, instead_of: int) -> bool:
    """Tell whether one star may go so that another answer has it."""
    return state(window, id) == FULL and instead_of in held(window)
