"""A digest that was made from a file, in the form that was asked for. One more: a function, and its line in `FORMS`.

Text, page, PDF and picture are what members would see: no group of fewer than k people is named in them, and what one
person raised is left out, for nobody was asked. JSON is the facilitator's own file, given back with roles as they came.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.core import choosing, cutting, digest, questions, themes
from bot.core.digest import Digest
from bot.core.voices import Chosen
from bot.evaluate.reading import Given

if TYPE_CHECKING:
    from bot.core.texts import Text

APART = f" {cutting.MARK} "
ZONE = ZoneInfo("UTC")
QUOTED = re.compile(r"<blockquote[^>]*>(.*?)</blockquote>", re.DOTALL)


# For a program --------------------------------------------------------------------------------------------------


def as_json(given: Given) -> bytes:
    """Return what was chosen and counted, with the file's own ids and roles."""
    material = given.material
    choice = choosing.choose(material)
    about = themes.assign(material.replies, material.codebook, material.language)
    names = _names(given)
    replies = {reply.id: reply for reply in material.replies}

    def quote(chosen: Chosen) -> dict[str, Any]:
        line = given.lines[chosen.id]
        return {
            "id": line.id,
            "prompt": line.prompt,
            "role": given.roles[chosen.id],
            "text": verbatim(replies[chosen.id].text, chosen),
            "themes": [names[code] for code in about.get(chosen.id, ())],
        }

    def question(chosen: Chosen) -> dict[str, Any]:
        theme = next((names[code] for code in about.get(chosen.id, ())), None)
        words = verbatim(replies[chosen.id].text, chosen)
        return {"id": given.lines[chosen.id].id, "text": words, "theme": theme}

    left = [reply for reply in material.replies if reply.text.strip() and not about.get(reply.id)]
    found = {
        "quotes": [quote(one) for _, quotes in choice.prompts for one in quotes],
        "single": [quote(one) for one in choice.singles],
        "questions": [question(one) for one in questions.found(material.replies)],
        "themes": _by_role(given, about, names),
        "unassigned": [given.lines[reply.id].id for reply in left],
        "unassigned_words": list(themes.unassigned(material.replies, about, material.language)),
        "appendix": [{"id": line.id, "text": line.text} for line in given.lines.values()],
    }
    return f"{json.dumps(found, ensure_ascii=False, indent=2)}\n".encode()


def verbatim(text: str, chosen: Chosen) -> str:
    """Return chosen words to the letter, line ends included; a mark stands where words were left out."""
    spans = chosen.spans
    before = f"{cutting.MARK} " if text[: spans[0][0]].strip() else ""
    after = f" {cutting.MARK}" if text[spans[-1][1] :].strip() else ""
    return f"{before}{APART.join(cutting.parts(text, spans))}{after}"


def _names(given: Given) -> dict[str, str]:
    """Return what themes are called; by their code where two are called the same."""
    language = given.material.language
    called = [theme.name(language) for theme in given.material.codebook]
    return {
        theme.code: name if called.count(name) == 1 else theme.code
        for theme, name in zip(given.material.codebook, called, strict=True)
    }


def _by_role(
    given: Given, about: Mapping[int, Sequence[str]], names: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    people: dict[str, dict[str, set[int]]] = {name: {} for name in names.values()}
    for reply in given.material.replies:
        for code in about.get(reply.id, ()):
            people[names[code]].setdefault(given.roles[reply.id], set()).add(reply.member)
    return {name: {role: len(who) for role, who in sorted(by.items())} for name, by in people.items()}


# For people -----------------------------------------------------------------------------------------------------


def as_text(given: Given) -> bytes:
    """Return the digest in words alone."""
    from bot.core.markup import plain

    sections = [plain(QUOTED.sub(_with_signs, part)) for _, part in _sections(given)]
    return ("\n\n".join(sections) + "\n").encode()


def _with_signs(quote: re.Match[str]) -> str:
    """A quote as in a letter: without tags nothing else would tell where it begins and ends."""
    return "\n".join(f"&gt; {line}" for line in quote[1].split("\n"))


def as_html(given: Given) -> bytes:
    """Return the digest as a page."""
    from bot.core.markup import plain

    parts = _sections(given)
    title = _escaped(plain(parts[0][1]).split("\n")[0])
    body = "\n".join(f'<section class="{name}">{part}</section>' for name, part in parts)
    language = _text(given).language
    return PAGE.format(language=language, title=title, style=STYLE, body=body).encode()


PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
STYLE = (
    "body{font:1.125rem/1.5 sans-serif;margin:2rem}main{max-width:38rem;margin:auto}"
    "section{white-space:pre-line;margin-bottom:1.5rem;overflow-wrap:anywhere}"
    "blockquote{border-left:.25rem solid #084a80;margin:.5rem 0;padding-left:.75rem}"
)


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sections(given: Given) -> list[tuple[str, str]]:
    """Return the parts of the digest as HTML, the title first: all of them, for a page has room."""
    from bot.render import chat

    made, text = _digest(given), _text(given)
    page = chat.Page(made, text, ZONE, given.now)
    parts = ((name, make(page)) for name, make in chat.SECTIONS if name not in made.hidden)
    return [
        ("title", chat.title(made, text, ZONE, now=given.now)),
        *((name, part) for name, part in parts if part),
    ]


def as_pdf(given: Given) -> bytes:
    """Return the digest as two pages to print."""
    from bot.render import print as printing

    text = _text(given)
    title = text.plain("evaluate.title")
    everything = digest.said(given.material) if given.appendix else None
    return printing.pdf(_digest(given), text, ZONE, now=given.now, title=title, appendix=everything)


def as_png(given: Given) -> bytes:
    """Return the printed pages as one picture."""
    from bot.render import print as printing

    text = _text(given)
    title = text.plain("evaluate.title")
    return printing.png(_digest(given), text, ZONE, now=given.now, title=title)


def _digest(given: Given) -> Digest:
    return digest.compose(given.material, choosing.choose(given.material))


def _text(given: Given) -> "Text":
    from bot import catalogues

    return catalogues.load().of(given.material.language)


Form = Callable[[Given], bytes]
FORMS: Mapping[str, Form] = {
    "text": as_text,
    "html": as_html,
    "json": as_json,
    "pdf": as_pdf,
    "png": as_png,
}
