"""Meetings as members see them: announced, answered, moved, cancelled, and once more the day before.

Every letter's key names the meeting and its sequence number, so that a change is told once and finds what was said
before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions import resting
from bot.actions.unit import Desk
from bot.core import dates, mail, moments
from bot.core import meetings as rules
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.meetings import ANSWERS, Event
from bot.core.texts import Markup, Text
from storage import chats, meetings, members, networks, outbox
from storage.chats import Chat
from storage.db import Connection
from storage.meetings import Meeting
from storage.members import Member
from storage.networks import Network
from storage.outbox import Row
from storage.people import Person

LABELS = {"yes": "meetings.button.yes", "no": "meetings.button.no", "maybe": "meetings.button.maybe"}
SAVED = {"yes": "meetings.saved_yes", "no": "meetings.saved_no", "maybe": "meetings.saved_maybe"}
GIVEN = {"yes": "meetings.given_yes", "no": "meetings.given_no", "maybe": "meetings.given_maybe"}
SHOWN = 3  # of each network
CIRCLE = "core"  # who meets; the sounding board is told by the summary
DAY_AND_DST = timedelta(hours=26)


# What it looks like -----------------------------------------------------------------------------------------


def details(meeting: Meeting, network: Network, text: Text, *, now: datetime) -> Markup:
    """Return title, time and place."""
    when = dates.full(meeting.starts_at, ZoneInfo(network.timezone), text.language, now=now)
    place = meeting.place or text("meetings.no_place")
    return text("meetings.details", title=meeting.title, when=when, place=place)


def answer_buttons(
    meeting: Meeting, network: Network, text: Text, labels: Mapping[str, str] = LABELS
) -> Keyboard:
    """Yes, no, not yet: for the time the meeting has now. Where nothing asks, `labels` say what is answered."""
    stamp = rules.stamp(meeting.starts_at, ZoneInfo(network.timezone))
    return keyboard_rows(
        [
            Button(text.plain(labels[given]), callback(f"meetings.{given}", meeting.id, stamp))
            for given in ANSWERS
        ]
    )


def calendar_file(
    to: To, meeting: Meeting, network: Network, desk: Desk, *, key: str, now: datetime, **fields: Any
) -> list[Letter]:
    """Return the meeting as a file for a calendar."""
    event = Event(
        id=meeting.id,
        title=meeting.title,
        place=meeting.place,
        starts_at=meeting.starts_at,
        sequence=meeting.sequence,
        cancelled=meeting.state == "cancelled",
        network=network.title,
        bot=desk.bot_username,
    )
    file = rules.calendar(event, now=now)
    return mail.document(to, file, key=key, silent=True, **fields)


# Telling the group ------------------------------------------------------------------------------------------


def announce(
    db: Connection,
    meeting: Meeting,
    network: Network,
    desk: Desk,
    *,
    again: bool = False,
    at: datetime | None = None,
    now: datetime,
) -> list[Letter]:
    """Tell the group about a meeting, or `again`, about its new time, and ask who comes; not before `at`."""
    text = desk.text(network.language)
    ask = text("meetings.ask")
    head = text("meetings.moved") if again else text("meetings.new")
    html = f"{head}\n{details(meeting, network, text, now=now)}\n\n{ask}"
    return _to_group(db, meeting, network, desk, html, at=at, now=now, asking=True)


def _to_group(
    db: Connection,
    meeting: Meeting,
    network: Network,
    desk: Desk,
    html: str,
    *,
    at: datetime | None = None,
    asking: bool,
    now: datetime,
) -> list[Letter]:
    text = desk.text(network.language)
    silent = moments.quiet(at or now, ZoneInfo(network.timezone))
    keyboard = answer_buttons(meeting, network, text) if asking else None
    letters: list[Letter] = []
    for chat in chats.audience(db, network.id, CIRCLE):
        to, key = To(chat=chat.id), _key(meeting, chat)
        said = mail.say(
            to,
            html,
            keyboard,
            key=key,
            silent=silent,
            thread=chat.topic_id,
            not_before=at,
            mark=keyboard.rows[0][0].data if keyboard else None,
            unsure="probe",
        )
        letters += said
        letters += calendar_file(
            to, meeting, network, desk, key=f"{key}:ics", now=now, thread=chat.topic_id, not_before=at
        )
    return letters


def _key(meeting: Meeting, chat: Chat, sequence: int | None = None) -> str:
    return f"meeting:{meeting.id}:{meeting.sequence if sequence is None else sequence}:{chat.id}"


def _told(db: Connection, meeting: Meeting) -> Iterator[tuple[Chat, Row]]:
    """Yield what the group was told about a meeting, and is about to be told."""
    for chat in chats.audience(db, meeting.network_id, CIRCLE):
        for sequence in range(meeting.sequence + 1):
            for suffix in ("", ":ics"):
                row = outbox.by_key(db, f"{_key(meeting, chat, sequence)}{suffix}")
                if row is not None:
                    yield chat, row


def withdraw(db: Connection, meeting: Meeting) -> bool:
    """Hold back what has not gone out yet; return whether the group knows nothing of the meeting."""
    unknown = True
    for _, row in _told(db, meeting):
        if not (row.state == "pending" and outbox.failed(db, row, "withdrawn")):
            unknown = unknown and row.state == "failed"
    return unknown


def overtake(
    db: Connection, old: Meeting, network: Network, desk: Desk, *, over: bool, now: datetime
) -> list[Letter]:
    """Change the group's older messages about `old`: what they said is over, or has other words."""
    text = desk.text(network.language)
    told = details(old, network, text, now=now)
    html = text("meetings.over", details=told) if over else Markup(f"{told}\n\n{text('meetings.ask')}")
    keyboard = Keyboard(()) if over else answer_buttons(old, network, text)
    letters = []
    for chat, row in _told(db, old):
        if row.message_id is not None and row.method == "sendMessage":
            key = f"{row.key}:edit:{rules.stamp(now, ZoneInfo('UTC'))}:{old.sequence}"
            letters.append(mail.edit(To(chat=chat.id), row.message_id, html, keyboard, key=key))
    return letters


