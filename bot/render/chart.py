"""A picture of a digest for the phone: one dot is one person, in letters as large as the chat's; and the same in words.

What is in it: where we differ and what was chosen, what it was about, who has written; as much as one screen shows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.agreement import Agreement
from bot.core.digest import Digest
from bot.core.letters import plain, utf16_length
from bot.core.texts import Text
from bot.render import dots, paper, typeset
from bot.render.dots import Keys
from bot.render.glyphs import all_printable
from bot.render.typeset import CannotDraw as CannotDraw

TEMPLATE = "chart.typ"
LINES = 20.0  # rows of dots: the picture is not much higher than wide, and can be read in the chat without opening it
HEADING, ROW = 35, 40  # letters in a line
STATEMENTS = 2  # of each kind
NARROW, BESIDE = 16, 9  # letters of a label and dots beside it; more stand below each other
ALT = 900  # UTF-16 units: it stands below the picture, where Telegram takes 1,024


@dataclass(frozen=True)
class Picture:
    """A PNG, and what it shows in words, for who can't see it."""

    bytes: bytes
    alt: str


def png(digest: Digest, text: Text) -> Picture | None:
    """Return the picture of a digest; None where there is nothing to draw. Raises `CannotDraw`."""
    keys = dots.keys(digest, text)
    parts = list(_fitting(_parts(digest, keys, text)))
    if not parts:
        return None
    rows = [row for part in parts for row in part["rows"]]
    instead = text.plain("print.unprintable")
    values = {
        "language": text.language,
        "keys": [{"letter": key.letter, "colour": key.colour, "name": key.name} for key in keys.values()],
        "legend": dots.legend(rows),
        "one_dot": text.plain("print.one_dot"),
        "parts": parts,
    }
    return Picture(typeset.made(TEMPLATE, all_printable(values, instead), "png"), alt(parts, text))


def alt(parts: Iterable[Mapping[str, Any]], text: Text) -> str:
    """Return what a picture shows, a sentence for each part, as many whole ones as fit."""
    said = [f"{_sentence(part['heading'])} {_sentence('; '.join(_words(part, text)))}" for part in parts]
    more = text.plain("print.chart_more")
    if utf16_length(" ".join(said)) <= ALT:
        return " ".join(said)
    while said and utf16_length(" ".join([*said, more])) > ALT:
        said.pop()
    return " ".join([*said, more])


def _words(part: Mapping[str, Any], text: Text) -> Iterator[str]:
    for row in part["rows"]:
        yield text.plain("print.chart_row", label=row["label"], counts=row["alt"])


def _sentence(words: str) -> str:
    return words if words.rstrip("”’'\"")[-1:] in (".", "?", "!", "…") else f"{words}."


def _parts(digest: Digest, keys: Keys, text: Text) -> list[dict[str, Any]]:
    """Everything that could be drawn, in the digest's order, without what a facilitator left out.

    Sentences that we agree on are drawn only where groups may be told apart: else all dots would be the same.
    """
    found = []
    if "agree" not in digest.hidden:
        agreed = [_agreed(one, keys, text) for one in digest.agreements[:STATEMENTS] if one.groups]
        found.append(_part(plain(text("digests.agree")), agreed))
    if "differ" not in digest.hidden:
        for one in digest.differences[:STATEMENTS]:
            words = text.plain("print.quoted", words=one.words)
            heading = f"{plain(text('digests.differ'))}: {words}"
            found.append(_part(heading, paper.stances(one, keys, text)))
    if "results" not in digest.hidden:
        found += [_part(result.question, paper.options(result, keys, text)) for result in digest.results]
    if "themes" not in digest.hidden:
        found.append(_part(text.plain("print.themes"), paper.themes(digest, keys, text)))
    if "turnout" not in digest.hidden:
        found.append(_part(plain(text("digests.who")), paper.wrote(digest, keys, text)))
    return [part for part in found if part["rows"]]


def _agreed(one: Agreement, keys: Keys, text: Text) -> dict[str, Any]:
    said: dict[dots.Cell, int] = {(code,): counts[0] for code, counts in one.groups.items()}
    label = {"label": text.plain("print.quoted", words=one.words)}
    counts = {"count": "", "said": paper.agreeing(one, text), "alt": paper.agreeing(one, text).rstrip(".")}
    return label | dots.row(said, one.agree, keys, text) | counts


def _part(heading: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A heading and its rows; with short labels each row is one line."""
    narrow = all(len(row["label"]) <= NARROW and sum(n for _, n in row["dots"]) <= BESIDE for row in rows)
    return {"heading": heading, "rows": rows, "narrow": narrow}


def _fitting(parts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the parts for which there is room, whole ones only, and the first one in any case."""
    room = LINES
    for part in parts:
        needed = 1.3 * _lines(part["heading"], HEADING) + 0.7
        needed += sum(1 if part["narrow"] else 1.1 + 0.8 * _lines(row["label"], ROW) for row in part["rows"])
        if needed <= room or room == LINES:
            room -= needed
            yield part


def _lines(words: str, wide: int) -> int:
    return -(-len(words) // wide)
