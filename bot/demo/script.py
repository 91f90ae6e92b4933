"""What people say and do in the demo, read from `<language>.toml`; one more answer: a block in each of the files.

Everything a person does hangs on something that happened (`to`), and comes some time `after` it:
`<question>.<n>` the n-th posting of a question · an answer's `id` · `draft.<n>` the n-th draft a facilitator gets ·
`digest.<n>` the n-th summary in the person's group · `meeting` the meeting's message there · `asked` whenever
somebody is asked whether words given in private may be used. To press is to press the button with that verb; a
second word says which of several.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HOWS = ("group", "private", "reply", "voice", "photo", "edit", "react", "press")
CIRCLES = ("core", "board")
GROUPS = (
    "carer",
    "cared_for",
    "practitioner",
    "carer_organisation",
    "volunteer",
    "decision_maker",
    "researcher",
)
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True)
class Person:
    """Somebody with a telephone.

    `joins` is how long after the beginning; None: at once, as the core group does. `by_hand`: has an invitation;
    `stand_in`: as the one who stands in, before all others.
    """

    key: str
    name: str
    role: str
    circle: str
    group: str
    quote: str = "role"
    media: bool = False
    by_hand: bool = False
    stand_in: bool = False
    joins: timedelta | None = None


@dataclass(frozen=True)
class Act:
    """Something that `by` does `after` `to` has happened."""

    key: str
    by: str
    to: str
    how: str
    after: timedelta
    text: str = ""


@dataclass(frozen=True)
class Script:
    """A network, its people and their words."""

    language: str
    zone: ZoneInfo
    begins: datetime
    title: str
    group: str
    board: str
    controller: str
    contact: str
    authority: str
    help: str  # what somebody in trouble is shown
    facilitator: Person
    people: tuple[Person, ...]
    questions: Mapping[str, str]
    plan: tuple[str, ...]
    to_both: str  # the question that the sounding board is asked as well
    acts: tuple[Act, ...]
    picture: tuple[str, ...]  # the lines on the photo

    @property
    def everybody(self) -> tuple[Person, ...]:
        """The facilitator, and all others."""
        return (self.facilitator, *self.people)

    def person(self, key: str) -> Person:
        """Return somebody by key."""
        return next(one for one in self.everybody if one.key == key)

    @property
    def answers(self) -> list[Act]:
        """What is given to a question, in words."""
        return [act for act in self.acts if act.how in ("group", "private", "reply", "photo")]


class Unplayable(ValueError):
    """The script names somebody or something that isn't there."""


def load(language: str) -> Script:
    """Return the script in a language."""
    path = Path(__file__).with_name(f"{language}.toml")
    return read(tomllib.loads(path.read_text("utf-8")), language)


def read(raw: Mapping[str, Any], language: str) -> Script:
    """Return a script, once everything it names is found."""
    network = raw["network"]
    zone = ZoneInfo(network["zone"])
    people = tuple(_person(one) for one in raw["people"])
    script = Script(
        language=language,
        zone=zone,
        begins=network["begins"].replace(tzinfo=zone),
        title=network["title"],
        group=network["group"],
        board=network["board"],
        controller=network["controller"],
        contact=network["contact"],
        authority=network["authority"],
        help=network["help"],
        facilitator=people[0],
        people=people[1:],
        questions=raw["questions"],
        plan=tuple(line.format_map(raw["questions"]) for line in network["plan"]),
        to_both=network["to_both"],
        acts=tuple(_acts(raw)),
        picture=tuple(network["picture"]),
    )
    wrong = list(_unplayable(script))
    if wrong:
        raise Unplayable("; ".join(wrong))
    return script


def span(text: str) -> timedelta:
    """Read `25m`, `1d 3h` or `2h 10m`."""
    parts = re.findall(r"(\d+)([dhm])", text)
    if not parts or re.sub(r"\d+[dhm]|\s", "", text):
        raise Unplayable(f"{text!r} is no span of time")
    return timedelta(**{UNITS[unit]: int(number) for number, unit in parts})


def _person(raw: Mapping[str, Any]) -> Person:
    joins = span(raw["joins"]) if "joins" in raw else None
    return Person(**{**raw, "joins": joins})


def _acts(raw: Mapping[str, Any]) -> list[Act]:
    acts = []
    for number, one in enumerate(raw["acts"], 1):
        details = dict(one)
        key = details.pop("id", f"act{number}")
        acts.append(Act(key=key, after=span(details.pop("after")), **details))
    return acts


def _unplayable(script: Script) -> list[str]:
    keys = [one.key for one in script.everybody]
    ids = [act.key for act in script.acts]
    wrong = [f"{one} is there twice" for one in {*keys, *ids} if keys.count(one) > 1 or ids.count(one) > 1]
    for one in script.everybody:
        if one.circle not in CIRCLES or one.group not in GROUPS:
            wrong.append(f"{one.key} is nowhere")
    for act in script.acts:
        if act.by not in keys:
            wrong.append(f"nobody is {act.by}")
        if act.how not in HOWS:
            wrong.append(f"nobody can {act.how}")
        if not _known(script, act.to):
            wrong.append(f"{act.to} never happens")
    if script.to_both not in script.questions:
        wrong.append(f"there is no question {script.to_both}")
    return wrong


def _known(script: Script, anchor: str) -> bool:
    name, _, number = anchor.partition(".")
    if number.isdecimal():
        return name in script.questions or name in ("draft", "digest")
    return anchor in ("meeting", "asked") or any(act.key == anchor for act in script.acts)
