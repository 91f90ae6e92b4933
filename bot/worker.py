"""Inbox → handlers: at most 20 updates a transaction, one savepoint each, in the order in which they came."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.ext import Application

from bot import logs, metrics
from bot.actions import measure, operator, unknowns
from bot.actions.unit import Desk, PressAnswer, Unit, holding
from bot.core.measure import thinned
from bot.core.moments import Clock
from bot.rounds import Round
from storage import chats, inbox, outbox
from storage.db import Connection, Database, trouble

BATCH = 20

log = logs.logger(__name__)
# It writes down whole updates that it cannot handle, and with them what people said; we say which they were.
logging.getLogger("telegram.ext.Application").setLevel(logging.CRITICAL + 1)

App = Application[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class Done:
    """What a batch did: whether there was work, what pressed buttons are to be told, and what is counted."""

    any: bool
    answers: list[PressAnswer] = field(default_factory=list)
    outcomes: list[tuple[str, float]] = field(
        default_factory=list
    )  # handled, failed or parked, and seconds taken


def batch(
    db: Connection, app: App, runner: asyncio.Runner, desk: Desk, *, now: datetime, limit: int = BATCH
) -> Done:
    """Handle the next updates; the caller's transaction commits domain rows, letters and *done* together."""
    rows = inbox.next(db, limit)
    done: list[int] = []
    answers: list[PressAnswer] = []
    outcomes: list[tuple[str, float]] = []
    for row in rows:
        began = time.perf_counter()
        unit = Unit(db, now, f"reply:{row.seq}", desk, raw=row.payload or {})
        savepoint = db.begin_nested()
        try:
            if row.message_id is not None and row.chat_telegram_id is not None and row.chat_telegram_id < 0:
                chats.seen_here(db, row.chat_telegram_id, row.message_id)  # a probe begins above
            with logs.about(update=row.seq):
                handle(app, runner, unit)
        except Exception as error:
            unit.failure = error
        if unit.failure is None:
            savepoint.commit()
            done.append(row.seq)
            answers += unit.answers
            outcomes.append(("handled", time.perf_counter() - began))
        elif trouble(unit.failure):
            raise unit.failure  # the whole batch again, uncounted
        else:
            savepoint.rollback()
            name = type(unit.failure).__name__
            log.error("update.failed", update=row.seq, error=name, exc_info=unit.failure)
            parked = inbox.failed(db, row, unit.failure)
            outcomes.append(("parked" if parked else "failed", time.perf_counter() - began))
            if parked:
                outbox.write(db, operator.parked(db, desk, row.seq, name, now=now), now=now)
            break  # keeps the order; the next batch tries it again, and parks it after three
    inbox.done(db, done)
    return Done(bool(rows), answers, outcomes)


def handle(app: App, runner: asyncio.Runner, unit: Unit) -> None:
    """Let the handlers see one update, then write what they want to say."""
    unknowns.recognise(unit.db, unit.raw, desk=unit.desk, now=unit.now)
    if measure.admits(unit):
        update = Update.de_json(dict(unit.raw), app.bot)
        with holding(unit):
            runner.run(app.process_update(update), context=copy_context())
    if unit.failure is None:
        outbox.write(unit.db, thinned(unit.letters, unit.over, now=unit.now), now=unit.now)


class Worker:
    """The round that empties the inbox."""

    def __init__(
        self,
        database: Database,
        app: App,
        desk: Desk,
        clock: Clock,
        *,
        worked: Callable[[], None],
        emptied: Callable[[], None],
    ) -> None:
        self._database, self._app, self._desk, self._clock = database, app, desk, clock
        self._worked, self._emptied, self._handled = worked, emptied, False
        self._answers: set[asyncio.Task[None]] = set()
        # Handlers are coroutines, yet nothing in them waits; it runs in whichever database thread has the batch.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.round = Round("worker", self._step, clock, failed=metrics.stumbled)

    @property
    def busy(self) -> bool:
        """Whether an update is being handled, or a button answered."""
        return self.round.busy or bool(self._answers)

    async def close(self) -> None:
        """Close the handlers' loop; only after the database, whose last batch still needs it."""
        await asyncio.to_thread(self._runner.close)

    async def finish(self) -> None:
        """Leave unanswered what is not answered yet; Telegram forgets a press soon anyway."""
        answers = list(self._answers)
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)

    async def _step(self) -> bool:
        if not await self._database.read(inbox.waiting):  # no write lock for nothing
            if self._handled:  # once after a burst, not once for each batch of it
                self._handled = False
                self._emptied()
            return False
        done = await self._database.write(batch, self._app, self._runner, self._desk, now=self._clock.now())
        metrics.handled(done.outcomes)
        for answer in done.answers:
            task = asyncio.create_task(self._answer(answer))
            self._answers.add(task)
            task.add_done_callback(self._forget)
        self._handled = self._handled or done.any
        self._worked()
        return done.any

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._answers.discard(task)
        self._worked()

    async def _answer(self, answer: PressAnswer) -> None:
        try:
            await self._app.bot.answer_callback_query(
                answer.query_id,
                text=answer.text or None,
                show_alert=answer.alert or None,
                url=answer.url or None,
            )
        except Exception:  # lossy by nature: the query dies after 150 s anyway
            return
