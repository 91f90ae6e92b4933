"""A message before it is sent: its buttons, what a press says, and how a long text becomes several."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from bot.core.markup import Markup as Markup
from bot.core.markup import Span, escape, parse
from bot.core.markup import member_words as member_words
from bot.core.markup import plain as plain

MAX_LENGTH = 4096  # UTF-16 units after entity parsing
MAX_ENTITIES = 100  # Telegram shows further ones as plain text
MAX_DATA = 64  # bytes
MAX_LABEL = 24  # characters; longer ones are cut off on a small phone with large letters
SHORT_LABEL = 11  # two of these fit beside each other
MAX_ID = 2**63 - 1  # a forged larger one would make the database raise

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
PRESS = re.compile(r"v1:([a-z][a-z0-9_.-]*):(0|[1-9a-z][0-9a-z]*):([A-Za-z0-9_.-]*)", re.ASCII)

# Buttons ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Button:
    """What is pressed: it comes back to us as `data` or opens `url`."""

    label: str
    data: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        if (self.data is None) == (self.url is None):
            raise ValueError(f"A button has either data or a url: {self.label}")
        if self.data is not None and not 1 <= len(self.data.encode()) <= MAX_DATA:
            raise ValueError(f"A button's data is 1 to {MAX_DATA} bytes: {self.data}")


@dataclass(frozen=True)
class Keyboard:
    """The buttons below a message; the first one is the one that goes on."""

    rows: tuple[tuple[Button, ...], ...]

    def markup(self) -> dict[str, Any]:
        """As Telegram's `reply_markup`."""
        return {"inline_keyboard": [[_button(button) for button in row] for row in self.rows]}


def keyboard_rows(buttons: Iterable[Button]) -> Keyboard:
    """Buttons one below the other, two in a row only where both are short: easy to hit with a thumb."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        if rows and len(rows[-1]) == 1 and _short(rows[-1][0]) and _short(button):
            rows[-1] = (*rows[-1], button)
        else:
            rows.append((button,))
    return Keyboard(tuple(rows))


def _short(button: Button) -> bool:
    return len(button.label) <= SHORT_LABEL


def fits(label: str) -> bool:
    """Whether a label can be read whole on a small telephone with large letters."""
    return len(label) <= MAX_LABEL


def shortened(label: str) -> str:
    """Return a label as it is shown: a name or a title that is too long is cut; our own words never are."""
    return label if fits(label) else f"{label[: MAX_LABEL - 1].rstrip()}…"


def _button(button: Button) -> dict[str, str]:
    if button.url is not None:
        return {"text": shortened(button.label), "url": button.url}
    return {"text": shortened(button.label), "callback_data": button.data or ""}


# What a press says ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Press:
    """What a pressed button asks for. Anyone can forge it: rights and state are checked by who acts on it."""

    action: str
    id: int
    nonce: str = ""


def callback(action: str, id: int, nonce: str = "") -> str:
    """The data of a button: `v1:<action>:<id in base 36>:<nonce>`."""
    data = f"v1:{action}:{base36(id)}:{nonce}"
    if read_callback(data) is None:
        raise ValueError(f"This can't be the data of a button: {data}")
    return data


def read_callback(data: str | None) -> Press | None:
    """Read a button's data; None for what we never write, or wrote in an earlier version."""
    if not data or len(data) > MAX_DATA:
        return None
    match = PRESS.fullmatch(data)
    if match is None or from_base36(match[2]) > MAX_ID:
        return None
    return Press(match[1], from_base36(match[2]), match[3])


def base36(number: int) -> str:
    """`number` in few letters."""
    if number < 0:
        raise ValueError(f"No id is negative: {number}")
    digits = DIGITS[number % 36]
    while number := number // 36:
        digits = DIGITS[number % 36] + digits
    return digits


def from_base36(digits: str) -> int:
    """The number that `base36` wrote."""
    return int(digits, 36)


def page_of(nonce: str) -> int:
    """Return the page that a press asks for; the first one where it says none."""
    return int(nonce) if nonce.isdecimal() and len(nonce) < 4 else 0


# Long texts -------------------------------------------------------------------------------------------------


