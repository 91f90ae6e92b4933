"""Meetings as facilitators plan them: made, moved with what hangs on them, cancelled, and who comes.

What members see of it is `bot/actions/invitations.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.actions import digests, invitations, prompts
from bot.actions.unit import Desk
from bot.actions.which import Leader, leader
from bot.core import dates, mail, moments, plans, schedule, whens
from bot.core import meetings as rules
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import Letter
from bot.core.prompts import excerpt
from bot.core.schedule import Move
from bot.core.texts import Markup
from bot.core.whens import AroundMeeting, At, Every, Unreadable
from storage import audit, dialogs, meetings, members
from storage import prompts as rows
from storage.db import Connection
from storage.dialogs import Dialog
from storage.meetings import Meeting
from storage.people import Person
from storage.prompts import Prompt

KIND = "meetings"
Act = Callable[[Leader, Meeting, str, int | None], list[Letter] | None]
SHOWN = 40  # characters of what was typed and not understood
BUTTONS = 12

# Making one -------------------------------------------------------------------------------------------------


def take(who: Leader, fields: Sequence[str]) -> list[Letter]:
    """`/meeting DATE TIME | TITLE | PLACE or LINK`: plan it, or ask for what is missing."""
    data: dict[str, Any] = {"network": who.network.id, "local": None, "title": "", "place": None}
    if not fields:
        return _ask(who, data)
    when = read(who, fields[0])
    if isinstance(when, Unreadable) and len(fields) == 1 and when.reason == "unknown":
        return _ask(who, data | {"title": fields[0][: rules.MAX_TITLE]})
    data |= {"title": fields[1] if len(fields) > 1 else "", "place": fields[2] if len(fields) > 2 else None}
    if isinstance(when, Unreadable):
        return _ask(who, data, _unreadable(who, when, fields[0]))
    return _go_on(who, data | {"local": moments.key(when.local)}, in_one=len(fields) > 1)


def read(who: Leader, typed: str) -> At | Unreadable:
    """Return the date and time that were typed, in the network's language, the facilitator's own, or English."""
    answer: At | Unreadable = Unreadable("unknown")
    for language in (who.network.language, who.person.language):
        answer = whens.read_date_time(typed, language=language, zone=who.zone, now=who.now)
        if answer != Unreadable("unknown"):
            break
    return answer


def _unreadable(who: Leader, when: Unreadable, typed: str) -> Markup:
    text, typed = who.text, typed[:SHOWN]
    match when.reason:
        case "past":
            return text("prompts.when_past", typed=typed)
        case "far":
            return text("prompts.when_far", typed=typed)
        case "no_time":
            return text("prompts.when_no_time", typed=typed)
        case "no_such_time" | "no_such_date":
            return text("prompts.when_none_such", typed=typed)
        case _:
            return text("meetings.when_unknown", typed=typed)


def _ask(who: Leader, data: dict[str, Any], problem: Markup | None = None) -> list[Letter]:
    dialogs.put(who.db, who.person.id, KIND, "when", data, now=who.now)
    example = who.text(
        "prompts.example", date=f"{(who.now + timedelta(days=14)).astimezone(who.zone):%Y-%m-%d} 17:30"
    )
    return who.show(f"{problem or who.text('meetings.ask_when')}\n{example}")


def _go_on(who: Leader, data: dict[str, Any], *, in_one: bool = False) -> list[Letter]:
    """Ask for title and place; what came in one line without a place has none yet."""
    if not data["title"]:
        dialogs.put(who.db, who.person.id, KIND, "title", data, now=who.now)
        return who.show(who.text("meetings.ask_title"))
    if len(data["title"]) > rules.MAX_TITLE or len(data["place"] or "") > rules.MAX_PLACE:
        step = "title" if len(data["title"]) > rules.MAX_TITLE else "place"
        dialogs.put(who.db, who.person.id, KIND, step, data | {step: ""}, now=who.now)
        most = rules.MAX_TITLE if step == "title" else rules.MAX_PLACE
        return who.show(who.text("meetings.too_long", most=most))
    if data["place"] is None and not in_one:
        dialogs.put(who.db, who.person.id, KIND, "place", data, now=who.now)
        button = Button(
            who.text.plain("meetings.button.no_place"), callback("meetings.noplace", who.network.id)
        )
        return who.show(who.text("meetings.ask_place"), keyboard_rows([button]))
    return _make(who, data)


def _make(who: Leader, data: dict[str, Any], message_id: int | None = None) -> list[Letter]:
    wall = datetime.fromisoformat(data["local"])
    starts_at = moments.utc(wall, who.zone)
    _close(who)
    if starts_at <= who.now:  # it was asked for its title for too long
        return _ask(who, data | {"local": None}, who.text("prompts.when_past", typed=who.full(starts_at)))
    soon = rules.remind_at(starts_at, who.zone) <= who.now
    meeting = meetings.create(
        who.db,
        network_id=who.network.id,
        title=data["title"],
        place=data["place"] or "",
        starts_at=starts_at,
        reminded_at=who.now if soon else None,  # who is told today needs no reminder today
        created_by=who.person.id,
        created_at=who.now,
    )
    adopted = prompts.adopt(who.db, who.network.id, now=who.now)
    letters = _summaries_follow(who)
    letters += invitations.announce(
        who.db, meeting, who.network, who.desk, at=who.now + rules.SOON, now=who.now
    )
    return [*_planned(who, meeting, adopted, message_id), *letters]


def _planned(
    who: Leader, meeting: Meeting, adopted: Sequence[Prompt], message_id: int | None = None
) -> list[Letter]:
    text = who.text
    lines: list[str] = [
        text(
            "meetings.planned",
            details=invitations.details(meeting, who.network, text, now=who.now),
            city=plans.city(who.zone),
        )
    ]
    if whens.doubtful_hour(At(moments.local(meeting.starts_at, who.zone))):
        lines.append(f"<i>{text('prompts.note_doubtful')}</i>")
    if adopted:
        lines.append(text("meetings.adopted"))
        lines += [
            text("meetings.adopted_line", text=excerpt(prompt.text), at=who.full(prompt.next_due_at))
            for prompt in adopted
            if prompt.next_due_at is not None
        ]
    buttons = [
        _button(who, "common.button.undo", "undo", meeting),
        _button(who, "common.button.change", "card", meeting),
        _all(who),
    ]
    return who.show("\n".join(lines), keyboard_rows(buttons), message_id)


def _button(who: Leader, label: str, verb: str, meeting: Meeting, nonce: str = "") -> Button:
    return Button(who.text.plain(label), callback(f"meetings.{verb}", meeting.id, nonce))


def _all(who: Leader) -> Button:
    return Button(who.text.plain("meetings.button.all"), callback("meetings.list", who.network.id))


def _close(who: Leader) -> None:
    dialog = dialogs.of(who.db, who.person.id, now=who.now)
    if dialog is not None and dialog.kind == KIND:
        dialogs.close(who.db, who.person.id)


# What is typed ----------------------------------------------------------------------------------------------


def typed(
    db: Connection, person: Person, dialog: Dialog, given: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Take what was asked for."""
    data, step, words = dict(dialog.data), dialog.step, given.strip()
    who = leader(db, person, data.get("network"), desk, now=now)
    if who is None:
        dialogs.close(db, person.id)
        return mail.say(mail.To(person=person.id), desk.text(person.language)("error.not_allowed"))
    if not words:
        return who.show(who.text("meetings.write"))
    if step in ("when", "title", "place"):
        return _typed_new(who, data, step, words)
    meeting = meetings.get(db, int(data.get("meeting") or 0))
    if meeting is None or meeting.state != "planned" or meeting.starts_at <= now:
        dialogs.close(db, person.id)
        return who.show(who.text("meetings.gone"))
    if step == "move":
        return _typed_move(who, meeting, words)
    field, most = ("title", rules.MAX_TITLE) if step == "new_title" else ("place", rules.MAX_PLACE)
    if len(words) > most:
        return who.show(who.text("meetings.too_long", most=most))
    return _rename(who, meeting, **{field: words})


