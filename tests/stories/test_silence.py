"""Nothing that people write, and none of their names, reaches the log or the metrics, whatever happens to it."""

import asyncio
import gc
import io
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text
from telegram import Update
from telegram.ext import ApplicationHandlerStop, TypeHandler

from bot import logs, metrics
from bot.app import Bln
from bot.config import Log
from bot.core.mail import To, say
from bot.sandbox.driver import Sandbox
from handlers.context import Context
from storage import inbox, outbox
from tests.stories.conftest import settings
from tests.stories.story import Story

# Nothing else in this project is called like that.
ANNA, LAST, NICK = "Quendolina", "Vollenhoofd", "zwirbelwind77"
TITLE, FILE = "Mantelkring Xanten", "Dagboek-Oxymel.pdf"
PRIVATE, PUBLIC, CAPTION, EDITED = "Plumbagomoeder", "Kwispeltuin", "Rozenwaterfoto", "Gewijzigdwoord"
POISON, TAG, GARBAGE, ASKED = "Giftzwam", "knorfgras", "Rommelpot", "Vraagstaart"
ALL = (ANNA, LAST, NICK, TITLE, FILE, PRIVATE, PUBLIC, CAPTION, EDITED, POISON, TAG, GARBAGE, ASKED)
OTHERS = (
    *(
        "httpx",
        "httpcore",
        "telegram",
        "telegram.Bot",
        "telegram.ext.Application",
        "telegram.request",
        "asyncio",
    ),
    *("sqlalchemy", "sqlalchemy.engine.Engine", "sqlalchemy.pool", "uvicorn", "uvicorn.error", "apscheduler"),
)


