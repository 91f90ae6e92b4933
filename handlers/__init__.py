"""Every handler, in the order in which they are asked: the first that fits an update takes it."""

from typing import Any

from telegram.ext import BaseHandler

from handlers import (
    answering,
    closing,
    contributions,
    digests,
    helping,
    joining,
    meetings,
    prompts,
    reactions,
    settings,
    setup,
    which,
)


def all_handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Return the handlers of all subjects: commands and presses first, then open dialogs, then what is left."""
    return [
        *closing.HANDLERS,
        *answering.LINKS,
        *joining.HANDLERS,
        *setup.HANDLERS,
        *settings.HANDLERS,
        *which.HANDLERS,
        *prompts.HANDLERS,
        *meetings.HANDLERS,
        *digests.HANDLERS,
        *helping.HANDLERS,
        *contributions.PRESSES,
        *answering.PRESSES,
        *reactions.HANDLERS,
        *joining.DIALOGS,
        *setup.DIALOGS,
        *settings.DIALOGS,
        *prompts.DIALOGS,
        *meetings.DIALOGS,
        *digests.DIALOGS,
        *contributions.HANDLERS,
        *answering.HANDLERS,
        *helping.LAST,
    ]
