"""`/consent`, and the buttons of *What I agreed to* and *How I appear*."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import appear, consents
from handlers.buttons import presses
from handlers.me import personal

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    personal("consent", consents.begin, nobody=consents.nothing),
    presses("consents", consents.pressed),
    presses("appear", appear.pressed),
]
