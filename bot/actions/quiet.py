"""Quiet hours and pauses: for all networks of a person at once, as one telephone rings for all of them."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.actions import me, receipts, resting, standing_in
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import dates, quiet
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter
from bot.core.quiet import NONE, OPEN_END, Hours
from bot.core.texts import Markup, Text
from storage import members, networks
from storage.db import Connection
from storage.members import Member
from storage.people import Person

# Quiet hours ------------------------------------------------------------------------------------------------------


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
    """Show the quiet hours, or change them; None for a button that means nothing (any more)."""
    member = me.own(db, person, member_id)
    if member is None:
        return None
    if verb == "show":
        screen = _hours(db, member, desk)
    elif verb == "set" and (hours := quiet.unpacked(nonce)) is not None:
        screen = _set_hours(db, member, hours, desk)
    else:
        return None
    return receipts.show(person.id, message_id, screen)


def hours_typed(db: Connection, person: Person, words: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/quiet 22-7`; alone it asks."""
    theirs = members.of_person(db, person.id)
    if not theirs:
        return receipts.show(person.id, None, Screen(desk.text(person.language)("me.nowhere")))
    hours = quiet.hours_of(words) if words else None
    if hours is not None:
        return receipts.show(person.id, None, _set_hours(db, theirs[0], hours, desk))
    unread = desk.text(person.language)("quiet.unread", typed=words[:60]) if words else None
    return receipts.show(person.id, None, _hours(db, theirs[0], desk, unread))


def _hours(db: Connection, member: Member, desk: Desk, unread: Markup | None = None) -> Screen:
    text = desk.text(member.language)
    held = (member.quiet_from, member.quiet_to)
    offered = [*(hours for hours in quiet.HOURS if hours != held), *([NONE] if held[0] != held[1] else [])]
    buttons = [
        Button(_label(hours, text), callback("quiet.set", member.id, quiet.packed(hours)))
        for hours in offered
    ]
    html = text("quiet.ask", now_holds=me.hours(member, text))
    if _is_called(db, member):
        html = Markup(f"{html}\n\n{text('quiet.urgent')}")
    keyboard = keyboard_rows([*buttons, me.back(member.id, text)])
    return Screen(Markup(f"{unread}\n\n{html}") if unread else html, keyboard, asks=True)


def _is_called(db: Connection, member: Member) -> bool:
    """Whether somebody hears of it at any hour when another one may need help."""
    return any(
        one.facilitator or networks.found(db, one.network_id).stand_in == member.person_id
        for one in members.of_person(db, member.person_id)
    )


def _label(hours: Hours, text: Text) -> str:
    if hours == NONE:
        return text.plain("quiet.button.none")
    return text.plain("quiet.button.hours", begin=hours[0], end=hours[1])


def _set_hours(db: Connection, member: Member, hours: Hours, desk: Desk) -> Screen:
    before = (member.quiet_from, member.quiet_to)
    theirs = members.of_person(db, member.person_id)
    for one in theirs:
        members.change(db, one.id, quiet_from=hours[0], quiet_to=hours[1])
    changed = members.get(db, member.id)
    assert changed is not None
    text = desk.text(member.language)
    said = me.hours(changed, text)
    html = (
        text("quiet.changed_all", now_holds=said)
        if len(theirs) > 1
        else text("quiet.changed", now_holds=said)
    )
    undo = Button(text.plain("common.button.undo"), callback("quiet.set", member.id, quiet.packed(before)))
    return Screen(html, keyboard_rows([undo, me.back(member.id, text)]))


# Pause ------------------------------------------------------------------------------------------------------------


