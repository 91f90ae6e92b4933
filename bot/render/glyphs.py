"""Which signs our fonts can print, and what is printed instead of the others. One more font: a line in `FONTS`.

Atkinson Hyperlegible is for Latin letters; DejaVu Sans stands in for Greek, Cyrillic, Arabic, Hebrew and others. PDF/UA
allows no empty boxes, so what neither has is never handed to typst: pictures are left out, of words it is said.
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
FILES = ("AtkinsonHyperlegible_400Regular.ttf", "DejaVuSans.ttf")
EMOJI = 0x1F000  # from here on, a symbol is a picture: all are left out, those that a font has as well
JOINERS = "\u200c\u200d"  # they belong to the spelling of Persian words, and hold emoji together
LONG, PIECE = 32, 16  # signs of a word that may be broken anywhere, and of its pieces
VARIANTS = "\ufe0e\ufe0f"  # as a letter or as a picture
BREAK = "\u200b"
MISSING = "\ufffc"


def printable(words: str, instead: str) -> str:
    """Return words as they can be printed; `instead` stands for each run of letters that no font has."""
    found: list[str] = []
    for sign in unicodedata.normalize("NFC", words):
        fate = _fate(sign, found[-1] if found else " ")
        if fate == MISSING:
            while found and found[-1] == " ":  # the spaces within a run belong to it
                found.pop()
            if not found or found[-1] != MISSING:
                found += [" ", MISSING]
        elif fate:
            found += [" ", fate] if found and found[-1] == MISSING and fate.isalnum() else [fate]
    printed = " ".join("".join(found).split()).replace(MISSING, instead)
    return _broken(printed) if printed or not words.strip() else instead


def all_printable(value: Any, instead: str) -> Any:
    """Return values for a template with every word in them as it can be printed."""
    if isinstance(value, str):
        return printable(value, instead)
    if isinstance(value, dict):
        return {key: all_printable(one, instead) for key, one in value.items()}
    return [all_printable(one, instead) for one in value] if isinstance(value, list) else value


def _fate(sign: str, before: str) -> str:
    """What becomes of a sign: itself, a space, nothing, or `MISSING`."""
    category = unicodedata.category(sign)
    if sign.isspace():
        return " "
    if sign in JOINERS:
        return sign if before.isalpha() else ""
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Me") or sign in VARIANTS:
        return ""
    if ord(sign) in signs() and not (category[0] == "S" and ord(sign) >= EMOJI):
        return "" if category == "Mn" and not before.isalnum() else sign
    return "" if category in ("So", "Sk", "Mn") else MISSING


def _broken(words: str) -> str:
    """Let a word that is wider than a line be broken; nothing may stick out of the page."""
    return " ".join(
        word if len(word) <= LONG else BREAK.join(word[at : at + PIECE] for at in range(0, len(word), PIECE))
        for word in words.split(" ")
    )


def right_to_left(words: str) -> bool:
    """Tell whether words begin in a script that is written from right to left."""
    strong = (unicodedata.bidirectional(sign) for sign in words)
    return next((one != "L" for one in strong if one in ("L", "R", "AL")), False)


@cache
def signs() -> frozenset[int]:
    """Return the code points that one of our fonts has."""
    return frozenset().union(*(_covered((FONTS / name).read_bytes()) for name in FILES))


def _covered(font: bytes) -> set[int]:
    """Read which code points a TrueType font has, from the tables of its `cmap` in formats 4 and 12."""
    (tables,) = struct.unpack_from(">H", font, 4)
    directory = (struct.unpack_from(">4sLLL", font, 12 + 16 * number) for number in range(tables))
    start = next(offset for tag, _, offset, _ in directory if tag == b"cmap")
    (parts,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for number in range(parts):
        _, _, offset = struct.unpack_from(">HHL", font, start + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if form == 4:
            found |= _format_4(font, start + offset)
        elif form == 12:
            found |= _format_12(font, start + offset)
    return found


def _format_4(font: bytes, at: int) -> set[int]:
    (double,) = struct.unpack_from(">H", font, at + 6)
    form = f">{double // 2}H"
    lasts = struct.unpack_from(form, font, at + 14)
    firsts, deltas, offsets = (
        struct.unpack_from(form, font, at + 16 + double * number) for number in (1, 2, 3)
    )
    found: set[int] = set()
    for number, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        place = at + 16 + 3 * double + 2 * number + offsets[number]
        for code in range(first, last + 1):
            glyph = code
            if offsets[number]:
                (glyph,) = struct.unpack_from(">H", font, place + 2 * (code - first))
            if (glyph or not offsets[number]) and (glyph + deltas[number]) & 0xFFFF:
                found.add(code)
    found.discard(0xFFFF)
    return found


def _format_12(font: bytes, at: int) -> set[int]:
    (parts,) = struct.unpack_from(">L", font, at + 12)
    spans = (struct.unpack_from(">LLL", font, at + 16 + 12 * number) for number in range(parts))
    return {code for first, last, _ in spans for code in range(first, last + 1)}
