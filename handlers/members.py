"""`/invite` and `/members`: their buttons, and what is written or sent while one of them asks for it."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import invites, members, rosters
from handlers import which
from handlers.buttons import presses
from handlers.context import Context, dialog_of, in_dialog, who
from handlers.contributions import given


async def on_given(update: Update, context: Context) -> None:
    """A guest's name, or a list of people."""
    message, person, dialog = update.effective_message, who(update, context), dialog_of(update)
    if message is None or person is None or dialog is None:
        return
    said = given(message, context.raw.get("message") or {})
    context.say(invites.given(context.db, person, dialog, said, context.desk, now=context.now))


PRIVATE = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("invite", lambda leader, asked: invites.begin(leader, asked.behind)),
    which.command("members", lambda leader, _: members.begin(leader)),
    presses("invite", invites.pressed),
    presses("roster", rosters.pressed),
    presses("members", members.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        PRIVATE & ~filters.COMMAND & ~filters.StatusUpdate.ALL & in_dialog(rosters.KIND), on_given
    ),
]
