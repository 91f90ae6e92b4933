"""What people do: write, reply, edit, react, press, vote. The driver and the browser page both call these."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.sandbox import delivery, markup, membership, render, sending, texts
from bot.sandbox.methods import polls
from bot.sandbox.methods.media import shown
from bot.sandbox.methods.messages import forwarded_body
from bot.sandbox.model import RIGHTS, Chat, Entry, Json, Poll, Query, StoredFile, User
from bot.sandbox.state import State

START = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Impossible(Exception):
    """Something that Telegram's apps would not let this person do."""


def _check_present(state: State, user: User, chat: Chat) -> None:
    if chat.is_private:
        if chat.user is not user:
            raise Impossible(f"{user.first_name} cannot write in somebody else's private chat")
        if chat.blocked:
            raise Impossible(f"{user.first_name} has blocked the bot: unblock or start it first")
        return
    member = chat.members.get(user.id)
    if member is None or not member.present or chat.migrated_to is not None:
        raise Impossible(f"{user.first_name} is not a member of {chat.title}")


def write(
    state: State,
    user: User,
    body: Json,
    *,
    chat: Chat | None = None,
    reply_to: Entry | None = None,
    thread: int | None = None,
) -> Entry:
    """Put a user's message into a chat: their private chat with the bot unless told otherwise."""
    chat = state.private(user) if chat is None else chat
    if user.id in state.users:
        _check_present(state, user, chat)
    state.act()
    if chat.is_private:
        chat.started = True
    reply_id, thread, extra = _reply(chat, reply_to, thread)
    entry = state.post(chat, user, {**body, **extra}, reply_to=reply_id, thread=thread)
    delivery.announce(state, entry)
    return entry


def _reply(chat: Chat, target: Entry | None, thread: int | None) -> tuple[int | None, int | None, Json]:
    if thread is not None and (
        thread not in chat.topics or chat.topics[thread].closed or chat.topics[thread].deleted
    ):
        raise Impossible("there is no such open topic")
    if target is None:
        return None, thread, {}
    if target.chat is not chat or (thread is not None and target.thread != thread):
        quote = str(target.body.get("text", target.body.get("caption", "")))[:100]
        extra: Json = {"external_reply": sending.external_reply(target)}
        if quote:
            extra["quote"] = {"text": quote, "position": 0}
        return None, thread, extra
    if chat.forum:
        return target.id, target.thread, {}
    return target.id, sending.reply_thread(target), {}


def text_body(text: str) -> Json:
    """Return a typed text as part of a message."""
    text, entities = texts.typed(text)
    if not text or texts.units(text) > texts.MAX_TEXT:
        raise Impossible("a message has 1 to 4096 signs; apps split longer ones")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_body(caption: str | None) -> Json:
    """Return a typed caption as part of a message."""
    if not caption:
        return {}
    text, entities = texts.typed(caption)
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def start(state: State, user: User, payload: str = "") -> Entry:
    """Press Start, or open a link with a payload."""
    if payload and not START.fullmatch(payload):
        raise Impossible(f"{payload!r} cannot stand in a link: A-Z a-z 0-9 _ - only, at most 64")
    membership.set_blocked(state, user, False)
    return write(state, user, text_body(f"/start {payload}".strip()))


def follow(state: State, user: User, url: str, *, group: Chat | None = None) -> Entry | None:
    """Open a link: `start` starts the bot, `startgroup` adds it to `group`, an invite joins; others lead away."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    name = parts.path.strip("/")
    if parts.netloc.lower() not in ("t.me", "telegram.me"):
        return None
    if name.startswith("+"):
        join_by_link(state, user, url)
    elif name.lower() == str(state.bot.username).lower():
        if "startgroup" in query:
            return add_by_link(state, user, group, query["startgroup"][0], query.get("admin", [""])[0])
        return start(state, user, query.get("start", [""])[0])
    return None


def join_by_link(state: State, user: User, url: str) -> None:
    """Come into a group by its invite link."""
    for chat in state.chats.values():
        for link in chat.links:
            if link["invite_link"] == url and not link["is_revoked"]:
                state.act()
                membership.set_status(state, chat, user, "member", link=link)
                return
    raise Impossible(f"the invite link {url} is not valid")


def add_by_link(state: State, user: User, group: Chat | None, payload: str, rights: str) -> Entry | None:
    """Add the bot to a group with the rights that the link asks for; the group hears /start with the payload."""
    if group is None:
        raise Impossible("name the group to which the bot shall be added")
    state.act()
    membership.set_bot(state, group, user, "member")
    if rights:
        wanted = {f"can_{right}" for right in rights.replace("+", " ").split()}
        granted = {right: right in wanted or right == "can_manage_chat" for right in RIGHTS}
        membership.set_bot(state, group, user, "administrator", granted)
    if not payload:
        return None
    return write(state, user, text_body(f"/start@{state.bot.username} {payload}"), chat=group)


def edit(state: State, user: User, entry: Entry, text: str) -> Entry:
    """Change the text or caption of one's own message."""
    if entry.sender is not user or entry.deleted:
        raise Impossible("one can edit only one's own messages")
    state.act()
    media = "text" not in entry.body
    body = caption_body(text) if media else text_body(text)
    gone = ("caption", "caption_entities", "text", "entities", "edit_date")
    entry.versions.append(entry.body)
    kept = {key: value for key, value in entry.body.items() if key not in gone}
    entry.body = {**kept, **body, "edit_date": state.seconds()}
    state.changes.fire()
    delivery.announce_edit(state, entry)
    return entry


