"""`/meeting` and `/meetings`: the commands, what is typed when something is missing, the buttons, and who comes."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.actions import invitations, meetings, unit
from bot.actions import which as actions_which
from bot.actions.which import Leader
from bot.core.mail import Letter
from bot.core.meetings import ANSWERS
from handlers import which
from handlers.aside import led_aside, private
from handlers.buttons import presses, stale
from handlers.context import Context, dialog_of, in_dialog, is_person, press, who
from handlers.prompts import plan_all
from handlers.which import Asked
from storage import people


def show_meetings(leader: Leader, asked: Asked) -> list[Letter]:
    """Show the meetings that are coming, and how many come."""
    return meetings.plan(leader)


class _leads_none(filters.UpdateFilter):
    """Lets members through who are no facilitators (there, if in a group): they see when they meet."""

    def filter(self, update: Update) -> bool:
        """Look the person up."""
        user, chat, db = update.effective_user, update.effective_chat, unit.current().db
        person = None if user is None or not is_person(update) else people.by_telegram_id(db, user.id)
        group = None if chat is None or private(update) else chat.id
        return person is not None and actions_which.network(db, person, group) is None


async def on_meetings(update: Update, context: Context) -> None:
    """Tell a member when the meetings are."""
    person = led_aside(update, context)
    if person is not None:
        context.say(invitations.coming(context.db, person, context.desk, now=context.now))


async def on_answer(update: Update, context: Context) -> None:
    """Keep whether somebody comes."""
    pressed = press(update)
    if pressed is None:
        stale(context, who(update, context))
        return
    said, letters = invitations.answered(
        context.db,
        who(update, context),
        pressed.id,
        pressed.action.removeprefix("meetings."),
        pressed.nonce,
        context.desk,
        now=context.now,
    )
    context.answer(said, alert=True)
    context.say(letters)


async def on_typed(update: Update, context: Context) -> None:
    """Take what was asked for: a time, a title, a place."""
    person, dialog, message = who(update, context), dialog_of(update), update.effective_message
    if person is None or dialog is None or message is None:
        return
    text, _ = which.words_and_files(message, context)
    context.say(meetings.typed(context.db, person, dialog, text, context.desk, now=context.now))


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("meeting", plan_all),
    MessageHandler(NEW & which.commanded("meetings") & _leads_none(), on_meetings),
    which.command("meetings", show_meetings),
    CallbackQueryHandler(on_answer, pattern=rf"^v1:meetings\.(?:{'|'.join(ANSWERS)}):"),
    presses("meetings", meetings.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        NEW
        & filters.ChatType.PRIVATE
        & ~filters.COMMAND
        & ~filters.StatusUpdate.ALL
        & in_dialog(meetings.KIND),
        on_typed,
    ),
]
