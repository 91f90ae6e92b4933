"""What a person can do at the page; a new act is a function and its line in ACTS."""

import mimetypes
from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox import markup, membership, people, view
from bot.sandbox.errors import ApiError
from bot.sandbox.methods import media
from bot.sandbox.model import Chat, Entry, Json, StoredFile, User
from bot.sandbox.params import Upload
from bot.sandbox.people import Impossible
from bot.sandbox.state import State

FASTEST = 86_400.0

Details = dict[str, Any]


def do(state: State, details: Details, files: Sequence[Upload] = ()) -> Json:
    """Do what the page asks; what can't be done comes back as words."""
    kind = str(details.get("kind", ""))
    try:
        if kind in WITHOUT_PERSON:
            return WITHOUT_PERSON[kind](state, details) or {}
        user = state.users.get(_number(details, "person"))
        if user is None or kind not in ACTS:
            raise Impossible("Choose who you are first." if kind in ACTS else f"The page can't {kind!r}.")
        if kind == "file":
            return send_files(state, user, details, files)
        return ACTS[kind](state, user, details) or {}
    except (Impossible, ApiError) as refusal:
        return {"error": str(refusal)}


def _number(details: Details, key: str) -> int:
    value = details.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _chat(state: State, user: User, details: Details) -> Chat:
    wanted = _number(details, "chat")
    for chat in view.visible(state, user):
        if chat.id == wanted:
            return chat
    raise Impossible("This chat is not among yours.")


def _entry(state: State, user: User, details: Details, key: str = "message") -> Entry:
    entry = _chat(state, user, details).entry(_number(details, key))
    if entry is None:
        raise Impossible("This message is no longer there.")
    return entry


# --- without a person ---


def new_person(state: State, details: Details) -> Json:
    """Give somebody a telephone, and let them join groups."""
    given = str(details.get("name", "")).strip()[:64]
    if not given:
        raise Impossible("A person needs a name.")
    first, _, last = given.partition(" ")
    user = state.add_user(
        first, last_name=last.strip() or None, language=str(details.get("language") or "en")
    )
    for chat_id in details.get("groups") or []:
        chat = state.chats.get(chat_id)
        if chat is not None and not chat.is_private:
            membership.set_status(state, chat, user, "member")
    return {"id": user.id}


def play(state: State, details: Details) -> None:
    """Let time run, faster, or stand still."""
    rate = details.get("rate")
    if not isinstance(rate, int | float) or not 0 <= rate <= FASTEST:
        raise Impossible("Time can't run like that.")
    state.clock.play(float(rate))


def jump(state: State, _: Details) -> None:
    """Go to the moment at which something happens again."""
    if not state.clock.jump():
        raise Impossible("Nothing is planned.")


# --- as a person ---


def send(state: State, user: User, details: Details) -> None:
    """Write a message."""
    chat = _chat(state, user, details)
    reply = _entry(state, user, details, "reply") if details.get("reply") else None
    body = people.text_body(str(details.get("text", "")))
    people.write(state, user, body, chat=chat, reply_to=reply, thread=_number(details, "topic") or None)


def send_files(state: State, user: User, details: Details, files: Sequence[Upload]) -> Json:
    """Send one file, or several: pictures together are an album."""
    chat = _chat(state, user, details)
    reply = _entry(state, user, details, "reply") if details.get("reply") else None
    durations = details.get("durations") or []
    kept = [
        _keep(state, file, int(durations[at] if at < len(durations) else 0)) for at, file in enumerate(files)
    ]
    album = len(kept) > 1 and len({file.kind for file in kept}) == 1 and kept[0].kind in ("photo", "document")
    more: Json = {"media_group_id": str(13_000_000_000_000_000 + state.number("file"))} if album else {}
    for at, file in enumerate(kept):
        caption = str(details.get("text", "")) if at == 0 else ""
        body = people.file_body(file, caption, **more)
        topic = _number(details, "topic") or None
        people.write(state, user, body, chat=chat, reply_to=reply if at == 0 else None, thread=topic)
    return {}


