"""Points that one person raised: their authors' buttons, and the words they type instead."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import singles
from handlers.buttons import presses, types

HANDLERS: list[BaseHandler[Any, Any, Any]] = [presses("singles", singles.pressed)]
DIALOGS: list[BaseHandler[Any, Any, Any]] = [types(singles.DIALOG, singles.typed)]
