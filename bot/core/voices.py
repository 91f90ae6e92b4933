"""Whose words are shown, and which of them: seats are shared between groups, and nothing is ever reworded.

Popularity never orders anything here; the many would bury the few. Everything is deterministic.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bot.core import consents
from bot.core.groups import FINE

CARER = "carer"  # has the first seat of each prompt
LIMIT = 160  # characters of a quote on the phone, marks included
MARK = "[…]"
LEAD = 8  # a question of fewer words is shown with the sentence before it
READABLE = range(10, 46)  # words: long enough to say something, short enough to stay whole

END = re.compile(r"""[.!?…]+["'”’»)\]]*(?=\s+(\S)|\s*$)|\n|$""")
WORD = re.compile(r"\S+")
ASKS = re.compile(
    r"\?|\b(?:i wonder|i(?:'|’)?d like to know|i don(?:'|’)?t understand|who can tell|does anyone know"
    r"|ik vraag me af|ik ben benieuwd|ik snap niet|ik begrijp niet|weet iemand|wie weet"
    r"|jag undrar|jag förstår inte|vet någon|någon som vet|finns det någon)\b",
    re.IGNORECASE,
)

Span = tuple[int, int]


@dataclass(frozen=True)
class Reply:
    """A contribution as far as choosing needs it.

    `member` counts people; `name` is what would be shown where `attribution` is name; `past` says how often
    this author was quoted in earlier digests.
    """

    id: int
    prompt: int
    member: int
    group: str | None
    place: str  # group, private, room
    chat: int | None
    kind: str
    text: str
    attribution: str
    name: str
    consents: tuple[str, ...]  # the uses agreed to
    arrived_at: datetime
    active: bool = True
    conversation: bool = False
    may_quote: str | None = None
    state: str = "kept"
    late: bool = False
    hidden: bool = False
    past: int = 0
    answer: str | None = None  # its author's, asked about exact words: yes:<mark of those words>
    alone: str | None = None  # role: its author wants to be named by a group that fewer than k share
    flagged: bool = False  # seems to tell who somebody is, or of an illness that is not the network's subject
    starred: bool = False  # its author: this one matters to me
    tapped: tuple[str, ...] = ()  # themes its author named, by code
    tagged: tuple[str, ...] = ()  # themes a facilitator named
    reacted: tuple[str, ...] = ()  # stakeholder groups of those who reacted: breaks ties only
    single: str | None = None  # asked as the only one who raised it: wanted, asked:<mark>, yes:<mark>, no
    language: str | None = None  # of its words; None: the network's
    link: str | None = None  # where its message stands: only set where the author's name is shown anyway

    def agrees(self, use: str) -> bool:
        """Tell whether the author agreed to a use of these words."""
        return consents.together(self.consents, use)


@dataclass(frozen=True)
class Chosen:
    """Which words of a contribution are shown: places in its text, and by what they are known again."""

    id: int
    spans: tuple[Span, ...]
    mark: str


