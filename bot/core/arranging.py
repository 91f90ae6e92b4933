"""What facilitators change about a choice: another quote of the same group in a quote's place, the order of themes.

What they swapped is kept with the digest, as ids, and put onto the choice again whenever one is made anew (`again`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bot.core import voices
from bot.core.cutting import LENGTHS
from bot.core.digest import Choice, Material
from bot.core.voices import Chosen, Reply

# Another quote ----------------------------------------------------------------------------------------------------


def turns(material: Material, choice: Choice, shown: int) -> tuple[Reply, ...]:
    """Return the replies that take turns in a quote's place: the first choice, then the next best of the same group.

    They answer the same prompt and stand nowhere else in the digest; what seems to tell who somebody is comes last.
    """
    replies = {reply.id: reply for reply in material.replies}
    places = (*choice.prompts, *choice.more)
    prompt = next((asked for asked, quotes in places if any(one.id == shown for one in quotes)), None)
    here = replies.get(shown)
    if here is None or prompt is None:
        return ()
    elsewhere = {one.id for one in choice.all} - {shown}
    heard = Counter(replies[id].member for id in elsewhere if id in replies)
    first = _first(material, choice, shown)

    def rank(reply: Reply) -> tuple[bool, bool, int, int, bool, bool, int]:
        readable = len(reply.text.split()) in voices.READABLE
        return (
            reply.id != first,
            reply.flagged,
            heard[reply.member],
            reply.past,
            not reply.starred,
            not readable,
            reply.id,
        )

    found = (
        reply
        for reply in material.replies
        if reply.prompt == prompt
        and voices.side(reply) == voices.side(here)
        and reply.id not in elsewhere
        and voices.quotable(reply)
        and not _waits(reply)
    )
    return tuple(sorted(found, key=rank))


def _waits(reply: Reply) -> bool:
    """Whether its author was asked, and has not said, whether it may be shown at all."""
    return (reply.single or "").startswith("asked")


def _first(material: Material, choice: Choice, shown: int) -> int:
    """Return which quote stood in this place before anybody swapped it; one that stands elsewhere now did not."""
    there = {one.id for one in choice.all}
    found = (first for first, other in material.swapped.items() if other == shown and first not in there)
    return next(found, shown)


def swap(material: Material, choice: Choice, shown: int) -> tuple[Choice, dict[int, int]] | None:
    """Return the choice with the next one in a quote's place, and all that is swapped now; None: there is no other."""
    found = turns(material, choice, shown)
    at = next((number for number, reply in enumerate(found) if reply.id == shown), -1)
    new = found[(at + 1) % len(found)] if found else None
    if new is None or new.id == shown:
        return None
    first = _first(material, choice, shown)
    swapped = {**material.swapped, first: new.id}
    if new.id == first:
        del swapped[first]
    return _put(choice, shown, new), swapped


def _put(choice: Choice, shown: int, new: Reply) -> Choice:
    picked = voices.cut(new, _limit(choice))

    def place(quotes: tuple[Chosen, ...]) -> tuple[Chosen, ...]:
        return tuple(picked if one.id == shown else one for one in quotes)

    return replace(
        choice,
        prompts=tuple((prompt, place(quotes)) for prompt, quotes in choice.prompts),
        more=tuple((prompt, place(quotes)) for prompt, quotes in choice.more),
    )


def _limit(choice: Choice) -> int:
    """Return how long the quotes of a digest may be: a full one has shorter ones."""
    spans = (span for _, quotes in choice.prompts for one in quotes for span in one.spans)
    longest = max((end - start for start, end in spans), default=0)
    return next((limit for limit in sorted(LENGTHS) if limit >= longest), voices.LIMIT)


def again(material: Material, choice: Choice) -> Choice:
    """Put what was swapped onto a choice that was made anew, as far as it still can be."""
    for first, other in material.swapped.items():
        new = next((reply for reply in turns(material, choice, first) if reply.id == other), None)
        if new is not None:
            choice = _put(choice, first, new)
    return choice


# The order of themes ----------------------------------------------------------------------------------------------


def raised(themes: Sequence[str], code: str) -> tuple[str, ...]:
    """Return themes with one of them a place further up."""
    found = list(themes)
    at = found.index(code) if code in found else 0
    if at:
        found[at - 1], found[at] = found[at], found[at - 1]
    return tuple(found)
