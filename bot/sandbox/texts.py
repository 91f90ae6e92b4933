"""Texts as they come into the sandbox: what a bot formatted, what a person typed."""

import json
from typing import Any

from bot.sandbox.entities import EntityError, parse_html, tidy, to_html, units
from bot.sandbox.errors import bad
from bot.sandbox.model import Json

__all__ = ["MAX_CAPTION", "MAX_TEXT", "cut", "formatted", "loads", "tidy", "to_html", "typed", "units"]

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ENTITIES = 100


def cut(text: str, offset: int, length: int) -> str:
    """Return a piece of a text by UTF-16 units."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def formatted(text: str, *, parse_mode: str | None, entities: Any = None) -> tuple[str, list[Json]]:
    """Return the text a bot sends and its entities; only the first hundred are rendered."""
    if parse_mode and parse_mode.lower() == "html":
        try:
            text, found = parse_html(text, auto=True)
        except EntityError as error:
            raise bad(str(error)) from None
    elif parse_mode:
        raise bad("unsupported parse_mode")  # the sandbox speaks HTML, as the bot does
    else:
        text, found = tidy(text, entities if isinstance(entities, list) else [], auto=True)
    return text, found[:MAX_ENTITIES]


def typed(text: str) -> tuple[str, list[Json]]:
    """Return what a person typed and the entities found in it."""
    return tidy(text, [], auto=True)


def loads(value: Any) -> Any:
    """Return a nested object, which forms carry as JSON."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            raise bad("can't parse JSON encoded object") from None
    return value
