"""`/forget`, and the buttons that follow."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import erasing
from handlers.buttons import presses
from handlers.me import personal

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    personal("forget", lambda db, who, desk, now: erasing.begin(db, who, desk), nobody=erasing.nothing),
    presses("erasing", erasing.pressed),
]
