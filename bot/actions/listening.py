"""Spoken answers put into words: a facilitator listens and types, the author has the last word.

Nobody hears more of the author than a written answer would show, but for the voice. Every time somebody listens leaves
a line in the audit table, and the sound leaves the facilitator's chat again, a day later at the latest. What was told
to a facilitator (bot/actions/telling.py) goes the same way from the moment it is written down.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import receipts, resting, standing_in, taking
from bot.actions.answer import Answer
from bot.actions.contributions import CHANGED, changed, erase, own
from bot.actions.receipts import Receipt, Screen, show
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import consents, dates, mail
from bot.core.contributions import LOUD
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.outcomes import Sent
from bot.core.prompts import excerpt
from bot.core.texts import Markup, Text
from storage import audit, contributions, dialogs, digests, members, networks, outbox, people, postings
from storage.contributions import Contribution, Medium
from storage.db import Connection
from storage.dialogs import Dialog
from storage.people import Person

DIALOG = "listening"
KIND = "listen"  # the kind of the letters that bring a sound to a facilitator
IN_CHAT = timedelta(hours=24)  # so long it stays there; after 48 hours Telegram lets nobody delete it
TYPING = timedelta(hours=1)  # so long what a facilitator types is what was heard, and nothing else of theirs
OWN_WORDS = timedelta(days=1)
KEPT = timedelta(days=30)  # so long a sound is kept after it was put into words
MOST = 6
LENGTH = 60  # of a question in the list
MAX_WORDS = 3000  # characters; what is longer does not fit into one message with the question below


# The list --------------------------------------------------------------------------------------------------------


def begin(leader: Leader) -> list[Letter]:
    """`/listen`: what waits to be put into words."""
    return _listed(leader.db, leader.person, leader.network.id, None, leader.desk)


def _listed(
    db: Connection, person: Person, network_id: int, message_id: int | None, desk: Desk
) -> list[Letter]:
    text = desk.text(person.language)
    found = contributions.to_listen(db, network_id)
    if not found:
        return show(person.id, message_id, Screen(text("listening.none")))
    lines, buttons = [text("listening.list", count=len(found))], []
    for number, kept in enumerate(found[:MOST], 1):
        receipt = _seen(db, kept, desk, text)
        question = member_words(excerpt(_question(db, kept), LENGTH))
        length = _length(contributions.media_of(db, kept.id), text)
        lines.append(
            text("listening.item", number=number, shown=receipt.label(), length=length, question=question)
        )
        label = text.plain("listening.button.listen", number=number)
        buttons.append(Button(label, callback("listening.play", kept.id)))
    return show(person.id, message_id, Screen(Markup("\n".join(lines)), keyboard_rows(buttons)))


def _seen(db: Connection, kept: Contribution, desk: Desk, text: Text) -> Receipt:
    """A contribution as somebody else may see it, in that reader's language."""
    member = members.get(db, kept.member_id)
    assert member is not None
    return replace(receipts.of(db, member, kept, desk), text=text)


def _question(db: Connection, kept: Contribution) -> str:
    posting = postings.get(db, kept.posting_id)
    return "" if posting is None else posting.text


def _length(media: list[Medium], text: Text) -> str:
    return dates.duration(sum(one.duration or 0 for one in media if one.kind in LOUD), text.language)


def leads(db: Connection, person: Person, network_id: int) -> bool:
    """Whether somebody may listen: facilitators of the network and their stand-in."""
    return standing_in.may(db, networks.found(db, network_id), person.id)


# Buttons ---------------------------------------------------------------------------------------------------------


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
    match verb:
        case "list":
            there = networks.get(db, id) is not None and leads(db, person, id)
            return _listed(db, person, id, None, desk) if there else None
        case "play":
            return _play(db, person, id, desk, now=now)
        case "later":
            return _later(db, person, id, now=now)
        case "right" | "change" | "no":
            return _judged(db, person, verb, id, message_id, desk, now=now)
    return None


def _play(
    db: Connection, person: Person, contribution_id: int, desk: Desk, *, now: datetime
) -> list[Letter] | None:
    """Bring the sound, and take what is typed next for its words."""
    kept = contributions.get(db, contribution_id)
    if kept is None or not leads(db, person, kept.network_id):
        return None
    if kept.id not in {one.id for one in contributions.to_listen(db, kept.network_id)}:
        return None
    text = desk.text(person.language)
    sounds = [one for one in contributions.media_of(db, kept.id) if one.kind in LOUD and one.file_id]
    caption = text(
        "listening.type", shown=_seen(db, kept, desk, text).label(), question=_quoted(_question(db, kept))
    )
    later = keyboard_rows(
        [Button(text.plain("listening.button.later"), callback("listening.later", kept.id))]
    )
    letters: list[Letter] = []
    stamp = int(now.timestamp())
    keys = []
    for number, sound in enumerate(sounds, 1):
        last = number == len(sounds)
        key = f"{KIND}:{kept.id}:{sound.id}:{person.id}:{stamp}"
        keys.append(key)
        letters += _sound(person, sound, caption, later if last else None, key)
    about = {"contribution": kept.id, "keys": keys}
    dialogs.put(db, person.id, DIALOG, "words", about, now=now, lasts=TYPING)
    audit.note(db, "listened", now=now, network_id=kept.network_id, person_id=person.id, contribution=kept.id)
    return letters


