"""*How I appear*: what stands beside somebody's words where they don't choose otherwise, and what they speak as.

Who shares a group with too few people to be named by it is asked once; nobody else can decide that. Summaries that were
sent follow each choice.
"""

from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.actions import groups as grouping
from bot.actions import resting
from bot.actions.consents import follow, set_to
from bot.actions.me import back, own
from bot.actions.receipts import Screen, seen_as, show
from bot.actions.unit import Desk
from bot.core import consents, mail
from bot.core.groups import PARTICIPANT, ROLE, Groups
from bot.core.letters import Button, Keyboard, callback, fits, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import groups, members, networks, outbox
from storage.db import Connection
from storage.members import Member
from storage.people import Person

SETTLES = timedelta(days=1)  # others who are invited at the same time come first: then nobody need be asked
AT_ONCE = 100


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
    member = own(db, person, member_id)
    if member is None or not members.consent(db, member.id).get(consents.TAKE_PART):
        return None
    letters: list[Letter] = []
    match verb:
        case "show":
            screen = main(db, member, desk)
        case "as" if nonce in ("role", "none"):
            members.change(db, member.id, attribution=nonce)
            letters = follow(db, member, desk, now=now)
            screen = _changed(db, member, desk)
        case "as" if nonce == "name":
            if not consents.may(members.consent(db, member.id), consents.NAME):
                screen = _may_name(db, member, desk)
            else:
                members.change(db, member.id, attribution="name")
                letters = follow(db, member, desk, now=now)
                screen = _changed(db, member, desk)
        case "named" if members.consent(db, member.id).get(consents.QUOTE):
            members.change(db, member.id, attribution="name")
            letters = set_to(db, member, consents.NAME, True, desk, now=now)
            screen = _changed(db, member, desk)
        case "alone" if nonce in (ROLE, PARTICIPANT):
            members.change(db, member.id, shown_alone=nonce, alone_asked_at=now)
            letters = follow(db, member, desk, now=now)
            screen = _changed(db, member, desk)
        case "groups":
            screen = _which_group(db, member, desk)
        case "group" if nonce in groups.of(db, member.network_id).offered():
            letters = grouping.place(db, member, nonce, desk, now=now)
            screen = _changed(db, member, desk)
            if groups.of(db, member.network_id).in_care(nonce) and member.secrecy_at is None:
                screen = _secrecy(member, desk)
        case "secrecy":
            members.change(db, member.id, secrecy_at=now)
            screen = _changed(db, member, desk)
        case _:
            return None
    return [*show(person.id, message_id, screen), *letters]


# Screens ----------------------------------------------------------------------------------------------------------


def main(db: Connection, member: Member, desk: Desk, *, news: Markup | None = None) -> Screen:
    """What stands beside this member's words, and what else could."""
    text, named = desk.text(member.language), groups.of(db, member.network_id)
    sizes = members.sizes(db, member.network_id)
    shown, quoted = seen_as(db, member, desk)
    network = networks.found(db, member.network_id).title
    html = (
        text("appear.show", network=network, shown=shown)
        if quoted
        else text("appear.unquoted", network=network)
    )
    if news is not None:
        html = Markup(f"{news}\n\n{html}")
    few = sizes.get(member.group or "", 0) < desk.k
    hidden = few and member.shown_alone != ROLE and member.group in named.fine
    if quoted and hidden and member.attribution == "role":
        later = text("appear.later", role=named.one(member.group or "", text), count=desk.k)
        html = Markup(f"{html}\n\n{later}")
    buttons = _ways(member, named, sizes, desk.k, text) if quoted else []
    if any(button.label == text.plain("common.button.my_role") for button in buttons):
        role = named.label(member.group, "role", None, sizes, desk.k, text, alone=member.shown_alone)
        html = Markup(f"{html} {text('common.my_role', shown=role)}")
    if quoted and few and member.group in named.fine:
        buttons.append(_alone(member, text, hide=not hidden))
    buttons.append(Button(text.plain("appear.button.group"), callback("appear.groups", member.id)))
    if not quoted:
        buttons.append(Button(text.plain("appear.button.agreed"), callback("consents.show", member.id)))
    return Screen(html, keyboard_rows([*buttons, back(member.id, text)]), asks=True)


