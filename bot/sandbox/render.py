"""Bot API objects: how users, chats, members and messages look in JSON."""

from bot.sandbox.model import Chat, Entry, Json, Member, StoredFile, User
from bot.sandbox.state import State


def user(one: User) -> Json:
    """Return a User."""
    out: Json = {"id": one.id, "is_bot": one.is_bot, "first_name": one.first_name}
    if one.last_name:
        out["last_name"] = one.last_name
    if one.username:
        out["username"] = one.username
    if one.language and not one.is_bot:
        out["language_code"] = one.language
    return out


def me(state: State) -> Json:
    """Return the bot as getMe shows it."""
    return {
        **user(state.bot),
        "can_join_groups": True,
        "can_read_all_group_messages": state.reads_all,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


def chat(one: Chat) -> Json:
    """Return a Chat."""
    if one.user is not None:
        person = user(one.user)
        names: Json = {key: person[key] for key in ("first_name", "last_name", "username") if key in person}
        return {"id": one.id, "type": "private", **names}
    out: Json = {"id": one.id, "type": one.kind, "title": one.title}
    if one.username:
        out["username"] = one.username
    if one.forum:
        out["is_forum"] = True
    return out


def permissions(one: Chat) -> Json:
    """Return what ordinary members may do."""
    sends = ("messages", "audios", "documents", "photos", "videos", "video_notes", "voice_notes", "polls")
    may = one.members_may_send
    return {
        **{f"can_send_{what}": may for what in sends},
        "can_send_other_messages": may,
        "can_add_web_page_previews": may,
        "can_react_to_messages": True,
        "can_edit_tag": False,
        "can_change_info": False,
        "can_invite_users": True,
        "can_pin_messages": False,
        "can_manage_topics": False,
    }


def member(one: Member) -> Json:
    """Return a ChatMember."""
    out: Json = {"user": user(one.user), "status": one.status}
    if one.status == "creator":
        out["is_anonymous"] = one.anonymous
    elif one.status == "administrator":
        out |= {"can_be_edited": False, "is_anonymous": one.anonymous, **one.rights}
    elif one.status == "restricted":
        sends = ("messages", "audios", "documents", "photos", "videos", "video_notes", "voice_notes", "polls")
        out |= {f"can_send_{what}": one.can_send for what in sends}
        out |= {"is_member": True, "until_date": one.until, "can_send_other_messages": one.can_send}
        out |= {"can_add_web_page_previews": one.can_send, "can_change_info": False, "can_invite_users": True}
        out |= {"can_pin_messages": False, "can_manage_topics": False}
        out |= {"can_react_to_messages": True, "can_edit_tag": False}
    elif one.status == "kicked":
        out["until_date"] = one.until
    if one.title and one.is_admin:
        out["custom_title"] = one.title
    return out


def message(one: Entry, *, nested: bool = True) -> Json:
    """Return a Message; `reply_to_message` goes one level deep."""
    out: Json = {"message_id": one.id, **_sender(one), "chat": chat(one.chat), **one.body}
    if one.thread is not None:
        out["message_thread_id"] = one.thread
        if one.chat.forum:
            out["is_topic_message"] = True
    if nested:
        # in a topic, what replies to nothing replies to the message that made the topic
        replied = one.reply_to if one.reply_to is not None else one.thread
        target = one.chat.entry(replied) if replied is not None and replied != one.id else None
        if target is not None:
            out["reply_to_message"] = message(target, nested=False)
    return out


def _sender(one: Entry) -> Json:
    # what was sent in another's name carries its own "from" in the body
    return {} if "from" in one.body else {"from": user(one.sender)}


def file(one: StoredFile) -> Json:
    """Return what every kind of file has in common."""
    out: Json = {"file_id": one.id, "file_unique_id": one.unique_id, "file_size": one.size}
    if one.name and one.kind in ("document", "video", "audio", "animation"):
        out["file_name"] = one.name
    if one.mime and one.kind in ("document", "video", "audio", "animation", "voice"):
        out["mime_type"] = one.mime
    return {**out, **one.extra}
