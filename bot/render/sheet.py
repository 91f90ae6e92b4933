"""Invitations to print: an A5 page for each, as a tagged PDF in letters that are easy to read."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.render import qr

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
TEMPLATE = HERE / "sheet.typ"


@dataclass(frozen=True)
class Sheet:
    """What stands on one page, from top to bottom; `alt` says what the picture is to who can't see it."""

    language: str
    title: str
    opening: Sequence[str]
    how: str
    steps: Sequence[str]
    alt: str
    link: str
    closing: Sequence[str]


def pdf(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as one document that screen readers can read (PDF/UA-1)."""
    import typst  # imported where used: an idle bot should not hold it

    pages = [asdict(sheet) | {"picture": qr.svg(sheet.link).decode()} for sheet in sheets]
    return bytes(
        typst.compile(
            str(TEMPLATE),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"sheets": json.dumps(pages)},
            pdf_standards="ua-1",
        )
    )
