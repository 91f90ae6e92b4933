"""What a digest contains: chosen once, for the draft; put together again whenever it is shown, without what was
taken back since. A section more is a field of `Digest` and a function in bot/render/chat.py.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from bot.core import groups, voices
from bot.core.agreement import Agreement, Statement
from bot.core.groups import USUAL, Groups
from bot.core.themes import Codebook
from bot.core.voices import Chosen, Reply, Seats
from bot.core.votes import Poll, Result

WORDS = 420  # two minutes at most
OURS = 90  # of them: headings, numbers and dates
CHARACTERS = 2600  # of members' words and questions; leaves room for ours, and for the draft's own lines
SEATS = (3, 2, 1)  # of each prompt, fewer where there are many prompts
QUESTIONS = 3
HEADING = 110  # characters of a prompt's own words
SPOKEN = ("voice", "video_note", "audio")
TEXT = "text"


@dataclass(frozen=True)
class Asked:
    """A prompt that was asked, whatever chats and times it was posted in."""

    id: int
    text: str


@dataclass(frozen=True)
class Gathering:
    """A meeting."""

    title: str
    place: str
    starts_at: datetime


@dataclass(frozen=True)
class Material:
    """All that a digest is made from. `number` counts the chain's digests; `groups` are the active members by group."""

    chain: str
    number: int
    prompts: tuple[Asked, ...]  # in the order in which they were asked
    replies: tuple[Reply, ...]
    groups: Mapping[str, int]
    k: int
    publish_at: datetime
    since: datetime | None = None
    meeting: Gathering | None = None  # what it prepares, or the next one
    next_question: datetime | None = None
    note: str | None = None
    note_by: str | None = None
    named: Groups = USUAL
    language: str = "en"  # the network's
    codebook: Codebook = ()
    polls: tuple[Poll, ...] = ()
    statements: tuple[Statement, ...] = ()
    own_questions: tuple[str, ...] = ()  # that facilitators put on the agenda
    dropped: frozenset[int] = frozenset()  # contributions whose question a facilitator took off the agenda
    corrected: tuple[Chosen, ...] = ()  # missing points that were taken in after it went out
    hidden: frozenset[str] = frozenset()  # sections that a facilitator left out: names of `SECTIONS`


@dataclass(frozen=True)
class Choice:
    """What was chosen, without a word of it: it is kept with the digest."""

    questions: tuple[Chosen, ...] = ()
    prompts: tuple[tuple[int, tuple[Chosen, ...]], ...] = ()
    singles: tuple[Chosen, ...] = ()  # points that one person raised
    themes: tuple[str, ...] = ()  # codes, in the order in which they are shown

    @property
    def all(self) -> tuple[Chosen, ...]:
        """Every choice once, in the order in which it is shown."""
        quotes = (chosen for _, quotes in self.prompts for chosen in quotes)
        return (*self.questions, *quotes, *self.singles)


@dataclass(frozen=True)
class Quote:
    """Words as they are shown. `group` is the code of whom they come from, `name` stands there instead if it is set."""

    id: int
    words: str
    group: str
    name: str | None = None
    theme: str | None = None  # code of the first one
    link: str | None = None  # to its message, where that shows the name anyway


@dataclass(frozen=True)
class Section:
    """What was said to one prompt: `replies` from `people`, of them `spoken` or pictures without words."""

    question: str
    replies: int
    people: int
    spoken: int
    pictures: int
    quotes: tuple[Quote, ...]
    prompt: int = 0


@dataclass(frozen=True)
class Talked:
    """A theme, and how many people spoke of it; by group as far as k lets it be told."""

    code: str
    people: int
    groups: Mapping[str, int]


