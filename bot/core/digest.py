"""What a digest contains. It is chosen once, for the draft (bot/core/choosing.py), and put together again whenever it
is shown, without what was taken back since. A section more is a field of `Digest` and a function in bot/render/chat.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.core import agreement, groups, themes, turnout, voices, votes
from bot.core.agreement import Agreement, Statement
from bot.core.groups import USUAL, Groups
from bot.core.themes import Codebook
from bot.core.themes import Talked as Talked
from bot.core.voices import Chosen, Reply
from bot.core.votes import Poll, Result

HEADING = 110  # characters of a prompt's own words
SPOKEN = ("voice", "video_note", "audio")
TEXT = "text"
SECTIONS = (
    "questions",
    "agree",
    "differ",
    "results",
    "voices",
    "singles",
    "themes",
    "turnout",
)  # can be left out


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
    put_right: tuple[
        tuple[str, str | None], ...
    ] = ()  # facilitators' corrections after it went out, and their names
    hidden: frozenset[str] = frozenset()  # sections that a facilitator left out: names of `SECTIONS`
    swapped: Mapping[int, int] = field(default_factory=dict)  # quote → the one a facilitator put in its place
    theme_order: tuple[str, ...] = ()  # codes, as a facilitator wants them; empty: the codebook's
    seats: int | None = None  # how many quotes there are to be; None: as many as usual


@dataclass(frozen=True)
class Choice:
    """What was chosen, without a word of it: it is kept with the digest."""

    questions: tuple[Chosen, ...] = ()
    prompts: tuple[tuple[int, tuple[Chosen, ...]], ...] = ()
    singles: tuple[Chosen, ...] = ()  # points that one person raised
    themes: tuple[str, ...] = ()  # codes, in the order in which they are shown
    more: tuple[tuple[int, tuple[Chosen, ...]], ...] = ()  # quotes for which there is room in print only
    brief: int = 3  # so many sentences that we agree on, and that we differ on, are shown on the phone

    @property
    def all(self) -> tuple[Chosen, ...]:
        """Every choice once, in the order in which it is shown."""
        quotes = (chosen for _, quotes in (*self.prompts, *self.more) for chosen in quotes)
        return (*self.questions, *quotes, *self.singles)

    def over(self, change: Callable[[tuple[Chosen, ...]], tuple[Chosen, ...]]) -> "Choice":
        """Return the choice with each of its rows of words changed."""
        return replace(
            self,
            questions=change(self.questions),
            prompts=tuple((prompt, change(quotes)) for prompt, quotes in self.prompts),
            singles=change(self.singles),
            more=tuple((prompt, change(quotes)) for prompt, quotes in self.more),
        )


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
    more: tuple[Quote, ...] = ()  # shown in print only, behind the others


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
    put_right: tuple[tuple[str, str | None], ...] = ()
    themes: tuple[Talked, ...] = ()
    codebook: Codebook = ()
    wrote_by: Mapping[str, int] = field(default_factory=dict)  # people by group, as far as k lets it be told
    members: int = 0  # active ones
    hidden: frozenset[str] = frozenset()
    brief: int = 3  # see `Choice`

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.sections or self.results or self.agreements or self.differences or self.corrected)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Every quote, in the order in which it is shown, those in print only among them."""
        said = (quote for section in self.sections for quote in (*section.quotes, *section.more))
        return (*self.questions, *said, *self.singles, *self.corrected)


# Putting together -----------------------------------------------------------------------------------------------


def _anything(reply: Reply, chosen: Chosen) -> bool:
    return True


