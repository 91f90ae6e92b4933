"""`/prompt` and `/prompts`: the commands, what is typed when something is missing, and the buttons of the plan."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import candidates, plan, planning
from bot.actions.which import Leader
from bot.core.mail import Letter
from handlers import which
from handlers.buttons import presses
from handlers.context import Context, dialog_of, who
from handlers.which import Asked


def plan_all(leader: Leader, asked: Asked) -> list[Letter]:
    """Plan what stands in the message; a bare command begins the guided way."""
    return planning.take(leader, asked.text, asked.files, circle=asked.circle, album=asked.album)


def show_plan(leader: Leader, asked: Asked) -> list[Letter]:
    """Show what is coming."""
    return plan.show(leader)


async def on_typed(update: Update, context: Context) -> None:
    """Take what was asked for: words, a time, an end."""
    person, dialog, message = who(update, context), dialog_of(update), update.effective_message
    if person is None or dialog is None or message is None:
        return
    text, files = which.words_and_files(message, context)
    context.say(planning.typed(context.db, person, dialog, text, files, context.desk, now=context.now))


async def on_further_picture(update: Update, context: Context) -> None:
    """Take a further picture of the album along that came with a command."""
    dialog, message = dialog_of(update), update.effective_message
    if dialog is None or message is None:
        return
    for file in which.words_and_files(message, context)[1]:
        context.say(planning.further_picture(context.db, dialog, file, now=context.now))


class _asked(filters.UpdateFilter):
    """Lets messages through of people who were asked for something about a prompt."""

    def filter(self, update: Update) -> bool:
        dialog = dialog_of(update)
        return dialog is not None and dialog.kind == candidates.KIND and dialog.step != "album"


class _of_album(filters.UpdateFilter):
    """Lets further pictures of an album through that came with a command."""

    def filter(self, update: Update) -> bool:
        message = update.effective_message
        if message is None or message.media_group_id is None:
            return False
        dialog = dialog_of(update)
        if dialog is None or dialog.kind != candidates.KIND:
            return False
        return dialog.data.get("album") == message.media_group_id


NEW = filters.UpdateType.MESSAGE
PRIVATE = NEW & filters.ChatType.PRIVATE & ~filters.COMMAND
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    *(which.command(name, plan_all) for name in ("prompt", "choice", "scale")),
    which.command("prompts", show_plan),
    presses("prompts", plan.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(NEW & _of_album(), on_further_picture),
    MessageHandler(PRIVATE & ~filters.StatusUpdate.ALL & _asked(), on_typed),
]
