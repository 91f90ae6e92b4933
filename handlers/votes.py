"""What is chosen: in the group, where only who pressed is answered, and in private."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.actions import votes
from handlers.buttons import presses, stale
from handlers.context import Context, is_person, press, who


async def on_pick(update: Update, context: Context) -> None:
    """Keep what was pressed below a posting, and tell it to nobody but who pressed."""
    pressed, person = press(update), who(update, context)
    told = None
    if pressed is not None and is_person(update):
        told = votes.picked(context.db, person, pressed.id, pressed.nonce, context.desk, now=context.now)
    if told is None:
        stale(context, person)
    else:
        context.answer(told.words, alert=bool(told.words), url=told.url)


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CallbackQueryHandler(on_pick, pattern=r"^v1:votes\.pick:"),
    presses("votes", votes.pressed),
]
