"""What of a choice or a scale is shown, as chat HTML: counts, by group only as bot/core/votes.py lets it be told."""

from bot.core import dates
from bot.core.groups import PARTICIPANT, Groups
from bot.core.letters import member_words
from bot.core.prompts import excerpt
from bot.core.texts import Markup, Text
from bot.core.votes import Cell, Result

SHORT = 24  # of an option beside a group: above it stands whole


def lines(result: Result, text: Text, named: Groups) -> list[Markup]:
    """Return how many chose what, then the same for each group that may be shown."""
    counts = zip(_options(result, text), result.counts, strict=True)
    said = [text("votes.count", option=member_words(option), number=count) for option, count in counts]
    for cell, chosen in result.groups.items():
        parts = zip(_options(result, text, SHORT), chosen, strict=True)
        listed = [text.plain("votes.part", option=option, number=count) for option, count in parts if count]
        group = heading(cell, text, named)
        people = result.turnout.get(cell, sum(chosen))
        said.append(text("votes.of_group", group=group, number=people, counts=", ".join(listed)))
    return said


def heading(cell: Cell, text: Text, named: Groups) -> str:
    """Return what groups that are counted together are called: "Carers and others"."""
    names = [text.plain("votes.others") if code == PARTICIPANT else named.amid(code, text) for code in cell]
    joined = dates.joined(names, text.language)
    first = named.many(cell[0], text)
    if cell[0] == PARTICIPANT or not joined.startswith(named.amid(cell[0], text)):
        return joined[:1].upper() + joined[1:]
    return first + joined[len(first) :]


def _options(result: Result, text: Text, most: int | None = None) -> list[str]:
    own = text.plain("votes.own_answers")
    whole = [own if option is None else option for option in result.options]
    return whole if most is None else [excerpt(option, most) for option in whole]
