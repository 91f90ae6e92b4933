"""A message as tests read it: a live view, so that edits and reactions made later are seen."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox import markup, texts
from bot.sandbox.model import Chat, Entry, Json, User

# an animation and a venue come before what they also are
KINDS = (
    *("animation", "text", "photo", "document", "video", "voice", "audio", "video_note", "sticker", "poll"),
    *("contact", "venue", "location", "dice", "pinned_message", "new_chat_members", "left_chat_member"),
    *("forum_topic_created", "migrate_to_chat_id", "migrate_from_chat_id"),
)


@dataclass(frozen=True)
class Message:
    """A message in a chat."""

    entry: Entry

    @property
    def id(self) -> int:
        """The message id."""
        return self.entry.id

    @property
    def chat(self) -> Chat:
        """The chat it stands in."""
        return self.entry.chat

    @property
    def body(self) -> Json:
        """Its Bot API form, without chat and reply."""
        return self.entry.body

    @property
    def sender(self) -> User:
        """Who sent it."""
        return self.entry.sender

    @property
    def from_bot(self) -> bool:
        """Whether the bot sent it."""
        return self.entry.sent_by_bot

    @property
    def service(self) -> bool:
        """Whether Telegram says it, not a person."""
        return self.entry.service

    @property
    def kind(self) -> str:
        """What it is: text, photo, poll …; service messages by their field's name."""
        return next((kind for kind in KINDS if kind in self.body), "service")

    @property
    def text(self) -> str:
        """Its text or caption."""
        return str(self.body.get("text", self.body.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        """The entities of text or caption."""
        found: list[Json] = self.body.get("entities") or self.body.get("caption_entities") or []
        return found

    @property
    def html(self) -> str:
        """Its text with its formatting."""
        return texts.to_html(self.text, self.entities)

    @property
    def buttons(self) -> list[list[str]]:
        """The labels of its buttons, row by row."""
        return [[str(one["text"]) for one in row] for row in self.button_rows]

    @property
    def button_rows(self) -> list[list[Json]]:
        """Its buttons with their data or addresses."""
        return markup.buttons(self.body)

    @property
    def reactions(self) -> dict[int, list[str]]:
        """Who reacted how, by user id."""
        return {who: [str(one["emoji"]) for one in given] for who, given in self.entry.reactions.items()}

    @property
    def reply_to(self) -> "Message | None":
        """The message it answers."""
        target = None if self.entry.reply_to is None else self.chat.entries.get(self.entry.reply_to)
        return None if target is None else Message(target)

    @property
    def thread(self) -> int | None:
        """Its topic or thread."""
        return self.entry.thread

    @property
    def media(self) -> str | None:
        """The id of its file."""
        part: Any = self.body.get(self.kind)
        part = part[-1] if isinstance(part, list) and part else part
        return part.get("file_id") if isinstance(part, dict) else None

    @property
    def album(self) -> str | None:
        """The id of its album."""
        return self.body.get("media_group_id")

    @property
    def deleted(self) -> bool:
        """Whether it was deleted."""
        return self.entry.deleted

    @property
    def edited(self) -> bool:
        """Whether it was changed."""
        return bool(self.entry.versions)

    @property
    def versions(self) -> list[str]:
        """What it said before."""
        return [str(body.get("text", body.get("caption", ""))) for body in self.entry.versions]

    @property
    def date(self) -> datetime:
        """When it was sent."""
        return datetime.fromtimestamp(self.body["date"], UTC)

    def __str__(self) -> str:
        """Return it as a line of a transcript."""
        what = self.text if self.text else f"[{self.kind}]"
        labels = [f"[{label}]" for row in self.buttons for label in row]
        return " ".join([f"{self.sender.first_name}: {what}", *labels])
