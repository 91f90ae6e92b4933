"""Answering in private: which question somebody answers, and what waits until that is known.

Kept apart from dialogs (storage/answering.py): the posting that is being answered, for a day after the last word, and
messages of which we do not know yet what they answer, for a week. They are neither kept as answers nor lost before
their author has said so, whatever else is begun in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions import asks, open_questions, receipts, taking, talking
from bot.actions.belonging import memberships, taking_part
from bot.actions.open_questions import MOST
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core.contributions import OTHER, UNREAD, Given, title
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import answering, contributions, dialogs, members, networks, postings
from storage import asks as ask_rows
from storage.db import Connection
from storage.members import Member
from storage.people import Person
from storage.postings import Posting

QUESTION = 300  # signs of a question above the way to answer it: the whole of it stands in the group
OPEN = timedelta(days=1)  # so long what somebody writes belongs to the question that was opened

# What a member sees who opens a posting of a kind that is more than a question: (db, member, posting, desk, now=now).
OPENERS: dict[str, Callable[..., Screen]] = {}


@dataclass(frozen=True)
class State:
    """What is kept. `posting` is answered until `until`; `waiting` are messages as `Given.waiting`.

    `own`: what is written next is an answer of their own, in place of the options that were offered.
    """

    posting: int | None = None
    until: datetime | None = None
    waiting: tuple[dict[str, Any], ...] = ()
    own: bool = False

    @property
    def messages(self) -> list[Given]:
        """What waits."""
        return [Given.waited(data) for data in self.waiting]

    def answering(self, now: datetime) -> int | None:
        """Return the posting that is being answered."""
        return self.posting if self.until is not None and now < self.until else None


def state(db: Connection, person: Person, *, now: datetime) -> State:
    """Return what a person is answering, and what waits."""
    data = answering.of(db, person.id, now=now)
    until = None if data.get("until") is None else datetime.fromisoformat(data["until"])
    return State(data.get("posting"), until, tuple(data.get("waiting", ())), bool(data.get("own")))


def _put(db: Connection, person: Person, new: State, *, now: datetime) -> None:
    data = {
        "posting": new.posting,
        "until": None if new.until is None else new.until.isoformat(),
        "waiting": list(new.waiting),
        "own": new.own,
    }
    answering.put(db, person.id, data if new.posting is not None or new.waiting else {}, now=now)


# A question is opened ----------------------------------------------------------------------------------------------


def begin(
    db: Connection,
    person: Person,
    posting_id: int,
    desk: Desk,
    *,
    now: datetime,
    message_id: int | None = None,
) -> list[Letter] | None:
    """Open a question for answers; None if this person does not, and never did, take part where it was asked."""
    posting = postings.get(db, posting_id)
    member = None if posting is None else _member(db, person, posting)
    if posting is None or member is None:
        return None if posting is None else _left(db, person, posting, message_id, desk)
    if (busy := talking.first_end(db, person, desk)) is not None:
        return receipts.show(person.id, message_id, busy)
    before = state(db, person, now=now)
    dialogs.close(db, person.id)  # what is typed next is an answer
    _put(db, person, replace(before, posting=posting.id, until=now + OPEN, own=False), now=now)
    opener = OPENERS.get(posting.kind, _opened)
    return receipts.show(person.id, message_id, opener(db, member, posting, desk, now=now))


def turn_to(db: Connection, person: Person, posting: Posting, *, now: datetime, own: bool = False) -> None:
    """What this person writes next is about a posting; `own`: and stands in place of its options."""
    before = state(db, person, now=now)
    _put(db, person, replace(before, posting=posting.id, until=now + OPEN, own=own), now=now)


def _member(db: Connection, person: Person, posting: Posting) -> Member | None:
    return taking_part(db, members.who(db, posting.network_id, person.id))


def _left(
    db: Connection, person: Person, posting: Posting, message_id: int | None, desk: Desk
) -> list[Letter] | None:
    """Say to who has left a network that nothing is kept there any more."""
    before = members.who(db, posting.network_id, person.id)
    if before is None or before.state != "left":
        return None
    left = networks.found(db, posting.network_id)
    html = desk.text(person.language)("answering.left", network=left.title)
    return receipts.show(person.id, message_id, Screen(html))


def _opened(db: Connection, member: Member, posting: Posting, desk: Desk, *, now: datetime) -> Screen:
    text = desk.text(member.language)
    network = networks.found(db, posting.network_id)
    lines = [text("answering.to", question=member_words(title(posting.text, QUESTION)))]
    if open_questions.several_networks(db, member.person_id):
        lines.append(text("answering.of_network", network=network.title))
    lines.append(_readers(db, member, desk, text))
    if posting.closes_at <= now:
        at = dates.full(posting.closes_at, ZoneInfo(network.timezone), text.language, now=now)
        lines.append(text("answering.closed", at=at))
    buttons = [Button(text.plain("common.button.not_now"), callback("answering.stop", posting.id))]
    if any(other.id != posting.id for other in open_questions.opened(db, member.person_id, now=now)):
        buttons.append(Button(text.plain("answering.button.others"), callback("answering.other", posting.id)))
    if members.facilitators(db, member.network_id):
        buttons.append(Button(text.plain("answering.button.tell"), callback("telling.ask", posting.id)))
    return Screen(Markup("\n".join(lines)), keyboard_rows(buttons))


def _readers(db: Connection, member: Member, desk: Desk, text: Text) -> Markup:
    """How to answer, and who reads it as whose."""
    how = text("answering.how")
    leaders = members.facilitators(db, member.network_id)
    if not leaders:
        return how
    names = dates.joined([leader.name for leader in leaders], text.language)
    shown, quoted = receipts.seen_as(db, member, desk)
    read = (
        text("answering.read", count=len(leaders), facilitators=names, shown=shown)
        if quoted
        else text("answering.read_unquoted", count=len(leaders), facilitators=names, shown=shown)
    )
    return Markup(f"{how} {read}")


# Something is written ----------------------------------------------------------------------------------------------


def given(db: Connection, person: Person, message: Given, desk: Desk, *, now: datetime) -> list[Letter]:
    """Take a private message of somebody who takes part somewhere: an answer, or it waits until we know to what."""
    text = desk.text(person.language)
    if refused := _refused(message, text):
        return mail.say(To(person=person.id), refused, silent=True)
    if contributions.behind(db, message.telegram_chat_id, message.message_id) is not None:
        return []
    here = state(db, person, now=now)
    if any(one.message_id == message.message_id for one in here.messages):
        return []
    if message.album is not None:
        added = _with_album(db, person, message, desk, now=now)
        if added is not None:
            return added
    posting_id = here.answering(now)
    posting = None if posting_id is None else postings.get(db, posting_id)
    member = None if posting is None else _member(db, person, posting)
    if posting is not None and member is not None:
        _put(db, person, replace(here, until=now + OPEN), now=now)
        return taking.take(db, posting, member, message, desk=desk, now=now)
    if posting is not None and (left := _left(db, person, posting, None, desk)) is not None:
        _put(db, person, State(waiting=here.waiting), now=now)
        return left
    return _wait(db, person, here, message, desk, now=now)


def _refused(message: Given, text: Text) -> Markup | None:
    """Return why a message can't be an answer."""
    if message.foreign:
        return text("answering.foreign")
    if message.kind == UNREAD or not message.message_id:
        return text("contributions.unread")
    if message.kind == OTHER or not (message.text.strip() or message.files):
        return text("answering.other")
    return None


