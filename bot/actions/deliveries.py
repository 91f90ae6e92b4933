"""What came of a letter: the row's state, what it says about the chat or person, and the action that follows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

from bot import logs
from bot.actions import operator
from bot.actions.answer import Answer
from bot.actions.answers import ANSWERS
from bot.actions.unit import Desk
from bot.core.letters import plain
from bot.core.mail import To, say
from bot.core.outcomes import Later, Moved, NoThread, Outcome, Refused, Sent, Stopped, Unparseable, Unsure
from storage import chats, members, outbox, people
from storage.db import Connection, trouble
from storage.outbox import Row

log = logs.logger(__name__)

# What may be refused without anybody having to know: mostly the message is no longer there.
QUIET_METHODS = ("edit", "delete", "get", "pin", "unpin", "setMessageReaction", "forwardMessage", "stopPoll")


def take(db: Connection, row: Row, outcome: Outcome, desk: Desk, *, now: datetime) -> None:
    """Write down what came of a call, and do what follows from it."""
    match outcome:
        case Sent():
            arrived(db, row, outcome, desk, now=now)
        case Refused():
            _refused(db, row, outcome, desk, now=now)
        case Later():
            outbox.later(db, row, until=outcome.until)
            if outcome.pause != "none":
                outbox.pause(db, row.target if outcome.pause == "chat" else None, until=outcome.until)
        case Moved():
            _moved(db, row, outcome.new_id, now=now)
        case Unparseable():
            outbox.later(db, row, until=now, params=as_plain(row.params))
        case NoThread():
            _without_thread(db, row, outcome, desk, now=now)
        case Unsure():
            outbox.unsure(db, row)
        case Stopped():
            outbox.later(db, row, until=now)
        case _:
            assert_never(outcome)


def arrived(db: Connection, row: Row, outcome: Sent, desk: Desk, *, now: datetime) -> None:
    """It was sent, as Telegram says now, or as we learn later from a reply or by probing."""
    message_id = outcome.message_id
    if not outbox.sent(db, row, message_id, kept(outcome), now=now):
        return  # a reply told so before
    if row.chat_id is not None and message_id is not None:
        chats.seen_message(db, row.chat_id, message_id)
    follow(db, Answer(row, outcome, desk, now))


def abandoned(db: Connection, row: Row, desk: Desk, *, now: datetime) -> None:
    """Nobody will know whether it was sent."""
    if outbox.abandoned(db, row):
        follow(db, Answer(row, Unsure(), desk, now))


def follow(db: Connection, answer: Answer) -> None:
    """Call the action of the row's kind. What it breaks is undone; what came of the call is kept."""
    action = ANSWERS.get(answer.row.kind)
    if action is None:
        return
    savepoint = db.begin_nested()
    try:
        action(db, answer)
    except Exception as error:
        if trouble(error):
            raise
        savepoint.rollback()
        mistaken(db, answer.row, error, answer.desk, now=answer.now)
    else:
        savepoint.commit()


def mistaken(db: Connection, row: Row, error: Exception, desk: Desk, *, now: datetime) -> None:
    """What should follow from a letter failed by a mistake of ours: the operator hears of it."""
    log.error("letter.action_failed", key=row.key, error=type(error).__name__, exc_info=error)
    if row.kind == operator.KIND:
        return  # else this would go on and on
    values = {"kind": row.kind, "row": str(row.id), "error": type(error).__name__}
    letters = operator.tell(db, desk, "action_failed", key=f"action:{row.id}", **values)
    outbox.write(db, letters, now=now)


def barely(
    db: Connection, row: Row, outcome: Outcome, desk: Desk, *, now: datetime, error: Exception
) -> None:
    """Write down no more than what became of the row: `take` failed, and a row left as it was holds up its lane."""
    if isinstance(outcome, Sent):
        outbox.sent(db, row, outcome.message_id, None, now=now)
    else:
        outbox.failed(db, row, type(error).__name__)
    mistaken(db, row, error, desk, now=now)


