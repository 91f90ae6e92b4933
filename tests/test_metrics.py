"""What is counted: by kinds and outcomes alone, and only where somebody looks."""

import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from bot import metrics
from bot.core.mail import To, say
from bot.core.outcomes import Later, NoThread, Refused, Sent, Unsure
from bot.intake import ALLOWED
from storage import facts, inbox, outbox
from storage.db import Connection, Database
from storage.tables import inbox as inbox_table

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def samples() -> dict[tuple[str, ...], float]:
    """Everything that Prometheus would read: name and labels' values, and the number."""
    text = metrics.exposition()[0].decode()
    return {
        (sample.name.removeprefix("bln_bot_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Since:
    """What was counted since it was made; other tests count in the same process."""

    def __init__(self) -> None:
        metrics.begin()
        self._before = samples()

    def __getitem__(self, key: tuple[str, ...]) -> float:
        return samples().get(key, 0) - self._before.get(key, 0)

    @property
    def new(self) -> set[tuple[str, ...]]:
        return {key for key in samples() if key not in self._before}


def test_nothing_is_loaded_or_counted_where_nobody_looks() -> None:
    code = """
import sys
from bot import app, metrics
from bot.core.outcomes import Unsure
metrics.received([{"update_id": 1, "message": {}}], ["message"])
metrics.handled([("handled", 0.1)])
metrics.sent("sendMessage", Unsure())
metrics.told_to_wait(5)
metrics.job("prompts", "done")
metrics.stumbled("worker", KeyError())
assert "prometheus_client" not in sys.modules
assert b'updates_received_total{kind="message"}' not in metrics.exposition()[0]
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_updates_count_by_kind_and_what_telegram_invents_by_none() -> None:
    since = Since()
    strange: dict[str, Any] = {"update_id": 4, "mijn moeder": {"text": "Anna"}}
    metrics.received(
        [{"update_id": 1, "message": {}}, {"update_id": 2, "poll": {}}, {"update_id": 3}, strange], ALLOWED
    )
    assert since["updates_received_total", "message"] == since["updates_received_total", "poll"] == 1
    assert since["updates_received_total", "other"] == 2
    assert b"moeder" not in metrics.exposition()[0]


def test_handled_updates_count_with_the_time_they_took() -> None:
    since = Since()
    metrics.handled([("handled", 0.25), ("handled", 0.25), ("failed", 0.5), ("parked", 1)])
    counts = {outcome: since["updates_total", outcome] for outcome in ("handled", "failed", "parked")}
    assert counts == {"handled": 2, "failed": 1, "parked": 1}
    assert (since["update_seconds_count",], since["update_seconds_sum",]) == (4, 2)


def test_sends_count_by_method_and_outcome_without_a_word_of_telegrams() -> None:
    since = Since()
    for outcome in (
        Sent({"text": "Anna"}),
        Refused("anna's words"),
        Later(NOW, "chat"),
        NoThread("anna"),
        Unsure(),
    ):
        metrics.sent("sendMessage", outcome)
    for name in ("sent", "refused", "later", "nothread", "unknown"):
        assert since["sends_total", "sendMessage", name] == 1
    metrics.told_to_wait(17.5)
    assert (since["too_many_requests_total",], since["too_many_requests_seconds_total",]) == (1, 17.5)
    assert "anna" not in metrics.exposition()[0].decode().lower()


def test_a_round_that_fails_is_the_databases_fault_or_not() -> None:
    since = Since()
    metrics.stumbled("worker", KeyError("Anna"))
    metrics.stumbled("worker", OperationalError("SELECT", {}, Exception("down"), connection_invalidated=True))
    assert since["troubles_total", "worker", "other"] == since["troubles_total", "worker", "database"] == 1


async def test_ticks_are_measured_whatever_becomes_of_them() -> None:
    since = Since()

    @metrics.timed_tick
    async def tick(ends: bool) -> str:
        if not ends:
            raise LookupError
        return "done"

    assert await tick(True) == "done"
    with pytest.raises(LookupError):
        await tick(False)
    assert since["tick_seconds_count",] == 2


def _waiting(db: Connection) -> None:
    updates = [{"update_id": number, "message": {"text": "Anna"}} for number in range(3)]
    inbox.store(db, updates, now=NOW - timedelta(minutes=2))
    first = update(inbox_table).where(inbox_table.c.update_id == 0)
    db.execute(first.values(state="parked", received_at=NOW - timedelta(hours=1)))
    letters = [*say(To(telegram=1), "Anna", key="one"), *say(To(telegram=1), "Anna", key="two")]
    outbox.write(db, letters, now=NOW - timedelta(seconds=30))
    outbox.write(db, say(To(telegram=1), "Anna", key="quiet hours"), now=NOW + timedelta(hours=8))


async def test_what_waits_is_looked_up_with_its_age(database: Database) -> None:
    await database.read(metrics.depths, now=NOW)
    empty = samples()
    assert empty["inbox_updates", "new"] == empty["inbox_oldest_seconds", "new"] == 0
    assert empty["outbox_oldest_seconds",] == 0
    assert math.isnan(empty["backup_age_seconds",])

    await database.write(_waiting)
    backup = {"file": "Anna.bln", "bytes": 4711, "ok": True}
    await database.write(facts.put, "backup", backup, now=NOW - timedelta(days=1))
    await database.read(metrics.depths, now=NOW)
    found = samples()
    assert (found["inbox_updates", "new"], found["inbox_oldest_seconds", "new"]) == (2, 120)
    assert (found["inbox_updates", "parked"], found["inbox_oldest_seconds", "parked"]) == (1, 3600)
    assert (found["outbox_letters", "pending"], found["outbox_letters", "unknown"]) == (3, 0)
    assert found["outbox_oldest_seconds",] == 30
    assert (found["backup_age_seconds",], found["backup_ok",], found["backup_bytes",]) == (86400, 1, 4711)
    assert b"Anna" not in metrics.exposition()[0]


def test_it_is_what_prometheus_reads() -> None:
    body, kind = metrics.exposition()
    assert kind.startswith("text/plain")
    assert b"# HELP bln_bot_updates_received_total " in body
    assert b"process_resident_memory_bytes " in body
