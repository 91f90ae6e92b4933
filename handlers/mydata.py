"""`/mydata`, and its button in /me."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import erasing, mydata
from handlers.buttons import presses
from handlers.me import personal

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    personal("mydata", mydata.ask, nobody=erasing.nothing),
    presses("mydata", mydata.pressed),
]
