"""Answering a statements round: by the buttons in the group, or one sentence after the other in private.

Nobody sees who says what. What came of it is shown once the round is closed, and as far as enough have answered:
numbers that grow while people look would tell who answered last.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import answering, open_questions, prompts, receipts
from bot.actions.belonging import taking_part
from bot.actions.prompts import Layout, Told
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import agreement, dates
from bot.core.agreement import ANSWERS, Agreement
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, member_words
from bot.core.mail import Letter
from bot.core.prompts import KINDS, excerpt, minutes
from bot.core.texts import Markup, Text
from storage import groups, members, networks, postings, sentences
from storage import statements as rows
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person
from storage.postings import Posting
from storage.prompts import Prompt
from storage.sentences import KIND, POSTED, Said

TOLD = 60  # signs of a sentence, where a press in the group is answered

SAY = {  # on the buttons in private, and what was said, in a sentence
    "agree": ("statements.button.agree", "statements.i_agree"),
    "disagree": ("statements.button.disagree", "statements.i_disagree"),
    "unsure": ("statements.button.unsure", "statements.i_am_unsure"),
}
SHORT = {
    "agree": "statements.button.agree_short",
    "disagree": "statements.button.disagree_short",
    "unsure": "statements.button.unsure_short",
}


@dataclass(frozen=True)
class Round:
    """A round as one member finds it; `said`: what they say, by sentence."""

    member: Member
    posting: Posting
    network: Network
    sentences: tuple[Said, ...]
    said: dict[int, str]
    text: Text
    now: datetime

    @property
    def open(self) -> bool:
        """Whether it can still be answered."""
        return self.now < self.posting.closes_at

    @property
    def until(self) -> str:
        """When it closes, or closed."""
        zone = ZoneInfo(self.network.timezone)
        return dates.full(self.posting.closes_at, zone, self.text.language, now=self.now)

    def number(self, statement_id: int) -> int:
        """Return the place of a sentence, from 1; 0 where it is not in the round."""
        ids = [one.sentence.id for one in self.sentences]
        return ids.index(statement_id) + 1 if statement_id in ids else 0

    def next(self, after: int = 0) -> Said | None:
        """Return the next sentence that is to be answered, those behind this number first."""
        order = (*self.sentences[after:], *self.sentences[:after])
        return next((one for one in order if one.sentence.id not in self.said), None)


def _round(
    db: Connection, person: Person | None, posting: Posting | None, desk: Desk, *, now: datetime
) -> Round | None:
    """Return a round for who may answer it: members of the circle it was put to."""
    if person is None or posting is None or posting.kind != KIND:
        return None
    member = taking_part(db, members.who(db, posting.network_id, person.id))
    if member is None or member.circle != posting.circle:
        return None
    return _of(db, member, posting, desk, now=now)


def _of(db: Connection, member: Member, posting: Posting, desk: Desk, *, now: datetime) -> Round:
    return Round(
        member,
        posting,
        networks.found(db, posting.network_id),
        tuple(sentences.words(db, posting.prompt_id, (POSTED,))),
        rows.said_by(db, posting.prompt_id, member.id),
        desk.text(member.language),
        now,
    )


# In the group -----------------------------------------------------------------------------------------------------


def layout(
    db: Connection, prompt: Prompt, posting: Posting, network: Network, desk: Desk, *, now: datetime
) -> Layout:
    """All sentences of a round in one message, with three buttons each."""
    text = desk.text(network.language)
    shown = sentences.words(db, prompt.id, (POSTED,))
    lines = "\n".join(f"<b>{number}.</b> {member_words(one.words)}" for number, one in enumerate(shown, 1))
    words = text(
        "statements.posting",
        heading=text(KINDS[prompt.kind].heading),
        count=minutes(" ".join([prompt.text, *(one.words for one in shown)])),
        text=member_words(prompt.text),
        sentences=Markup(lines) if shown else text("statements.none_left"),
        until=dates.full(posting.closes_at, ZoneInfo(network.timezone), text.language, now=now),
    )
    answers = [
        tuple(
            Button(
                text.plain(SHORT[answer], number=str(number)),
                callback("stances.here", posting.id, f"{one.sentence.id}.{answer}"),
            )
            for answer in ANSWERS
        )
        for number, one in enumerate(shown, 1)
    ]
    return Layout(words, Keyboard(((prompts.privately(posting, text, desk),), *answers)))


def here(
    db: Connection, person: Person | None, posting_id: int, nonce: str, desk: Desk, *, now: datetime
) -> Told | None:
    """Keep what was pressed in the group; None for a button that means nothing (any more)."""
    posting = postings.get(db, posting_id)
    if posting is None or posting.kind != KIND:
        return None
    known = None if person is None else members.who(db, posting.network_id, person.id)
    if taking_part(db, known) is None:
        return Told(url=desk.link(f"p_{posting.token}"))
    found = _round(db, person, posting, desk, now=now)
    statement, answer = _read(nonce)
    number = 0 if found is None else found.number(statement)
    if found is None or not number or answer not in ANSWERS:
        return None
    if not found.open:
        return Told(found.text.plain("statements.told_closed", at=found.until))
    rows.say(db, statement, found.member.id, answer, now=now)
    words = excerpt(found.sentences[number - 1].words, TOLD)
    said = found.text.plain(SAY[answer][1])
    return Told(found.text.plain("statements.told", number=str(number), said=said, words=words))


def _read(nonce: str) -> tuple[int, str]:
    id, _, answer = nonce.partition(".")
    return (int(id) if id.isascii() and id.isdigit() and len(id) < 18 else 0), answer


# In private -------------------------------------------------------------------------------------------------------


def opened(db: Connection, member: Member, posting: Posting, desk: Desk, *, now: datetime) -> Screen:
    """What a member sees who opens a round: the next sentence, all that they said, or what came of it."""
    if member.circle != posting.circle:
        return Screen(desk.text(member.language)("statements.other_circle"))
    return _screen(db, _of(db, member, posting, desk, now=now), desk)


def _screen(db: Connection, found: Round, desk: Desk, *, after: int = 0) -> Screen:
    if not found.open:
        return _result(db, found, desk)
    one = found.next(after)
    return _overview(db, found) if one is None else _asked(db, found, one)


def _asked(db: Connection, found: Round, one: Said) -> Screen:
    """One sentence, and what can be said to it."""
    text, number = found.text, found.number(one.sentence.id)
    lines = _head(db, found, number)
    lines.append(
        text("statements.one", number=str(number), count=len(found.sentences), words=member_words(one.words))
    )
    said = found.said.get(one.sentence.id)
    if said is not None:
        lines.append(text("statements.so_far", said=text(SAY[said][1])))
    elif not found.said:
        lines.append(text("statements.unseen"))
    buttons = [
        Button(
            text.plain(SAY[answer][0]),
            callback("stances.say", found.posting.id, f"{one.sentence.id}.{answer}"),
        )
        for answer in ANSWERS
    ]
    later = text.plain("common.button.not_now") if said is None else text.plain("common.button.leave_it")
    buttons.append(
        Button(later, callback("stances.later" if said is None else "stances.card", found.posting.id))
    )
    return Screen(Markup("\n".join(lines)), keyboard_rows(buttons), asks=said is None)


def _head(db: Connection, found: Round, number: int) -> list[Markup]:
    if number > 1:
        return []
    lines = [found.text("statements.heading", question=member_words(excerpt(found.posting.text)))]
    if open_questions.several_networks(db, found.member.person_id):
        lines.append(found.text("answering.of_network", network=found.network.title))
    return lines


def _overview(db: Connection, found: Round) -> Screen:
    """All are answered: what they say, and a button to say otherwise."""
    text = found.text
    if not found.sentences:
        return Screen(text("statements.none_left"))
    lines = [text("statements.saved", until=found.until)]
    buttons = []
    for number, one in enumerate(found.sentences, 1):
        said = text(SAY[found.said[one.sentence.id]][1])
        words = member_words(excerpt(one.words, TOLD))
        lines.append(text("statements.line", number=str(number), words=words, said=said))
        label = text.plain("statements.button.change_one", number=str(number))
        buttons.append(Button(label, callback("stances.see", found.posting.id, str(one.sentence.id))))
    label = text.plain("statements.button.result")
    buttons += [Button(label, callback("stances.result", found.posting.id)), *_others(db, found)]
    return Screen(Markup("\n".join(lines)), keyboard_rows(buttons))


def _others(db: Connection, found: Round) -> list[Button]:
    opened = open_questions.opened(db, found.member.person_id, now=found.now)
    if not any(other.id != found.posting.id for other in opened):
        return []
    label = found.text.plain("answering.button.others")
    return [Button(label, callback("answering.other", found.posting.id))]


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    posting_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button in private says; None for one that means nothing (any more)."""
    found = _round(db, person, postings.get(db, posting_id), desk, now=now)
    if found is None:
        return None
    statement, answer = _read(nonce)
    number = found.number(statement)
    match verb:
        case "later":
            return answering.pressed(
                db, person, "stop", posting_id, "", message_id=message_id, desk=desk, now=now
            )
        case "card":
            screen = _screen(db, found, desk)
        case "result":
            screen = _still_open(found) if found.open else _result(db, found, desk)
        case "see" if number and found.open:
            screen = _asked(db, found, found.sentences[number - 1])
        case "say" if number and answer in ANSWERS:
            if found.open:
                rows.say(db, statement, found.member.id, answer, now=now)
                found = _of(db, found.member, found.posting, desk, now=now)
            screen = _screen(db, found, desk, after=number)
        case _:
            return None
    return receipts.show(person.id, message_id, screen)