def kept(outcome: Sent) -> dict[str, Any] | None:
    """Return what is worth keeping of an answer: ids. The rest may hold what a member wrote."""
    result = outcome.result
    if isinstance(result, list) and all(isinstance(item, dict) and "message_id" in item for item in result):
        return {"message_ids": [item["message_id"] for item in result]}
    if not isinstance(result, dict):
        return None
    found: dict[str, Any] = {}
    if isinstance(result.get("poll"), dict):
        found["poll_id"] = result["poll"].get("id")
    for kind in ("photo", "video", "document", "voice", "audio", "animation"):
        file = result.get(kind)
        largest = file[-1] if isinstance(file, list) and file else file
        if isinstance(largest, dict) and "file_id" in largest:
            found["file_id"] = largest["file_id"]
    return found or None


def as_plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with the text as Telegram shows it at least: without our tags."""
    changed = {name: value for name, value in params.items() if name != "parse_mode"}
    for name in ("text", "caption"):
        if name in changed:
            changed[name] = plain(changed[name])
    return changed


def _refused(db: Connection, row: Row, outcome: Refused, desk: Desk, *, now: datetime) -> None:
    if not outbox.failed(db, row, outcome.reason):
        return
    if outcome.gone and row.person_id is not None:
        people.change(db, row.person_id, reachable=False)
    elif outcome.gone and row.chat_id is not None:
        if chats.gone(db, row.chat_id):
            _tell(db, row, outcome, desk, "chat_gone", now=now)
        elif (
            row.kind == outbox.RECEIPT
        ):  # we heard before that the bot is out, but not that a summary was lost by it
            _tell(db, row, outcome, desk, "refused", now=now)
    elif not row.method.startswith(QUIET_METHODS):
        _tell(db, row, outcome, desk, "refused", now=now)
    follow(db, Answer(row, outcome, desk, now))


def _tell(
    db: Connection, row: Row, outcome: Refused | NoThread, desk: Desk, id: str, *, now: datetime
) -> None:
    if row.kind == operator.KIND:
        log.error("operator.not_told", key=row.key)  # and not again in the same way
        return
    values = {"row": str(row.id), "method": row.method, "chat": str(row.chat_id or "-")}
    values["reason"] = outcome.reason
    outbox.write(db, operator.tell(db, desk, id, key=f"{id}:{row.id}", **values), now=now)


def _moved(db: Connection, row: Row, new_id: int, *, now: datetime) -> None:
    if row.target is not None and row.chat_id is not None:
        chats.migrate(db, row.target, new_id, now=now)
        outbox.later(db, row, until=now)
    else:
        outbox.failed(db, row, f"group became {new_id}")  # no chat of ours: the operator's, to be set anew
        log.error("chat.moved", words="Please write its new number into telegram.ops_chat.", new_chat=new_id)


def _without_thread(db: Connection, row: Row, outcome: NoThread, desk: Desk, *, now: datetime) -> None:
    """Send it to the group as a whole, and say so: the topic was closed or deleted by somebody."""
    params = {name: value for name, value in row.params.items() if name != "message_thread_id"}
    outbox.later(db, row, until=now, params=params)
    chat = None if row.chat_id is None else chats.get(db, row.chat_id)
    if chat is None:
        return
    thread = row.params.get("message_thread_id")
    if chat.topic_id == thread and "not found" in outcome.reason:
        chats.change(db, chat.id, topic_id=None)  # a closed one may be opened again
    _tell(db, row, outcome, desk, "no_thread", now=now)
    for member in members.facilitators(db, chat.network_id):
        html = desk.text(member.language)("operator.topic_lost", title=chat.title)
        key = f"topic_lost:{chat.id}:{thread}:{member.person_id}"
        outbox.write(db, say(To(person=member.person_id), html, key=key), now=now)