def utf16_length(text: str) -> int:
    """The length as Telegram counts it: UTF-16 units, two for most emoji."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def split(html: str, limit: int = MAX_LENGTH, entities: int = MAX_ENTITIES) -> list[str]:
    """Cut Telegram HTML into messages: at paragraphs if possible, else lines, sentences, words, anywhere.

    Tags open at a cut are closed there and opened again. Only white space at the cuts is lost.
    """
    text, all_spans = parse(html)
    if utf16_length(text) <= limit and len(all_spans) <= entities:
        return [html]
    spans = _not_too_deep(all_spans, entities)
    cuts = _cuts(text, spans)
    units = list(accumulate((1 + (sign > "\uffff") for sign in text), initial=0))
    pieces, start, last = [], _skip(text, 0), len(text.rstrip(SPACE))
    while start < last:
        end = min(bisect_right(units, units[start] + limit) - 1, _crowded(spans, start, entities), last)
        if end < last:
            end = _best(text, cuts, start, max(end, start + 1))
        pieces.append(_render(text, spans, start, len(text[:end].rstrip(SPACE))))
        start = _skip(text, end)
    return pieces


SPACE = " \t\n"  # no-break spaces are not for cutting
PARAGRAPH = re.compile(r"[ \t]*\n[ \t]*\n[ \t\n]*")
LINE = re.compile(r"[ \t]*\n[ \t\n]*")
SENTENCE = re.compile(r"""(?<=[.!?…。！？])["'”’»)\]]*([ \t]+)(?=\S)""")
WORD = re.compile(r"[ \t\n]+")
WIDE_SENTENCE = re.compile("(?<=[。！？])")
PICTOGRAM_PARTS = re.compile("[\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def _cuts(text: str, spans: Sequence[Span]) -> list[list[int]]:
    """Where a piece may end: best kind first, so that quotes stay whole if they can; each kind sorted."""
    quotes = [span for span in spans if span.name == "blockquote"]
    borders = {at for span in quotes for at in (span.start, span.end)}  # a quote is a block of its own

    def outside(cuts: Iterable[int]) -> list[int]:
        # Quotes neither nest nor overlap, so the last one that begins before is the only one to look at.
        starts = [quote.start for quote in quotes]
        return [c for c in cuts if not (i := bisect_right(starts, c - 1)) or c >= quotes[i - 1].end]

    paragraphs = [match.start() for match in PARAGRAPH.finditer(text)]
    lines = sorted({match.start() for match in LINE.finditer(text)} | borders)
    sentences = [m.start(1) for m in SENTENCE.finditer(text) if _begins(text[m.end()])]
    sentences = sorted({*sentences, *(match.start() for match in WIDE_SENTENCE.finditer(text))})
    words = [match.start() for match in WORD.finditer(text)]
    return [outside(paragraphs), outside(lines), paragraphs, lines, sentences, words]


def _begins(sign: str) -> bool:
    """Whether a sentence may begin so: "kl. 10" and "e.g. this" are not two sentences."""
    return not (sign.islower() or sign.isdigit())


def _best(text: str, cuts: Sequence[Sequence[int]], start: int, end: int) -> int:
    """The best place to end a piece that must not go beyond `end`."""
    enough = start + (end - start) // 4  # a better place isn't worth a message of three words
    for least in (enough, start):
        for kind in cuts:
            before = bisect_right(kind, end) - 1
            if before >= 0 and kind[before] > least:
                return kind[before]
    whole = end
    while whole > start + 1 and not _may_part(text, whole):
        whole -= 1
    return whole if _may_part(text, whole) else end


def _may_part(text: str, at: int) -> bool:
    """Whether what a reader sees as one sign is left whole; rare scripts may still be cut."""
    before, after = text[at - 1], text[at]
    if before == "\u200d" or PICTOGRAM_PARTS.match(after) or unicodedata.category(after).startswith("M"):
        return False
    return not (_regional(after) and _flag_half(text, at))


def _regional(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _flag_half(text: str, at: int) -> bool:
    """Whether an odd number of a flag's letters stands before."""
    begin = at
    while begin > 0 and _regional(text[begin - 1]):
        begin -= 1
    return (at - begin) % 2 == 1


def _not_too_deep(spans: Sequence[Span], entities: int) -> list[Span]:
    """Only the outer tags where more of them are nested than a message can show."""
    kept: list[Span] = []
    open_ends: list[int] = []
    for span in spans:
        while open_ends and open_ends[-1] <= span.start:
            open_ends.pop()
        if len(open_ends) < entities:
            open_ends.append(span.end)
            kept.append(span)
    return kept


def _crowded(spans: Sequence[Span], start: int, entities: int) -> int:
    """Where the first tag begins that a piece from `start` can't hold any more."""
    begins = sorted(max(span.start, start) for span in spans if span.end > start)
    return begins[entities] if len(begins) > entities else MAX_ID


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in SPACE:
        at += 1
    return at


def _render(text: str, spans: Sequence[Span], start: int, end: int) -> str:
    """The HTML of a part of the text, with the tags over it."""
    over = [span for span in spans if span.start < end and span.end > start]
    parts: list[str] = []
    open_spans: list[Span] = []
    at = start
    for span in [*over, None]:
        begin = end if span is None else max(span.start, start)
        while open_spans and open_spans[-1].end <= begin:
            closing = open_spans.pop()
            parts += [escape(text[at : closing.end]), f"</{closing.name}>"]
            at = closing.end
        parts.append(escape(text[at:begin]))
        at = begin
        if span is not None:
            parts.append(span.opening)
            open_spans.append(span)
    parts += [f"</{span.name}>" for span in reversed(open_spans)]
    return "".join(parts)
