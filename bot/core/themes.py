"""What contributions are about: a network's codebook, and how far its seed words, authors and facilitators say so.

Order of trust: the author's tap, the facilitator's edit, the seed words (../shared/digest.md: clustering finds
nothing in forty replies, a codebook does). Another way to score a text is a `Scorer`, handed to `assign`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core import voices, words
from bot.core.groups import PARTICIPANT, Groups, with_strangers
from bot.core.voices import Reply


@dataclass(frozen=True)
class Theme:
    """One theme: what it is called, and the words by which it is recognised, both by language."""

    code: str
    names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]

    def name(self, language: str) -> str:
        """Return what it is called; in another language if there is no name in this one."""
        return self.names.get(language) or next(iter(self.names.values()), self.code)


@dataclass(frozen=True)
class Talked:
    """A theme, and how many people spoke of it; by group as far as k lets it be told."""

    code: str
    people: int
    groups: Mapping[str, int]


Codebook = tuple[Theme, ...]
# How well a text fits each theme (by code, 0 left out), in its language: another one can be tried in its place.
Scorer = Callable[[Codebook, str, str], Mapping[str, float]]

ENOUGH = 0.3  # of a score: less is one very common word, or one that is only part of another
BESIDE = 0.5  # of the best score: from here on a reply is about another theme too
MOST = 3  # themes of one reply


# By seed words --------------------------------------------------------------------------------------------------

WHOLE, BEGINS, WITHIN = 1.0, 0.8, 0.6  # the same word; a longer one that begins with it; one that holds it
AGAIN = 0.25  # a seed that comes back, twice at most
APART = 2  # words that may stand between those of a seed that has several
EVERYDAY, PLAIN = 6.5, 4.5  # Zipf frequencies: such a common seed says nothing; from here on, all it can
EARLY = 0.1  # of a score: what is said first counts a little more
REMEMBERED = 2**14  # words of which is known what they match
INSIDE = 4  # letters of the shortest seed that is looked for within a word
LONG = 60  # letters of a word that are looked at


def seeds(codebook: Codebook, text: str, language: str) -> Mapping[str, float]:
    """Return how well the seed words of each theme, in this language, fit a text."""
    sown = tuple((theme.code, tuple(theme.words.get(language, ()))) for theme in codebook)
    return _garden(language, sown).score(words.tokens(text))


Place = tuple[int, int]  # number of a seed, and of a word in it


@dataclass(frozen=True)
class Part:
    """One word of a seed, as it stands there and as a stem."""

    word: str
    stem: str


@dataclass(frozen=True)
class Seed:
    """A seed word, or several that belong together; `shares` are less where other themes have it too."""

    parts: tuple[Part, ...]
    shares: Mapping[str, float]  # theme → weight


def _telling(parts: Sequence[Part], language: str) -> float:
    """How much a seed says by itself: a rare word all it can, an everyday one little."""
    known = words.frequencies(language)
    zipf = min(known.get(part.word, words.RARE) for part in parts)
    return min(1.0, max(0.0, (EVERYDAY - zipf) / (EVERYDAY - PLAIN)))


class Garden:
    """The seeds of a codebook in one language, and what each word that was met matches."""

    def __init__(self, language: str, sown: Sequence[tuple[str, Sequence[str]]]) -> None:
        self.language = language
        owners: dict[tuple[Part, ...], list[str]] = {}
        for code, seed_words in sown:
            for said in seed_words:
                parts = tuple(Part(word, words.stem(word, language)) for word in words.tokens(said))
                if parts and code not in owners.setdefault(parts, []):
                    owners[parts].append(code)
        self.seeds = [
            Seed(parts, dict.fromkeys(codes, _telling(parts, language) / len(codes)))
            for parts, codes in owners.items()
        ]
        self._words: dict[str, list[Place]] = {}
        self._stems: dict[str, list[Place]] = {}
        for number, seed in enumerate(self.seeds):
            for place, part in enumerate(seed.parts):
                self._words.setdefault(part.word, []).append((number, place))
                self._stems.setdefault(part.stem, []).append((number, place))
        self._lengths = sorted({len(form) for form in (*self._words, *self._stems) if len(form) >= INSIDE})
        self._met: dict[str, dict[Place, float]] = {}

    def score(self, said: Sequence[str]) -> dict[str, float]:
        """Return the score of each theme that a text, given as its words, matches at all."""
        hits: dict[int, list[float]] = {}
        first: dict[int, float] = {}
        matched = [self._matches(word) for word in said]
        for at, found in enumerate(matched):
            for (number, part), weight in found.items():
                if part == 0 and (all_of_it := self._whole(number, matched, at, weight)):
                    hits.setdefault(number, []).append(all_of_it)
                    first.setdefault(number, at / len(said))
        scores: dict[str, float] = {}
        for number, weights in hits.items():
            value = max(weights) + AGAIN * min(2, len(weights) - 1)
            value *= 1 - EARLY * first[number]
            for code, share in self.seeds[number].shares.items():
                scores[code] = scores.get(code, 0.0) + value * share
        return scores

    def _whole(self, number: int, matched: Sequence[Mapping[Place, float]], at: int, weight: float) -> float:
        """The weight of a seed whose first word stands at `at`; 0 unless its other words follow."""
        parts = len(self.seeds[number].parts)
        for part in range(1, parts):
            after = range(at + 1, min(at + 2 + APART, len(matched)))
            at = next((place for place in after if (number, part) in matched[place]), -1)
            if at < 0:
                return 0.0
            weight += matched[at][number, part] / 2  # two words that belong together say more than one
        return weight

    def _matches(self, word: str) -> Mapping[Place, float]:
        """Which words of which seeds a word stands for, and how well."""
        found = self._met.get(word)
        if found is None:
            if len(self._met) >= REMEMBERED:
                self._met.clear()
            found = self._met[word] = self._looked_up(word, words.stem(word, self.language))
        return found

    def _looked_up(self, word: str, stem: str) -> dict[Place, float]:
        found: dict[Place, float] = {}
        if self.language == "sl":
            near = (known for known in self._stems if min(len(known), len(stem)) >= 5)
            alike = [known for known in near if known.startswith(stem) or stem.startswith(known)]
            found |= {place: BEGINS for known in alike for place in self._stems[known]}
        else:
            for part, weight in inside(
                word[:LONG], self._lengths, compounds=self.language in words.COMPOUNDS
            ):
                for place in (*self._words.get(part, ()), *self._stems.get(part, ())):
                    found[place] = max(weight, found.get(place, 0.0))
        return found | dict.fromkeys((*self._words.get(word, ()), *self._stems.get(stem, ())), WHOLE)


def inside(word: str, lengths: Sequence[int], *, compounds: bool) -> Iterator[tuple[str, float]]:
    """Yield the parts of a word, of these lengths, that may stand for all of it, and how well.

    The last part of a compound says what it is ("trygghetslarmet" is an alarm), the first ones what it is for.
    """
    whole = len(word)
    for length in lengths:
        for start in range(whole - length + 1 if compounds else min(1, whole - length + 1)):
            if start == 0 and (length > INSIDE or (compounds and whole >= 2 * length)):
                yield word[:length], BEGINS
            elif start and (length > INSIDE or (start >= 3 and whole - start - length <= 3)):
                yield word[start : start + length], WITHIN


@lru_cache(16)
def _garden(language: str, sown: tuple[tuple[str, tuple[str, ...]], ...]) -> Garden:
    return Garden(language, sown)


# Replies --------------------------------------------------------------------------------------------------------


def assign(
    replies: Iterable[Reply], codebook: Codebook, language: str, *, score: Scorer = seeds
) -> dict[int, tuple[str, ...]]:
    """Return the themes of each reply, by its id, best first; `()` where none is known.

    What its author tapped counts before what a facilitator said, and that before the words.
    """
    known = {theme.code for theme in codebook}
    places = {theme.code: place for place, theme in enumerate(codebook)}
    found: dict[int, tuple[str, ...]] = {}
    for reply in replies:
        named = [code for code in reply.tapped if code in known] or [
            code for code in reply.tagged if code in known
        ]
        if named:
            found[reply.id] = tuple(dict.fromkeys(named))
        else:
            found[reply.id] = _ranked(_scored(reply, codebook, language, score), places)
    return found


def _ranked(scores: Mapping[str, float], places: Mapping[str, int]) -> tuple[str, ...]:
    best = max(scores.values(), default=0.0)
    near = [code for code in scores if code in places and scores[code] >= max(ENOUGH, BESIDE * best)]
    return tuple(sorted(near, key=lambda code: (-scores[code], places[code])))[:MOST]


def _scored(reply: Reply, codebook: Codebook, language: str, score: Scorer) -> Mapping[str, float]:
    if not reply.text.strip():
        return {}
    spoken = dict.fromkeys(code for theme in codebook for code in theme.words)
    for code in _languages(reply, spoken, language):
        scores = score(codebook, reply.text, code)
        if max(scores.values(), default=0.0) >= ENOUGH:
            return scores
    return {}


def _languages(reply: Reply, spoken: Iterable[str], language: str) -> Iterable[str]:
    """In which languages a text is read until a theme is found: its own, the network's, then what it seems to be."""
    first = [reply.language or language, language]
    yield from dict.fromkeys(first)
    others = [code for code in spoken if code not in first]
    if others:
        seems = words.guess(reply.text, [*dict.fromkeys(first), *others])
        yield from others if seems is None else [code for code in others if code == seems]


