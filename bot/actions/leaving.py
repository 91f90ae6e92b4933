"""Leaving: by /leave, by leaving the group chat, or by being removed; and what becomes of one's words then.

Until somebody has decided, nothing is asked of them and nothing of theirs is quoted anew; it goes with the rest when
the network's time is over. Who leads is out only by their own word: one leads from the private chat.
"""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from bot.actions import erasing, receipts, talk_requests
from bot.actions.answer import Answer
from bot.actions.joining import write_after
from bot.actions.receipts import Screen
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.core import consents, mail
from bot.core import setup as rules
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.texts import Text
from storage import audit, chats, digests, facts, members, networks, outbox
from storage.chats import Chat
from storage.db import Connection
from storage.members import Member
from storage.people import Person

How = Literal[
    "self", "group", "removed", "taken_out"
]  # removed: with /members; taken_out: of the group chat, in Telegram
KEEP, REMOVED = "keep", "removed"  # in members.left_how
ELSEWHERE = "elsewhere"  # the kind of the question whether somebody is in the network's other group

# Somebody goes ----------------------------------------------------------------------------------------------------


def begin(db: Connection, person: Person, desk: Desk, *, message_id: int | None = None) -> list[Letter]:
    """`/leave`: which network, where there are several."""
    mine, text = members.of_person(db, person.id), desk.text(person.language)
    if not mine:
        return receipts.show(person.id, message_id, Screen(text("leaving.nowhere")))
    if len(mine) == 1:
        return show(db, mine[0], desk, message_id=message_id)
    titles = {one.id: networks.found(db, one.network_id).title for one in mine}
    buttons = [Button(title, callback("leaving.show", id)) for id, title in titles.items()]
    buttons.append(Button(text.plain("leaving.button.stay"), callback("leaving.stay", mine[0].id)))
    return receipts.show(person.id, message_id, Screen(text("leaving.which"), keyboard_rows(buttons)))


def show(db: Connection, member: Member, desk: Desk, *, message_id: int | None = None) -> list[Letter]:
    """Ask somebody who wants to leave what should become of their words; they leave with the answer."""
    text, title = desk.text(member.language), networks.found(db, member.network_id).title
    if erasing.leads_alone(db, member):
        return receipts.show(member.person_id, message_id, Screen(text("leaving.leads_alone", network=title)))
    screen = Screen(text("leaving.ask", network=title), _choices(member, text), asks=True)
    return receipts.show(member.person_id, message_id, screen)


def left(db: Connection, member: Member, desk: Desk, *, how: How, now: datetime) -> list[Letter]:
    """Somebody is out: they are told in private, and asked what should become of their words.

    Letters without keys: for what a handler says. The group hears nothing of it.
    """
    if not member.active:
        return []
    letters = erasing.hand_over(db, member, desk, now=now)
    removed = how in ("removed", "taken_out")
    out = {"state": "left", "left_at": now, "left_how": REMOVED if removed else None}
    if removed:
        out["facilitator"] = False
    members.change(db, member.id, **out)
    summaries = digests.of_network(db, member.network_id, (*digests.UNPUBLISHED, "published"))
    for one in summaries:
        if one.state != "published":
            digests.change(db, one.id)  # what is being drawn now was read with their words: it is made again
    waiting = [f"{kind}:{one.id}:" for one in summaries for kind in ("digest", "draft")]
    outbox.withdraw_from(db, member.person_id, waiting)
    letters += talk_requests.gone(db, member, desk, now=now)
    audit.note(db, "left", now=now, network_id=member.network_id, person_id=member.person_id)
    if not member.reachable or how == "self":
        return letters
    network, text = networks.found(db, member.network_id), desk.text(member.language)
    told = text("leaving.removed" if how == "removed" else "leaving.left", network=network.title)
    keyboard = _choices(member, text, stay=not removed)
    rested = undisturbed(member, ZoneInfo(network.timezone), now=now)
    return [*letters, *mail.say(To(person=member.person_id), told, keyboard, not_before=rested)]


