"""A request to be contacted, from being asked to its end: who is asked next, and what both sides are told.

`asked → taken → done`, or `asked → nobody`, from where somebody may still take it on; `withdrawn` at any time. Whom a
request has been put to is known by the keys of the alerts, `talk:<id>:ask:<person>`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import standing_in
from bot.actions.answer import Answer
from bot.actions.talk_cases import Case, Helper, case_of, numbers_of, others, tell, until
from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core import talk as rules
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.outcomes import Refused
from bot.core.texts import Markup
from storage import audit, dialogs, networks, outbox, people, talks
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person

ALERT = talks.ALERT


# Asking -----------------------------------------------------------------------------------------------------------


def ask(
    db: Connection,
    person: Person,
    network: Network,
    helper: Helper,
    *,
    anyone: bool,
    phone: str | None,
    desk: Desk,
    now: datetime,
) -> tuple[Case, list[Letter]]:
    """Ask somebody to contact this person."""
    talk = talks.ask(
        db,
        network_id=network.id,
        person_id=person.id,
        to_person=helper.person_id,
        anyone=anyone,
        how=rules.HERE if phone is None else rules.CALL,
        phone=phone,
        at=now,
        due_at=until(network, now=now),
    )
    audit.note(db, "talk_asked", now=now, network_id=network.id, talk=talk.id)
    case = Case(db, talk, network, person, desk, now)
    return case, _alert(case, helper)


def ask_next(case: Case, helper: Helper) -> tuple[Case, list[Letter]]:
    """Ask the next one."""
    case = case.again(to_person=helper.person_id, state=rules.ASKED, due_at=until(case.network, now=case.now))
    audit.note(case.db, "talk_asked", now=case.now, network_id=case.network.id, talk=case.talk.id)
    return case, _alert(case, helper)


def _alert(case: Case, helper: Helper) -> list[Letter]:
    """No name, and not what it is about: messages stand on lock screens."""
    person = people.get(case.db, helper.person_id)
    text = case.desk.text(person.language if person else None)
    by = case.full(case.talk.due_at, text)
    keyboard = keyboard_rows(
        [
            Button(text.plain("talk.button.take"), callback("talk.take", case.talk.id)),
            Button(text.plain("talk.button.cannot"), callback("talk.cannot", case.talk.id)),
        ]
    )
    html = text("talk.alert", network=case.network.title, until=by)
    silent = helper.member is not None and standing_in.rests(helper.member, case.network, now=case.now)
    key = talks.alert_key(case.talk.id, helper.person_id)
    about = {"talk": case.talk.id}
    return mail.say(
        helper.to, html, keyboard, key=key, kind=ALERT, about=about, silent=silent, unsure="repeat"
    )


def alerted(db: Connection, answer: Answer) -> None:
    """Who blocked the bot is not waited for: the request goes on at once."""
    talk = talks.get(db, int(answer.about["talk"]))
    if talk is None or not isinstance(answer.outcome, Refused):
        return
    if talk.state == rules.ASKED and talk.to_person == answer.row.person_id:
        talks.change(db, talk.id, due_at=answer.now)


def _alerts_off(case: Case, id: str, *, but: Sequence[int] = ()) -> list[Letter]:
    """Whoever was asked sees that it is over, and can press nothing any more."""
    letters = []
    for alert in talks.alerts(case.db, case.talk.id):
        if alert.person_id in but or alert.message_id is None:
            continue
        person = people.get(case.db, alert.person_id)
        html = case.desk.text(person.language if person else None)(id, network=case.network.title)
        key = f"{talks.alert_key(case.talk.id, alert.person_id)}:off:{case.stamp}"
        letters.append(mail.edit(To(person=alert.person_id), alert.message_id, html, key=key))
    return letters


def _note_off(case: Case, *, but_message: int | None = None) -> list[Letter]:
    """Who took it on keeps neither name, number nor button; `but_message` shows that already."""
    asked = talks.alerts(case.db, case.talk.id)
    if but_message is not None and any(one.message_id == but_message for one in asked):
        return []
    id = "talk.called" if case.talk.how == rules.CALL else "talk.alert_over"
    return _alerts_off(case, id, but=[one.person_id for one in asked if one.person_id != case.talk.taken_by])


# What those who were asked do -------------------------------------------------------------------------------------


def take(case: Case, person: Person, message_id: int | None) -> list[Letter] | None:
    """Take it on; None for who was not asked, or does not lead any more."""
    if not _may(case, person):
        return None
    if case.talk.state not in (rules.ASKED, rules.NOBODY):
        mine = case.talk.state == rules.TAKEN and case.talk.taken_by == person.id
        id = "talk.alert_over" if case.talk.state != rules.TAKEN else "talk.alert_taken"
        return None if mine else _shown(case, person, message_id, id)
    here = case.talk.how == rules.HERE
    over = case.now + rules.QUIET if here else case.talk.at + rules.KEPT
    # Asked now is who takes it on: the row goes with whoever stands there when that person is erased.
    taken = {"to_person": person.id, "taken_by": person.id, "taken_at": case.now}
    case = case.again(state=rules.TAKEN, due_at=over, **taken)
    audit.note(
        case.db,
        "talk_taken",
        now=case.now,
        network_id=case.network.id,
        person_id=person.id,
        talk=case.talk.id,
    )
    text = case.desk.text(person.language)
    if here:
        _open(case, person)
        html = text("talk.yours_here", name=case.asker.name)
        label = text.plain("talk.button.end")
        told = case.text("talk.taken_here", name=person.name)
        below = [Button(case.text.plain("talk.button.end"), callback("talk.end", case.talk.id))]
    else:
        day = dates.day(over, ZoneInfo(case.network.timezone), text.language, now=case.now)
        html = text("talk.yours_call", name=case.asker.name, phone=case.talk.phone or "", day=day)
        label = text.plain("talk.button.called")
        told = case.text("talk.taken_call", name=person.name)
        below = []
    keyboard = keyboard_rows([Button(label, callback("talk.end", case.talk.id))])
    to = To(person=person.id)
    shown = (
        mail.say(to, html, keyboard) if message_id is None else [mail.edit(to, message_id, html, keyboard)]
    )
    rest = _alerts_off(case, "talk.alert_taken", but=[person.id])
    return [*shown, *tell(case, told, keyboard_rows(below) if below else None), *rest]


def _open(case: Case, person: Person) -> None:
    """What both write from now on is passed on."""
    data = {"talk": case.talk.id}
    for one in (person.id, case.asker.id):
        dialogs.put(case.db, one, talks.KIND, "open", data, now=case.now, lasts=rules.QUIET)


def cannot(case: Case, person: Person, message_id: int | None) -> list[Letter] | None:
    """Not now: the next one is asked, or who asked may choose."""
    if not _may(case, person) or case.talk.state not in (rules.ASKED, rules.NOBODY):
        return None
    shown = _shown(case, person, message_id, "talk.alert_cannot")
    if case.talk.state == rules.NOBODY or case.talk.to_person != person.id:
        return shown  # they have been told already that nobody answered in time
    return [*shown, *pass_on(case, case.text("talk.cannot", name=person.name))]


def _may(case: Case, person: Person) -> bool:
    asked = any(alert.person_id == person.id for alert in talks.alerts(case.db, case.talk.id))
    return asked and (standing_in.may(case.db, case.network, person.id) or person.coordinator)


def _shown(case: Case, person: Person, message_id: int | None, id: str) -> list[Letter]:
    html = case.desk.text(person.language)(id, network=case.network.title)
    to = To(person=person.id)
    return mail.say(to, html) if message_id is None else [mail.edit(to, message_id, html)]


# Nobody, or the next one ------------------------------------------------------------------------------------------


def pass_on(case: Case, why: Markup) -> list[Letter]:
    """Ask the next one where anybody may help; else tell who asked, who may choose another one."""
    left = others(case)
    if case.talk.anyone and left:
        case, letters = ask_next(case, left[0])
        by = case.full(case.talk.due_at, case.text)
        told = case.text("talk.next_asked", name=left[0].name, until=by)
        return [*letters, *tell(case, Markup(f"{why} {told}"), withdraw_button(case))]
    # Nobody is asked now: the request must not go with the last one who was, should they be erased.
    waits = {"state": rules.NOBODY, "to_person": case.asker.id}
    case = case.again(**waits, due_at=max(case.talk.at + rules.KEPT, case.now))
    told = case.text("talk.ask_another") if left else case.text("talk.nobody_left")
    numbers = numbers_of(case.network, case.text)
    keyboard = keyboard_rows([*_choices(case, left), *withdraw_buttons(case)])
    coordinators = standing_in.tell_coordinators(
        case.db,
        case.network,
        "talk.nobody_answered",
        case.desk,
        key=f"talk:{case.talk.id}:nobody",
        now=case.now,
        but=[case.asker.id],
    )
    return [*tell(case, Markup(f"{why} {told}\n\n{numbers}"), keyboard), *coordinators]


def _choices(case: Case, left: Sequence[Helper]) -> list[Button]:
    return [Button(one.name, callback("talk.next", case.talk.id, str(one.person_id))) for one in left]


def withdraw_buttons(case: Case) -> list[Button]:
    """The button that takes it back."""
    return [Button(case.text.plain("talk.button.withdraw"), callback("talk.withdraw", case.talk.id))]


def withdraw_button(case: Case) -> Keyboard:
    """The same, alone."""
    return keyboard_rows(withdraw_buttons(case))


# Its end ----------------------------------------------------------------------------------------------------------


def withdraw(case: Case) -> tuple[Case, list[Letter]]:
    """Who asked doesn't want it any more."""
    case = _close(case, rules.WITHDRAWN)
    return case, _alerts_off(case, "talk.alert_over")


