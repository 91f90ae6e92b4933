"""Quotes, cut out of what somebody wrote: to the letter, whole sentences where one fits, "[…]" for what is left out."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

LIMIT = 160  # characters of a quote on the phone, marks included
PRINT = 190  # of one that stands in print only
LENGTHS = (160, 130, 110, 90, PRINT)  # shorter ones where a digest is full
MARK = "[…]"
LINE = 20  # characters that a new line counts for

END = re.compile(r"""[.!?…]+["'”’»)\]]*(?=\s+(\S)|\s*$)|\n|$""")
CLOSING = "\"'”’»"
WORD = re.compile(r"\S+")
LAST = re.compile(r"[^\W\d_](?:[\w.]*\w)?$")  # the word before a full stop
SHORT = (  # words that end in a full stop which ends no sentence
    " dr prof mr mrs ms st vs no e.g i.e a.m p.m approx"
    " bv bijv dhr mw mevr drs ir nr o.a d.w.z m.a.w i.v.m t.a.v t.o.v m.b.t m.n incl evt a.u.b"
    " t.ex bl.a d.v.s dvs m.m m.fl s.k f.d kl ca tel resp ev inkl jfr"
    " z.b bzw d.h sig dott "
)

Span = tuple[int, int]


def mark(text: str, spans: Sequence[Span]) -> str:
    """Return by what these very words are known again; it gives nothing of them away."""
    words = "\0".join(parts(text, spans))
    return sha256(f"{spans}\0{words}".encode(errors="surrogatepass")).hexdigest()[:12]


def parts(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the chosen words, to the letter."""
    found = tuple(text[start:end] for start, end in spans)
    if not all(part and part in text for part in found):  # a quote that is none must never go out
        raise ValueError("a quote has words that its contribution has not")
    return found


def shown(text: str, spans: Sequence[Span]) -> str:
    """Return the quote as it is read, "[…]" where words were left out."""
    before = [MARK] if text[: spans[0][0]].strip() else []
    after = [MARK] if text[spans[-1][1] :].strip() else []
    return " ".join([*before, f" {MARK} ".join(parts(text, spans)), *after])


def quote(text: str, limit: int = LIMIT, most: int = 0) -> tuple[Span, ...]:
    """Return what is quoted of a text: all of it, or as many neighbouring sentences as fit, the first best ones.

    Where none fits, the shortest one that is no longer than `most`.
    """
    whole = stripped(text, 0, len(text))
    if _room(text, *whole) <= limit:
        return (whole,)
    found = list(sentences(text))
    for length, better in ((limit, 1), (most, -1)):
        runs = [run for number in range(len(found)) for run in _runs(text, found, number, whole, length)]
        if runs:
            return (max(runs, key=lambda run: (better * (run[1] - run[0]), -run[0])),)
    return (words_from(text, whole[0], max(limit, most)),)


def _room(text: str, start: int, end: int) -> int:
    """How much room words take: a new line takes some too."""
    return end - start + (LINE - 1) * text.count("\n", start, end)


def _runs(text: str, found: Sequence[Span], first: int, whole: Span, limit: int) -> Iterator[Span]:
    """Yield what fits of neighbouring sentences, beginning with one of them; the marks need room too."""
    start = found[first][0]
    room = limit - (0 if start == whole[0] else len(MARK) + 1)
    for number in range(first, len(found)):
        end = found[number][1]
        if _room(text, start, end) > room:
            return
        if end == whole[1] or _room(text, start, end) <= room - len(MARK) - 1:
            yield start, end


def sentences(text: str) -> Iterator[Span]:
    """Yield where the sentences of a text stand; a line end ends one too."""
    begin = 0
    for match in END.finditer(text):
        if match[1] and _goes_on(text, begin, match):
            continue
        start, end = stripped(text, begin, match.end())
        begin = match.end()
        if any(sign.isalnum() for sign in text[start:end]):
            yield start, end


def _goes_on(text: str, begin: int, match: re.Match[str]) -> bool:
    """Whether a sentence goes on: behind "kl. 10", "and so … on", "dr. Berg", "A. Berg", and what somebody says."""
    if match[0][-1] in CLOSING and match[1].islower():  # “When do we go home?” she asks
        return True
    if match[0][:1] not in ".…":
        return False
    last = LAST.search(text, max(begin, match.start() - 12), match.start())
    short = last is not None and (len(last[0]) == 1 or f" {last[0].lower()} " in SHORT) and match[0] == "."
    return short or match[1].islower() or match[1].isdigit()


def stripped(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), max(start, end - len(part) + len(part.rstrip()))


def words_from(text: str, start: int, limit: int) -> Span:
    """Return the first words, where not even one sentence fits."""
    room = limit - 2 * (len(MARK) + 1)
    ends = [match.end() for match in WORD.finditer(text, start, start + room + 1)]
    fits = [end for end in ends if _room(text, start, end) <= room]
    return start, fits[-1] if fits else start + room


def words_to(text: str, end: int, limit: int) -> Span:
    """Return the last words up to `end`: of a question, what is asked mostly stands there."""
    room = limit - 2 * (len(MARK) + 1)
    starts = [match.start() for match in WORD.finditer(text, 0, end) if match.start() >= end - room]
    return (starts[0] if starts else end - room), end