@dataclass
class Seats:
    """Who has been quoted so far in one digest."""

    authors: dict[int, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def take(self, reply: Reply) -> None:
        """Count a quote."""
        self.authors[reply.member] = self.authors.get(reply.member, 0) + 1
        self.groups[side(reply)] = self.groups.get(side(reply), 0) + 1


def kept(reply: Reply) -> bool:
    """Tell whether a contribution still is one: counted, though perhaps not quoted."""
    return reply.state == "kept" and reply.active and reply.agrees(consents.TAKE_PART)


def quotable(reply: Reply) -> bool:
    """Tell whether words may be shown: all that is known of them and of their author agrees."""
    if not kept(reply) or reply.hidden or reply.may_quote == "no" or not reply.text.strip():
        return False
    if reply.conversation and reply.may_quote != "yes":
        return False
    return reply.agrees(consents.QUOTE)


def side(reply: Reply) -> str:
    """Return the group whose seat a reply would take."""
    return reply.group or "other"


# Choosing -------------------------------------------------------------------------------------------------------


def turn(number: int, fine: Sequence[str] = FINE) -> list[str]:
    """Return the order of the groups in a digest: carers first, the others begin with another one each time."""
    others = [code for code in fine if code != CARER]
    shift = number % len(others)
    return [CARER, *others[shift:], *others[:shift]]


def choose(
    replies: Iterable[Reply],
    *,
    seats: int,
    number: int,
    taken: Seats,
    limit: int = LIMIT,
    fine: Sequence[str] = FINE,
) -> list[Chosen]:
    """Choose the quotes of one prompt, the carers' first; `taken` goes on to the next prompt.

    Each group that spoke gets a seat before one gets two, groups that were heard less in this digest first,
    and a carer before all others. Of a group, each author gets one before anybody gets two.
    """
    order = turn(number, fine)
    waiting: dict[str, list[Reply]] = {}
    for reply in sorted(replies, key=lambda r: r.id):
        if quotable(reply):
            waiting.setdefault(side(reply), []).append(reply)
    groups = sorted(waiting, key=lambda code: _rank(code, order, taken, reserved=seats > 1))
    chances = _chances(waiting)
    here = Seats()
    chosen: list[Reply] = []
    while len(chosen) < seats and any(waiting.values()):
        for code in groups:
            if not waiting[code] or len(chosen) == seats:
                continue
            best = min(waiting[code], key=lambda r: _wait(r, here, taken, chances))
            waiting[code].remove(best)
            here.take(best)
            chosen.append(best)
    for reply in chosen:
        taken.take(reply)
    shown = sorted(chosen, key=lambda r: _place(side(r), order))  # stable: of one group, as they were chosen
    return [pick(reply, quote(reply.text, limit)) for reply in shown]


def _rank(code: str, order: Sequence[str], taken: Seats, *, reserved: bool) -> tuple[bool, int, int]:
    return (not (reserved and code == CARER), taken.groups.get(code, 0), _place(code, order))


def _place(code: str, order: Sequence[str]) -> int:
    return order.index(code) if code in order else len(order)


def _chances(waiting: Mapping[str, Sequence[Reply]]) -> dict[int, int]:
    chances: dict[int, int] = {}
    for replies in waiting.values():
        for reply in replies:
            chances[reply.member] = chances.get(reply.member, 0) + 1
    return chances


def _wait(
    reply: Reply, here: Seats, taken: Seats, chances: Mapping[int, int]
) -> tuple[int, int, int, int, bool, int]:
    """The smaller, the sooner it is this reply's turn: who was heard least, then what reads well, then age."""
    return (
        here.authors.get(reply.member, 0),
        taken.authors.get(reply.member, 0),
        reply.past,
        chances[reply.member],
        len(reply.text.split()) not in READABLE,
        reply.id,
    )


def questions(replies: Iterable[Reply], *, most: int, taken: Seats, limit: int = LIMIT) -> list[Chosen]:
    """Choose the questions members raised, one of each person: carers first, then who was quoted least."""
    found: list[Chosen] = []
    heard: set[int] = set()
    for reply in sorted(replies, key=lambda r: (r.group != CARER, r.past, r.id)):
        if len(found) == most:
            break
        if reply.member not in heard and quotable(reply) and (spans := question(reply.text, limit)):
            heard.add(reply.member)
            found.append(pick(reply, spans))
            taken.take(reply)
    return found


# Cutting --------------------------------------------------------------------------------------------------------


def pick(reply: Reply, spans: tuple[Span, ...]) -> Chosen:
    """Return the choice of some words of a reply."""
    return Chosen(reply.id, spans, mark(reply.text, spans))


def mark(text: str, spans: Sequence[Span]) -> str:
    """Return by what these very words are known again; it gives nothing of them away."""
    words = "\0".join(parts(text, spans))
    return sha256(f"{spans}\0{words}".encode()).hexdigest()[:12]


def parts(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the chosen words, to the letter."""
    found = tuple(text[start:end] for start, end in spans)
    if not all(part and part in text for part in found):  # a quote that is none must never go out
        raise ValueError("a quote has words that its contribution has not")
    return found


def shown(text: str, spans: Sequence[Span]) -> str:
    """Return the quote as it is read, "[…]" where words were left out; line ends become spaces."""
    pieces = [" ".join(part.split()) for part in parts(text, spans)]
    before = [MARK] if text[: spans[0][0]].strip() else []
    after = [MARK] if text[spans[-1][1] :].strip() else []
    return " ".join([*before, f" {MARK} ".join(pieces), *after])


def quote(text: str, limit: int = LIMIT) -> tuple[Span, ...]:
    """Return what is quoted of a text: all of it, or as many neighbouring sentences as fit, the first best ones."""
    whole = _stripped(text, 0, len(text))
    if whole[1] - whole[0] <= limit:
        return (whole,)
    found = list(sentences(text))
    if runs := [run for number in range(len(found)) for run in _runs(found, number, whole, limit)]:
        return (max(runs, key=lambda run: (run[1] - run[0], -run[0])),)
    return (_words_from(text, whole[0], limit),)


def _runs(found: Sequence[Span], first: int, whole: Span, limit: int) -> Iterator[Span]:
    """Yield what fits of neighbouring sentences, beginning with one of them; the marks need room too."""
    start = found[first][0]
    room = limit - (0 if start == whole[0] else len(MARK) + 1)
    for number in range(first, len(found)):
        end = found[number][1]
        if end - start > room:
            return
        if end == whole[1] or end - start <= room - len(MARK) - 1:
            yield start, end


def question(text: str, limit: int = LIMIT) -> tuple[Span, ...]:
    """Return the first question of a text, with the sentence before it where it is short; nothing if none is asked."""
    if ASKS.search(text) is None:
        return ()
    found = list(sentences(text))
    at = next((n for n, (start, end) in enumerate(found) if ASKS.search(text, start, end)), None)
    if at is None:
        return ()
    start, end = found[at]
    if at and len(text[start:end].split()) < LEAD:
        led = (found[at - 1][0], end)
        if len(shown(text, [led])) <= limit:
            return (led,)
    if len(shown(text, [(start, end)])) <= limit:
        return ((start, end),)
    return (_words_to(text, end, limit),)


def sentences(text: str) -> Iterator[Span]:
    """Yield where the sentences of a text stand; a line end ends one too."""
    begin = 0
    for match in END.finditer(text):
        if match[0][:1] in ".…" and match[1] and (match[1].islower() or match[1].isdigit()):
            continue  # "kl. 10" and "e.g. this" go on
        start, end = _stripped(text, begin, match.end())
        begin = match.end()
        if any(sign.isalnum() for sign in text[start:end]):
            yield start, end


def _stripped(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), max(start, end - len(part) + len(part.rstrip()))


def _words_from(text: str, start: int, limit: int) -> Span:
    """The first words, where not even one sentence fits."""
    room = limit - 2 * (len(MARK) + 1)
    ends = [match.end() for match in WORD.finditer(text, start) if match.end() - start <= room]
    return start, ends[-1] if ends else start + room


def _words_to(text: str, end: int, limit: int) -> Span:
    """The last words up to `end`: of a question, what is asked mostly stands there."""
    room = limit - 2 * (len(MARK) + 1)
    starts = [match.start() for match in WORD.finditer(text) if end - room <= match.start() < end]
    return (starts[0] if starts else end - room), end
