"""Whose words are shown: seats are shared between groups, so that the many don't bury the few.

Popularity never orders anything here, it breaks ties at most. The same replies, in whatever order, give the same
quotes. How words are cut stands in `cutting`; nothing is ever reworded.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest

from bot.core import consents, seating, similar, words
from bot.core.cutting import LENGTHS
from bot.core.cutting import LIMIT as LIMIT
from bot.core.cutting import MARK as MARK
from bot.core.cutting import Span as Span
from bot.core.cutting import mark as mark
from bot.core.cutting import parts as parts
from bot.core.cutting import quote as quote
from bot.core.cutting import sentences as sentences
from bot.core.cutting import shown as shown
from bot.core.groups import FINE

CARER = "carer"  # has a seat of each prompt, and the first one
READABLE = range(10, 46)  # words: long enough to say something, short enough to stay whole
SAMPLE = 400  # replies to one prompt that are compared with each other; of more, as many of each group


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


def kept(reply: Reply) -> bool:
    """Tell whether a contribution still is one: counted, though perhaps not quoted."""
    return reply.state == "kept" and reply.active and reply.agrees(consents.TAKE_PART)


def quotable(reply: Reply) -> bool:
    """Tell whether words may be shown: all that is known of them and of their author agrees."""
    if not kept(reply) or reply.hidden or reply.may_quote == "no":
        return False
    if not any(sign.isalnum() for sign in reply.text):  # a thumb up is counted, and read by who leads
        return False
    if reply.conversation and reply.may_quote != "yes":
        return False
    return reply.agrees(consents.QUOTE)


def side(reply: Reply) -> str:
    """Return the group whose seat a reply would take."""
    return reply.group or "other"


def pick(reply: Reply, spans: tuple[Span, ...]) -> Chosen:
    """Return the choice of some words of a reply."""
    return Chosen(reply.id, spans, mark(reply.text, spans))


def cut(reply: Reply, limit: int = LIMIT, most: int = LIMIT) -> Chosen:
    """Return the quote of a reply: as long as `limit`, up to `most` where only that keeps a sentence whole.

    Words to which its author said yes stay the same, though another length is wanted now.
    """
    usual = pick(reply, quote(reply.text, limit, most))
    agreed = {reply.answer, reply.single} - {None, "no"}
    for other in LENGTHS if agreed else ():
        same = pick(reply, quote(reply.text, other))
        if f"yes:{same.mark}" in agreed:
            return same
    return usual


# Choosing -------------------------------------------------------------------------------------------------------


def turn(number: int, fine: Sequence[str] = FINE) -> list[str]:
    """Return the order of the groups in a digest: carers first, the others begin with another one each time."""
    others = [code for code in fine if code != CARER]
    shift = number % len(others)
    return [CARER, *others[shift:], *others[:shift]]


def sampled(replies: Sequence[Reply], most: int = SAMPLE) -> list[Reply]:
    """Return as many replies as can be compared: as many of each group, each author before any twice."""
    if len(replies) <= most:
        return list(replies)
    turns: Counter[int] = Counter()
    by_group: dict[str, list[tuple[int, Reply]]] = {}
    for reply in sorted(replies, key=lambda one: (not one.starred, one.id * 2654435761 % 2**32)):
        by_group.setdefault(side(reply), []).append((turns[reply.member], reply))
        turns[reply.member] += 1
    queues = [sorted(by_group[code], key=lambda one: one[0]) for code in sorted(by_group)]  # stable
    round_by_round = chain.from_iterable(zip_longest(*queues))
    taken = [one[1] for one in round_by_round if one is not None][:most]
    return sorted(taken, key=lambda reply: reply.id)


class Voices:
    """What a digest chooses its quotes from, and who has a seat; `fill` takes seats, and can go on with more of them.

    First each group gets one, the rarest first; then always the reply that adds most. In each prompt a seat is kept for
    a carer, and in the digest one for each prompt. `heard`: members who were given room otherwise, with a question.
    """

    def __init__(
        self,
        replies: Iterable[Reply],
        *,
        themes: Mapping[int, Sequence[str]],
        language: str = "en",
        number: int = 0,
        fine: Sequence[str] = FINE,
        heard: Iterable[int] = (),
    ) -> None:
        said = sorted((reply for reply in replies if quotable(reply)), key=lambda reply: reply.id)
        by_prompt: dict[int, list[Reply]] = {}
        for reply in said:
            by_prompt.setdefault(reply.prompt, []).append(reply)
        self.said = {prompt: sampled(by_prompt[prompt]) for prompt in sorted(by_prompt)}
        self._order = turn(number, fine)
        self._spoke = Counter(side(reply) for reply in said)
        compared = Counter(side(reply) for reply in chain.from_iterable(self.said.values()))
        self._weight = {
            reply.id: 1 / compared[side(reply)] for reply in chain.from_iterable(self.said.values())
        }
        self._near: dict[int, dict[int, float]] = {}
        for replies_here in self.said.values():
            self._near |= _alike(replies_here, language)
        self._themes = themes
        self._heard = Counter(heard)
        self.clear()

    def clear(self) -> None:
        """Take all seats back."""
        self.seated: dict[int, list[Reply]] = {prompt: [] for prompt in self.said}
        self._best = dict.fromkeys(self._weight, 0.0)  # how alike the quote is that is most like it
        self._new: dict[int, float] = {}  # what a reply would add to that; forgotten when it changes
        self._count()

    def fill(self, room: Mapping[int, int], total: int) -> None:
        """Take seats: up to `room` of a prompt, up to `total` in all."""
        before = frozenset(self._ids)
        self._one_each(room, total)
        while found := self._open(room, total):
            self._seat(min(found, key=self._key))
        for reply in [one for one in self._quoted() if one.id not in before]:
            self._give_way(reply)
        while swap := self._untold(before):
            self._replace(*swap)

    def shown(self, prompt: int, but: Collection[int] = ()) -> list[Reply]:
        """Return the quotes of a prompt in the order in which they are shown: carers first, then group by group."""
        quotes = [reply for reply in self.seated.get(prompt, ()) if reply.id not in but]
        return sorted(
            quotes, key=lambda reply: self._place(side(reply))
        )  # stable: of one group as they were chosen

    # Who may have the next seat

    def _open(self, room: Mapping[int, int], total: int) -> list[Reply]:
        """Return the replies that may have the next seat."""
        left = total - sum(map(len, self.seated.values()))
        needed = sum(self._needed(prompt, room) for prompt in self.said)
        found: list[Reply] = []
        for prompt, replies in self.said.items():
            free = room.get(prompt, 0) - len(self.seated[prompt])
            if free < 1 or left < 1:
                continue
            own, kept_for_carer = self._needed(prompt, room), self._kept(prompt, room)
            spare = free > own and left > needed
            waiting = self._waiting(replies)
            heard_least = self._heard_least(waiting)
            found += [
                reply
                for reply in waiting
                if (spare or (own and (not kept_for_carer or side(reply) == CARER)))
                and self._authors[reply.member] == heard_least[side(reply)]
            ]
        return found

    def _needed(self, prompt: int, room: Mapping[int, int]) -> int:
        """How many seats of a prompt must stay free: for a carer who has none yet, else for anybody."""
        if not room.get(prompt, 0):
            return 0
        return int(self._kept(prompt, room) or not self.seated[prompt])

    def _kept(self, prompt: int, room: Mapping[int, int]) -> bool:
        """Whether a seat is kept for a carer; where there is only one, all groups of the digest share them."""
        if room.get(prompt, 0) < 2 or any(side(reply) == CARER for reply in self.seated[prompt]):
            return False
        return any(side(reply) == CARER for reply in self.said[prompt])

    def _waiting(self, replies: Iterable[Reply]) -> list[Reply]:
        return [reply for reply in replies if reply.id not in self._ids]

    def _heard_least(self, waiting: Iterable[Reply]) -> dict[str, int]:
        """By group how many seats those of its authors have who have fewest: nobody twice while another one waits."""
        found: dict[str, int] = {}
        for reply in waiting:
            seats = self._authors[reply.member]
            found[side(reply)] = min(found.get(side(reply), seats), seats)
        return found

    # Each group one

    def _one_each(self, room: Mapping[int, int], total: int) -> None:
        """Give each group a seat, and each in a prompt that leaves as many others theirs as possible."""
        wishes: dict[str, set[int]] = {}
        for reply in chain.from_iterable(self.said.values()):
            if not self._groups[side(reply)]:
                wishes.setdefault(side(reply), set()).add(reply.prompt)
        first = CARER if all(seats < 2 for seats in room.values()) else None  # none is kept for them then
        for code in sorted(wishes, key=lambda code: (code != first, self._spoke[code], self._place(code))):
            options = [reply for reply in self._open(room, total) if side(reply) == code]
            del wishes[code]
            if options:
                others = {reply.prompt: self._others(room, reply, wishes) for reply in options}
                best = max(others.values())
                self._seat(min((reply for reply in options if others[reply.prompt] == best), key=self._key))

    def _others(self, room: Mapping[int, int], reply: Reply, wishes: Mapping[str, Collection[int]]) -> int:
        """How many of the other groups can still have a seat if this reply gets one."""
        free = {
            prompt: seats - len(self.seated[prompt]) - self._kept(prompt, room)
            for prompt, seats in room.items()
            if prompt in self.seated
        }
        if not (side(reply) == CARER and self._kept(reply.prompt, room)):
            free[reply.prompt] -= 1
        return seating.matched(wishes, free)

    # What a reply adds

    def _key(self, reply: Reply) -> tuple[float, int, int]:
        return -round(self._gain(reply), 9), -len(set(reply.reacted)), reply.id

    def _gain(self, reply: Reply) -> float:
        """../shared/digest.md, "Selection, in outline"."""
        author = self._authors[reply.member] + reply.past / 2
        return (
            1.2 / (1 + self._groups[side(reply)]) ** 2
            + 0.6 / (1 + author) ** 2
            + sum(share / (1 + self._told.get(code, 0.0)) ** 2 for code, share in self._shares(reply))
            + 2 * self._adds(reply)
            + 0.3 * (1 if len(reply.text.split()) in READABLE else 0.5)
        )

    def _adds(self, reply: Reply) -> float:
        """How much more of what was said is like one of the quotes; each group weighs the same."""
        if reply.id not in self._new:
            self._new[reply.id] = sum(
                self._weight[other] * (alike - self._best[other])
                for other, alike in self._near[reply.id].items()
                if alike > self._best[other]
            )
        return self._new[reply.id]

    def _place(self, code: str) -> int:
        return self._order.index(code) if code in self._order else len(self._order)

    # Seats

    def _quoted(self) -> list[Reply]:
        return [reply for replies in self.seated.values() for reply in replies]

    def _seat(self, reply: Reply) -> None:
        self.seated[reply.prompt].append(reply)
        self._changed(reply.prompt)

    def _give_way(self, reply: Reply) -> None:
        """Who has two seats leaves this one to somebody of the same group who waits for it and has none."""
        if self._authors[reply.member] > 1:
            others = [
                other
                for other in self._waiting(self.said[reply.prompt])
                if side(other) == side(reply) and not self._authors[other.member]
            ]
            if others:
                self._replace(reply, min(others, key=self._key))

    def _untold(self, before: Collection[int]) -> tuple[Reply, Reply] | None:
        """Return a quote, none of those `before`, and one to the same prompt that tells of a theme nobody tells of yet.

        The quote's own theme is told by others too, so every exchange tells of one more. No group loses its only seat,
        no prompt its carer, and nobody gets a second seat while another one of their group waits.
        """
        told = Counter(self._first(reply) for reply in self._quoted())
        swaps = [
            (reply, other)
            for reply in self._quoted()
            if reply.id not in before and told[self._first(reply)] > 1
            for other in self._instead(reply)
            if self._first(other) and not told[self._first(other)]
        ]
        return min(swaps, key=lambda swap: (self._key(swap[1]), swap[0].id), default=None)

    def _instead(self, reply: Reply) -> list[Reply]:
        """Return who could have the seat of a quote."""
        waiting = self._waiting(self.said[reply.prompt])
        carers = sum(side(one) == CARER for one in self.seated[reply.prompt])
        leaving = self._groups[side(reply)] > 1 and not (side(reply) == CARER and carers == 1)
        seats = self._authors - Counter([reply.member])
        least: dict[str, int] = {}
        for one in (*waiting, reply):
            least[side(one)] = min(least.get(side(one), seats[one.member]), seats[one.member])
        return [
            other
            for other in waiting
            if (leaving or side(other) == side(reply)) and seats[other.member] == least[side(other)]
        ]

    def _first(self, reply: Reply) -> str:
        return next(iter(self._themes.get(reply.id, ())), "")

    def _replace(self, reply: Reply, other: Reply) -> None:
        here = self.seated[reply.prompt]
        here[here.index(reply)] = other
        self._changed(reply.prompt)

    def _changed(self, prompt: int) -> None:
        """Count again who is quoted, and what of a prompt is like a quote."""
        self._count()
        for reply in self.said[prompt]:
            self._new.pop(reply.id, None)
            self._best[reply.id] = max(
                (self._near[quoted.id].get(reply.id, 0.0) for quoted in self.seated[prompt]), default=0.0
            )

    def _count(self) -> None:
        quoted = self._quoted()
        self._ids = {reply.id for reply in quoted}
        self._groups = Counter(side(reply) for reply in quoted)
        self._authors = self._heard + Counter(reply.member for reply in quoted)
        self._told: dict[str, float] = {}
        for reply in quoted:
            for code, share in self._shares(reply):
                self._told[code] = self._told.get(code, 0.0) + share

    def _shares(self, reply: Reply) -> Iterable[tuple[str, float]]:
        """What a reply is about, and how far: mostly the first theme."""
        return zip(self._themes.get(reply.id, ()), (1.0, 0.4), strict=False)


def _alike(replies: Sequence[Reply], language: str) -> dict[int, dict[int, float]]:
    """Return how alike replies are, by id."""
    rows = similar.between([words.content(one.text, one.language or language) for one in replies])
    return {
        reply.id: {replies[place].id: alike for place, alike in row.items()}
        for reply, row in zip(replies, rows, strict=True)
    }
