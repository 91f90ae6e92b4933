"""`/talk`: help for somebody in trouble, at once; and asking a person of one's own choice to get in touch.

What becomes of a request stands in `talk_requests`, how words are passed on in `talking`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import receipts, talk_cases, talk_requests, talking, visitors
from bot.actions.receipts import Screen
from bot.actions.talk_cases import Case, Helper
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import dates, mail
from bot.core import talk as rules
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.settings import wall
from bot.core.texts import Markup, Text
from storage import dialogs, members, networks, people, talks
from storage.db import Connection
from storage.dialogs import Dialog
from storage.networks import Network
from storage.people import Person

KIND = talks.KIND
NUMBER = "number"  # the step in which a telephone number is typed
ANYONE = "any"
LASTS = timedelta(hours=1)  # so long the next thing said is taken for the number


def begin(
    db: Connection, visitor: Visitor, person: Person | None, desk: Desk, *, now: datetime
) -> list[Letter]:
    """`/talk`: for whoever takes part somewhere, with whom to ask; for all others the general line."""
    if person is None or not members.of_person(db, person.id):
        to, text = visitors.reader(visitor, person, desk)
        return mail.say(to, text("talk.stranger", danger=text("talk.in_danger")))
    screen = first(db, person, desk, now=now)
    return mail.say(To(person=person.id), screen.html, screen.keyboard)


def first(db: Connection, person: Person, desk: Desk, *, now: datetime) -> Screen:
    """How it stands, or in which network, or whom to ask."""
    open_one = talks.open_of(db, person.id)
    case = None if open_one is None else talk_cases.case_of(db, open_one.id, desk, now=now)
    if case is not None:
        return standing(case)
    found = [networks.found(db, member.network_id) for member in members.of_person(db, person.id)]
    if len(found) == 1:
        return whom(db, person, found[0], desk, now=now)
    text = desk.text(person.language)
    buttons = [Button(one.title, callback("talk.network", one.id)) for one in found]
    html = text("talk.which", nobody=_nobody_reads(text), danger=text("talk.in_danger"))
    return Screen(html, keyboard_rows(buttons))


def whom(db: Connection, person: Person, network: Network, desk: Desk, *, now: datetime) -> Screen:
    """The help of a network, and who may be asked."""
    text = desk.text(person.language)
    numbers = talk_cases.numbers_of(network, text)
    head = Markup(f"{_nobody_reads(text)} {numbers}")
    found = talk_cases.helpers(db, network, person.id, now=now)
    if not found:
        return Screen(Markup(f"{head}\n\n{text('talk.nobody_there')}"))
    zone = ZoneInfo(network.timezone)
    begin, end = (
        dates.clock_time(wall(one), zone, text.language) for one in (network.office_from, network.office_to)
    )
    buttons = [Button(one.name, _whom("who", network, str(one.person_id))) for one in found]
    if len(found) > 1:
        buttons.append(Button(text.plain("talk.button.anyone"), _whom("who", network, ANYONE)))
    buttons.append(Button(text.plain("talk.button.no"), _whom("no", network)))
    asked = text("talk.ask", begin=begin, end=end)
    return Screen(Markup(f"{head}\n\n{asked}"), keyboard_rows(buttons))


def offer(db: Connection, person: Person, network: Network, desk: Desk, *, now: datetime) -> Screen:
    """Whom to ask in one network, for somebody who wants to; or how it stands with what was asked already."""
    open_one = talks.open_of(db, person.id)
    case = None if open_one is None else talk_cases.case_of(db, open_one.id, desk, now=now)
    return whom(db, person, network, desk, now=now) if case is None else standing(case)


def standing(case: Case) -> Screen:
    """How it stands with what was asked."""
    talk, text = case.talk, case.text
    by = case.full(talk.due_at, text)
    name = _name(case.db, talk.taken_by or talk.to_person)
    keyboard: Keyboard | None = None
    match talk.state:
        case rules.TAKEN if talk.how == rules.HERE:
            keyboard = keyboard_rows([Button(text.plain("talk.button.end"), callback("talk.end", talk.id))])
            html = text("talk.taken_here", name=name)
        case rules.TAKEN:
            html = text("talk.taken_call", name=name)
        case rules.ASKED:
            html, keyboard = text("talk.waits", name=name, until=by), talk_requests.withdraw_button(case)
        case _:
            html, keyboard = text("talk.nobody_left"), talk_requests.withdraw_button(case)
    numbers = talk_cases.numbers_of(case.network, text)
    return Screen(Markup(f"{_nobody_reads(text)} {numbers}\n\n{html}"), keyboard)


def _nobody_reads(text: Text) -> Markup:
    return text("talk.nobody_reads")


def _name(db: Connection, person_id: int) -> str:
    person = people.get(db, person_id)
    return "" if person is None else person.name


def _whom(verb: str, network: Network, nonce: str = "") -> str:
    return callback(f"talk.{verb}", network.id, nonce)


# Buttons ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Press:
    """A button of `/talk`, pressed; `id` is a network's, or a request's."""

    db: Connection
    person: Person
    id: int
    nonce: str
    message_id: int | None
    desk: Desk
    now: datetime

    @property
    def text(self) -> Text:
        """The texts in the language of who pressed."""
        return self.desk.text(self.person.language)

    def show(self, screen: Screen) -> list[Letter]:
        """Show it in place of the pressed message."""
        return receipts.show(self.person.id, self.message_id, screen)


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
    """Do what a button says; None for one that means nothing (any more)."""
    press = Press(db, person, id, nonce, message_id, desk, now)
    if verb in ("network", "who", "here", "call", "no"):
        return _asking(press, verb)
    case = talk_cases.case_of(db, id, desk, now=now)
    if case is None:
        return None
    match verb:
        case "take":
            return talk_requests.take(case, person, message_id)
        case "cannot":
            return talk_requests.cannot(case, person, message_id)
        case "end":
            return talk_requests.end(case, person, message_id)
        case "answer":
            return talking.answer(case, person)
        case "withdraw" | "next" if case.asker.id == person.id:
            return _changed(press, case, verb)
    return None


def _asking(press: Press, verb: str) -> list[Letter] | None:
    db, person = press.db, press.person
    member = members.who(db, press.id, person.id)
    if member is None or not member.active or talks.open_of(db, person.id) is not None:
        return None
    network = networks.found(db, press.id)
    dialogs.leave(db, person.id, KIND)
    if verb == "network":
        return press.show(whom(db, person, network, press.desk, now=press.now))
    if verb == "no":
        numbers = talk_cases.numbers_of(network, press.text)
        return press.show(Screen(Markup(f"{press.text('talk.not_asked')}\n\n{numbers}")))
    helper = _helper(press, network)
    if helper is None:
        return None
    if verb == "who":
        return press.show(_how(press, network, helper))
    if verb == "call":
        data = {"network": network.id, "to": press.nonce}
        dialogs.put(db, person.id, KIND, NUMBER, data, now=press.now, lasts=LASTS)
        back = Button(press.text.plain("common.button.back"), _whom("who", network, press.nonce))
        html = (
            press.text("talk.which_number_anyone")
            if press.nonce == ANYONE
            else press.text("talk.which_number", name=helper.name)
        )
        return press.show(Screen(html, keyboard_rows([back])))
    return _ask(press, network, helper, None)


def _helper(press: Press, network: Network) -> Helper | None:
    """Who was chosen, if that person can still be asked; where anybody may, the first one."""
    found = talk_cases.helpers(press.db, network, press.person.id, now=press.now)
    if press.nonce == ANYONE:
        return found[0] if found else None
    return next((one for one in found if str(one.person_id) == press.nonce), None)


def _how(press: Press, network: Network, helper: Helper) -> Screen:
    text = press.text
    buttons = [
        Button(text.plain("talk.button.here"), _whom("here", network, press.nonce)),
        Button(text.plain("talk.button.call"), _whom("call", network, press.nonce)),
        Button(text.plain("common.button.back"), _whom("network", network)),
    ]
    html = text("talk.how_anyone") if press.nonce == ANYONE else text("talk.how", name=helper.name)
    return Screen(html, keyboard_rows(buttons))


def _ask(press: Press, network: Network, helper: Helper, phone: str | None) -> list[Letter]:
    case, letters = talk_requests.ask(
        press.db,
        press.person,
        network,
        helper,
        anyone=press.nonce == ANYONE,
        phone=phone,
        desk=press.desk,
        now=press.now,
    )
    return [*press.show(_asked(case, helper)), *letters]


def _asked(case: Case, helper: Helper) -> Screen:
    text = case.text
    at, by = case.full(case.talk.at, text), case.full(case.talk.due_at, text)
    left = [one.name for one in talk_cases.others(case)]
    if case.talk.anyone:
        html = text("talk.asked_anyone", name=helper.name, at=at, until=by)
    elif left:
        names = dates.joined(left, text.language)
        html = text("talk.asked_more", name=helper.name, at=at, until=by, others=names)
    else:
        html = text("talk.asked", name=helper.name, at=at, until=by)
    numbers = talk_cases.numbers_of(case.network, text)
    return Screen(Markup(f"{html}\n\n{numbers}"), talk_requests.withdraw_button(case))


def _changed(press: Press, case: Case, verb: str) -> list[Letter] | None:
    if case.talk.state not in (rules.ASKED, rules.NOBODY):
        return None
    if verb == "withdraw":
        case, letters = talk_requests.withdraw(case)
        numbers = talk_cases.numbers_of(case.network, case.text)
        return [*press.show(Screen(Markup(f"{case.text('talk.withdrawn')}\n\n{numbers}"))), *letters]
    helper = next((one for one in talk_cases.others(case) if str(one.person_id) == press.nonce), None)
    if helper is None or case.talk.state != rules.NOBODY:
        return None
    case, letters = talk_requests.ask_next(case, helper)
    return [*press.show(_asked_next(case, helper)), *letters]


def _asked_next(case: Case, helper: Helper) -> Screen:
    told = case.text("talk.next_asked", name=helper.name, until=case.full(case.talk.due_at, case.text))
    numbers = talk_cases.numbers_of(case.network, case.text)
    return Screen(Markup(f"{told}\n\n{numbers}"), talk_requests.withdraw_button(case))


# A telephone number ------------------------------------------------------------------------------------------------


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """The number at which somebody may call."""
    press = Press(db, person, int(dialog.data["network"]), str(dialog.data["to"]), None, desk, now)
    phone = rules.phone_of(words)
    if phone is None:
        return mail.say(To(person=person.id), press.text("talk.no_number", typed=words[:40] or "…"))
    dialogs.leave(db, person.id, KIND)
    network = networks.get(db, press.id)
    member = members.who(db, press.id, person.id)
    helper = None if network is None else _helper(press, network)
    if network is None or helper is None or member is None or talks.open_of(db, person.id) is not None:
        return press.show(first(db, person, desk, now=now))
    return _ask(press, network, helper, phone)
