"""`/helptext`, its buttons, and what is typed instead of a button."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import helptext
from handlers import which
from handlers.buttons import presses, types

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("helptext", lambda leader, asked: helptext.begin(leader, asked.behind)),
    presses("helptext", helptext.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [types("helptext", helptext.typed)]
