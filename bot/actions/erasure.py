"""Erasing, as somebody ordered it with `/forget` (bot/actions/erasing.py): in portions, then the receipt.

Digests and drafts are mended, others' messages that repeat the words are replaced; if Telegram does not allow that any
more, those who can delete them by hand hear where, and not whose they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot import logs
from bot.actions import contributions, digests, drafts, sending
from bot.actions.answer import Answer
from bot.actions.erasing import FACT, found, gave
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core.erasing import EVERYWHERE, UNNAMED, Trace, mark
from bot.core.mail import Letter, To
from bot.core.outcomes import Refused
from storage import audit, chats, echoes, erasures, facts, members, networks, outbox, people
from storage import contributions as contribution_rows
from storage import digests as digest_rows
from storage import erasing as rows
from storage.db import Connection
from storage.digests import Digest
from storage.erasing import Erased
from storage.erasures import Erasure
from storage.outbox import Row
from storage.people import Person

KIND = "erasing"  # the kind of letters whose refusal somebody must hear of, and of which nothing is kept
GONE_ANYWAY = ("message to edit not found", "message to delete not found", "message is not modified")
TEXTS = ("sendMessage", "editMessageText")  # of which the words can be replaced

log = logs.logger(__name__)

# Doing it ---------------------------------------------------------------------------------------------------------


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return who is to be erased."""
    return [int(fact.name.removeprefix(FACT)) for fact in facts.beginning(db, FACT)]


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return `now` if somebody is to be erased; nothing else makes it due."""
    return now if due(db, now=now) else None


def go_on(db: Connection, person_id: int, desk: Desk, *, now: datetime) -> None:
    """Erase some of the files; when none is left, everything else, and tell."""
    name = f"{FACT}{person_id}"
    order, person = facts.get(db, name), people.get(db, person_id)
    trace = None if order is None or person is None else found(db, person, int(order.value["target"]))
    if order is None or person is None or trace is None:
        facts.drop(db, name)
    elif not rows.files(db, trace):
        facts.drop(db, name)
        outbox.write(db, _erase(db, person, trace, order.value, desk, now=now), now=now)


def _erase(
    db: Connection, person: Person, trace: Trace, order: dict[str, Any], desk: Desk, *, now: datetime
) -> list[Letter]:
    had, how = rows.counts(db, trace), str(order["how"])
    marked = _unmarked(db, trace)
    zone = ZoneInfo(networks.found(db, trace.networks[0]).timezone if trace.networks else desk.timezone)
    rows.erase_words(db, trace, how, now=now)
    letters = _mended(db, trace, desk, now=now)
    rows.erase_rows(db, trace)
    shown = echoes.letters_of(db, trace)
    _note(db, trace, how, str(order["receipt"]), desk, now=now)
    return [
        *marked,
        *letters,
        *_replaced(db, shown, desk, now=now),
        *_receipt(person, trace, had, order, desk, zone, now=now),
    ]


def _unmarked(db: Connection, trace: Trace) -> list[Letter]:
    """The ✍ says that something is kept."""
    return [
        mail.react(To(chat=kept.chat_id), kept.message_id, None, key=f"erased:mark:{kept.id}", kind=KIND)
        for kept in contribution_rows.every(db, trace.contributions)
        if kept.state == "kept" and kept.chat_id is not None and kept.message_id is not None
    ]


def _mended(db: Connection, trace: Trace, desk: Desk, *, now: datetime) -> list[Letter]:
    """Edit digests that were sent, and drafts wherever they stand; if one can't be, those who lead hear of it."""
    by_network: dict[int, list[int]] = defaultdict(list)
    for kept in contribution_rows.every(db, trace.contributions):
        by_network[kept.network_id].append(kept.id)
    letters: list[Letter] = []
    for ids in by_network.values():
        letters += contributions.changed_all(db, ids, desk, now=now)
    for digest_id in sorted({*trace.digests, *trace.noted}):
        if digest_id not in trace.digests:  # their own words, not quoted ones
            letters += digests.mend(db, digest_id, desk, now=now)
        letters += drafts.refresh(db, digest_id, desk, now=now)
        letters += drafts.refresh_older(db, digest_id, desk, now=now)
    letters += _out_of_reach(db, trace, desk, now=now)
    last = {(letter.key or number): letter for number, letter in enumerate(letters)}
    return [_watched(letter) for letter in last.values()]


def _out_of_reach(db: Connection, trace: Trace, desk: Desk, *, now: datetime) -> list[Letter]:
    """Of summaries whose group became another one since, nobody knows the message: who leads can delete it."""
    letters: list[Letter] = []
    for digest_id in sorted({*trace.digests, *trace.noted}):
        digest = digest_rows.get(db, digest_id)
        keys = {} if digest is None or digest.state != "published" else digest.kept.get("keys", {})
        for key in keys.values():
            row = outbox.by_key(db, key)
            if digest is not None and row is not None and row.state == "sent" and row.message_id is None:
                letters += _tell_leaders(db, row.chat_id or 0, digest, f"not_erased:{row.id}", desk, now=now)
    return letters


def _watched(letter: Letter) -> Letter:
    if letter.method != "editMessageText" or letter.kind not in ("letter", sending.MENDED):
        return letter
    if letter.to.chat is not None:
        return replace(letter, kind=KIND, about={**(letter.about or {}), "chat": letter.to.chat})
    return replace(letter, kind=KIND, about={"reader": letter.to.person})


