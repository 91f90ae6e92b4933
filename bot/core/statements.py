"""Which sentences a statements round can be made of, and what becomes of one when its answer changes: plain values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product, zip_longest

from bot.core import voices
from bot.core.voices import MARK, Reply, Span

LEAST, MOST = 5, 8  # sentences of a round
OUT_LEAST = (
    3  # so many go out at least: with fewer there is nothing to compare, and it would be clear whose they are
)
WORDS = range(4, 33)  # of a sentence: enough to say something, few enough to be answered
MOST_SIGNS = 160
NO_PLACE = (
    "http:",
    "https:",
    "www.",
    "@",
)  # who follows a link, or is spoken to, is not what can be agreed with


@dataclass(frozen=True)
class Candidate:
    """A sentence that could be put to everybody."""

    contribution: int
    spans: tuple[Span, ...]
    mark: str
    words: str


def candidates(replies: Iterable[Reply]) -> list[Candidate]:
    """Return the sentences a facilitator can choose from: of each author one, before anybody's second comes.

    Within a turn the order is that of the marks, by which nothing can be told of who wrote them: sentences stand there
    without a name or a group, and their order must not give these away.
    """
    waiting: dict[int, list[Candidate]] = {}
    for reply in sorted(replies, key=lambda one: -one.id):  # the newest first
        if voices.quotable(reply) and not reply.flagged:
            waiting.setdefault(reply.member, []).extend(_of(reply))
    found: list[Candidate] = []
    for turn in zip_longest(*(_once(own) for _, own in sorted(waiting.items()))):
        found += sorted((one for one in turn if one is not None), key=lambda one: one.mark)
    return found


def _once(own: Sequence[Candidate]) -> list[Candidate]:
    return list({one.words.casefold(): one for one in reversed(own)}.values())[::-1]


def _of(reply: Reply) -> list[Candidate]:
    places = [(start, end) for start, end in voices.sentences(reply.text) if _fits(reply.text[start:end])]
    return [_candidate(reply, place) for place in places]


def _candidate(reply: Reply, place: Span) -> Candidate:
    chosen = voices.pick(reply, (place,))
    return Candidate(reply.id, chosen.spans, chosen.mark, " ".join(reply.text[slice(*place)].split()))


def fits(words: str) -> bool:
    """Whether something in these words can be put to everybody."""
    return any(_fits(words[start:end]) for start, end in voices.sentences(words))


def _fits(sentence: str) -> bool:
    """Whether one can say that one agrees with it: no question, nothing masked, no link, neither short nor long."""
    words = sentence.split()
    if len(words) not in WORDS or len(sentence) > MOST_SIGNS or "?" in sentence or MARK in sentence:
        return False
    return not any(place in sentence.casefold() for place in NO_PLACE)


# When words change ------------------------------------------------------------------------------------------------


def moved(text: str, spans: Sequence[Span], mark: str) -> tuple[Span, ...] | None:
    """Return where the very same sentence stands in an answer whose other words were changed; None if it is gone."""
    start, end = spans[0]
    for place in voices.sentences(text):
        words = text[slice(*place)]
        where_it_stood = " " * start + words  # the mark is one of the words and of their place
        if len(words) == end - start and voices.mark(where_it_stood, spans) == mark:
            return (place,)
    return None


def stands(text: str, read: str, place: Span) -> Span | None:
    """Return where a sentence of what others read stands in what its author wrote; None if it is not there."""
    words = read[slice(*place)]
    starts = [at for at in range(len(text)) if text.startswith(words, at)]
    at = min(starts, key=lambda start: abs(start - place[0]), default=None)
    return None if at is None else (at, at + len(words))


def reworded(text: str, place: Span, words: str) -> str:
    """Put other words in the place of a sentence, on a line of their own where they would run into their neighbours."""
    before, after = text[: place[0]], text[place[1] :]
    for head, tail in product((before, f"{before.rstrip()}\n"), (after, f"\n{after.lstrip()}")):
        found = head + words + tail
        edges = (len(head), len(head) + len(words))
        if not any(start < edge < end for start, end in voices.sentences(found) for edge in edges):
            return found
    return before + words + after


def instead(text: str, spans: Sequence[Span]) -> tuple[Span, ...] | None:
    """Return the sentence that stands now where the old one stood, or next to it; None where nothing fits."""
    places = [place for place in voices.sentences(text) if _fits(text[slice(*place)])]
    if not places:
        return None
    old = spans[0][0]
    return (min(places, key=lambda place: (abs(place[0] - old), place)),)
