"""A digest in few words, and one to be read aloud: text without tags, each idea on a line of its own.

Nothing is put in other words: the plain edition has fewer quotes, and of a long one whole sentences, "[…]" where some
were left out. One more kind of line is a function in `LINES`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core import voices
from bot.core.agreement import Agreement
from bot.core.digest import Digest, Quote
from bot.core.letters import Markup, plain
from bot.core.markup import clean, escape
from bot.core.texts import Text
from bot.render import chat
from bot.render.chat import Page

WORDS = 150
SENTENCE = 25  # words of the longest quote
HEADING = 14  # words of a question that was asked
CUT = voices.MARK
SPOKEN = {"sv": (("kl. ", "klockan "),)}  # what a voice stumbles over, and what it says instead
SYMBOLS = ("So", "Sk", "Cs", "Co", "Cn")
JOINERS = re.compile("[\ufe0e\ufe0f\u200d\u20e3]")


# The plain edition ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An idea, perhaps with a heading, and how much it matters that it is there: the smaller, the more."""

    words: str
    rank: int
    place: int  # in the digest's order
    heading: str = ""

    def count(self, headed: bool) -> int:
        """Return how many words it costs, `headed` where its heading is there already."""
        return len(self.words.split()) + (0 if headed else len(self.heading.split()))


def edition(digest: Digest, text: Text, zone: ZoneInfo, *, now: datetime) -> Markup:
    """Return the digest in at most 150 words."""
    page = Page(digest, text, zone, now)
    head = plain(chat.title(digest, text, zone, now=now))
    wanted = [
        line
        for place, (name, make) in enumerate(LINES)
        if name not in digest.hidden
        for line in make(page, place * 100)
    ]
    left = WORDS - len(head.split())
    taken: list[Line] = []
    for line in sorted(wanted, key=lambda line: (line.rank, line.place)):
        cost = line.count(any(line.heading == other.heading for other in taken))
        if cost <= left:
            taken.append(line)
            left -= cost
    return escape("\n".join([head, *_set(sorted(taken, key=lambda line: line.place))]))


def _set(lines: Iterable[Line]) -> Iterator[str]:
    heading = ""
    for line in lines:
        if line.heading != heading:
            heading = line.heading
            yield ""
            if heading:
                yield heading
        yield line.words


def _coming(page: Page, place: int) -> Iterator[Line]:
    digest, text = page.digest, page.text
    if digest.meeting is not None:
        at, where = page.full(digest.meeting.starts_at), digest.meeting.place
        said = (
            text.plain("digests.meet_at", at=at, place=where) if where else text.plain("digests.meet", at=at)
        )
        yield Line(said, 0, place)
    if digest.next_question is not None:
        yield Line(text.plain("digests.next_question", at=page.full(digest.next_question)), 6, place + 1)


def _turnout(page: Page, place: int) -> Iterator[Line]:
    if page.digest.people:
        yield Line(page.text.plain("editions.wrote", count=page.digest.people), 3, place)


def _questions(page: Page, place: int) -> Iterator[Line]:
    heading = page.text.plain("editions.questions")
    for number, quote in enumerate(page.digest.questions):
        if said := _shorter(quote):
            yield Line(_said(quote, said, page), 1 + number * 2, place + number, heading)
    for number, own in enumerate(page.digest.own_questions, len(page.digest.questions)):
        if len(own.split()) <= SENTENCE:
            yield Line(clean(own), 1 + number * 2, place + number, heading)


def _agree(page: Page, place: int) -> Iterator[Line]:
    for number, one in enumerate(page.digest.agreements):
        words = page.text.plain("editions.agreed", agree=one.agree, voters=one.voters, words=one.words)
        yield Line(words, 2 + number * 2, place + number, page.text.plain("editions.agree"))


def _differ(page: Page, place: int) -> Iterator[Line]:
    for number, one in enumerate(page.digest.differences):
        words = _differs(one, page.text)
        yield Line(words, 2 + number * 2, place + number, page.text.plain("editions.differ"))


