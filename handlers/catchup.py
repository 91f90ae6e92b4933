"""`/catchup`, `/open` and their buttons."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import catchup
from handlers.buttons import presses
from handlers.me import personal

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    personal("catchup", catchup.begin),
    personal("open", catchup.open_ones),
    presses("catchup", catchup.pressed),
]
