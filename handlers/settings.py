"""`/settings`, its buttons, and what is typed instead of a button."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import settings
from handlers import which
from handlers.buttons import presses, types

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("settings", lambda leader, _: settings.begin(leader)),
    presses("settings", settings.pressed),
]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [types("settings", settings.typed)]
