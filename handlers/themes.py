"""`/themes`, its buttons and what is written or sent there; the themes and the star below an answer."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, MessageHandler, filters

from bot.actions import about, codebooks, stars, themes, unit
from handlers import which
from handlers.buttons import presses
from handlers.context import Context, dialog_of, in_dialog, is_person, sender, who
from handlers.contributions import given
from storage import networks


class leads_none(filters.UpdateFilter):
    """Lets a coordinator through who leads no network: theirs are the themes that all can begin with."""

    def filter(self, update: Update) -> bool:
        """Look the person up."""
        person = sender(update) if is_person(update) else None
        if person is None or not person.coordinator:
            return False
        return not networks.led_by(unit.current().db, person.id)


async def on_programme(update: Update, context: Context) -> None:
    """`/themes` of such a coordinator."""
    person = who(update, context)
    if person is not None:
        context.say(themes.programme(context.db, person, context.desk, now=context.now))


async def on_given(update: Update, context: Context) -> None:
    """A theme's name or words, or a file."""
    message, person, dialog = update.effective_message, who(update, context), dialog_of(update)
    if message is None or person is None or dialog is None:
        return
    said = given(message, context.raw.get("message") or {})
    context.say(themes.given(context.db, person, dialog, said, context.desk, now=context.now))


PRIVATE = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(PRIVATE & which.commanded("themes") & leads_none(), on_programme),
    which.command("themes", lambda leader, _: themes.begin(leader)),
    presses("themes", themes.pressed),
    presses("about", about.pressed),
    presses("stars", stars.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(
        PRIVATE & ~filters.COMMAND & ~filters.StatusUpdate.ALL & in_dialog(codebooks.KIND), on_given
    ),
]
