"""`/groups`, its buttons, and names that are typed."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import groups
from handlers import which
from handlers.buttons import presses
from handlers.context import Context, in_dialog, who
from storage import dialogs


async def on_typed(update: Update, context: Context) -> None:
    """What one and all of a group are called."""
    person, message = who(update, context), update.effective_message
    dialog = None if person is None else dialogs.of(context.db, person.id, now=context.now)
    if person is None or message is None or dialog is None:
        return
    context.say(groups.typed(context.db, person, dialog, message.text or "", context.desk, now=context.now))


def _behind(command: str) -> str:
    parts = command.split(maxsplit=1)
    return parts[1] if len(parts) > 1 else ""


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("groups", lambda leader, asked: groups.begin(leader, _behind(asked.text))),
    presses("groups", groups.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        NEW & filters.ChatType.PRIVATE & filters.TEXT & ~filters.COMMAND & in_dialog("groups"), on_typed
    ),
]
