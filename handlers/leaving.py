"""`/leave`, the buttons that follow, and who leaves a group chat."""

from typing import Any

from telegram import ChatMember, Update
from telegram.ext import BaseHandler, ChatMemberHandler

from bot.actions import erasing, leaving
from handlers.buttons import presses
from handlers.context import Context
from handlers.me import personal
from storage import chats

OUT = (ChatMember.LEFT, ChatMember.BANNED)


async def on_member(update: Update, context: Context) -> None:
    """Somebody's standing in a group has changed; only who is out of it is our affair."""
    change = update.chat_member
    if change is None:
        return
    standing = (context.raw.get("chat_member") or {}).get("new_chat_member") or {}
    out = standing.get("status") in OUT or (
        standing.get("status") == ChatMember.RESTRICTED and not standing.get("is_member")
    )
    chat = chats.by_telegram_id(context.db, change.chat.id) if out else None
    if chat is not None:
        user = change.new_chat_member.user
        # Who was taken out by somebody else comes back by an invitation, as by /members.
        how: leaving.How = "group" if change.from_user.id == user.id else "taken_out"
        context.say(leaving.out_of_group(context.db, chat, user.id, context.desk, how=how, now=context.now))


HANDLERS: list[BaseHandler[Any, Any, Any]] = [
    personal("leave", lambda db, who, desk, now: leaving.begin(db, who, desk), nobody=erasing.nothing),
    presses("leaving", leaving.pressed),
    ChatMemberHandler(on_member, ChatMemberHandler.CHAT_MEMBER),
]
