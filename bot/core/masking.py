"""Words with […] in place of what is not to be read: which places, and what becomes of a quote of them.

All places count code points, as Python does.
"""

import re
from collections.abc import Iterable, Sequence

from bot.core import voices
from bot.core.voices import MARK, Chosen

Span = tuple[int, int]
SENTENCE = re.compile(r"\n|[.!?](?=\s)")


def places(text: str, passage: str) -> list[Span]:
    """Return everywhere a passage stands, in capitals or not, over line ends, with or without the `s` of `Henk's`.

    What was typed is looked for as whole words; only if it stands nowhere so, as a part of words. A passage without a
    letter or a digit, or with a […] of its own, stands nowhere.
    """
    words = passage.split()
    if MARK in passage or not any(sign.isalnum() for sign in passage):
        return []
    body = r"\s+".join(map(re.escape, words))
    for pattern in (rf"(?<!\w){body}(?:['’]?s)?(?!\w)", body):
        found = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
        if found:
            return found
    return []


def hide(text: str, spans: Iterable[Span]) -> str:
    """Return a text with […] in these places."""
    parts, at = [], 0
    for start, end in joined(spans):
        parts += [text[at:start], MARK]
        at = end
    return "".join([*parts, text[at:]])


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return places in order; those that overlap or touch become one, empty ones are left out."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def moved(chosen: Chosen, text: str, spans: Sequence[Span]) -> Chosen | None:
    """Return a quote of `text` as it is after `hide(text, spans)`; None if no word of it is left."""
    masked = hide(text, spans)
    pieces: list[Span] = []
    for start, end in chosen.spans:
        piece = (_moved(start, spans, after=False), _moved(end, spans, after=True))
        if re.search(r"\w", masked[piece[0] : piece[1]]):
            pieces.append(piece)
    stand = tuple(pieces)
    return Chosen(chosen.id, stand, voices.mark(masked, stand)) if stand else None


def _moved(at: int, spans: Iterable[Span], *, after: bool) -> int:
    """Where a place in the text is now; one amid what is hidden goes to the end (`after`) or beginning of its […]."""
    shift = 0
    for start, end in joined(spans):
        if at >= end:
            shift += len(MARK) - (end - start)
        elif at > start:
            return start + shift + (len(MARK) if after else 0)
    return at + shift


def hidden(text: str, masked: str) -> list[str] | None:
    """Return the passages of `text` that stand behind the […] of `masked`; None if it is no masking of that text.

    `text` may go on before or behind: who edits a message mostly adds something.
    """
    kept = masked.split(MARK)
    if len(kept) < 2:
        return None
    begin = text.find(kept[0]) if kept[0].strip() else 0
    if begin < 0:
        return None
    at, found = begin + len(kept[0]), []
    for number, words in enumerate(kept[1:], 1):
        last = number == len(kept) - 1
        if words:
            until = text.find(words, at + 1)
        else:  # nothing tells where it ended: at the end of the sentence, if what is there is more than that
            rest = SENTENCE.search(text, at) if last else None
            until = len(text) if last and rest is None else at + 1 if rest is None else rest.start()
        if until < 0:
            return None
        found.append(text[at:until])
        at = until + len(words)
    return [passage for passage in found if places(text, passage)]


def again(text: str, passages: Iterable[str]) -> str | None:
    """Return a text with these passages hidden; None if none of them stands in it."""
    spans = [span for passage in passages for span in places(text, passage)]
    return hide(text, spans) if spans else None
