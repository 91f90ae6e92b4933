"""Counting what one person sends, and what is done about too much: kindly, once, and at nobody else's cost."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions.unit import Desk, PressAnswer, Unit
from bot.core import dates, mail
from bot.core.mail import Letter, To
from bot.core.measure import (
    ASKED,
    ASKED_DAY,
    DAY,
    FILES,
    GIVEN,
    GUESSES,
    MEASURES,
    Doing,
    Reach,
    beyond,
    doing,
    reach,
)
from bot.core.texts import Markup
from storage import members, networks, people, tallies
from storage.db import Connection
from storage.members import Member
from storage.people import Person


@dataclass(frozen=True)
class Giver:
    """Somebody we know who gives something, and whether we can write to them in private."""

    person_id: int
    telegram_id: int
    language: str
    reachable: bool = True

    @classmethod
    def of(cls, member: Member) -> "Giver":
        """Return who a member is."""
        return cls(member.person_id, member.telegram_id, member.language, member.reachable)


@dataclass(frozen=True)
class Counted:
    """Whether a message is refused, or by how much it is over the measure of a minute; and what is said of it."""

    refused: bool = False
    over: int = 0
    letters: tuple[Letter, ...] = ()


def admits(unit: Unit) -> bool:
    """Count an update; whether the handlers are to see it. What is said instead is left in the unit."""
    here = doing(unit.raw, unit.desk.bot_username)
    if here is None:
        return True
    person = people.by_telegram_id(unit.db, here.telegram_id)
    if here.asks or person is None:  # a stranger's words are not kept, only answered
        return _answers(unit, here, person)
    giver = Giver(person.id, person.telegram_id, person.language)  # this is the private chat
    counted = count(unit.db, giver, here.size, unit.desk, now=unit.now)
    unit.over = counted.over
    unit.letters.extend(counted.letters)
    return not counted.refused


def _answers(unit: Unit, here: Doing, person: Person | None) -> bool:
    """Count a command or a press; say once that it was too much, then nothing any more."""
    counts = _add(unit.db, here.telegram_id, {ASKED: 1, ASKED_DAY: 1}, now=unit.now)
    for what in (ASKED_DAY, ASKED):
        sum, until = counts[what]
        leads = sum > MEASURES[what].most and person is not None and _leads(unit.db, person.id)
        match reach(what, sum, leads=leads):
            case Reach.FIRST:
                _slower(unit, here, person, until)
                return False
            case Reach.BEYOND:
                return False
    if here.payload and guessing(unit.db, here.telegram_id, now=unit.now):
        id = "setup.code_wrong" if here.payload.startswith("setup_") else "joining.link_unknown"
        unit.letters.extend(_say(unit, here, person, unit.desk.texts.of(_language(here, person))(id)))
        return False
    return True


def _slower(unit: Unit, here: Doing, person: Person | None, until: datetime) -> None:
    text = unit.desk.texts.of(_language(here, person))
    zone = _zone(unit.db, None if person is None else person.id, unit.desk)
    at = dates.full(until, zone, text.language, now=unit.now)
    if here.query_id:
        said = text.plain("measure.slower", at=at)
        unit.answers.append(PressAnswer(here.query_id, said, alert=True))
    elif here.private:
        unit.letters.extend(_say(unit, here, person, text("measure.slower", at=at)))


def _say(unit: Unit, here: Doing, person: Person | None, html: Markup) -> list[Letter]:
    to = To(telegram=here.telegram_id) if person is None else To(person=person.id)
    return mail.say(to, html, key=f"{unit.key}:measure", silent=True)


def _language(here: Doing, person: Person | None) -> str | None:
    return here.language if person is None else person.language


# Messages --------------------------------------------------------------------------------------------------------


def count(
    db: Connection, giver: Giver, size: int, desk: Desk, *, in_group: bool = False, now: datetime
) -> Counted:
    """Count a message that somebody whom we know gave, with files of `size` bytes."""
    amounts = {GIVEN: 1, DAY: 1} | ({FILES: size} if size else {})
    counts = _add(db, giver.telegram_id, amounts, now=now)
    much = any(sum > MEASURES[what].most for what, (sum, _) in counts.items())
    leads = much and _leads(db, giver.person_id)
    for what, id in ((DAY, "measure.enough"), (FILES, "measure.enough_files")):
        if what not in counts:
            continue
        sum, until = counts[what]
        where = reach(what, sum, amounts[what], leads=leads)
        if where is not Reach.WITHIN:
            first = where is Reach.FIRST
            return Counted(True, letters=_told(db, giver, id, until, desk, now=now) if first else ())
    sum, until = counts[GIVEN]
    first = reach(GIVEN, sum, leads=leads) is Reach.FIRST
    told = _told(db, giver, "measure.together", until, desk, now=now) if first and not in_group else ()
    return Counted(over=beyond(GIVEN, sum, leads=leads), letters=told)


def count_edit(db: Connection, giver: Giver, desk: Desk, *, now: datetime) -> Counted:
    """Count an edit of what is kept: each leaves an earlier version behind."""
    sum, until = _add(db, giver.telegram_id, {DAY: 1}, now=now)[DAY]
    where = reach(DAY, sum, leads=sum > MEASURES[DAY].most and _leads(db, giver.person_id))
    told = _told(db, giver, "measure.enough", until, desk, now=now) if where is Reach.FIRST else ()
    return Counted(where is not Reach.WITHIN, letters=told)


def _told(
    db: Connection, giver: Giver, id: str, until: datetime, desk: Desk, *, now: datetime
) -> tuple[Letter, ...]:
    """Say it, once a span, in private; who has no private chat with us is not named before the group."""
    if not giver.reachable:
        return ()
    text = desk.text(giver.language)
    at = dates.full(until, _zone(db, giver.person_id, desk), text.language, now=now)
    key = f"{id}:{giver.person_id}:{int(until.timestamp())}"
    return tuple(mail.say(To(person=giver.person_id), text(id, at=at), key=key, silent=True))


# Links -----------------------------------------------------------------------------------------------------------


def guessed(db: Connection, telegram_id: int, *, now: datetime) -> None:
    """Count a link that leads nowhere."""
    _add(db, telegram_id, {GUESSES: 1}, now=now)


def guessing(db: Connection, telegram_id: int, *, now: datetime) -> bool:
    """Whether somebody opened so many links that lead nowhere that no more are looked up for now."""
    return tallies.amount(db, telegram_id, GUESSES, now=now) >= MEASURES[GUESSES].most


# Parts -----------------------------------------------------------------------------------------------------------


def _add(
    db: Connection, telegram_id: int, amounts: dict[str, int], *, now: datetime
) -> dict[str, tuple[int, datetime]]:
    spans = {what: (amount, MEASURES[what].within) for what, amount in amounts.items()}
    return tallies.add(db, telegram_id, spans, now=now)


def _leads(db: Connection, person_id: int) -> bool:
    person = people.get(db, person_id)
    return person is not None and (person.coordinator or bool(networks.led_by(db, person_id)))


def _zone(db: Connection, person_id: int | None, desk: Desk) -> ZoneInfo:
    """Return the clock of somebody's network, else the operator's."""
    theirs = [] if person_id is None else members.of_person(db, person_id)
    return ZoneInfo(networks.found(db, theirs[0].network_id).timezone if theirs else desk.timezone)
