"""After the last day of all: nothing is taken and nothing kept, whatever comes; who speaks to the bot is told so."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler

from bot.actions import retention, unit
from handlers.aside import private, visitor
from handlers.context import Context, who


class Closed(BaseHandler[Update, Context, None]):
    """Takes every update there is once the last day has come, so that no other handler sees one."""

    def check_update(self, update: object) -> bool:
        """Whether it has come."""
        here = unit.current()
        return isinstance(update, Update) and retention.over(here.desk, now=here.now)


async def on_closed(update: Update, context: Context) -> None:
    """Somebody speaks to the bot, presses a button, or answers a question in a group."""
    guest, person = visitor(update), who(update, context)
    if guest is None:
        return
    if update.callback_query is not None:
        text = context.desk.text(guest.language if person is None else person.language)
        context.answer(text.plain("retention.closed_alert"), alert=True)
    elif update.message is not None and private(update):
        context.say(retention.closed(guest, person, context.desk))
    elif person is not None and person.reachable and _answers_us(update, context):
        context.say(retention.closed(guest, person, context.desk))  # in private: the group is its members'


def _answers_us(update: Update, context: Context) -> bool:
    replied = None if update.message is None else update.message.reply_to_message
    return (
        replied is not None and replied.from_user is not None and replied.from_user.id == context.desk.bot_id
    )


HANDLERS: list[BaseHandler[Any, Any, Any]] = [Closed(on_closed)]
