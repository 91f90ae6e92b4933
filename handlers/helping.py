"""`/help`; and what nothing else understood, which is asked last of all."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.actions import helping
from handlers.aside import led_aside, private, visitor
from handlers.buttons import stale
from handlers.context import Context, who


async def on_help(update: Update, context: Context) -> None:
    """What somebody can do here."""
    guest, person = visitor(update), led_aside(update, context)
    if guest is not None and (person is not None or private(update)):
        context.say(helping.help_for(context.db, guest, person, context.desk))


async def on_unknown_command(update: Update, context: Context) -> None:
    """A command that is none of ours, in private; in groups it may be another bot's."""
    guest, message = visitor(update), update.effective_message
    if guest is None or message is None:
        return
    command = (message.text or message.caption or "/").split()[0]
    context.say(helping.unknown(guest, who(update, context), command, context.desk))


async def on_stranger(update: Update, context: Context) -> None:
    """Words of somebody whom the bot doesn't know, in private: nothing is kept."""
    guest = visitor(update)
    if guest is not None:
        context.say(helping.help_for(context.db, guest, who(update, context), context.desk))


async def on_stray_press(update: Update, context: Context) -> None:
    """A button that nobody took: of an earlier version, or forged."""
    stale(context, who(update, context))


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("help", on_help, filters=NEW),
]
LAST: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(NEW & filters.ChatType.PRIVATE & filters.COMMAND, on_unknown_command),
    MessageHandler(NEW & filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL, on_stranger),
    CallbackQueryHandler(on_stray_press),
]
