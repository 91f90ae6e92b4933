"""`/ready`: what is missing before people can join, its buttons, and what is typed."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import preparing
from handlers import which
from handlers.buttons import presses, types

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("ready", lambda leader, _: preparing.begin(leader)),
    presses("readiness", preparing.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [types("readiness", preparing.typed)]
