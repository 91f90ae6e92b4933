"""Networks, members, questions and answers by the thousand, put into the tables as the bot would have."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.core import consents
from storage.db import Connection
from storage.tables import chats, contributions, members, networks, occurrences, people, postings, prompts
from storage.tables import consents as consents_table

MEMBERS = 25
GROUPS = ("carer", "cared_for", "practitioner", "care_manager", "politician")


def fill(
    db: Connection, *, count: int, each: int = 0, planned: int = 0, now: datetime, first: int = 1
) -> None:
    """Add networks `first` … of 25 members, with one posted question and `each` private answers to it.

    `planned`: questions that are due in a year. Ids are predictable: network n has chat n, prompt and posting n.
    """
    numbers = range(first, first + count)
    ago = now - timedelta(days=8)
    _add(db, networks, [_network(n, ago) for n in numbers])
    _add(db, chats, [_chat(n, ago) for n in numbers])
    everybody = [(n, n * 1000 + number) for n in numbers for number in range(MEMBERS)]
    _add(db, people, [_person(who, ago) for _, who in everybody])
    _add(db, members, [_member(n, who, ago) for n, who in everybody])
    _add(db, consents_table, [_agreed(who, use, ago) for _, who in everybody for use in USES])
    _add(db, prompts, [_prompt(n, ago) for n in numbers])
    _add(db, occurrences, [_occurrence(n, ago) for n in numbers])
    _add(db, postings, [_posting(n, ago) for n in numbers])
    answers = (_answer(n, number, ago) for n in numbers for number in range(each))
    _add(db, contributions, list(answers))
    later = now + timedelta(days=365)
    coming = [_planned(n, number, later) for n in numbers for number in range(planned)]
    _add(db, prompts, coming)


def _add(db: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 1000):
        db.execute(insert(table), rows[start : start + 1000])


USES = (consents.TAKE_PART, consents.QUOTE)


def _network(n: int, at: datetime) -> dict[str, Any]:
    zone = "Europe/Amsterdam"
    return {
        "id": n,
        "title": f"Network {n}",
        "language": "en",
        "timezone": zone,
        "weekly_cap": 1000,
        "created_at": at,
    }


def _chat(n: int, at: datetime) -> dict[str, Any]:
    place = {"circle": "core", "telegram_id": -1_000_000_000_000 - n, "kind": "supergroup"}
    return {"id": n, "network_id": n, **place, "title": f"Network {n}", "introduced_at": at, "created_at": at}


def _person(who: int, at: datetime) -> dict[str, Any]:
    named = {"name": f"Person {who}", "language": "en"}
    return {"id": who, "telegram_id": who + 5_000_000, **named, "reachable": True, "created_at": at}


def _member(n: int, who: int, at: datetime) -> dict[str, Any]:
    place = {"network_id": n, "person_id": who, "circle": "core", "group": GROUPS[who % len(GROUPS)]}
    moments = {"joined_at": at, "created_at": at, "told_at": at}
    return {"id": who, **place, "state": "active", "facilitator": who % 1000 == 0, **moments}


def _agreed(who: int, use: str, at: datetime) -> dict[str, Any]:
    version = {"version": consents.VERSION, "language": "en"}
    return {"member_id": who, "use": use, "granted": True, **version, "at": at}


def _prompt(n: int, at: datetime) -> dict[str, Any]:
    asked = {"kind": "open", "text": f"What helped you this week, network {n}?", "when": {"kind": "now"}}
    return {"id": n, "network_id": n, **asked, "state": "done", "next_due_at": None, "created_at": at}


def _planned(n: int, number: int, due: datetime) -> dict[str, Any]:
    asked = {"kind": "open", "text": "And next year?", "when": {"kind": "now"}}
    moments = {"next_due_at": due, "created_at": due}
    return {"id": n * 100_000 + number, "network_id": n, **asked, "state": "planned", **moments}


def _occurrence(n: int, at: datetime) -> dict[str, Any]:
    return {
        "id": n,
        "prompt_id": n,
        "local_key": "2026-10-25T10:00",
        "due_at": at,
        "state": "posted",
        "at": at,
    }


def _posting(n: int, at: datetime) -> dict[str, Any]:
    ids = {"occurrence_id": n, "prompt_id": n, "network_id": n, "chat_id": n}
    return {
        "id": n,
        **ids,
        "token": f"posting-{n}",
        "message_id": 100,
        "posted_at": at,
        "closes_at": at + timedelta(days=60),
    }


def _answer(n: int, number: int, at: datetime) -> dict[str, Any]:
    text = f"Answer {number}. A neighbour sat with him on Tuesday; I slept for two hours. That was worth a lot to me."
    moments = {"sent_at": at, "arrived_at": at + timedelta(seconds=number)}
    ids = {"network_id": n, "posting_id": n, "member_id": n * 1000 + number % MEMBERS}
    return {**ids, "place": "private", "kind": "text", "text": text, **moments}
