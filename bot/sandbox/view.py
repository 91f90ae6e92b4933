"""What one person sees: their chats and messages in the form that the browser page draws.

A new kind of message is a line in `_media` or `_service`, and its drawing in `page/page.js`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox import markup
from bot.sandbox.model import Chat, Entry, Json, Member, User
from bot.sandbox.state import State

NEWEST = 400  # so many messages of a chat are shown
INLINE = ("application/pdf", "text/plain", "text/calendar")
LABELS = {
    "voice": "Voice message",
    "audio": "Audio",
    "video": "Video",
    "video_note": "Video message",
    "animation": "GIF",
    "document": "File",
    "photo": "Photo",
}


@dataclass
class Viewer:
    """A person at the page, and what their browser has been told already."""

    state: State
    person: int | None
    zone: str
    roles: Mapping[int, str]
    sent: dict[tuple[int, int], str] = field(default_factory=dict)
    answers: int = 0
    first: bool = True

    @property
    def user(self) -> User | None:
        """The person, if there is such a one."""
        return None if self.person is None else self.state.users.get(self.person)

    def view(self) -> Json:
        """Return everything but messages, and of the messages those that changed since the last view."""
        user, state = self.user, self.state
        chats = [] if user is None else visible(state, user)
        changed, gone = self._messages(chats)
        reset, self.first = self.first, False
        return {
            "reset": reset,
            "me": None if user is None else user.id,
            "now": state.clock.now().timestamp() * 1000,
            "rate": state.clock.rate,
            "next": None if (ahead := state.clock.upcoming) is None else ahead.timestamp() * 1000,
            "zone": self.zone,
            "bot": {"id": state.bot.id, "name": bot_name(state), "username": state.bot.username},
            "people": [self._person(one) for one in state.users.values() if not one.is_bot],
            "groups": [{"id": one.id, "title": one.title} for one in state.chats.values() if _alive(one)],
            "chats": [] if user is None else [self._chat(user, one) for one in chats],
            "messages": changed,
            "gone": gone,
        }

    def new_answers(self) -> list[Json]:
        """Return what the bot answered to this person's button presses since the last time."""
        new, self.answers = self.state.answers[self.answers :], len(self.state.answers)
        return [
            {"text": one.text, "alert": one.alert, "url": one.url}
            for one in new
            if one.user_id == self.person
        ]

    def _person(self, user: User) -> Json:
        return {"id": user.id, "name": name(user), "role": self.roles.get(user.id)}

    def _messages(self, chats: list[Chat]) -> tuple[dict[int, list[Json]], dict[int, list[int]]]:
        now: dict[tuple[int, int], str] = {}
        changed: dict[int, list[Json]] = {}
        for chat in chats:
            for entry in _newest(chat):
                message = self._message(entry)
                now[chat.id, entry.id] = mark = json.dumps(message)
                if self.sent.get((chat.id, entry.id)) != mark:
                    changed.setdefault(chat.id, []).append(message)
        gone: dict[int, list[int]] = {}
        for chat_id, entry_id in self.sent.keys() - now.keys():
            gone.setdefault(chat_id, []).append(entry_id)
        self.sent = now
        return changed, gone

    # one chat

    def _chat(self, user: User, chat: Chat) -> Json:
        pinned = [entry for number in chat.pinned if (entry := chat.entry(number)) is not None]
        common = {
            "id": chat.id,
            "pinned": {"id": pinned[-1].id, "text": short(pinned[-1])} if pinned else None,
            "commands": commands(self.state, user, chat),
            **_keyboard(chat),
        }
        if chat.is_private:
            state = "blocked" if chat.blocked else "ok" if chat.started else "start"
            there = {"kind": "private", "title": bot_name(self.state), "subtitle": "bot", "state": state}
            intro = described(self.state, user)
            return {**common, **there, "intro": intro, "topics": [], "members": [], "admin": False}
        member = chat.members[user.id]
        may = member.is_admin or (chat.members_may_send and member.can_send)
        count = len(chat.present())
        return {
            **common,
            "kind": "group",
            "title": chat.title,
            "subtitle": "1 member" if count == 1 else f"{count} members",
            "state": "ok" if may else "mute",
            "topics": [{"id": one.id, "name": one.name} for one in chat.topics.values() if not one.deleted],
            "members": [self._member(one) for one in chat.present()],
            "admin": member.is_admin,
        }

    def _member(self, member: Member) -> Json:
        standing = {"creator": "owner", "administrator": "administrator"}.get(member.status, "")
        return {**self._person(member.user), "status": "bot, " * member.user.is_bot + standing}

    # one message

    def _message(self, entry: Entry) -> Json:
        body, mine = entry.body, entry.sender.id == self.person and "sender_chat" not in entry.body
        common = {"id": entry.id, "at": body["date"] * 1000, "from": entry.sender.id, "mine": mine}
        if entry.service:
            return {
                **common,
                "service": True,
                "text": service(entry),
                "reactions": [],
                "topic": _topic(entry),
            }
        return {
            **common,
            "service": False,
            "name": author(self.state, entry),
            "role": self.roles.get(entry.sender.id),
            "text": body.get("text", body.get("caption", "")),
            "entities": body.get("entities", body.get("caption_entities", [])),
            "edited": "edit_date" in body,
            "silent": entry.silent,
            "forward": _forwarded_from(body),
            "reply": self._reply(entry),
            "media": media(body),
            "poll": self._poll(body),
            "buttons": [[_button(one) for one in row] for row in markup.buttons(body)],
            "reactions": self._reactions(entry),
            "topic": _topic(entry),
            "can_edit": mine and ("text" in body or "caption" in body) and "forward_origin" not in body,
            "can_delete": mine or self._moderates(entry.chat),
        }

    def _moderates(self, chat: Chat) -> bool:
        if chat.is_private:
            return True
        member = chat.members.get(self.person or 0)
        return member is not None and member.may("can_delete_messages")

    def _reply(self, entry: Entry) -> Json | None:
        quote = entry.body.get("quote", {}).get("text", "")
        if "external_reply" in entry.body:
            return {"id": 0, "name": "Another chat", "text": "", "quote": quote}
        if entry.reply_to is None or (entry.reply_to == entry.thread and entry.chat.forum):
            return None
        target = entry.chat.entry(entry.reply_to)
        if target is None:
            return {"id": entry.reply_to, "name": "", "text": "", "quote": quote}
        return {"id": target.id, "name": author(self.state, target), "text": short(target), "quote": quote}

    def _reactions(self, entry: Entry) -> list[Json]:
        by_emoji: dict[str, list[int]] = {}
        for user_id, given in entry.reactions.items():
            for one in given:
                by_emoji.setdefault(one.get("emoji", "★"), []).append(user_id)
        return [
            {
                "emoji": emoji,
                "count": len(ids),
                "mine": self.person in ids,
                "names": [self._name_of(one) for one in ids],
            }
            for emoji, ids in by_emoji.items()
        ]

    def _name_of(self, user_id: int) -> str:
        if user_id == self.state.bot.id:
            return bot_name(self.state)
        user = self.state.users.get(user_id)
        return name(user) if user else "Somebody"

    def _poll(self, body: Json) -> Json | None:
        if "poll" not in body:
            return None
        poll = body["poll"]
        known = self.state.polls.get(poll["id"])
        chosen = known.votes.get(self.person or 0, ()) if known else ()
        return {
            "question": poll["question"],
            "closed": poll["is_closed"],
            "several": poll["allows_multiple_answers"],
            "total": poll["total_voter_count"],
            "options": [
                {
                    "text": one["text"],
                    "count": one["voter_count"],
                    "mine": one.get("persistent_id") in chosen,
                }
                for one in poll["options"]
            ],
        }