def _keep(state: State, upload: Upload, seconds: int) -> StoredFile:
    """Keep a file as what it is: a picture, a voice message, a video, or just a file."""
    mime = upload.mime or mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
    if not upload.data:
        raise Impossible(f"{upload.name} is empty.")
    if mime in ("image/jpeg", "image/png", "image/webp"):
        try:
            width, height = media.picture_size(upload.data)
        except ApiError:
            pass  # what can't be shown as a picture goes as a file
        else:
            return state.keep_file(
                upload.data, kind="photo", mime=mime, extra={"width": width, "height": height}
            )
    if mime.startswith("audio/"):
        return state.keep_file(upload.data, kind="voice", mime=mime, extra={"duration": max(1, seconds)})
    if mime.startswith("video/"):
        extra = {"width": 640, "height": 360, "duration": max(1, seconds)}
        return state.keep_file(upload.data, kind="video", name=upload.name, mime=mime, extra=extra)
    return state.keep_file(upload.data, kind="document", name=upload.name, mime=mime)


def edit(state: State, user: User, details: Details) -> None:
    """Change one's own message."""
    people.edit(state, user, _entry(state, user, details), str(details.get("text", "")))


def delete(state: State, user: User, details: Details) -> None:
    """Delete one's own message, or as an administrator anybody's."""
    entry = _entry(state, user, details)
    member = entry.chat.members.get(user.id)
    if not (entry.chat.is_private or entry.sender is user or (member and member.may("can_delete_messages"))):
        raise Impossible("Only administrators can delete what others wrote.")
    people.delete(state, entry)


def react(state: State, user: User, details: Details) -> None:
    """React with an emoji, another one, or take it back by choosing it again."""
    entry, emoji = _entry(state, user, details), str(details.get("emoji", ""))
    same = any(one.get("emoji") == emoji for one in entry.reactions.get(user.id, []))
    people.react(state, user, entry, *([] if same else [emoji]))


def press(state: State, user: User, details: Details) -> None:
    """Press a button under a message."""
    entry = _entry(state, user, details)
    try:
        button = markup.buttons(entry.body)[details["row"]][details["column"]]
        data = button["callback_data"]
    except (KeyError, IndexError, TypeError):
        raise Impossible("This button is no longer there.") from None
    people.send_query(state, user, entry, data)


def vote(state: State, user: User, details: Details) -> None:
    """Vote in a poll."""
    entry = _entry(state, user, details)
    if "poll" not in entry.body:
        raise Impossible("This is not a poll.")
    options = details.get("options") or []
    if not all(isinstance(one, int) and 0 <= one < len(entry.body["poll"]["options"]) for one in options):
        raise Impossible("There is no such option.")
    people.vote(state, user, entry, options)


def start(state: State, user: User, details: Details) -> None:
    """Press Start, or open a link to the bot."""
    people.start(state, user, str(details.get("param") or ""))


def block(state: State, user: User, _: Details) -> None:
    """Block the bot."""
    state.act()
    membership.set_blocked(state, user, True)


def unblock(state: State, user: User, _: Details) -> None:
    """Unblock the bot."""
    state.act()
    membership.set_blocked(state, user, False)


def leave(state: State, user: User, details: Details) -> None:
    """Leave a group."""
    chat = _chat(state, user, details)
    if chat.is_private:
        raise Impossible("A private chat can't be left; block the bot instead.")
    state.act()
    membership.set_status(state, chat, user, "left")


def new_group(state: State, user: User, details: Details) -> Json:
    """Create a group, on request with the bot as an administrator."""
    title = str(details.get("title", "")).strip()[:128]
    if not title:
        raise Impossible("A group needs a title.")
    state.act()
    chat = state.add_chat(title)
    state.add_member(chat, user, "creator")
    state.post(chat, user, {"supergroup_chat_created": True}, service=True)
    if details.get("bot"):
        membership.set_bot(state, chat, user, "administrator")
    return {"id": chat.id}


def start_group(state: State, user: User, details: Details) -> None:
    """Add the bot to a group by its link; the group then gets `/start` with the link's parameter."""
    chat = _chat(state, user, details)
    member = chat.members.get(user.id)
    if member is None or not member.is_admin:
        raise Impossible("Only an administrator can add the bot.")
    state.act()
    membership.set_bot(state, chat, user, "administrator" if details.get("admin") else "member")
    words = f"/start@{state.bot.username} {details.get('param') or ''}".strip()
    people.write(state, user, people.text_body(words), chat=chat)


WITHOUT_PERSON: dict[str, Callable[[State, Details], Json | None]] = {
    "person": new_person,
    "play": play,
    "jump": jump,
}
ACTS: dict[str, Callable[[State, User, Details], Json | None]] = {
    "send": send,
    "file": lambda state, user, details: send_files(state, user, details, ()),
    "edit": edit,
    "delete": delete,
    "react": react,
    "press": press,
    "vote": vote,
    "start": start,
    "block": block,
    "unblock": unblock,
    "leave": leave,
    "group": new_group,
    "startgroup": start_group,
}