def _typed_new(who: Leader, data: dict[str, Any], step: str, words: str) -> list[Letter]:
    if step != "when":
        return _go_on(who, data | {step: words})
    when = read(who, words)
    if isinstance(when, Unreadable):
        return _ask(who, data, _unreadable(who, when, words))
    return _go_on(who, data | {"local": moments.key(when.local)})


def _typed_move(who: Leader, meeting: Meeting, words: str) -> list[Letter]:
    when = read(who, words)
    if isinstance(when, Unreadable):
        return who.show(_unreadable(who, when, words))
    _close(who)
    return _preview(who, meeting, when.local)


# What is pressed --------------------------------------------------------------------------------------------


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
    """Do what a facilitator's button says; None for a button that means nothing (any more)."""
    if verb in ("list", "begin", "noplace"):
        who = leader(db, person, id, desk, now=now)
        return None if who is None else _of_network(who, verb, message_id)
    meeting = meetings.get(db, id)
    who = None if meeting is None else leader(db, person, meeting.network_id, desk, now=now)
    act = PRESSES.get(verb)
    if meeting is None or who is None or act is None or meeting.starts_at <= now:
        return None
    if meeting.state != ("cancelled" if verb in ("restore", "rehang") else "planned"):
        return None
    return act(who, meeting, nonce, message_id)