@dataclass(frozen=True)
class Digest:
    """A digest as its readers see it, in no language yet."""

    chain: str
    publish_at: datetime
    since: datetime | None
    meeting: Gathering | None
    questions: tuple[Quote, ...]
    sections: tuple[Section, ...]
    people: int
    wrote: tuple[str, ...]  # groups that wrote, as far as they may be named
    silent: tuple[str, ...]
    next_question: datetime | None
    note: str | None
    note_by: str | None
    named: Groups = USUAL  # what the groups are called there
    own_questions: tuple[str, ...] = ()
    agreements: tuple[Agreement, ...] = ()  # what we agree on
    differences: tuple[Agreement, ...] = ()
    results: tuple[Result, ...] = ()
    singles: tuple[Quote, ...] = ()  # one person raised
    corrected: tuple[Quote, ...] = ()  # taken in after it went out
    themes: tuple[Talked, ...] = ()
    codebook: Codebook = ()
    wrote_by: Mapping[str, int] = field(default_factory=dict)  # people by group, as far as k lets it be told
    members: int = 0  # active ones
    hidden: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.sections

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote, in the order in which it is shown."""
        said = (quote for section in self.sections for quote in section.quotes)
        return (*self.questions, *said, *self.singles, *self.corrected)


# Choosing -------------------------------------------------------------------------------------------------------


def choose(material: Material) -> Choice:
    """Choose questions and quotes: as many seats for each prompt as can be read in two minutes."""
    choice = Choice()
    by_prompt = _by_prompt([reply for reply in material.replies if voices.quotable(reply)])
    for seats in SEATS:
        choice = _choose(material, by_prompt, seats)
        if _fits(material, choice):
            return choice
    return _shortened(material, choice)


def _choose(material: Material, replies: Mapping[int, Sequence[Reply]], seats: int) -> Choice:
    taken = Seats()
    raised = voices.questions(chain.from_iterable(replies.values()), most=QUESTIONS, taken=taken)
    prompts = []
    for asked in material.prompts:
        said = replies.get(asked.id, [])
        fine = material.named.fine
        quotes = voices.choose(said, seats=seats, number=material.number, taken=taken, fine=fine)
        prompts.append((asked.id, tuple(quotes)))
    return Choice(tuple(raised), tuple(prompts))


def _fits(material: Material, choice: Choice) -> bool:
    texts = {reply.id: reply.text for reply in material.replies}
    quotes = [voices.shown(texts[chosen.id], chosen.spans) for chosen in choice.all]
    asked = {asked.id: heading(asked.text) for asked in material.prompts}
    own = [asked[prompt] for prompt, _ in choice.prompts]
    words = sum(len(text.split()) + 6 for text in [*quotes, *own])  # 6: the label, or the counts
    return (
        words <= WORDS - OURS - len((material.note or "").split())
        and sum(map(len, [*quotes, *own])) <= CHARACTERS
    )


def _shortened(material: Material, choice: Choice) -> Choice:
    """Leave the quotes of the oldest prompts out, one after the other, then those prompts themselves."""
    prompts = list(choice.prompts)
    for number in range(len(prompts) - 1):
        if _fits(material, Choice(choice.questions, tuple(prompts))):
            break
        prompts[number] = (prompts[number][0], ())
    while len(prompts) > 1 and not _fits(material, Choice(choice.questions, tuple(prompts))):
        prompts.pop(0)
    return Choice(choice.questions, tuple(prompts))


def heading(text: str) -> str:
    """Return a prompt's words as far as they make a heading."""
    words = " ".join(text.split())
    return words if len(words) <= HEADING else words[:HEADING].rsplit(" ", 1)[0] + " …"


def _by_prompt(replies: Iterable[Reply]) -> dict[int, list[Reply]]:
    found: dict[int, list[Reply]] = {}
    for reply in replies:
        found.setdefault(reply.prompt, []).append(reply)
    return found


# Putting together -----------------------------------------------------------------------------------------------


def compose(
    material: Material,
    choice: Choice,
    *,
    allowed: Callable[[Reply, Chosen], bool] = lambda reply, chosen: True,
) -> Digest:
    """Put a digest together from what was chosen; what may not be shown any more, or was changed, is left out."""
    replies = {reply.id: reply for reply in material.replies if voices.kept(reply)}

    def shown(chosen: Iterable[Chosen]) -> tuple[Quote, ...]:
        return tuple(
            _quote(reply, one, material)
            for one in chosen
            if (reply := replies.get(one.id)) is not None and showable(reply, one) and allowed(reply, one)
        )

    said = _by_prompt(replies.values())
    asked = {one.id: one for one in material.prompts}
    sections = [
        _section(asked[prompt], said[prompt], shown(chosen))
        for prompt, chosen in choice.prompts
        if prompt in asked and prompt in said
    ]
    authors = [reply.group for reply in replies.values()]
    wrote, silent = heard(authors, material.groups, material.k, material.named)
    return Digest(
        chain=material.chain,
        publish_at=material.publish_at,
        since=material.since,
        meeting=material.meeting,
        questions=shown(choice.questions),
        sections=tuple(sections),
        people=len({reply.member for reply in replies.values()}),
        wrote=wrote,
        silent=silent,
        next_question=material.next_question,
        note=material.note,
        note_by=material.note_by,
        named=material.named,
    )


