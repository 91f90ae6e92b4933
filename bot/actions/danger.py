"""When an answer sounds like danger or despair: its author gets the help numbers at once, and nobody else its words.

Those who lead hear that there is one (without the subject, as messages stand on lock screens, and without a name);
what they can do then stands in `alerts`. The list misses things: no text may suggest that somebody watches.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.actions import receipts, standing_in, talk
from bot.actions.contributions import changed, own
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import danger as rules
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter
from bot.core.texts import Text
from storage import contributions, networks
from storage.contributions import Contribution
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person

ALERT = "danger_alert"  # the kind of the letters to those who lead


def look(
    db: Connection, kept: Contribution, member: Member, desk: Desk, *, now: datetime
) -> tuple[Contribution, list[Letter]]:
    """Look at words that came in; return the contribution as it is then, and what those who lead are told."""
    network = networks.found(db, kept.network_id)
    if kept.danger is not None or not rules.hits(kept.text, network.danger):
        return kept, []
    contributions.change(db, kept.id, danger=rules.HELD, danger_at=now)
    return replace(kept, danger=rules.HELD, danger_at=now), _alerts(db, kept, member, network, desk, now=now)


def _alerts(
    db: Connection, kept: Contribution, member: Member, network: Network, desk: Desk, *, now: datetime
) -> list[Letter]:
    leads = member.facilitator  # who leads and writes it is not who looks after it
    there = standing_in.here(db, network, now=now, with_stand_in=leads)
    whom = [one for one in there if one.id != member.id]
    if not whom:
        key, but = f"danger:{kept.id}:nobody", [member.person_id]
        return standing_in.tell_coordinators(
            db, network, "danger.nobody_there", desk, key=key, now=now, but=but
        )
    return alert(kept, member, network, whom, desk, now=now)


def alert(
    kept: Contribution,
    member: Member,
    network: Network,
    whom: Sequence[Member],
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    """Tell some of those who lead that there is something to look at; twice is impossible."""
    letters: list[Letter] = []
    for one in whom:
        text = desk.text(one.language)
        html = (
            text("danger.alert", network=network.title)
            if member.reachable
            else text("danger.alert_untold", network=network.title)
        )
        letters += standing_in.alert(
            one,
            network,
            html,
            alert_buttons(kept.id, text),
            key=alert_key(kept.id, one),
            kind=ALERT,
            about={"contribution": kept.id},
            now=now,
        )
    return letters


def alert_key(contribution_id: int, member: Member) -> str:
    """The key of the letter that alerts somebody."""
    return f"danger:{contribution_id}:{member.person_id}"


def alert_buttons(contribution_id: int, text: Text) -> Keyboard:
    """What can be pressed below an alert."""
    return keyboard_rows([show_button(contribution_id, text), what_button(contribution_id, text)])


def show_button(contribution_id: int, text: Text) -> Button:
    """Opens it."""
    return Button(text.plain("danger.button.show"), callback("alert.show", contribution_id))


def what_button(contribution_id: int, text: Text) -> Button:
    """Says what can be done."""
    return Button(text.plain("danger.button.what"), callback("alert.what", contribution_id))


# Its author -------------------------------------------------------------------------------------------------------


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
    """What its author says; None for anybody else, and for what was taken back."""
    receipt = own(db, person, contribution_id, desk)
    if receipt is None or receipt.kept.danger is None:
        return None
    letters: list[Letter] = []
    match verb:
        case "yes":
            used = receipt.kept.danger == rules.USED
            _set(db, receipt.kept, rules.OUT)
            letters = changed(db, contribution_id, desk, now=now) if used else []
            screen = talk.offer(db, person, receipt.network, desk, now=now)
        case "no" if receipt.kept.danger == rules.HELD:
            screen = _said(db, receipt.member, _set(db, receipt.kept, rules.OUT), desk)
        case "use" if receipt.kept.danger in rules.KEPT_OUT:
            screen = _said(db, receipt.member, _set(db, receipt.kept, rules.USED), desk)
            letters = changed(db, contribution_id, desk, now=now)
        case _:
            return None
    return [*receipts.show(person.id, message_id, screen), *letters]


def _set(db: Connection, kept: Contribution, danger: str) -> Contribution:
    contributions.change(db, kept.id, danger=danger)
    return replace(kept, danger=danger)


def _said(db: Connection, member: Member, kept: Contribution, desk: Desk) -> Screen:
    return receipts.screen(receipts.of(db, member, kept, desk))
