"""What the bot counts for Prometheus, where `web.port` asks for it. One more number: a meter in `Meters`, a hook below.

Labels are methods, kinds and outcomes: never ids, names or chats. Until `begin` was called the hooks do nothing, and
prometheus_client is not loaded: it would be a good part of the bot's start.
"""

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from bot.core.outcomes import Outcome, Unsure
from storage import digests, facts, inbox, outbox
from storage.db import Connection, trouble

P = ParamSpec("P")
T = TypeVar("T")

QUICK = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)  # seconds
SLOW = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 120.0)


class Meters:
    """All collectors, on a registry of their own: the default one belongs to whoever else is in this process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        here = self.registry = CollectorRegistry()
        ProcessCollector(registry=here)

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"bln_bot_{name}", what, labels, registry=here)

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"bln_bot_{name}", what, labels, registry=here)

        def histogram(name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"bln_bot_{name}", what, labels, registry=here, buckets=buckets)

        self.received = counter(
            "updates_received_total", "Updates that Telegram gave us, repeats too", "kind"
        )
        self.handled = counter(
            "updates_total", "What became of updates: handled, failed (comes again), parked", "outcome"
        )
        self.handling = histogram("update_seconds", "How long one update took", QUICK)
        self.sends = counter("sends_total", "Calls to Telegram by what came of them", "method", "outcome")
        self.waits = counter("too_many_requests_total", "Times that Telegram asked us to wait (429)")
        self.waiting = counter("too_many_requests_seconds_total", "Seconds that it asked for, all together")
        self.ticks = histogram("tick_seconds", "How long one look at what is due took", QUICK)
        self.jobs = counter("jobs_total", "Due things by kind: done or failed", "job", "outcome")
        self.making = histogram(
            "making_seconds", "How long something slow took to make, by kind", SLOW, "job"
        )
        self.troubles = counter(
            "troubles_total",
            "Rounds that failed and come again, by the database's fault or another",
            "round",
            "whose",
        )
        self.inbox = gauge(
            "inbox_updates", "Updates that wait to be handled (new), or were given up (parked)", "state"
        )
        self.inbox_age = gauge("inbox_oldest_seconds", "How long the oldest of them has been here", "state")
        self.outbox = gauge("outbox_letters", "Letters that are not settled", "state")
        self.outbox_age = gauge("outbox_oldest_seconds", "How long ago the oldest due letter was due")
        self.digests = gauge("digests", "Digests by their state", "state")
        self.backup_age = gauge("backup_age_seconds", "How long ago the last scheduled backup was tried")
        self.backup_ok = gauge("backup_ok", "Whether it was written (1) or not (0)")
        self.backup_bytes = gauge("backup_bytes", "How large it is")


_meters: Meters | None = None


def begin() -> Meters:
    """Count from now on; once more changes nothing."""
    global _meters
    if _meters is None:
        _meters = Meters()
    return _meters


def exposition() -> tuple[bytes, str]:
    """Return everything as Prometheus reads it, and its content type."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return generate_latest(begin().registry), CONTENT_TYPE_LATEST


def depths(db: Connection, *, now: datetime) -> None:
    """Look up what no hook can count: what waits, for how long, and how old the last backup is."""
    meters = begin()
    waiting = inbox.depth(db)
    for state in ("new", "parked"):
        count, oldest = waiting.get(state, (0, now))
        meters.inbox.labels(state).set(count)
        meters.inbox_age.labels(state).set(_age(oldest, now))
    unsettled = outbox.depth(db)
    for state in outbox.OPEN:
        meters.outbox.labels(state).set(unsettled.get(state, 0))
    meters.outbox_age.set(_age(outbox.oldest(db, now=now) or now, now))
    for state, count in digests.by_state(db).items():
        meters.digests.labels(state).set(count)
    _backup(meters, facts.get(db, "backup"), now)


def _backup(meters: Meters, fact: facts.Fact | None, now: datetime) -> None:
    if fact is None or not isinstance(fact.value, Mapping):
        meters.backup_age.set(float("nan"))  # there was none: an alert on age has to ask for this as well
        return
    meters.backup_age.set(_age(fact.at, now))
    meters.backup_ok.set(bool(fact.value.get("ok")))
    meters.backup_bytes.set(int(fact.value.get("bytes") or 0))


def _age(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())


# Hooks ------------------------------------------------------------------------------------------------------


def received(updates: Iterable[dict[str, Any]], known: Collection[str]) -> None:
    """Count what Telegram gave us; a kind that we didn't ask for is none of its own."""
    if _meters is not None:
        for update in updates:
            kind = inbox.kind_of(update)
            _meters.received.labels(kind if kind in known else "other").inc()


def handled(outcomes: Iterable[tuple[str, float]]) -> None:
    """Count what became of a batch once that is committed, and how long each of its updates took."""
    if _meters is not None:
        for outcome, seconds in outcomes:
            _meters.handled.labels(outcome).inc()
            _meters.handling.observe(seconds)


def sent(method: str, outcome: Outcome) -> None:
    """Count a call to Telegram."""
    if _meters is not None:
        name = "unknown" if isinstance(outcome, Unsure) else type(outcome).__name__.lower()
        _meters.sends.labels(method, name).inc()


def told_to_wait(seconds: float) -> None:
    """Count a 429."""
    if _meters is not None:
        _meters.waits.inc()
        _meters.waiting.inc(seconds)


def job(name: str, outcome: str) -> None:
    """Count a due thing that was done, or that failed and comes again."""
    if _meters is not None:
        _meters.jobs.labels(name, outcome).inc()


def stumbled(name: str, error: BaseException) -> None:
    """Count a round that failed; what it wanted to do comes again."""
    if _meters is not None:
        _meters.troubles.labels(name, "database" if trouble(error) else "other").inc()


def timed_tick(tick: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Measure each tick, failed ones too."""

    @wraps(tick)
    async def measured(*args: P.args, **kwargs: P.kwargs) -> T:
        began = time.perf_counter()
        try:
            return await tick(*args, **kwargs)
        finally:
            if _meters is not None:
                _meters.ticks.observe(time.perf_counter() - began)

    return measured


async def timed_making(name: str, making: Awaitable[T]) -> T:
    """Wait for something slow, and measure how long it took."""
    began = time.perf_counter()
    made = await making
    if _meters is not None:
        _meters.making.labels(name).observe(time.perf_counter() - began)
    return made
