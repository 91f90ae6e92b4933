"""Reactions: who feels what about a message, or only how many where people are anonymous."""

from typing import Any

from telegram import ReactionType, ReactionTypeCustomEmoji, ReactionTypeEmoji, Update
from telegram.ext import BaseHandler, MessageReactionHandler

from bot.actions import reactions
from handlers.context import Context, is_person


async def on_reaction(update: Update, context: Context) -> None:
    """Keep the current set of a person; a channel or an anonymous administrator is none."""
    change = update.message_reaction
    if change is None or change.user is None or not is_person(update):
        return
    reactions.take(
        context.db,
        change.chat.id,
        change.message_id,
        author=change.user.id,
        emojis=[_name(one) for one in change.new_reaction],
        at=change.date,
    )


async def on_count(update: Update, context: Context) -> None:
    """Keep the counts of a message on which people react anonymously."""
    change = update.message_reaction_count
    if change is None:
        return
    counts = {_name(one.type): one.total_count for one in change.reactions}
    reactions.count(context.db, change.chat.id, change.message_id, counts, at=change.date)


def _name(reaction: ReactionType) -> str:
    match reaction:
        case ReactionTypeEmoji():
            return reaction.emoji
        case ReactionTypeCustomEmoji():
            return f"custom:{reaction.custom_emoji_id}"
    return reaction.type


UPDATED = MessageReactionHandler.MESSAGE_REACTION_UPDATED
COUNTED = MessageReactionHandler.MESSAGE_REACTION_COUNT_UPDATED
HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    MessageReactionHandler(on_reaction, message_reaction_types=UPDATED),
    MessageReactionHandler(on_count, message_reaction_types=COUNTED),
]
