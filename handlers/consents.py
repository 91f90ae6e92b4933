"""`/consent`, and the buttons of *What I agreed to* and *How I appear*."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.actions import appear, consents
from bot.core import mail
from handlers.aside import led_aside, private, visitor
from handlers.buttons import presses
from handlers.context import Context


async def on_consent(update: Update, context: Context) -> None:
    """What somebody agreed to, in private; who is unknown here has agreed to nothing."""
    person = led_aside(update, context)
    guest = visitor(update)
    if person is not None:
        context.say(consents.begin(context.db, person, context.desk, now=context.now))
    elif guest is not None and private(update):
        context.say(mail.say(guest.to, guest.text(context.desk)("consents.nowhere")))


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("consent", on_consent, filters=filters.UpdateType.MESSAGE),
    presses("consents", consents.pressed),
    presses("appear", appear.pressed),
]
