"""The one way in which the bot's messages come into a chat."""

from dataclasses import dataclass

from bot.sandbox import access, markup, render, texts
from bot.sandbox.errors import bad
from bot.sandbox.model import Chat, Entry, Json
from bot.sandbox.params import Params
from bot.sandbox.state import State


@dataclass(frozen=True)
class Place:
    """Where in a chat a message goes."""

    chat: Chat
    thread: int | None
    reply_to: int | None
    extra: Json  # a quote, and what is replied to in another chat or topic


def place(state: State, params: Params) -> Place:
    """Return where a request wants its message, if that exists."""
    chat = access.speak(state, params)
    thread = _thread(state, chat, params.number("message_thread_id"))
    wanted = params.mapping("reply_parameters")
    reply_id = int(wanted.get("message_id", 0)) or params.integer("reply_to_message_id")
    if not reply_id:
        return Place(chat, thread, None, {})
    lenient = str(
        wanted.get("allow_sending_without_reply", params.text("allow_sending_without_reply"))
    ).lower()
    other = Params({"chat_id": wanted["chat_id"]}) if wanted.get("chat_id") else params
    source = access.reach(state, other)
    target = source.entry(reply_id)
    if target is None:
        # across chats there is no sending without the reply
        if lenient == "true" and source is chat:
            return Place(chat, thread, None, {})
        raise bad("message to be replied not found")
    quote = _quote(target, wanted)
    if source is not chat or (chat.forum and thread is not None and target.thread != thread):
        return Place(chat, thread, None, {"external_reply": external_reply(target), **quote})
    return Place(chat, target.thread if chat.forum else reply_thread(target), reply_id, quote)


def _quote(target: Entry, wanted: Json) -> Json:
    """Return the quoted part of what is replied to, which must stand there word for word."""
    if not wanted.get("quote"):
        return {}
    text, _ = texts.formatted(str(wanted["quote"]), parse_mode=wanted.get("quote_parse_mode"))
    whole = str(target.body.get("text", target.body.get("caption", "")))
    if text not in whole:
        raise bad("QUOTE_TEXT_INVALID")
    return {"quote": {"text": text, "position": texts.units(whole[: whole.index(text)]), "is_manual": True}}


def external_reply(target: Entry) -> Json:
    """Return how a message shows what it replies to elsewhere."""
    out: Json = {"origin": origin(target), "chat": render.chat(target.chat)}
    if target.chat.kind == "supergroup":
        out["message_id"] = target.id
    return out


def origin(target: Entry) -> Json:
    """Return where a message came from first."""
    if "forward_origin" in target.body:
        first: Json = target.body["forward_origin"]
        return first
    date = target.body["date"]
    if "sender_chat" in target.body:
        return {"type": "chat", "date": date, "sender_chat": target.body["sender_chat"]}
    return {"type": "user", "date": date, "sender_user": render.user(target.sender)}


def reply_thread(target: Entry) -> int | None:
    """Return the thread of a reply: without topics a chain of replies is one, with its first message's id."""
    if target.chat.kind != "supergroup":
        return None
    return target.thread if target.thread is not None else target.id


def _thread(state: State, chat: Chat, thread: int | None) -> int | None:
    if not thread:
        return None
    topic = chat.topics.get(thread)
    if not chat.forum:
        if any(entry.thread == thread for entry in chat.entries.values()):
            return thread
        raise bad("message thread not found")
    if topic is None or topic.deleted:  # also 1: the General topic has no id that one could send to
        raise bad("message thread not found")
    if topic.closed and not access.own(state, chat).may("can_manage_topics"):
        raise bad("TOPIC_CLOSED")
    return thread


def send(state: State, params: Params, body: Json, where: Place | None = None) -> Entry:
    """Send one message from the bot, unless it sends too fast."""
    where = where or place(state, params)
    inline, other = markup.split(where.chat, params.nested("reply_markup"))
    state.limits.take(where.chat.id, now=state.clock.now())
    if inline is not None:
        body["reply_markup"] = inline
    body |= where.extra
    if params.flag("protect_content"):
        body["has_protected_content"] = True
    if params.has("message_effect_id") and where.chat.is_private:
        body["effect_id"] = params.text("message_effect_id")
    entry = state.post(where.chat, state.bot, body, reply_to=where.reply_to, thread=where.thread)
    entry.keyboard = other
    entry.silent = params.flag("disable_notification")
    return entry
