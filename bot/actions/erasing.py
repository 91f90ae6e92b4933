"""`/forget`: what would be erased, the two ways, and the order to do it, which bot/actions/erasure.py follows.

The order stands in a fact `erasing:<person>` until it was followed, so that it is, whatever happens meanwhile.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import receipts, roles, standing_in, talk_requests
from bot.actions.receipts import Screen
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import dates, mail
from bot.core.erasing import ERASE, UNNAMED, Trace
from bot.core.letters import Button, callback, keyboard_rows, member_words, page_of, split
from bot.core.mail import Letter
from bot.core.texts import Markup, Text
from storage import erasing as rows
from storage import erasures, facts, members, networks
from storage.db import Connection
from storage.erasing import Erased
from storage.members import Member
from storage.people import Person

FACT = "erasing:"
PAGE = 2000  # characters of somebody's own answers on a page

# What would be erased ---------------------------------------------------------------------------------------------


def nothing(visitor: Visitor, desk: Desk) -> list[Letter]:
    """What somebody hears of whom nothing is kept."""
    return mail.say(visitor.to, visitor.text(desk)("erasing.nobody"))


def begin(db: Connection, person: Person, desk: Desk, *, message_id: int | None = None) -> list[Letter]:
    """`/forget`: in which network, where there are several."""
    mine, text = members.all_of_person(db, person.id), desk.text(person.language)
    if not mine or (len(mine) == 1 and not person.coordinator):  # a coordinator is more than a member
        return ask(db, person, mine[0].id if mine else 0, desk, message_id=message_id)
    titles = {one.id: networks.found(db, one.network_id).title for one in mine}
    buttons = [Button(title, callback("erasing.ask", id)) for id, title in titles.items()]
    buttons.append(Button(text.plain("erasing.button.everywhere"), callback("erasing.ask", 0)))
    buttons.append(Button(text.plain("common.button.leave_it"), callback("erasing.no", 0)))
    return receipts.show(person.id, message_id, Screen(text("erasing.which"), keyboard_rows(buttons)))


def ask(
    db: Connection, person: Person, target: int, desk: Desk, *, message_id: int | None = None
) -> list[Letter]:
    """Say what there is and what becomes of it; `target` is a membership, 0: all there is of the person."""
    trace, text = found(db, person, target), desk.text(person.language)
    if trace is None:
        return []
    if (alone := _leads_alone(db, trace)) is not None:
        title = networks.found(db, alone.network_id).title
        return receipts.show(person.id, message_id, Screen(text("erasing.leads_alone", network=title)))
    had = rows.counts(db, trace)
    lines = [_question(db, trace, had, text)]
    if had.digests:
        lines.append(text("erasing.digests", count=had.digests))
    lines.append(text("erasing.others"))
    lines += _hands_over(db, trace, text)
    ways = [Button(text.plain("erasing.button.erase"), callback("erasing.erase", target))]
    if had.kept:
        ways.append(Button(text.plain("erasing.button.unnamed"), callback("erasing.keep", target)))
    ways.append(Button(text.plain("common.button.leave_it"), callback("erasing.no", target)))
    return receipts.show(person.id, message_id, Screen(Markup("\n\n".join(lines)), keyboard_rows(ways)))


def found(db: Connection, person: Person, target: int) -> Trace | None:
    """Return what there is of somebody; None for another one's membership."""
    if target == 0:
        return rows.gather(db, person.id)
    member = members.get(db, target)
    return None if member is None or member.person_id != person.id else rows.gather(db, person.id, [target])


def _question(db: Connection, trace: Trace, had: Erased, text: Text) -> Markup:
    what = gave(had, text)
    title = networks.found(db, trace.networks[0]).title if len(trace.networks) == 1 else ""
    if title and what:
        return text("erasing.question_in", network=title, what=what)
    if title:
        return text("erasing.question_nothing_in", network=title)
    return text("erasing.question", what=what) if what else text("erasing.question_nothing")


def gave(had: Erased, text: Text) -> str:
    """Return how much somebody gave, in words; empty for nothing."""
    parts = []
    if had.answers:
        parts.append(text.plain("erasing.answers", count=had.answers))
    if had.reactions:
        parts.append(text.plain("erasing.reactions", count=had.reactions))
    if had.votes:
        parts.append(text.plain("erasing.votes", count=had.votes))
    return dates.joined(parts, text.language)


# Who leads --------------------------------------------------------------------------------------------------------


def _leads_alone(db: Connection, trace: Trace) -> Member | None:
    """Return a membership that can't end yet: nobody else leads there, or would."""
    return next((member for member in _leading(db, trace) if leads_alone(db, member)), None)


def leads_alone(db: Connection, member: Member) -> bool:
    """Whether somebody leads a living network, and nobody else does or would."""
    if not (member.active and member.facilitator and members.leads_alone(db, member)):
        return False
    return networks.found(db, member.network_id).state == "active" and _successor(db, member) is None


