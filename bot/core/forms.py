"""What can be chosen: the options of a choice, as they are typed, kept and shown. A scale has none but 1 to 5."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.core.letters import utf16_length
from bot.core.texts import Text
from bot.core.votes import OWN, SCALE

CHOICE, SCALES = "choice", "scale"
KINDS = (CHOICE, SCALES)  # in which nobody writes, but chooses
LEAST, MOST = 2, 10
LONGEST = 80  # UTF-16 units of an option: ten of them leave room for the question
MARKED = re.compile(r"^(?:[-*•–·]|\d{1,2}[.)])\s+(?=\S)")  # how people begin the lines of a list

Lack = Literal["options", "several", "own"]
Fault = Literal["few", "many", "long", "same"]


@dataclass(frozen=True)
class Form:
    """The options of a choice; `several` may be chosen, an answer of one's `own` given. None: still to be asked."""

    options: tuple[str, ...] = ()
    several: bool | None = None
    own: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """As the prompt keeps it."""
        return {"options": list(self.options), "several": self.several, "own": self.own}


def from_json(stored: Mapping[str, Any] | None) -> Form:
    """Read what `to_json` wrote; a scale, and a choice of which nothing was said yet, have none."""
    kept = stored or {}
    return Form(tuple(kept.get("options") or ()), kept.get("several"), kept.get("own"))


# What is typed ----------------------------------------------------------------------------------------------------


def options(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the options that stand in these lines, without what people put before the lines of a list."""
    said = (" ".join(MARKED.sub("", line.strip()).split()) for line in lines)
    return tuple(one for one in said if one)


def typed(words: str) -> tuple[str, Form]:
    """Read what stands behind the time of a one-line command: the question, then an option a line.

    With options in it, nothing more is asked: one answer each, or one of their own; a button changes that.
    """
    question, _, rest = words.strip().partition("\n")
    found = options(rest.splitlines())
    return question, Form(found, several=False, own=True) if found else Form()


def fault(found: Sequence[str]) -> Fault | None:
    """Return what is wrong with options."""
    if len(found) < LEAST:
        return "few"
    if len(found) > MOST:
        return "many"
    if any(utf16_length(one) > LONGEST for one in found):
        return "long"
    return "same" if len({one.casefold() for one in found}) < len(found) else None


def lack(form: Form) -> Lack | None:
    """Return what a choice needs before it can be planned."""
    if fault(form.options):
        return "options"
    if form.several is None:
        return "several"
    return "own" if form.own is None else None


# What is chosen ---------------------------------------------------------------------------------------------------


def allowed(kind: str, form: Form, pick: int) -> bool:
    """Whether this can be chosen; a pressed button may be forged, or of another time."""
    if kind == SCALES:
        return pick in SCALE
    return 0 <= pick < len(form.options) or (pick == OWN and bool(form.own))


def picked(form: Form, before: Sequence[int], pick: int, *, on: bool | None = None) -> tuple[int, ...]:
    """Return what is chosen after a press: the one, or where several may be, one more or less.

    `on` None: the other way round than before.
    """
    if not form.several:
        return (pick,)
    there = pick in before
    wanted = not there if on is None else on
    kept = [one for one in before if one != pick]
    return tuple(sorted([*kept, pick] if wanted else kept, key=lambda one: (one == OWN, one)))


def words(kind: str, form: Form, picks: Iterable[int], text: Text) -> list[str]:
    """Return what was chosen, in words."""
    said = []
    for pick in picks:
        if pick == OWN:
            said.append(text.plain("votes.own"))
        elif kind == SCALES:
            said.append(str(pick))
        elif pick < len(form.options):
            said.append(form.options[pick])
    return said