def cancelled(
    db: Connection, meeting: Meeting, network: Network, desk: Desk, *, coming: Sequence[int], now: datetime
) -> list[Letter]:
    """Tell the group and who wanted to come that there is no meeting."""
    letters = overtake(db, meeting, network, desk, over=True, now=now)
    text = desk.text(network.language)
    told = details(meeting, network, text, now=now)
    html = text("meetings.cancelled_group", details=told)
    letters += _to_group(db, meeting, network, desk, html, asking=False, now=now)
    return letters + _to_members(db, meeting, network, desk, "cancelled", coming, now=now)


def moved(
    db: Connection, meeting: Meeting, network: Network, desk: Desk, *, coming: Sequence[int], now: datetime
) -> list[Letter]:
    """Tell the group the new time, and ask once more in private who had said yes."""
    letters = announce(db, meeting, network, desk, again=True, now=now)
    return letters + _to_members(db, meeting, network, desk, "moved", coming, now=now)


def changed(
    db: Connection, meeting: Meeting, network: Network, desk: Desk, *, coming: Sequence[int], now: datetime
) -> list[Letter]:
    """Another title or place: the older messages are changed, and who comes is told."""
    letters = overtake(db, meeting, network, desk, over=False, now=now)
    for chat in chats.audience(db, network.id, CIRCLE):
        key = f"{_key(meeting, chat)}:ics"
        letters += calendar_file(
            To(chat=chat.id), meeting, network, desk, key=key, now=now, thread=chat.topic_id
        )
    return letters + _to_members(db, meeting, network, desk, "changed", coming, now=now)


def _to_members(
    db: Connection,
    meeting: Meeting,
    network: Network,
    desk: Desk,
    what: str,
    coming: Sequence[int],
    *,
    now: datetime,
) -> list[Letter]:
    zone = ZoneInfo(network.timezone)
    letters: list[Letter] = []
    for member in members.active(db, network.id):
        manner = resting.telling(member, zone, now=now)
        if member.id not in coming or not member.reachable or manner is None:
            continue
        if manner.at >= meeting.starts_at:
            continue
        text, to = desk.text(member.language), To(person=member.person_id)
        heads = {
            "moved": text("meetings.moved_member"),
            "cancelled": text("meetings.cancelled_member"),
            "changed": text("meetings.changed_member"),
        }
        html = f"{heads[what]}\n{details(meeting, network, text, now=now)}"
        key = f"meeting:{meeting.id}:{meeting.sequence}:{what}:{member.id}"
        keyboard = answer_buttons(meeting, network, text) if what != "cancelled" else None
        letters += mail.say(to, html, keyboard, key=key, not_before=manner.at, silent=manner.silent)
        if what != "moved":  # with another time the file comes with the yes
            file = f"{key}:ics"
            letters += calendar_file(to, meeting, network, desk, key=file, now=now, not_before=manner.at)
    return letters


# Answers ----------------------------------------------------------------------------------------------------


