"""`/invite`: for one person (a form of buttons), for everybody in a group, or for a list of people (rosters)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.actions import guests, roles, rosters
from bot.actions import which as leading
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import mail
from bot.core.contributions import Given
from bot.core.joining import NAMES
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import File, Letter, To
from bot.core.roster import MAX_NAME, Invitee
from bot.core.texts import Markup
from bot.render import qr
from storage import audit, chats, dialogs, links
from storage import groups as network_groups
from storage.db import Connection
from storage.dialogs import Dialog
from storage.people import Person

KIND = rosters.KIND
FORM = "form"
CIRCLES = ("core", "sounding")
OPEN = "-"  # what is not known is asked when the guest joins
# What may stand behind /invite, in the three languages; anything else is a name, or a list of names.
WORDS = {
    "person": ("person", "personal", "persoon", "persoonlijk", "personlig"),
    "group": ("group", "groep", "grupp", "gruppen", "everybody", "iedereen", "alla"),
    "core": ("core", "kern", "kerngroep", "kärna", "kärngrupp", "kärngruppen"),
    "sounding": ("sounding", "klankbord", "klankbordgroep", "referens", "referensgrupp", "referensgruppen"),
    "list": ("list", "csv", "lijst", "lista", "listan"),
}


def begin(leader: Leader, typed: str) -> list[Letter]:
    """`/invite`: asks what is not clear yet; `/invite Anna | carers | core | nl` is clear."""
    parts = typed.casefold().split()
    said = {word for part in parts for word, forms in WORDS.items() if part in forms}
    if typed and any(all(part not in forms for forms in WORDS.values()) for part in parts):
        return _named(leader, typed)
    circle = "sounding" if "sounding" in said else "core"
    if "group" in said:
        return _of_group(leader, circle)
    if "list" in said:
        return rosters.ask(leader)
    return form(leader, Invitee("", circle=circle)) if said else ask(leader)


def _named(leader: Leader, typed: str) -> list[Letter]:
    """One line is one guest, whose invitation is shown before it is made; several are a list."""
    found = rosters.understood(leader, typed)
    if len(found.people) == 1:
        return form(leader, found.people[0])
    return rosters.show(leader, found)


def ask(leader: Leader, message_id: int | None = None) -> list[Letter]:
    """Ask for whom the invitation is."""
    text, network = leader.text, leader.network
    there = _circles(leader)
    offers = [f"person_{circle}" for circle in there]
    with_chat = {chat.circle for chat in chats.of_network(leader.db, network.id)}
    offers += [f"group_{circle}" for circle in there if circle in with_chat]
    buttons = [
        Button(text.plain(f"joining.button.invite_{offer}"), callback("invite.make", network.id, offer))
        for offer in offers
    ]
    buttons.append(Button(text.plain("invites.button.list"), callback("invite.list", network.id)))
    return leader.show(text("joining.invite", network=network.title), keyboard_rows(buttons), message_id)


def _circles(leader: Leader) -> tuple[str, ...]:
    """The circles that there are: the sounding board where it has a group."""
    return rosters.circles(leader.db, leader.network.id)


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
    """Do what a button says; None for who leads that network not (or no longer), and for what was never offered."""
    if verb in ("again", "drop", "sheet"):
        link = links.get(db, id)
        leader = None if link is None else leading.leader(db, person, link.network_id, desk, now=now)
        if link is None or leader is None:
            return None
        match verb:
            case "again":
                return guests.again(leader, link)
            case "drop":
                return guests.drop(leader, link, message_id)
        return guests.to_print(leader, link)
    leader = leading.leader(db, person, id, desk, now=now)
    if leader is None:
        return None
    match verb:
        case "network":
            return ask(leader)
        case "list":
            return rosters.ask(leader, message_id)
        case "make":
            return _made(leader, nonce, message_id)
    return _filled_in(leader, verb, nonce, message_id)


def _made(leader: Leader, what: str, message_id: int | None) -> list[Letter] | None:
    """What was chosen, `person_core` or the like; None for what was never offered."""
    kind, _, circle = what.partition("_")
    if circle not in _circles(leader):
        return None
    if kind == "person":
        return form(leader, Invitee("", circle=circle), message_id=message_id)
    return _of_group(leader, circle) if kind == "group" else None


def _of_group(leader: Leader, circle: str) -> list[Letter]:
    """The invitation of a group, to be passed on, and before it what holds for it."""
    db, network, text = leader.db, leader.network, leader.text
    link = links.standing(db, "group", network.id, circle, now=leader.now)
    url = leader.desk.link(f"g_{link.token}")
    audit.note(db, "invited_group", now=leader.now, network_id=network.id, person_id=leader.person.id)
    about = text("joining.invite_group", circle=text(f"circle.{circle}"))
    keyboard = keyboard_rows([Button(text.plain("invites.button.sheet"), callback("invite.sheet", link.id))])
    # The second message is for the guests, and is passed on: in the language of the network.
    words = leader.desk.text(network.language)(
        "joining.invitation", name=leader.person.name, network=network.title, link=url
    )
    picture = File("invitation.png", "image/png", qr.png(url))
    return [*mail.say(leader.to, about, keyboard, silent=True), *mail.photo(leader.to, picture, words)]


# The form ---------------------------------------------------------------------------------------------------------


def form(
    leader: Leader, guest: Invitee, role: str = roles.MEMBER, *, message_id: int | None = None
) -> list[Letter]:
    """Show what an invitation says so far; what is typed now is the guest's name."""
    data = {"network": leader.network.id, "role": role, "guest": asdict(guest)}
    dialogs.put(leader.db, leader.person.id, KIND, FORM, data, now=leader.now, lasts=rosters.OPEN_FOR)
    text, network = leader.text, leader.network
    asked = text("invites.asked")
    names = network_groups.of(leader.db, network.id)
    values = {
        "name": guest.name or text("invites.no_name"),
        "group": asked if guest.group is None else names.many(guest.group, text),
        "circle": text(f"circle.label.{guest.circle}"),
        "language": asked if guest.language is None else NAMES[guest.language],
        "role": text(f"invites.role_{role}"),
    }
    lines = [f"· {text(f'invites.field_{name}')}: {value}" for name, value in values.items()]
    id = "invites.form" if guest.name else "invites.form_unnamed"
    html = text(id, network=network.title, lines=Markup("\n".join(lines)))
    buttons = [Button(text.plain("invites.button.go"), callback("invite.go", network.id))]
    fields = (
        ("group", "circle", "language", "role")
        if len(_circles(leader)) > 1
        else ("group", "language", "role")
    )
    buttons += [
        Button(text.plain(f"invites.button.{name}"), callback("invite.pick", network.id, name))
        for name in fields
    ]
    return leader.show(html, keyboard_rows(buttons), message_id)