@pytest.fixture
def loud() -> Iterator[None]:
    """Every logger of this process says everything; afterwards each is as it was."""
    root = logging.getLogger()
    for name in OTHERS:
        logging.getLogger(name)
    everybody = [root, *(one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    before, handlers = [one.level for one in everybody], root.handlers[:]
    yield
    root.handlers[:] = handlers
    new = [one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    for one in new:  # those that came in between too
        one.setLevel(logging.NOTSET)
    for one, level in zip(everybody, before, strict=True):
        one.setLevel(level)


@pytest.fixture
async def story(
    loud: None, telegram: Sandbox, database_url: str
) -> AsyncIterator[tuple[Story, io.StringIO, io.StringIO]]:
    """A living bot of whose log nothing is left out, and that log, as text and as JSON."""
    root, as_text, as_json = logging.getLogger(), io.StringIO(), io.StringIO()
    logs.set_up(Log(level="DEBUG", format="text"), as_text)
    texts = root.handlers[:]
    logs.set_up(Log(level="DEBUG", format="json"), as_json)
    root.handlers += texts
    metrics.begin()
    async with Bln.living(settings(telegram, database_url)) as living:
        for one in (root, *map(logging.getLogger, list(root.manager.loggerDict))):
            one.setLevel(logging.DEBUG)
        yield Story(living, telegram), as_text, as_json


async def poison(update: Update, context: Context) -> None:
    """A handler with a mistake in it, where what somebody wrote gets everywhere that an error can carry it."""
    message = update.effective_message
    words = (message.text if message else None) or ""
    if "in SQL" in words:
        context.db.execute(text("INSERT INTO people (name) VALUES (:words)"), {"words": words})
    if "chained" in words:
        try:
            int(words)
        except ValueError as error:
            error.add_note(words)
            raise KeyError(words) from ExceptionGroup(words, [LookupError(update.to_dict())])
    raise ApplicationHandlerStop if words == "/stop" else RuntimeError(update, words)


async def talk(bln: Story, telegram: Sandbox) -> None:
    """People say things in every way in which something can be said."""
    anna = telegram.user(ANNA, last_name=LAST, username=NICK)
    stranger = telegram.user(ANNA, last_name=LAST)
    group = telegram.group(TITLE, members=[anna, stranger], admins=[telegram.user(ANNA)])
    network = await bln.network(group, title=TITLE)
    await bln.member(network, anna)
    question = await bln.posted(network, ASKED)
    answer = await telegram.reply(anna, to=question, text=PUBLIC)
    await telegram.reply(stranger, to=question, text=PUBLIC)
    await telegram.settle()
    await telegram.edit(anna, answer, EDITED)
    await telegram.press(anna, question, "Answer privately")
    await telegram.settle()
    await telegram.send(anna, PRIVATE)
    await telegram.document(anna, CAPTION, name=FILE)
    await telegram.photo(anna, CAPTION, to=question)
    await telegram.settle()
    await telegram.forge(anna, telegram.last(anna), f"v1:{PRIVATE}:1:{ANNA}")
    await telegram.react(anna, question, "👍")
    await telegram.send(stranger, f"/setup {TITLE}", chat=group)
    await telegram.settle()


async def refusals(bln: Story, telegram: Sandbox) -> None:
    """Telegram repeats what it was sent, answers with pages of HTML, and asks to wait."""
    anna = telegram.user(ANNA, last_name=LAST)
    await telegram.start(anna)
    await telegram.settle()
    telegram.fault("sendMessage", "5xx")
    telegram.fault("sendMessage", "429", skip=1)
    telegram.fault("getUpdates", "5xx")
    await telegram.send(anna, PRIVATE)  # an answer to the call that waits; the next one fails
    letters = [
        *say(To(telegram=anna.id), f"<{TAG}>{PRIVATE}</{TAG}>", key="silence:1", unsure="repeat"),
        *say(To(telegram=anna.id), PRIVATE, key="silence:2", unsure="repeat"),
        *say(To(telegram=-1009999999999), f"<{TAG}>{PRIVATE}", key="silence:3"),
    ]
    await bln.database.write(outbox.write, letters, now=telegram.now())
    telegram.move(by=timedelta(milliseconds=1))
    await telegram.travel(by=timedelta(minutes=5))


async def mistakes(bln: Story, telegram: Sandbox) -> None:
    """Handlers break on what was said, and Telegram sends what nobody can read."""
    app = bln.living.app
    anna = telegram.user(ANNA, last_name=LAST, username=NICK)
    app.add_handler(TypeHandler(Update, poison), group=-1)
    for words in (POISON, f"{POISON} chained", f"{POISON} in SQL"):
        await telegram.send(anna, words)
    await telegram.settle()
    app.remove_handler(app.handlers[-1][0], group=-1)
    chat = {"id": anna.id, "type": GARBAGE}
    garbage: list[dict[str, Any]] = [
        {"update_id": 900, "message": {"text": GARBAGE, "chat": chat}},
        {"update_id": 901, "poll": {"id": GARBAGE, "question": GARBAGE}},
        {"update_id": 902, GARBAGE: {"text": GARBAGE}},
        {"update_id": 903, "callback_query": GARBAGE},
    ]
    await bln.database.write(inbox.store, garbage, now=telegram.now())
    await telegram.send(anna, PRIVATE)  # and the bot looks
    await telegram.settle()


async def leftovers(bln: Story) -> None:
    """What nobody waits for, and what others might write into the log."""

    async def fails(words: str) -> None:
        raise LookupError(words)

    task = asyncio.create_task(fails(PRIVATE), name=PRIVATE)
    await asyncio.wait({task})
    del task
    gc.collect()
    bot = bln.living.app.bot
    for name in OTHERS:
        other = logging.getLogger(name)
        other.error("Received data was %r", {"text": PRIVATE, "from": ANNA})
        other.critical(f"{bot!r} {bln.living.app!r}")
        other.warning("%s could not be read: %s", bot, LookupError(PRIVATE), exc_info=KeyError(POISON))
        other.info(f"POST https://api.telegram.org/bot{bot.token}/sendMessage {PRIVATE}")
    logs.logger("bot.sender").error("odd", kind=bot, key=repr(bot), exc_info=RuntimeError(repr(bot), PRIVATE))


async def test_no_word_name_or_token_reaches_the_log_or_the_metrics(
    story: tuple[Story, io.StringIO, io.StringIO], telegram: Sandbox
) -> None:
    bln, as_text, as_json = story
    root = logging.getLogger()
    root.handlers[:] = [
        one for one in root.handlers if isinstance(one, logs.Lines)
    ]  # pytest's take their time
    await talk(bln, telegram)
    assert (await bln.contributions())[0] == (ANNA, EDITED)
    await refusals(bln, telegram)
    await mistakes(bln, telegram)
    await leftovers(bln)
    await bln.database.read(metrics.depths, now=telegram.now())
    counted, _ = metrics.exposition()

    logged = [as_text.getvalue(), as_json.getvalue()]
    for said in logged:
        for event in (
            "update.failed",
            "operator.told",
            "intake.troubled",
            "Task exception was never retrieved",
        ):
            assert event in said
        assert said.count("builtins.RuntimeError") > 2
    assert {"RuntimeError", "KeyError", "IntegrityError"} < {error for _, error in await bln.parked()}
    secret = telegram.token.partition(":")[2]
    for place in (*logged, counted.decode()):
        for word in (*ALL, secret, quote(telegram.token)):
            assert word.lower() not in place.lower()
