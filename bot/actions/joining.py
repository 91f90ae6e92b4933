"""Joining: links, the steps from *Hello* to *You're in*, knocking, and the hint to who has not joined.

A membership in the state *joining* means: this person may join (a personal link, Telegram's word that the person is
in the group, or a facilitator's *Let in*). Where somebody stands follows from the rows; the dialog is for typed words.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import measure, visitors
from bot.actions.answer import Answer
from bot.actions.belonging import taking_part
from bot.actions.prompts import undisturbed
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import consents, dates, groups, mail
from bot.core import joining as screens
from bot.core.joining import SCREENS, Scene, Screen
from bot.core.letters import Button, callback, keyboard_rows, read_callback
from bot.core.mail import Letter, To
from storage import (
    audit,
    chats,
    dialogs,
    hints,
    knocks,
    links,
    meetings,
    members,
    networks,
    outbox,
    people,
    postings,
    prompts,
)
from storage.chats import Chat
from storage.db import Connection
from storage.dialogs import Dialog
from storage.members import Member
from storage.networks import Network
from storage.people import Person

KIND = "joining"
MEMBERSHIP = "membership"  # the kind of the question whether somebody is in a group
HALF_WAY = timedelta(days=7)
HINT_EVERY = timedelta(days=7)
IN_GROUP = ("creator", "administrator", "member")

# Links ----------------------------------------------------------------------------------------------------------


def opened(
    db: Connection, visitor: Visitor, prefix: str, token: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Somebody opened `j_` (a personal invitation), `g_` (of a group) or `p_` (a posting's) and takes no part yet."""
    if prefix == "j":
        return _invited(db, visitor, token, desk, now=now)
    found = _group_behind(db, prefix, token, now=now)
    if found is None or _over(db, found[0]):
        return _unknown(db, visitor, desk, now=now)
    network_id, chat = found
    person = people.by_telegram_id(db, visitor.telegram_id)
    member = None if person is None else members.who(db, network_id, person.id)
    if member is not None and member.state != "left":
        return _goes_on(db, member, prefix, desk, now=now)
    if chat is None:
        return _knock(db, visitor, network_id, "core", desk, now=now)
    about = {
        "telegram": visitor.telegram_id,
        "language": visitor.language,
        "chat": chat.id,
        "origin": prefix,
    }
    params = {"user_id": visitor.telegram_id}
    return [mail.ask(MEMBERSHIP, To(chat=chat.id), "getChatMember", params, about=about)]


def _invited(db: Connection, visitor: Visitor, token: str, desk: Desk, *, now: datetime) -> list[Letter]:
    link = links.of(db, "join", token)
    if link is None or link.network_id is None or _over(db, link.network_id):
        return _unknown(db, visitor, desk, now=now)
    known = people.by_telegram_id(db, visitor.telegram_id)
    member = None if known is None else members.who(db, link.network_id, known.id)
    if member is not None and member.state != "left":
        return _goes_on(db, member, f"j.{token}", desk, now=now)
    if links.find(db, "join", token, now=now) is None:
        return mail.say(visitor.to, visitor.text(desk)("joining.link_used"))
    person = visitors.keep(db, visitor, desk, now=now)
    member = _begin(db, link.network_id, person, link.circle or "core", now=now)
    return _show(db, member, "hello", f"j.{token}", desk, now=now)


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


def _over(db: Connection, network_id: int) -> bool:
    network = networks.get(db, network_id)
    return network is None or network.state != "active"


def _unknown(db: Connection, visitor: Visitor, desk: Desk, *, now: datetime) -> list[Letter]:
    """Say that a link leads nowhere, and count it: who tries many is looking for somebody else's."""
    measure.guessed(db, visitor.telegram_id, now=now)
    return mail.say(visitor.to, visitor.text(desk)("joining.link_unknown"))


def _begin(db: Connection, network_id: int, person: Person, circle: str, *, now: datetime) -> Member:
    member = members.keep(db, network_id, person.id, circle=circle, now=now)
    if member.state == "left":
        members.change(db, member.id, state="joining", circle=circle, created_at=now)
        return replace(member, state="joining", circle=circle)
    return member


