"""Changing what was sent: text, caption, media, keyboard. A bot's own have no time limit."""

from bot.sandbox import access, markup, render
from bot.sandbox.errors import bad
from bot.sandbox.methods import Method, messages
from bot.sandbox.model import Entry, Json
from bot.sandbox.params import Params
from bot.sandbox.state import State

SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
MEDIA = ("photo", "document", "video", "voice", "audio", "animation")
REPLACED = (
    "text",
    "entities",
    "link_preview_options",
    "caption",
    "caption_entities",
    "show_caption_above_media",
)


def own(state: State, params: Params) -> Entry:
    """Return the bot's message that is to be edited."""
    if params.has("inline_message_id"):
        raise bad("message to edit not found")
    chat = access.reach(state, params)
    if not params.integer("message_id"):
        raise bad("message identifier is not specified")
    entry = access.message(chat, params, "message to edit not found")
    if not entry.sent_by_bot or entry.service or "forward_origin" in entry.body:
        raise bad("message can't be edited")
    return entry


def change(state: State, params: Params, entry: Entry, body: Json, gone: tuple[str, ...]) -> Json:
    """Give a message new content and a new keyboard: one that isn't sent again is taken away."""
    inline, _ = markup.split(entry.chat, params.nested("reply_markup"))
    old = entry.body
    new = {key: value for key, value in old.items() if key not in (*gone, "reply_markup", "edit_date")} | body
    if inline is not None:
        new["reply_markup"] = inline
    if new == {key: value for key, value in old.items() if key != "edit_date"}:
        raise bad(SAME)
    state.limits.take(entry.chat.id, now=state.clock.now())
    entry.versions.append(old)
    entry.body = {**new, "edit_date": state.seconds()}
    state.changes.fire()
    return render.message(entry)


def edit_text(state: State, params: Params) -> Json:
    """Replace a text."""
    entry = own(state, params)
    if "text" not in entry.body:
        raise bad("there is no text in the message to edit")
    return change(state, params, entry, messages.text_body(params), REPLACED)


def edit_caption(state: State, params: Params) -> Json:
    """Replace a caption."""
    entry = own(state, params)
    if not any(kind in entry.body for kind in MEDIA):
        raise bad("there is no caption in the message to edit")
    return change(state, params, entry, messages.caption_body(params), REPLACED)


def edit_markup(state: State, params: Params) -> Json:
    """Replace a keyboard."""
    return change(state, params, own(state, params), {}, ())


def edit_media(state: State, params: Params) -> Json:
    """Replace a photo, video or document."""
    from bot.sandbox.methods import media

    entry = own(state, params)
    if "text" in entry.body and not any(kind in entry.body for kind in MEDIA):
        raise bad("there is no media in the message to edit")
    body = media.input_media(state, params, params.mapping("media"))
    return change(state, params, entry, body, (*REPLACED, *MEDIA))


METHODS: dict[str, Method] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "editMessageMedia": edit_media,
}
