"""What is done about a message of which nobody knows whether it arrived (telegram.md §4.3, design.md §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.actions import deliveries, operator, probes
from bot.actions.answer import Answer
from bot.actions.probes import Progress
from bot.actions.unit import Desk
from bot.core.mail import To, delete, keyboard_marks
from bot.core.outcomes import Sent
from storage import chats, inbox, outbox, postings
from storage.db import Connection, trouble
from storage.outbox import Row

PATIENCE = timedelta(minutes=10)  # without a chat to probe in: so long a reply may show that it arrived
PROBE_AGAIN = timedelta(hours=1)  # the answer of a probe comes first; this is for the case that it never does
DELETABLE = timedelta(hours=48)


# Settling ---------------------------------------------------------------------------------------------------


def resolve(db: Connection, desk: Desk, *, now: datetime) -> None:
    """Go one step further with every unknown outcome that is due."""
    for row in outbox.to_settle(db, now=now):
        savepoint = db.begin_nested()
        try:
            _settle(db, row, desk, now=now)
        except Exception as error:
            if trouble(error):
                raise
            savepoint.rollback()  # one that we can't look into must not hold up all the others
            outbox.abandoned(db, row)
            deliveries.mistaken(db, row, error, desk, now=now)
        else:
            savepoint.commit()


def _settle(db: Connection, row: Row, desk: Desk, *, now: datetime) -> None:
    if row.message_id is not None:  # a probe has found it
        deliveries.arrived(db, row, Sent({"message_id": row.message_id}), desk, now=now)
    elif row.unsure == "repeat":
        outbox.later(db, row, until=now)
    elif row.unsure != "probe":
        deliveries.abandoned(db, row, desk, now=now)
    elif desk.ops_chat is not None and row.supergroup and not Progress.of(row).stuck:
        _probe(db, row, desk, desk.ops_chat, now=now)
    else:
        _repeat_once(db, row, desk, now=now)


def _probe(db: Connection, row: Row, desk: Desk, ops_chat: int, *, now: datetime) -> None:
    assert row.chat_id is not None
    assert row.target is not None
    floor = row.floor or 0
    known = inbox.known_messages(db, row.target, floor) | outbox.messages(db, row.chat_id, above=floor)
    progress = Progress.of(row)
    candidate = progress.next(known)
    if candidate is not None:
        asking = probes.letter(row, candidate, ops_chat)
        asked = outbox.by_key(db, asking.key)
        if asked is not None and asked.state not in outbox.OPEN:
            _repeat_once(db, row, desk, now=now)  # it was answered and we learnt nothing from it
            return
        outbox.write(db, [asking], now=now)
        outbox.look_again(db, row, at=now + PROBE_AGAIN, progress={**(row.result or {}), **progress.json})
    elif progress.blind:
        _repeat_once(db, row, desk, now=now)
    else:
        outbox.later(db, row, until=now)  # it is nowhere: it was not sent


def _repeat_once(db: Connection, row: Row, desk: Desk, *, now: datetime) -> None:
    """A lost prompt is worse than a double one: once more after ten minutes, and the operator hears of it."""
    begun = row.started_at or now
    progress = row.result or {}
    if progress.get("repeated"):
        deliveries.abandoned(db, row, desk, now=now)
        _tell(db, row, desk, "lost_twice", now=now)
    elif now < begun + PATIENCE:
        outbox.look_again(db, row, at=begun + PATIENCE, progress=progress)
    else:
        outbox.later(db, row, until=now, progress={**progress, "repeated": True})
        _tell(db, row, desk, "repeated", now=now)


def _tell(db: Connection, row: Row, desk: Desk, id: str, *, now: datetime) -> None:
    letters = operator.tell(db, desk, id, key=f"{id}:{row.id}", row=str(row.id), chat=str(row.chat_id or "-"))
    outbox.write(db, letters, now=now)


# Recognising ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A message of ours as an update shows it."""

    chat: int
    message_id: int
    marks: list[str]


def recognise(db: Connection, raw: Mapping[str, Any], *, desk: Desk, now: datetime) -> None:
    """Learn from a reply or a press where a message of ours stands, if we did not know.

    Called before the handlers see the update: the reply may come before the answer to our own call.
    """
    shown = ours(raw, bot_id=desk.bot_id)
    # In private a lost message is not asked after, and every press there would cost a search.
    chat = None if shown is None or shown.chat > 0 else chats.by_telegram_id(db, shown.chat)
    if shown is None or chat is None or chat.telegram_id != shown.chat:
        return  # an id from before the group moved would be taken for one from after
    if outbox.knows(db, chat.id, shown.message_id):
        return
    for row in outbox.marked(db, shown.marks):
        if row.chat_id == chat.id:  # elsewhere it is a copy that somebody forwarded
            _recognised(db, row, shown.message_id, desk, now=now)


def ours(raw: Mapping[str, Any], *, bot_id: int) -> Shown | None:
    """Return the message of ours with buttons that an update shows."""
    message = _about(raw)
    sender, chat, buttons = (_part(message, name) for name in ("from", "chat", "reply_markup"))
    marks = keyboard_marks(buttons.get("inline_keyboard") or [])
    if not marks or sender.get("id") != bot_id or not message.get("message_id") or "id" not in chat:
        return None
    return Shown(chat["id"], message["message_id"], marks)


def _about(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("message", "edited_message"):
        if name in raw:
            return _part(raw[name], "reply_to_message")
    return _part(_part(raw, "callback_query"), "message")


def _part(whole: Any, name: str) -> Mapping[str, Any]:
    part = whole.get(name) if isinstance(whole, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _recognised(db: Connection, row: Row, message_id: int, desk: Desk, *, now: datetime) -> None:
    if row.state != "sent" or row.message_id is None:
        deliveries.arrived(db, row, Sent({"message_id": message_id}), desk, now=now)
    elif row.message_id != message_id:
        _double(db, row, message_id, desk, now=now)


def _double(db: Connection, row: Row, message_id: int, desk: Desk, *, now: datetime) -> None:
    """It was sent twice: the older copy stays, as it may have been answered; the younger one goes if it can."""
    assert row.message_id is not None
    older, younger = sorted((message_id, row.message_id))
    deliveries.follow(
        db, Answer(row, Sent({"message_id": message_id}), desk, now)
    )  # its replies count as well
    outbox.learnt(db, row, older)
    posting = None if row.chat_id is None else postings.behind(db, row.chat_id, younger)
    if posting is not None and posting.message_id == younger:
        postings.change(db, posting.id, message_id=older)
    if row.sent_at is not None and now - row.sent_at < DELETABLE:
        to = To(chat=row.chat_id, person=row.person_id, telegram=row.telegram_id)
        outbox.write(db, [delete(to, younger, key=f"double:{row.id}:{younger}")], now=now)
