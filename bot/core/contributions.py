"""What of a message is a contribution, and whether it may be kept: plain values in, plain values out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

Place = Literal["group", "private", "room"]
MAX_FILE = 20_000_000  # Telegram lets no bot download more
LOUD = ("voice", "audio")
MOVING = ("video", "video_note", "animation")
VISIBLE = ("photo", *MOVING)  # in these somebody may be recognised
UNREAD = "unread"  # a kind of message that this version of the bot does not know
OTHER = "other"  # stickers, contacts, places, dice: nothing that can be kept
FEW = 8  # fewer signs are found in too many questions


@dataclass(frozen=True)
class File:
    """A file as Telegram describes it; `size` in bytes, `duration` in seconds."""

    kind: str
    file_id: str
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    duration: int | None = None

    @property
    def looks(self) -> tuple[str, str | None, int | None, int | None]:
        """What stays the same of a file; Telegram may give it another id each time."""
        return (self.kind, self.mime, self.size, self.duration)


@dataclass(frozen=True)
class Given:
    """A message somebody sent, as far as it matters here. `sent_at` is Telegram's date."""

    telegram_chat_id: int
    message_id: int
    kind: str  # text, voice, photo, video, document, …; other; unread
    text: str
    files: tuple[File, ...]
    album: str | None
    sent_at: datetime
    foreign: bool = False  # forwarded from somebody else, or made by another bot

    @property
    def waiting(self) -> dict[str, Any]:
        """As it waits in a dialog until its sender has said what it answers."""
        return {**asdict(self), "sent_at": self.sent_at.isoformat()}

    @classmethod
    def waited(cls, data: Mapping[str, Any]) -> "Given":
        """Return what waited."""
        files = tuple(File(**file) for file in data["files"])
        return cls(**{**data, "files": files, "sent_at": datetime.fromisoformat(data["sent_at"])})


@dataclass(frozen=True)
class Reply:
    """What a message of a group replies to. `chat` and `author` are Telegram's ids; `author` None: unknown.

    `message_id` is None where Telegram doesn't tell it; `tokens` are the postings' tokens in its buttons.
    """

    chat: int | None
    message_id: int | None
    author: int | None
    words: str = ""
    tokens: tuple[str, ...] = ()


def keepable(given: Given) -> bool:
    """Whether there is anything in it that can be kept: a sticker, a contact or a place is no answer."""
    if given.kind in (OTHER, UNREAD) or given.foreign or not given.message_id:
        return False
    return bool(given.text.strip() or given.files)


def late(given: Given, closes_at: datetime) -> bool:
    """Whether it was written after the posting closed; judged by Telegram's date, as the bot may have slept."""
    return given.sent_at > closes_at


def medium_state(file: File, *, media_consent: bool) -> str:
    """What happens with a file: fetched with consent, held until its sender was asked, or too big for any bot."""
    if file.size is not None and file.size > MAX_FILE:
        return "too_big"
    return "wanted" if media_consent else "held"


def storable(words: str) -> str:
    """Words as every database takes them: no NUL, and halves of signs mended or marked."""
    return words.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def speaks_of(words: str, question: str) -> bool:
    """Whether what is quoted in a reply, a piece of our posting perhaps, has some of the question's text in it."""
    asked = _lines(question)
    return any(
        said in line or line in said
        for said in _lines(words)
        for line in asked
        if min(len(said), len(line)) >= FEW or said == line
    )


def _lines(words: str) -> list[str]:
    return [line for part in words.split("\n") if (line := " ".join(part.casefold().split()))]


# Rich messages (Bot API 10.1), of which python-telegram-bot knows nothing yet ----------------------------------

TOO_RICH = ("photo", "video", "animation", "audio", "document", "voice_note", "collage", "slideshow", "map")
INLINE = ("summary", "text", "credit", "expression")
NESTED = ("cells", "items", "blocks", "caption")


def rich_words(rich: object) -> str:
    """Return the words of a rich message, line by line; empty if it has none, or more than words."""
    blocks = rich.get("blocks") if isinstance(rich, Mapping) else None
    lines = list(_block_lines(blocks))
    return "" if None in lines else "\n".join(line for line in lines if line)


def _block_lines(part: object) -> Iterator[str | None]:
    """The lines of a block or of several; None for what is no words and would be lost."""
    if isinstance(part, list):
        for one in part:
            yield from _block_lines(one)
    if isinstance(part, Mapping):
        if part.get("type") in TOO_RICH:
            yield None
        for name in INLINE:
            yield _inline(part.get(name))
        for name in NESTED:
            # The caption of a table is a text, that of a picture has one.
            nested = part.get(name)
            yield from [_inline(nested)] if name == "caption" else _block_lines(nested)


def _inline(part: object) -> str:
    """A text: a string, several of them, or one with a look."""
    match part:
        case str():
            return part
        case list():
            return "".join(map(_inline, part))
        case Mapping():
            return _inline(part.get("text", part.get("alternative_text", part.get("expression"))))
    return ""


def kind_of(kinds: Sequence[str]) -> str:
    """Return what a question about files calls them: voice, picture, video or file."""
    if all(kind in LOUD for kind in kinds):
        return "voice"
    if all(kind == "photo" for kind in kinds):
        return "picture"
    return "video" if all(kind in MOVING for kind in kinds) else "file"


def shows_people(kind: str, mime: str | None) -> bool:
    """Whether somebody may be recognised in a file."""
    return kind in VISIBLE or (mime or "").startswith(("image/", "video/"))


def title(question: str, most: int = 32) -> str:
    """Return a question as it fits on a button."""
    line = " ".join(question.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
