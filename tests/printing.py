"""A digest with something of everything, put together by hand, for what is printed and drawn."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from bot import catalogues
from bot.core.agreement import Agreement
from bot.core.digest import Digest, Gathering, Quote, Section, Talked
from bot.core.groups import PARTICIPANT
from bot.core.themes import Theme
from bot.core.votes import Result

TEXT = catalogues.load(strict=True)
ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 10, 16, 30, tzinfo=UTC)
MEETING = Gathering("Second meeting", "Library, Main Street 4", datetime(2026, 11, 12, 16, 30, tzinfo=UTC))
THEMES = {
    "heard": "Being heard",
    "call": "Someone to call",
    "night": "Nights and own health",
    "respite": "Respite",
}

SAID = {
    "Think of the first half year after the diagnosis. What helped most, or what did you need to know?": (
        (
            "carer",
            "The carers' group saved me. To sit with people who understand without my having to explain.",
        ),
        (
            "practitioner",
            "As a dementia nurse I see that families often come to us when it is already a crisis. […]",
        ),
        ("carer", "[…] We got a folder with forty leaflets and nobody who said which one to read first."),
        (
            PARTICIPANT,
            "There are three entrances today: the municipality, the carers' adviser and the memory clinic.",
        ),
    ),
    "Respite and rest: what works and what doesn't?": (
        (
            "carer",
            "The same faces are the only thing that counts. Rather one hour with Samira than four with a new one.",
        ),
        (
            "practitioner",
            "We who work in home care get to know the person better when it is the same two every week. […]",
        ),
        ("cared_for", "I'm not a parcel. Ask me as well where I'd like to be on a Tuesday."),
    ),
    "How do you want staff and family to keep in touch?": (
        (
            "carer",
            "Meetings are always at ten on a Tuesday. I have used up all my days off and my boss sighs.",
        ),
        (
            "practitioner",
            "We may not write in the family's app because of confidentiality, so we do everything twice.",
        ),
        (
            PARTICIPANT,
            "We've tried video meetings in the evening for those who can't leave home. Seven of ten came back.",
        ),
    ),
}
ASKED = (
    ("carer", "heard", "I'm not on any paper, why don't I count?"),
    ("practitioner", "call", "May the health centre pass the telephone number on to us?"),
    (PARTICIPANT, "respite", "Is it the wrong offer that we have?"),
)
RAISED = (
    ("carer", "My husband is losing his Swedish and speaks almost only Finnish. Nobody asked about it. […]"),
    ("carer", "When I was taken to hospital myself there was no plan for him or for the dog."),
)
BY_GROUP = {("carer",): 10, ("practitioner",): 3, (PARTICIPANT,): 6}


def quotes(said: Sequence[tuple[str, str]], ids: Any) -> tuple[Quote, ...]:
    return tuple(Quote(next(ids), words, group) for group, words in said)


def rich(**changes: Any) -> Digest:
    """A digest before a meeting of 19 people, in English."""
    ids = count(1)
    sections = tuple(
        Section(question, replies, people, spoken, 0, quotes(said, ids), prompt)
        for prompt, ((question, said), (replies, people, spoken)) in enumerate(
            zip(SAID.items(), ((14, 13, 0), (14, 14, 1), (12, 11, 0)), strict=True), 1
        )
    )
    found = Digest(
        chain="meeting",
        publish_at=NOW,
        since=None,
        meeting=MEETING,
        questions=tuple(Quote(next(ids), words, group, theme=theme) for group, theme, words in ASKED),
        sections=sections,
        people=19,
        wrote=("carer", "practitioner"),
        silent=("politician",),
        next_question=datetime(2026, 11, 17, 9, tzinfo=UTC),
        note=None,
        note_by=None,
        own_questions=("Who writes the letter to the municipality?",),
        agreements=(
            Agreement(1, 1, "A carers' group should be offered with the diagnosis.", 15, 1, 1, True, {}),
            Agreement(2, 2, "Somebody has to answer the telephone in the evening.", 14, 2, 1, False, {}),
        ),
        differences=(
            Agreement(
                3, 3, "Respite care is my lifeline.", 7, 6, 4, False, {"lived": (6, 2, 1), "work": (1, 4, 3)}
            ),
        ),
        results=(
            Result(
                9,
                "choice",
                "When should we meet?",
                ("In the morning", "After work", "Online in the evening", None),
                (3, 7, 6, 1),
                17,
                {("carer",): (1, 4, 3, 1), ("practitioner",): (2, 1, 0, 0), (PARTICIPANT,): (0, 2, 3, 0)},
            ),
            Result(
                10,
                "scale",
                "I know whom to call when it gets difficult.",
                ("1", "2", "3", "4", "5"),
                (4, 5, 3, 2, 2),
                16,
                {("carer",): (3, 4, 1, 1, 0), ("practitioner", PARTICIPANT): (1, 1, 2, 1, 2)},
            ),
        ),
        singles=quotes(RAISED, ids),
        themes=(
            Talked("heard", 9, {"carer": 5, "practitioner": 1, PARTICIPANT: 3}),
            Talked("call", 7, {"carer": 5, "practitioner": 1, PARTICIPANT: 1}),
            Talked("night", 5, {"carer": 4, PARTICIPANT: 1}),
            Talked("respite", 4, {"carer": 2, PARTICIPANT: 2}),
        ),
        codebook=tuple(Theme(code, {"en": name}, {"en": ()}) for code, name in THEMES.items()),
        wrote_by={"carer": 10, "practitioner": 3, PARTICIPANT: 6},
        members=21,
    )
    return replace(found, **changes)


def weekly(**changes: Any) -> Digest:
    """A usual week: a question, a few answers."""
    whole = rich()
    empty: dict[str, Any] = {
        "agreements": (),
        "differences": (),
        "results": (),
        "singles": (),
        "own_questions": (),
    }
    usual = {"chain": "weekly", "sections": whole.sections[:2], "questions": whole.questions[:2], **empty}
    return replace(whole, **(usual | changes))
