"""What the bot is told: who may see a message, and the updates that come of it."""

from bot.sandbox import render
from bot.sandbox.model import Chat, Entry, Json
from bot.sandbox.state import State


def reaches(state: State, chat: Chat) -> bool:
    """Whether the bot is in the chat at all."""
    if chat.is_private:
        return not chat.blocked
    member = state.membership(chat)
    return member is not None and member.present


def sees(state: State, entry: Entry) -> bool:
    """Whether the bot gets a message: in privacy mode only commands, replies to it and service messages."""
    chat = entry.chat
    if entry.sent_by_bot or not reaches(state, chat):
        return False  # a bot is never told what it sent itself
    if entry.sender.is_bot and "sender_chat" not in entry.body:
        return False  # nor what other bots say
    if chat.is_private or state.reads_all or state.bot_is_admin(chat) or entry.service:
        return True
    replied = chat.entry(entry.reply_to) if entry.reply_to is not None else None
    return _is_command(state, entry.body) or (replied is not None and replied.sent_by_bot)


def _is_command(state: State, body: Json) -> bool:
    text = str(body.get("text", ""))
    for entity in body.get("entities", []):
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            name, _, bot = text[: entity["length"]].partition("@")
            return bool(name) and bot.lower() in ("", str(state.bot.username).lower())
    return False


def announce(state: State, entry: Entry) -> None:
    """Tell the bot of a new message."""
    if sees(state, entry):
        entry.shown = True
        state.queue.push("message", render.message(entry), chat_id=entry.chat.id)


def announce_edit(state: State, entry: Entry) -> None:
    """Tell the bot of a changed message, if it knows it."""
    if entry.shown and sees(state, entry):
        state.queue.push("edited_message", render.message(entry), chat_id=entry.chat.id)
