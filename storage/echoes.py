"""Where somebody's words are repeated on their way: in updates that nobody could handle, and in letters to others."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, or_, select, tuple_, update

from bot.core.erasing import Trace, mentions, said_in
from bot.core.letters import plain
from storage import outbox
from storage.db import Connection
from storage.outbox import Row
from storage.tables import inbox
from storage.tables import outbox as letters


def updates(db: Connection, trace: Trace) -> None:
    """Updates: of those that were handled, where they stood; of those nobody could handle, everything."""
    nowhere = {"chat_telegram_id": None, "message_id": None}
    if trace.whole:
        db.execute(update(inbox).where(inbox.c.chat_telegram_id == trace.telegram_id).values(**nowhere))
    if trace.messages:
        place = tuple_(inbox.c.chat_telegram_id, inbox.c.message_id)
        db.execute(update(inbox).where(place.in_(trace.messages)).values(message_id=None))
    parked = select(inbox.c.seq, inbox.c.payload).where(
        inbox.c.state == "parked", inbox.c.payload.is_not(None)
    )
    theirs = [
        seq
        for seq, payload in db.execute(parked)
        if mentions(payload, trace.telegram_id)
        or any(trace.words.stand_in(said) for said in said_in(payload))
    ]
    db.execute(update(inbox).where(inbox.c.seq.in_(theirs)).values(payload=None, **nowhere))


def letters_of(db: Connection, trace: Trace, *, mended: bool = True) -> list[Row]:
    """Erase letters to them, and what others' letters hold of them; return those that others can still see.

    Summaries and drafts on their way stay, if they were put together again without the words (`mended`).
    """
    to_them = letters.c.person_id == trace.person_id
    if trace.whole:
        db.execute(delete(letters).where(or_(to_them, letters.c.telegram_id == trace.telegram_id)))
    else:
        # Buttons below them say which answers are theirs; what is still to be edited stays.
        edited = or_(
            letters.c.kind.in_((*outbox.EDITED, *outbox.RECEIPTS)),
            *(letters.c.key.like(one) for one in outbox.EDITED_KEYS),
        )
        db.execute(delete(letters).where(to_them, letters.c.state.in_(outbox.ENDED), ~edited))
    unmarked = [f"unmark:{one}" for one in trace.contributions]
    db.execute(delete(letters).where(letters.c.key.in_(unmarked)))
    shown: list[Row] = []
    for row in outbox.with_content(db, trace.networks, trace.contributions):
        if row.about.get("telegram") == trace.telegram_id or row.params.get("user_id") == trace.telegram_id:
            outbox.remove(db, row.id)
        elif _tells_of(row, trace, but=(*outbox.RECEIPTS, *outbox.EDITED) if mended else ()):
            if row.state == "sent" and row.person_id not in (None, trace.person_id) and _stands(row):
                shown.append(row)
            outbox.remove(db, row.id)
        elif row.person_id != trace.person_id:
            _without_name(db, row, trace)
    return shown


def _tells_of(row: Row, trace: Trace, *, but: Collection[str]) -> bool:
    """Whether a letter is about something they gave, or repeats it on its way to somebody."""
    about = row.about.get("contribution"), *row.about.get("quotes", ())
    if any(one in trace.contributions for one in about if one is not None):
        return True
    if row.about.get("member") in trace.members:  # a note that names them
        return True
    # A question posted to a group is never somebody's answer, even where the words are the same.
    private = row.person_id is not None or row.kind == outbox.RECEIPT or row.method.startswith("edit")
    if row.kind in but:
        return False
    said = plain(str(row.params.get("text") or row.params.get("caption") or ""))
    return private and row.state in outbox.OPEN and bool(said) and trace.words.stand_in(said)


def _stands(row: Row) -> bool:
    return message_of(row) is not None and row.method != "setMessageReaction"


def message_of(row: Row) -> int | None:
    """Return which message a letter wrote or changed."""
    found = row.params.get("message_id") if row.method.startswith("edit") else row.message_id
    return found if isinstance(found, int) else None


def _without_name(db: Connection, row: Row, trace: Trace) -> None:
    """A button with a name on it stays in the row of its letter."""
    keyboard = (row.params.get("reply_markup") or {}).get("inline_keyboard") or []
    rows = [[_anonymous(button, trace.name) for button in line] for line in keyboard]
    if rows != keyboard:
        params = {**row.params, "reply_markup": {**row.params["reply_markup"], "inline_keyboard": rows}}
        db.execute(update(letters).where(letters.c.id == row.id).values(params=params))


def _anonymous(button: dict[str, Any], name: str) -> dict[str, Any]:
    named = bool(name) and re.search(rf"\b{re.escape(name)}\b", str(button.get("text"))) is not None
    return {**button, "text": "…"} if named else button
