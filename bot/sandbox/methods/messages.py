"""Sending text, forwarding, copying, deleting, chat actions."""

from datetime import timedelta

from bot.sandbox import access, markup, render, sending, texts
from bot.sandbox.errors import bad
from bot.sandbox.methods import Method
from bot.sandbox.model import Entry, Json
from bot.sandbox.params import Params
from bot.sandbox.state import State

DELETABLE = timedelta(hours=48)
CONTENT = frozenset(
    {"text", "entities", "link_preview_options", "caption", "caption_entities", "show_caption_above_media"}
    | {
        "photo",
        "document",
        "video",
        "voice",
        "audio",
        "animation",
        "video_note",
        "sticker",
        "has_media_spoiler",
    }
    | {"contact", "location", "venue", "dice", "poll"}
)
ACTIONS = frozenset(
    {"typing", "choose_sticker", "find_location", "upload_photo", "upload_document"}
    | {f"{doing}_{what}" for doing in ("record", "upload") for what in ("video", "voice", "video_note")}
)


def text_body(params: Params) -> Json:
    """Return the part of a message that is its text."""
    text, entities = texts.formatted(
        params.text("text"), parse_mode=params.optional("parse_mode"), entities=params.nested("entities")
    )
    if not text:
        raise bad("message text is empty")
    if texts.units(text) > texts.MAX_TEXT:
        raise bad("message is too long")
    body: Json = {"text": text}
    if entities:
        body["entities"] = entities
    if params.has("link_preview_options"):
        body["link_preview_options"] = params.mapping("link_preview_options")
    return body


def caption_body(params: Params) -> Json:
    """Return the part of a message that is its caption."""
    text, entities = texts.formatted(
        params.text("caption"),
        parse_mode=params.optional("parse_mode"),
        entities=params.nested("caption_entities"),
    )
    if texts.units(text) > texts.MAX_CAPTION:
        raise bad("message caption is too long")
    body: Json = {}
    if text:
        body["caption"] = text
    if entities:
        body["caption_entities"] = entities
    if params.flag("show_caption_above_media"):
        body["show_caption_above_media"] = True
    return body


def send_message(state: State, params: Params) -> Json:
    """Send a text."""
    where = sending.place(state, params)
    return render.message(sending.send(state, params, text_body(params), where))


def _source(state: State, params: Params, what: str, message_id: int) -> Entry:
    source = access.reach(state, params, "from_chat_id")
    entry = source.entry(message_id)
    if entry is None:
        raise bad(f"message to {what} not found")
    if entry.service or source.protected or entry.body.get("has_protected_content"):
        raise bad(f"the message can't be {'forwarded' if what == 'forward' else 'copied'}")
    return entry


def _content(entry: Entry) -> Json:
    return {key: value for key, value in entry.body.items() if key in CONTENT}


def forwarded_body(entry: Entry) -> Json:
    """Return what is forwarded of a message: its content, its origin and a keyboard of links."""
    return {**_content(entry), **markup.forwarded(entry.body), "forward_origin": sending.origin(entry)}


def forward_message(state: State, params: Params) -> Json:
    """Forward a message; the answer is the whole copy."""
    where = sending.place(state, params)
    entry = _source(state, params, "forward", params.integer("message_id"))
    return render.message(sending.send(state, params, forwarded_body(entry), where))


def copy_message(state: State, params: Params) -> Json:
    """Copy a message without a link to the original."""
    where = sending.place(state, params)
    entry = _source(state, params, "copy", params.integer("message_id"))
    body = _content(entry)
    if "caption" in params.values and "text" not in body:
        body.pop("caption", None)
        body.pop("caption_entities", None)
        body |= caption_body(params)
    return {"message_id": sending.send(state, params, body, where).id}


def _ids(params: Params) -> list[int]:
    ids = params.nested("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad("message identifiers must be specified")
    return [int(one) for one in ids]


def _several(state: State, params: Params, what: str) -> list[Json]:
    where, sent = sending.place(state, params), []
    for message_id in _ids(params):
        try:
            entry = _source(state, params, what, message_id)
        except Exception:  # noqa: S112 - as Telegram does, what can't be found or forwarded is skipped
            continue
        body = forwarded_body(entry) if what == "forward" else _content(entry)
        sent.append({"message_id": sending.send(state, params, body, where).id})
    if not sent:
        raise bad(f"there are no messages to {what}")
    return sent


def forward_messages(state: State, params: Params) -> list[Json]:
    """Forward several messages, those that can be."""
    return _several(state, params, "forward")


def copy_messages(state: State, params: Params) -> list[Json]:
    """Copy several messages, those that can be."""
    return _several(state, params, "copy")


def _may_delete(state: State, entry: Entry) -> bool:
    if state.seconds() - entry.body["date"] >= DELETABLE.total_seconds():
        return False
    if entry.chat.is_private or entry.sent_by_bot:
        return True
    return access.own(state, entry.chat).may("can_delete_messages")


def delete_message(state: State, params: Params) -> bool:
    """Delete a message that is younger than 48 hours."""
    chat = access.reach(state, params)
    entry = access.message(chat, params, "message to delete not found")
    if not _may_delete(state, entry):
        raise bad(
            "message can't be deleted for everyone" if entry.sent_by_bot else "message can't be deleted"
        )
    entry.deleted = True
    state.changes.fire()
    return True


def delete_messages(state: State, params: Params) -> bool:
    """Delete several messages; those that can't be found are skipped."""
    chat = access.reach(state, params)
    for message_id in _ids(params):
        entry = chat.entry(message_id)
        if entry is not None and _may_delete(state, entry):
            entry.deleted = True
    state.changes.fire()
    return True


def send_chat_action(state: State, params: Params) -> bool:
    """Show "typing" for a moment."""
    access.speak(state, params)
    if params.text("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    return True


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "sendChatAction": send_chat_action,
}
