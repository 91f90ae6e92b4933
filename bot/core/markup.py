"""Telegram HTML as a type of its own, so that words of people are never taken for tags."""

import re
import unicodedata
from dataclasses import dataclass

ATTRIBUTE = r"""\s+[a-zA-Z-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?"""
TAG = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:{ATTRIBUTE})*)\s*>")
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)(?![a-zA-Z])|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));?")
TOKEN = re.compile(f"({TAG.pattern})|({REFERENCE.pattern})")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
ISOLATES = "\u2066\u2067\u2068"
NOT_LEFT_TO_RIGHT = {"R", "AL", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
NOT_WRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Markup(str):
    """Telegram HTML that is safe to send: text from a catalogue, or words that were escaped."""

    __slots__ = ()


@dataclass(frozen=True)
class Span:
    """A tag as it lies over the plain text."""

    start: int
    end: int
    name: str
    opening: str  # the tag as it was written, attributes included


def escape(words: str) -> Markup:
    """Escape what Telegram would read as markup; an apostrophe is not, and stays readable."""
    return Markup(
        words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def clean(words: str) -> str:
    """Words as they can stand amid ours: writable, and their direction of writing kept to themselves."""
    words = LONE_SURROGATE.sub("\ufffd", NOT_WRITABLE.sub("", LINE_ENDS.sub("\n", words)))
    if words.isascii():
        return words
    return "\n".join(_isolated(line) for line in words.split("\n"))  # an isolate ends with its line


def safe(value: str) -> Markup:
    """`value` as it goes into HTML: untouched if it is Markup, else cleaned and escaped."""
    return value if isinstance(value, Markup) else escape(clean(value))


def member_words(words: str) -> Markup:
    """What a member wrote, for our HTML: the same words, never markup, without the space around them."""
    return safe(words if isinstance(words, Markup) else words.strip())


def plain(html: str) -> str:
    """The text of `html` without tags, as Telegram would show and count it."""
    return parse(html)[0]


def parse(html: str) -> tuple[str, tuple[Span, ...]]:
    """Take HTML apart into its text and the tags over it, outermost first; what is no tag is text.

    Lenient on purpose: it never fails, since it also serves the plain text of what Telegram refused.
    """
    text: list[str] = []
    length, at = 0, 0
    open_tags: list[tuple[int, str, str, int]] = []
    spans: list[tuple[int, Span]] = []
    for order, token in enumerate(TOKEN.finditer(html)):
        text.append(html[at : token.start()])
        length += token.start() - at
        at = token.end()
        tag, closing, name = token[1], token[2], (token[3] or "").lower()
        if tag is None:
            text.append(_character(token))
            length += len(text[-1])
        elif not closing:
            open_tags.append((length, name, tag, order))
        elif any(name == open_name for _, open_name, _, _ in open_tags):
            while _close(open_tags, spans, length) != name:
                pass
    text.append(html[at:])
    while open_tags:
        _close(open_tags, spans, length + len(text[-1]))
    return "".join(text), tuple(
        span for _, span in sorted(spans, key=lambda s: s[0]) if span.start < span.end
    )


def _close(open_tags: list[tuple[int, str, str, int]], spans: list[tuple[int, Span]], end: int) -> str:
    start, name, tag, order = open_tags.pop()
    spans.append((order, Span(start, end, name, tag)))
    return name


def _character(token: re.Match[str]) -> str:
    """The character of a reference; one that Telegram doesn't know stays as it is written."""
    named, decimal, hexadecimal = token.groups()[-3:]
    if named:
        return NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    known = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if known else token[0]


def _isolated(line: str) -> str:
    """`line` between isolates if anything in it could turn the direction of what follows."""
    if all(unicodedata.bidirectional(sign) not in NOT_LEFT_TO_RIGHT for sign in line):
        return line
    kept, depth = [], 0
    for sign in line:
        if sign in ISOLATES:
            depth += 1
        elif sign == POP_ISOLATE:
            if depth == 0:
                continue  # it would end our isolate before the words do
            depth -= 1
        kept.append(sign)
    return FIRST_STRONG_ISOLATE + "".join(kept) + POP_ISOLATE * (depth + 1)
