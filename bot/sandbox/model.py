"""What the sandbox's Telegram consists of: users, chats, members, messages, files, polls, button presses."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
ChatKind = Literal["private", "group", "supergroup"]

ANONYMOUS = 1087968824  # GroupAnonymousBot speaks for administrators who hide
CHANNEL_BOT = 136817688  # speaks for channels
TELEGRAM = 777000  # forwards the posts of a linked channel

PRESENT = ("creator", "administrator", "member", "restricted")

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
)


def all_rights() -> dict[str, bool]:
    """Return the rights that "add as administrator" grants: all but making others administrators."""
    return {right: right != "can_promote_members" for right in RIGHTS}


@dataclass
class User:
    """A person, or a bot, with an account."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language: str | None = "en"
    is_bot: bool = False
    deactivated: bool = False
    avatar: str | None = None


@dataclass
class Member:
    """A user's standing in a chat."""

    user: User
    status: str = "member"
    rights: dict[str, bool] = field(default_factory=dict)
    anonymous: bool = False
    title: str | None = None
    until: int = 0
    can_send: bool = True

    @property
    def present(self) -> bool:
        """Whether the user is in the chat."""
        return self.status in PRESENT

    @property
    def is_admin(self) -> bool:
        """Whether the user may do what administrators may."""
        return self.status in ("creator", "administrator")

    def may(self, right: str) -> bool:
        """Whether the user has a right."""
        return self.status == "creator" or (self.status == "administrator" and self.rights.get(right, False))


@dataclass
class Topic:
    """A topic of a forum; its id is that of the service message which created it."""

    id: int
    name: str
    icon_color: int = 7322096
    closed: bool = False
    deleted: bool = False


@dataclass
class Chat:
    """A private chat with the bot, a basic group or a supergroup."""

    id: int
    kind: ChatKind
    title: str | None = None
    username: str | None = None
    user: User | None = None  # of a private chat
    forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    entries: dict[int, "Entry"] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    links: list[Json] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0
    started: bool = False  # private: the user pressed Start
    blocked: bool = False  # private: the user blocked the bot
    migrated_to: int | None = None
    deleted: bool = False
    description: str | None = None
    visible_history: bool = False
    protected: bool = False
    members_may_send: bool = True

    @property
    def is_private(self) -> bool:
        """Whether this is the bot's chat with one user."""
        return self.kind == "private"

    def present(self) -> list[Member]:
        """Return who is in the chat now."""
        return [member for member in self.members.values() if member.present]

    def entry(self, message_id: int) -> "Entry | None":
        """Return a message that still exists."""
        entry = self.entries.get(message_id)
        return None if entry is None or entry.deleted else entry


@dataclass
class Entry:
    """A message in a chat; `body` is its Bot API form without chat, reply and thread."""

    chat: Chat
    id: int
    sender: User
    body: Json
    reply_to: int | None = None
    thread: int | None = None
    keyboard: Json | None = None  # a reply keyboard or "force reply", which messages don't show
    deleted: bool = False
    service: bool = False
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    versions: list[Json] = field(default_factory=list)
    shown: bool = False  # the bot has been told of it, so it is told of edits
    sent_by_bot: bool = False
    silent: bool = False


@dataclass
class StoredFile:
    """A file on Telegram's servers; `size` may pretend to be larger than the bytes kept."""

    id: str
    unique_id: str
    kind: str
    data: bytes
    size: int
    path: str
    name: str | None = None
    mime: str | None = None
    extra: Json = field(default_factory=dict)


@dataclass
class Poll:
    """A poll and who voted for what."""

    body: Json
    entry: Entry | None = None
    votes: dict[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Query:
    """A button press."""

    id: str
    user: User
    entry: Entry
    data: str
    at: datetime
    answered: bool = False


@dataclass(frozen=True)
class Answer:
    """What the bot answered to a button press."""

    query_id: str
    user_id: int
    text: str | None
    alert: bool
    url: str | None


@dataclass
class CallRecord:
    """A request to the Bot API, and what became of it."""

    method: str
    params: Json
    at: datetime
    files: list[str] = field(default_factory=list)
    outcome: str = "pending"
    result: Any = None