def end(case: Case, person: Person, message_id: int | None) -> list[Letter] | None:
    """One of the two ends it; None for anybody else."""
    if case.talk.state != rules.TAKEN or person.id not in (case.asker.id, case.talk.taken_by):
        return None
    helper = people.get(case.db, case.talk.taken_by or 0)
    called = case.talk.how == rules.CALL
    if called and person.id == case.asker.id:
        return None
    case = _close(case, rules.DONE)
    id = "talk.called" if called else "talk.ended"
    shown = _shown(case, person, message_id, id)
    if person.id == case.asker.id:
        return [*shown, *_note_off(case), *_tell_helper(case, "talk.ended")]
    told = (
        case.text("talk.says_called", name=helper.name if helper else "")
        if called
        else case.text("talk.ended")
    )
    return [*shown, *_note_off(case, but_message=message_id), *tell(case, told)]


def _tell_helper(case: Case, id: str) -> list[Letter]:
    helper = None if case.talk.taken_by is None else people.get(case.db, case.talk.taken_by)
    if helper is None:
        return []
    html = case.desk.text(helper.language)(id)
    return mail.say(To(person=helper.id), html, key=f"talk:{case.talk.id}:over", silent=True)


def _close(case: Case, state: str) -> Case:
    """It is over: the number is erased, and nothing is passed on any more."""
    audit.note(case.db, f"talk_{state}", now=case.now, network_id=case.network.id, talk=case.talk.id)
    for one in (case.asker.id, case.talk.taken_by):
        dialog = None if one is None else dialogs.of(case.db, one, now=case.now)
        if dialog is not None and dialog.kind == talks.KIND and dialog.data.get("talk") == case.talk.id:
            dialogs.close(case.db, dialog.person_id)
    return case.again(state=state, phone=None, due_at=case.now)