def compose(
    material: Material, choice: Choice, *, allowed: Callable[[Reply, Chosen], bool] = _anything
) -> Digest:
    """Put a digest together from what was chosen; what may not be shown any more, or was changed, is left out.

    Words that a facilitator left out are in none of its quotes; of the other hidden sections only their names.
    """
    replies = sorted(filter(voices.kept, material.replies), key=lambda reply: reply.id)
    about = assigned(material, replies)
    shelf = _Shelf(material, {reply.id: reply for reply in replies}, about, allowed)
    k, sizes, named = material.k, material.groups, material.named
    agreements, differences = agreement.ground(material.statements, sizes=sizes, k=k, named=named)
    people = {reply.member: reply.group for reply in replies}
    wrote, silent = turnout.heard(list(people.values()), sizes, k, named)
    asks = "questions" not in material.hidden
    return Digest(
        chain=material.chain,
        publish_at=material.publish_at,
        since=material.since,
        meeting=material.meeting,
        questions=shelf.questions(choice) if asks else (),
        sections=tuple(shelf.sections(choice)),
        people=len(people),
        wrote=wrote,
        silent=silent if people else (),  # where all that was asked was to choose, nobody is silent
        next_question=material.next_question,
        note=material.note,
        note_by=material.note_by,
        named=named,
        own_questions=material.own_questions if asks else (),
        agreements=agreements,
        differences=differences,
        results=votes.results(material.polls, sizes=sizes, k=k, named=named),
        singles=() if "singles" in material.hidden else shelf.singles(choice),
        corrected=replace(shelf, allowed=_anything).quotes(material.corrected),  # somebody looked at each
        put_right=material.put_right,
        themes=_talked(material, choice, replies, about),
        codebook=material.codebook,
        wrote_by=turnout.wrote_by(people.values(), sizes, k, named),
        members=sum(groups.with_strangers(sizes, people.values()).values()),
        hidden=material.hidden,
        brief=choice.brief,
    )


def assigned(material: Material, replies: Iterable[Reply]) -> Mapping[int, tuple[str, ...]]:
    """Return what replies are about: codes, the best one first."""
    return themes.assign(replies, material.codebook, material.language) if material.codebook else {}


@dataclass(frozen=True)
class _Shelf:
    """Where chosen words are taken from, as they are now."""

    material: Material
    replies: Mapping[int, Reply]
    about: Mapping[int, tuple[str, ...]]
    allowed: Callable[[Reply, Chosen], bool]

    def quotes(self, chosen: Iterable[Chosen]) -> tuple[Quote, ...]:
        return tuple(
            _quote(self.replies[one.id], one, self.material, self.about)
            for one in chosen
            if one.id in self.replies
            and showable(self.replies[one.id], one)
            and self.allowed(self.replies[one.id], one)
        )

    def questions(self, choice: Choice) -> tuple[Quote, ...]:
        return self.quotes(one for one in choice.questions if one.id not in self.material.dropped)

    def singles(self, choice: Choice) -> tuple[Quote, ...]:
        """A point that one person raised, only with that person's yes to these very words."""
        return self.quotes(
            one
            for one in choice.singles
            if one.id in self.replies and self.replies[one.id].single == f"yes:{one.mark}"
        )

    def sections(self, choice: Choice) -> Iterable[Section]:
        asked = {one.id: one for one in self.material.prompts}
        said = by_prompt(self.replies.values())
        more = dict(choice.more)
        quoted = "voices" not in self.material.hidden
        for prompt, chosen in choice.prompts:
            if prompt in asked and prompt in said:
                section = _section(asked[prompt], said[prompt])
                if quoted:
                    section = replace(
                        section, quotes=self.quotes(chosen), more=self.quotes(more.get(prompt, ()))
                    )
                yield section


def showable(reply: Reply, chosen: Chosen) -> bool:
    """Tell whether chosen words may still be shown, and still are the same words."""
    within = all(0 <= start < end <= len(reply.text) for start, end in chosen.spans)
    return voices.quotable(reply) and within and voices.mark(reply.text, chosen.spans) == chosen.mark


def _quote(reply: Reply, chosen: Chosen, material: Material, about: Mapping[int, tuple[str, ...]]) -> Quote:
    return _by(reply, voices.shown(reply.text, chosen.spans), material, about)


