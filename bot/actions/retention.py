"""The end of a network, and of everything: who hears of it before, and what is erased when.

What already stands in a group chat is left there, published digests too: the chat is its members'. What we keep,
goes: the whole network with all its rows, and whoever is then in no other one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import opening, visitors
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import dates, mail
from bot.core import retention as core
from bot.core.mail import Letter, To
from bot.core.retention import Life
from storage import audit, copies, facts, members, networks, outbox, people, retention
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person

ANNOUNCED = "last_day"  # the fact that those who lead networks were told of it

# One network ------------------------------------------------------------------------------------------------------


def go_on(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Warn of the end of quiet networks, end those that stayed quiet; return how many ended."""
    taken: Counter[str] = Counter()
    for network_id, life in retention.lives(db).items():
        network = networks.found(db, network_id)
        step = core.step(life, ZoneInfo(network.timezone), now=now)
        taken[step] += 1
        if step == "warn":
            networks.change(db, network_id, warned_at=now)
            outbox.write(db, _warning(db, network, replace(life, warned_at=now), desk, now=now), now=now)
        elif step == "end":
            networks.change(db, network_id, state="ended", ended_at=now)
            audit.note(db, "network_ended", now=now, network_id=network_id)
        elif step == "well" and life.warned_at is not None:
            networks.change(db, network_id, warned_at=None)
    return taken["end"]