def _choices(member: Member, text: Text, *, stay: bool = True) -> Keyboard:
    buttons = [
        Button(text.plain("leaving.button.keep"), callback("leaving.keep", member.id)),
        Button(text.plain("leaving.button.unnamed"), callback("leaving.unnamed", member.id)),
        Button(text.plain("leaving.button.erase"), callback("leaving.erase", member.id)),
    ]
    if stay:
        buttons.append(Button(text.plain("leaving.button.stay"), callback("leaving.stay", member.id)))
    return keyboard_rows(buttons)


# Buttons ----------------------------------------------------------------------------------------------------------


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
    member = members.get(db, member_id)
    if member is None or member.person_id != person.id or member.state not in ("active", "left"):
        return None
    if facts.get(db, f"{erasing.FACT}{person.id}") is not None:
        return None  # it is being erased
    text = desk.text(person.language)
    title = networks.found(db, member.network_id).title
    match verb:
        case "show" if member.active:
            return show(db, member, desk, message_id=message_id)
        case "keep":
            if member.active and erasing.leads_alone(db, member):
                return show(db, member, desk, message_id=message_id)
            letters = left(db, member, desk, how="self", now=now)
            if member.left_how != REMOVED:  # who was removed stays removed, whatever an old button says
                members.change(db, member.id, left_how=KEEP)
            kept = Screen(text("leaving.kept", network=title))
            return [*receipts.show(person.id, message_id, kept), *letters]
        case "unnamed" | "erase":
            # Explained first, and only then done: these can't be undone.
            next_one = "keep" if verb == "unnamed" else "ask"
            return erasing.pressed(
                db, person, next_one, member.id, "", message_id=message_id, desk=desk, now=now
            )
        case "stay" if _may_stay(db, member):
            return _stay(db, member, message_id, desk, now=now)
    return None


def _may_stay(db: Connection, member: Member) -> bool:
    """Who was removed comes back by an invitation; so does who neither leads nor ever agreed."""
    if member.active or member.left_how == REMOVED:
        return member.active
    return member.facilitator or consents.may(members.consent(db, member.id), consents.TAKE_PART)


def _stay(
    db: Connection, member: Member, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter]:
    text, title = desk.text(member.language), networks.found(db, member.network_id).title
    if not member.active:
        members.change(db, member.id, state="active", left_at=None, left_how=None)
        audit.note(db, "stayed", now=now, network_id=member.network_id, person_id=member.person_id)
    return receipts.show(member.person_id, message_id, Screen(text("leaving.stays", network=title)))


# The group chat ---------------------------------------------------------------------------------------------------


def out_of_group(
    db: Connection, chat: Chat, telegram_id: int, desk: Desk, *, how: How, now: datetime
) -> list[Letter]:
    """Somebody left a group chat, or was taken out of it. Who is in the network's other one still takes part there."""
    member = members.by_telegram_id(db, chat.network_id, telegram_id)
    if member is None or not member.active or member.facilitator or member.circle != chat.circle:
        return []
    others = [one for one in chats.of_network(db, chat.network_id) if one.id != chat.id]
    if not others:
        return left(db, member, desk, how=how, now=now)
    about = {"member": member.id, "chat": others[0].id, "how": how}
    params = {"user_id": telegram_id}
    return [mail.ask(ELSEWHERE, To(chat=others[0].id), "getChatMember", params, about=about)]


def judge_elsewhere(db: Connection, answer: Answer) -> None:
    """Telegram said whether somebody who left one group is in the other one."""
    member, chat = members.get(db, int(answer.about["member"])), chats.get(db, int(answer.about["chat"]))
    if member is None or chat is None or not member.active or member.circle == chat.circle:
        return
    if not rules.inside(answer.result if isinstance(answer.result, dict) else None):
        write_after(
            db, answer, left(db, member, answer.desk, how=answer.about.get("how", "group"), now=answer.now)
        )
        return
    members.change(db, member.id, circle=chat.circle)
    if member.reachable:
        network, text = networks.found(db, member.network_id), answer.desk.text(member.language)
        circle = text.plain(f"circle.{chat.circle}")
        told = text("leaving.moved", network=network.title, circle=circle)
        rested = undisturbed(member, ZoneInfo(network.timezone), now=answer.now)
        write_after(db, answer, mail.say(To(person=member.person_id), told, not_before=rested))
