"""What is asked of members in private by itself: the one reminder of a prompt, and asking again who wanted that.

Rows are the truth (storage/asks.py): each is looked at when its moment has come, and everything is decided again then.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import resting
from bot.actions.belonging import taking_part
from bot.actions.receipts import Screen, show
from bot.actions.unit import Desk
from bot.core import asks as rules
from bot.core import dates, mail
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.prompts import KINDS, excerpt
from bot.core.texts import Markup, Text
from storage import asks, members, networks, outbox, people, postings, restored
from storage.asks import Ask
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person
from storage.postings import Posting

# Reminders -------------------------------------------------------------------------------------------------------


def unreminded(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the postings that close tomorrow, and of which nobody was reminded yet."""
    return [id for id, at in _reminders(db, now=now) if at <= now]


def next_reminder(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next posting is to be reminded of."""
    return min((at for _, at in _reminders(db, now=now)), default=None)


def _reminders(db: Connection, *, now: datetime) -> list[tuple[int, datetime]]:
    found = []
    for posting in asks.unreminded(db, now=now):
        at = rules.reminder_at(posting.posted_at, posting.closes_at, ZoneInfo(posting.timezone))
        if at is not None:
            found.append((posting.id, at))
    return found


def remind(db: Connection, posting_id: int, desk: Desk, *, now: datetime) -> None:
    """Remind the members of a posting's circle, each in their own hours; who can't be reminded now gets a row."""
    posting = postings.get(db, posting_id)
    if posting is None:
        return
    postings.change(db, posting.id, reminded_at=now)
    zone = ZoneInfo(networks.found(db, posting.network_id).timezone)
    at = rules.reminder_at(posting.posted_at, posting.closes_at, zone)
    if at is None or restored.doubtful(db, at):  # better no reminder than a second one
        return
    for member in members.active(db, posting.network_id):
        if member.circle == posting.circle and member.reachable and taking_part(db, member):
            known = asks.of(db, posting.id, member.id)
            if known is None or known.again_at is None:  # else that one is asked already, when they wanted it
                _ask(db, posting, member, known, desk, now=now)


# Rows ------------------------------------------------------------------------------------------------------------


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return whom to ask again, or remind after their quiet hours."""
    return asks.due(db, now=now)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next one is to be looked at."""
    return asks.upcoming(db)


def look(db: Connection, ask_id: int, desk: Desk, *, now: datetime) -> None:
    """Ask, wait longer, or leave it, whatever is right by now."""
    row = asks.get(db, ask_id)
    if row is None or row.again_at is None or row.again_at > now:
        return
    # A wish that is looked at is fulfilled, put off or over; what was declined stays so.
    asks.change(db, row.id, again_at=None, state="declined" if row.state == "declined" else "open")
    if row.state == "open" and restored.doubtful(db, row.again_at):
        return
    posting, member = postings.get(db, row.posting_id), members.get(db, row.member_id)
    if posting is None or member is None or not member.reachable or not taking_part(db, member):
        return
    _ask(db, posting, member, row, desk, now=now)


def _ask(
    db: Connection, posting: Posting, member: Member, row: Ask | None, desk: Desk, *, now: datetime
) -> None:
    network, person = networks.found(db, posting.network_id), people.get(db, member.person_id)
    if person is None or network.state != "active":
        return
    wanted = row is not None and row.state == "later"
    decision = rules.decide(
        rules.Ask(
            posting.closes_at,
            wanted=wanted,
            answered=asks.answered(db, posting.id, member.id),
            declined=row is not None and row.state == "declined",
            reminded=asks.reminded(db, posting.prompt_id, member.id),
            leads=member.facilitator,
        ),
        resting.ways(member),
        ZoneInfo(network.timezone),
        asked=asks.asked(db, person.id, since=now - rules.WEEK),
        cap=person.weekly_asks,
        now=now,
    )
    if decision.wait is not None:
        row = row or asks.keep(db, posting.id, member.id)
        asks.change(db, row.id, again_at=decision.wait.until, state="later" if wanted else "open")
    elif decision.ask:
        row = row or asks.keep(db, posting.id, member.id)
        # One that was wanted is no reminder; there may still be one before it closes.
        moments = {"asked_at": now} if wanted else {"asked_at": now, "reminded_at": now}
        asks.change(db, row.id, state="open", **moments)
        outbox.write(db, _letters(posting, member, network, row, desk, wanted=wanted, now=now), now=now)


def _letters(
    posting: Posting,
    member: Member,
    network: Network,
    row: Ask,
    desk: Desk,
    *,
    wanted: bool,
    now: datetime,
) -> list[Letter]:
    text, zone = desk.text(member.language), ZoneInfo(network.timezone)
    question = member_words(excerpt(posting.text))
    at = dates.full(posting.closes_at, zone, text.language, now=now)
    over = posting.closes_at <= now and KINDS[posting.kind].counted  # what was chosen then can't be any more
    if over:
        words = text("asks.again_over", question=question, at=at)
    elif posting.closes_at <= now:
        words = text("asks.again_closed", question=question, at=at)
    elif wanted:
        words = text("asks.again", question=question, at=at)
    else:
        words = text("asks.reminder", question=question, at=at)
    keyboard = keyboard_rows(
        [
            Button(
                text.plain("asks.button.look") if over else text.plain("asks.button.answer"),
                callback("answering.turn", posting.id),
            ),
            Button(text.plain("asks.button.decline"), callback("asks.decline", posting.id)),
        ]
    )
    key = f"ask:{row.id}:{int(now.timestamp())}"
    return mail.say(To(person=member.person_id), words, keyboard, key=key)


# Not now ---------------------------------------------------------------------------------------------------------


def not_now(posting: Posting, text: Text) -> Screen:
    """Ask until when."""
    buttons = [
        _button(text, "tomorrow", "asks.button.tomorrow", posting),
        _button(text, "week", "asks.button.week", posting),
        _button(text, "decline", "asks.button.decline", posting),
        _button(text, "heavy", "asks.button.heavy", posting),
    ]
    return Screen(text("asks.until"), keyboard_rows(buttons), asks=True)


def _button(text: Text, verb: str, label: str, posting: Posting) -> Button:
    return Button(text.plain(label), callback(f"asks.{verb}", posting.id))


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    posting_id: int,
    _nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    posting = postings.get(db, posting_id)
    member = None if posting is None else taking_part(db, members.who(db, posting.network_id, person.id))
    if posting is None or member is None:
        return None
    text = desk.text(person.language)
    match verb:
        case "tomorrow":
            screen = _later(db, posting, member, 1, text, now=now)
        case "week":
            screen = _later(db, posting, member, 7, text, now=now)
        case "decline":
            asks.change(db, asks.keep(db, posting.id, member.id).id, state="declined", again_at=None)
            screen = Screen(text("asks.declined"), _one(text, "undecline", "common.button.undo", posting))
        case "undecline":
            asks.change(db, asks.keep(db, posting.id, member.id).id, state="open")
            screen = Screen(text("asks.undeclined"), _one(text, "answer", "asks.button.answer", posting))
        case "heavy":
            screen = _heavy(db, posting, member, text, now=now)
        case "awake":
            resting.wake(db, person.id)
            screen = Screen(text("asks.awake"))
        case "neither":
            screen = _neither(db, posting, member, text, now=now)
        case _:
            return None
    return show(person.id, message_id, screen)


def _one(text: Text, verb: str, label: str, posting: Posting) -> Keyboard:
    action = "answering.turn" if verb == "answer" else f"asks.{verb}"
    return keyboard_rows([Button(text.plain(label), callback(action, posting.id))])


def _later(
    db: Connection, posting: Posting, member: Member, days: int, text: Text, *, now: datetime
) -> Screen:
    """Promise to ask again, and say when; nobody else is told."""
    zone = ZoneInfo(networks.found(db, posting.network_id).timezone)
    theirs = resting.ways(member)
    at = theirs.undisturbed(max(rules.again_at(days, theirs, zone, now=now), theirs.rested(now)), zone)
    row = asks.keep(db, posting.id, member.id)
    asks.change(db, row.id, state="later", again_at=at)
    leaders = _leaders(db, member.network_id, text)
    when = dates.full(at, zone, text.language, now=now)
    lines = [text("asks.later", at=when)]
    if leaders:
        lines.append(
            text("asks.unseen", count=len(leaders), facilitators=dates.joined(leaders, text.language))
        )
    html = Markup(" ".join(lines))
    return Screen(html, _one(text, "decline", "asks.button.rather_not", posting))


def _leaders(db: Connection, network_id: int, text: Text) -> list[str]:
    return [leader.name for leader in members.facilitators(db, network_id)]


def _heavy(db: Connection, posting: Posting, member: Member, text: Text, *, now: datetime) -> Screen:
    until = resting.heavy_week(db, member.person_id, now=now)
    day = dates.day(until, resting.zone_of(db, member.person_id), text.language, now=now)
    buttons = [
        Button(text.plain("common.button.undo"), callback("asks.awake", posting.id)),
        Button(text.plain("asks.button.neither"), callback("asks.neither", posting.id)),
    ]
    return Screen(text("asks.heavy", day=day), keyboard_rows(buttons))


def _neither(db: Connection, posting: Posting, member: Member, text: Text, *, now: datetime) -> Screen:
    """Not even what happens, for as long as the heavy week lasts."""
    until = member.resting_until
    if until is None or until <= now:
        until = resting.heavy_week(db, member.person_id, now=now)
    resting.pause(db, member.person_id, until)
    day = dates.day(until, resting.zone_of(db, member.person_id), text.language, now=now)
    return Screen(text("asks.neither", day=day), _one(text, "awake", "common.button.undo", posting))
