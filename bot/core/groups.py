"""Stakeholder groups, and which of them may be named. One more: a line in `BROAD` and its texts.

Stored codes are never renamed. The texts are `group.<code>` ("a carer") and `groups.<code>` ("Carers"). A
group may be named where at least k active members belong to it (design.md §2).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.texts import Text

PARTICIPANT = "participant"
BROAD: dict[str, str | None] = {
    "carer": "lived",
    "cared_for": "lived",
    "carer_organisation": "work",
    "volunteer": "work",
    "practitioner": "work",
    "care_manager": "work",
    "decision_maker": "decide",
    "politician": "decide",
    "researcher": "decide",
    "other": None,
}
FINE = tuple(BROAD)
WIDE = ("lived", "work", "decide")
IN_CARE = ("practitioner", "care_manager", "volunteer")  # who hears of professional secrecy


@dataclass(frozen=True)
class Choice:
    """A button at joining: `code` is a group, or `more` for the second page."""

    code: str
    label: str  # a text id


MORE = "more"
CHOICES = tuple(
    Choice(code, f"joining.as_{code}")
    for code in (
        "carer",
        "cared_for",
        "practitioner",
        "carer_organisation",
        "decision_maker",
        "researcher",
        MORE,
    )
)
FURTHER = tuple(
    Choice(code, f"joining.as_{code}") for code in ("volunteer", "care_manager", "politician", "other")
)


def shown(group: str | None, sizes: Mapping[str, int], k: int) -> str:
    """Return the code under which a group may be named: itself, its broad group, or `participant`.

    `sizes` are the active members of each fine group in the network, the one in question included.
    """
    if group is None or group not in BROAD:
        return PARTICIPANT
    if sizes.get(group, 0) >= k:
        return group
    broad = BROAD[group]
    if broad is not None and sum(n for code, n in sizes.items() if BROAD.get(code) == broad) >= k:
        return broad
    return PARTICIPANT


def label(
    group: str | None, attribution: str, name: str | None, sizes: Mapping[str, int], k: int, text: Text
) -> str:
    """Return what stands beside somebody's words.

    `attribution` is name, role or none; `name` is None for who has not agreed to be named.
    """
    if attribution == "name" and name:
        return name
    code = PARTICIPANT if attribution == "none" else shown(group, sizes, k)
    return text.plain(f"group.{code}")


def with_one_more(sizes: Mapping[str, int], group: str | None) -> dict[str, int]:
    """Return the sizes as they will be when somebody of `group` has joined."""
    return dict(sizes) if group is None else {**sizes, group: sizes.get(group, 0) + 1}
