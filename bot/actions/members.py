"""`/members`: who is in, who was invited, and what those who lead can change. Names here are for them alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions import groups as naming
from bot.actions import guests, leaving, roles, rosters
from bot.actions import which as leading
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import consents, dates, mail
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Markup
from storage import audit, links, members
from storage import groups as network_groups
from storage.db import Connection
from storage.links import Link
from storage.members import Member
from storage.people import Person

PAGE = 8


@dataclass(frozen=True)
class Entry:
    """A line of the list: somebody who is in, or an invitation that still lets somebody in."""

    name: str
    group: str | None
    circle: str
    state: str  # of the text members.state_…
    button: Button


def begin(leader: Leader) -> list[Letter]:
    """`/members`."""
    return show(leader, 0)


def show(leader: Leader, page: int, message_id: int | None = None) -> list[Letter]:
    """One page of the list."""
    text, network = leader.text, leader.network
    entries = list(_entries(leader))
    pages = max((len(entries) + PAGE - 1) // PAGE, 1)
    page = min(page, pages - 1)
    shown = entries[page * PAGE : (page + 1) * PAGE]
    lines = [f"{number}. {_line(leader, entry)}" for number, entry in enumerate(shown, 1)]
    if pages > 1:
        lines.insert(0, text("members.page", number=str(page + 1), pages=str(pages)))
    buttons = [entry.button for entry in shown]
    if page + 1 < pages:
        buttons.append(Button(text.plain("members.button.next"), _page(leader, page + 1)))
    if page:
        buttons.append(Button(text.plain("members.button.previous"), _page(leader, page - 1)))
    buttons.append(Button(text.plain("members.button.invite"), callback("invite.network", network.id)))
    html = text(
        "members.list",
        network=network.title,
        lines=Markup("\n".join(lines)),
    )
    return leader.show(html, keyboard_rows(buttons), message_id)


def _page(leader: Leader, page: int) -> str:
    return callback("members.list", leader.network.id, str(page))


def _line(leader: Leader, entry: Entry) -> Markup:
    text = leader.text
    return text(
        "members.line",
        name=entry.name,
        group=_group(leader, entry.group),
        circle=text(f"circle.label.{entry.circle}"),
        state=text(f"members.state_{entry.state}"),
    )


def _group(leader: Leader, code: str | None) -> str:
    names = network_groups.of(leader.db, leader.network.id)
    return leader.text.plain("members.no_group") if code is None else names.many(code, leader.text)


def _entries(leader: Leader) -> Iterator[Entry]:
    """Who leads, who is in, who can't be reached, who has begun, who was invited and who has not started."""
    db, network = leader.db, leader.network
    for member in sorted(
        members.active(db, network.id), key=lambda one: (_order(one), one.name.casefold(), one.id)
    ):
        yield _of_member(
            member, "blocked" if not member.reachable else "leads" if member.facilitator else "joined"
        )
    for member in members.joining(db, network.id):
        if members.consent(db, member.id).get(consents.TAKE_PART):
            yield _of_member(member, "begun")
    for link in links.invitations(db, network.id, now=leader.now):
        yield _of_link(leader, link)


def _order(member: Member) -> int:
    return 2 if not member.reachable else 0 if member.facilitator else 1


def _of_member(member: Member, state: str) -> Entry:
    button = Button(member.name or "?", callback("members.show", member.id))
    return Entry(member.name, member.group, member.circle, state, button)


def _of_link(leader: Leader, link: Link) -> Entry:
    if link.opened_at is not None:
        state = "begun"
    else:
        state = "silent" if leader.now - link.created_at >= guests.SILENT else "invited"
    name = link.name or leader.text.plain("members.unnamed")
    return Entry(
        name,
        link.group,
        link.circle or "core",
        state,
        Button(name, callback("members.guest", link.id)),
    )


