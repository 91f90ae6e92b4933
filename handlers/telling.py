"""Who would rather tell an answer: the buttons, a number, and what a facilitator was told."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import telling
from handlers import answering
from handlers.buttons import presses
from handlers.context import Context, in_dialog, who


async def on_text(update: Update, context: Context) -> None:
    """A number, written or shared; or the words of somebody who told."""
    message, person = update.effective_message, who(update, context)
    if message is None or person is None:
        return
    contact = message.contact
    phone = contact.phone_number if contact is not None and contact.user_id == person.telegram_id else None
    words = message.text or ""
    letters = telling.typed(context.db, person, words, phone, context.desk, now=context.now)
    if letters is None:
        await answering.on_message(update, context)
    else:
        context.say(letters)


HANDLERS: list[BaseHandler[Any, Any, Any]] = [presses("telling", telling.pressed)]
SAID = (
    filters.ChatType.PRIVATE
    & filters.UpdateType.MESSAGE
    & (filters.TEXT | filters.CONTACT)
    & ~filters.COMMAND
)
DIALOGS: list[BaseHandler[Any, Any, Any]] = [MessageHandler(SAID & in_dialog(telling.DIALOG), on_text)]