def resumed(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/start` alone: who left something half-way goes on there; nothing for everybody else."""
    dialog = dialogs.of(db, person.id, now=now)
    for member in members.all_of_person(db, person.id):
        if member.state in ("joining", "active") and _unfinished(db, member):
            here = dialog is not None and dialog.kind == KIND and dialog.data.get("member") == member.id
            if not here and not member.active:
                return mail.say(To(person=person.id), desk.text(person.language)("joining.lost"))
            origin = str(dialog.data.get("origin", "")) if dialog is not None and here else ""
            return _goes_on(db, member, origin, desk, now=now)
    return []


def _goes_on(db: Connection, member: Member, origin: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Who began earlier goes on there; who is in is told so."""
    people.change(db, member.person_id, reachable=True)
    if member.active and not _unfinished(db, member):
        return _say(To(person=member.person_id), screens.already(scene(db, member, "", desk, now=now)))
    agreed = members.consent(db, member.id).get(consents.TAKE_PART, False)
    step = _next(db, member) if agreed else "words" if member.active else "hello"
    return _show(db, member, step, origin[:1] if agreed else origin, desk, now=now)


def _unfinished(db: Connection, member: Member) -> bool:
    agreed = members.consent(db, member.id)
    return not agreed.get(consents.TAKE_PART, False) or consents.QUOTE not in agreed


# Is that person in the group? -------------------------------------------------------------------------------------


def judge_membership(db: Connection, answer: Answer) -> None:
    """Telegram said whether somebody is in the group: if so, the dialog begins; else a facilitator is asked."""
    about, desk, now = answer.about, answer.desk, answer.now
    chat = chats.get(db, about["chat"])
    if chat is None:
        return
    result = answer.result if isinstance(answer.result, dict) else {}
    user = result.get("user") or {}
    inside = result.get("status") in IN_GROUP or bool(result.get("is_member"))
    visitor = Visitor(
        about["telegram"], str(user.get("first_name") or "…"), user.get("username"), about.get("language")
    )
    if inside:
        person = visitors.keep(db, visitor, desk, now=now)
        member = _begin(db, chat.network_id, person, chat.circle, now=now)
        letters = (
            _goes_on(db, member, about["origin"], desk, now=now)
            if member.active
            else _show(db, member, "hello", about["origin"], desk, now=now)
        )
    else:
        letters = _knock(db, visitor, chat.network_id, chat.circle, desk, now=now)
    write_after(db, answer, letters)


def write_after(db: Connection, answer: Answer, letters: list[Letter]) -> None:
    """Write letters that follow from an answer; each answer comes once, so its row makes their keys unique."""
    keyed = [
        replace(letter, key=letter.key or f"after:{answer.row.id}:{n}") for n, letter in enumerate(letters, 1)
    ]
    outbox.write(db, keyed, now=answer.now)


def _knock(
    db: Connection, visitor: Visitor, network_id: int, circle: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    text = visitor.text(desk)
    leaders = members.facilitators(db, network_id)
    names = dates.joined([member.name for member in leaders], text.language)
    button = keyboard_rows([Button(text.plain("common.button.all_right"), callback("joining.ok", 0))])
    person = visitors.keep(db, visitor, desk, now=now)
    knock = knocks.ask(db, network_id, person.id, circle, now=now)
    before = knocks.of(db, network_id, person.id)
    if before is not None and before.state == "refused":
        return mail.say(To(person=person.id), text("joining.not_let_in"))
    waiting = (
        text("joining.knocked", count=len(leaders), facilitators=names)
        if leaders
        else text("joining.link_unknown")
    )
    letters = mail.say(To(person=person.id), waiting, button if leaders else None)
    if knock is not None:
        for leader in leaders:
            letters += _tell_of_knock(db, knock.id, leader, visitor, desk, now=now)
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
    knock = knocks.get(db, knock_id)
    leader = None if knock is None else members.who(db, knock.network_id, person.id)
    if knock is None or leader is None or not (leader.active and leader.facilitator):
        return None
    if not knocks.settle(db, knock_id, "let_in" if let_in else "refused"):
        return None
    guest = people.get(db, knock.person_id)
    assert guest is not None  # knocks go with their person
    text = desk.text(person.language)
    said = text("joining.let_in" if let_in else "joining.refused", name=guest.name)
    letters = [] if message_id is None else [mail.edit(To(person=person.id), message_id, said)]
    if let_in:
        member = _begin(db, knock.network_id, guest, knock.circle, now=now)
        return letters + _show(db, member, "hello", "g", desk, now=now)
    # No reason is given, and no name: who decided is the facilitators' matter.
    to = To(telegram=guest.telegram_id)
    letters += mail.say(to, desk.text(guest.language)("joining.not_let_in"))
    return letters


# The steps --------------------------------------------------------------------------------------------------------


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
    """Take a step; None for a button that means nothing (any more)."""
    member = members.get(db, member_id)
    if member is None or member.person_id != person.id or member.state not in ("joining", "active"):
        return None
    value, origin = screens.origin_of(nonce)
    to = To(person=person.id)
    match verb:
        case "lang" if value in screens.NAMES:
            people.change(db, person.id, language=value)
            return _show(db, replace(member, language=value), "what", origin, desk, message_id, now=now)
        case "no":
            return _not_now(db, member, message_id, desk)
        case "agree":
            if not _agree(db, member, origin, now=now):
                return _edit_or_say(to, message_id, Screen(desk.text(member.language)("joining.link_used")))
            return _show(db, member, _next(db, member), origin[:1], desk, message_id, now=now)
        case "show" if value in screens.OPEN_TO_ALL:
            return _show(db, member, value, origin, desk, message_id, now=now)
    if not members.consent(db, member.id).get(consents.TAKE_PART, False):
        return None
    step = _answered(db, member, verb, value, now=now)
    if step is None:
        return None
    return _show(db, members.get(db, member.id) or member, step, origin, desk, message_id, now=now)


def _answered(db: Connection, member: Member, verb: str, value: str, *, now: datetime) -> str | None:
    """Write an answer down that only counts after *I agree*; return the next step."""
    match verb:
        case "show" if value in ("group", "further", "quote"):
            return value if member.group is not None or value in ("group", "further") else "group"
        case "as" if value in groups.FINE:
            members.change(db, member.id, group=value)
            return "secrecy" if value in groups.IN_CARE else "quote"
        case "quote" if value in ("role", "none", "name", "no"):
            if member.group is None:
                return "group"
            _quoted(db, member, value, now=now)
            return "options"
        case "tap" if value in consents.OPTIONAL:
            now_on = not members.consent(db, member.id).get(value, False)
            _note(db, member, value, now_on, now=now)
            return "options"
        case "done" if not _unfinished(db, member):
            for use in consents.OPTIONAL:
                if use not in members.consent(db, member.id):
                    _note(db, member, use, False, now=now)
            return "done"
    return None


def _agree(db: Connection, member: Member, origin: str, *, now: datetime) -> bool:
    """Take the agreement; False if a personal link was used by somebody else meanwhile."""
    if members.consent(db, member.id).get(consents.TAKE_PART, False):
        return True
    if not member.active and origin.startswith("j."):
        token = origin[2:]
        if links.find(db, "join", token, now=now) is None:
            return False
        links.use(db, token)
    _note(db, member, consents.TAKE_PART, True, now=now)
    return True


def _quoted(db: Connection, member: Member, value: str, *, now: datetime) -> None:
    """Take the answer on quoting; with it somebody is in, as all that follows is needed for nothing."""
    _note(db, member, consents.QUOTE, value != "no", now=now)
    _note(db, member, consents.NAME, value == "name", now=now)
    members.change(db, member.id, attribution="role" if value == "no" else value)
    if not member.active:
        members.change(db, member.id, state="active", joined_at=now)
        audit.note(db, "joined", now=now, network_id=member.network_id, person_id=member.person_id)


def _note(db: Connection, member: Member, use: str, granted: bool, *, now: datetime) -> None:
    members.agree(db, member.id, use, granted, version=consents.VERSION, language=member.language, now=now)


def _next(db: Connection, member: Member) -> str:
    """The first step after *I agree* that has no answer yet."""
    if member.group is None:
        return "group"
    return "quote" if consents.QUOTE not in members.consent(db, member.id) else "options"


def _not_now(db: Connection, member: Member, message_id: int | None, desk: Desk) -> list[Letter] | None:
    """Nothing is kept of who did not want to; who leads the network stays, without answers being kept."""
    if members.consent(db, member.id).get(consents.TAKE_PART, False):
        return None  # an old button; whoever is in leaves by another way
    text = desk.text(member.language)
    dialogs.close(db, member.person_id)
    if member.active:
        return _edit_or_say(To(person=member.person_id), message_id, Screen(text("joining.leads_only")))
    members.remove(db, member.id)
    visitors.forget(db, member.person_id)
    # By Telegram's id: a letter to a person we keep nothing about would go with that person.
    return _edit_or_say(To(telegram=member.telegram_id), message_id, Screen(text("joining.not_now")))


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Take a step by a number or the words of a button; what fits none brings the buttons again."""
    member = members.get(db, int(dialog.data.get("member", 0)))
    if member is None or member.person_id != person.id or dialog.step not in SCREENS:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("joining.lost"))
    origin = str(dialog.data.get("origin", ""))
    screen = SCREENS[dialog.step](scene(db, member, origin, desk, now=now))
    button = screens.chosen(screen, words)
    press = None if button is None else read_callback(button.data)
    if press is not None and press.action.startswith(f"{KIND}."):
        verb = press.action.removeprefix(f"{KIND}.")
        taken = pressed(db, person, verb, press.id, press.nonce, message_id=None, desk=desk, now=now)
        if taken is not None:
            return taken
    hint = desk.text(member.language)("joining.tap")
    return mail.say(To(person=person.id), f"{screen.html}\n\n{hint}", screen.keyboard)


# Screens ----------------------------------------------------------------------------------------------------------


def first_screen(db: Connection, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    """Ask who leads a new network what everybody is asked."""
    return _show(db, member, "words", "", desk, now=now)


def _show(
    db: Connection,
    member: Member,
    step: str,
    origin: str,
    desk: Desk,
    message_id: int | None = None,
    *,
    now: datetime,
) -> list[Letter]:
    if step in ("options", "done"):  # in already: what is typed now is an answer to a question
        dialogs.leave(db, member.person_id, KIND)
    else:
        dialogs.put(db, member.person_id, KIND, step, {"member": member.id, "origin": origin}, now=now)
    screen = SCREENS[step](scene(db, member, origin, desk, now=now))
    return _edit_or_say(To(person=member.person_id), message_id, screen)


def _edit_or_say(to: To, message_id: int | None, screen: Screen) -> list[Letter]:
    if message_id is None:
        return _say(to, screen)
    return [mail.edit(to, message_id, screen.html, screen.keyboard)]


def _say(to: To, screen: Screen) -> list[Letter]:
    return mail.say(to, screen.html, screen.keyboard)


def scene(db: Connection, member: Member, origin: str, desk: Desk, *, now: datetime) -> Scene:
    """Gather what the screens speak of."""
    network = networks.found(db, member.network_id)
    text = desk.text(member.language)
    zone = ZoneInfo(network.timezone)
    sizes = members.sizes(db, network.id)
    meeting = next(iter(meetings.coming(db, network.id, now=now)), None)
    question = _next_question(db, network, member, now=now)
    posting = _open_posting(db, network, member, now=now)
    return Scene(
        text=text,
        member_id=member.id,
        name=member.name,
        network=network.title,
        circle=member.circle,
        circles=_circles(db, network),
        weekly_cap=network.weekly_cap,
        facilitators=[leader.name for leader in members.facilitators(db, network.id)],
        controller=desk.controller,
        contact=desk.contact,
        last_day=desk.last_day,
        keep_months=desk.keep_months,
        group=member.group,
        sizes=sizes if member.active else groups.with_one_more(sizes, member.group),
        k=desk.k,
        agreed=members.consent(db, member.id),
        origin=origin,
        next_question="" if question is None else dates.full(question, zone, text.language, now=now),
        next_meeting="" if meeting is None else dates.full(meeting.starts_at, zone, text.language, now=now),
        place="" if meeting is None else meeting.place,
        open_posting=posting,
    )


def _circles(db: Connection, network: Network) -> str:
    return "both" if any(chat.circle == "sounding" for chat in chats.of_network(db, network.id)) else "core"


def _next_question(db: Connection, network: Network, member: Member, *, now: datetime) -> datetime | None:
    coming = (
        prompt.next_due_at
        for prompt in prompts.planned(db, network.id)
        if prompt.circle in ("both", member.circle) and prompt.next_due_at is not None
    )
    return next((at for at in coming if at > now), None)


def _open_posting(db: Connection, network: Network, member: Member, *, now: datetime) -> int | None:
    standing = postings.open_in(db, network.id, now=now)
    return next((posting.id for posting in standing if posting.circle == member.circle), None)


# Beside it --------------------------------------------------------------------------------------------------------


def join_hint(
    db: Connection, chat: Chat, telegram_id: int, desk: Desk, *, now: datetime, reply_to: int | None = None
) -> list[Letter]:
    """Tell somebody in the group who has not joined how to, at most once a week."""
    if taking_part(db, members.by_telegram_id(db, chat.network_id, telegram_id)) is not None:
        return []
    if not hints.due(db, chat.id, telegram_id, now=now, not_since=now - HINT_EVERY):
        return []
    network = networks.found(db, chat.network_id)
    text = desk.text(network.language)
    keyboard = keyboard_rows(
        [Button(text.plain("joining.button.join"), url=group_link(db, chat, desk, now=now))]
    )
    return mail.say(
        To(chat=chat.id),
        text("joining.hint"),
        keyboard,
        silent=True,
        reply_to=reply_to,
        thread=chat.topic_id if reply_to is None else None,
    )


def group_link(db: Connection, chat: Chat, desk: Desk, *, now: datetime) -> str:
    """Return the link by which people of this group join."""
    link = links.standing(db, "group", chat.network_id, chat.circle, now=now)
    return desk.link(f"g_{link.token}")


def forget_half_way(db: Connection, *, now: datetime) -> int:
    """Erase joins that were left half-way a week ago, with knocks and hints of that age; return how many."""
    before = now - HALF_WAY
    left = members.half_way(db, before=before)
    knocked = knocks.people_before(db, before)
    knocks.forget(db, before=before)
    hints.forget(db, before=before)
    for member in left:
        members.remove(db, member.id)
    for person_id in {*(member.person_id for member in left), *knocked}:
        visitors.forget(db, person_id)
    return len(left)
