"""Digests: `/digest`, the buttons of a draft, and what is typed into one.

A button is an entry of `draft_presses.VERBS`.
"""

from collections.abc import Iterable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.actions import draft_authors, draft_presses
from bot.actions.draft_press import DIALOG, Reaction
from bot.actions.which import Leader
from bot.core.mail import Letter
from handlers import which
from handlers.buttons import stale
from handlers.context import Context, in_dialog, press, pressed_message, who
from handlers.which import Asked


def run_digest(leader: Leader, asked: Asked) -> Iterable[Letter]:
    """`/digest`: the draft as it would be now."""
    return draft_presses.show_now(leader)


async def on_about(update: Update, context: Context) -> None:
    """Somebody in a group asks what this message is; people who have not joined may, too."""
    pressed, user, person = press(update), update.effective_user, who(update, context)
    language = person.language if person else user.language_code if user else None
    found = pressed.id if pressed is not None else 0
    _react(context, draft_presses.about(context.db, found, context.desk, language, now=context.now))


async def on_word(update: Update, context: Context) -> None:
    """The author of a private answer says whether its words may go out."""
    pressed, person = press(update), who(update, context)
    if pressed is None or person is None:
        stale(context, person)
        return
    yes, message = pressed.action == "digests.yes", pressed_message(update)
    _react(
        context,
        draft_authors.answered(context.db, person, yes, pressed.id, message, context.desk, now=context.now),
    )


async def on_press(update: Update, context: Context) -> None:
    """A button of a draft."""
    pressed, person = press(update), who(update, context)
    if pressed is None or person is None:
        stale(context, person)
        return
    verb = pressed.action.removeprefix("digests.")
    _react(
        context,
        draft_presses.pressed(
            context.db,
            person,
            verb,
            pressed.id,
            pressed.nonce,
            pressed_message(update),
            context.desk,
            now=context.now,
        ),
    )


async def on_text(update: Update, context: Context) -> None:
    """A facilitator's own words, or another hour."""
    message, person = update.effective_message, who(update, context)
    if message is None or person is None:
        return
    context.say(draft_presses.typed(context.db, person, message.text or "", context.desk, now=context.now))


def _react(context: Context, reaction: Reaction) -> None:
    context.answer(reaction.answer, alert=reaction.alert)
    context.say(reaction.letters)


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("digest", run_digest),
    CallbackQueryHandler(on_about, pattern=r"^v1:digests\.about:"),
    CallbackQueryHandler(on_word, pattern=r"^v1:digests\.(yes|no):"),
    CallbackQueryHandler(on_press, pattern=r"^v1:digests\."),
]
PRIVATE_TEXT = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND
DIALOGS: list[BaseHandler[Any, Any, Any]] = [MessageHandler(PRIVATE_TEXT & in_dialog(DIALOG), on_text)]