def _of_network(who: Leader, verb: str, message_id: int | None) -> list[Letter] | None:
    if verb == "list":
        return plan(who, message_id)
    if verb == "begin":
        return take(who, [])
    dialog = dialogs.of(who.db, who.person.id, now=who.now)
    if dialog is None or dialog.kind != KIND or dialog.step != "place":
        return None
    if dialog.data.get("network") != who.network.id:
        return None
    return _make(who, dialog.data | {"place": ""}, message_id)


def plan(who: Leader, message_id: int | None = None) -> list[Letter]:
    """Show the meetings that are coming."""
    text = who.text
    coming = meetings.coming(who.db, who.network.id, now=who.now)
    new = Button(text.plain("meetings.button.new"), callback("meetings.begin", who.network.id))
    if not coming:
        nothing = text("meetings.none", network=who.network.title)
        return who.show(nothing, keyboard_rows([new]), message_id)
    lines: list[str] = [text("meetings.coming", network=who.network.title, city=plans.city(who.zone))]
    buttons = []
    for number, meeting in enumerate(coming[:BUTTONS], 1):
        told = invitations.details(meeting, who.network, text, now=who.now)
        lines.append(f"{number} {told}\n{_numbers(who, meeting)}")
        label = f"{number} · {dates.short(meeting.starts_at, who.zone, text.language)}"
        buttons.append(Button(label, callback("meetings.card", meeting.id)))
    return who.show("\n\n".join(lines), keyboard_rows([*buttons, new]), message_id)


def _numbers(who: Leader, meeting: Meeting) -> Markup:
    given = meetings.answers(who.db, meeting.id)
    counts = {name: sum(answer == name for answer in given.values()) for name in rules.ANSWERS}
    asked = [one for one in members.active(who.db, who.network.id) if one.circle == invitations.CIRCLE]
    silent = sum(one.id not in given for one in asked)
    return who.text(
        "meetings.numbers", yes=counts["yes"], no=counts["no"], maybe=counts["maybe"], silent=silent
    )


def _card(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter]:
    _close(who)
    told = invitations.details(meeting, who.network, who.text, now=who.now)
    buttons = [
        _button(who, "meetings.button.move", "move", meeting),
        _button(who, "meetings.button.title", "title", meeting),
        _button(who, "meetings.button.place", "place", meeting),
        _button(who, "meetings.button.cancel", "cancel", meeting),
        _all(who),
    ]
    return who.show(f"{told}\n{_numbers(who, meeting)}", keyboard_rows(buttons), message_id)


