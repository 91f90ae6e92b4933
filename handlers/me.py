"""`/me` and what hangs on it here: my answers, quiet hours, pause."""

from collections.abc import Callable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.actions import helping, me, mine, quiet
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core.mail import Letter
from handlers.aside import arguments, led_aside, private, visitor
from handlers.buttons import presses
from handlers.context import Context
from storage.people import Person


def _stranger(guest: Visitor, desk: Desk) -> list[Letter]:
    return helping.stranger(guest, None, desk)


def personal(
    name: str,
    run: Callable[..., list[Letter]],
    *,
    words: bool = False,
    nobody: Callable[[Visitor, Desk], list[Letter]] = _stranger,
) -> BaseHandler[Any, Any, Any]:
    """Return the handler of a command about oneself: answered in private, wherever it was typed.

    `run(db, person, desk, now=…)`; with `words` it gets what stands behind the command as well.
    """

    async def on_command(update: Update, context: Context) -> None:
        guest, person = visitor(update), led_aside(update, context)
        if guest is None:
            return
        if person is not None:
            context.say(_run(context, person, arguments(update)))
        elif private(update):
            context.say(nobody(guest, context.desk))

    def _run(context: Context, person: Person, said: str) -> list[Letter]:
        more = (said,) if words else ()
        return run(context.db, person, *more, context.desk, now=context.now)

    return CommandHandler(name, on_command, filters=filters.UpdateType.MESSAGE)


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    personal("me", me.begin),
    personal("quiet", quiet.hours_typed, words=True),
    personal("pause", quiet.pause_typed, words=True),
    presses("me", me.pressed),
    presses("mine", mine.pressed),
    presses("quiet", quiet.pressed),
    presses("pause", quiet.pause_pressed),
]