def pause_pressed(
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
    """Show the choices of a pause, begin or end it; None for a button that means nothing (any more)."""
    member = me.own(db, person, member_id)
    if member is None:
        return None
    match verb:
        case "show":
            screen = _pause(db, member, desk, now=now)
        case "for" if nonce in quiet.SPANS:
            span = quiet.SPANS[nonce]
            until = OPEN_END if span is None else now + span
            screen = _begin_pause(db, member, until, desk, now=now)
        case "end":
            screen = _end_pause(db, member, desk)
        case "listen" if nonce in ("on", "off"):
            resting.listen_only(db, person.id, nonce == "on")
            screen = _pause(db, me.own(db, person, member_id) or member, desk, now=now)
        case _:
            return None
    return receipts.show(person.id, message_id, screen)


def pause_typed(db: Connection, person: Person, words: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/pause 2 weeks` or `/pause stop`; alone it asks."""
    theirs = members.of_person(db, person.id)
    text = desk.text(person.language)
    if not theirs:
        return receipts.show(person.id, None, Screen(text("me.nowhere")))
    member = theirs[0]
    if words and quiet.is_back(words):
        return receipts.show(person.id, None, _end_pause(db, member, desk))
    until = _until(db, member, words, now=now) if words else None
    if until is not None:
        return receipts.show(person.id, None, _begin_pause(db, member, until, desk, now=now))
    unread = text("pause.unread", typed=words[:60]) if words else None
    return receipts.show(person.id, None, _pause(db, member, desk, unread, now=now))


def _until(db: Connection, member: Member, words: str, *, now: datetime) -> datetime | None:
    zone = ZoneInfo(networks.found(db, member.network_id).timezone)
    begins = time.fromisoformat(member.quiet_to)
    return quiet.pause_of(words, language=member.language, zone=zone, begins=begins, now=now)


def _pause(
    db: Connection, member: Member, desk: Desk, unread: Markup | None = None, *, now: datetime
) -> Screen:
    text, network = desk.text(member.language), networks.found(db, member.network_id)
    held = me.paused(member, network, text, now=now)
    rests = member.resting_until is not None and member.resting_until > now
    zone = ZoneInfo(network.timezone)
    lines = [unread, held]
    if rests and member.resting_until is not None:
        until = dates.full(member.resting_until, zone, text.language, now=now)
        lines.append(text("pause.resting", at=until))
    if member.listening:
        lines.append(text("pause.listening"))
    lines.append(text("pause.ask"))
    buttons = [
        Button(text.plain(f"pause.button.{name}"), callback("pause.for", member.id, name))
        for name in quiet.SPANS
    ]
    if held is not None or rests:
        buttons.insert(0, Button(text.plain("pause.button.end"), callback("pause.end", member.id)))
    state, other = ("on", "off") if member.listening else ("off", "on")
    buttons.append(
        Button(text.plain(f"pause.button.listen_{state}"), callback("pause.listen", member.id, other))
    )
    html = Markup("\n\n".join(line for line in lines if line is not None))
    return Screen(html, keyboard_rows([*buttons, me.back(member.id, text)]), asks=True)


def _begin_pause(db: Connection, member: Member, until: datetime, desk: Desk, *, now: datetime) -> Screen:
    resting.pause(db, member.person_id, until)
    text, network = desk.text(member.language), networks.found(db, member.network_id)
    if until >= OPEN_END:
        html = text("pause.begun_open")
    else:
        html = text("pause.begun", at=dates.full(until, ZoneInfo(network.timezone), text.language, now=now))
    if (line := _handed_over(db, member, text)) is not None:
        html = Markup(f"{html}\n\n{line}")
    undo = Button(text.plain("pause.button.end"), callback("pause.end", member.id))
    return Screen(html, keyboard_rows([undo, me.back(member.id, text)]))


def _handed_over(db: Connection, member: Member, text: Text) -> Markup | None:
    """Say who gets the drafts meanwhile of those networks that somebody leads."""
    led = [one for one in members.of_person(db, member.person_id) if one.facilitator]
    if not led:
        return None
    there = [networks.found(db, one.network_id) for one in led]
    names = [
        second.name
        for network in there
        if (second := standing_in.stand_in(db, network)) is not None and second.person_id != member.person_id
    ]
    if len(names) < len(there):
        return text("pause.nobody_stands_in")
    return text("pause.stands_in", names=dates.joined(dict.fromkeys(names), text.language))


def _end_pause(db: Connection, member: Member, desk: Desk) -> Screen:
    resting.resume(db, member.person_id)
    text = desk.text(member.language)
    return Screen(text("pause.ended"), keyboard_rows([me.back(member.id, text)]))