def _typing(step: str, id: str) -> Act:
    def ask(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter]:
        data = {"network": who.network.id, "meeting": meeting.id}
        dialogs.put(who.db, who.person.id, KIND, step, data, now=who.now)
        asked = who.text(id, title=meeting.title, when=who.full(meeting.starts_at))
        leave = _button(who, "common.button.leave_it", "card", meeting)
        return who.show(asked, keyboard_rows([leave]), message_id)

    return ask


def _rename(who: Leader, meeting: Meeting, **values: str) -> list[Letter]:
    _close(who)
    coming = _coming(who, meeting)
    unknown = invitations.withdraw(who.db, meeting)
    meetings.change(who.db, meeting.id, sequence=meeting.sequence + 1, **values)
    meeting = _again(who, meeting)
    args = (who.db, meeting, who.network, who.desk)
    if unknown:
        letters = invitations.announce(*args, at=who.now + rules.SOON, now=who.now)
    else:
        letters = invitations.changed(*args, coming=coming, now=who.now)
    return [*_card(who, meeting, "", None), *letters]


def _again(who: Leader, meeting: Meeting) -> Meeting:
    found = meetings.get(who.db, meeting.id)
    assert found is not None
    return found


def _coming(who: Leader, meeting: Meeting) -> list[int]:
    return [member for member, given in meetings.answers(who.db, meeting.id).items() if given == "yes"]


# Undo and cancel --------------------------------------------------------------------------------------------


def _undo(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter]:
    """Take a meeting back before the group was told; afterwards it can only be cancelled."""
    if not invitations.withdraw(who.db, meeting):
        return _cancel(who, meeting, "", message_id)
    meetings.change(who.db, meeting.id, state="cancelled", sequence=meeting.sequence + 1)
    _let_go(who, meeting)
    summaries = _summaries_follow(who)
    told = who.text("meetings.undone", title=meeting.title)
    back = _button(who, "prompts.button.put_back", "restore", meeting)
    return [*who.show(told, keyboard_rows([back, _all(who)]), message_id), *summaries]


def _cancel(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter]:
    """Ask once more: the group is told at once."""
    told = invitations.details(meeting, who.network, who.text, now=who.now)
    lines = [who.text("meetings.ask_cancel", details=told)]
    if coming := _coming(who, meeting):
        lines.append(who.text("meetings.had_said_yes", count=len(coming)))
    if hanging := _hanging(who, meeting):
        lines.append(who.text("meetings.would_wait", count=len(hanging)))
    buttons = [
        _button(who, "meetings.button.do_cancel", "cancelled", meeting),
        _button(who, "common.button.leave_it", "card", meeting),
    ]
    return who.show("\n".join(lines), keyboard_rows(buttons), message_id)


def _cancelled(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter]:
    coming = _coming(who, meeting)
    unknown = invitations.withdraw(who.db, meeting)
    meetings.change(who.db, meeting.id, state="cancelled", sequence=meeting.sequence + 1)
    audit.note(who.db, "meeting cancelled", now=who.now, network_id=who.network.id, meeting=meeting.id)
    waiting = _let_go(who, meeting)
    meeting = _again(who, meeting)
    letters = _summaries_follow(who)
    if not unknown:
        letters += invitations.cancelled(who.db, meeting, who.network, who.desk, coming=coming, now=who.now)
    lines = [who.text("meetings.cancelled", title=meeting.title, when=who.full(meeting.starts_at))]
    buttons = [_button(who, "common.button.undo", "restore", meeting)]
    if waiting:
        lines.append(who.text("meetings.now_wait", count=len(waiting)))
        if _others(who):
            buttons.append(_button(who, "meetings.button.rehang", "rehang", meeting))
    buttons.append(_all(who))
    return [*who.show("\n".join(lines), keyboard_rows(buttons), message_id), *letters]


def _summaries_follow(who: Leader) -> list[Letter]:
    """The summary before a meeting moves, or ends, with it."""
    return digests.replan(who.db, who.network.id, who.desk, now=who.now)


def _others(who: Leader) -> bool:
    return bool(meetings.coming(who.db, who.network.id, now=who.now))


def _hanging(who: Leader, meeting: Meeting) -> list[Prompt]:
    return [one for one in rows.around_meeting(who.db, meeting.id) if prompts.next_time(who.db, one)]


