"""`/ready`: what is missing before people can join, its buttons, and what is typed."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import preparing
from handlers import which
from handlers.buttons import presses
from handlers.context import Context, dialog_of, in_dialog, who


async def on_typed(update: Update, context: Context) -> None:
    """An organisation, a way to reach it, a day."""
    person, dialog, message = who(update, context), dialog_of(update), update.effective_message
    if person is None or dialog is None or message is None:
        return
    words = message.text or ""
    context.say(preparing.typed(context.db, person, dialog, words, context.desk, now=context.now))


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("ready", lambda leader, _: preparing.begin(leader)),
    presses("readiness", preparing.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        NEW & filters.ChatType.PRIVATE & filters.TEXT & ~filters.COMMAND & in_dialog("readiness"), on_typed
    ),
]
