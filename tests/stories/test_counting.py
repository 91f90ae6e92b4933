"""The whole bot counts what it does."""

from datetime import timedelta

from telegram import Update
from telegram.ext import TypeHandler

from bot import metrics
from bot.app import Bln
from bot.core.mail import To, say
from bot.sandbox.driver import Sandbox
from handlers.context import Context
from storage import outbox
from tests.stories.conftest import settings
from tests.stories.story import Story
from tests.test_metrics import Since, samples


async def poison(update: Update, context: Context) -> None:
    raise LookupError


async def test_a_day_of_a_bot_in_numbers(telegram: Sandbox, database_url: str) -> None:
    since = Since()
    async with Bln.living(settings(telegram, database_url)) as living:
        bln = Story(living, telegram)
        anna = telegram.user("Anna")
        network = await bln.network(telegram.group("Care partnership", members=[anna]))
        await bln.member(network, anna)
        question = await bln.posted(network, "What helped you this week?")
        telegram.fault("sendMessage", "429", retry_after=7)
        telegram.fault("getUpdates", "429", retry_after=5)
        answer = await telegram.reply(anna, to=question, text="My neighbour")
        letters = say(To(telegram=-1009999999999), "Anybody?", key="counting")
        await bln.database.write(outbox.write, letters, now=telegram.now())
        await telegram.travel(by=timedelta(minutes=1))
        living.app.add_handler(TypeHandler(Update, poison), group=-1)
        await telegram.edit(anna, answer, "My sister")
        await telegram.settle()
        await bln.database.read(metrics.depths, now=telegram.now())

    assert since["updates_received_total", "message"] == since["updates_total", "handled"] == 2
    assert since["updates_received_total", "edited_message"] == since["updates_total", "parked"] == 1
    assert since["updates_total", "failed"] == 2
    assert since["update_seconds_count",] == 5
    assert since["sends_total", "sendMessage", "sent"] > 0
    assert since["sends_total", "sendMessage", "later"] == since["sends_total", "sendMessage", "refused"] == 1
    assert since["sends_total", "setMessageReaction", "sent"] == 1
    assert (since["too_many_requests_total",], since["too_many_requests_seconds_total",]) == (2, 12)
    assert since["jobs_total", "prompts", "done"] == 1
    assert since["tick_seconds_count",] > 1
    assert since["troubles_total", "intake", "other"] == 1
    assert samples()["inbox_updates", "parked"] == 1