def _alive(chat: Chat) -> bool:
    return not chat.is_private and not chat.deleted and chat.migrated_to is None


def visible(state: State, user: User) -> list[Chat]:
    """Return the chats in a person's list: the bot's private chat, and the groups they are in."""
    groups = [
        chat
        for chat in state.chats.values()
        if _alive(chat) and user.id in chat.members and chat.members[user.id].present
    ]
    return [*groups, state.private(user)]


def _newest(chat: Chat) -> list[Entry]:
    return [entry for entry in list(chat.entries.values())[-NEWEST:] if not entry.deleted]


def name(user: User) -> str:
    """Return a user's whole name."""
    return f"{user.first_name} {user.last_name}" if user.last_name else user.first_name


def bot_name(state: State) -> str:
    """Return the name under which the bot appears."""
    return str(state.settings.get("name:") or state.bot.first_name)


def described(state: State, user: User) -> str:
    """Return what stands in the bot's chat before one presses Start."""
    settings = state.settings
    return str(settings.get(f"description:{user.language or ''}") or settings.get("description:") or "")


def author(state: State, entry: Entry) -> str:
    """Return the name over a message: the chat's for those who speak as a chat."""
    if entry.sent_by_bot:
        return bot_name(state)
    return str(entry.body.get("sender_chat", {}).get("title") or name(entry.sender))


def short(entry: Entry) -> str:
    """Return a message in one line."""
    if entry.service:
        return service(entry)
    body = entry.body
    text = str(body.get("text", body.get("caption", "")))
    shown = media(body)
    words = text or (shown["label"] if shown else body.get("poll", {}).get("question", ""))
    return " ".join(str(words).split())[:120]


