"""Who would rather tell an answer than write it: a note to those who lead, and what was told, written down.

The note says who it is: the member is told so before anything is sent. A number is erased after a week, also from
the facilitators' chats. What a facilitator writes down is shown to the member first (bot/actions/listening.py).
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import answering, listening, resting
from bot.actions.belonging import taking_part
from bot.actions.receipts import Screen, show
from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.prompts import excerpt
from bot.core.texts import Markup, Text
from storage import contributions, dialogs, meetings, members, networks, outbox, people, postings, tellings
from storage.db import Connection
from storage.dialogs import Dialog
from storage.members import Member
from storage.people import Person
from storage.postings import Posting
from storage.tellings import Telling

DIALOG = "telling"
PHONE_LASTS = timedelta(days=7)
LASTS = timedelta(hours=1)  # so long the next thing typed is a number, or what was told
DIGITS = re.compile(r"\D")
FEW = 5  # digits that are no number, mistyped or not
PHONE = re.compile(r"[+(]?[\d\s()./+-]{6,24}")
LENGTH = 120  # of a question in a note


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    id: int,
    _nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    if verb in ("done", "write"):
        return _led(db, person, verb, id, message_id, desk, now=now)
    posting = postings.get(db, id)
    member = None if posting is None else taking_part(db, members.who(db, posting.network_id, person.id))
    if posting is None or member is None:
        return None
    text = desk.text(person.language)
    match verb:
        case "ask":
            return show(person.id, message_id, _offer(db, posting, member, text, now=now))
        case "number":
            dialogs.put(db, person.id, DIALOG, "phone", {"posting": posting.id}, now=now, lasts=LASTS)
            return show(
                person.id, message_id, Screen(text("telling.number"), _never(posting, text), asks=True)
            )
        case "meeting" if _meeting_day(db, posting, text, now=now):
            dialogs.leave(db, person.id, DIALOG)
            telling = tellings.put(db, posting.id, member.id, "meeting", None, now=now)
            told = _told(db, telling, posting, member, desk, now=now)
            return [*show(person.id, message_id, _noted(posting, text)), *told]
        case "never":
            dialogs.leave(db, person.id, DIALOG)
            letters = _drop(db, posting, member, desk, now=now)
            again = answering.begin(db, person, posting.id, desk, now=now, message_id=message_id)
            return [*(again or []), *letters]
    return None


# The member ------------------------------------------------------------------------------------------------------


def _offer(db: Connection, posting: Posting, member: Member, text: Text, *, now: datetime) -> Screen:
    leaders = [leader.name for leader in members.facilitators(db, member.network_id)]
    names = dates.joined(leaders, text.language)
    lines = [
        text("telling.offer", count=len(leaders) or 1, facilitators=names, name=member.name),
        text("telling.help"),
    ]
    buttons = [Button(text.plain("telling.button.number"), callback("telling.number", posting.id))]
    if _meeting_day(db, posting, text, now=now):
        buttons.append(Button(text.plain("telling.button.meeting"), callback("telling.meeting", posting.id)))
    never = Button(text.plain("telling.button.never"), callback("telling.never", posting.id))
    return Screen(Markup("\n".join(lines)), keyboard_rows([*buttons, never]), asks=True)


def _never(posting: Posting, text: Text) -> Keyboard:
    return keyboard_rows([Button(text.plain("telling.button.never"), callback("telling.never", posting.id))])


def _noted(posting: Posting, text: Text) -> Screen:
    return Screen(text("telling.noted"), _never(posting, text))


def _meeting_day(db: Connection, posting: Posting, text: Text, *, now: datetime) -> str:
    """Return the day of the next meeting; empty if none is planned."""
    meeting = next(iter(meetings.coming(db, posting.network_id, now=now)), None)
    zone = ZoneInfo(networks.found(db, posting.network_id).timezone)
    return "" if meeting is None else dates.day(meeting.starts_at, zone, text.language, now=now)


def typed(
    db: Connection, person: Person, words: str, phone: str | None, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    """Take a number, written or shared as one's own contact; or what a facilitator was told.

    None for what is no number: it may well be an answer, and no answer is lost because a number was asked for.
    """
    dialog = dialogs.of(db, person.id, now=now)
    if dialog is None or dialog.kind != DIALOG:
        return None
    if dialog.step == "words":
        return _written(db, person, dialog, words, desk, now=now)
    text = desk.text(person.language)
    posting = postings.get(db, int(dialog.data["posting"]))
    member = None if posting is None else taking_part(db, members.who(db, posting.network_id, person.id))
    if posting is None or member is None:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), text("telling.gone"))
    number = phone_in(phone or words)
    if number is None and len(DIGITS.sub("", words)) < FEW:
        dialogs.close(db, person.id)
        return None
    if number is None:
        return show(person.id, None, Screen(text("telling.unread"), _never(posting, text), asks=True))
    dialogs.close(db, person.id)
    telling = tellings.put(db, posting.id, member.id, "call", number, now=now)
    told = _told(db, telling, posting, member, desk, now=now)
    return [*show(person.id, None, _noted(posting, text)), *told]


def phone_in(words: str) -> str | None:
    """Return a telephone number; None if this is something else, such as an answer."""
    words = " ".join(words.split())
    if PHONE.fullmatch(words) is None or not 6 <= len(DIGITS.sub("", words)) <= 15:
        return None
    return words


def _drop(db: Connection, posting: Posting, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    """It isn't wished any more: those who had a note read so, and the number is gone."""
    telling = tellings.of(db, posting.id, member.id)
    if telling is None or telling.state != "asked":
        return []
    tellings.change(db, telling.id, state="dropped", phone=None)
    return _edited(db, telling, member, "telling.note_dropped", desk)


