"""The one error handler: marks the unit of work as failed, so that the worker rolls it back."""

from telegram.ext import ApplicationHandlerStop

from bot.actions import unit
from handlers.context import Context


async def on_error(update: object, context: Context) -> None:
    """Mark the failure; without the stop, later handler groups would go on writing."""
    unit.current().failure = context.error
    raise ApplicationHandlerStop