# Presses ----------------------------------------------------------------------------------------------------------


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for who may not, and for what is no more so."""
    if verb in ("lead", "not_lead"):
        return roles.answered(db, person, id, yes=verb == "lead", message_id=message_id, desk=desk, now=now)
    if verb in ("list", "hand", "back"):
        leader = leading.leader(db, person, id, desk, now=now)
        return None if leader is None else _of_network(leader, verb, nonce, message_id)
    if verb == "guest":
        link = links.get(db, id)
        leader = None if link is None else leading.leader(db, person, link.network_id, desk, now=now)
        return None if link is None or leader is None else guest(leader, link, message_id)
    member = members.get(db, id)
    leader = None if member is None else leading.leader(db, person, member.network_id, desk, now=now)
    if member is None or leader is None or member.state not in ("active", "joining"):
        return None
    return _of_one(leader, member, verb, nonce, message_id)


def _of_network(leader: Leader, verb: str, nonce: str, message_id: int | None) -> list[Letter] | None:
    match verb:
        case "list":
            return show(leader, int(nonce) if nonce.isdecimal() else 0, message_id)
        case "hand":
            return _hand_over(leader, message_id)
    mine = members.who(leader.db, leader.network.id, leader.person.id)
    if mine is None or members.leads_alone(leader.db, mine):
        return None
    return roles.step_back(leader.db, mine, leader.desk, message_id, now=leader.now)


def _of_one(
    leader: Leader, member: Member, verb: str, nonce: str, message_id: int | None
) -> list[Letter] | None:
    name, _, value = nonce.partition(".")
    match verb:
        case "show":
            return card(leader, member, message_id)
        case "pick" if name in ("group", "circle"):
            return _pick(leader, member, name, message_id)
        case "set" if value in dict(_choices(leader, name)):
            return _change(leader, member, name, value, message_id)
    if not member.active or member.person_id == leader.person.id:
        return None
    match verb:
        case "along" | "over":
            return roles.ask(leader, member, verb, message_id)
        case "remove":
            return _sure(leader, member, message_id)
        case "removed":
            return _remove(leader, member, message_id)
    return None


# One person -------------------------------------------------------------------------------------------------------


def card(leader: Leader, member: Member, message_id: int | None = None, news: str = "") -> list[Letter]:
    """What those who lead know of one person, and what they can change."""
    db, text, network = leader.db, leader.text, leader.network
    lines = [text("members.card", name=member.name, group=_group(leader, member.group))]
    lines.append(text("members.card_circle", circle=text(f"circle.label.{member.circle}")))
    if member.joined_at is not None and member.active:
        day = dates.day(member.joined_at, leader.zone, text.language, now=leader.now)
        lines.append(text("members.card_joined", day=day))
    if not member.active:
        lines.append(text("members.card_begun"))
    lines += [text("members.card_leads")] if member.facilitator else []
    lines += [text("members.card_stand_in")] if network.stand_in == member.person_id else []
    lines += [] if member.reachable else [text("members.card_blocked")]
    html = Markup("\n".join([*([news, ""] if news else []), *lines]))
    return leader.show(
        html, keyboard_rows(_buttons(leader, member, alone=members.leads_alone(db, member))), message_id
    )


def _buttons(leader: Leader, member: Member, *, alone: bool) -> Iterator[Button]:
    said = leader.text.plain
    yield Button(said("invites.button.group"), callback("members.pick", member.id, "group"))
    if len(rosters.circles(leader.db, leader.network.id)) > 1:
        yield Button(said("invites.button.circle"), callback("members.pick", member.id, "circle"))
    if member.person_id == leader.person.id:
        yield Button(said("members.button.hand_over"), callback("members.hand", leader.network.id))
        if not alone:
            yield Button(said("members.button.step_back"), callback("members.back", leader.network.id))
    elif member.active:
        if roles.can_lead(member):
            yield Button(said("members.button.along"), callback("members.along", member.id))
        yield Button(said("members.button.remove"), callback("members.remove", member.id))
    yield Button(said("common.button.back"), callback("members.list", leader.network.id))


def guest(leader: Leader, link: Link, message_id: int | None = None) -> list[Letter] | None:
    """An invitation that nobody has used: shown again, printed, or dropped."""
    if link.kind != links.JOIN or not guests.waits(link, now=leader.now):
        return None
    text, zone, now = leader.text, leader.zone, leader.now
    days = [dates.day(day, zone, text.language, now=now) for day in (link.created_at, link.expires_at or now)]
    lines = [text("members.guest", guest=guests.called(link, leader), since=days[0], until=days[1])]
    if link.opened_at is not None:
        lines.append(text("members.card_begun"))
    buttons = [
        Button(text.plain("invites.button.again"), callback("invite.again", link.id)),
        Button(text.plain("invites.button.sheet"), callback("invite.sheet", link.id)),
        Button(text.plain("invites.button.drop"), callback("invite.drop", link.id)),
        Button(text.plain("common.button.back"), callback("members.list", leader.network.id)),
    ]
    return leader.show(Markup("\n".join(lines)), keyboard_rows(buttons), message_id)


# Changing ---------------------------------------------------------------------------------------------------------


def _choices(leader: Leader, name: str) -> list[tuple[str, str]]:
    text = leader.text
    if name == "circle":
        there = rosters.circles(leader.db, leader.network.id)
        return [(circle, text.plain(f"invites.button.{circle}")) for circle in there]
    groups = network_groups.of(leader.db, leader.network.id)
    return [(code, groups.choice(code, text)) for code in groups.offered()] if name == "group" else []


def _pick(leader: Leader, member: Member, name: str, message_id: int | None) -> list[Letter]:
    text = leader.text
    buttons = [
        Button(label, callback("members.set", member.id, f"{name}.{value}"))
        for value, label in _choices(leader, name)
    ]
    buttons.append(Button(text.plain("common.button.back"), callback("members.show", member.id)))
    return leader.show(text(f"members.pick_{name}", name=member.name), keyboard_rows(buttons), message_id)


def _change(leader: Leader, member: Member, name: str, value: str, message_id: int | None) -> list[Letter]:
    """Change group or circle; whom it is about hears of it, kindly."""
    db = leader.db
    if getattr(member, name) == value:
        return card(leader, member, message_id)
    told: list[Letter] = []
    if name == "group":
        told += naming.place(db, member, value, leader.desk, now=leader.now)
    else:
        members.change(db, member.id, circle=value)
    audit.note(db, f"member_{name}", now=leader.now, network_id=member.network_id, person_id=member.person_id)
    changed = members.get(db, member.id) or member
    if member.person_id == leader.person.id:
        return [*card(leader, changed, message_id), *told]
    hears = changed.reachable and changed.active
    told += _told(leader, changed, name) if hears else []
    news = leader.text("members.changed_told" if hears else "members.changed", name=member.name)
    return [*card(leader, changed, message_id, news), *told]


def _told(leader: Leader, member: Member, name: str) -> list[Letter]:
    text = leader.desk.text(member.language)
    by, network = leader.person.name, leader.network.title
    if name == "circle":
        circle = text(f"circle.{member.circle}")
        html = text("members.your_circle", name=by, network=network, circle=circle)
    else:
        groups = network_groups.of(leader.db, leader.network.id)
        group = groups.one(member.group or "other", text)
        html = text("members.your_group", name=by, network=network, group=group)
        if groups.in_care(member.group) and member.secrecy_at is None:
            html = Markup(f"{html}\n\n{text('joining.secrecy')}")
    rested = undisturbed(member, leader.zone, now=leader.now)
    return mail.say(To(person=member.person_id), html, silent=True, not_before=rested)


# Leading, and leaving ---------------------------------------------------------------------------------------------


def _hand_over(leader: Leader, message_id: int | None) -> list[Letter]:
    """Choose who leads instead."""
    text, network = leader.text, leader.network
    able = [one for one in members.active(leader.db, network.id) if roles.can_lead(one)]
    buttons = [Button(one.name, callback("members.over", one.id)) for one in _named(able)]
    buttons.append(Button(text.plain("common.button.back"), callback("members.list", network.id)))
    words = (
        text("members.hand_over", network=network.title)
        if able
        else text("members.nobody", network=network.title)
    )
    return leader.show(words, keyboard_rows(buttons), message_id)


def _named(able: Sequence[Member]) -> list[Member]:
    return sorted(able, key=lambda one: (one.name.casefold(), one.id))[:60]


def _sure(leader: Leader, member: Member, message_id: int | None) -> list[Letter]:
    text = leader.text
    buttons = [
        Button(text.plain("members.button.remove"), callback("members.removed", member.id)),
        Button(text.plain("common.button.leave_it"), callback("members.show", member.id)),
    ]
    id = "members.sure" if member.reachable else "members.sure_untold"
    words = text(id, name=member.name, network=leader.network.title)
    return leader.show(words, keyboard_rows(buttons), message_id)


def _remove(leader: Leader, member: Member, message_id: int | None) -> list[Letter]:
    """Somebody takes part no longer; that person decides what happens with their words."""
    db, now = leader.db, leader.now
    audit.note(db, "member_removed", now=now, network_id=member.network_id, person_id=member.person_id)
    asked = leaving.left(db, member, leader.desk, how="removed", now=now)
    id = "members.removed" if member.reachable else "members.removed_untold"
    gone = leader.text(id, name=member.name, network=leader.network.title)
    return [*leader.show(gone, message_id=message_id), *asked]
