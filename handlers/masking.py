"""The hint about persons in an answer, and `/subject`. Masking itself is pressed in drafts: handlers/digests.py."""

from typing import Any

from telegram.ext import BaseHandler

# Their buttons, and the look at what comes in, register themselves.
from bot.actions import draft_masks as draft_masks
from bot.actions import draft_pictures as draft_pictures
from bot.actions import masking, persons
from handlers import which
from handlers.buttons import presses


def _behind(command: str) -> str:
    parts = command.split(maxsplit=1)
    return parts[1] if len(parts) > 1 else ""


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    which.command("subject", lambda leader, asked: masking.set_subject(leader, _behind(asked.text))),
    presses("persons", persons.pressed),
]
