"""Letters: what is to be said to Telegram, before it is an outbox row. Another kind of call is a function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from bot.core.letters import Keyboard, split

MAX_CAPTION = 1024  # UTF-16 units
OWN_LANE = "own"  # waits for nothing and holds nothing up
PARCEL = (
    "parcel"  # in params: the id of a file that the sender fetches; no parameter of Telegram's has this name
)
PRINT = "print"  # the same of what was drawn of a digest (storage/prints.py)
Unsure = Literal["repeat", "probe", "abandon"]
MediaKind = Literal["photo", "video", "document", "voice", "audio", "animation"]


@dataclass(frozen=True)
class To:
    """Where a letter goes: one of the three, or none for what concerns the bot itself."""

    chat: int | None = None  # chats.id
    person: int | None = None  # people.id: the private chat
    telegram: int | None = None  # Telegram's own id, for whom we keep nothing about

    @property
    def lane(self) -> str:
        """The queue in which its letters stand one behind the other."""
        if self.chat is not None:
            return f"chat:{self.chat}"
        if self.person is not None:
            return f"person:{self.person}"
        return "bot" if self.telegram is None else f"tg:{self.telegram}"


@dataclass(frozen=True)
class File:
    """Bytes to upload."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """One call to Telegram. `kind` names the action that follows from the answer (bot/actions/answers.py)."""

    to: To
    method: str
    params: Mapping[str, Any]
    key: str = ""  # the same key is written once; `context.say` and `say` number those that have none
    kind: str = "letter"
    about: Mapping[str, Any] | None = None  # what the action needs to know
    unsure: Unsure = "abandon"  # what is done when Telegram's answer was lost
    mark: str | None = None  # a piece of its keyboard by which a lost message is recognised
    not_before: datetime | None = None  # until then it holds nothing else up
    lane: str | None = None
    files: Mapping[str, File] = field(default_factory=dict)  # by parameter
    receipt: bool = False  # asks nothing new: left out where one person sends very much (bot/core/measure.py)

    @property
    def queue(self) -> str:
        """The lane it stands in."""
        return f"own:{self.key}" if self.lane == OWN_LANE else self.lane or self.to.lane


# Messages ---------------------------------------------------------------------------------------------------


def say(
    to: To,
    html: str,
    keyboard: Keyboard | None = None,
    *,
    key: str = "",
    silent: bool = False,
    reply_to: int | None = None,
    thread: int | None = None,
    mark: str | None = None,
    **fields: Any,
) -> list[Letter]:
    """A text, as one message or several; the first replies, the last has the keyboard and the mark."""
    pieces = split(html)
    letters = []
    for number, piece in enumerate(pieces, 1):
        last = number == len(pieces)
        params = {"text": piece, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
        params |= _where(silent, reply_to if number == 1 else None, thread)
        params |= _keyboard(keyboard if last else None)
        letters.append(
            Letter(to, "sendMessage", params, numbered(key, number), mark=mark if last else None, **fields)
        )
    return letters


def media(
    to: To,
    medium: MediaKind,
    what: File | str,
    caption: str = "",
    keyboard: Keyboard | None = None,
    *,
    silent: bool = False,
    reply_to: int | None = None,
    thread: int | None = None,
    **fields: Any,
) -> list[Letter]:
    """A file of ours, or one that Telegram has (its file_id). Too long a caption follows as a text."""
    where = _where(silent, reply_to, thread)
    short = len(split(caption, MAX_CAPTION)) == 1 if caption else True
    params: dict[str, Any] = dict(where)
    files: dict[str, File] = {}
    if isinstance(what, File):
        files[medium] = what
    else:
        params[medium] = what
    if caption and short:
        params |= {"caption": caption, "parse_mode": "HTML"}
    if short:
        params |= _keyboard(keyboard)
    rest = fields if short else {name: value for name, value in fields.items() if name != "mark"}
    first = Letter(to, f"send{medium.capitalize()}", params, files=files, **rest)
    if short:
        return [first]
    again = {name: value for name, value in fields.items() if name != "key"}
    text = say(to, caption, keyboard, key=_beside(first.key), silent=silent, thread=thread, **again)
    return [first, *text]


def photo(
    to: To, what: File | str, caption: str = "", keyboard: Keyboard | None = None, **fields: Any
) -> list[Letter]:
    """A picture."""
    return media(to, "photo", what, caption, keyboard, **fields)


def document(
    to: To, what: File | str, caption: str = "", keyboard: Keyboard | None = None, **fields: Any
) -> list[Letter]:
    """A document, such as a PDF or a calendar file."""
    return media(to, "document", what, caption, keyboard, **fields)


def parcel(to: To, parcel_id: int, caption: str = "", **fields: Any) -> list[Letter]:
    """A document that is too large for a letter: its bytes wait in `storage/parcels.py`."""
    letters = media(to, "document", "", caption, **{"unsure": "repeat", **fields})
    params = {name: value for name, value in letters[0].params.items() if name != "document"}
    return [replace(letters[0], params={PARCEL: parcel_id, **params}), *letters[1:]]


def print_of(
    to: To, print_id: int, medium: Literal["photo", "document"], caption: str = "", **fields: Any
) -> list[Letter]:
    """A picture or a PDF of a digest: its bytes wait in `storage/prints.py`."""
    letters = media(to, medium, "", caption, **fields)
    params = {name: value for name, value in letters[0].params.items() if name != medium}
    return [replace(letters[0], params={PRINT: print_id, **params}), *letters[1:]]


def reprint(
    to: To,
    message_id: int,
    print_id: int,
    medium: Literal["photo", "document"],
    caption: str = "",
    **fields: Any,
) -> Letter:
    """Another picture or PDF in place of the one in an old message."""
    shown = {"caption": split(caption, MAX_CAPTION)[0], "parse_mode": "HTML"} if caption else {}
    item = {"type": medium, "media": f"attach://{PRINT}", **shown}
    params = {"message_id": message_id, PRINT: print_id, "media": item}
    return _repeatable(to, "editMessageMedia", params, fields)


def forward(to: To, from_chat: int, message_id: int, *, silent: bool = True, **fields: Any) -> Letter:
    """Pass a message on; `from_chat` is Telegram's id."""
    params = {"from_chat_id": from_chat, "message_id": message_id, "disable_notification": silent}
    return Letter(to, "forwardMessage", params, **fields)