def _results(page: Page, place: int) -> Iterator[Line]:
    text = page.text
    for number, one in enumerate(page.digest.results):
        for at, (option, count) in enumerate(zip(one.options, one.counts, strict=True)):
            if count:
                yield Line(
                    _chose(option, count, text), 4 + number, place + number * 10 + at, clean(one.question)
                )


def _voices(page: Page, place: int) -> Iterator[Line]:
    for number, section in enumerate(page.digest.sections):
        heading = _first_words(clean(section.question))
        for at, quote in enumerate(section.quotes):
            if said := _shorter(quote):
                # Each question first gets one voice, the carers', then a second one.
                yield Line(_said(quote, said, page), 2 + at * 2, place + number * 10 + at, heading)


def _corrected(page: Page, place: int) -> Iterator[Line]:
    for number, quote in enumerate(page.digest.corrected):
        if said := _shorter(quote):
            yield Line(_said(quote, said, page), 1, place + number, page.text.plain("editions.corrected"))


def _put_right(page: Page, place: int) -> Iterator[Line]:
    heading = plain(page.text("digests.put_right"))
    for number, (words, _) in enumerate(reversed(page.digest.put_right)):
        yield Line(
            clean(words), number, place - number, heading
        )  # who reads only this must not keep what was wrong


def _differs(one: Agreement, text: Text) -> str:
    agree = text.plain("statements.agree", count=one.agree)
    disagree = text.plain("statements.disagree", count=one.disagree)
    unsure = text.plain("statements.unsure", count=one.unsure)
    return text.plain("editions.differs", agree=agree, disagree=disagree, unsure=unsure, words=one.words)


def _chose(option: str | None, count: int, text: Text) -> str:
    called = text.plain("digests.own_answer") if option is None else clean(option)
    return text.plain("editions.chose", option=_upper(called), count=count)


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


# The name is by which facilitators leave a section out (`Digest.hidden`).
LINES: tuple[tuple[str, Callable[[Page, int], Iterator[Line]]], ...] = (
    ("coming", _coming),
    ("questions", _questions),
    ("agree", _agree),
    ("differ", _differ),
    ("results", _results),
    ("voices", _voices),
    ("corrected", _corrected),
    ("put_right", _put_right),
    ("turnout", _turnout),
)


def _said(quote: Quote, words: str, page: Page) -> str:
    called = chat.label(quote, page.text, page.digest.named)
    return page.text.plain("editions.said", label=_upper(called), words=words)


def _first_words(words: str) -> str:
    found = words.split()
    return words if len(found) <= HEADING else " ".join([*found[:HEADING], "…"])


def _shorter(quote: Quote) -> str | None:
    """Return a quote, or its first whole sentences; None where the first one is too long."""
    whole = quote.words
    if len(whole.split()) <= SENTENCE:
        return whole
    end, start = 0, None
    for first, last in voices.sentences(whole):
        if start is None and CUT in whole[first:last]:
            continue  # not whole
        start = first if start is None else start
        if len(whole[start:last].split()) > SENTENCE - 2 or CUT in whole[start:last]:
            break
        end = last
    if start is None or not end:
        return None
    before = f"{CUT} " if whole[:start].strip() else ""
    after = f" {CUT}" if whole[end:].strip() else ""
    return f"{before}{whole[start:end]}{after}"


# Read aloud -------------------------------------------------------------------------------------------------------


def aloud(digest: Digest, text: Text, zone: ZoneInfo, *, now: datetime) -> Markup:
    """Return the whole digest as a voice can read it: sentences, no tags, signs or pictograms."""
    return chat.fitted(digest, lambda one, room: _aloud(Page(chat.less(one, room), text, zone, now)))


def _aloud(page: Page) -> Markup:
    digest, text = page.digest, page.text
    parts = [
        section
        for name, make in ALOUD
        if name not in digest.hidden and (section := "\n".join(line for line in make(page) if line))
    ]
    said = "\n\n".join([_sentence(plain(chat.title(digest, text, page.zone, now=page.now))), *parts])
    return escape(_speakable(said, text))


