"""What a chat is: getChat, title, pins, invite links, leaving."""

from bot.sandbox import access, membership, render
from bot.sandbox.errors import bad
from bot.sandbox.methods import Method
from bot.sandbox.model import Chat, Json
from bot.sandbox.params import Params
from bot.sandbox.state import State

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def full(state: State, chat: Chat) -> Json:
    """Return a ChatFullInfo."""
    out: Json = {
        **render.chat(chat),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.username:
        out["active_usernames"] = [chat.username]
    if chat.pinned and (entry := chat.entry(chat.pinned[-1])) is not None:
        out["pinned_message"] = render.message(entry)
    if chat.is_private:
        return out
    out["permissions"] = render.permissions(chat)
    if chat.description:
        out["description"] = chat.description
    if chat.protected:
        out["has_protected_content"] = True
    if state.bot_is_admin(chat):
        if chat.visible_history:
            out["has_visible_history"] = True
        if chat.links and access.own(state, chat).may("can_invite_users"):
            out["invite_link"] = chat.links[0]["invite_link"]
    return out


def get_chat(state: State, params: Params) -> Json:
    """Describe a chat; a person who has not started the bot can be described too."""
    chat = access.find(state, params)
    if not chat.is_private:
        chat = access.reach(state, params)
    elif not chat.started and not membership.met(state, chat.id):
        raise bad("chat not found")
    return full(state, chat)


def _changed(state: State, chat: Chat, body: Json) -> bool:
    state.post(chat, state.bot, body, service=True)
    return True


def set_title(state: State, params: Params) -> bool:
    """Rename a group."""
    chat = access.reach(state, params)
    access.right(state, chat, "can_change_info", "not enough rights to change chat title")
    chat.title = params.text("title")
    return _changed(state, chat, {"new_chat_title": chat.title})


def set_description(state: State, params: Params) -> bool:
    """Describe a group."""
    chat = access.reach(state, params)
    access.right(state, chat, "can_change_info", "not enough rights to set chat description")
    if chat.description == (params.optional("description")):
        raise bad("chat description is not modified")
    chat.description = params.optional("description")
    return True


def pin(state: State, params: Params) -> bool:
    """Pin a message; a service message says so."""
    chat = access.reach(state, params)
    entry = access.message(chat, params, "message to pin not found")
    if not chat.is_private:
        access.right(
            state, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat"
        )
    if entry.id in chat.pinned:
        chat.pinned.remove(entry.id)
    chat.pinned.append(entry.id)
    service = state.post(
        chat, state.bot, {"pinned_message": render.message(entry)}, thread=entry.thread, service=True
    )
    service.silent = params.flag("disable_notification")
    return True


def unpin(state: State, params: Params) -> bool:
    """Unpin a message, or the latest."""
    chat = access.reach(state, params)
    if not chat.is_private:
        access.right(
            state, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat"
        )
    wanted = params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad("message to unpin not found")
    chat.pinned.remove(wanted)
    state.changes.fire()
    return True


def unpin_all(state: State, params: Params) -> bool:
    """Unpin everything."""
    chat = access.reach(state, params)
    if not chat.is_private:
        access.right(
            state, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat"
        )
    chat.pinned.clear()
    state.changes.fire()
    return True


def _link(state: State, chat: Chat, params: Params, *, primary: bool) -> Json:
    number = state.number("file")
    link: Json = {
        "invite_link": f"https://t.me/+Sandbox{number:06d}",
        "creator": render.user(state.bot),
        "creates_join_request": params.flag("creates_join_request"),
        "is_primary": primary,
        "is_revoked": False,
    }
    for key in ("name", "expire_date", "member_limit"):
        if params.has(key):
            link[key] = params.text(key) if key == "name" else params.integer(key)
    return link


def _inviter(state: State, params: Params) -> Chat:
    chat = access.reach(state, params)
    access.right(state, chat, "can_invite_users", "not enough rights to manage chat invite link")
    return chat


def create_link(state: State, params: Params) -> Json:
    """Make one more invite link."""
    chat = _inviter(state, params)
    if params.flag("creates_join_request") and params.has("member_limit"):
        raise bad("member limit can't be specified for links requiring administrator approval")
    link = _link(state, chat, params, primary=False)
    chat.links.append(link)
    return link


def export_link(state: State, params: Params) -> str:
    """Make a new primary invite link."""
    chat = _inviter(state, params)
    for link in chat.links:
        if link["is_primary"]:
            link["is_revoked"] = True
    link = _link(state, chat, params, primary=True)
    chat.links.insert(0, link)
    return str(link["invite_link"])


def revoke_link(state: State, params: Params) -> Json:
    """Make an invite link useless."""
    chat = _inviter(state, params)
    for link in chat.links:
        if link["invite_link"] == params.text("invite_link"):
            link["is_revoked"] = True
            return link
    raise bad("INVITE_HASH_EXPIRED")


def leave(state: State, params: Params) -> bool:
    """Go."""
    chat = access.reach(state, params)
    if chat.is_private:
        raise bad("chat member status can't be changed in private chats")
    membership.set_bot(state, chat, state.bot, "left")
    return True


METHODS: dict[str, Method] = {
    "getChat": get_chat,
    "setChatTitle": set_title,
    "setChatDescription": set_description,
    "pinChatMessage": pin,
    "unpinChatMessage": unpin,
    "unpinAllChatMessages": unpin_all,
    "createChatInviteLink": create_link,
    "exportChatInviteLink": export_link,
    "revokeChatInviteLink": revoke_link,
    "leaveChat": leave,
}