def _still_open(found: Round) -> Screen:
    """Nothing is shown before: numbers that grow while people look would tell who answered last."""
    back = Button(found.text.plain("common.button.back"), callback("stances.card", found.posting.id))
    return Screen(found.text("statements.still_open", until=found.until), keyboard_rows([back]))


# What came of it --------------------------------------------------------------------------------------------------


def _result(db: Connection, found: Round, desk: Desk) -> Screen:
    text, network = found.text, found.network
    sizes, named = members.sizes(db, network.id), groups.of(db, network.id)
    lines = [text("statements.closed", at=found.until)]
    for number, one in enumerate(rows.result(db, found.posting.prompt_id), 1):
        lines.append(text("statements.result", number=str(number), words=member_words(one.words)))
        shown = agreement.counted(one, sizes=sizes, k=desk.k, named=named)
        lines.append(text("statements.too_few") if shown is None else numbers(shown, text))
    if len(lines) == 1:
        lines.append(text("statements.none_left"))
    return Screen(Markup("\n".join(lines)))


def numbers(shown: Agreement, text: Text) -> Markup:
    """Return in words how many say what."""
    said = [
        text("statements.agree", count=shown.agree),
        text("statements.disagree", count=shown.disagree),
        text("statements.unsure", count=shown.unsure),
    ]
    line = dates.joined(said, text.language)
    return text("statements.everywhere", said=Markup(line)) if shown.everywhere else Markup(f"{line}.")


prompts.LAYOUTS[KIND] = layout
answering.OPENERS[KIND] = opened
