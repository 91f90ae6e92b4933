"""A digest on paper: a tagged PDF of two pages before a meeting, of one in other weeks; with an appendix for who leads.

It fits because it is measured: first with much air, then with less, then with fewer quotes, which it says. No prompt
loses its first quote that way, and no group its last; what still doesn't fit flows on to a further page.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.digest import Digest, Quote, Section
from bot.core.texts import Text
from bot.render import dots, typeset
from bot.render.paper import Page, shown
from bot.render.typeset import CannotDraw as CannotDraw

TEMPLATE = "digest.typ"
MEETING, WEEKLY = 2, 1  # pages
DOTS, COLOURS = 110, 64  # of its pages as a picture: dots an inch
SPARE = 4  # quotes at most are left out; what then still doesn't fit flows on
PAGE = re.compile(rb"/Type/Page\b")


@dataclass(frozen=True)
class Room:
    """How much air there is: between parts and rows in points, between lines in ems, around all in millimetres.

    `lines`: empty ones on the agenda, to write on. `aside`: how wide it is where stands who speaks, in millimetres.
    `drawn`: who has written, in dots as well as in words.
    """

    gap: float
    row: float
    leading: float
    margin: float
    lines: int
    aside: float = 43
    drawn: bool = True


AIRY, USUAL, SNUG = Room(9.5, 6, 0.74, 18, 3), Room(8, 4.5, 0.68, 16, 2), Room(7.2, 3.7, 0.64, 14.5, 2)
DENSE, TIGHT = Room(6.5, 3, 0.6, 13, 2, 40), Room(5.6, 2.5, 0.56, 12, 1, 36, drawn=False)
ROOMS = (AIRY, USUAL, SNUG, DENSE, TIGHT)


def pdf(
    digest: Digest,
    text: Text,
    zone: ZoneInfo,
    *,
    now: datetime,
    title: str,
    appendix: Sequence[Quote] | None = None,
) -> bytes:
    """Return a digest as a PDF/UA-1. `title` is what the network is called; raises `CannotDraw`.

    `appendix`: every answer, for who leads the network and nobody else; it begins on a page of its own that says so.
    """
    page = Page(digest, text, zone, now, title, dots.keys(digest, text, quotes=appendix or ()))
    return typeset.made(TEMPLATE, fitted(page, appendix), "pdf")


def png(digest: Digest, text: Text, zone: ZoneInfo, *, now: datetime, title: str) -> bytes:
    """Return the same pages as one picture, one below the other; raises `CannotDraw`."""
    from PIL import Image

    page = Page(digest, text, zone, now, title, dots.keys(digest, text))
    found = [
        Image.open(BytesIO(one)).convert("RGB") for one in typeset.pages(TEMPLATE, fitted(page), ppi=DOTS)
    ]
    whole = Image.new("RGB", (max(one.width for one in found), sum(one.height for one in found)), "white")
    for number, one in enumerate(found):
        whole.paste(one, (0, sum(above.height for above in found[:number])))
    kept = BytesIO()
    # As many colours as the page has: by the usual way those of a few dots would be lost
    whole.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def fitted(page: Page, appendix: Sequence[Quote] | None = None) -> Any:
    """Return what the template lays out, with so much air and so many quotes that it fits."""
    tries = [(room, 0) for room in ROOMS] + [(TIGHT, number) for number in range(1, spare(page.digest) + 1)]
    most = MEETING if page.digest.chain == "meeting" else WEEKLY
    at = 0
    if (
        _pages(page, *tries[0]) > most
    ):  # most digests have all the air; of the others, each try takes less room
        at = 1 + bisect_left(tries[1:], True, key=lambda one: _pages(page, *one) <= most)
    room, left_out = tries[at] if at < len(tries) else (USUAL, 0)
    return _values(page, room, left_out, appendix)


def _pages(page: Page, room: Room, left_out: int) -> int:
    return len(PAGE.findall(typeset.made(TEMPLATE, _values(page, room, left_out), "pdf")))


def _values(page: Page, room: Room, left_out: int, appendix: Sequence[Quote] | None = None) -> Any:
    shorter = without(page.digest, left_out)
    pairs = zip(page.digest.sections, shorter.sections, strict=True)
    missing = [len(_all(before)) - len(_all(after)) for before, after in pairs]
    return shown(replace(page, digest=shorter), asdict(room), appendix, missing)


def spare(digest: Digest) -> int:
    """Return how many quotes may be left out for want of room."""
    number = 0
    while number < SPARE and (fewer := _one_less(digest)) is not None:
        digest, number = fewer, number + 1
    return number


def without(digest: Digest, number: int) -> Digest:
    """Return a digest without so many of the quotes that can be spared, the same ones each time."""
    for _ in range(number):
        digest = _one_less(digest) or digest
    return digest


def _one_less(digest: Digest) -> Digest | None:
    """Leave out the last quote that the phone shows, where a prompt has most, if its group is quoted elsewhere too.

    What is shown in print only stays: it would be nowhere.
    """
    lengths = [(len(_all(section)), at) for at, section in enumerate(digest.sections)]
    for _, at in sorted(lengths, reverse=True):
        section = digest.sections[at]
        for quote in reversed(section.quotes[1:]):
            if _who(digest).count((quote.group, quote.name)) > 1:
                kept = tuple(one for one in section.quotes if one is not quote)
                shorter = replace(section, quotes=kept)
                return replace(digest, sections=(*digest.sections[:at], shorter, *digest.sections[at + 1 :]))
    return None


def _all(section: Section) -> tuple[Quote, ...]:
    return (*section.quotes, *section.more)


def _who(digest: Digest) -> list[tuple[str, str | None]]:
    return [(quote.group, quote.name) for section in digest.sections for quote in _all(section)]
