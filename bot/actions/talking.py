"""Passing on what two people write to each other through the bot; nothing of it is kept once it has arrived."""

from datetime import datetime
from typing import Any, cast, get_args

from bot.actions import standing_in
from bot.actions.answer import Answer
from bot.actions.receipts import Screen
from bot.actions.talk_cases import Case, case_of
from bot.actions.unit import Desk
from bot.core import mail
from bot.core import talk as rules
from bot.core.contributions import Given
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, MediaKind, To
from bot.core.outcomes import Sent
from bot.core.texts import Markup
from storage import dialogs, members, outbox, people, talks
from storage.db import Connection
from storage.people import Person
from storage.talks import KIND, Talk

OPEN = "open"  # the step of the dialog in which a helper's words are passed on
PASSED_ON = "👍"


def talk_of(db: Connection, person_id: int, reply_to: int | None, *, now: datetime) -> Talk | None:
    """Return the talk to which a private message of this person belongs, over as it may be; None: to none.

    Of who asked for it, everything while it lasts: words meant for one person must never become an answer. Of who
    took it on, what replies to words passed on, and what is written after *Answer*.
    """
    replied = None if reply_to is None else talks.behind(db, person_id, reply_to)
    found = None if replied is None else talks.get(db, replied)
    if found is not None and person_id in (found.person_id, found.taken_by):
        return found
    if (asked := talks.under_way(db, person_id)) is not None:
        return asked
    dialog = dialogs.of(db, person_id, now=now)
    if dialog is None or dialog.kind != KIND or dialog.step != OPEN:
        return None
    return talks.get(db, int(dialog.data["talk"]))


def was_talk(db: Connection, person_id: int, reply_to: int | None, *, now: datetime) -> bool:
    """Whether a private message that `talk_of` finds no talk for is meant for one all the same.

    The talk's row is gone with who was erased: what was for that person alone must not become an answer.
    """
    if reply_to is not None and talks.behind(db, person_id, reply_to) is not None:
        return True
    dialog = dialogs.of(db, person_id, now=now)
    return dialog is not None and dialog.kind == KIND and dialog.step == OPEN


def over(db: Connection, person: Person, desk: Desk) -> list[Letter]:
    """Say that nothing was passed on or kept, and take no more words for that talk."""
    dialogs.leave(db, person.id, KIND)
    return mail.say(To(person=person.id), desk.text(person.language)("talk.over"))


def written(
    db: Connection,
    person: Person,
    talk: Talk,
    given: Given,
    desk: Desk,
    *,
    now: datetime,
    edited: bool = False,
) -> list[Letter]:
    """Pass a message on to the other one."""
    case = case_of(db, talk.id, desk, now=now)
    if case is None or talk.state != rules.TAKEN or talk.how != rules.HERE or talk.taken_by is None:
        return over(db, person, desk)
    other = people.get(db, talk.taken_by if person.id == talk.person_id else talk.person_id)
    if other is None:
        return mail.say(To(person=person.id), desk.text(person.language)("talk.over"))
    talks.change(db, talk.id, due_at=now + rules.QUIET)
    if talk.taken_by == person.id:
        _keep_open(case, person)
    theirs = dialogs.of(db, other.id, now=now)  # whoever has begun an answer meanwhile is in it no more
    if theirs is not None and (theirs.kind, theirs.step, theirs.data.get("talk")) == (KIND, OPEN, talk.id):
        _keep_open(case, other)
    return _passed(case, person, other, given, edited=edited)


def _keep_open(case: Case, person: Person) -> None:
    data = {"talk": case.talk.id}
    dialogs.put(case.db, person.id, KIND, OPEN, data, now=case.now, lasts=rules.QUIET)


def _passed(case: Case, person: Person, other: Person, given: Given, *, edited: bool) -> list[Letter]:
    text = case.desk.text(other.language)
    who = text("talk.says_otherwise", name=person.name) if edited else text("talk.says", name=person.name)
    words = Markup(f"{who}\n{member_words(given.text)}") if given.text.strip() else who
    member = members.who(case.db, case.network.id, other.id)
    how: dict[str, Any] = {
        "silent": member is not None and standing_in.rests(member, case.network, now=case.now),
        "key": f"talk:{case.talk.id}:{person.id}:{given.message_id}:{case.stamp}",
        "kind": KIND,
        "about": {
            "talk": case.talk.id,
            "network": case.network.id,
            "from": person.id,
            "message": given.message_id,
        },
        "unsure": "repeat",  # twice is better than not at all
    }
    keyboard = None
    if other.id == case.talk.taken_by:
        keyboard = keyboard_rows(
            [Button(text.plain("talk.button.answer"), callback("talk.answer", case.talk.id))]
        )
    to = To(person=other.id)
    file = given.files[0] if given.files else None
    if file is not None and file.kind in get_args(MediaKind):
        return mail.media(to, cast(MediaKind, file.kind), file.file_id, words, keyboard, **how)
    if file is None and given.text.strip():
        return mail.say(to, words, keyboard, **how)
    return mail.say(To(person=person.id), case.desk.text(person.language)("talk.only"), silent=True)


def answer(case: Case, person: Person) -> list[Letter] | None:
    """*Answer*: what this person writes next is passed on."""
    if case.talk.state != rules.TAKEN or case.talk.how != rules.HERE or case.talk.taken_by != person.id:
        return None
    _keep_open(case, person)
    text = case.desk.text(person.language)
    keyboard = keyboard_rows([Button(text.plain("talk.button.end"), callback("talk.end", case.talk.id))])
    return mail.say(To(person=person.id), text("talk.write", name=case.asker.name), keyboard, silent=True)


def first_end(db: Connection, person: Person, desk: Desk) -> Screen | None:
    """What is said instead of asking for an answer while everything goes to somebody else; None: nothing does."""
    talk = talks.under_way(db, person.id)
    other = None if talk is None or talk.taken_by is None else people.get(db, talk.taken_by)
    if talk is None or other is None:
        return None
    text = desk.text(person.language)
    keyboard = keyboard_rows([Button(text.plain("talk.button.end"), callback("talk.end", talk.id))])
    return Screen(text("talk.first_end", name=other.name), keyboard)


def passed_on(db: Connection, answer: Answer) -> None:
    """It arrived, or it did not: its author sees which, and nothing of the words is left."""
    talks.settle(db, answer.row.id)
    author = people.get(db, int(answer.about["from"]))
    if author is None:
        return
    key, to = f"{answer.row.key}:told", To(person=author.id)
    if isinstance(answer.outcome, Sent):
        message_id = int(answer.about["message"])
        outbox.write(db, [mail.react(to, message_id, PASSED_ON, key=key)], now=answer.now)
        return
    html = answer.desk.text(author.language)("talk.not_passed")
    outbox.write(db, mail.say(to, html, key=key, unsure="repeat"), now=answer.now)