def talked(
    replies: Iterable[Reply],
    assigned: Mapping[int, Sequence[str]],
    groups: Mapping[str, int],
    k: int,
    named: Groups,
) -> tuple[Talked, ...]:
    """Return how many people spoke of each theme that anybody spoke of, in no order that means anything.

    `groups` are the active members by group: a group stands beside a number only as `Groups.counted` lets it.
    """
    people: dict[str, dict[int, str | None]] = {}
    everybody: dict[int, str | None] = {}
    for reply in replies:
        if voices.kept(reply):
            everybody[reply.member] = reply.group
            for code in assigned.get(reply.id, ()):
                people.setdefault(code, {})[reply.member] = reply.group
    shown = named.counted(with_strangers(groups, everybody.values()), k)
    return tuple(
        Talked(code, len(who), _by_group(who.values(), shown)) for code, who in sorted(people.items())
    )


def _by_group(authors: Iterable[str | None], shown: Mapping[str, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for group in authors:
        code = shown.get(group or "", PARTICIPANT)
        counts[code] = counts.get(code, 0) + 1
    return dict(sorted(counts.items()))


def unassigned(
    replies: Iterable[Reply], assigned: Mapping[int, Sequence[str]], language: str, *, most: int = 10
) -> tuple[str, ...]:
    """Return the words that come back in replies without a theme, to grow the codebook: words of two people or more."""
    left = [reply for reply in replies if voices.kept(reply) and not assigned.get(reply.id)]
    return words.returning(
        ((reply.member, reply.text, reply.language or language) for reply in left), most=most
    )