def _with_album(
    db: Connection, person: Person, message: Given, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    """A further picture of an album goes where the first one went; None if it is the first."""
    for member in memberships(db, person.id):
        found = contributions.of_album(db, member.id, message.album or "")
        posting = None if found is None else postings.get(db, found.posting_id)
        if posting is not None:
            return taking.take(db, posting, member, message, desk=desk, now=now)
    return None


def _wait(
    db: Connection, person: Person, here: State, message: Given, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Let it wait, and ask what it answers; the further pictures of an album are not asked about."""
    if not memberships(db, person.id):
        return mail.say(To(person=person.id), desk.text(person.language)("answering.left_all"), silent=True)
    choices, closed = _choices(db, person.id, now=now)
    text = desk.text(person.language)
    if not choices:
        return mail.say(To(person=person.id), text("answering.nothing_asked"), silent=True)
    silent = message.album is not None and any(one.album == message.album for one in here.messages)
    waiting = replace(here, waiting=(*here.waiting, message.waiting))
    _put(db, person, waiting, now=now)
    if silent:
        return []
    asked = receipts.show(person.id, None, _which(db, person, waiting, choices, closed, text, now=now))
    # The buttons of one such question are about all that waits.
    return [replace(letter, receipt=bool(here.waiting)) for letter in asked]


def _which(
    db: Connection,
    person: Person,
    here: State,
    choices: Sequence[Posting],
    closed: bool,
    text: Text,
    *,
    now: datetime,
) -> Screen:
    """Ask which question is meant: never guessed, not even where only one is open."""
    count = len({one.album or str(one.message_id) for one in here.messages})
    if len(choices) == 1 and not closed:
        yes = Button(text.plain("common.button.yes"), callback("answering.for", choices[0].id))
        another = Button(text.plain("answering.button.another"), callback("answering.other", choices[0].id))
        none = Button(text.plain("common.button.no"), callback("answering.none", 0))
        others = bool(open_questions.closed(db, person.id, now=now))
        html = text("answering.is_it", count=count, question=member_words(choices[0].text))
        return Screen(html, keyboard_rows([yes, another, none] if others else [yes, none]), asks=True)
    words = text("answering.which_closed", count=count) if closed else text("answering.which", count=count)
    return _choice(db, person, words, choices, text)


def _choice(db: Connection, person: Person, words: Markup, choices: Sequence[Posting], text: Text) -> Screen:
    """List questions, of which one is what was meant."""
    none = Button(text.plain("answering.button.none"), callback("answering.none", 0))
    buttons = keyboard_rows([*open_questions.buttons(choices, "answering.for"), none])
    html = Markup(f"{words}\n{open_questions.listed(db, person.id, choices)}")
    return Screen(html, buttons, asks=True)


def _choices(db: Connection, person_id: int, *, now: datetime) -> tuple[list[Posting], bool]:
    """Return the open questions of a person, or else those that closed lately, and whether it is these."""
    found = open_questions.opened(db, person_id, now=now)
    return (found[:MOST], False) if found else (open_questions.closed(db, person_id, now=now)[:MOST], True)


def edited(db: Connection, person: Person, message: Given, *, now: datetime) -> None:
    """Take the new words of a message that waits."""
    here = state(db, person, now=now)
    if not any(one.message_id == message.message_id for one in here.messages):
        return
    changed = tuple(
        {**data, "text": message.text} if data["message_id"] == message.message_id else data
        for data in here.waiting
    )
    _put(db, person, replace(here, waiting=changed), now=now)


# Buttons -----------------------------------------------------------------------------------------------------------


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
    here = state(db, person, now=now)
    text = desk.text(person.language)
    match verb:
        case "open":
            return begin(db, person, posting_id, desk, now=now)
        case "turn":
            return begin(db, person, posting_id, desk, now=now, message_id=message_id)
        case "stop":
            _put(db, person, State(waiting=here.waiting), now=now)
            return receipts.show(person.id, message_id, _stopped(db, person, posting_id, text, now=now))
        case "none":
            _put(db, person, replace(here, waiting=()), now=now)
            return receipts.show(person.id, message_id, Screen(text("answering.kept_nothing")))
        case "list":  # below an answer, which stays as it is
            return _others(db, person, here, posting_id, None, text, now=now)
        case "other":
            return _others(db, person, here, posting_id, message_id, text, now=now)
        case "for":
            return _settle(db, person, here, posting_id, message_id, desk, now=now)
    return None


def _others(
    db: Connection,
    person: Person,
    here: State,
    posting_id: int,
    message_id: int | None,
    text: Text,
    *,
    now: datetime,
) -> list[Letter] | None:
    """List the other questions: the open ones, then, for what waits, those that closed lately."""
    every = open_questions.opened(db, person.id, now=now)
    if here.waiting or not any(posting.id != posting_id for posting in every):
        every += open_questions.closed(db, person.id, now=now)
    others = [posting for posting in every if posting.id != posting_id][:MOST]
    if not others:
        return receipts.show(person.id, None, Screen(text("answering.no_others")))
    if here.waiting:
        words = text("answering.which", count=len(here.waiting))
        return receipts.show(person.id, message_id, _choice(db, person, words, others, text))
    html = Markup(f"{text('answering.others')}\n{open_questions.listed(db, person.id, others)}")
    listed = keyboard_rows(open_questions.buttons(others, "answering.turn"))
    return receipts.show(person.id, message_id, Screen(html, listed))


def _stopped(db: Connection, person: Person, posting_id: int, text: Text, *, now: datetime) -> Screen:
    """Not now; and whether to ask again, where there is still something to ask."""
    posting = postings.get(db, posting_id)
    member = None if posting is None else _member(db, person, posting)
    if posting is None or member is None or posting.closes_at <= now:
        return Screen(text("answering.stopped"))
    if ask_rows.answered(db, posting.id, member.id):
        return Screen(text("answering.stopped"))
    return asks.not_now(posting, text)


def _settle(
    db: Connection,
    person: Person,
    here: State,
    posting_id: int,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter] | None:
    """What waited is an answer to this question, and so is what comes next."""
    posting = postings.get(db, posting_id)
    member = None if posting is None else _member(db, person, posting)
    if posting is None or member is None:
        return None if posting is None else _left(db, person, posting, message_id, desk)
    text = desk.text(person.language)
    if not here.waiting:
        return receipts.show(person.id, message_id, Screen(text("answering.gone")))
    _put(db, person, State(posting.id, now + OPEN), now=now)
    to = Screen(text("answering.to", question=member_words(posting.text)))
    letters = receipts.show(person.id, message_id, to)
    for message in here.messages:
        letters += taking.take(db, posting, member, message, desk=desk, now=now)
    return letters