def _replaced(db: Connection, shown: Iterable[Row], desk: Desk, *, now: datetime) -> list[Letter]:
    """In others' private chats: words are replaced, a voice or a picture is deleted where Telegram still lets us."""
    letters = []
    for row in shown:
        reader = None if row.person_id is None else people.get(db, row.person_id)
        message_id = echoes.message_of(row)
        if reader is None or message_id is None:
            continue
        to, key, about = To(person=reader.id), f"erased:{row.id}", {"reader": reader.id}
        if row.method in TEXTS:
            text = desk.text(reader.language)
            gone = text("erasing.gone_here")
            letters.append(mail.edit(to, message_id, gone, key=key, kind=KIND, about=about))
        else:
            letters.append(mail.delete(to, message_id, key=key, kind=KIND, about=about))
    return letters


def _note(db: Connection, trace: Trace, how: str, receipt: str, desk: Desk, *, now: datetime) -> None:
    """Write down that it was done, by marks alone: in the table, and beside the backups."""
    network = EVERYWHERE if trace.whole else trace.networks[0]
    made = Erasure(mark(desk.safety.key, trace.telegram_id, network), how, receipt, now)
    erasures.keep(db, made)
    audit.note(db, "erased", now=now, how=how)
    if desk.safety.file is not None:
        try:
            erasures.append(desk.safety.file, [made])
        except OSError as error:  # it is added before the next backup
            log.error("erasure.not_beside_backups", error=type(error).__name__)


# Telling ----------------------------------------------------------------------------------------------------------


def _receipt(
    person: Person,
    trace: Trace,
    had: Erased,
    order: dict[str, Any],
    desk: Desk,
    zone: ZoneInfo,
    *,
    now: datetime,
) -> list[Letter]:
    text = desk.text(person.language)
    at = dates.full(now, zone, text.language, now=now)
    until = dates.day(desk.safety.gone_at(now), zone, text.language, now=now)
    if order["how"] == UNNAMED:
        lines = [text("erasing.cut", at=at), text("erasing.stay", count=had.kept)]
    else:
        what = gave(had, text)
        lines = [text("erasing.erased", at=at, what=what) if what else text("erasing.erased_nothing", at=at)]
    if had.digests:
        lines.append(text("erasing.digests_changed", count=had.digests))
    lines.append(text("erasing.copies", day=until, receipt=str(order["receipt"])))
    lines.append(text("erasing.chat"))
    html = " ".join(lines)
    # By Telegram's id: of who is gone there is no row to refer to. The letter itself goes as soon as it has arrived.
    to = To(telegram=person.telegram_id) if trace.whole else To(person=person.id)
    about = {"say": True}
    fields: dict[str, Any] = {"key": f"receipt:{order['receipt']}", "kind": KIND, "about": about}
    if order["message"] is None:
        return mail.say(to, html, **fields, unsure="repeat")
    return [mail.edit(to, int(order["message"]), html, **fields)]


def answered(db: Connection, answer: Answer) -> None:
    """Telegram has taken it or not: nothing is kept of the letter, and who can do something about a no is told."""
    outbox.remove(db, answer.row.id)
    reason = answer.outcome.reason if isinstance(answer.outcome, Refused) else ""
    if not reason or answer.row.method == "setMessageReaction":
        return
    about, letters = answer.about, list[Letter]()
    if about.get("say") and answer.row.method != "sendMessage":
        to = To(person=answer.row.person_id, telegram=answer.row.telegram_id)
        said = str(answer.row.params.get("text", ""))
        letters = mail.say(to, said, key=f"{answer.row.key}:said", kind=KIND, unsure="repeat")
    elif not any(gone in reason for gone in GONE_ANYWAY):
        letters = _tell(db, answer)
    outbox.write(db, letters, now=answer.now)


def _tell(db: Connection, answer: Answer) -> list[Letter]:
    """Telegram does not let us change it any more: those who can delete it hear where, and not whose it is.

    At whatever hour somebody erases their words, nobody else is woken by it.
    """
    about, desk, key = answer.about, answer.desk, f"not_erased:{answer.row.id}"
    reader = people.get(db, int(about["reader"])) if about.get("reader") else None
    if reader is not None:
        html = desk.text(reader.language)("erasing.not_here")
        return mail.say(To(person=reader.id), html, key=key, silent=True, reply_to=_message(answer))
    if not about.get("chat"):
        return []
    digest = digest_rows.get(db, int(about.get("digest", 0)))
    if digest is None:
        return []
    return _tell_leaders(db, int(about["chat"]), digest, key, desk, now=answer.now)


def _tell_leaders(
    db: Connection, chat_id: int, digest: Digest, key: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    chat = chats.get(db, chat_id)
    if chat is None:
        return []
    letters: list[Letter] = []
    zone = ZoneInfo(networks.found(db, chat.network_id).timezone)
    for leader in members.facilitators(db, chat.network_id):
        text = desk.text(leader.language)
        day = dates.day(digest.published_at or now, zone, text.language, now=now)
        html = text("erasing.not_there", group=chat.title, day=day)
        rested = undisturbed(leader, zone, now=now)
        to, own = To(person=leader.person_id), f"{key}:{leader.person_id}"
        letters += mail.say(to, html, key=own, silent=True, not_before=rested)
    return letters


def _message(answer: Answer) -> int | None:
    found = answer.row.params.get("message_id")
    return found if isinstance(found, int) else None
