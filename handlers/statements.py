"""Statements rounds: `/statements`, the choosing, the authors' word, and members' answers."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.actions import sentences, stances, statements
from bot.actions.which import Leader
from bot.core.mail import Letter
from handlers import which
from handlers.buttons import presses, stale, types
from handlers.context import Context, is_person, press, who
from handlers.which import Asked


def run_statements(leader: Leader, asked: Asked) -> list[Letter]:
    """`/statements`: choose the sentences of a round."""
    return statements.begin(leader)


async def on_stance(update: Update, context: Context) -> None:
    """Keep what was pressed below a round in the group; only who pressed is told."""
    pressed, person = press(update), who(update, context)
    told = None
    if pressed is not None and is_person(update):
        told = stances.here(context.db, person, pressed.id, pressed.nonce, context.desk, now=context.now)
    if told is None:
        stale(context, person)
    else:
        context.answer(told.words, url=told.url)  # no alert: there are several sentences to go through


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("statements", run_statements),
    CallbackQueryHandler(on_stance, pattern=r"^v1:stances\.here:"),
    presses("stances", stances.pressed),
    presses("sentences", sentences.pressed),
    presses("statements", statements.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [types(sentences.DIALOG, sentences.typed)]
