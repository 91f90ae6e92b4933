"""*Something is wrong, my point is missing*, below a summary that is out."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler

from bot.actions import corrections
from handlers.aside import private
from handlers.buttons import PRIVATE_TEXT, presses
from handlers.context import Context, in_dialog, press, who
from handlers.contributions import given


async def on_begin(update: Update, context: Context) -> None:
    """Somebody has something to say about a summary; in a group, too."""
    pressed, person = press(update), who(update, context)
    found = 0 if pressed is None else pressed.id
    here = private(update)
    reaction = corrections.begun(context.db, person, found, context.desk, private=here, now=context.now)
    context.answer(reaction.answer, alert=reaction.alert)
    context.say(reaction.letters)


async def on_typed(update: Update, context: Context) -> None:
    """What is wrong, the point that is missing, or the correction."""
    message, person = update.effective_message, who(update, context)
    if message is None or person is None:
        return
    said = given(message, context.raw.get("message") or {})
    context.say(corrections.typed(context.db, person, said, context.desk, now=context.now))


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CallbackQueryHandler(on_begin, pattern=r"^v1:corrections\.begin:"),
    presses("corrections", corrections.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(PRIVATE_TEXT & in_dialog(corrections.DIALOG), on_typed),
]
