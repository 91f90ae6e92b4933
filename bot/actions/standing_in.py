"""Who is there when those who lead are away: nothing depends on one person.

Facilitators get drafts and alerts; the stand-in too, as soon as one of them pauses or can't be reached; where nobody
reacts, the coordinators hear that something waits, and nothing personal.
"""

from collections.abc import Collection
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions.unit import Desk
from bot.core import dates, moments
from bot.core.letters import Keyboard
from bot.core.mail import Letter, To, say
from storage import members, people
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person


def is_here(member: Member, *, now: datetime) -> bool:
    """Tell whether somebody takes part, can be reached and has not paused."""
    paused = member.paused_until is not None and member.paused_until > now
    return member.active and member.reachable and not paused


def stand_in(db: Connection, network: Network) -> Member | None:
    """Return who stands in, if that person takes part."""
    member = None if network.stand_in is None else members.who(db, network.id, network.stand_in)
    return member if member is not None and member.active else None


def here(db: Connection, network: Network, *, now: datetime, with_stand_in: bool = False) -> list[Member]:
    """Return who gets drafts and alerts now: who leads and is there, and the stand-in where one of them is not."""
    leaders = members.facilitators(db, network.id)
    found = [one for one in leaders if is_here(one, now=now)]
    if with_stand_in or len(found) < len(leaders) or not leaders:
        second = stand_in(db, network)
        if second is not None and is_here(second, now=now) and second.id not in {one.id for one in found}:
            found.append(second)
    return found


def may(db: Connection, network: Network, person_id: int) -> bool:
    """Tell whether somebody decides for a network: who leads it, and their stand-in."""
    member = members.who(db, network.id, person_id)
    return member is not None and member.active and (member.facilitator or network.stand_in == person_id)


def coordinators(db: Connection, *, but: Collection[int] = ()) -> list[Person]:
    """Return the coordinators who can be reached."""
    return [one for one in people.coordinators(db) if one.reachable and one.id not in but]


def tell_coordinators(
    db: Connection,
    network: Network,
    id: str,
    desk: Desk,
    *,
    key: str,
    now: datetime,
    at: datetime | None = None,
    but: Collection[int] = (),
) -> list[Letter]:
    """Tell the coordinators that something waits in a network (`at`: until when): nothing of whom or what."""
    zone = ZoneInfo(network.timezone)
    letters: list[Letter] = []
    for person in coordinators(db, but=but):
        text = desk.text(person.language)
        by: dict[str, Any] = {} if at is None else {"at": dates.full(at, zone, text.language, now=now)}
        html = text(id, network=network.title, **by)
        hour = moments.after_quiet(now, zone)
        letters += say(To(person=person.id), html, key=f"{key}:coordinator:{person.id}", not_before=hour)
    return letters


def alert(
    member: Member, network: Network, html: str, keyboard: Keyboard, *, now: datetime, **fields: Any
) -> list[Letter]:
    """Tell somebody who leads at once; in their quiet hours without sound."""
    silent = rests(member, network, now=now)
    return say(To(person=member.person_id), html, keyboard, silent=silent, **fields)


def rests(member: Member, network: Network, *, now: datetime) -> bool:
    """Tell whether it is a member's quiet time."""
    begin, end = time.fromisoformat(member.quiet_from), time.fromisoformat(member.quiet_to)
    return moments.quiet(now, ZoneInfo(network.timezone), begin, end)
