"""The Bot API's methods, one file per subject; each has a table `METHODS` from name to function.

Add one: write `def method(state, params) -> result` and put its name into its file's table.
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.params import Params
from bot.sandbox.state import State

Method = Callable[[State, Params], Any]


def table() -> dict[str, tuple[str, Method]]:
    """Return every method by its name in lower case: Telegram doesn't mind case."""
    from bot.sandbox.methods import about, chats, editing, media, members, messages, polls, presses, topics

    modules = (about, chats, editing, media, members, messages, polls, presses, topics)
    return {name.lower(): (name, method) for module in modules for name, method in module.METHODS.items()}