def revived(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the networks that have ended, and for which something was planned since."""
    return retention.revived(db)


def revive(db: Connection, network_id: int, desk: Desk, *, now: datetime) -> None:
    """All is as before the end."""
    networks.change(db, network_id, state="active", ended_at=None, warned_at=None)
    audit.note(db, "network_revived", now=now, network_id=network_id)


def never(db: Connection, *, now: datetime) -> datetime | None:
    """A network is revived when somebody plans something, at no hour of its own."""
    return None


def _warning(db: Connection, network: Network, life: Life, desk: Desk, *, now: datetime) -> list[Letter]:
    zone = ZoneInfo(network.timezone)
    end = core.ends_at(life, zone, now=now)
    erased = core.erased_at(end, desk.keep_months, zone, closing(desk))
    letters: list[Letter] = []
    for to, language, rested in _leaders(db, [network], now=now):
        since, until, gone = (
            dates.day(moment, zone, language, now=now) for moment in (life.last, end, max(end, erased))
        )
        words = desk.text(language)(
            "retention.ending", network=network.title, since=since, end=until, erased=gone
        )
        key = f"ending:{network.id}:{now.date()}:{to.person}"
        letters += mail.say(to, words, key=key, not_before=rested)
    return letters


def _leaders(
    db: Connection, led: Iterable[Network], *, now: datetime
) -> Iterable[tuple[To, str, datetime | None]]:
    """Yield who leads these networks, once each, and from when they may be disturbed; else the coordinators."""
    found: dict[int, tuple[Member, Network]] = {}
    orphans = False
    for network in led:
        leaders = members.facilitators(db, network.id)
        orphans = orphans or not leaders
        found |= {leader.person_id: (leader, network) for leader in leaders if leader.person_id not in found}
    for person_id, (leader, network) in found.items():
        yield To(person=person_id), leader.language, undisturbed(leader, ZoneInfo(network.timezone), now=now)
    for person in people.coordinators(db) if orphans else []:
        if person.id not in found:
            yield To(person=person.id), person.language, None


# The last day of all ----------------------------------------------------------------------------------------------


def closing(desk: Desk) -> datetime | None:
    """Return when the last day begins, if one was decided on."""
    return core.closing(desk.last_day, ZoneInfo(desk.timezone))


def over(desk: Desk, *, now: datetime) -> bool:
    """Whether the last day has come: nothing is taken any more."""
    at = closing(desk)
    return at is not None and now >= at


@dataclass(frozen=True)
class LastDay:
    """A last day: of all networks, or (with `network`) the earlier one of one of them."""

    day: str
    zone: ZoneInfo
    network: Network | None = None

    @property
    def at(self) -> datetime | None:
        """When it begins, if it is one."""
        return core.closing(self.day, self.zone)

    @property
    def fact(self) -> str:
        """The name of the fact that it was announced."""
        return ANNOUNCED if self.network is None else f"{ANNOUNCED}:{self.network.id}"

    def announced(self, db: Connection) -> datetime | None:
        """Return when it was announced; another day than the one announced is news."""
        fact = facts.get(db, self.fact)
        return None if fact is None or fact.value != {"day": self.day} else fact.at

    def cleared(self, db: Connection) -> datetime | None:
        """Return when everything is erased; None before it was announced."""
        at, told = self.at, self.announced(db)
        return None if at is None or told is None else core.cleared_at(at, told)


def _of_all(desk: Desk) -> LastDay:
    return LastDay(desk.last_day, ZoneInfo(desk.timezone))


def _own(network: Network, desk: Desk) -> LastDay | None:
    """Return a network's own last day; None if it has none, or the one of all comes first."""
    own, all_ = LastDay(network.last_day or "", ZoneInfo(network.timezone), network), closing(desk)
    return None if own.at is None or (all_ is not None and all_ <= own.at) else own


def _last_days(db: Connection, desk: Desk) -> list[LastDay]:
    found = [_own(network, desk) for network in networks.every(db)]
    return [_of_all(desk), *(one for one in found if one is not None)]


def announce(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Tell those who lead networks of the last day of all and of their own, a month before; return how many."""
    return sum(_announce(db, one, desk, now=now) for one in _last_days(db, desk))


def _announce(db: Connection, last: LastDay, desk: Desk, *, now: datetime) -> int:
    at = last.at
    if at is None or now < core.announced_at(at, last.zone) or last.announced(db) is not None:
        return 0
    facts.put(db, last.fact, {"day": last.day}, now=now)
    moments = (at, core.cleared_at(at, now))
    letters: list[Letter] = []
    for to, language, rested in _leaders(db, [last.network] if last.network else networks.every(db), now=now):
        day, erased = (dates.day(moment, last.zone, language, now=now) for moment in moments)
        text = desk.text(language)
        if last.network is None:
            words, key = text("retention.closing", day=day, erased=erased), f"closing:{last.day}"
        else:
            title, key = last.network.title, f"closing:{last.day}:{last.network.id}"
            words = text("retention.closing_one", network=title, day=day, erased=erased)
        letters += mail.say(to, words, key=f"{key}:{to.person}", not_before=rested)
    outbox.write(db, letters, now=now)
    return len(letters)


def next_moment(db: Connection, desk: Desk, *, now: datetime) -> datetime | None:
    """Return the next hour of a last day that must not be missed by hours."""
    hours = (hour for one in _last_days(db, desk) for hour in (one.at, one.cleared(db)))
    return min((hour for hour in hours if hour is not None and hour > now), default=None)


def closed(visitor: Visitor, person: Person | None, desk: Desk) -> list[Letter]:
    """What everybody hears after the last day."""
    to, text = visitors.reader(visitor, person, desk)
    at = closing(desk)
    day = "" if at is None else dates.day(at, ZoneInfo(desk.timezone), text.language)
    return mail.say(to, text("retention.closed", day=day))


# Erasing ----------------------------------------------------------------------------------------------------------


def erase(db: Connection, desk: Desk, *, now: datetime, limit: int) -> int:
    """Erase what is to be erased by now of networks that ended, all at the last day; return how many rows."""
    erased = 0
    for network in networks.every(db):
        if erased < limit and _to_be_erased(db, network, desk, now=now):
            rows = retention.erase_network(db, network.id, limit=limit - erased)
            if networks.get(db, network.id) is None:
                audit.note(db, "network_erased", now=now, network=network.id)
                for name in (f"{ANNOUNCED}:{network.id}", f"{opening.CLOSED}{network.id}"):
                    facts.drop(db, name)
            erased += rows
    if erased:
        copies.forget(
            db
        )  # they were promised to be gone by a date; a copy from before an upgrade is no exception
    return erased


def _to_be_erased(db: Connection, network: Network, desk: Desk, *, now: datetime) -> bool:
    for last in (_of_all(desk), _own(network, desk)):
        cleared = None if last is None else last.cleared(db)
        if cleared is not None and now >= cleared:
            return True
    if network.ended_at is None:
        return False
    zone = ZoneInfo(network.timezone)
    return now >= core.erased_at(network.ended_at, desk.keep_months, zone, None)
