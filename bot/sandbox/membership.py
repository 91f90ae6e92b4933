"""Coming and going: members, administrators, the bot itself, blocking, migration."""

from typing import Any

from bot.sandbox import delivery, render
from bot.sandbox.model import Chat, Entry, Json, Member, User, all_rights
from bot.sandbox.state import State


def met(state: State, user_id: int) -> bool:
    """Whether the bot has met a user: in private, or in a group it is in."""
    chat = state.chats.get(user_id)
    if user_id == state.bot.id or (chat is not None and chat.started):
        return True
    return any(user_id in chat.members for chat in state.chats.values() if state.membership(chat) is not None)


def _tell(
    state: State, kind: str, chat: Chat, by: User, old: Json, new: Json, link: Json | None = None
) -> None:
    if old == new:
        return
    change: Json = {
        "chat": render.chat(chat),
        "from": render.user(by),
        "date": state.seconds(),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    if link is not None:
        change["invite_link"] = link
    state.queue.push(kind, change, chat_id=chat.id)


def set_status(
    state: State,
    chat: Chat,
    user: User,
    status: str,
    *,
    by: User | None = None,
    link: Json | None = None,
    **changes: Any,
) -> Member:
    """Change how a user stands in a group; a bot that is administrator is told."""
    member = chat.members.get(user.id) or Member(user, "left")
    old, was_present = render.member(member), member.present
    member.status = status
    member.rights = changes.pop("rights", all_rights() if status in ("administrator", "creator") else {})
    for name, value in changes.items():
        setattr(member, name, value)
    chat.members[user.id] = member
    if state.bot_is_admin(chat):
        _tell(state, "chat_member", chat, by or user, old, render.member(member), link)
    if not was_present and member.present:
        _service(state, chat, by or user, {"new_chat_members": [render.user(user)]})
    if was_present and not member.present:
        _service(state, chat, by or user, {"left_chat_member": render.user(user)})
    state.changes.fire()
    return member


def _service(state: State, chat: Chat, by: User, body: Json) -> Entry:
    entry = state.post(chat, by, body, service=True)
    delivery.announce(state, entry)
    return entry


def set_bot(state: State, chat: Chat, by: User, status: str, rights: dict[str, bool] | None = None) -> Member:
    """Change how the bot stands in a group; it is always told."""
    member = state.membership(chat) or Member(state.bot, "left")
    old, was_present = render.member(member), member.present
    member.status = status
    member.rights = {**all_rights(), **(rights or {})} if status == "administrator" else {}
    chat.members[state.bot.id] = member
    _tell(state, "my_chat_member", chat, by, old, render.member(member))
    if not was_present and member.present:
        _service(state, chat, by, {"new_chat_members": [render.user(state.bot)]})
    if was_present and not member.present:
        state.post(chat, by, {"left_chat_member": render.user(state.bot)}, service=True)
    state.changes.fire()
    return member


def set_blocked(state: State, user: User, blocked: bool) -> None:
    """Block or unblock the bot in private."""
    chat = state.private(user)
    if chat.blocked == blocked:
        return
    old, new = Member(state.bot), Member(state.bot, "kicked")
    if not blocked:
        old, new = new, old
    chat.blocked = blocked
    _tell(state, "my_chat_member", chat, user, render.member(old), render.member(new))
    state.changes.fire()


def migrate(state: State, chat: Chat, by: User) -> Chat:
    """Upgrade a basic group to a supergroup: two service messages, and message ids begin anew."""
    assert chat.kind == "group", "only a basic group can be upgraded"
    new = state.add_chat(chat.title or "", kind="supergroup")
    new.members = chat.members
    _service(state, chat, by, {"migrate_to_chat_id": new.id})
    chat.migrated_to = new.id
    chat.members = {}
    anonymous = state.anonymous
    body = {"migrate_from_chat_id": chat.id, "sender_chat": render.chat(new)}
    entry = state.post(new, anonymous, body, service=True)
    delivery.announce(state, entry)
    return new
