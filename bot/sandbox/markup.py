"""Keyboards that bots send, checked as Telegram checks them."""

import re
from typing import Any

from bot.sandbox.errors import bad
from bot.sandbox.model import Chat, Json

ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text")
ADDRESS = re.compile(r"(?:https?://|tg://)[^\s]+|[\w-]+(\.[\w-]+)+(/\S*)?", re.IGNORECASE)
MAX_DATA = 64


def split(chat: Chat, markup: Any) -> tuple[Json | None, Json | None]:
    """Return the inline keyboard, which the message will show, and any other keyboard."""
    if not markup:
        return None, None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None, markup
    rows = [[_button(chat, button) for button in row] for row in _rows(markup["inline_keyboard"]) if row]
    return ({"inline_keyboard": rows} if rows else None), None


def _rows(value: Any) -> list[list[Json]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad('can\'t parse inline keyboard: field "inline_keyboard" must be of type Array of Arrays')
    return value


def _button(chat: Chat, button: Json) -> Json:
    text = str(button.get("text", "")).strip()
    if not text:
        raise bad('can\'t parse inline keyboard button: field "text" must be non-empty')
    if not any(button.get(action) for action in ACTIONS):
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MAX_DATA:
        raise bad("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not ADDRESS.fullmatch(str(url)):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if "web_app" in button and not chat.is_private:
        raise bad("BUTTON_TYPE_INVALID")
    return {**button, "text": text}


def buttons(body: Json) -> list[list[Json]]:
    """Return the buttons a message shows."""
    rows: list[list[Json]] = body.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def forwarded(body: Json) -> Json:
    """Return the keyboard that survives forwarding: one of links only."""
    rows = buttons(body)
    if rows and all("url" in button for row in rows for button in row):
        return {"reply_markup": body["reply_markup"]}
    return {}
