"""What somebody gets with /mydata, as plain values: a page to read, and everything as data."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

PART = 40_000_000  # bytes in one archive; Telegram takes 50 MB from a bot


@dataclass(frozen=True)
class Entry:
    """Something on the page: a line that says what it is, words of the person's own, and what else there is to say."""

    title: str = ""
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Page:
    """A page that opens by itself."""

    language: str
    title: str
    intro: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Parcel:
    """What goes out in one go: the page (with the first part), an archive, and how they are called."""

    name: str
    page: Page | None
    data: str  # JSON; with the first part only
    files: tuple[tuple[str, bytes], ...]


def parts(sizes: Sequence[tuple[int, int]], limit: int = PART) -> list[list[int]]:
    """Share files, given with their sizes, among archives that are small enough; there is one even without a file."""
    found: list[list[int]] = [[]]
    room = limit
    for id, size in sizes:
        if size > room and found[-1]:
            found.append([])
            room = limit
        found[-1].append(id)
        room -= size
    return found


def as_json(content: Any) -> str:
    """Return it as JSON that people can read as well; moments with their zone."""
    return json.dumps(content, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(type(value).__name__)
