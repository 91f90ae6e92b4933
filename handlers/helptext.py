"""`/helptext`, its buttons, and what is typed instead of a button."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import helptext
from handlers import which
from handlers.buttons import presses
from handlers.context import Context, in_dialog, who
from storage import dialogs


async def on_typed(update: Update, context: Context) -> None:
    """A help text, office hours or words."""
    person, message = who(update, context), update.effective_message
    dialog = None if person is None else dialogs.of(context.db, person.id, now=context.now)
    if person is None or message is None or dialog is None:
        return
    context.say(helptext.typed(context.db, person, dialog, message.text or "", context.desk, now=context.now))


def _behind(command: str) -> str:
    return command.split(maxsplit=1)[1] if len(command.split(maxsplit=1)) > 1 else ""


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("helptext", lambda leader, asked: helptext.begin(leader, _behind(asked.text))),
    presses("helptext", helptext.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        NEW & filters.ChatType.PRIVATE & filters.TEXT & ~filters.COMMAND & in_dialog("helptext"), on_typed
    ),
]
