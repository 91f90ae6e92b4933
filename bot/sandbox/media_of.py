"""The files people send: small ones made up where a test does not care."""

import io
import mimetypes

from PIL import Image

from bot.sandbox.methods.media import picture_size, shown
from bot.sandbox.model import Json
from bot.sandbox.people import caption_body
from bot.sandbox.state import State

NAMES = {
    "photo": "photo.jpg",
    "voice": "voice.ogg",
    "document": "notes.txt",
    "video": "film.mp4",
    "video_note": "round.mp4",
    "sticker": "sticker.webp",
    "audio": "song.mp3",
}


def picture(width: int = 64, height: int = 48, colour: str = "teal") -> bytes:
    """Return a plain picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


def body(
    state: State,
    kind: str,
    *,
    caption: str | None = None,
    data: bytes | None = None,
    name: str | None = None,
    size: int | None = None,
    duration: int = 7,
    emoji: str = "👍",
    media_group_id: str | None = None,
) -> Json:
    """Return the content of a message with a file; `size` may claim more than there are bytes."""
    name = name or NAMES[kind]
    if data is None:
        data = picture() if kind == "photo" else b"sandbox " + kind.encode()
    extra: Json = {}
    if kind == "photo":
        extra = dict(zip(("width", "height"), picture_size(data), strict=True))
    elif kind == "video":
        extra = {"width": 640, "height": 480, "duration": duration}
    elif kind == "video_note":
        extra = {"length": 240, "duration": duration}
    elif kind in ("voice", "audio"):
        extra = {"duration": duration}
    elif kind == "sticker":
        size_ = {"width": 512, "height": 512}
        extra = {**size_, "type": "regular", "is_animated": False, "is_video": False, "emoji": emoji}
    mime = "audio/ogg" if kind == "voice" else mimetypes.guess_type(name)[0]
    file = state.keep_file(data, kind=kind, name=name, mime=mime, size=size, extra=extra)
    out = {**shown(file), **caption_body(caption)}
    if media_group_id is not None:
        out["media_group_id"] = media_group_id
    return out
