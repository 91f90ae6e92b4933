"""*That one* below a summary."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.actions import agenda
from handlers.context import Context, press, who


async def on_that(update: Update, context: Context) -> None:
    """A member wants to talk about a question, or no longer."""
    pressed, person = press(update), who(update, context)
    found, number = (0, "") if pressed is None else (pressed.id, pressed.nonce)
    reaction = agenda.pressed(context.db, person, found, number, context.desk, now=context.now)
    context.answer(reaction.answer, alert=reaction.alert)
    context.say(reaction.letters)


HANDLERS: list[BaseHandler[Any, Any, Any]] = [CallbackQueryHandler(on_that, pattern=r"^v1:agenda\.")]