def delete(state: State, entry: Entry) -> None:
    """Delete a message; no bot is ever told."""
    state.act()
    entry.deleted = True
    state.changes.fire()


def react(state: State, user: User, entry: Entry, *emoji: str, anonymous: bool = False) -> None:
    """Set a user's reactions to a message; the bot is told if it is administrator."""
    state.act()
    old = entry.reactions.get(user.id, [])
    new: list[Json] = [{"type": "emoji", "emoji": one} for one in emoji]
    if new:
        entry.reactions[user.id] = new
    else:
        entry.reactions.pop(user.id, None)
    state.changes.fire()
    chat = entry.chat
    if old == new or chat.is_private or not state.bot_is_admin(chat):
        return
    who: Json = {"actor_chat": render.chat(chat)} if anonymous else {"user": render.user(user)}
    change = {
        "chat": render.chat(chat),
        "message_id": entry.id,
        **who,
        "date": state.seconds(),
        "old_reaction": old,
        "new_reaction": new,
    }
    state.queue.push("message_reaction", change, chat_id=chat.id)


def count_reactions(state: State, entry: Entry, counts: dict[str, int]) -> None:
    """Let anonymous reactions arrive: counts only, no names."""
    state.act()
    change = {
        "chat": render.chat(entry.chat),
        "message_id": entry.id,
        "date": state.seconds(),
        "reactions": [
            {"type": {"type": "emoji", "emoji": one}, "total_count": count} for one, count in counts.items()
        ],
    }
    if state.bot_is_admin(entry.chat):
        state.queue.push("message_reaction_count", change, chat_id=entry.chat.id)


def button(entry: Entry, what: str) -> Json:
    """Return the button with this label or callback data."""
    every = [one for row in markup.buttons(entry.body) for one in row]
    exact = [one for one in every if what in (one["text"], one.get("callback_data"))]
    close = [one for one in every if what in one["text"]]
    if exact or close:
        return (exact or close)[0]
    labels = ", ".join(repr(one["text"]) for one in every) or "no buttons"
    raise Impossible(f"no button {what!r} under message {entry.id}; it has {labels}")


def press(state: State, user: User, entry: Entry, what: str) -> Query | Entry | str:
    """Press a button: a query to the bot, or a link that is followed."""
    one = button(entry, what)
    if "url" in one:
        return follow(state, user, one["url"]) or str(one["url"])
    return send_query(state, user, entry, str(one["callback_data"]))


def send_query(state: State, user: User, entry: Entry, data: str) -> Query:
    """Send callback data, as a button does, or somebody who forges one."""
    state.act()
    query = Query(str(4_400_000_000_000_000 + state.number("query")), user, entry, data, state.clock.now())
    state.queries[query.id] = query
    payload = {
        "id": query.id,
        "from": render.user(user),
        "message": render.message(entry),
        "chat_instance": str(abs(entry.chat.id) * 7919),
        "data": data,
    }
    state.queue.push("callback_query", payload, chat_id=entry.chat.id)
    return query


def vote(state: State, user: User, entry: Entry, options: list[int]) -> None:
    """Vote by the positions of options; none takes the vote back."""
    poll: Poll = state.polls[entry.body["poll"]["id"]]
    if poll.body["is_closed"]:
        raise Impossible("the poll is closed")
    state.act()
    chosen = tuple(str(poll.body["options"][number]["persistent_id"]) for number in options)
    if chosen:
        poll.votes[user.id] = chosen
    else:
        poll.votes.pop(user.id, None)
    polls.count(poll)
    if not poll.body["is_anonymous"]:
        answer = {
            "poll_id": poll.body["id"],
            "user": render.user(user),
            "option_ids": sorted(options),
            "option_persistent_ids": sorted(chosen),
        }
        state.queue.push("poll_answer", answer, chat_id=None)
    polls.tell(state, poll)


def forward(
    state: State, user: User, entry: Entry, *, chat: Chat | None = None, thread: int | None = None
) -> Entry:
    """Forward a message to the bot or into a group."""
    return write(state, user, forwarded_body(entry), chat=chat, thread=thread)


def file_body(file: StoredFile, caption: str | None = None, **extra: Any) -> Json:
    """Return a message's content that shows a file."""
    return {**shown(file), **caption_body(caption), **extra}