# What may be done twice without harm, and so is simply repeated ---------------------------------------------


def edit(to: To, message_id: int, html: str, keyboard: Keyboard | None = None, **fields: Any) -> Letter:
    """Other words, and other buttons or none, in an old message."""
    params = {
        "message_id": message_id,
        "text": split(html)[0],  # an old message can't become two
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        **_keyboard(keyboard),
    }
    return _repeatable(to, "editMessageText", params, fields)


def buttons(to: To, message_id: int, keyboard: Keyboard, **fields: Any) -> Letter:
    """Other buttons below an old message."""
    return _repeatable(
        to, "editMessageReplyMarkup", {"message_id": message_id, **_keyboard(keyboard)}, fields
    )


def buttons_off(to: To, message_id: int, **fields: Any) -> Letter:
    """No buttons below an old message any more."""
    params = {"message_id": message_id, "reply_markup": {"inline_keyboard": []}}
    return _repeatable(to, "editMessageReplyMarkup", params, fields)


def react(to: To, message_id: int, emoji: str | None, **fields: Any) -> Letter:
    """The bot's reaction to a message; None takes it away."""
    reaction = [] if emoji is None else [{"type": "emoji", "emoji": emoji}]
    # A lane of their own: thirty answers to a prompt are not to hold up what the group is told.
    fields = {"lane": f"{to.lane}:reactions"} | fields
    return _repeatable(to, "setMessageReaction", {"message_id": message_id, "reaction": reaction}, fields)


def delete(to: To, message_id: int, **fields: Any) -> Letter:
    """Take a message away; possible for 48 hours."""
    return _repeatable(to, "deleteMessage", {"message_id": message_id}, fields)


def pin(to: To, message_id: int, **fields: Any) -> Letter:
    """Pin a message, without a sound."""
    params = {"message_id": message_id, "disable_notification": True}
    return _repeatable(to, "pinChatMessage", params, fields)


def ask(
    kind: str,
    to: To,
    method: str,
    params: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
    key: str = "",
    **fields: Any,
) -> Letter:
    """A question to Telegram; the action named `kind` gets the answer."""
    fields = {"lane": OWN_LANE} | fields
    return _repeatable(to, method, params or {}, {"key": key, "kind": kind, "about": about} | fields)


# Parts ------------------------------------------------------------------------------------------------------


def numbered(key: str, number: int) -> str:
    """The key of a letter's further pieces."""
    return key if not key or number == 1 else f"{key}:{number}"


def keyboard_marks(rows: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    """By what the buttons of a message, as Telegram shows it, could be recognised: see `Letter.mark`."""
    found = []
    for row in rows:
        for button in row:
            url, data = button.get("url"), button.get("callback_data")
            if isinstance(url, str) and "?" in url:
                found.append(url.partition("?")[2])
            if isinstance(data, str):
                found.append(data)
    return found


def _repeatable(to: To, method: str, params: Mapping[str, Any], fields: Mapping[str, Any]) -> Letter:
    return Letter(to, method, params, **{"unsure": "repeat", **fields})


def _beside(key: str) -> str:
    return f"{key}:caption" if key else ""


def _where(silent: bool, reply_to: int | None, thread: int | None) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if silent:
        params["disable_notification"] = True
    if reply_to is not None:
        # The message may have been deleted meanwhile: then without the reference rather than not at all.
        params["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    if thread is not None:
        params["message_thread_id"] = thread
    return params


def _keyboard(keyboard: Keyboard | None) -> dict[str, Any]:
    return {} if keyboard is None else {"reply_markup": keyboard.markup()}