def _leading(db: Connection, trace: Trace) -> Iterable[Member]:
    for id in trace.members:
        member = members.get(db, id)
        if member is None or not (member.active and member.facilitator):
            continue
        if networks.found(db, member.network_id).state == "active":
            yield member


def _successor(db: Connection, member: Member) -> Member | None:
    """Return who leads after somebody who led alone: the stand-in."""
    second = standing_in.stand_in(db, networks.found(db, member.network_id))
    return None if second is None or second.id == member.id else second


def _hands_over(db: Connection, trace: Trace, text: Text) -> list[Markup]:
    lines = []
    for member in _leading(db, trace):
        second = _successor(db, member) if members.leads_alone(db, member) else None
        if second is not None:
            title = networks.found(db, member.network_id).title
            lines.append(text("erasing.hands_over", name=second.name, network=title))
    return lines


def hand_over(db: Connection, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    """Let the stand-in lead where nobody else would, and hear of it when they are awake; for whoever goes."""
    second = _successor(db, member) if members.leads_alone(db, member) else None
    if second is None:
        return []
    zone = ZoneInfo(networks.found(db, member.network_id).timezone)
    rested = undisturbed(second, zone, now=now)
    return [
        replace(letter, not_before=letter.not_before or rested)
        if letter.to.person == second.person_id
        else letter
        for letter in roles.take_on(db, second, roles.FACILITATOR, desk, instead_of=member, now=now)
    ]


# Buttons ----------------------------------------------------------------------------------------------------------


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    target: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    text = desk.text(person.language)
    trace = found(db, person, target)
    if trace is None or facts.get(db, f"{FACT}{person.id}") is not None:
        return None
    match verb:
        case "ask":
            return ask(db, person, target, desk, message_id=message_id)
        case "no":
            return receipts.show(person.id, message_id, Screen(text("erasing.left")))
        case "keep":
            return receipts.show(person.id, message_id, _keeping(target, text))
        case "read":
            return _read(db, person, trace, target, nonce, message_id, text)
        case "erase" if _leads_alone(db, trace) is None:
            return _order(db, person, trace, target, ERASE, message_id, desk, now=now)
        case "cut" if _leads_alone(db, trace) is None:
            return _order(db, person, trace, target, UNNAMED, message_id, desk, now=now)
    return None


def _keeping(target: int, text: Text) -> Screen:
    buttons = [
        Button(text.plain("erasing.button.read"), callback("erasing.read", target)),
        Button(text.plain("erasing.button.cut"), callback("erasing.cut", target)),
        Button(text.plain("common.button.back"), callback("erasing.ask", target)),
    ]
    return Screen(text("erasing.keep"), keyboard_rows(buttons))


def _read(
    db: Connection, person: Person, trace: Trace, target: int, nonce: str, message_id: int | None, text: Text
) -> list[Letter]:
    """Show somebody what would stay, page by page."""
    pages = _pages(db, trace)
    number = page_of(nonce)
    number = min(number, len(pages) - 1)
    buttons = []
    if number + 1 < len(pages):
        next_one = callback("erasing.read", target, str(number + 1))
        buttons.append(Button(text.plain("erasing.button.more"), next_one))
    buttons.append(Button(text.plain("erasing.button.cut"), callback("erasing.cut", target)))
    buttons.append(Button(text.plain("common.button.back"), callback("erasing.keep", target)))
    shown = Markup(f"{text('erasing.reading')}\n\n{pages[number]}")
    return receipts.show(person.id, message_id, Screen(shown, keyboard_rows(buttons)))


def _pages(db: Connection, trace: Trace) -> list[str]:
    pages = [""]
    for piece in (one for said in rows.staying(db, trace) for one in split(member_words(said), PAGE)):
        words = f"<blockquote>{piece}</blockquote>"
        if pages[-1] and len(pages[-1]) + len(words) > PAGE:
            pages.append("")
        pages[-1] += words
    return pages


def _order(
    db: Connection,
    person: Person,
    trace: Trace,
    target: int,
    how: str,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    """From now on nothing more is asked or taken; the clock does the rest in a moment."""
    letters: list[Letter] = []
    for member in (members.get(db, id) for id in trace.members):
        if member is not None:
            letters += hand_over(db, member, desk, now=now)
            members.change(db, member.id, state="left", left_at=member.left_at or now, left_how=how)
            letters += talk_requests.gone(db, member, desk, now=now, erased=True)
    if trace.whole:
        letters += talk_requests.gone_outside(db, person, trace.networks, desk, now=now)
    value = {"target": target, "how": how, "message": message_id, "receipt": erasures.new_receipt(db)}
    facts.put(db, f"{FACT}{person.id}", value, now=now)
    text = desk.text(person.language)
    return [*receipts.show(person.id, message_id, Screen(text("erasing.working"))), *letters]
