"""`/me`: what somebody is in a network, and the way to everything about oneself. One more: a line in `SECTIONS`.

Each section's screens belong to its own subject; their *Back* is `back(…)`.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.actions import receipts
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import dates
from bot.core.joining import NAMES
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter
from bot.core.quiet import OPEN_END
from bot.core.texts import LANGUAGES, Markup, Text
from storage import groups, members, networks, people
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person


@dataclass(frozen=True)
class Section:
    """A button of `/me`: its text, and what it does with the membership's id."""

    label: str
    action: str


SECTIONS = (
    Section("me.button.answers", "mine.list"),
    Section("me.button.appear", "appear.show"),
    Section("me.button.agreed", "consents.show"),
    Section("editions.button.me", "editions.show"),
    Section("me.button.quiet", "quiet.show"),
    Section("me.button.pause", "pause.show"),
    Section("me.button.language", "me.language"),
    Section("me.button.data", "mydata.show"),
    Section("me.button.leave", "leaving.show"),
)


def begin(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/me`: the network at once if there is only one."""
    theirs = members.of_person(db, person.id)
    return receipts.show(person.id, None, _first(db, person, theirs, desk, now=now))


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    member_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    theirs = members.of_person(db, person.id)
    if verb == "which" and theirs:
        return receipts.show(person.id, message_id, _first(db, person, theirs, desk, now=now))
    member = own(db, person, member_id)
    if member is None:
        return None
    text = desk.text(person.language)
    match verb:
        case "show":
            screen = _main(db, member, desk, several=len(theirs) > 1, now=now)
        case "language":
            screen = _languages(member, text)
        case "speak" if nonce in LANGUAGES:
            people.change(db, person.id, language=nonce)
            spoken = members.get(db, member.id)
            assert spoken is not None
            news = desk.text(nonce)("me.speaks")
            screen = _main(db, spoken, desk, several=len(theirs) > 1, news=news, now=now)
        case _:
            return None
    return receipts.show(person.id, message_id, screen)


def own(db: Connection, person: Person, member_id: int) -> Member | None:
    """Return a membership of this very person, while it lasts."""
    member = members.get(db, member_id)
    return member if member is not None and member.active and member.person_id == person.id else None


def back(member_id: int, text: Text) -> Button:
    """The button that leads back to `/me`."""
    return Button(text.plain("common.button.back"), callback("me.show", member_id))


# Screens ----------------------------------------------------------------------------------------------------------


def _first(db: Connection, person: Person, theirs: list[Member], desk: Desk, *, now: datetime) -> Screen:
    text = desk.text(person.language)
    if not theirs:
        return Screen(text("me.nowhere"))
    if len(theirs) == 1:
        return _main(db, theirs[0], desk, several=False, now=now)
    return which(db, theirs, "me.show", text("me.which"))


def which(db: Connection, theirs: list[Member], action: str, html: Markup) -> Screen:
    """Ask which of somebody's networks is meant."""
    buttons = [Button(networks.found(db, one.network_id).title, callback(action, one.id)) for one in theirs]
    return Screen(html, keyboard_rows(buttons), asks=True)


def _main(
    db: Connection, member: Member, desk: Desk, *, several: bool, news: Markup | None = None, now: datetime
) -> Screen:
    text, network = desk.text(member.language), networks.found(db, member.network_id)
    lines = [
        _who(db, member, network, text),
        _shown(db, member, desk),
        text("me.language", language=NAMES[text.language]),
        hours(member, text),
    ]
    if member.facilitator:
        lines.insert(1, text("me.leads"))
    if (until := paused(member, network, text, now=now)) is not None:
        lines.append(until)
    html = Markup(" ".join(lines))
    buttons = [Button(text.plain(one.label), callback(one.action, member.id)) for one in SECTIONS]
    if several:
        buttons.append(Button(text.plain("me.button.others"), callback("me.which", member.id)))
    return Screen(Markup(f"{news}\n\n{html}") if news else html, keyboard_rows(buttons), asks=True)


def _who(db: Connection, member: Member, network: Network, text: Text) -> Markup:
    circle = text.plain(f"circle.label.{member.circle}")
    if member.group is None:
        return text("me.you_circle", network=network.title, circle=circle)
    group = groups.of(db, network.id).one(member.group, text)
    return text("me.you", network=network.title, group=group, circle=circle)


def _shown(db: Connection, member: Member, desk: Desk) -> Markup:
    shown, quoted = receipts.seen_as(db, member, desk)
    text = desk.text(member.language)
    return text("me.appears", shown=shown) if quoted else text("me.unquoted")


def hours(member: Member, text: Text) -> Markup:
    """Say when somebody is left in peace."""
    if member.quiet_from == member.quiet_to:
        return text("me.no_quiet")
    return text("me.quiet", begin=clock(member.quiet_from, text), end=clock(member.quiet_to, text))


def clock(at: str, text: Text) -> str:
    """Return an hour of the wall clock as a reader writes it."""
    return dates.clock_time(time.fromisoformat(at), ZoneInfo("UTC"), text.language)


def paused(member: Member, network: Network, text: Text, *, now: datetime) -> Markup | None:
    """Say until when somebody pauses; None for who does not."""
    until = member.paused_until
    if until is None or until <= now:
        return None
    if until >= OPEN_END:
        return text("me.paused_open")
    zone = ZoneInfo(network.timezone)
    return text("me.paused", at=dates.full(until, zone, text.language, now=now))


def _languages(member: Member, text: Text) -> Screen:
    buttons = [Button(NAMES[code], callback("me.speak", member.id, code)) for code in LANGUAGES]
    return Screen(text("me.ask_language"), keyboard_rows([*buttons, back(member.id, text)]), asks=True)
