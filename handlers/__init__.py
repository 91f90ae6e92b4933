"""Every handler, in the order in which they are asked: the first that fits an update takes it."""

from typing import Any

from telegram.ext import BaseHandler

from handlers import contributions


def all_handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Return the handlers of all subjects: commands and presses first, then open dialogs, then what is left."""
    return [*contributions.HANDLERS]
