"""`/settings`, its buttons, and what is typed instead of a button."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.actions import settings
from handlers import which
from handlers.context import Context, in_dialog, press, pressed_message, who
from storage import dialogs


async def on_press(update: Update, context: Context) -> None:
    """Show a setting, or change it."""
    pressed, person = press(update), who(update, context)
    letters = None
    if pressed is not None and person is not None:
        letters = settings.pressed(
            context.db,
            person,
            pressed.action.removeprefix("settings."),
            pressed.id,
            pressed.nonce,
            message_id=pressed_message(update),
            desk=context.desk,
            now=context.now,
        )
    if letters is None:
        language = person.language if person else None
        context.answer(context.desk.text(language).plain("error.stale_button"), alert=True)
        return
    context.answer()
    context.say(letters)


async def on_typed(update: Update, context: Context) -> None:
    """A time zone or an hour."""
    person, message = who(update, context), update.effective_message
    dialog = None if person is None else dialogs.of(context.db, person.id, now=context.now)
    if person is None or message is None or dialog is None:
        return
    context.say(settings.typed(context.db, person, dialog, message.text or "", context.desk, now=context.now))


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("settings", lambda leader, _: settings.begin(leader)),
    CallbackQueryHandler(on_press, pattern=r"^v1:settings\."),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        NEW & filters.ChatType.PRIVATE & filters.TEXT & ~filters.COMMAND & in_dialog("settings"), on_typed
    ),
]
