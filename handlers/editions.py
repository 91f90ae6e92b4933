"""The summary in private: what is set in `/me`, and what is asked for below one."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.actions import editions
from handlers.aside import private
from handlers.buttons import presses
from handlers.context import Context, press, who


async def on_wanted(update: Update, context: Context) -> None:
    """Somebody wants the text to be read aloud, or the whole summary; in a group, too."""
    pressed, person, chat = press(update), who(update, context), update.effective_chat
    verb, found = ("", 0) if pressed is None else (pressed.action.removeprefix("editions."), pressed.id)
    place = None if chat is None or private(update) else chat.id
    reaction = editions.wanted(context.db, person, verb, found, context.desk, place=place, now=context.now)
    context.answer(reaction.answer, alert=reaction.alert)
    context.say(reaction.letters)


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CallbackQueryHandler(on_wanted, pattern=r"^v1:editions\.(aloud|whole):"),
    presses("editions", editions.pressed),
]
