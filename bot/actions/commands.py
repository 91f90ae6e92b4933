"""The commands that Telegram offers, by scope and language. One more: its name here and its text `helping.cmd.<name>`.

In groups members are offered none: what is typed there is answered in private.
"""

import hashlib
import json
from typing import Any

from bot.actions.unit import Desk
from bot.core.mail import Letter, To

# Those who lead find theirs in the same list: Telegram can't tell facilitators from members in a private chat.
PRIVATE = (
    "help",
    "open",
    "catchup",
    "me",
    "pause",
    "quiet",
    "prompt",
    "choice",
    "scale",
    "statements",
    "prompts",
    "meeting",
    "meetings",
    "digest",
    "listen",
    "invite",
    "members",
    "settings",
    "groups",
    "themes",
    "subject",
    "ready",
    "helptext",
    "consent",
    "talk",
    "mydata",
    "forget",
    "leave",
    "privacy",
    "object",
)
GROUP_ADMINISTRATORS = ("setup",)
SCOPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("all_private_chats", PRIVATE),
    ("all_chat_administrators", GROUP_ADMINISTRATORS),
)


def letters(desk: Desk) -> list[Letter]:
    """Return the letters that set them; the same content was said before, and is not said again."""
    found = []
    for scope, names in SCOPES:
        for language in (None, *desk.texts.languages):
            if language == desk.texts.default:
                continue  # the list without a language is in it
            found.append(_letter(desk, scope, names, language))
    return found


def _letter(desk: Desk, scope: str, names: tuple[str, ...], language: str | None) -> Letter:
    text = desk.text(language)
    params: dict[str, Any] = {
        "scope": {"type": scope},
        "commands": [{"command": name, "description": text.plain(f"helping.cmd.{name}")} for name in names],
    }
    if language is not None:
        params["language_code"] = language
    content = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:16]
    key = f"commands:{scope}:{language or 'any'}:{content}"
    return Letter(To(), "setMyCommands", params, key=key, unsure="repeat")
