"""`/talk`, its buttons, a telephone number, and what is written in a talk, which is passed on and kept nowhere."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.actions import alerts, danger, talk, talking, unit
from handlers.aside import arguments, led_aside, private, visitor
from handlers.buttons import presses
from handlers.context import Context, dialog_of, is_person, sender, who
from handlers.contributions import MESSAGES, given
from storage import contributions, dialogs, people
from storage.people import Person
from storage.talks import Talk

START = "talk"  # what stands behind ?start= in the link that leads here from a group


async def on_talk(update: Update, context: Context) -> None:
    """Somebody needs help, wherever they typed it."""
    guest, person = visitor(update), led_aside(update, context, START)
    if person is not None and private(update) and not person.reachable:
        people.change(context.db, person.id, reachable=True)
    if guest is not None and (person is not None or private(update)):
        context.say(talk.begin(context.db, guest, person, context.desk, now=context.now))


async def on_show(update: Update, context: Context) -> None:
    """The button in /help."""
    guest = visitor(update)
    if guest is not None:
        context.answer()
        context.say(talk.begin(context.db, guest, who(update, context), context.desk, now=context.now))


class for_talk(filters.UpdateFilter):
    """Lets `/start talk` through, which everything else would take for a wish to join."""

    def filter(self, update: Update) -> bool:
        """Read what stands behind it."""
        return arguments(update) == START


# What belongs to a talk ---------------------------------------------------------------------------------------------


def _said(update: Update) -> tuple[Person, int | None] | None:
    """Return who wrote a message, and the number of the one it replies to."""
    message = update.effective_message
    if message is None or not is_person(update):
        return None
    person = sender(update)
    reply = message.reply_to_message
    return None if person is None else (person, None if reply is None else reply.message_id)


def _talk_of(update: Update) -> Talk | None:
    said, here = _said(update), unit.current()
    return None if said is None else talking.talk_of(here.db, said[0].id, said[1], now=here.now)


def _was_talk(update: Update) -> bool:
    said, here = _said(update), unit.current()
    return said is not None and talking.was_talk(here.db, said[0].id, said[1], now=here.now)


class in_talk(filters.UpdateFilter):
    """Lets through what is passed on, and what would have been if the talk were still there."""

    def filter(self, update: Update) -> bool:
        """Look whose message it is, and what it replies to."""
        return _talk_of(update) is not None or _was_talk(update)


class changes_talk(filters.UpdateFilter):
    """Lets through other words for what was passed on: not for an answer, nor for what was said before."""

    def filter(self, update: Update) -> bool:
        """Look what the message was."""
        message, found = update.edited_message, _talk_of(update)
        if message is None or found is None or found.taken_at is None:
            return False
        if message.date < found.taken_at.replace(microsecond=0):  # Telegram's moments are whole seconds
            return False
        kept = contributions.behind(unit.current().db, message.chat_id, message.message_id)
        return kept is None


class types_number(filters.UpdateFilter):
    """Lets through what is typed when a telephone number was asked for."""

    def filter(self, update: Update) -> bool:
        """Look the dialog up."""
        dialog = dialog_of(update)
        return dialog is not None and dialog.kind == talk.KIND and dialog.step == talk.NUMBER


async def on_number(update: Update, context: Context) -> None:
    """A telephone number, typed or sent as a contact."""
    person, message = who(update, context), update.effective_message
    dialog = None if person is None else dialogs.of(context.db, person.id, now=context.now)
    if person is None or message is None or dialog is None:
        return
    number = message.contact.phone_number if message.contact else message.text or ""
    context.say(talk.typed(context.db, person, dialog, number, context.desk, now=context.now))


async def on_words(update: Update, context: Context) -> None:
    """Something for the other one, or other words for it."""
    person, message, found = who(update, context), update.effective_message, _talk_of(update)
    if person is None or message is None:
        return
    if found is None:
        context.say(talking.over(context.db, person, context.desk))
        return
    edited = update.edited_message is not None
    raw = context.raw.get("edited_message" if edited else "message") or {}
    letters = talking.written(
        context.db, person, found, given(message, raw), context.desk, now=context.now, edited=edited
    )
    context.say(letters)


PRIVATE = filters.ChatType.PRIVATE
NEW = filters.UpdateType.MESSAGE
LINKS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("start", on_talk, filters=NEW & PRIVATE & for_talk()),
]
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("talk", on_talk, filters=NEW),
    CallbackQueryHandler(on_show, pattern=r"^v1:talk\.show:"),
    presses("talk", talk.pressed),
    presses("danger", danger.pressed),
    presses("alert", alerts.pressed),
]
# Before all other dialogs: what is meant for one person must not end up anywhere else.
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(MESSAGES & PRIVATE & types_number(), on_number),  # a voice, too, is no answer now
    MessageHandler(MESSAGES & PRIVATE & in_talk(), on_words),
    MessageHandler(filters.UpdateType.EDITED_MESSAGE & PRIVATE & changes_talk(), on_words),
]
