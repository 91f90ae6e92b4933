"""Stakeholder groups, and which of them may be named. One more: a line in `BROAD` and its texts.

Stored codes are never renamed. The texts are `group.<code>` ("a carer") and `groups.<code>` ("Carers"). A
group may be named where at least k active members belong to it (design.md §2). A network can call them otherwise and
add its own: `Groups` knows what holds there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.core.texts import LANGUAGES, Text

PARTICIPANT = "participant"
ROLE = "role"  # members.shown_alone: named though few share the group
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


@dataclass(frozen=True)
class Named:
    """What a network calls a group of the built-in ones, or one that it added (`own_<number>`).

    `names` are by language what one of them and all of them are called: ("a carer", "carers").
    """

    code: str
    broad: str | None
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    offered: bool = True


@dataclass(frozen=True)
class Groups:
    """The stakeholder groups of a network: the built-in ones, as it calls them, and those it added."""

    own: tuple[Named, ...] = ()
    language: str = "en"  # the network's, in which it named them

    @cached_property
    def _named(self) -> dict[str, Named]:
        return {one.code: one for one in self.own}

    @cached_property
    def fine(self) -> tuple[str, ...]:
        """The codes of all groups, the network's own last."""
        return (*FINE, *(one.code for one in self.own if one.code not in BROAD))

    def broad(self, code: str | None) -> str | None:
        """Return the broad group that a group belongs to; None for none and for an unknown one."""
        if code is None or code in BROAD:
            return None if code is None else BROAD[code]
        own = self._named.get(code)
        return None if own is None else own.broad

    def in_care(self, code: str | None) -> bool:
        """Whether they work in care, and so hear of professional secrecy."""
        own = code not in BROAD and self.broad(code) == "work"
        return code in IN_CARE or own

    def renamed(self, code: str) -> bool:
        """Whether the network has a name of its own for it."""
        return bool(code in self._named and self._named[code].names)

    def one(self, code: str, text: Text) -> str:
        """Return what one of them is called in a sentence: "a carer"."""
        names = self._names(code, text.language)
        return text.plain(f"group.{code}") if names is None else names[0]

    def many(self, code: str, text: Text) -> str:
        """Return what all of them are called, as a heading: "Carers"."""
        names = self._names(code, text.language)
        return text.plain(f"groups.{code}") if names is None else names[1][:1].upper() + names[1][1:]

    def amid(self, code: str, text: Text) -> str:
        """Return what all of them are called amid a sentence: "carers"; an abbreviation stays as it is."""
        name = self.many(code, text)
        return name if name[1:2].isupper() else name[:1].lower() + name[1:]

    def _names(self, code: str, language: str) -> tuple[str, str] | None:
        """The network's names in this language, else in its own; None where the usual ones hold."""
        if not self.renamed(code):
            return None
        names = self._named[code].names
        return names.get(language) or names.get(self.language) or next(iter(names.values()))

    def choice(self, code: str, text: Text) -> str:
        """Return what stands on the button with which somebody says to be one of them."""
        if not self.renamed(code):
            return text.plain(f"joining.as_{code}")
        name = self.one(code, text)
        return name[:1].upper() + name[1:]

    def offered(self) -> tuple[str, ...]:
        """Return the codes that are offered at joining, the usual ones in their order."""
        usual = [choice.code for choice in (*CHOICES, *FURTHER) if choice.code != MORE]
        order = [*usual[:-1], *self.fine[len(FINE) :], usual[-1]]  # "none of these" stays last
        return tuple(code for code in order if code not in self._named or self._named[code].offered)

    def shown(self, group: str | None, sizes: Mapping[str, int], k: int, *, alone: str | None = None) -> str:
        """Return the code under which a group may be named: itself, its broad group, or `participant`.

        `sizes` are the active members of each fine group in the network, the one in question included. `alone` is
        what that member, and nobody else, decided for their own words where fewer than k share the group: `role`
        names it.
        """
        if group is None or group not in self.fine:
            return PARTICIPANT
        if sizes.get(group, 0) >= k or alone == ROLE:
            return group
        broad = self.broad(group)
        if broad is not None and sum(n for code, n in sizes.items() if self.broad(code) == broad) >= k:
            return broad
        return PARTICIPANT

    def label(
        self,
        group: str | None,
        attribution: str,
        name: str | None,
        sizes: Mapping[str, int],
        k: int,
        text: Text,
        *,
        alone: str | None = None,
    ) -> str:
        """Return what stands beside somebody's words.

        `attribution` is name, role or none; `name` is None for who has not agreed to be named.
        """
        if attribution == "name" and name:
            return name
        code = PARTICIPANT if attribution == "none" else self.shown(group, sizes, k, alone=alone)
        return self.one(code, text)

    def counted(self, sizes: Mapping[str, int], k: int) -> dict[str, str]:
        """Return for each group the code under which its people are counted in a picture or a table.

        A large group stands for itself, small ones for their broad group, the others are participants. Where these
        are fewer than k they are counted with the smallest that has a name, or subtracting would tell of them.
        """
        shown = {code: code for code in self.fine if sizes.get(code, 0) >= k}
        for broad in WIDE:
            small = [code for code in self.fine if self.broad(code) == broad and code not in shown]
            if sum(sizes.get(code, 0) for code in small) >= k:
                shown |= dict.fromkeys(small, broad)
        rest = [code for code in sizes if code not in shown and sizes[code]]
        if shown and 0 < sum(sizes[code] for code in rest) < k:
            people: dict[str, int] = {}
            for code, name in shown.items():
                people[name] = people.get(name, 0) + sizes.get(code, 0)
            smallest = min(people, key=lambda name: (people[name], -list(people).index(name)))
            with_them = {code for code, name in shown.items() if name == smallest}
            broads = {self.broad(code) for code in (*rest, *with_them)}
            beside = any(self.broad(code) in broads for code in shown if code not in with_them)
            alike = len(broads) == 1 and not beside
            together = next(iter(broads)) if alike else None
            shown |= dict.fromkeys((*rest, *with_them), together or PARTICIPANT)
        return {code: shown.get(code, PARTICIPANT) for code in {*self.fine, *sizes}}

    def few(self, group: str | None, sizes: Mapping[str, int], k: int) -> bool:
        """Whether with this group somebody would be named under no group at all."""
        return group in self.fine and self.shown(group, sizes, k) == PARTICIPANT


