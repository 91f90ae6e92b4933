"""What may be done with somebody's words: every use, for everybody who could have given them."""

from dataclasses import dataclass, field

import pytest

from bot.core import consents
from bot.core.consents import MEDIA, NAME, QUESTIONS, QUOTE, REPORTS, TAKE_PART, Given, Use

STUDY = "study"  # what a later text of `reports` might come to name


@pytest.fixture(autouse=True)
def _study(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that grew: from 2027 on, reports also names study material."""
    monkeypatch.setitem(consents.USES, STUDY, Use(REPORTS, since="2027-03"))


@dataclass(frozen=True)
class Who:
    """A member: what they said yes to, in which words, and whether they are here."""

    agreed: tuple[str, ...]
    version: str = "2026-11"
    refused: tuple[str, ...] = ()
    state: str = "active"
    left_how: str | None = None
    newer: tuple[str, ...] = field(default=())  # agreed to in today's words

    def given(self) -> dict[str, Given]:
        answers = {use: Given(True, self.version) for use in self.agreed}
        answers |= {use: Given(False, "2027-03") for use in self.refused}
        return answers | {use: Given(True, "2027-03") for use in self.newer}


ALL = (TAKE_PART, QUOTE, NAME, MEDIA, REPORTS)
MEMBERS = {
    # who: what is allowed
    "nothing was asked yet": (Who(()), ()),
    "takes part": (Who((TAKE_PART,)), (TAKE_PART,)),
    "takes part and said no to all else": (
        Who((TAKE_PART,), refused=(QUOTE, NAME, MEDIA, REPORTS)),
        (TAKE_PART,),
    ),
    "is quoted": (Who((TAKE_PART, QUOTE)), (TAKE_PART, QUOTE)),
    "is named": (Who((TAKE_PART, QUOTE, NAME)), (TAKE_PART, QUOTE, NAME)),
    "a name without quotes means nothing": (Who((TAKE_PART, NAME, REPORTS)), (TAKE_PART,)),
    "keeps files, is not quoted": (Who((TAKE_PART, MEDIA)), (TAKE_PART, MEDIA)),
    "all of it, in the first words": (Who(ALL), ALL),
    "all of it, in today's words": (Who(ALL[:4], newer=(REPORTS,)), (*ALL, STUDY)),
    "today's words, and quotes were taken back": (
        Who((TAKE_PART, MEDIA), refused=(QUOTE,), newer=(REPORTS,)),
        (TAKE_PART, MEDIA),
    ),
    "words older than any we know": (Who(ALL, version="1"), ALL),
    "taking part was taken back": (Who(ALL[1:], refused=(TAKE_PART,)), ()),
    "still joining": (Who(ALL, state="joining"), ()),
    "left, undecided": (Who(ALL, state="left"), ()),
    "left, words may stay": (Who(ALL, state="left", left_how="keep"), ()),
    "left, unnamed": (Who(ALL, state="left", left_how="unnamed"), ()),
    "left, all to be erased": (Who(ALL, state="left", left_how="erase"), ()),
}


@pytest.mark.parametrize("use", [*QUESTIONS, STUDY, "something"])
@pytest.mark.parametrize("who", MEMBERS)
def test_only_what_was_agreed_to_in_words_that_named_it(who: str, use: str) -> None:
    member, uses = MEMBERS[who]
    given = consents.of_member(member.given(), member.state)
    assert consents.may(given, use) is (use in uses)


@pytest.mark.parametrize(
    ("state", "left_how", "expected"),
    [
        ("active", None, True),
        ("joining", None, True),  # comes back: what went out before stands until they have decided
        ("left", None, True),  # undecided: what was read stays, nothing new is made of it
        ("left", "keep", True),
        ("left", "removed", True),
        ("unlinked", None, True),  # nobody's any more
        ("left", "unnamed", False),
        ("left", "erase", False),
    ],
)
def test_what_went_out_stands_until_who_left_decides(
    state: str, left_how: str | None, expected: bool
) -> None:
    assert consents.stands(state, left_how) is expected


# Texts that changed


def test_a_changed_text_is_asked_about_in_the_language_it_changed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    before = consents.edition()
    monkeypatch.setitem(consents.VERSIONS, QUOTE, {**consents.VERSIONS[QUOTE], "nl": "2027-01"})
    dutch, swedish = ({QUOTE: Given(True, "2026-11", language)} for language in ("nl", "sv"))
    assert consents.outdated(dutch) == (QUOTE,)
    assert consents.outdated(swedish) == ()
    assert consents.may({TAKE_PART: Given(True), **dutch}, QUOTE)  # the old yes goes on
    assert consents.edition() != before


def test_a_no_is_not_asked_again() -> None:
    assert consents.outdated({MEDIA: Given(False, "1"), QUOTE: Given(True, "1")}) == (QUOTE,)


def test_who_agreed_today_is_not_asked() -> None:
    for language in consents.LANGUAGES:
        given = {use: Given(True, consents.version(use, language), language) for use in QUESTIONS}
        assert consents.outdated(given) == ()


def test_a_language_of_tomorrow_is_asked_in_english() -> None:
    assert consents.version(QUOTE, "fi") == consents.VERSIONS[QUOTE]["en"]
