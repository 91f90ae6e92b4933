"""What erasing must know without looking anywhere: marks that name nobody, and in which letters somebody is quoted."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

ERASE, UNNAMED = "erase", "unnamed"  # how: nothing is left, or words that nobody is linked to
EVERYWHERE = 0  # in place of a network's id: the person is gone from all of them
KEEP_DAYS = 30
WORD = re.compile(r"\w+")
RUN = 6  # so many of somebody's words in a row are theirs, whoever repeats them


@dataclass(frozen=True)
class Safety:
    """What is known of the safety copies: where erasures are written down, and when no copy holds what was erased.

    `file` None: there is no place beside the database that would outlive it.
    """

    file: Path | None = None
    days: int = KEEP_DAYS
    key: bytes = field(default=b"", repr=False)

    def gone_at(self, now: datetime) -> datetime:
        """Return by when the last copy is gone that holds what is erased now."""
        return now + timedelta(days=self.days)


NO_SAFETY = Safety()

# Marks ----------------------------------------------------------------------------------------------------------


def key_of(token: str) -> bytes:
    """Return the key of the marks: made from the bot's token, it outlives the database and stands beside no backup."""
    return hashlib.sha256(f"bln-bot erasures\0{token}".encode()).digest()


def key_name(key: bytes) -> str:
    """Return by what a mark shows with which key it was made; it tells nothing of the key."""
    return hmac.new(key, b"name", hashlib.sha256).hexdigest()[:8]


def mark(key: bytes, telegram_id: int, network_id: int = EVERYWHERE) -> str:
    """Return by what somebody is known again in a backup, and by nothing else; in one network, or everywhere."""
    hashed = hmac.new(key, f"{telegram_id}:{network_id}".encode(), hashlib.sha256).hexdigest()
    return f"{key_name(key)}:{hashed}"


# Whose words are these? -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """What somebody gave, to be found again where others repeat it; not what stands in `asked`, the questions too."""

    texts: tuple[str, ...]
    asked: tuple[str, ...] = ()

    @cached_property
    def _runs(self) -> frozenset[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for text in self.texts:
            words = _words(text)
            # A single short word is everybody's.
            if len(words) > 1 or (words and len(words[0]) > 8):
                found |= _windows(words, min(RUN, len(words)))
        lengths = {len(run) for run in found}
        return frozenset(
            found - {run for text in self.asked for n in lengths for run in _windows(_words(text), n)}
        )

    def stand_in(self, text: str) -> bool:
        """Tell whether some of these words are repeated in a text."""
        words = _words(text)
        lengths = {len(run) for run in self._runs}
        return any(not self._runs.isdisjoint(_windows(words, length)) for length in lengths)


def _windows(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


NO_WORDS = Words(())


@dataclass(frozen=True)
class Trace:
    """Whom and what to look for. `whole`: nothing of the person is to be left in any network."""

    person_id: int
    telegram_id: int
    name: str
    whole: bool
    members: tuple[int, ...] = ()
    networks: tuple[int, ...] = ()
    contributions: tuple[int, ...] = ()
    messages: tuple[tuple[int, int], ...] = ()  # Telegram's chat and message
    digests: tuple[int, ...] = ()  # in which some of the words stand
    noted: tuple[int, ...] = ()  # digests to which they added words of their own
    words: Words = NO_WORDS


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def mentions(value: Any, needle: int | str) -> bool:
    """Tell whether a number or a text stands anywhere in some JSON, as a key too."""
    if isinstance(value, dict):
        return any(str(key) == str(needle) or mentions(inner, needle) for key, inner in value.items())
    if isinstance(value, list):
        return any(mentions(inner, needle) for inner in value)
    return not isinstance(value, bool) and value == needle


def said_in(value: Any) -> Iterable[str]:
    """Yield every text in some JSON."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from said_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from said_in(inner)
    elif isinstance(value, str):
        yield value
