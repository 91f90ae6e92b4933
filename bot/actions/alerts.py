"""What those who lead can do about an answer that may be about somebody's safety; and when nobody looks.

Opening it leaves a line in the audit table. When it is taken back, or its author says that it may be used, the alert
in their chats says so, and shows no words any more.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.actions import contributions, danger, receipts, standing_in, taking
from bot.actions.receipts import Screen
from bot.actions.taking import Taken
from bot.actions.unit import Desk
from bot.core import danger as rules
from bot.core import mail
from bot.core import talk as talk_rules
from bot.core.letters import keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import audit, members, networks, outbox, people
from storage import contributions as contribution_rows
from storage.contributions import Contribution
from storage.db import Connection
from storage.networks import Network
from storage.people import Person

UNOPENED = timedelta(days=1)  # after so long the coordinators hear that nobody has looked


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    contribution_id: int,
    _nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Show it, or what can be done; None for who may not, and for what was taken back."""
    kept = contribution_rows.get(db, contribution_id)
    if kept is None or kept.state != "kept" or kept.danger not in rules.KEPT_OUT:
        return None
    network, text = networks.found(db, kept.network_id), desk.text(person.language)
    if not standing_in.may(db, network, person.id):
        return None
    if verb == "show":
        contribution_rows.change(db, kept.id, danger_at=None)
        audit.note(
            db, "danger_shown", now=now, network_id=network.id, person_id=person.id, contribution=kept.id
        )
        screen = _shown(db, kept, desk, text)
    elif verb == "what":
        screen = _what(db, kept, network, text)
    else:
        return None
    return receipts.show(person.id, message_id, screen)


def _shown(db: Connection, kept: Contribution, desk: Desk, text: Text) -> Screen:
    """Its words, with no more of its author than was chosen."""
    member = members.get(db, kept.member_id)
    assert member is not None
    receipt = replace(receipts.of(db, member, kept, desk), text=text)
    html = text("danger.shown", shown=receipt.label(), words=member_words(kept.text))
    return Screen(html, keyboard_rows([danger.what_button(kept.id, text)]))


def _what(db: Connection, kept: Contribution, network: Network, text: Text) -> Screen:
    member = members.get(db, kept.member_id)
    stand_in = standing_in.stand_in(db, network)
    told = member is not None and member.reachable
    lines = [text("danger.what_told") if told else text("danger.what_untold")]
    if stand_in is not None:
        lines.append(text("danger.what_named", name=stand_in.name))
    numbers = talk_rules.numbers(network.help, text, network.language)
    html = Markup(f"{' '.join(lines)}\n\n{numbers}")
    return Screen(html, keyboard_rows([danger.show_button(kept.id, text)]))


# When it changes --------------------------------------------------------------------------------------------------


def reworded(db: Connection, taken: Taken, desk: Desk, *, now: datetime) -> list[Letter]:
    """New words of something that was kept: they too may sound like danger."""
    before, member = taken.kept, taken.member
    if taken.new or before.danger is not None or before.state != "kept":
        return []
    kept, alerts = danger.look(db, before, member, desk, now=now)
    if kept.danger is None:
        return []
    told: list[Letter] = []
    if member.reachable:
        screen = receipts.screen(receipts.of(db, member, kept, desk))
        to, key = To(person=member.person_id), f"danger:{kept.id}:author"
        told = mail.say(to, screen.html, screen.keyboard, key=key, silent=True)
    return [*told, *alerts, *contributions.changed(db, kept.id, desk, now=now)]


def settled(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """It was taken back, or may be used: those who were alerted see that, and its words no more."""
    kept = contribution_rows.get(db, contribution_id)
    if kept is None or (kept.state == "kept" and kept.danger != rules.USED):
        return []
    return off(db, contribution_id, networks.found(db, kept.network_id), desk, used=kept.state == "kept")


def off(
    db: Connection, contribution_id: int, network: Network, desk: Desk, *, used: bool = False
) -> list[Letter]:
    """Take the words out of every alert."""
    id = "danger.used_after_all" if used else "danger.gone"
    letters = []
    for row in outbox.of_kind(db, danger.ALERT, f"danger:{contribution_id}:"):
        person = None if row.person_id is None else people.get(db, row.person_id)
        if person is None or row.message_id is None:
            continue
        html = desk.text(person.language)(id, network=network.title)
        key = f"{row.key}:{'used' if used else 'gone'}"
        letters.append(mail.edit(To(person=person.id), row.message_id, html, key=key))
    return letters


def remind(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Of answers that nobody has looked at for a day the stand-in hears, and the coordinators; return how many."""
    waiting = contribution_rows.unopened(db, before=now - UNOPENED)
    for kept in waiting:
        contribution_rows.change(db, kept.id, danger_at=None)
        network = networks.found(db, kept.network_id)
        key = f"danger:{kept.id}:unopened"
        letters = standing_in.tell_coordinators(db, network, "danger.unopened", desk, key=key, now=now)
        if (member := members.get(db, kept.member_id)) is not None:
            there = standing_in.here(db, network, now=now, with_stand_in=True)
            others = [one for one in there if one.id != member.id]
            letters += danger.alert(kept, member, network, others, desk, now=now)
        outbox.write(db, letters, now=now)
    return len(waiting)


taking.TAKEN.append(reworded)
contributions.CHANGED.append(settled)
