"""What `/catchup` tells: how many voices of which groups, which quotes, and how it stays short."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.digest import Quote
from bot.core.groups import WIDE, Groups
from bot.core.letters import plain, utf16_length
from bot.core.texts import Markup

SHORT = 600  # UTF-16 units of what is read
QUOTE = 160  # characters of a quote
# How many questions and quotes are shown, the most first: fewer where it would get long.
SIZES = ((3, 2), (3, 1), (2, 1), (1, 1), (1, 0))


@dataclass(frozen=True)
class Voices:
    """How many people spoke, by group, as far as that may be told; `others`: there were more, of no group named."""

    named: tuple[tuple[str, int], ...]
    others: bool


def voices(spoke: Mapping[str | None, int], sizes: Mapping[str, int], k: int, groups: Groups) -> Voices:
    """Return whose voices may be told: a group of at least k members, of whom at least k spoke.

    The small groups of a broad one are told together, unless one of the same broad group stands beside them. No sum
    is told, so nobody can subtract.
    """
    named = [
        (code, spoke[code]) for code in groups.fine if sizes.get(code, 0) >= k and spoke.get(code, 0) >= k
    ]
    told = {code for code, _ in named}
    for wide in WIDE:
        fine = [code for code in groups.fine if groups.broad(code) == wide]
        together = sum(spoke.get(code, 0) for code in fine)
        if not told.intersection(fine) and together >= k and sum(sizes.get(code, 0) for code in fine) >= k:
            named.append((wide, together))
            told.update(fine)
    return Voices(tuple(named), others=any(count for code, count in spoke.items() if code not in told))


def quotes(found: Sequence[Quote]) -> list[Quote]:
    """Return the quotes that are short enough to be told whole, in the digest's order; else its first, cut."""
    short = [quote for quote in found if len(quote.words) <= QUOTE]
    return short or list(found[:1])


def cut(words: str) -> str:
    """Return the words, or their beginning."""
    return words if len(words) <= QUOTE else words[:QUOTE].rsplit(" ", 1)[0] + " …"


def fitted(make: Callable[[int, int], Markup]) -> Markup:
    """Return what `make` writes with as many questions and quotes as can be read at a glance."""
    written = [make(*size) for size in SIZES]
    return next((html for html in written if utf16_length(plain(html)) <= SHORT), written[-1])
