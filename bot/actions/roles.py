"""Who leads a network: leading along, handing over, and what comes with an invitation. Nobody leads unasked.

That somebody was asked stands in a fact of their membership, as anybody can forge a button.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import opening
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, mail
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from storage import audit, facts, members, networks
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person

MEMBER, FACILITATOR, STAND_IN = ROLES = ("member", "facilitator", "stand_in")
ALONG, OVER = HOW = (
    "along",
    "over",
)  # leading with who asks, or in their place; STAND_IN can be asked for too
OFFERED = {FACILITATOR: ALONG, STAND_IN: STAND_IN}  # what an invitation for a role asks of who is in
ASKED = "asked_to_lead:"  # the fact: by whom, and how
STANDS = timedelta(days=14)  # a question nobody answered


def take_on(
    db: Connection,
    member: Member,
    role: str,
    desk: Desk,
    message_id: int | None = None,
    *,
    instead_of: Member | None = None,
    now: datetime,
) -> list[Letter]:
    """Give somebody who agreed a role; they and those who lead along (but `instead_of`, who goes) hear of it."""
    network = networks.found(db, member.network_id)
    gone = {member.id, instead_of.id if instead_of is not None else 0}
    others = [leader for leader in members.facilitators(db, network.id) if leader.id not in gone]
    if role == FACILITATOR:
        members.change(db, member.id, facilitator=True)
    elif role == STAND_IN:
        networks.change(db, network.id, stand_in=member.person_id)
    else:
        return []
    audit.note(db, f"role_{role}", now=now, network_id=network.id, person_id=member.person_id)
    text = desk.text(member.language)
    who = dates.joined([leader.name for leader in others], text.language)
    id = f"members.now_{role}" if others else f"members.now_{role}_alone"
    said = text(id, network=network.title, facilitators=who)
    letters = _in_place(member, message_id, said)
    for leader in others:
        said = desk.text(leader.language)(f"members.told_{role}", name=member.name, network=network.title)
        letters += _tell(leader, network, said, now=now)
    return letters + opening.when_ready(db, network.id, desk, now=now)


def _in_place(member: Member, message_id: int | None, said: str) -> list[Letter]:
    to = To(person=member.person_id)
    return mail.say(to, said) if message_id is None else [mail.edit(to, message_id, said)]


def _tell(leader: Member, network: Network, said: str, *, now: datetime) -> list[Letter]:
    rested = undisturbed(leader, ZoneInfo(network.timezone), now=now)
    return mail.say(To(person=leader.person_id), said, silent=True, not_before=rested)


# Asking -----------------------------------------------------------------------------------------------------------


def ask(leader: Leader, member: Member, how: str, message_id: int | None) -> list[Letter] | None:
    """Ask somebody to lead along, or in place of who asks; None for who can't be asked."""
    if how not in HOW or not can_lead(member) or member.network_id != leader.network.id:
        return None
    asked = leader.text(f"members.asking_{how}", name=member.name)
    question = offer(leader.db, member, how, leader.person, leader.desk, now=leader.now)
    rested = undisturbed(member, leader.zone, now=leader.now)
    return [
        *leader.show(asked, message_id=message_id),
        *(replace(letter, not_before=rested) for letter in question),
    ]


def offer(db: Connection, member: Member, how: str, by: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """Put the question to somebody who is in."""
    facts.put(db, f"{ASKED}{member.id}", {"by": by.id, "how": how}, now=now)
    text, network = desk.text(member.language), networks.found(db, member.network_id)
    yes = "members.button.stand_in" if how == STAND_IN else "members.button.lead"
    buttons = [
        Button(text.plain(yes), callback("members.lead", member.id)),
        Button(text.plain("members.button.not_lead"), callback("members.not_lead", member.id)),
    ]
    question = text(f"members.asked_{how}", name=by.name, network=network.title)
    return mail.say(To(person=member.person_id), question, keyboard_rows(buttons))


def can_lead(member: Member) -> bool:
    """Whether somebody can be asked to lead: is in, hears the bot, and doesn't lead yet."""
    return member.active and member.reachable and not member.facilitator


def answered(
    db: Connection,
    person: Person,
    member_id: int,
    *,
    yes: bool,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Somebody said whether they will lead; None if nobody (who may) asks that any more."""
    member = members.get(db, member_id)
    fact = facts.get(db, f"{ASKED}{member_id}")
    if member is None or member.person_id != person.id or not member.active or fact is None:
        return None
    facts.drop(db, f"{ASKED}{member_id}")
    asker = members.who(db, member.network_id, int(fact.value["by"]))
    if now - fact.at > STANDS or asker is None or not (asker.active and asker.facilitator):
        return None
    network, text = networks.found(db, member.network_id), desk.text(member.language)
    if not yes:
        said = desk.text(asker.language)("members.declined", name=member.name, network=network.title)
        thanks = text("members.declining", name=asker.name)
        return [*_in_place(member, message_id, thanks), *_tell(asker, network, said, now=now)]
    how = fact.value["how"]
    role = STAND_IN if how == STAND_IN else FACILITATOR
    letters = take_on(db, member, role, desk, message_id, instead_of=asker if how == OVER else None, now=now)
    if how == OVER:
        _step_down(db, asker, now=now)
        said = desk.text(asker.language)("members.handed_over", name=member.name, network=network.title)
        letters += _tell(asker, network, said, now=now)
    return letters


def step_back(
    db: Connection, member: Member, desk: Desk, message_id: int | None = None, *, now: datetime
) -> list[Letter]:
    """Lead no longer, and stay a member; nothing for who leads alone."""
    if members.leads_alone(db, member):
        return []
    _step_down(db, member, now=now)
    title = networks.found(db, member.network_id).title
    return _in_place(member, message_id, desk.text(member.language)("members.stepped_back", network=title))


def _step_down(db: Connection, member: Member, *, now: datetime) -> None:
    members.change(db, member.id, facilitator=False)
    audit.note(db, "stepped_back", now=now, network_id=member.network_id, person_id=member.person_id)
