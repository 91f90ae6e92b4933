"""Dots can be told apart in grey and by the colour-blind: by letters, none of them twice."""

from dataclasses import replace

import pytest

from bot.core.groups import BROAD, PARTICIPANT, WIDE, Groups, Named
from bot.core.texts import LANGUAGES
from bot.render import dots
from tests.printing import TEXT, rich

CODES = (*BROAD, *WIDE)


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", sorted({*dots.COLOURS.values(), *dots.FURTHER, dots.NEUTRAL}))
def test_a_white_letter_can_be_read_on_every_colour_and_every_colour_on_paper(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_has_a_letter_of_its_own(language: str) -> None:
    own = Groups(own=(Named("own_1", "work", {language: ("a neighbour", "neighbours")}),), language=language)
    digest = rich(named=own, wrote_by=dict.fromkeys((*CODES, "own_1", PARTICIPANT), 3))
    signs = dots.keys(digest, TEXT.of(language))
    letters = [key.letter for cell, key in signs.items() if cell != dots.OTHERS]
    assert len(letters) >= len(CODES) + 1
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 and letter.isalnum() for letter in letters)
    assert signs[dots.OTHERS].letter == ""
    assert list(signs)[-1] == dots.OTHERS


def test_the_usual_groups_have_the_letter_they_begin_with() -> None:
    signs = dots.keys(rich(), TEXT.of("nl"))
    assert [signs[code,].letter for code in ("carer", "practitioner")] == ["M", "Z"]


def test_a_group_the_network_renamed_has_a_letter_of_its_new_name() -> None:
    named = Groups(own=(Named("carer", "lived", {"en": ("a friend", "friends")}),))
    assert dots.keys(rich(named=named), TEXT.of("en"))["carer",].letter == "F"


def test_one_dot_is_one_person_and_who_has_no_group_is_one_of_the_others() -> None:
    text = TEXT.of("en")
    signs = dots.keys(rich(), text)
    row = dots.row({("carer",): 5, ("practitioner",): 1}, 9, signs, text)
    assert sum(number for _, number in row["dots"]) == 9
    assert row["alt"] == "9 people (Carers: 5, Care professionals: 1, Others: 3)"


def test_where_groups_are_not_told_apart_nobody_is_one_of_the_others() -> None:
    text = TEXT.of("en")
    row = dots.row({}, 4, dots.keys(rich(), text), text)
    assert (row["dots"], row["alt"]) == ([[dots.ANYBODY, 4]], "4 people")
    assert dots.legend([row]) == []


def test_more_people_than_one_can_count_are_a_number() -> None:
    text = TEXT.of("en")
    row = dots.row({}, 1200, dots.keys(rich(), text), text)
    assert (row["dots"], row["count"]) == ([], "1,200")


def test_an_unknown_group_is_one_of_the_others() -> None:
    digest = replace(rich(), wrote_by={"own_9": 3})
    assert ("own_9",) not in dots.keys(digest, TEXT.of("en"))