def answered(
    db: Connection,
    person: Person | None,
    meeting_id: int,
    given: str,
    stamp: str,
    desk: Desk,
    *,
    now: datetime,
) -> tuple[str, list[Letter]]:
    """Keep whether a member comes; return what the press is told, and the calendar file for a first yes."""
    meeting = meetings.get(db, meeting_id)
    network = None if meeting is None else networks.get(db, meeting.network_id)
    text = desk.text(person.language if person else network.language if network else None)
    if meeting is None or network is None:
        return text.plain("error.stale_button"), []
    member = None if person is None else members.who(db, network.id, person.id)
    if member is None or not member.active:
        return text.plain("meetings.only_members"), []
    zone = ZoneInfo(network.timezone)
    when = dates.full(meeting.starts_at, zone, text.language, now=now)
    if meeting.state != "planned":
        return text.plain("meetings.is_cancelled", when=when), []
    if meeting.starts_at <= now:
        return text.plain("meetings.is_over"), []
    if stamp != rules.stamp(meeting.starts_at, zone):
        return text.plain("meetings.has_moved", when=when), []
    meetings.answer(db, meeting.id, member.id, given, now=now)
    letters: list[Letter] = []
    if given == "yes" and member.reachable:
        key = f"meeting:{meeting.id}:{meeting.sequence}:yes:{member.id}"
        letters = calendar_file(To(person=member.person_id), meeting, network, desk, key=key, now=now)
    return text.plain(SAVED[given], when=when), letters


def coming(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """Return what a member is told about the meetings that are coming, each with its buttons."""
    text, to = desk.text(person.language), To(person=person.id)
    letters: list[Letter] = []
    takes_part = members.of_person(db, person.id)
    for member in takes_part:
        network = networks.found(db, member.network_id)
        for meeting in meetings.coming(db, network.id, now=now)[:SHOWN]:
            given = meetings.answers(db, meeting.id).get(member.id)
            lines = [details(meeting, network, text, now=now)]
            lines.append(text(GIVEN[given]) if given in GIVEN else text("meetings.reminder_ask"))
            letters += mail.say(to, "\n\n".join(lines), answer_buttons(meeting, network, text))
    if not letters:
        return mail.say(to, text("meetings.none_member") if takes_part else text("error.not_allowed"))
    return letters


# The day before ---------------------------------------------------------------------------------------------


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the meetings of which people are to be reminded."""
    return [
        id
        for id in meetings.to_remind(db, now=now, until=now + DAY_AND_DST)
        if _remind_at(db, id, now) <= now
    ]


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next reminder is due."""
    first = meetings.next_start(db, after=now)
    if first is None:
        return None
    near = meetings.to_remind(db, now=now, until=first + timedelta(hours=2))  # other zones may be earlier
    return min(_remind_at(db, id, now) for id in near)


def _remind_at(db: Connection, meeting_id: int, now: datetime) -> datetime:
    meeting = meetings.get(db, meeting_id)
    if meeting is None:
        return now
    network = networks.found(db, meeting.network_id)
    return rules.remind_at(meeting.starts_at, ZoneInfo(network.timezone))


def remind(db: Connection, meeting_id: int, desk: Desk, *, now: datetime) -> None:
    """Remind the members in private, in their own hours, and the group once, without a sound."""
    meeting = meetings.get(db, meeting_id)
    if meeting is None or meeting.state != "planned" or meeting.reminded_at is not None:
        return
    meetings.change(db, meeting.id, reminded_at=now)
    network = networks.found(db, meeting.network_id)
    if network.state != "active" or meeting.starts_at <= now:
        return
    letters: list[Letter] = []
    given = meetings.answers(db, meeting.id)
    for member in members.active(db, network.id):
        if _wants_reminder(member, given.get(member.id), now):
            letters += _reminder(member, given.get(member.id), meeting, network, desk, now=now)
    letters += _group_reminder(db, meeting, network, desk, now=now)
    outbox.write(db, letters, now=now)


def _wants_reminder(member: Member, given: str | None, now: datetime) -> bool:
    if not member.reachable or given == "no":
        return False
    return member.circle == CIRCLE or given is not None


def _reminder(
    member: Member, given: str | None, meeting: Meeting, network: Network, desk: Desk, *, now: datetime
) -> list[Letter]:
    text = desk.text(member.language)
    manner = resting.telling(member, ZoneInfo(network.timezone), now=now)
    if manner is None or manner.at >= meeting.starts_at:
        return []
    told = details(meeting, network, text, now=now)
    asked = text("meetings.reminder_yes") if given == "yes" else text("meetings.reminder_ask")
    return mail.say(
        To(person=member.person_id),
        f"{text('meetings.reminder', network=network.title)}\n{told}\n\n{asked}",
        answer_buttons(meeting, network, text),
        key=f"meeting:{meeting.id}:{meeting.sequence}:remind:{member.id}",
        not_before=manner.at,
        silent=manner.silent,
    )


def _group_reminder(
    db: Connection, meeting: Meeting, network: Network, desk: Desk, *, now: datetime
) -> list[Letter]:
    text = desk.text(network.language)
    told = details(meeting, network, text, now=now)
    html = f"{text('meetings.reminder', network=network.title)}\n{told}"
    keyboard = answer_buttons(meeting, network, text)
    letters: list[Letter] = []
    for chat in chats.audience(db, network.id, CIRCLE):
        key = f"{_key(meeting, chat)}:remind"
        said = mail.say(To(chat=chat.id), html, keyboard, key=key, silent=True, thread=chat.topic_id)
        letters += [replace(letter, unsure="abandon") for letter in said]
    return letters