def _quoted(question: str) -> Markup:
    return member_words(excerpt(question, 200))


def _sound(person: Person, sound: Medium, caption: str, keyboard: Keyboard | None, key: str) -> list[Letter]:
    kind = "voice" if sound.kind == "voice" else "audio"
    said = mail.media(To(person=person.id), kind, sound.file_id, caption, keyboard, key=key, silent=True)  # type: ignore[arg-type]
    # Nobody passes a voice on by a slip of the thumb.
    about = {"contribution": sound.contribution_id}
    first = replace(said[0], kind=KIND, about=about, params={**said[0].params, "protect_content": True})
    return [first, *said[1:]]


def arrived(db: Connection, answer: Answer) -> None:
    """A sound stands in a facilitator's chat: it goes again, whatever becomes of it."""
    if isinstance(answer.outcome, Sent) and answer.outcome.message_id is not None:
        gone = mail.delete(
            To(person=answer.row.person_id),
            answer.outcome.message_id,
            key=f"{answer.row.key}:day",
            not_before=answer.now + IN_CHAT,
            lane=mail.OWN_LANE,
        )
        outbox.write(db, [gone], now=answer.now)


def withdrawn(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """What its author takes back leaves the facilitators' chats at once."""
    kept = contributions.get(db, contribution_id)
    if kept is not None and kept.state == "kept":
        return []
    rows = outbox.of_kind(db, KIND, f"{KIND}:{contribution_id}:")
    return [
        mail.delete(To(person=row.person_id), row.message_id, key=f"{row.key}:now")
        for row in rows
        if row.message_id is not None
    ]


def _taken_away(db: Connection, person: Person, dialog: Dialog) -> list[Letter]:
    """Delete the sounds from a facilitator's chat."""
    found = [outbox.by_key(db, key) for key in dialog.data.get("keys", ())]
    return [
        mail.delete(To(person=person.id), row.message_id, key=f"{row.key}:now")
        for row in found
        if row is not None and row.message_id is not None
    ]


def _later(db: Connection, person: Person, contribution_id: int, *, now: datetime) -> list[Letter] | None:
    dialog = dialogs.of(db, person.id, now=now)
    if dialog is None or dialog.kind != DIALOG or dialog.data.get("contribution") != contribution_id:
        return None
    dialogs.close(db, person.id)
    return _taken_away(db, person, dialog)


# What is typed ---------------------------------------------------------------------------------------------------


def typed(db: Connection, person: Person, words: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Take the words of a facilitator who listened, or an author's own."""
    text, to = desk.text(person.language), To(person=person.id)
    dialog = dialogs.of(db, person.id, now=now)
    if dialog is None or dialog.kind != DIALOG:
        return []
    words = words.strip()
    if not words:
        return mail.say(to, text("listening.only_words"))
    if len(words) > MAX_WORDS:
        return mail.say(to, text("listening.too_long", count=len(words), most=MAX_WORDS))
    dialogs.close(db, person.id)
    kept = contributions.get(db, int(dialog.data["contribution"]))
    gone = mail.say(to, text("listening.gone"))
    if dialog.step == "own":
        receipt = None if kept is None else own(db, person, kept.id, desk)
        if kept is None or receipt is None or kept.heard_state != "typed":
            return gone
        return [*mail.say(to, text("listening.yours")), *_confirm(db, receipt, words, None, desk, now=now)]
    letters = _taken_away(db, person, dialog)
    if kept is None or kept.state != "kept" or kept.heard_state is not None:
        return [*letters, *gone]
    if not leads(db, person, kept.network_id):
        return [*letters, *gone]
    contributions.change(db, kept.id, heard=words, heard_by=person.id, heard_state="typed")
    _count_down(db, kept, now=now)
    more = len(contributions.to_listen(db, kept.network_id))
    button = Button(text.plain("listening.button.list"), callback("listening.list", kept.network_id))
    said = mail.say(to, text("listening.asked"), keyboard_rows([button]) if more else None)
    return [*letters, *said, *ask_author(db, kept.id, desk, now=now)]


def _count_down(db: Connection, kept: Contribution, *, now: datetime) -> None:
    """From now on the sound is needed no more; who agreed to its being kept is asked when the time has come."""
    for sound in contributions.media_of(db, kept.id):
        if sound.kind in LOUD:
            contributions.change_medium(db, sound.id, erase_at=now + KEPT)


def ask_author(db: Connection, contribution_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Show its author what was written, in their own hours."""
    kept = contributions.get(db, contribution_id)
    member = None if kept is None else members.get(db, kept.member_id)
    if kept is None or member is None or kept.heard is None:
        return []
    text = desk.text(member.language)
    writer = None if kept.heard_by is None else people.get(db, kept.heard_by)
    name, words = writer.name if writer else "", member_words(kept.heard)
    told = kept.noted_by is not None
    question = _quoted(_question(db, kept))
    html = (
        text("listening.told", facilitator=name, words=words, question=question)
        if told
        else text("listening.wrote", facilitator=name, words=words, question=question)
    )
    buttons = [
        Button(text.plain("listening.button.right"), callback("listening.right", kept.id)),
        Button(text.plain("listening.button.change"), callback("listening.change", kept.id)),
        Button(text.plain("listening.button.no"), callback("listening.no", kept.id)),
    ]
    ways, zone = resting.ways(member), ZoneInfo(networks.found(db, kept.network_id).timezone)
    at = ways.undisturbed(ways.rested(now), zone)
    key = f"heard:{kept.id}:{int(now.timestamp())}"
    return mail.say(To(person=member.person_id), html, keyboard_rows(buttons), key=key, not_before=at)


# The author's word -----------------------------------------------------------------------------------------------


def _judged(
    db: Connection,
    person: Person,
    verb: str,
    contribution_id: int,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter] | None:
    receipt = own(db, person, contribution_id, desk)
    if receipt is None or receipt.kept.heard_state != "typed" or receipt.kept.heard is None:
        return None
    if verb == "right":
        return _confirm(db, receipt, receipt.kept.heard, message_id, desk, now=now)
    if verb == "no":
        return _refuse(db, receipt, message_id, desk, now=now)
    about = {"contribution": contribution_id}
    dialogs.put(db, person.id, DIALOG, "own", about, now=now, lasts=OWN_WORDS)
    words = receipt.text("listening.write_own", words=member_words(receipt.kept.heard))
    return show(person.id, message_id, Screen(words, asks=True))


def _confirm(
    db: Connection, receipt: Receipt, words: str, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter]:
    """From now on it is a text like any other."""
    kept = receipt.kept
    text = f"{kept.text}\n{words}" if kept.text.strip() else words
    contributions.change(db, kept.id, text=text, heard=None, heard_state="confirmed")
    _count_down(db, kept, now=now)
    _into_drafts(db, kept, now=now)
    again = contributions.get(db, kept.id)
    assert again is not None
    screen = receipts.screen(receipts.of(db, receipt.member, again, desk))
    letters = show(receipt.member.person_id, message_id, screen)
    letters += changed(db, kept.id, desk, now=now)
    return letters + taking.taken(db, kept.id, desk, now=now)


def _into_drafts(db: Connection, kept: Contribution, *, now: datetime) -> None:
    """What was put into words while a draft was being looked at belongs to that draft."""
    for digest in digests.of_network(db, kept.network_id, ("draft",)):
        digests.take(db, digest, [kept.id])
        digests.change(db, digest.id, content={**digest.kept, "stale": True}, next_at=now)


def _refuse(
    db: Connection, receipt: Receipt, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter]:
    """It is not used. A sound that was kept only to be listened to goes at once, and so does what has no words."""
    kept, text, person_id = receipt.kept, receipt.text, receipt.member.person_id
    sounds = [one for one in receipt.media if one.kind in LOUD and one.state != "gone"]
    keeps = bool(sounds) and _keeps(db, kept)
    if not keeps and not kept.text.strip():
        letters = erase(db, kept, "taken_back", desk, now=now)
        return [*show(person_id, message_id, Screen(text("listening.deleted"))), *letters]
    contributions.change(db, kept.id, heard=None, heard_state="refused")
    for sound in sounds:
        if keeps:
            contributions.change_medium(db, sound.id, erase_at=None)
        else:
            contributions.erase_file(db, sound.id)
    shown = text("listening.unused_kept") if keeps else text("listening.unused")
    return [
        *show(person_id, message_id, Screen(shown, receipts.buttons(receipt))),
        *changed(db, kept.id, desk, now=now),
    ]


def _keeps(db: Connection, kept: Contribution) -> bool:
    """Whether its author agrees, now, that voices are kept."""
    return consents.may(members.consent(db, kept.member_id), consents.MEDIA)


# What is erased by itself ----------------------------------------------------------------------------------------


def erase_sounds(db: Connection, *, now: datetime, limit: int) -> int:
    """Erase sounds that were put into words; who agreed to their being kept keeps them, until that changes."""
    erased = 0
    for sound in contributions.to_erase(db, before=now, limit=limit):
        kept = contributions.get(db, sound.contribution_id)
        if kept is not None and _keeps(db, kept):
            contributions.change_medium(db, sound.id, erase_at=now + KEPT)
        else:
            contributions.erase_file(db, sound.id)
            erased += 1
    return erased


CHANGED.append(withdrawn)