def _by(
    reply: Reply, words: str, material: Material, about: Mapping[int, tuple[str, ...]] | None = None
) -> Quote:
    """Words, with whom they come from as that person wants to be shown."""
    theme = next(iter((about or {}).get(reply.id, ())), None)
    if reply.attribution == "name" and reply.agrees("name"):
        return Quote(reply.id, words, groups.PARTICIPANT, reply.name, theme, reply.link)
    code = groups.PARTICIPANT
    if reply.attribution != "none":
        code = material.named.shown(reply.group, material.groups, material.k, alone=reply.alone)
    return Quote(reply.id, words, code, theme=theme)


def said(material: Material) -> tuple[Quote, ...]:
    """Return everything in words, whole, for who leads the network: as its author wants to be shown, never more."""
    replies = [reply for reply in material.replies if voices.kept(reply) and reply.text.strip()]
    about = assigned(material, replies)
    return tuple(
        _quote(reply, Chosen(reply.id, ((0, len(reply.text)),), ""), material, about) for reply in replies
    )


def authors(material: Material) -> dict[int, Quote]:
    """Return of everything, with words or without, whom it comes from; by contribution."""
    return {reply.id: _by(reply, "", material) for reply in material.replies if voices.kept(reply)}


def heading(text: str) -> str:
    """Return a prompt's words as far as they make a heading."""
    words = " ".join(text.split())
    return words if len(words) <= HEADING else words[:HEADING].rsplit(" ", 1)[0] + " …"


def by_prompt(replies: Iterable[Reply]) -> dict[int, list[Reply]]:
    """Return replies by the prompt that they answer."""
    found: dict[int, list[Reply]] = {}
    for reply in replies:
        found.setdefault(reply.prompt, []).append(reply)
    return found


def _section(asked: Asked, replies: Sequence[Reply]) -> Section:
    wordless = [reply.kind for reply in replies if not reply.text.strip()]
    spoken = sum(kind in SPOKEN for kind in wordless)
    return Section(
        question=heading(asked.text),
        replies=len(replies),
        people=len({reply.member for reply in replies}),
        spoken=spoken,
        pictures=len(wordless) - spoken,
        quotes=(),
        prompt=asked.id,
    )


def _talked(
    material: Material, choice: Choice, replies: Sequence[Reply], about: Mapping[int, tuple[str, ...]]
) -> tuple[Talked, ...]:
    """The themes that were spoken of, in the facilitator's order or the codebook's, never by size."""
    codes = [*material.theme_order, *choice.themes, *(theme.code for theme in material.codebook)]
    places = {code: place for place, code in reversed(list(enumerate(codes)))}
    found = themes.talked(replies, about, material.groups, material.k, material.named)
    return tuple(sorted(found, key=lambda one: (places.get(one.code, len(codes)), one.code)))


# What is kept of it ---------------------------------------------------------------------------------------------


def to_json(choice: Choice) -> dict[str, Any]:
    """Return a choice as it is stored: ids, places and marks, no words."""
    return {
        "questions": [_stored(chosen) for chosen in choice.questions],
        "prompts": [[prompt, [_stored(chosen) for chosen in quotes]] for prompt, quotes in choice.prompts],
        "singles": [_stored(chosen) for chosen in choice.singles],
        "themes": list(choice.themes),
        "more": [[prompt, [_stored(chosen) for chosen in quotes]] for prompt, quotes in choice.more],
        "brief": choice.brief,
    }


def from_json(stored: Mapping[str, Any] | None) -> Choice:
    """Read what `to_json` wrote."""
    kept = stored or {}
    return Choice(
        tuple(_chosen(one) for one in kept.get("questions", [])),
        tuple((prompt, tuple(_chosen(one) for one in quotes)) for prompt, quotes in kept.get("prompts", [])),
        tuple(_chosen(one) for one in kept.get("singles", [])),
        tuple(kept.get("themes", [])),
        tuple((prompt, tuple(_chosen(one) for one in quotes)) for prompt, quotes in kept.get("more", [])),
        kept.get("brief", 3),
    )


def _stored(chosen: Chosen) -> list[Any]:
    return [chosen.id, [list(span) for span in chosen.spans], chosen.mark]


def _chosen(stored: Sequence[Any]) -> Chosen:
    return Chosen(stored[0], tuple((start, end) for start, end in stored[1]), stored[2])
