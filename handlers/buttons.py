"""What the handlers of pressed buttons and of typed words have in common."""

from collections.abc import Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.core.mail import Letter
from handlers.context import Context, dialog_of, in_dialog, press, pressed_message, who
from storage.people import Person

PRIVATE_TEXT = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.TEXT & ~filters.COMMAND


def stale(context: Context, person: Person | None) -> None:
    """Say that a button is of no use any more."""
    text = context.desk.text(person.language if person else None)
    context.answer(text.plain("error.stale_button"), alert=True)


def presses(subject: str, act: Callable[..., list[Letter] | None]) -> BaseHandler[Any, Any, Any]:
    """Return the handler of a subject's buttons: `act` checks rights and state, and returns None for a stale one."""

    async def on_press(update: Update, context: Context) -> None:
        pressed, person = press(update), who(update, context)
        letters = None
        if pressed is not None and person is not None:
            letters = act(
                context.db,
                person,
                pressed.action.removeprefix(f"{subject}."),
                pressed.id,
                pressed.nonce,
                message_id=pressed_message(update),
                desk=context.desk,
                now=context.now,
            )
        if letters is None:
            stale(context, person)
        else:
            context.answer()
            context.say(letters)

    return CallbackQueryHandler(on_press, pattern=rf"^v1:{subject}\.")


def types(kind: str, act: Callable[..., list[Letter]]) -> BaseHandler[Any, Any, Any]:
    """Return the handler of what is typed in a dialog: `act(db, person, dialog, words, desk, now=…)`."""

    async def on_typed(update: Update, context: Context) -> None:
        person, dialog, message = who(update, context), dialog_of(update), update.effective_message
        if person is not None and dialog is not None and message is not None:
            words = message.text or ""
            context.say(act(context.db, person, dialog, words, context.desk, now=context.now))

    return MessageHandler(PRIVATE_TEXT & in_dialog(kind), on_typed)