# Those who lead --------------------------------------------------------------------------------------------------


def _key(telling: Telling, person_id: int | str) -> str:
    return f"telling:{telling.id}:{int(telling.at.timestamp())}:{person_id}"


def _told(
    db: Connection, telling: Telling, posting: Posting, member: Member, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Tell those who lead, in their own hours."""
    zone = ZoneInfo(networks.found(db, posting.network_id).timezone)
    letters: list[Letter] = []
    for leader in members.facilitators(db, posting.network_id):
        text = desk.text(leader.language)
        question = member_words(excerpt(posting.text, LENGTH))
        if telling.phone is not None:
            until = dates.day(telling.at + PHONE_LASTS, zone, text.language, now=now)
            words = text(
                "telling.note_call", name=member.name, question=question, phone=telling.phone, until=until
            )
        else:
            day = _meeting_day(db, posting, text, now=now)
            words = text("telling.note_meeting", name=member.name, question=question, day=day)
        ways = resting.ways(leader)
        letters += mail.say(
            To(person=leader.person_id),
            words,
            _note_buttons(telling, text),
            key=_key(telling, leader.person_id),
            about={"member": member.id},
            not_before=ways.undisturbed(ways.rested(now), zone),
        )
    return letters


def _note_buttons(telling: Telling, text: Text) -> Keyboard:
    return keyboard_rows(
        [
            Button(text.plain("telling.button.write"), callback("telling.write", telling.id)),
            Button(text.plain("telling.button.done"), callback("telling.done", telling.id)),
        ]
    )


def _edited(db: Connection, telling: Telling, member: Member, id: str, desk: Desk) -> list[Letter]:
    """Change the notes that went out: the number is in none of them any more."""
    letters: list[Letter] = []
    leading = {leader.person_id for leader in members.facilitators(db, member.network_id)}
    for row in outbox.beginning(db, _key(telling, "")):  # also those of who led until yesterday
        reader = None if row.person_id is None else people.get(db, row.person_id)
        if reader is None or row.method != "sendMessage":
            continue
        if row.message_id is None:
            if row.state == "pending":
                outbox.failed(db, row, "withdrawn")
            continue
        text = desk.text(reader.language)
        keep = id == "telling.note_erased" and reader.id in leading
        keyboard = _note_buttons(telling, text) if keep else None
        html = text(id, name=member.name)
        to, key = To(person=reader.id), f"{row.key}:{id}"
        letters.append(mail.edit(to, row.message_id, html, keyboard, key=key))
    return letters


def _led(
    db: Connection,
    person: Person,
    verb: str,
    telling_id: int,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter] | None:
    telling = tellings.get(db, telling_id)
    member = None if telling is None else members.get(db, telling.member_id)
    if telling is None or member is None or telling.state != "asked":
        return None
    if not listening.leads(db, person, member.network_id):
        return None
    if verb == "done":
        tellings.change(db, telling.id, state="done", phone=None)
        return _edited(db, telling, member, "telling.note_done", desk)
    text = desk.text(person.language)
    dialogs.put(db, person.id, DIALOG, "words", {"telling": telling.id}, now=now, lasts=LASTS)
    return mail.say(To(person=person.id), text("telling.write", name=member.name))


def _written(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Keep what was told, as that member's answer from the room; it counts once the member has said that it's right."""
    text, to = desk.text(person.language), To(person=person.id)
    telling = tellings.get(db, int(dialog.data["telling"]))
    member = None if telling is None else taking_part(db, members.get(db, telling.member_id))
    posting = None if telling is None else postings.get(db, telling.posting_id)
    words = words.strip()
    if not words:
        return mail.say(to, text("listening.only_words"))
    if len(words) > listening.MAX_WORDS:
        return mail.say(to, text("listening.too_long", count=len(words), most=listening.MAX_WORDS))
    dialogs.close(db, person.id)
    if telling is None or member is None or posting is None or telling.state != "asked":
        return mail.say(to, text("listening.gone"))
    if not listening.leads(db, person, member.network_id):
        return mail.say(to, text("listening.gone"))
    kept = contributions.keep(
        db,
        network_id=posting.network_id,
        posting_id=posting.id,
        member_id=member.id,
        place="room",
        kind="text",
        text="",
        late=now > posting.closes_at,
        noted_by=person.id,
        heard=words,
        heard_by=person.id,
        heard_state="typed",
        sent_at=now,
        arrived_at=now,
    )
    tellings.change(db, telling.id, state="done", phone=None)
    notes = _edited(db, telling, member, "telling.note_done", desk)
    said = mail.say(to, text("listening.asked"))
    return [*said, *notes, *listening.ask_author(db, kept.id, desk, now=now)]


# What is erased by itself ----------------------------------------------------------------------------------------


def forget_phones(db: Connection, desk: Desk, *, now: datetime, limit: int) -> int:
    """Erase numbers after a week, here and in the notes."""
    found = tellings.with_phone(db, before=now - PHONE_LASTS, limit=limit)
    for telling in found:
        member = members.get(db, telling.member_id)
        tellings.change(db, telling.id, phone=None)
        if member is not None:
            outbox.write(db, _edited(db, telling, member, "telling.note_erased", desk), now=now)
    return len(found)
