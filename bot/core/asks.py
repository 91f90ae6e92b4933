"""What the bot asks of somebody by itself, in private: when it may, and when it had better not. Plain values only.

A reminder goes to a member once for a prompt, before it closes, in their own hours; never to somebody who has answered,
declined or wants to be left alone, and never more a week than they allow. Who asked to be asked again is asked, as was
promised, but after a rest of theirs. Nothing here is made up for later: what came too late is not sent.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core import moments
from bot.core.moments import after_quiet

AT = time(17, 0)  # on the day before a prompt closes
AGAIN = time(10, 0)
WEEK = timedelta(days=7)
GAP = timedelta(hours=2)  # between two reminders, after an outage as well
TOO_SOON = timedelta(hours=20)  # after it was posted there is nothing to remind of


@dataclass(frozen=True)
class Ways:
    """How somebody wants to be spoken to. A rest and listening stop what asks, a pause stops everything."""

    quiet_from: time
    quiet_to: time
    paused_until: datetime | None = None
    resting_until: datetime | None = None
    listening: bool = False

    def paused(self, now: datetime) -> bool:
        """Whether nothing is to be said in private."""
        return self.paused_until is not None and now < self.paused_until

    def resting(self, now: datetime) -> bool:
        """Whether nothing is to be asked, and what is told makes no sound."""
        return self.resting_until is not None and now < self.resting_until

    def rested(self, now: datetime) -> datetime:
        """Return when both are over."""
        return max(now, self.paused_until or now, self.resting_until or now)

    def undisturbed(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return `moment`, or the end of the quiet hours it lies in."""
        return after_quiet(moment, zone, self.quiet_from, self.quiet_to)


@dataclass(frozen=True)
class Ask:
    """One member and one posting. `wanted`: to be asked again was this member's own wish."""

    closes_at: datetime
    wanted: bool = False
    answered: bool = False
    declined: bool = False
    reminded: bool = False  # about this prompt, in whichever of its postings
    leads: bool = False  # whoever leads the network has put the question


@dataclass(frozen=True)
class Wait:
    """Not now, but then, if all is still so."""

    until: datetime


@dataclass(frozen=True)
class Decision:
    """Whether to ask; and if not, whether to look again."""

    ask: bool = False
    wait: Wait | None = None


ASK, LEAVE = Decision(ask=True), Decision()


def decide(
    ask: Ask, ways: Ways, zone: ZoneInfo, *, asked: Collection[datetime], cap: int, now: datetime
) -> Decision:
    """Decide whether to ask now. `asked`: when this person was asked last, in all networks."""
    if ask.answered or ask.declined:
        return LEAVE
    if ask.wanted:
        at = ways.undisturbed(ways.rested(now), zone)
        return ASK if at <= now else Decision(wait=Wait(at))
    if ask.reminded or ask.leads or ways.listening or ways.paused(now) or ways.resting(now):
        return LEAVE
    if sum(1 for moment in asked if moment > now - WEEK) >= cap:
        return LEAVE
    at = ways.undisturbed(max([now, *(moment + GAP for moment in asked)]), zone)
    if at >= ask.closes_at:
        return LEAVE
    return ASK if at <= now else Decision(wait=Wait(at))


def reminder_at(posted_at: datetime, closes_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when to remind of a prompt: the afternoon before it closes; None where it is open too short for that."""
    day = moments.local(closes_at, zone).date() - timedelta(days=1)
    at = moments.utc(datetime.combine(day, AT), zone)
    return at if at - posted_at >= TOO_SOON else None


def again_at(days: int, ways: Ways, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return when to ask again: in the morning, in `days` days."""
    day = moments.local(now, zone).date() + timedelta(days=days)
    return ways.undisturbed(moments.utc(datetime.combine(day, AGAIN), zone), zone)


def week_from(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the end of a heavy week: seven days on, at the same hour of the wall clock."""
    return moments.utc(moments.local(now, zone) + WEEK, zone)