def _spoken(quote: Quote, page: Page) -> str:
    called = chat.label(quote, page.text, page.digest.named)
    return page.text.plain("editions.aloud_said", label=_upper(called), words=_sentence(quote.words))


def _heading(page: Page, name: str) -> str:
    return _sentence(page.text.plain(f"editions.{name}"))


def _aloud_note(page: Page) -> list[str]:
    return [plain(chat.own_words(page))]


def _aloud_questions(page: Page) -> list[str]:
    text, digest = page.text, page.digest
    lines = []
    for number, quote in enumerate(digest.questions, 1):
        theme = chat.theme_name(digest, quote.theme, text)
        lines.append(text.plain("editions.aloud_question", number=str(number)))
        lines += [_sentence(theme)] if theme else []
        lines.append(_spoken(quote, page))
    for number, own in enumerate(digest.own_questions, len(digest.questions) + 1):
        lines += [text.plain("editions.aloud_question", number=str(number)), _sentence(own)]
    return [_heading(page, "questions"), *lines] if lines else []


def _aloud_agree(page: Page) -> list[str]:
    found = [
        page.text.plain("editions.agreed", agree=one.agree, voters=one.voters, words=one.words)
        for one in page.digest.agreements
    ]
    return [_heading(page, "agree"), *found] if found else []


def _aloud_differ(page: Page) -> list[str]:
    found = [_differs(one, page.text) for one in page.digest.differences]
    return [_heading(page, "differ"), *found] if found else []


def _aloud_results(page: Page) -> list[str]:
    text, lines = page.text, []
    for one in page.digest.results:
        lines.append(_sentence(one.question))
        lines += [_chose(option, n, text) for option, n in zip(one.options, one.counts, strict=True)]
    return lines


def _aloud_voices(page: Page) -> list[str]:
    lines = []
    for section in page.digest.sections:
        lines += [_sentence(section.question), plain(chat.counted(section, page.text))]
        lines += [_spoken(quote, page) for quote in section.quotes]
    return lines


def _aloud_singles(page: Page) -> list[str]:
    found = [_spoken(quote, page) for quote in page.digest.singles]
    return [_heading(page, "singles"), *found] if found else []


def _aloud_corrected(page: Page) -> list[str]:
    found = [_spoken(quote, page) for quote in page.digest.corrected]
    return [_heading(page, "corrected"), *found] if found else []


def _aloud_put_right(page: Page) -> list[str]:
    return [_sentence(line) for line in plain(chat.put_right(page)).split("\n") if line]


def _aloud_turnout(page: Page) -> list[str]:
    digest, text = page.digest, page.text
    lines = [text.plain("editions.wrote", count=digest.people)]
    if digest.wrote_by:
        named = chat.by_group(digest.wrote_by, text, digest.named)
        lines.append(text.plain("digests.among", groups=named))
    return lines


def _aloud_coming(page: Page) -> list[str]:
    return [line.words for line in _coming(page, 0)]


ALOUD: tuple[tuple[str, Callable[[Page], Sequence[str]]], ...] = (
    ("note", _aloud_note),
    ("questions", _aloud_questions),
    ("agree", _aloud_agree),
    ("differ", _aloud_differ),
    ("results", _aloud_results),
    ("voices", _aloud_voices),
    ("singles", _aloud_singles),
    ("corrected", _aloud_corrected),
    ("put_right", _aloud_put_right),
    ("turnout", _aloud_turnout),
    ("coming", _aloud_coming),
)


def _sentence(words: str) -> str:
    """Return words with an end that a voice pauses at."""
    words = words.strip()
    return words if not words or words[-1] in ".!?…:" else f"{words}."


def _speakable(words: str, text: Text) -> str:
    for sign, spoken in SPOKEN.get(text.language, ()):
        words = words.replace(sign, spoken)
    words = words.replace(CUT, text.plain("editions.left_out"))
    words = "".join(" " if _is_sign(sign) else sign for sign in JOINERS.sub("", words))
    return "\n".join(" ".join(line.split()) for line in words.split("\n"))


def _is_sign(sign: str) -> bool:
    return unicodedata.category(sign) in SYMBOLS or sign in "•·–—*_#|<>&"
