"""`/listen`, the buttons of spoken answers, and what is typed about one."""

from collections.abc import Iterable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import listening
from bot.actions.which import Leader
from bot.core.mail import Letter
from handlers import which
from handlers.buttons import presses
from handlers.context import Context, in_dialog, who
from handlers.which import Asked


def run_listen(leader: Leader, asked: Asked) -> Iterable[Letter]:
    """`/listen`: what waits to be put into words."""
    return listening.begin(leader)


async def on_text(update: Update, context: Context) -> None:
    """The words of a spoken answer."""
    message, person = update.effective_message, who(update, context)
    if message is not None and person is not None:
        context.say(listening.typed(context.db, person, message.text or "", context.desk, now=context.now))


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("listen", run_listen),
    presses("listening", listening.pressed),
]
PRIVATE_TEXT = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(PRIVATE_TEXT & in_dialog(listening.DIALOG), on_text),
]
