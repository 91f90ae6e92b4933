"""How much of one person the bot takes: so wide that nobody who takes part meets it. One more measure is a line.

What is counted stands in `storage/tallies.py`; what is done about it in `bot/actions/measure.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from bot.core.contributions import MAX_FILE
from bot.core.mail import Letter


@dataclass(frozen=True)
class Measure:
    """At most so much within a span that begins with the first; more for who leads a network."""

    within: timedelta
    most: int
    leading: int


# Stored names. Three albums and the words about them are some thirty-five messages at once.
GIVEN, DAY, FILES = "given", "day", "files"
ASKED, ASKED_DAY, GUESSES = "asked", "asked_day", "guesses"
MEASURES = {
    GIVEN: Measure(timedelta(minutes=1), 40, 120),  # messages: more are kept, and acknowledged together
    DAY: Measure(timedelta(days=1), 300, 1500),  # messages and edits: more are not kept
    FILES: Measure(timedelta(days=1), 200_000_000, 1_000_000_000),  # bytes: more files are not kept
    ASKED: Measure(timedelta(minutes=1), 40, 120),  # commands and presses: more are not answered
    ASKED_DAY: Measure(timedelta(days=1), 1000, 5000),
    GUESSES: Measure(timedelta(hours=1), 10, 10),  # links that lead nowhere: more are not looked up
}
APART = timedelta(seconds=15)  # between the late ✍ of one person: the group has one a second for everybody


class Reach(Enum):
    """Where a count stands: within its measure, over it with this very one, or over it before."""

    WITHIN = "within"
    FIRST = "first"
    BEYOND = "beyond"


def reach(what: str, amount: int, added: int = 1, *, leads: bool = False) -> Reach:
    """Return where `amount` stands, of which `added` came now."""
    most = MEASURES[what].leading if leads else MEASURES[what].most
    if amount <= most:
        return Reach.WITHIN
    return Reach.FIRST if amount - added <= most else Reach.BEYOND


def beyond(what: str, amount: int, *, leads: bool = False) -> int:
    """Return by how much `amount` is over its measure."""
    return max(0, amount - (MEASURES[what].leading if leads else MEASURES[what].most))


# What an update counts as ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Doing:
    """What somebody did, by Telegram's id: gave a message in private, or asked for something anywhere."""

    telegram_id: int
    asks: bool
    private: bool = True
    size: int = 0  # of files, in bytes
    query_id: str = ""  # of a pressed button
    payload: str = ""  # behind /start
    language: str | None = None


def doing(update: Mapping[str, Any], username: str) -> Doing | None:
    """Return what an update counts as; None for what counts elsewhere (answers in groups) or costs nothing.

    Edits count only where they change what is kept: a shared place is edited every few seconds.
    """
    query, message = update.get("callback_query"), update.get("message")
    if isinstance(query, Mapping) and (who := _person(query)):
        query_id, language = str(query.get("id") or ""), who.get("language_code")
        return Doing(who["id"], True, False, query_id=query_id, language=language)
    if not isinstance(message, Mapping) or "sender_chat" in message or not (who := _person(message)):
        return None
    chat = message.get("chat")
    private = isinstance(chat, Mapping) and chat.get("type") == "private"
    words = str(message.get("text") or message.get("caption") or "").lstrip()
    language = who.get("language_code")
    if words.startswith("/") and (private or _to_us(words, username)):
        return Doing(who["id"], True, private, payload=_payload(words) if private else "", language=language)
    return Doing(who["id"], False, size=size_of(sizes(message)), language=language) if private else None


def size_of(found: Iterable[int | None]) -> int:
    """Return how many bytes files take, those left out that Telegram lets no bot download."""
    return sum(size for size in found if size is not None and size <= MAX_FILE)


def sizes(message: Mapping[str, Any]) -> list[int]:
    """Return the sizes of a message's files; of a picture that of its largest form."""
    found = []
    for name in ("photo", "voice", "video", "video_note", "audio", "animation", "document"):
        file = message.get(name)
        file = file[-1] if isinstance(file, list) and file else file
        size = file.get("file_size") if isinstance(file, Mapping) else None
        if isinstance(size, int):
            found.append(size)
    return found[:1]  # an animation comes as a document too


def _person(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    who = content.get("from")
    if not isinstance(who, Mapping) or who.get("is_bot") or not isinstance(who.get("id"), int):
        return None
    return who


def _to_us(words: str, username: str) -> bool:
    _, at, name = words.split()[0].partition("@")
    return not at or name.lower() == username.lower()


def _payload(words: str) -> str:
    command, *rest = words.split(maxsplit=1)
    return rest[0].strip() if rest and command.partition("@")[0].lower() == "/start" else ""


# What is said less of --------------------------------------------------------------------------------------------


def thinned(letters: Iterable[Letter], over: int, *, now: datetime) -> list[Letter]:
    """Return what is still said to who is `over` the measure of a minute: questions, but no receipts.

    The ✍ comes, but one by one later: it is also how we learn that an answer in a group still stands there.
    """
    if not over:
        return list(letters)
    return [
        replace(letter, not_before=now + over * APART) if letter.method == "setMessageReaction" else letter
        for letter in letters
        if not letter.receipt
    ]
