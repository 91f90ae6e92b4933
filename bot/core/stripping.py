"""Files without what their devices wrote into them: where and with what they were made, and by whom.

Nothing is drawn or encoded again: the places are taken out of the file, or overwritten, and what is seen and heard
stays as it was, bit for bit. A kind of file more: a beginning in `KINDS` and a function in `stripped`. What can't be
cleaned raises `Unclean`; it is kept for its author, and shown to nobody else.
"""

import re
from collections.abc import Callable

from bot.core.packed import unpacked
from bot.core.stripped import Unclean, iso_media, jpeg, mp3, ogg, pdf, png, riff

# Recorded in Telegram itself, which writes no place into them.
NOT_LOOKED_AT = ("voice", "video_note")


def plain_text(data: bytes) -> bytes:
    """Words alone have no hidden places."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unclean("no text in UTF-8") from None
    if b"\0" in data:
        raise Unclean("no text")
    return data


KINDS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], bytes]], ...] = (
    (re.compile(rb"\xff\xd8\xff"), jpeg),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), png),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), riff),
    (re.compile(rb"%PDF-"), pdf),
    (re.compile(rb"PK\x03\x04"), unpacked),
    (re.compile(rb"....ftyp", re.DOTALL), iso_media),
    (re.compile(rb"OggS"), ogg),
    (re.compile(rb"ID3|\xff[\xe2-\xff]"), mp3),
)


def cleaned(kind: str, data: bytes) -> bytes | None:
    """Return a file of a contribution as others may have it; None if only its author may."""
    if kind in NOT_LOOKED_AT:
        return data
    try:
        return stripped(data)
    except Unclean:
        return None


def stripped(data: bytes) -> bytes:
    """Return the file without these places; `Unclean` if its kind is not known, or if it is damaged."""
    for beginning, clean in KINDS:
        if beginning.match(data):
            try:
                return clean(data)
            except (
                IndexError,
                ValueError,
                KeyError,
                OverflowError,
            ) as error:  # it ends where it should go on
                raise Unclean(type(error).__name__) from None
    return plain_text(data)
