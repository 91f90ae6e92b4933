"""What becomes due by itself. A new kind of due thing is a `Job` in `JOBS`, and a file of actions beside this one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.actions import (
    asks,
    digests,
    erasure,
    guests,
    housekeeping,
    invitations,
    mydata,
    prompts,
    retention,
    sheets,
    talk_requests,
)


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
    Job("talks", talk_requests.due, talk_requests.upcoming, talk_requests.follow),
    Job("prompts", prompts.due, prompts.upcoming, prompts.post_due),
    Job("meetings", invitations.due, invitations.upcoming, invitations.remind),
    Job("reminders", asks.unreminded, asks.next_reminder, asks.remind),
    Job("asks", asks.due, asks.upcoming, asks.look),
    Job("digest plans", digests.unplanned, digests.plans_upcoming, digests.plan),
    Job("digests", digests.due, digests.upcoming, digests.write, digests.read, digests.make),
    Job("sheets", sheets.due, sheets.upcoming, sheets.write, sheets.read, sheets.make),
    Job("invitations", guests.due, guests.upcoming, guests.remind),
    Job("mydata", mydata.due, mydata.upcoming, mydata.write, mydata.read, mydata.make),
    Job("erasing", erasure.due, erasure.upcoming, erasure.go_on, erases=True),
    Job("housekeeping", housekeeping.due, housekeeping.upcoming, housekeeping.tidy, erases=True),
)
