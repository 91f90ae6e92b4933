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

    `foretold`: `upcoming` tells of what is due by now as well, so `due` is only asked then: a tick asks all jobs.

    `write` is one transaction. Where the work is slow, `read` gathers what it needs, `make` (pure, a top-level
    function: it runs in another process) does it, and `write` gets the result as `made`.
    """

    name: str
    due: Callable[..., Sequence[int]]  # (db, *, now)
    upcoming: Callable[..., datetime | None]  # (db, *, now)
    write: Callable[..., object]  # (db, id, desk, *, now[, made])
    read: Callable[..., Any] | None = None  # (db, id, desk, *, now)
    make: Callable[[Any], Any] | None = None
    make_without: Callable[[Any], Any] | None = None  # where the other process dies of `make`: less of it
    foretold: bool = False
    erases: bool = False  # afterwards the words are wiped from the database's log as well


JOBS = (
    Job(
        "revivals", retention.revived, retention.never, retention.revive
    ),  # first: what was planned may be due
    Job("talks", talk_requests.due, talk_requests.upcoming, talk_requests.follow, foretold=True),
    Job("prompts", prompts.due, prompts.upcoming, prompts.post_due, foretold=True),
    Job("meetings", invitations.due, invitations.upcoming, invitations.remind),
    Job("reminders", asks.unreminded, asks.next_reminder, asks.remind, foretold=True),
    Job("asks", asks.due, asks.upcoming, asks.look, foretold=True),
    Job("digest plans", digests.unplanned, digests.plans_upcoming, digests.plan, foretold=True),
    Job(
        "digests",
        digests.due,
        digests.upcoming,
        digests.write,
        digests.read,
        digests.make,
        digests.make_without,
        foretold=True,
    ),
    Job("sheets", sheets.due, sheets.upcoming, sheets.write, sheets.read, sheets.make, foretold=True),
    Job("invitations", guests.due, guests.upcoming, guests.remind, foretold=True),
    Job("mydata", mydata.due, mydata.upcoming, mydata.write, mydata.read, mydata.make, foretold=True),
    Job("erasing", erasure.due, erasure.upcoming, erasure.go_on, foretold=True, erases=True),
    Job(
        "housekeeping", housekeeping.due, housekeeping.upcoming, housekeeping.tidy, foretold=True, erases=True
    ),
)
