"""Inbox → handlers: at most 20 updates a transaction, one savepoint each, in the order in which they came."""

import asyncio
import logging
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.ext import Application

from bot.actions import operator, unknowns
from bot.actions.unit import Desk, PressAnswer, Unit, holding
from bot.core.moments import Clock
from bot.rounds import Round
from storage import chats, inbox, outbox
from storage.db import Connection, Database, trouble

BATCH = 20

log = logging.getLogger(__name__)
# It writes down whole updates that it cannot handle, and with them what people said; we say which they were.
logging.getLogger("telegram.ext.Application").setLevel(logging.CRITICAL + 1)

App = Application[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class Done:
    """What a batch did: whether there was work, and what pressed buttons are to be told."""

    any: bool
    answers: list[PressAnswer] = field(default_factory=list)


def batch(
    db: Connection, app: App, runner: asyncio.Runner, desk: Desk, *, now: datetime, limit: int = BATCH
) -> Done:
    """Handle the next updates; the caller's transaction commits domain rows, letters and *done* together."""
    rows = inbox.next(db, limit)
    done: list[int] = []
    answers: list[PressAnswer] = []
    for row in rows:
        unit = Unit(db, now, f"reply:{row.seq}", desk, raw=row.payload or {})
        savepoint = db.begin_nested()
        try:
            if row.message_id is not None and row.chat_telegram_id is not None and row.chat_telegram_id < 0:
                chats.seen_here(db, row.chat_telegram_id, row.message_id)  # a probe begins above
            handle(app, runner, unit)
        except Exception as error:
            unit.failure = error
        if unit.failure is None:
            savepoint.commit()
            done.append(row.seq)
            answers += unit.answers
        elif trouble(unit.failure):
            raise unit.failure  # the whole batch again, uncounted
        else:
            savepoint.rollback()
            log.error("update %s: %s", row.seq, type(unit.failure).__name__, exc_info=unit.failure)
            if inbox.failed(db, row, unit.failure):
                outbox.write(
                    db, operator.parked(db, desk, row.seq, type(unit.failure).__name__, now=now), now=now
                )
            break  # keeps the order; the next batch tries it again, and parks it after three
    inbox.done(db, done)
    return Done(bool(rows), answers)


def handle(app: App, runner: asyncio.Runner, unit: Unit) -> None:
    """Let the handlers see one update, then write what they want to say."""
    unknowns.recognise(unit.db, unit.raw, desk=unit.desk, now=unit.now)
    update = Update.de_json(dict(unit.raw), app.bot)
    with holding(unit):
        runner.run(app.process_update(update), context=copy_context())
    if unit.failure is None:
        outbox.write(unit.db, unit.letters, now=unit.now)


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
        self.round = Round("worker", self._step, clock)

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
