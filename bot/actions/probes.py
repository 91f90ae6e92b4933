"""Did a message arrive whose answer was lost? The operator's chat shows us what stands under an id (telegram.md §4.3).

A supergroup counts its messages: those above the newest id that was known when we sent, and that nobody else wrote,
are forwarded to the operator's chat one by one. Telegram answers with the copy; the copy is deleted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.actions.answer import Answer
from bot.core.letters import plain
from bot.core.mail import Letter, To, delete, forward, keyboard_marks
from bot.core.outcomes import Refused, Sent
from storage import outbox
from storage.db import Connection
from storage.outbox import Row

KIND = "probe"
MISSES = 5  # so many ids in a row that do not exist, above all that do: there is nothing further up
MOST = 200  # then the group is too lively to look through


@dataclass(frozen=True)
class Progress:
    """How far the search for one row has come; kept in its `result`."""

    attempt: int  # of the row: after another one the search begins anew
    at: int  # the last id that was tried
    top: int  # the newest id that exists
    missed: tuple[int, ...] = ()
    tries: int = 0
    blind: bool = False  # something stands there that can't be shown: it may be ours
    stuck: bool = False  # it can't be found out this way

    @classmethod
    def of(cls, row: Row) -> "Progress":
        """Return how far it is; at the beginning if it was not begun."""
        kept = (row.result or {}).get("probe")
        if kept is None or kept["attempt"] != row.attempts:
            return cls(row.attempts, row.floor or 0, row.floor or 0)
        return cls(**{**kept, "missed": tuple(kept["missed"])})

    @property
    def json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"probe": {**asdict(self), "missed": list(self.missed)}}

    def next(self, known: Iterable[int]) -> int | None:
        """Return the id to try next; None when there is nothing left to find. `known` ones are not ours."""
        others = set(known)
        top = max([self.top, *others])
        if sum(1 for id in self.missed if id > top) >= MISSES:
            return None
        candidate = self.at + 1
        while candidate in others:
            candidate += 1
        return candidate

    def tried(self, id: int, *, exists: bool) -> "Progress":
        """Return the progress after an id that was not ours."""
        missed = self.missed if exists else (*self.missed, id)
        top = max(self.top, id) if exists else self.top
        tries = self.tries + 1
        return replace(self, at=id, top=top, missed=missed, tries=tries, stuck=tries >= MOST)


def letter(row: Row, candidate: int, ops_chat: int) -> Letter:
    """Ask what stands under an id."""
    assert row.target is not None
    return forward(
        To(telegram=ops_chat),
        row.target,
        candidate,
        key=f"probe:{row.id}:{row.attempts}:{candidate}",
        kind=KIND,
        about={"row": row.id, "candidate": candidate},
        unsure="repeat",
        lane=f"probe:{row.chat_id}",
    )


def judge(db: Connection, answer: Answer) -> None:
    """Note whether the message shown is the one that was looked for, and have the copy deleted."""
    candidate = int(answer.about["candidate"])
    row = outbox.get(db, int(answer.about["row"]))
    message = answer.result
    if isinstance(message, dict) and isinstance(message.get("message_id"), int):
        _delete_copy(db, answer, message["message_id"])
    if row is None or row.state != "unknown":
        return  # a reply told us meanwhile
    if isinstance(message, dict) and same(row, message, bot_id=answer.desk.bot_id):
        outbox.found(db, row.id, candidate, now=answer.now)
        return
    progress = _after(Progress.of(row), candidate, answer)
    outbox.look_again(db, row, at=answer.now, progress={**(row.result or {}), **progress.json})


def _after(progress: Progress, candidate: int, answer: Answer) -> Progress:
    match answer.outcome:
        case Sent():
            return progress.tried(candidate, exists=True)
        case Refused(reason) if "message to forward not found" in reason:
            return progress.tried(candidate, exists=False)
        case Refused(reason) if "can't be forwarded" in reason:
            # A service message, or a group whose content is protected.
            return replace(progress.tried(candidate, exists=True), blind=True)
        case _:  # the operator's chat is not what it should be
            return replace(progress, stuck=True)


def _delete_copy(db: Connection, answer: Answer, message_id: int) -> None:
    to = To(telegram=answer.row.telegram_id)
    lane = f"{answer.row.lane}:copies"
    outbox.write(db, [delete(to, message_id, key=f"copy:{answer.row.id}", lane=lane)], now=answer.now)


def same(row: Row, message: Mapping[str, Any], *, bot_id: int) -> bool:
    """Return whether a forwarded message is the one that the row sent."""
    origin = message.get("forward_origin") or {}
    if (origin.get("sender_user") or {}).get("id") != bot_id:
        return False
    shown = keyboard_marks((message.get("reply_markup") or {}).get("inline_keyboard") or [])
    if row.mark and shown:
        return row.mark in shown
    if said := message.get("text") or message.get("caption"):
        return _words(said) == _words(_text(row))
    # A picture or file without words: Telegram names its kind as the method does.
    return not _text(row) and row.method.removeprefix("send").lower() in message


def _text(row: Row) -> str:
    text = str(row.params.get("text") or row.params.get("caption") or "")
    return plain(text) if row.params.get("parse_mode") == "HTML" else text


def _words(text: str) -> list[str]:
    return text.split()  # Telegram trims white space