def gone(db: Connection, member: Member, desk: Desk, *, now: datetime, erased: bool = False) -> list[Letter]:
    """Somebody leaves a network: what they were asked goes on to others, and if `erased`, nobody is asked for them."""
    letters: list[Letter] = []
    person = people.get(db, member.person_id)
    if person is not None:
        letters += _handed_on(db, member.network_id, person, desk, now=now)
    own = talks.open_of(db, member.person_id) if erased else None
    case = None if own is None else case_of(db, own.id, desk, now=now)
    if case is not None and case.network.id == member.network_id:
        letters += withdraw(case)[1]  # in the chats of those who took it on, the name and the number go too
    return letters + _unsaid(db, member.person_id, member.network_id, desk) if erased else letters


def gone_outside(
    db: Connection, person: Person, own: Collection[int], desk: Desk, *, now: datetime
) -> list[Letter]:
    """The same of a coordinator who is erased, wherever they were asked besides their `own` networks."""
    letters: list[Letter] = []
    for network in networks.every(db):
        if network.id not in own:
            letters += _handed_on(db, network.id, person, desk, now=now)
            letters += _unsaid(db, person.id, network.id, desk)
    return letters


def _handed_on(db: Connection, network_id: int, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """What waits for a helper who goes is put to others; what they took on is over."""
    letters: list[Letter] = []
    for talk_id in talks.of_helper(db, network_id, person.id):
        case = case_of(db, talk_id, desk, now=now)
        if case is None:
            continue
        if case.talk.state == rules.ASKED:
            letters += pass_on(case, case.text("talk.cannot", name=person.name))
        else:
            case = _close(case, rules.DONE)
            letters += _note_off(case)
            letters += tell(case, case.text("talk.ended"))
    return letters


def _unsaid(db: Connection, person_id: int, network_id: int, desk: Desk) -> list[Letter]:
    """What was passed on stands in the other one's chat: words are replaced, files deleted where Telegram lets us."""
    letters = []
    for row in outbox.of_kind(db, talks.KIND, "talk:"):
        if row.about.get("from") != person_id or row.about.get("network") != network_id:
            continue
        reader = None if row.person_id is None else people.get(db, row.person_id)
        if reader is not None and row.message_id is not None:
            to, key = To(person=reader.id), f"talk:unsaid:{row.id}"
            html = desk.text(reader.language)("talk.unsaid")
            wordy = row.method == "sendMessage"
            letters.append(
                mail.edit(to, row.message_id, html, key=key)
                if wordy
                else mail.delete(to, row.message_id, key=key)
            )
        outbox.remove(db, row.id)
    return letters


# What is due ------------------------------------------------------------------------------------------------------


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the requests whose time is over."""
    return talks.due(db, now=now)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next one is due."""
    return talks.upcoming(db)


def follow(db: Connection, talk_id: int, desk: Desk, *, now: datetime) -> None:
    """Nobody has answered in time, nobody writes any more, or a week is over."""
    case = case_of(db, talk_id, desk, now=now)
    if case is None or case.talk.state not in rules.OPEN or case.talk.due_at > now:
        return
    outbox.write(db, _follow(case), now=now)


def _follow(case: Case) -> list[Letter]:
    talk, text = case.talk, case.text
    week_over = case.now >= talk.at + rules.KEPT
    if talk.state == rules.TAKEN and talk.how == rules.HERE:
        case = _close(case, rules.DONE)
        told = text("talk.ended_quiet")
        return [*tell(case, told), *_note_off(case), *_tell_helper(case, "talk.ended_quiet")]
    if talk.state == rules.TAKEN:
        helper = people.get(case.db, talk.taken_by or 0)
        case = _close(case, rules.DONE)
        told = text("talk.number_erased", name=helper.name if helper else "")
        return [*tell(case, told), *_alerts_off(case, "talk.called")]
    if talk.state == rules.NOBODY or week_over:
        case = _close(case, rules.WITHDRAWN)
        numbers = numbers_of(case.network, text)
        told = Markup(f"{text('talk.closed')}\n\n{numbers}")
        return [*tell(case, told), *_alerts_off(case, "talk.alert_over")]
    asked = people.get(case.db, talk.to_person)
    why = text("talk.not_answered", name=asked.name if asked else "", until=case.full(talk.due_at, text))
    return pass_on(case, why)


def forget_old(db: Connection, *, before: datetime) -> int:
    """Erase requests that are over; return how many."""
    return talks.forget_old(db, before=before)
