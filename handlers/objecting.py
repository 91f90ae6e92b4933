"""`/object`, for everybody: members, and people about whom nothing is kept."""

from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.actions import objecting
from bot.core.letters import read_callback
from bot.core.mail import keyboard_marks
from handlers.aside import arguments, led_aside, private, visitor
from handlers.context import Context, in_dialog, pressed_message, who


async def on_object(update: Update, context: Context) -> None:
    """Somebody objects, or asks how."""
    guest, person = visitor(update), led_aside(update, context)
    if guest is not None and (person is not None or private(update)):
        words = arguments(update) if private(update) else ""  # in a group everybody would have read it
        context.say(objecting.begin(context.db, guest, person, words, context.desk, now=context.now))


async def on_words(update: Update, context: Context) -> None:
    """What is to be passed on."""
    guest, message = visitor(update), update.effective_message
    if guest is None or message is None:
        return
    person, words = who(update, context), message.text or ""
    context.say(objecting.pass_on(context.db, guest, person, words, context.desk, now=context.now))


async def on_stop(update: Update, context: Context) -> None:
    """Somebody rather leaves it."""
    guest = visitor(update)
    if guest is not None:
        context.answer()
        message_id = pressed_message(update)
        context.say(objecting.stop(context.db, guest, who(update, context), message_id, context.desk))


class answers_question(filters.MessageFilter):
    """Lets replies to the question through: by them a stranger is understood of whom nothing is kept."""

    def filter(self, message: Message) -> bool:
        """Look for the question's own button."""
        replied = message.reply_to_message
        if replied is None or replied.reply_markup is None:
            return False
        rows = [[button.to_dict() for button in row] for row in replied.reply_markup.inline_keyboard]
        pressed = [read_callback(mark) for mark in keyboard_marks(rows)]
        return any(one is not None and one.action == objecting.STOP for one in pressed)


WORDS = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("object", on_object, filters=filters.UpdateType.MESSAGE),
    CallbackQueryHandler(on_stop, pattern=r"^v1:objecting\.no:"),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(WORDS & answers_question(), on_words),
    MessageHandler(WORDS & in_dialog(objecting.KIND), on_words),
]
