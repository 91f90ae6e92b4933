"""The inbox: once, in order, forgotten when handled, parked when it cannot be."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from storage import inbox
from storage.db import Connection, Database
from storage.inbox import InboxRow
from storage.tables import inbox as table

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
GROUP = -1001234567890


def message(update_id: int, *, text: str = "hello", message_id: int = 5, chat: int = GROUP) -> dict[str, Any]:
    content = {"message_id": message_id, "chat": {"id": chat, "type": "supergroup"}, "text": text}
    return {"update_id": update_id, "message": content}


def stored(database: Database, *updates: dict[str, Any], now: datetime = NOON) -> int:
    return database.write_now(inbox.store, list(updates), now=now)


def waiting(database: Database, limit: int = 100) -> list[InboxRow]:
    return database.read_now(inbox.next, limit)


def ids(rows: list[InboxRow]) -> list[int]:
    return [row.update_id for row in rows]


def test_an_update_is_kept_as_it_came(database: Database) -> None:
    update = message(7, text="Grüße 👋 \\u0000")
    assert stored(database, update) == 1
    [row] = waiting(database)
    assert (row.update_id, row.kind, row.state, row.attempts) == (7, "message", "new", 0)
    assert (row.payload, row.received_at) == (update, NOON)


def test_updates_come_out_in_the_order_of_their_arrival(database: Database) -> None:
    stored(database, message(900), message(901))
    stored(database, message(3))  # after a quiet week Telegram's ids start anywhere
    assert ids(waiting(database)) == [900, 901, 3]
    assert ids(waiting(database, limit=2)) == [900, 901]


def test_the_same_update_is_kept_once(database: Database) -> None:
    assert stored(database, message(1), message(2), message(1)) == 2
    assert stored(database, message(2, text="again"), message(3)) == 1
    assert ids(waiting(database)) == [1, 2, 3]
    assert stored(database) == 0


def test_a_handled_update_says_nothing_any_more_but_is_still_known(database: Database) -> None:
    stored(database, message(1), message(2))
    database.write_now(inbox.done, [waiting(database)[0].seq])
    assert ids(waiting(database)) == [2]
    assert database.read_now(payloads) == {1: None, 2: message(2)}
    assert stored(database, message(1)) == 0


def payloads(db: Connection) -> dict[int, Any]:
    rows = db.execute(select(table.c.update_id, table.c.payload)).all()
    return {row.update_id: row.payload for row in rows}


def test_an_update_that_fails_three_times_is_parked(database: Database) -> None:
    stored(database, message(1), message(2))
    outcomes = []
    for _ in range(3):
        outcomes.append(database.write_now(inbox.failed, waiting(database)[0], KeyError("what Anna wrote")))
    assert outcomes == [False, False, True]
    assert ids(waiting(database)) == [2]
    [row] = database.read_now(inbox.parked)
    assert (row.update_id, row.error, row.attempts) == (1, "KeyError", 3)
    assert row.payload == message(1)


def test_a_parked_update_comes_back_to_its_place(database: Database) -> None:
    stored(database, message(1), message(2))
    for _ in range(3):
        database.write_now(inbox.failed, waiting(database)[0], KeyError())
    assert database.write_now(inbox.retry) == 1
    assert ids(waiting(database)) == [1, 2]
    assert (waiting(database)[0].attempts, waiting(database)[0].error) == (0, None)
    assert database.write_now(inbox.retry) == 0


def test_waiting_is_true_only_for_new_ones(database: Database) -> None:
    assert database.read_now(inbox.waiting) is False
    stored(database, message(1))
    assert database.read_now(inbox.waiting) is True
    database.write_now(inbox.done, [waiting(database)[0].seq])
    assert database.read_now(inbox.waiting) is False


def test_only_what_was_handled_long_ago_is_forgotten(database: Database) -> None:
    stored(database, message(1), message(2))
    stored(database, message(3), now=NOON + timedelta(days=1))
    first, _, third = waiting(database)
    database.write_now(inbox.done, [first.seq, third.seq])
    assert database.write_now(inbox.forget_old, now=NOON + timedelta(days=3)) == 0
    assert database.write_now(inbox.forget_old, now=NOON + timedelta(days=3, seconds=1)) == 1
    assert sorted(database.read_now(payloads)) == [2, 3]
    assert stored(database, message(1)) == 1  # the id was free again


PRESS = {"callback_query": {"id": "1", "message": {"message_id": 8, "chat": {"id": GROUP}}}}
REACTION = {"message_reaction": {"chat": {"id": GROUP}, "message_id": 9}}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"message": {"message_id": 5, "chat": {"id": GROUP}}}, ("message", GROUP, 5)),
        ({"edited_message": {"message_id": 5, "chat": {"id": 7}}}, ("edited_message", 7, 5)),
        (PRESS, ("callback_query", GROUP, None)),  # the message is ours
        (REACTION, ("message_reaction", GROUP, None)),  # and this may be
        ({"my_chat_member": {"chat": {"id": GROUP}}}, ("my_chat_member", GROUP, None)),
        ({"poll_answer": {"poll_id": "1"}}, ("poll_answer", None, None)),
        ({"poll": {"id": "1"}}, ("poll", None, None)),
        ({"of_tomorrow": "strange"}, ("of_tomorrow", None, None)),
        ({"message": {"chat": "strange"}}, ("message", None, None)),
        ({"message": {"message_id": "x", "chat": {"id": {}}}}, ("message", None, None)),
        ({}, ("nothing", None, None)),
    ],
)
def test_it_is_known_where_an_update_happened(
    database: Database, update: dict[str, Any], expected: tuple[object, ...]
) -> None:
    stored(database, {"update_id": 1, **update})
    [row] = waiting(database)
    assert (row.kind, row.chat_telegram_id, row.message_id) == expected


def test_the_messages_of_others_are_known_also_after_they_were_handled(database: Database) -> None:
    stored(database, *(message(10 + number, message_id=number) for number in range(5)))
    stored(database, message(50, message_id=99, chat=7), {"update_id": 51, **REACTION})
    database.write_now(inbox.done, [row.seq for row in waiting(database)])
    assert database.read_now(inbox.known_messages, GROUP, 2) == {3, 4}
    assert database.read_now(inbox.known_messages, 8, 0) == set()


@pytest.mark.parametrize("poison", ["a\x00b", "half a \ud83d surrogate", "\udc4b"])
def test_what_a_database_refuses_is_left_out(database: Database, poison: str) -> None:
    update = message(1, text=poison)
    update["message"][poison] = [poison, math.nan]
    update["message"]["chat"]["id"] = 2**70
    assert stored(database, update, message(2)) == 2
    assert ids(waiting(database)) == [1, 2]
