"""From a template beside this file and what it is to show, to a PDF or a picture. The one place that knows typst.

What people wrote is handed over as JSON and is never markup.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from bot.render.glyphs import FONTS

HERE = Path(__file__).parent
WIDE = 420  # points of a picture: its letters are as large as the chat's around it
PPI = 72 * 1080 / WIDE  # and 1,080 pixels


class CannotDraw(Exception):
    """A PDF or a picture could not be made; the digest goes out without it."""


def made(template: str, shown: Mapping[str, Any], form: Literal["pdf", "png"]) -> bytes:
    """Return what a template makes of its values: a tagged PDF/UA-1, or a picture. The same values, the same bytes."""
    return _compiled(template, shown, form, PPI)[0]


def pages(template: str, shown: Mapping[str, Any], *, ppi: float) -> list[bytes]:
    """Return the pages that a template makes, each as a picture."""
    return _compiled(template, shown, "png", ppi)


def _compiled(
    template: str, shown: Mapping[str, Any], form: Literal["pdf", "png"], ppi: float
) -> list[bytes]:
    try:
        import typst  # imported where used: an idle bot should not hold it

        found = typst.compile(
            str(HERE / template),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"shown": json.dumps(shown), "wide": str(WIDE)},
            format=form,
            ppi=ppi,
            pdf_standards="ua-1" if form == "pdf" else [],
        )
    except (
        Exception
    ) as error:  # whatever typst, the fonts or the disk have: it is only the picture that is missing
        raise CannotDraw(f"{template}: {type(error).__name__}") from error
    if found is None:
        raise CannotDraw(f"{template}: nothing")
    return [bytes(page) for page in found] if isinstance(found, list) else [bytes(found)]
