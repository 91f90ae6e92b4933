"""Sending files: photos, documents, videos, voices, albums."""

import io
import mimetypes
from collections.abc import Callable

from PIL import Image

from bot.sandbox import render, sending
from bot.sandbox.errors import ApiError, bad
from bot.sandbox.methods import Method, messages
from bot.sandbox.model import Json, StoredFile
from bot.sandbox.params import Params, Upload
from bot.sandbox.state import State

MEGABYTE = 1024 * 1024
MOST = {"photo": 10 * MEGABYTE}
UPLOAD = 50 * MEGABYTE


def stored(state: State, kind: str, given: Upload | str | None, params: Params) -> StoredFile:
    """Return the file a request means: a new upload, or one the server knows already."""
    if given is None:
        raise bad(f"there is no {kind} in the request")
    if isinstance(given, str):
        if given.startswith(("http://", "https://")):
            raise bad("wrong file identifier/HTTP URL specified")  # the sandbox fetches nothing
        file = state.file(given)
        if file.kind != kind:
            raise bad(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file
    if not given.data:
        raise bad("file must be non-empty")
    if len(given.data) > MOST.get(kind, UPLOAD):
        raise (
            ApiError(413, "Request Entity Too Large") if kind != "photo" else bad("PHOTO_INVALID_DIMENSIONS")
        )
    mime = given.mime or mimetypes.guess_type(given.name)[0] or "application/octet-stream"
    return state.keep_file(
        given.data, kind=kind, name=given.name, mime=mime, extra=_extra(kind, given, params)
    )


def _extra(kind: str, given: Upload, params: Params) -> Json:
    if kind == "photo":
        width, height = picture_size(given.data)
        return {"width": width, "height": height}
    if kind in ("video", "animation"):
        size = {"width": params.integer("width", 640), "height": params.integer("height", 480)}
        return {**size, "duration": params.integer("duration")}
    if kind in ("voice", "audio"):
        return {"duration": params.integer("duration")}
    if kind == "video_note":
        return {"length": params.integer("length", 240), "duration": params.integer("duration")}
    return {}


def picture_size(data: bytes) -> tuple[int, int]:
    """Return width and height, refusing what Telegram can't show as a photo."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except OSError:
        raise bad("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return width, height


def shown(file: StoredFile) -> Json:
    """Return the part of a message that shows a file."""
    out = render.file(file)
    if file.kind == "photo":
        return {"photo": [out]}
    # an animation is a document too, for programs that don't know animations
    return {"animation": out, "document": out} if file.kind == "animation" else {file.kind: out}


def _sender(kind: str) -> Callable[[State, Params], Json]:
    def method(state: State, params: Params) -> Json:
        where = sending.place(state, params)
        body = {} if kind in ("video_note", "sticker") else messages.caption_body(params)
        file = stored(state, kind, params.upload(kind), params)
        if params.flag("has_spoiler"):
            body["has_media_spoiler"] = True
        return render.message(sending.send(state, params, {**shown(file), **body}, where))

    return method


def input_media(state: State, params: Params, item: Json) -> Json:
    """Return the content of one InputMedia."""
    kind = str(item.get("type", ""))
    if kind not in ("photo", "document", "video", "audio", "animation"):
        raise bad("can't parse InputMedia: unsupported type")
    inner = Params(item, params.files)
    return {**shown(stored(state, kind, inner.upload("media"), inner)), **messages.caption_body(inner)}


def send_media_group(state: State, params: Params) -> list[Json]:
    """Send an album. The items are sent one after the other: what came before a failure has arrived."""
    items = params.nested("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad("media must be an Array of 2 to 10 objects")
    kinds = {str(item.get("type")) for item in items}
    if len(kinds) > 1 and kinds & {"document", "audio"}:
        raise bad("document and audio can't be mixed with other media types")
    where = sending.place(state, params)
    group = str(13_000_000_000_000_000 + state.number("file"))
    fails_after = params.values.get("_fails_after")  # the fault "partial"
    sent: list[Json] = []
    for number, item in enumerate(items, start=1):
        try:
            if fails_after is not None and number > fails_after:
                raise ApiError(429, "Too Many Requests: retry after 8", {"retry_after": 8})
            body = {**input_media(state, params, item), "media_group_id": group}
            sent.append(render.message(sending.send(state, params, body, where)))
        except ApiError as error:
            if not sent and error.code == 429 and fails_after is None:
                raise
            raise bad(
                f'failed to send message #{number} with the error message "{error.description}"'
            ) from None
    return sent


def send_contact(state: State, params: Params) -> Json:
    """Send a contact."""
    contact = {"phone_number": params.text("phone_number"), "first_name": params.text("first_name")}
    return render.message(sending.send(state, params, {"contact": contact}))


def _spot(params: Params) -> Json:
    try:
        return {"latitude": float(params.text("latitude")), "longitude": float(params.text("longitude"))}
    except ValueError:
        raise bad("wrong latitude or longitude specified") from None


def send_location(state: State, params: Params) -> Json:
    """Send a place on the map."""
    return render.message(sending.send(state, params, {"location": _spot(params)}))


def send_venue(state: State, params: Params) -> Json:
    """Send a place with a name."""
    spot = _spot(params)
    venue = {"location": spot, "title": params.text("title"), "address": params.text("address")}
    return render.message(sending.send(state, params, {"location": spot, "venue": venue}))


METHODS: dict[str, Method] = {
    "sendPhoto": _sender("photo"),
    "sendDocument": _sender("document"),
    "sendVideo": _sender("video"),
    "sendVoice": _sender("voice"),
    "sendAudio": _sender("audio"),
    "sendAnimation": _sender("animation"),
    "sendVideoNote": _sender("video_note"),
    "sendMediaGroup": send_media_group,
    "sendContact": send_contact,
    "sendLocation": send_location,
    "sendVenue": send_venue,
}
