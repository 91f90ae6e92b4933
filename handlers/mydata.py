"""`/mydata`, and its button in /me."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.actions import erasing, mydata
from handlers.aside import led_aside, private, visitor
from handlers.buttons import presses
from handlers.context import Context


async def on_mydata(update: Update, context: Context) -> None:
    """Somebody wants to see everything that is kept; it comes in private, wherever it was asked for."""
    person = led_aside(update, context)
    if person is not None:
        context.say(mydata.ask(context.db, person, context.desk, now=context.now))
        return
    guest = visitor(update)
    if guest is not None and private(update):
        context.say(erasing.nothing(guest, context.desk))


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("mydata", on_mydata, filters=filters.UpdateType.MESSAGE),
    presses("mydata", mydata.pressed),
]
