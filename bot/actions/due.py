"""What becomes due by itself. A new kind of due thing is a `Job` in `JOBS`, and a file of actions beside this one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.actions import digests, housekeeping, invitations, prompts, retention


@dataclass(frozen=True)
class Job:
    """Due things of one kind: which, what to do with one of them, and when the next one is due.

    `write` is one transaction. Where the work is slow, `read` gathers what it needs, `make` (pure, a top-level
    function: it runs in another process) does it, and `write` gets the result as `made`.
    """

    name: str
    due: Callable[..., Sequence[int]]  # (db, *, now)
    upcoming: Callable[..., datetime | None]  # (db, *, now)
    write: Callable[..., object]  # (db, id, desk, *, now[, made])
    read: Callable[..., Any] | None = None  # (db, id, desk, *, now)
    make: Callable[[Any], Any] | None = None
    erases: bool = False  # afterwards the words are wiped from the database's log as well


JOBS = (
    Job(
        "revivals", retention.revived, retention.never, retention.revive
    ),  # first: what was planned may be due
    Job("prompts", prompts.due, prompts.upcoming, prompts.post_due),
    Job("meetings", invitations.due, invitations.upcoming, invitations.remind),
    Job("digest plans", digests.unplanned, digests.plans_upcoming, digests.plan),
    Job("digests", digests.due, digests.upcoming, digests.write, digests.read, digests.make),
    Job("housekeeping", housekeeping.due, housekeeping.upcoming, housekeeping.tidy, erases=True),
)
