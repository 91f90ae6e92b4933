"""What somebody saw of us last in the private chat: the buttons that a typed word may mean."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.core.typed import Label, Shown
from storage.db import Connection
from storage.tables import outbox

EDITS = ("editMessageText", "editMessageCaption", "editMessageReplyMarkup")
ASKS_BACK = "which:"  # which button was meant: what is typed next is still about the message before it
FOLLOWS = ("reply:", "after:")  # how keys of letters begin that answer what somebody did
ABOUT_ANSWER = "saved:"
LOOKED_AT = 40  # letters; more than any of our actions writes at once
SECOND = timedelta(seconds=1)  # Telegram's dates have no fractions


def last(db: Connection, person_id: int, *, seen_at: datetime) -> Shown | None:
    """Return the last message of ours that was there when a person wrote at `seen_at`; None without buttons."""
    query = (
        select(outbox.c.key, outbox.c.method, outbox.c.params, outbox.c.message_id, outbox.c.sent_at)
        .where(
            outbox.c.person_id == person_id,
            outbox.c.state == "sent",
            outbox.c.sent_at < seen_at + SECOND,
            outbox.c.method.startswith("send") | outbox.c.method.in_(EDITS),
            ~outbox.c.key.startswith(ASKS_BACK),
        )
        .order_by(outbox.c.sent_at.desc(), outbox.c.id.desc())
        .limit(LOOKED_AT)
    )
    rows = list(db.execute(query))
    # What the clock changes in an old message does not make somebody look at it.
    looked_at = next((row for row in rows if row.method not in EDITS or row.key.startswith(FOLLOWS)), None)
    if looked_at is None:
        return None
    now_there = next(row for row in rows if _message(row) == _message(looked_at))
    labels = _labels(now_there.params)
    if not labels:
        return None
    return Shown(
        labels,
        follows=looked_at.key.startswith(FOLLOWS),
        about_answer=looked_at.key.startswith(ABOUT_ANSWER),
        at=looked_at.sent_at,
        message_id=_message(looked_at),
    )


def _message(row: Any) -> int | None:
    found: int | None = row.params.get("message_id") if row.method in EDITS else row.message_id
    return found


def _labels(params: dict[str, Any]) -> tuple[Label, ...]:
    rows = (params.get("reply_markup") or {}).get("inline_keyboard") or []
    return tuple(
        Label(str(button.get("text", "")), button.get("callback_data"), button.get("url"))
        for row in rows
        for button in row
    )
