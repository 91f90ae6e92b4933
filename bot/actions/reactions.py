"""Reactions of members to questions and answers: reading and reacting are taking part."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.actions.belonging import taking_part
from storage import chats, contributions, members, postings, reactions
from storage.chats import Chat
from storage.db import Connection


def take(
    db: Connection,
    telegram_chat_id: int,
    message_id: int,
    *,
    author: int,
    emojis: Sequence[str],
    at: datetime,
) -> None:
    """Keep what a member feels about a posting or an answer. `author` is a Telegram id, `at` Telegram's date."""
    chat = _ours(db, telegram_chat_id, message_id)
    known = None if chat is None else members.by_telegram_id(db, chat.network_id, author)
    member = taking_part(db, known)
    if chat is not None and member is not None:
        reactions.put(
            db,
            network_id=chat.network_id,
            chat_id=chat.id,
            message_id=message_id,
            member_id=member.id,
            emojis=emojis,
            at=at,
        )


def count(
    db: Connection, telegram_chat_id: int, message_id: int, counts: Mapping[str, int], *, at: datetime
) -> None:
    """Keep how often each emoji stands on a posting or an answer, where Telegram tells no more."""
    chat = _ours(db, telegram_chat_id, message_id)
    if chat is not None:
        reactions.count(db, chat_id=chat.id, message_id=message_id, counts=dict(counts), at=at)


def _ours(db: Connection, telegram_chat_id: int, message_id: int) -> Chat | None:
    """Return the chat, if the message is a posting or an answer, or may turn out to be a posting."""
    chat = chats.by_telegram_id(db, telegram_chat_id)
    if chat is None or chat.telegram_id != telegram_chat_id or not message_id:
        return None  # an id from before a migration means another message now
    known = (
        postings.behind(db, chat.id, message_id) is not None
        or contributions.behind(db, telegram_chat_id, message_id) is not None
        or bool(postings.unplaced(db, chat.id))  # its id may be this one; we don't know yet
    )
    return chat if known else None
