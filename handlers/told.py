"""The buttons below what an author is told of their words: something was left out of them."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import told
from handlers.buttons import presses

HANDLERS: list[BaseHandler[Any, Any, Any]] = [presses("told", told.pressed)]
