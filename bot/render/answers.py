"""All the answers of a digest for those who lead, under the themes they are about, in pages that fit a message."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.digest import Quote
from bot.core.groups import Groups
from bot.core.letters import member_words
from bot.core.texts import Markup, Text
from bot.core.themes import Theme
from bot.render import chat

PAGE = 1600  # characters of answers on a page; escaped and in UTF-16 they still fit a message


@dataclass(frozen=True)
class Shelves:
    """The themes in their order, and the words that come back in what is about none of them."""

    themes: tuple[Theme, ...] = ()
    words: tuple[str, ...] = ()


def pages(quotes: Sequence[Quote], text: Text, named: Groups, shelves: Shelves = Shelves()) -> list[str]:
    """Return whole answers, numbered, under their first theme; a very long one is cut. Without themes: one list."""
    found: list[str] = []
    number = 0
    for heading, here in _under(quotes, text, shelves):
        for first, quote in enumerate(here):
            number += 1
            line = _line(number, quote, text, named)
            if found and len(found[-1]) + len(heading) + len(line) < PAGE:
                found[-1] += f"\n\n{line}" if first or not heading else f"\n\n{heading}\n\n{line}"
            else:  # the heading stands on each page on which there is something below it
                found.append(f"{heading}\n\n{line}" if heading else line)
    return found


def _line(number: int, quote: Quote, text: Text, named: Groups) -> str:
    words = quote.words if len(quote.words) <= PAGE else f"{quote.words[:PAGE]} […]"
    label = chat.label(quote, text, named)
    return str(text("digests.one", number=str(number), words=member_words(words), label=label))


def _under(quotes: Sequence[Quote], text: Text, shelves: Shelves) -> list[tuple[str, list[Quote]]]:
    if not shelves.themes:
        return [("", list(quotes))]
    found = [
        (
            str(text("drafts.theme", name=theme.name(text.language))),
            [q for q in quotes if q.theme == theme.code],
        )
        for theme in shelves.themes
    ]
    codes = {theme.code for theme in shelves.themes}
    rest = [quote for quote in quotes if quote.theme not in codes]
    return [*((heading, here) for heading, here in found if here), (_unassigned(text, shelves.words), rest)]


def _unassigned(text: Text, words: Sequence[str]) -> str:
    heading = text("drafts.unassigned")
    if not words:
        return str(heading)
    return str(Markup(f"{heading}\n{text('drafts.words', words=', '.join(words))}"))
