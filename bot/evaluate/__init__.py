"""`bln-bot digest`: a digest from a file, for who starts from an e-mail round, for tests, and to compare methods.

What comes in is read in `reading`, what goes out is written in `telling`; a form more is a line in `telling.FORMS`.
"""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.evaluate import reading, telling
from bot.evaluate.reading import Unreadable as Unreadable

STDIN = "-"


def run(
    replies: str,
    *,
    meta: Path | None,
    codebook: str | None,
    language: str | None,
    seats: int,
    form: str,
    now: datetime,
    appendix: bool = False,
) -> bytes:
    """Return a digest of the replies in a file; raises `Unreadable` where something is not as it should be."""
    asked = reading.language_of(language)
    lines = reading.lines(_content(replies, stdin=True), called=_called(replies))
    known = reading.meta(_content(str(meta)), called=str(meta)) if meta is not None else reading.Meta()
    spoken = asked or reading.main_language(lines)
    themes = reading.codebook(_codebook(codebook), called=codebook, language=spoken) if codebook else ()
    given = reading.together(lines, known, themes, language=spoken, seats=seats, now=now)
    return _made(replace(given, appendix=appendix), form)


def _made(given: reading.Given, form: str) -> bytes:
    from bot.render.typeset import CannotDraw

    try:
        return telling.FORMS[form](given)
    except CannotDraw as error:
        raise Unreadable(f"It could not be drawn ({error}); text, html and json need no drawing.") from None


def _called(file: str) -> str:
    return "standard input" if file == STDIN else file


def _content(file: str, *, stdin: bool = False) -> bytes:
    if stdin and file == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror or 'it cannot be read'}.") from None


def _codebook(named: str) -> bytes:
    """Return a codebook's file; one of ours goes by its name alone."""
    ours = Path(__file__).parent.parent / "codebooks"
    here = Path(named)
    return _content(
        str(ours / f"{named}.toml") if not here.exists() and (ours / f"{named}.toml").is_file() else named
    )


def hand_over(made: bytes, output: Path | None, *, binary: bool) -> None:
    """Write what was made: into a file, or where the caller's output goes."""
    if output is not None:
        try:
            output.write_bytes(made)
        except OSError as error:
            raise Unreadable(f"{output}: {error.strerror or 'it cannot be written'}.") from None
    elif binary and sys.stdout.isatty():
        raise Unreadable("That would fill the screen with signs: give it a file with --output.")
    else:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
