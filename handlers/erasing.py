"""`/forget`, and the buttons that follow."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.actions import erasing
from handlers.aside import led_aside, private, visitor
from handlers.buttons import presses
from handlers.context import Context


async def on_forget(update: Update, context: Context) -> None:
    """Somebody wants to be forgotten; of who is not known there is nothing."""
    person = led_aside(update, context)
    if person is not None:
        context.say(erasing.begin(context.db, person, context.desk))
        return
    guest = visitor(update)
    if guest is not None and private(update):
        context.say(erasing.nothing(guest, context.desk))


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("forget", on_forget, filters=filters.UpdateType.MESSAGE),
    presses("erasing", erasing.pressed),
]