def _let_go(who: Leader, meeting: Meeting) -> list[Prompt]:
    """What hung on a meeting that is no more waits for another one."""
    waiting = rows.around_meeting(who.db, meeting.id)
    for prompt in waiting:
        prompts.replan(who.db, prompt, now=who.now)
    return waiting


def _rehang(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter] | None:
    adopted = prompts.adopt(who.db, who.network.id, now=who.now)
    if not adopted:
        return None
    lines = [who.text("meetings.adopted")]
    lines += [
        who.text("meetings.adopted_line", text=excerpt(one.text), at=who.full(one.next_due_at))
        for one in adopted
        if one.next_due_at is not None
    ]
    return who.show("\n".join(lines), keyboard_rows([_all(who)]), message_id)


def _restore(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter]:
    """It takes place after all; the group is told again, and asked again if it had been told otherwise."""
    unknown = invitations.withdraw(who.db, meeting)
    meetings.change(who.db, meeting.id, state="planned", sequence=meeting.sequence + 1)
    if not unknown:
        meetings.forget_answers(who.db, meeting.id)
    meeting = _again(who, meeting)
    for prompt in rows.around_meeting(who.db, meeting.id):
        prompts.replan(who.db, prompt, now=who.now)
    adopted = prompts.adopt(who.db, who.network.id, now=who.now)
    letters = _summaries_follow(who)
    letters += invitations.announce(
        who.db, meeting, who.network, who.desk, at=who.now + rules.SOON, now=who.now
    )
    return [*_planned(who, meeting, adopted, message_id), *letters]


# A meeting that moves ---------------------------------------------------------------------------------------


def _moves(
    who: Leader, meeting: Meeting, starts_at: datetime
) -> tuple[list[Move[Prompt | None]], list[Prompt]]:
    """Return what moves with a meeting (None: the summary before it), and what would have no time any more."""
    hanging: list[tuple[Prompt | None, whens.When | timedelta]] = [
        (prompt, whens.from_json(prompt.when)) for prompt in _hanging(who, meeting)
    ]
    hanging.append((None, timedelta(hours=who.network.meeting_hours)))
    found = schedule.moved(hanging, meeting.starts_at, starts_at, who.zone)
    coming = [move for move in found if move.old > who.now]
    over = [move.item for move in coming if move.new <= who.now and move.item is not None]
    return [move for move in coming if move.new > who.now], over


def _preview(who: Leader, meeting: Meeting, wall: datetime) -> list[Letter]:
    """Show what would move with the meeting."""
    text, starts_at = who.text, moments.utc(wall, who.zone)
    if starts_at == meeting.starts_at:
        return who.show(text("meetings.same_time", when=who.full(starts_at)))
    moves, over = _moves(who, meeting, starts_at)
    old, new = who.full(meeting.starts_at), who.full(starts_at)
    moves_alone = not moves and not over
    head = (
        text("meetings.moves_alone", old=old, new=new)
        if moves_alone
        else text("meetings.moves_with", old=old, new=new)
    )
    lines = [head]
    for move in moves:
        old, new = who.full(move.old), who.full(move.new)
        if move.item is None:
            lines.append(text("meetings.move_summary", old=old, new=new))
        else:
            lines.append(text("meetings.move_prompt", text=excerpt(move.item.text, 40), old=old, new=new))
    lines += [text("meetings.move_over", text=excerpt(prompt.text, 40)) for prompt in over]
    if coming := _coming(who, meeting):
        lines.append(text("meetings.asked_again", count=len(coming)))
    nonce = f"{wall:{rules.STAMP}}-{meeting.sequence}"
    buttons = [_button(who, "meetings.button.move_all", "moveall", meeting, nonce)]
    if any(move.item for move in moves) or over:
        buttons.append(_button(who, "meetings.button.move_only", "moveonly", meeting, nonce))
    else:
        buttons = [_button(who, "meetings.button.move_it", "moveall", meeting, nonce)]
    buttons.append(_button(who, "common.button.leave_it", "card", meeting))
    return who.show("\n".join(lines), keyboard_rows(buttons))