def showable(reply: Reply, chosen: Chosen) -> bool:
    """Tell whether chosen words may still be shown, and still are the same words."""
    within = all(0 <= start < end <= len(reply.text) for start, end in chosen.spans)
    return voices.quotable(reply) and within and voices.mark(reply.text, chosen.spans) == chosen.mark


def _quote(reply: Reply, chosen: Chosen, material: Material) -> Quote:
    return _by(reply, voices.shown(reply.text, chosen.spans), material)


def _by(reply: Reply, words: str, material: Material) -> Quote:
    """Words, with whom they come from as that person wants to be shown."""
    if reply.attribution == "name" and reply.agrees("name"):
        return Quote(reply.id, words, groups.PARTICIPANT, reply.name)
    code = groups.PARTICIPANT
    if reply.attribution != "none":
        code = material.named.shown(reply.group, material.groups, material.k, alone=reply.alone)
    return Quote(reply.id, words, code)


def said(material: Material) -> tuple[Quote, ...]:
    """Return everything in words, whole, for who leads the network: as its author wants to be shown, never more."""
    return tuple(
        _quote(reply, Chosen(reply.id, ((0, len(reply.text)),), ""), material)
        for reply in material.replies
        if voices.kept(reply) and reply.text.strip()
    )


def authors(material: Material) -> dict[int, Quote]:
    """Return of everything, with words or without, whom it comes from; by contribution."""
    return {reply.id: _by(reply, "", material) for reply in material.replies if voices.kept(reply)}


def _section(asked: Asked, replies: Sequence[Reply], quotes: tuple[Quote, ...]) -> Section:
    wordless = [reply.kind for reply in replies if not reply.text.strip()]
    spoken = sum(kind in SPOKEN for kind in wordless)
    return Section(
        question=heading(asked.text),
        replies=len(replies),
        people=len({reply.member for reply in replies}),
        spoken=spoken,
        pictures=len(wordless) - spoken,
        quotes=quotes,
        prompt=asked.id,
    )


def heard(
    authors: Collection[str | None], sizes: Mapping[str, int], k: int, named: Groups = USUAL
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which groups wrote and which did not, as far as each may be named.

    A broad group stands for its small ones. Beside one of its own large groups it is not named as having
    written: that would tell of the small ones.
    """
    spoke = {code for code in authors if code is not None}
    large = [code for code in named.fine if sizes.get(code, 0) >= k]
    wrote = [code for code in large if code in spoke]
    silent = [code for code in large if code not in spoke]
    for broad in groups.WIDE:
        fine = [code for code in named.fine if named.broad(code) == broad]
        small = [code for code in fine if code not in large and sizes.get(code, 0)]
        if not small or sum(sizes.get(code, 0) for code in fine) < k:
            continue
        if not spoke.intersection(fine):
            silent = [*[code for code in silent if code not in fine], broad]
        elif not any(code in wrote for code in fine) and spoke.intersection(small):
            wrote.append(broad)
    return tuple(wrote), tuple(silent)


# What is kept of it ---------------------------------------------------------------------------------------------


def to_json(choice: Choice) -> dict[str, Any]:
    """Return a choice as it is stored: ids, places and marks, no words."""
    return {
        "questions": [_stored(chosen) for chosen in choice.questions],
        "prompts": [[prompt, [_stored(chosen) for chosen in quotes]] for prompt, quotes in choice.prompts],
        "singles": [_stored(chosen) for chosen in choice.singles],
        "themes": list(choice.themes),
    }


def from_json(stored: Mapping[str, Any] | None) -> Choice:
    """Read what `to_json` wrote."""
    kept = stored or {}
    return Choice(
        tuple(_chosen(one) for one in kept.get("questions", [])),
        tuple((prompt, tuple(_chosen(one) for one in quotes)) for prompt, quotes in kept.get("prompts", [])),
        tuple(_chosen(one) for one in kept.get("singles", [])),
        tuple(kept.get("themes", [])),
    )


def _stored(chosen: Chosen) -> list[Any]:
    return [chosen.id, [list(span) for span in chosen.spans], chosen.mark]


def _chosen(stored: Sequence[Any]) -> Chosen:
    return Chosen(stored[0], tuple((start, end) for start, end in stored[1]), stored[2])
