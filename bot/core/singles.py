"""Points that one person raised: who is asked whether theirs may be shown. None is shown without its author's yes.

What only one person says is also what tells most easily who it is. So nothing is chosen for being loud: what its author
marked as mattering comes first, then what is said in words that nobody else uses and fits no theme well.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import sqrt

from bot.core import danger, words
from bot.core.voices import CARER, Chosen, Reply, cut, quotable

STARRED = 8  # authors asked because they marked it themselves
RAREST = 3  # asked at least, if there is anything: the rarest words make up for missing stars
ENOUGH = 6  # words that mean something: fewer are a greeting, not a point
NO = "no"


def candidates(
    replies: Iterable[Reply],
    *,
    about: Mapping[int, Sequence[str]],
    quoted: Collection[int],
    language: str = "en",
) -> list[Chosen]:
    """Return the points to ask about, one of each author and none that is shown elsewhere.

    Those to which their author said yes already come first, then starred ones, then the rarest.
    """
    said = [reply for reply in replies if quotable(reply)]
    rare = rarity(said, about, language)
    found: dict[int, Reply] = {}
    for reply in sorted(said, key=lambda one: (not _agreed(one), not one.starred, -rare[one.id], one.id)):
        if len(found) >= (STARRED if reply.starred or _agreed(reply) else RAREST):
            break
        if reply.id in quoted or reply.single == NO or reply.member in found:
            continue
        if (reply.starred or _agreed(reply) or rare[reply.id]) and not danger.hits(reply.text):
            found[reply.member] = reply
    return [cut(reply) for reply in found.values()]


def _agreed(reply: Reply) -> bool:
    return (reply.single or "").startswith("yes:")


def waits(reply: Reply) -> bool:
    """Tell whether its author was asked, and has not said, whether it may be shown: until then it stays out."""
    return (reply.single or "").startswith("asked:")


def rarity(replies: Iterable[Reply], about: Mapping[int, Sequence[str]], language: str) -> dict[int, float]:
    """Return how much of each reply only its author says: less where it fits themes, and where a carer says it more."""
    users: dict[str, set[int]] = {}
    stems: dict[int, set[str]] = {}
    listed = list(replies)
    for reply in listed:
        spoken = reply.language or language
        stems[reply.id] = {words.stem(word, spoken) for word in words.content(reply.text, spoken)}
        for stem in stems[reply.id]:
            users.setdefault(stem, set()).add(reply.member)
    return {reply.id: _rare(reply, stems[reply.id], users, len(about.get(reply.id, ()))) for reply in listed}


def _rare(reply: Reply, stems: Collection[str], users: Mapping[str, Collection[int]], themes: int) -> float:
    if len(stems) < ENOUGH:
        return 0.0
    alone = sum(len(users[stem]) == 1 for stem in stems)
    return alone / sqrt(len(stems)) / (1 + themes) * (1 if reply.group == CARER else 0.5)
