"""`/groups`, its buttons, and names that are typed."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import groups
from handlers import which
from handlers.buttons import presses, types

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("groups", lambda leader, asked: groups.begin(leader, asked.behind)),
    presses("groups", groups.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [types("groups", groups.typed)]
