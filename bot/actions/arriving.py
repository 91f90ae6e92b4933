"""Arriving: who opens a link, whether that lets them in, knocking, and the hint to who has not joined.

Nothing is kept of whom a link does not let in but that they ask to be, and that Telegram is asked about them.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import joining, measure, opening, readiness, roles, standing_in, visitors
from bot.actions.answer import Answer
from bot.actions.belonging import taking_part
from bot.actions.joining import write_after
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import dates, mail
from bot.core import setup as rules
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Text
from storage import chats, hints, knocks, links, members, networks, people, postings
from storage.chats import Chat
from storage.db import Connection
from storage.links import Link
from storage.members import Member
from storage.networks import Network
from storage.people import Person

MEMBERSHIP = "membership"  # the kind of the question whether somebody is in a group
HINT_EVERY = timedelta(days=7)

# Links ------------------------------------------------------------------------------------------------------------


def opened(
    db: Connection, visitor: Visitor, prefix: str, token: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Somebody opened `j_` (a personal invitation), `g_` (of a group) or `p_` (a posting's) and takes no part yet."""
    if prefix == "j":
        return _invited(db, visitor, token, desk, now=now)
    found = _group_behind(db, prefix, token, now=now)
    network = None if found is None else _open_network(db, found[0])
    if found is None or network is None:
        return _unknown(db, visitor, desk, now=now)
    member = _known(db, visitor, network.id)
    if member is not None:
        return joining.goes_on(db, member, prefix, desk, now=now)
    missing = readiness.missing(db, network, desk)
    if missing:
        return _not_ready(db, network, visitor, missing, desk, now=now)
    _, chat = found
    if chat is None:
        return knock(db, visitor, network.id, "core", desk, now=now)
    about = {
        "telegram": visitor.telegram_id,
        "language": visitor.language,
        "chat": chat.id,
        "origin": prefix,
    }
    params = {"user_id": visitor.telegram_id}
    return [mail.ask(MEMBERSHIP, To(chat=chat.id), "getChatMember", params, about=about)]


