"""Personal invitations on their way: made, passed on, not opened for a week, shown again, dropped."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import sheets
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import dates, mail
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import File, Letter, To
from bot.core.roster import Invitee
from bot.core.texts import Markup, Text
from bot.render import qr
from storage import audit, links, members, networks, outbox
from storage.db import Connection
from storage.links import Link
from storage.members import Member
from storage.networks import Network

LASTS = timedelta(days=60)
SILENT = timedelta(days=7)  # after so long who invited is told that nobody has opened it
MEMBER = "member"
SHOWN = 20  # names in a message


def make(leader: Leader, guest: Invitee, role: str = MEMBER) -> Link:
    """Make an invitation that lets one person in, once."""
    return links.make(
        leader.db,
        links.JOIN,
        now=leader.now,
        network_id=leader.network.id,
        created_by=leader.person.id,
        uses_left=1,
        expires_at=leader.now + LASTS,
        name=guest.name or None,
        group=guest.group,
        circle=guest.circle,
        language=guest.language,
        role=role,
    )


def invite(leader: Leader, guest: Invitee, role: str, message_id: int | None) -> list[Letter]:
    """Make an invitation and hand it over: what holds for it, and a message to pass on."""
    link = make(leader, guest, role)
    audit.note(
        leader.db, "invited_person", now=leader.now, network_id=leader.network.id, person_id=leader.person.id
    )
    text = leader.text
    until = dates.day(leader.now + LASTS, leader.zone, text.language, now=leader.now)
    lines = [text("joining.invite_person", circle=text(f"circle.{guest.circle}"), until=until)]
    if role != MEMBER:
        lines.append(text(f"invites.about_{role}"))
    lines.append(text("invites.reminded"))
    buttons = [Button(text.plain("invites.button.sheet"), callback("invite.sheet", link.id))]
    about = leader.show(Markup("\n\n".join(lines)), keyboard_rows(buttons), message_id)
    return [*about, *pass_on(leader, link)]


def pass_on(leader: Leader, link: Link) -> list[Letter]:
    """The message for the guest, to be forwarded: in the guest's language, else in the network's."""
    text = leader.desk.text(link.language or leader.network.language)
    url = leader.desk.link(f"j_{link.token}")
    words = text("joining.invitation", name=leader.person.name, network=leader.network.title, link=url)
    return mail.photo(leader.to, File("invitation.png", "image/png", qr.png(url)), words)


def again(leader: Leader, link: Link) -> list[Letter] | None:
    """Show an invitation once more; None for one that lets nobody in any more."""
    return pass_on(leader, link) if waits(link, now=leader.now) else None


def waits(link: Link, *, now: datetime) -> bool:
    """Whether an invitation still lets somebody in."""
    return bool(link.uses_left) and (link.expires_at is None or link.expires_at > now)


def to_print(leader: Leader, link: Link) -> list[Letter] | None:
    """Order the sheet of an invitation; it follows in a moment."""
    if link.uses_left == 0:
        return None
    sheets.order(leader.db, leader.person.id, [link.id], now=leader.now)
    return []


def drop(leader: Leader, link: Link, message_id: int | None) -> list[Letter] | None:
    """Take an invitation back; None if somebody has used it meanwhile."""
    if link.kind != links.JOIN or not links.drop(leader.db, link.id):
        return None
    audit.note(
        leader.db,
        "invitation_dropped",
        now=leader.now,
        network_id=leader.network.id,
        person_id=leader.person.id,
    )
    return leader.show(leader.text("invites.dropped", guest=called(link, leader)), message_id=message_id)


def called(link: Link, leader: Leader) -> Markup:
    """What whoever invites calls a guest."""
    return _called(link, leader.text, leader.zone, now=leader.now)


def _called(link: Link, text: Text, zone: ZoneInfo, *, now: datetime) -> Markup:
    if link.name:
        return text("invites.guest", name=link.name)
    return text("invites.guest_unnamed", day=dates.day(link.created_at, zone, text.language, now=now))


# A week without Start ---------------------------------------------------------------------------------------------


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return in which networks an invitation was not opened for a week."""
    return sorted({link.network_id or 0 for link in _silent(db, now=now)})


def _silent(db: Connection, *, now: datetime) -> list[Link]:
    return links.unopened(db, before=now - SILENT, now=now)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when that will next be so."""
    oldest = links.oldest_unopened(db, now=now)
    return None if oldest is None else oldest + SILENT


def remind(db: Connection, network_id: int, desk: Desk, *, now: datetime) -> None:
    """Tell who invited, once: the bot can't write to who has not pressed Start."""
    found = [link for link in _silent(db, now=now) if link.network_id == network_id]
    for link in found:
        links.change(db, link.id, reminded_at=now)
    network = networks.found(db, network_id)
    if network.state != "active":
        return
    leaders = members.facilitators(db, network_id)
    for leader in leaders:
        mine = [link for link in found if link.created_by == leader.person_id]
        if leader == leaders[0]:  # who invited may lead no longer
            known = {one.person_id for one in leaders}
            mine += [link for link in found if link.created_by not in known]
        if mine:
            outbox.write(db, _reminder(leader, mine, network, desk, now=now), now=now)


def _reminder(
    leader: Member, mine: Sequence[Link], network: Network, desk: Desk, *, now: datetime
) -> list[Letter]:
    text, zone = desk.text(leader.language), ZoneInfo(network.timezone)
    names = [_called(link, text, zone, now=now) for link in mine]
    html = text("invites.silent", count=len(mine), network=network.title, guests=listed(names, text))
    return mail.say(
        To(person=leader.person_id),
        html,
        _reminder_buttons(mine, network, text),
        key=f"silent:{mine[0].id}:{leader.person_id}",
        not_before=undisturbed(leader, zone, now=now),
    )


def _reminder_buttons(mine: Sequence[Link], network: Network, text: Text) -> Keyboard:
    if len(mine) > 1:
        return keyboard_rows([Button(text.plain("invites.button.who"), callback("members.list", network.id))])
    return keyboard_rows(
        [
            Button(text.plain("invites.button.again"), callback("invite.again", mine[0].id)),
            Button(text.plain("invites.button.drop"), callback("invite.drop", mine[0].id)),
        ]
    )


def listed(names: Iterable[Markup], text: Text) -> Markup:
    """One name below the other, and how many more there are."""
    every = list(names)
    lines = [f"· {name}" for name in every[:SHOWN]]
    if len(every) > SHOWN:
        lines.append(text("invites.more", count=len(every) - SHOWN))
    return Markup("\n".join(lines))