def _filled_in(leader: Leader, verb: str, nonce: str, message_id: int | None) -> list[Letter] | None:
    """A press below the form; None if it is no longer open."""
    dialog = dialogs.of(leader.db, leader.person.id, now=leader.now)
    if dialog is None or (dialog.kind, dialog.step) != (KIND, FORM):
        return None
    if dialog.data["network"] != leader.network.id:
        return None
    guest, role = Invitee(**dialog.data["guest"]), str(dialog.data["role"])
    name, _, value = nonce.partition(".")
    match verb:
        case "form":
            return form(leader, guest, role, message_id=message_id)
        case "pick":
            return _pick(leader, name, message_id)
        case "set" if value in dict(_choices(leader, name)):
            changed = asdict(guest) | ({} if name == "role" else {name: None if value == OPEN else value})
            role = value if name == "role" else role
            return form(leader, Invitee(**changed), role, message_id=message_id)
        case "go":
            dialogs.close(leader.db, leader.person.id)
            return guests.invite(leader, guest, role, message_id)
    return None


def _pick(leader: Leader, name: str, message_id: int | None) -> list[Letter] | None:
    """Ask for one field of the form."""
    choices = list(_choices(leader, name))
    if not choices:
        return None
    text, network = leader.text, leader.network
    buttons = [
        Button(label, callback("invite.set", network.id, f"{name}.{value}")) for value, label in choices
    ]
    buttons.append(Button(text.plain("common.button.back"), callback("invite.form", network.id)))
    return leader.show(text(f"invites.pick_{name}"), keyboard_rows(buttons), message_id)


def _choices(leader: Leader, name: str) -> Iterable[tuple[str, str]]:
    """What a field of the form may be, with the words on its button."""
    text = leader.text
    match name:
        case "group":
            groups = network_groups.of(leader.db, leader.network.id)
            yield from ((code, groups.choice(code, text)) for code in groups.offered())
            yield OPEN, text.plain("invites.button.ask")
        case "circle":
            yield from ((circle, text.plain(f"invites.button.{circle}")) for circle in _circles(leader))
        case "language":
            yield from NAMES.items()
            yield OPEN, text.plain("invites.button.ask")
        case "role":
            yield from ((role, text.plain(f"invites.button.{role}")) for role in roles.ROLES)


def given(
    db: Connection, person: Person, dialog: Dialog, said: Given, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Something was written or sent while the form or the list was open."""
    leader = leading.leader(db, person, int(dialog.data.get("network", 0)), desk, now=now)
    if leader is None:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("error.not_allowed"))
    if dialog.step != FORM or said.files:
        return rosters.given(leader, said)
    name = " ".join(said.text.split())
    data: dict[str, Any] = dialog.data
    if not any(sign.isalpha() for sign in name) or len(name) > MAX_NAME or not name.isprintable():
        return mail.say(leader.to, leader.text("invites.unread_name", count=MAX_NAME))
    return form(leader, Invitee(**{**data["guest"], "name": name}), str(data["role"]))
