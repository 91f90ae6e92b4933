"""`/privacy`, for everybody: members, and people about whom nothing is kept."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.actions import privacy
from handlers.aside import led_aside, private, visitor
from handlers.buttons import stale
from handlers.context import Context, press, pressed_message, who


async def on_privacy(update: Update, context: Context) -> None:
    """Who answers for what is kept."""
    guest, person = visitor(update), led_aside(update, context)
    if guest is not None and (person is not None or private(update)):
        context.say(privacy.begin(context.db, guest, person, context.desk))


async def on_page(update: Update, context: Context) -> None:
    """A page was turned; whoever is not kept reads it like everybody."""
    pressed, guest, person = press(update), visitor(update), who(update, context)
    letters = None
    if pressed is not None and guest is not None:
        letters = privacy.pressed(
            context.db,
            guest,
            person,
            pressed.action.removeprefix("privacy."),
            pressed.id,
            pressed.nonce,
            message_id=pressed_message(update),
            desk=context.desk,
        )
    if letters is None:
        stale(context, person)
        return
    context.answer()
    context.say(letters)


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("privacy", on_privacy, filters=filters.UpdateType.MESSAGE),
    CallbackQueryHandler(on_page, pattern=r"^v1:privacy\."),
]
