"""How somebody wants to be spoken to in private: a heavy week, a pause, listening only; and what follows from it.

Whoever begins to speak to a member asks `telling` (what happens: it comes without sound, or not at all) or `asking`.
A person is one person: what is set here holds in all their networks.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.core import asks
from bot.core.asks import Ways
from storage import asks as ask_rows
from storage import members, networks
from storage.db import Connection
from storage.members import Member


@dataclass(frozen=True)
class Manner:
    """When something may be told, and whether without a sound."""

    at: datetime
    silent: bool = False


def ways(member: Member) -> Ways:
    """Return how a member wants to be spoken to."""
    return Ways(
        time.fromisoformat(member.quiet_from),
        time.fromisoformat(member.quiet_to),
        member.paused_until,
        member.resting_until,
        member.listening,
    )


def undisturbed(member: Member, zone: ZoneInfo, *, now: datetime) -> datetime:
    """Return when the bot may begin to speak to a member: now, or when their quiet hours end."""
    return ways(member).undisturbed(now, zone)


def telling(member: Member, zone: ZoneInfo, *, now: datetime) -> Manner | None:
    """Return how to tell a member what happens, such as a meeting that moves; None: not in private at present."""
    theirs = ways(member)
    at = theirs.undisturbed(now, zone)
    return None if theirs.paused(at) else Manner(at, silent=theirs.resting(at))


def asking(member: Member, zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """Return when to ask a member something; None while nothing is to be asked."""
    theirs = ways(member)
    at = theirs.undisturbed(now, zone)
    return None if theirs.listening or theirs.paused(at) or theirs.resting(at) else at


# What somebody sets ----------------------------------------------------------------------------------------------


def zone_of(db: Connection, person_id: int) -> ZoneInfo:
    """Return the clock a person lives by: that of their first network."""
    theirs = members.of_person(db, person_id)
    return ZoneInfo(networks.found(db, theirs[0].network_id).timezone if theirs else "UTC")


def heavy_week(db: Connection, person_id: int, *, now: datetime) -> datetime:
    """Ask nothing for seven days; return until when."""
    until = asks.week_from(now, zone_of(db, person_id))
    _set(db, person_id, resting_until=until)
    return until


def pause(db: Connection, person_id: int, until: datetime) -> None:
    """Say nothing in private until then."""
    _set(db, person_id, paused_until=until)


def listen_only(db: Connection, person_id: int, on: bool) -> None:
    """Summaries and meetings, nothing asked; or asked again."""
    if on:
        ask_rows.unwish(db, person_id)
    _set(db, person_id, listening=on)


def resume(db: Connection, person_id: int) -> None:
    """End a heavy week and a pause."""
    _set(db, person_id, resting_until=None, paused_until=None)


def wake(db: Connection, person_id: int) -> None:
    """End a heavy week, and the pause that went with it; another pause stays."""
    for member in members.of_person(db, person_id):
        values: dict[str, object] = {"resting_until": None}
        if member.paused_until == member.resting_until:
            values["paused_until"] = None
        members.change(db, member.id, **values)


def _set(db: Connection, person_id: int, **values: object) -> None:
    for member in members.of_person(db, person_id):
        members.change(db, member.id, **values)
