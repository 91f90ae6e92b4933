"""A choice that was typed instead of tapped: which button of our last message is meant, if any.

What somebody writes is first of all an answer. So how little is enough to mean a button depends on what the message
is for (`level`): one that asks takes a number or the beginning of a label; one below which an answer may be written
takes a whole label of several words only. `/2` always means the second button.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from bot.core.letters import read_callback

FRESH = timedelta(days=1)  # a question that is older is not what somebody speaks to with a bare "2"
NUMBERED = re.compile(r"/([1-9][0-9]?)(@\w+)?")
NUMBER = re.compile(r"[1-9][0-9]?")

# Below a message with one of these buttons nothing has to be chosen: what is written there may well be an answer.
FREE = ("contributions.back", "answering.stop")
REWORDS = "mine.keep"  # below it stand the new words of an answer


class Level(IntEnum):
    """How much has to be typed to mean a button; a higher one takes less."""

    PHRASE = 1  # a whole label of several words
    WHOLE = 2  # a whole label
    BEGINNING = 3  # the first words of a label
    NUMBER = 4  # a bare number


@dataclass(frozen=True)
class Label:
    """A button as its reader sees it."""

    words: str
    data: str | None = None
    url: str | None = None

    @property
    def action(self) -> str:
        """What it does."""
        press = read_callback(self.data)
        return "" if press is None else press.action

    @property
    def id(self) -> int:
        """What it is about."""
        press = read_callback(self.data)
        return 0 if press is None else press.id


@dataclass(frozen=True)
class Shown:
    """Our last message that somebody has seen: its buttons, and whether it follows from what that person did."""

    labels: tuple[Label, ...]
    follows: bool  # from a command, a press or typed words
    about_answer: bool  # a line about something that was just given
    at: datetime
    message_id: int | None = None  # in the private chat

    @property
    def rewords(self) -> int | None:
        """The contribution that gets new words below this message."""
        return next((label.id for label in self.labels if label.action == REWORDS), None)

    @property
    def asks_for(self) -> str:
        """What is to be typed below this message besides its buttons: quiet hours, or the length of a pause."""
        actions = [label.action for label in self.labels]
        return "pause" if "pause.for" in actions else "quiet" if actions.count("quiet.set") > 1 else ""

    @property
    def free(self) -> bool:
        """Whether nothing has to be chosen."""
        return any(label.action in FREE for label in self.labels)


def level(shown: Shown, *, answering: bool, in_dialog: bool, now: datetime) -> Level:
    """Return how much is needed: `answering`: what is written now is an answer; `in_dialog`: words are asked for."""
    asks = (shown.follows or shown.about_answer) and not shown.free and now - shown.at <= FRESH
    if in_dialog or shown.rewords is not None:
        return Level.PHRASE if answering and shown.free else Level.WHOLE
    if not asks:
        return Level.PHRASE if answering else Level.WHOLE
    # Amid answers, "3" may be one: how many hours, how many people.
    return Level.BEGINNING if answering and shown.about_answer else Level.NUMBER


def meant(typed: str, labels: Sequence[Label], least: Level) -> tuple[Label, ...]:
    """Return the button that is meant; several where that is not clear, none where it is none of them."""
    if (numbered := NUMBERED.fullmatch(typed.strip())) is not None:
        return _number(numbered[1], labels)
    said = words(typed)
    if not said:
        return ()
    whole = tuple(label for label in labels if _whole(said, label))
    if whole:
        return whole if least > Level.PHRASE or len(said) > 1 else ()
    if least >= Level.NUMBER and NUMBER.fullmatch(" ".join(said)):
        return _number(said[0], labels)
    if least < Level.BEGINNING:
        return ()
    # A whole word at least: "no" begins "No, delete it", and not "Not now".
    return tuple(label for label in labels if words(label.words)[: len(said)] == said)


def _whole(said: tuple[str, ...], label: Label) -> bool:
    """Whether all of a label was typed; of a title that was cut for its button more may have been."""
    shown = words(label.words)
    return said == shown or (
        bool(shown) and label.words.endswith("…") and " ".join(said).startswith(" ".join(shown))
    )


def is_number(typed: str) -> bool:
    """Whether somebody names a button by its number, and surely so."""
    return NUMBERED.fullmatch(typed.strip()) is not None


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are compared: telephones put in capitals, dots and curly quotes."""
    kept = "".join(sign if _matters(sign) else " " for sign in unicodedata.normalize("NFKC", text).casefold())
    return tuple(kept.split())


def _matters(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


def _number(typed: str, labels: Sequence[Label]) -> tuple[Label, ...]:
    number = int(typed)
    return (labels[number - 1],) if number <= len(labels) else ()
