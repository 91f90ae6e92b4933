"""The hint about persons in an answer, and `/subject`. Masking itself is pressed in drafts: handlers/digests.py."""

from typing import Any

from telegram.ext import BaseHandler

from bot.actions import masking, persons
from handlers import which
from handlers.buttons import presses

HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("subject", lambda leader, asked: masking.set_subject(leader, asked.behind)),
    presses("persons", persons.pressed),
]