USUAL = Groups()


def with_strangers(sizes: Mapping[str, int], people: Iterable[str | None]) -> dict[str, int]:
    """Return the sizes with those people besides whose group nobody active belongs to, or who named none.

    They wrote and have left since, say: where they are counted they must not be the only ones.
    """
    strangers = sum(not sizes.get(group or "", 0) for group in people)
    return {**sizes, "": strangers} if strangers else dict(sizes)


def with_one_more(sizes: Mapping[str, int], group: str | None) -> dict[str, int]:
    """Return the sizes as they will be when somebody of `group` has joined."""
    return dict(sizes) if group is None else {**sizes, group: sizes.get(group, 0) + 1}


# What is typed --------------------------------------------------------------------------------------------------

MAX_ONE, MAX_MANY = 24, 40  # characters: one of them stands on a button


@dataclass(frozen=True)
class Naming:
    """`carer nl = een mantelzorger, mantelzorgers` as it was understood; `code` None: a new group."""

    code: str | None
    language: str | None
    one: str
    many: str


def read_names(typed: str) -> tuple[str, str] | None:
    """Return what one and all of them are called: "een mantelzorger, mantelzorgers"; None if it is no such pair."""
    one, comma, many = (" ".join(part.split()) for part in typed.partition(","))
    fits = 1 <= len(one) <= MAX_ONE and 1 <= len(many) <= MAX_MANY
    plain = not set(one + many) & set("<>&=,|{}\n")
    return (one, many) if comma and fits and plain else None


def read_naming(typed: str, groups: Groups, text: Text) -> Naming | None:
    """Read a line that renames a group, by its code or by what it is called, or adds one ("new = …")."""
    left, sign, right = typed.partition("=")
    names = read_names(right)
    if not sign or names is None:
        return None
    said = " ".join(left.casefold().split())
    first, _, last = said.rpartition(" ")
    for subject, language in ((said, None), (first, last)):
        if language is not None and language not in LANGUAGES:
            continue
        if subject in NEW:
            return Naming(None, language, *names)
        code = _meant(subject, groups, text)
        if code is not None:
            return Naming(code, language, *names)
    return None


NEW = ("new", "nieuw", "ny", "nytt", "+")


def _meant(said: str, groups: Groups, text: Text) -> str | None:
    spoken = said.replace(" ", "_")
    for code in groups.fine:
        called = {code, groups.one(code, text).casefold(), groups.many(code, text).casefold()}
        if said in called or spoken == code:
            return code
    return None
