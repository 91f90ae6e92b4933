"""One dot is one person: colour and letter say which group, so that it can be read in grey and by the colour-blind.

Which groups may be told apart was decided before, with k; here only what there is gets its sign. A group more has its
colour in `COLOURS` and its letters in the catalogues; a network's own groups get theirs by themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bot.core.digest import Digest, Quote
from bot.core.groups import BROAD, PARTICIPANT, WIDE, Groups
from bot.core.texts import Text
from bot.render import chat

Cell = tuple[str, ...]  # the codes of groups that are counted together
OTHERS: Cell = (PARTICIPANT,)
ANYBODY = -1  # in the place of a sign: a dot of no group
MOST = 60  # dots in a row; more can't be counted, so a number stands there

# White letters stand on them: each has a contrast of at least 5, and no two that often meet differ by hue alone.
COLOURS = {
    "carer": "#0a5ca8",
    "cared_for": "#00707a",
    "carer_organisation": "#7a5800",
    "volunteer": "#1c6b38",
    "practitioner": "#b0440c",
    "care_manager": "#8a3880",
    "decision_maker": "#3b3b3b",
    "politician": "#a01f3a",
    "researcher": "#4f43a3",
    "other": "#6b5648",
    "lived": "#084a80",
    "work": "#8f3608",
    "decide": "#3b3b3b",
}
FURTHER = ("#5c4a8a", "#5a6000", "#7d2f5e", "#2b5f6e")  # for a network's own groups, in their order
NEUTRAL = "#5a5a5a"  # a ring without a letter: others


@dataclass(frozen=True)
class Key:
    """How the people of a cell are shown; `letter` is empty for the ring of others."""

    letter: str
    colour: str
    name: str


Keys = Mapping[Cell, Key]


def keys(digest: Digest, text: Text, *, quotes: Sequence[Quote] = ()) -> dict[Cell, Key]:
    """Return the sign of each cell that occurs in a digest, in the order in which groups are shown."""
    named = digest.named
    order = (*named.fine, *WIDE, PARTICIPANT)
    shown = {cell for cell in _cells(digest, quotes) if all(code in order for code in cell)}
    places = {cell: [order.index(code) for code in cell] for cell in {*shown, OTHERS}}
    found = sorted(places, key=lambda cell: (cell == OTHERS, len(cell), places[cell]))
    taken: set[str] = set()
    signs: dict[Cell, Key] = {}
    for cell in found:
        letter = "" if cell == OTHERS else _letter(cell, named, text, taken)
        taken.add(letter)
        signs[cell] = Key(letter, _colour(cell, named), chat.together(cell, text, named))
    return signs


def _cells(digest: Digest, quotes: Iterable[Quote]) -> set[Cell]:
    single = chain(
        digest.wrote_by,
        *(one.groups for one in (*digest.agreements, *digest.differences)),
        *(one.groups for one in digest.themes),
        (quote.group for quote in (*digest.quotes, *quotes)),
    )
    return {*((code,) for code in single), *chain.from_iterable(one.groups for one in digest.results)}


def _letter(cell: Cell, named: Groups, text: Text, taken: set[str]) -> str:
    """The first of its own letters that is free, else one of its name's, else one of the alphabet's."""
    own = [
        text.plain(f"print.letter_{code}")
        for code in cell
        if (code in BROAD or code in WIDE) and not named.renamed(code)
    ]
    words = [word for code in cell for word in named.many(code, text).split()]
    signs = ("".join(own) + "".join(word[0] for word in words) + "".join(words)).upper()
    usable = (sign for sign in f"{signs}ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789" if sign.isalnum())
    return next((sign for sign in usable if sign not in taken), "?")


def _colour(cell: Cell, named: Groups) -> str:
    if len(cell) == 1 and cell[0] in COLOURS:
        return COLOURS[cell[0]]
    own = [code for code in named.fine if code not in BROAD]
    at = own.index(cell[0]) + 1 if cell[0] in own else 0
    return NEUTRAL if cell == OTHERS else FURTHER[at % len(FURTHER)]


def row(counts: Mapping[Cell, int], total: int, signs: Keys, text: Text) -> dict[str, Any]:
    """Return `total` people as dots, those of no cell as others; and the same in words.

    Without any counts by cell nobody is told apart: then a dot is a person of whatever group.
    """
    places = list(signs)
    known = {cell: counts[cell] for cell in places if counts.get(cell) and cell != OTHERS}
    rest = total - sum(known.values())
    if rest > 0 and counts:
        known[OTHERS] = rest
    words = [text.plain("print.of", group=signs[cell].name, number=number) for cell, number in known.items()]
    shown = [[places.index(cell), number] for cell, number in known.items()] if counts else [[ANYBODY, total]]
    return {
        "dots": shown if total <= MOST else [],
        "count": text.plain("print.number", number=total),
        "alt": text.plain("digests.people", count=total) + (f" ({', '.join(words)})" if words else ""),
    }


def legend(rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the places of the signs that occur in rows."""
    return sorted({place for row in rows for place, _ in row["dots"]} - {ANYBODY})