def _ways(member: Member, named: Groups, sizes: dict[str, int], k: int, text: Text) -> list[Button]:
    """The three ways; where role and no name say the same, the role is what comes later."""
    role = named.label(member.group, "role", None, sizes, k, text, alone=member.shown_alone)
    nobody = named.one(PARTICIPANT, text)
    label = text.plain("appear.button.as", shown=role)
    if not fits(label):
        label = text.plain("common.button.my_role")
    if role == nobody:
        label = text.plain("appear.button.role_later", count=k)
    return [
        Button(label, callback("appear.as", member.id, "role")),
        Button(text.plain("appear.button.as", shown=nobody), callback("appear.as", member.id, "none")),
        Button(text.plain("appear.button.name"), callback("appear.as", member.id, "name")),
    ]


def _alone(member: Member, text: Text, *, hide: bool) -> Button:
    id, way = ("appear.button.hide", PARTICIPANT) if hide else ("appear.button.role", ROLE)
    return Button(text.plain(id), callback("appear.alone", member.id, way))


def _changed(db: Connection, member: Member, desk: Desk) -> Screen:
    again = members.get(db, member.id) or member
    return main(db, again, desk, news=desk.text(member.language)("appear.changed"))


def _may_name(db: Connection, member: Member, desk: Desk) -> Screen:
    """To be named needs a yes of its own."""
    text = desk.text(member.language)
    buttons = [
        Button(text.plain("joining.button.quote_name"), callback("appear.named", member.id)),
        Button(text.plain("common.button.leave_it"), callback("appear.show", member.id)),
    ]
    html = Markup(f"{text('consents.about_name')}\n\n{text('appear.may_name')}")
    return Screen(html, keyboard_rows(buttons), asks=True)


def _which_group(db: Connection, member: Member, desk: Desk) -> Screen:
    text, named = desk.text(member.language), groups.of(db, member.network_id)
    buttons = [
        Button(named.choice(code, text), callback("appear.group", member.id, code))
        for code in named.offered()
    ]
    back_there = Button(text.plain("common.button.back"), callback("appear.show", member.id))
    return Screen(text("joining.group"), keyboard_rows([*buttons, back_there]), asks=True)


def _secrecy(member: Member, desk: Desk) -> Screen:
    """For who works in care now."""
    text = desk.text(member.language)
    button = Button(text.plain("joining.button.understand"), callback("appear.secrecy", member.id))
    return Screen(text("joining.secrecy"), keyboard_rows([button]), asks=True)


# Below k ----------------------------------------------------------------------------------------------------------


def ask_alone(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Ask those whose group is shared by too few how it should say, once, in their own hours; return how many."""
    asked = 0
    waiting = members.unasked(db, joined_before=now - SETTLES)
    for network_id, theirs in groupby(waiting, key=lambda member: member.network_id):
        named, sizes = groups.of(db, network_id), members.sizes(db, network_id)
        network = networks.found(db, network_id)
        # Of the others the group, or the broader one, can be named; that may change, so they are looked at again.
        for member in (one for one in theirs if named.few(one.group, sizes, desk.k)):
            hour = resting.asking(member, ZoneInfo(network.timezone), now=now)
            quoted = consents.may(members.consent(db, member.id), consents.QUOTE)
            if hour is None or asked == AT_ONCE or not quoted:
                continue
            html, keyboard = _question(member, named, sizes, network.title, desk)
            key = f"alone:{member.id}:{member.group}:{int(now.timestamp())}"
            to = To(person=member.person_id)
            outbox.write(db, mail.say(to, html, keyboard, key=key, not_before=hour), now=now)
            members.change(db, member.id, alone_asked_at=now)
            asked += 1
    return asked


def _question(
    member: Member, named: Groups, sizes: dict[str, int], network: str, desk: Desk
) -> tuple[Markup, Keyboard]:
    text, code = desk.text(member.language), member.group or PARTICIPANT
    role, nobody = named.one(code, text), named.one(PARTICIPANT, text)
    id = "appear.only_one" if sizes.get(code, 0) <= 1 else "appear.only_few"
    html = text(id, network=network, role=role, nobody=nobody, count=desk.k)
    buttons = [
        Button(
            text.plain("appear.button.say", shown=nobody), callback("appear.alone", member.id, PARTICIPANT)
        ),
        Button(text.plain("appear.button.role"), callback("appear.alone", member.id, ROLE)),
    ]
    return html, keyboard_rows(buttons)
