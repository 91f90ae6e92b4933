"""`/start` with whatever stands behind it, the steps of joining, and knocks."""

import re
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.actions import answering, arriving, helping, joining, setup
from bot.core import mail
from bot.core.letters import Press
from bot.core.mail import Letter
from handlers.aside import arguments, private, visitor
from handlers.context import Context, in_dialog, press, pressed_message, who
from storage import dialogs, networks, people
from storage.people import Person

START = re.compile(r"(setup|j|g|p)_([A-Za-z0-9_-]{1,64})")


async def on_start(update: Update, context: Context) -> None:
    """Somebody opened the private chat: by a link, or having found the bot."""
    guest, person = visitor(update), who(update, context)
    if guest is None or not private(update):
        return  # Telegram sends /start to a group when the bot is added: that is told by another update
    if person is not None and not person.reachable:
        people.change(context.db, person.id, reachable=True)
    said = arguments(update)
    db, desk, now = context.db, context.desk, context.now
    match = START.fullmatch(said)
    if match is None:
        if said not in ("", "help"):
            context.say(mail.say(guest.to, guest.text(desk)("joining.link_unknown")))
            return
        resumed = [] if person is None else joining.resumed(db, person, desk, now=now)
        context.say(resumed or helping.help_for(db, guest, person, desk))
    elif match[1] == "setup":
        context.say(setup.claim(db, guest, match[2], desk, now=now))
    else:
        context.say(arriving.opened(db, guest, match[1], match[2], desk, now=now))


async def on_kept(update: Update, context: Context) -> None:
    """*What is kept*, in a group: told to who asked, kept or not."""
    pressed, guest = press(update), visitor(update)
    network = None if pressed is None else networks.get(context.db, pressed.id)
    text = context.desk.text(network.language if network is not None else guest.language if guest else None)
    context.answer(text.plain("joining.kept_alert"), alert=True)


async def on_all_right(update: Update, context: Context) -> None:
    """*All right*, below a message that needs no answer."""
    context.answer()


async def on_press(update: Update, context: Context) -> None:
    """A step of joining, or a facilitator's word on somebody who knocked."""
    pressed, person = press(update), who(update, context)
    letters = None
    if pressed is not None and person is not None:
        letters = _taken(update, context, person, pressed)
    if letters is None:
        guest = visitor(update)
        language = person.language if person else guest.language if guest else None
        context.answer(context.desk.text(language).plain("error.stale_button"), alert=True)
        return
    context.answer()
    context.say(letters)


def _taken(update: Update, context: Context, person: Person, pressed: Press) -> list[Letter] | None:
    message_id, db, desk, now = pressed_message(update), context.db, context.desk, context.now
    match pressed.action:
        case "joining.answer":
            return answering.begin(db, person, pressed.id, desk, now=now)
        case "joining.let" | "joining.refuse":
            let_in = pressed.action == "joining.let"
            return arriving.settle_knock(
                db, person, pressed.id, let_in=let_in, message_id=message_id, desk=desk, now=now
            )
    verb = pressed.action.removeprefix("joining.")
    return joining.pressed(
        db, person, verb, pressed.id, pressed.nonce, message_id=message_id, desk=desk, now=now
    )


async def on_typed(update: Update, context: Context) -> None:
    """A number or the words of a button, typed."""
    person, message = who(update, context), update.effective_message
    dialog = None if person is None else dialogs.of(context.db, person.id, now=context.now)
    if person is None or message is None or dialog is None:
        return
    words = message.text or ""
    context.say(joining.typed(context.db, person, dialog, words, context.desk, now=context.now))


NEW = filters.UpdateType.MESSAGE
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    CommandHandler("start", on_start, filters=NEW),
    CallbackQueryHandler(on_kept, pattern=r"^v1:joining\.kept:"),
    CallbackQueryHandler(on_all_right, pattern=r"^v1:joining\.ok:"),
    CallbackQueryHandler(on_press, pattern=r"^v1:joining\."),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [
    MessageHandler(NEW & filters.ChatType.PRIVATE & ~filters.COMMAND & in_dialog("joining"), on_typed),
]