def service(entry: Entry) -> str:
    """Return what a service message says."""
    body, who = entry.body, name(entry.sender)
    if "new_chat_members" in body:
        joined = [one["first_name"] for one in body["new_chat_members"]]
        by_link = [one["id"] for one in body["new_chat_members"]] == [entry.sender.id]
        return f"{who} joined the group" if by_link else f"{who} added {', '.join(joined)}"
    if "left_chat_member" in body:
        left = body["left_chat_member"]
        return (
            f"{who} left the group"
            if left["id"] == entry.sender.id
            else f"{who} removed {left['first_name']}"
        )
    if "pinned_message" in body:
        pinned = body["pinned_message"]
        words = " ".join(str(pinned.get("text", pinned.get("caption", "a message"))).split())
        return f"{who} pinned “{words[:28]}{'…' * (len(words) > 28)}”"
    if "forum_topic_created" in body:
        return f"{who} made the topic “{body['forum_topic_created']['name']}”"
    if "new_chat_title" in body:
        return f"{who} changed the title to “{body['new_chat_title']}”"
    if "migrate_to_chat_id" in body or "migrate_from_chat_id" in body:
        return "The group was upgraded to a supergroup"
    if "group_chat_created" in body or "supergroup_chat_created" in body:
        return f"{who} created the group"
    kinds = [key for key in body if key not in ("date", "from", "sender_chat")]
    return f"{who}: {', '.join(kinds).replace('_', ' ')}"


def media(body: Json) -> Json | None:
    """Return the file that a message shows, or a word for what the page can't draw."""
    above = bool(body.get("show_caption_above_media"))
    for kind in ("photo", "animation", "video", "video_note", "voice", "audio", "document"):
        if kind in body:
            file = body[kind][-1] if kind == "photo" else body[kind]
            return {
                "kind": kind,
                "url": f"page/file/{file['file_id']}",
                "label": file.get("file_name") if kind == "document" else LABELS[kind],
                "name": file.get("file_name") or LABELS[kind],
                "size": file.get("file_size", 0),
                "width": file.get("width"),
                "height": file.get("height"),
                "duration": file.get("duration", 0),
                "inline": file.get("mime_type") in INLINE,
                "above": above,
            }
    if "sticker" in body:
        return {"kind": "sticker", "label": body["sticker"].get("emoji", "Sticker"), "above": False}
    if "venue" in body or "location" in body:
        place = body.get("venue", {}).get("title") or "{latitude}, {longitude}".format(**body["location"])
        return {"kind": "other", "label": f"📍 {place}", "above": False}
    if "contact" in body:
        contact = body["contact"]
        return {
            "kind": "other",
            "label": f"Contact: {contact['first_name']}, {contact['phone_number']}",
            "above": False,
        }
    return None


def _forwarded_from(body: Json) -> str | None:
    origin = body.get("forward_origin")
    if origin is None:
        return None
    sender = origin.get("sender_user") or origin.get("sender_chat") or origin.get("chat") or {}
    return str(
        sender.get("first_name") or sender.get("title") or origin.get("sender_user_name") or "somebody"
    )


def _button(button: Json) -> Json:
    if "url" in button:
        return {"text": button["text"], "kind": "url", "url": button["url"]}
    if "copy_text" in button:
        return {"text": button["text"], "kind": "copy", "value": button["copy_text"]["text"]}
    return {"text": button["text"], "kind": "callback" if "callback_data" in button else "other"}


def _topic(entry: Entry) -> int:
    return (entry.thread or 0) if entry.chat.forum else 0


def _keyboard(chat: Chat) -> Json:
    """Return the bot's keyboard below the chat, and what it wrote into the empty field."""
    for entry in reversed(_newest(chat)):
        if entry.keyboard is not None:
            rows = [
                [one["text"] if isinstance(one, dict) else str(one) for one in row]
                for row in entry.keyboard.get("keyboard", [])
            ]
            return {"keyboard": rows or None, "placeholder": entry.keyboard.get("input_field_placeholder")}
    return {"keyboard": None, "placeholder": None}


def commands(state: State, user: User, chat: Chat) -> list[Json]:
    """Return the commands Telegram would offer this person here: the narrowest scope that has any."""
    for scope in _scopes(user, chat):
        for language in (user.language or "", ""):
            for slot, given in state.settings.items():
                if _is_slot(slot, scope, language) and given:
                    return list(given)
    return []


def _scopes(user: User, chat: Chat) -> list[Json]:
    here = {"chat_id": str(chat.id)}
    if chat.is_private:
        return [{"type": "chat", **here}, {"type": "all_private_chats"}, {"type": "default"}]
    admin = [{"type": "chat_administrators", **here}] if chat.members[user.id].is_admin else []
    all_admins = [{"type": "all_chat_administrators"}] if admin else []
    member = {"type": "chat_member", **here, "user_id": str(user.id)}
    return [
        member,
        *admin,
        {"type": "chat", **here},
        *all_admins,
        {"type": "all_group_chats"},
        {"type": "default"},
    ]


def _is_slot(slot: str, scope: Json, language: str) -> bool:
    if not slot.startswith("commands:"):
        return False
    kept, _, slot_language = slot.removeprefix("commands:").rpartition(":")
    return slot_language == language and {key: str(one) for key, one in json.loads(kept).items()} == scope