def _move_all(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter] | None:
    return _move(who, meeting, nonce, message_id, everything=True)


def _move_only(who: Leader, meeting: Meeting, nonce: str, message_id: int | None) -> list[Letter] | None:
    return _move(who, meeting, nonce, message_id, everything=False)


def _move(
    who: Leader, meeting: Meeting, nonce: str, message_id: int | None, *, everything: bool
) -> list[Letter] | None:
    stamp, _, sequence = nonce.partition("-")
    wall = rules.from_stamp(stamp)
    starts_at = None if wall is None else moments.utc(wall, who.zone)
    if starts_at is None or starts_at <= who.now or sequence != str(meeting.sequence):
        return None
    coming, old = _coming(who, meeting), meeting
    unknown = invitations.withdraw(who.db, old)
    letters = (
        [] if unknown else invitations.overtake(who.db, old, who.network, who.desk, over=True, now=who.now)
    )
    hanging = rows.around_meeting(who.db, meeting.id)
    if not everything:
        _hold(who, old, hanging)
    soon = rules.remind_at(starts_at, who.zone) <= who.now
    meetings.change(
        who.db,
        meeting.id,
        starts_at=starts_at,
        sequence=meeting.sequence + 1,
        reminded_at=who.now if soon else None,
    )
    meetings.forget_answers(who.db, meeting.id)
    meeting = _again(who, meeting)
    if everything:
        _carry(who, meeting, hanging)
    prompts.adopt(who.db, who.network.id, now=who.now)
    letters += _summaries_follow(who)
    args = (who.db, meeting, who.network, who.desk)
    if unknown:
        letters += invitations.announce(*args, at=who.now + rules.SOON, now=who.now)
    else:
        letters += invitations.moved(*args, coming=coming, now=who.now)
    back = f"{rules.stamp(old.starts_at, who.zone)}-{meeting.sequence}"
    buttons = [_all(who)]
    if everything and old.starts_at > who.now:
        buttons.insert(0, _button(who, "common.button.undo", "moveall", meeting, back))
    done = who.text("meetings.moved_done", old=who.full(old.starts_at), new=who.full(starts_at))
    return [*who.show(done, keyboard_rows(buttons), message_id), *letters]


def _carry(who: Leader, meeting: Meeting, hanging: Sequence[Prompt]) -> None:
    """Let what hangs on a meeting follow it; what would be over by now waits for the next one."""
    for prompt in hanging:
        coming = prompts.next_time(who.db, prompt)
        if isinstance(whens.from_json(prompt.when), AroundMeeting) and (
            coming is None or coming.due_at <= who.now
        ):
            rows.change(who.db, prompt.id, meeting_id=None, next_due_at=None)
        else:
            prompts.replan(who.db, prompt, now=who.now)


def _hold(who: Leader, meeting: Meeting, hanging: Sequence[Prompt]) -> None:
    """Let what hangs on a meeting keep its dates, while `meeting` still has its old one."""
    for prompt in hanging:
        when, coming = whens.from_json(prompt.when), prompts.next_time(who.db, prompt)
        if isinstance(when, Every):
            wall = moments.local(meeting.starts_at, who.zone)
            last = wall.date() if when.time < wall.time() else wall.date() - timedelta(days=1)
            fixed: whens.When = replace(when, until=last)
        elif coming is not None:
            fixed = At(moments.local(coming.due_at, who.zone))
        else:
            continue
        rows.change(who.db, prompt.id, when=whens.to_json(fixed), meeting_id=None)


PRESSES: dict[str, Act] = {
    "card": _card,
    "move": _typing("move", "meetings.ask_move"),
    "title": _typing("new_title", "meetings.ask_new_title"),
    "place": _typing("new_place", "meetings.ask_new_place"),
    "cancel": _cancel,
    "cancelled": _cancelled,
    "undo": _undo,
    "restore": _restore,
    "rehang": _rehang,
    "moveall": _move_all,
    "moveonly": _move_only,
}