def _invited(db: Connection, visitor: Visitor, token: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """A personal invitation lets in whoever uses it first; who began with it goes on."""
    link = links.of(db, links.JOIN, token)
    network = None if link is None or link.network_id is None else _open_network(db, link.network_id)
    if link is None or network is None:
        return _unknown(db, visitor, desk, now=now)
    member = _known(db, visitor, network.id)
    if member is not None:
        offered = _offered(db, member, link, desk, now=now)
        return offered or joining.goes_on(db, member, f"j.{token}", desk, now=now)
    if links.find(db, links.JOIN, token, now=now) is None:
        return mail.say(visitor.to, visitor.text(desk)("joining.link_used"))
    # A stand-in has to come from somewhere, and who leads along may be the one who knows what is missing.
    missing = readiness.unsaid(network, desk)
    if link.role == "member":
        missing = readiness.missing(db, network, desk)
    if missing:
        return _not_ready(db, network, visitor, missing, desk, now=now)
    person = _welcome(db, visitor, link, desk, now=now)
    member = joining.begin(db, network.id, person, link.circle or "core", now=now)
    return joining.show(db, member, "hello", f"j.{token}", desk, now=now)


def _offered(db: Connection, member: Member, link: Link, desk: Desk, *, now: datetime) -> list[Letter]:
    """Who is in already was invited to lead or to stand in: that is asked, as of everybody else who is in."""
    by = None if link.created_by is None else people.get(db, link.created_by)
    valid = links.find(db, links.JOIN, link.token, now=now) is not None
    if by is None or not valid or taking_part(db, member) is None or link.role not in roles.OFFERED:
        return []
    if member.facilitator or by.id == member.person_id:
        return []
    links.use(db, link.token)
    links.change(db, link.id, **links.GUEST)
    return roles.offer(db, member, roles.OFFERED[link.role], by, desk, now=now)


def _welcome(db: Connection, visitor: Visitor, link: Link, desk: Desk, *, now: datetime) -> Person:
    """Write down who opened an invitation; somebody new is greeted in the language that it was made for."""
    new = people.by_telegram_id(db, visitor.telegram_id) is None
    person = visitors.keep(db, visitor, desk, now=now)
    if new and link.language in desk.texts.languages:
        people.change(db, person.id, language=link.language)
    links.change(db, link.id, opened_by=person.id, opened_at=now)
    return person


def _known(db: Connection, visitor: Visitor, network_id: int) -> Member | None:
    """The membership of who is in, or began to join."""
    person = people.by_telegram_id(db, visitor.telegram_id)
    member = None if person is None else members.who(db, network_id, person.id)
    return None if member is None or member.state == "left" else member


def _group_behind(
    db: Connection, prefix: str, token: str, *, now: datetime
) -> tuple[int, Chat | None] | None:
    """Return the network of a link that is passed on, and the group in which who uses it should be."""
    if prefix == "p":
        posting = postings.by_token(db, token)
        return None if posting is None else (posting.network_id, chats.get(db, posting.chat_id))
    link = links.find(db, "group", token, now=now)
    if link is None or link.network_id is None:
        return None
    there = [chat for chat in chats.of_network(db, link.network_id) if chat.circle == link.circle]
    return link.network_id, there[0] if there else None


def _open_network(db: Connection, network_id: int) -> Network | None:
    network = networks.get(db, network_id)
    return network if network is not None and network.state == "active" else None


def _unknown(db: Connection, visitor: Visitor, desk: Desk, *, now: datetime) -> list[Letter]:
    """Say that a link leads nowhere, and count it: who tries many is looking for somebody else's."""
    measure.guessed(db, visitor.telegram_id, now=now)
    return mail.say(visitor.to, visitor.text(desk)("joining.link_unknown"))


# Not yet ----------------------------------------------------------------------------------------------------------


def _not_ready(
    db: Connection,
    network: Network,
    visitor: Visitor,
    missing: tuple[str, ...],
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    """Nobody can join yet: say so kindly and keep nothing; who leads hears what is missing, once a day."""
    opening.close(db, network.id, now=now, waited=True)
    letters = mail.say(visitor.to, visitor.text(desk)("joining.not_ready", network=network.title))
    zone = ZoneInfo(network.timezone)
    for leader in members.facilitators(db, network.id):
        text = desk.text(leader.language)
        letters += mail.say(
            To(person=leader.person_id),
            text("joining.not_ready_told", network=network.title, count=len(missing)),
            keyboard_rows([_what_is_missing(network, text)]),
            key=f"not_ready:{network.id}:{leader.person_id}:{now.date()}",
            not_before=undisturbed(leader, zone, now=now),
        )
    return letters


def _what_is_missing(network: Network, text: Text) -> Button:
    return Button(text.plain("joining.button.missing"), callback("readiness.show", network.id))


# Is that person in the group? -------------------------------------------------------------------------------------


def judge_membership(db: Connection, answer: Answer) -> None:
    """Telegram said whether somebody is in the group: if so, the dialog begins; else a facilitator is asked."""
    about, desk, now = answer.about, answer.desk, answer.now
    chat = chats.get(db, about["chat"])
    if chat is None:
        return
    result = answer.result if isinstance(answer.result, dict) else {}
    user = result.get("user") or {}
    inside = rules.inside(result)
    visitor = Visitor(
        about["telegram"], str(user.get("first_name") or "…"), user.get("username"), about.get("language")
    )
    if inside:
        person = visitors.keep(db, visitor, desk, now=now)
        member = joining.begin(db, chat.network_id, person, chat.circle, now=now)
        letters = (
            joining.goes_on(db, member, about["origin"], desk, now=now)
            if member.active
            else joining.show(db, member, "hello", about["origin"], desk, now=now)
        )
    else:
        letters = knock(db, visitor, chat.network_id, chat.circle, desk, now=now)
    write_after(db, answer, letters)


# Knocking ---------------------------------------------------------------------------------------------------------


def knock(
    db: Connection, visitor: Visitor, network_id: int, circle: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Somebody came by a link that was passed on: a facilitator is asked, once."""
    text = visitor.text(desk)
    there = standing_in.here(db, networks.found(db, network_id), now=now)
    leaders = there or members.facilitators(db, network_id)
    names = dates.joined([member.name for member in leaders], text.language)
    button = keyboard_rows([Button(text.plain("common.button.all_right"), callback("joining.ok", 0))])
    person = visitors.keep(db, visitor, desk, now=now)
    new = knocks.ask(db, network_id, person.id, circle, now=now)
    before = knocks.of(db, network_id, person.id)
    if before is not None and before.state == "refused":
        return mail.say(To(person=person.id), text("joining.not_let_in"))
    waiting = (
        text("joining.knocked", count=len(leaders), facilitators=names)
        if leaders
        else text("joining.link_unknown")
    )
    letters = mail.say(To(person=person.id), waiting, button if leaders else None)
    if new is not None:
        for leader in leaders:
            letters += _tell_of_knock(db, new.id, leader, visitor, desk, now=now)
    return letters


def _tell_of_knock(
    db: Connection, knock_id: int, leader: Member, visitor: Visitor, desk: Desk, *, now: datetime
) -> list[Letter]:
    text = desk.text(leader.language)
    who = f"{visitor.name} (@{visitor.username})" if visitor.username else visitor.name
    network = networks.found(db, leader.network_id)
    keyboard = keyboard_rows(
        [
            Button(text.plain("joining.button.let_in"), callback("joining.let", knock_id)),
            Button(text.plain("common.button.no"), callback("joining.refuse", knock_id)),
        ]
    )
    to = To(person=leader.person_id)
    rested = undisturbed(leader, ZoneInfo(network.timezone), now=now)
    return mail.say(to, text("joining.knock", name=who, network=network.title), keyboard, not_before=rested)


def settle_knock(
    db: Connection,
    person: Person,
    knock_id: int,
    *,
    let_in: bool,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """A facilitator let somebody in, or not; None if that is not for this person to say, or was said before."""
    asked = knocks.get(db, knock_id)
    network = None if asked is None else networks.get(db, asked.network_id)
    if asked is None or network is None or not standing_in.may(db, network, person.id):
        return None
    if not knocks.settle(db, knock_id, "let_in" if let_in else "refused"):
        return None
    guest = people.get(db, asked.person_id)
    assert guest is not None  # knocks go with their person
    text = desk.text(person.language)
    said = text("joining.let_in" if let_in else "joining.refused", name=guest.name)
    letters = [] if message_id is None else [mail.edit(To(person=person.id), message_id, said)]
    if let_in:
        member = joining.begin(db, asked.network_id, guest, asked.circle, now=now)
        return letters + joining.show(db, member, "hello", "g", desk, now=now)
    # No reason is given, and no name: who decided is the facilitators' matter.
    to = To(telegram=guest.telegram_id)
    letters += mail.say(to, desk.text(guest.language)("joining.not_let_in"))
    return letters


# In the group -----------------------------------------------------------------------------------------------------


def join_hint(
    db: Connection, chat: Chat, telegram_id: int, desk: Desk, *, now: datetime, reply_to: int | None = None
) -> list[Letter]:
    """Tell somebody in the group who has not joined how to, at most once a week."""
    if taking_part(db, members.by_telegram_id(db, chat.network_id, telegram_id)) is not None:
        return []
    network = networks.found(db, chat.network_id)
    if readiness.missing(db, network, desk):
        return []  # nobody is shown a door that does not open yet
    if not hints.due(db, chat.id, telegram_id, now=now, not_since=now - HINT_EVERY):
        return []
    text = desk.text(network.language)
    link = links.standing(db, "group", chat.network_id, chat.circle, now=now)
    join = Button(text.plain("joining.button.join"), url=desk.link(f"g_{link.token}"))
    return mail.say(
        To(chat=chat.id),
        text("joining.hint"),
        keyboard_rows([join]),
        silent=True,
        reply_to=reply_to,
        thread=chat.topic_id if reply_to is None else None,
    )
