"""What contributions are about: seed words in six languages, whom we believe, and how many people are counted."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import groups, themes, words
from bot.core.groups import PARTICIPANT, Groups, Named
from bot.core.themes import Codebook, Theme, assign, seeds, talked, unassigned
from tests.core.test_voices import reply


def theme(code: str, *said: str, language: str = "nl", **further: tuple[str, ...]) -> Theme:
    return Theme(code, {language: code.capitalize()}, {language: said, **further})


BOOK: Codebook = (
    theme("nights", "nacht", "slaap"),
    theme("money", "geld", "eigen bijdrage"),
    theme("care", "mantelzorg"),
    theme("empty"),
)


def of(text: str, codebook: Codebook = BOOK, network: str = "nl", **values: Any) -> tuple[str, ...]:
    return assign([reply(1, text=text, **values)], codebook, network)[1]


@pytest.mark.parametrize(
    ("language", "seed", "text"),
    [
        ("en", "sleep", "I have not been sleeping since Easter."),
        ("en", "respite care", "Respite, and care for my mother after it."),
        ("sv", "natt", "Nattsömnen är borta."),
        ("sv", "larm", "Trygghetslarmet räcker inte ner till brevlådan."),
        ("sv", "avlösning", "Vi får avlösningen för sent."),
        ("nl", "slaap", "Ik slapen? Dat doe ik niet meer."),
        ("nl", "arts", "De huisarts kwam niet."),
        ("nl", "eigen bijdrage", "Die eigen hoge bijdrage is te veel."),
        ("de", "pflege", "Die Tagespflege hat geschlossen."),
        ("it", "notte", "Le notti sono lunghe."),
        ("sl", "zdravnik", "Pri zdravniku smo čakali tri ure."),
        ("sl", "spanje", "Zaradi spanja sem utrujena."),
    ],
)
def test_a_seed_is_found_in_its_forms_and_in_compounds(language: str, seed: str, text: str) -> None:
    book = (theme("other", "xylofon", language=language), theme("it", seed, language=language))
    assert of(text, book, language) == ("it",)


@pytest.mark.parametrize(
    ("seed", "text", "language"),
    [
        ("care", "A careless driver.", "en"),
        ("eigen bijdrage", "Mijn eigen huis.", "nl"),
        ("eigen bijdrage", "Een bijdrage, van hun eigen geld.", "nl"),
        ("rust", "Hij is zo onrustig.", "nl"),
    ],
)
def test_what_only_looks_like_a_seed_is_none(seed: str, text: str, language: str) -> None:
    assert of(text, (theme("it", seed, language=language),), language) == ()


def test_authors_are_believed_before_facilitators_and_these_before_words() -> None:
    said = "Het geld is op."
    assert of(said) == ("money",)
    assert of(said, tagged=("care",)) == ("care",)
    assert of(said, tagged=("care",), tapped=("nights", "gone")) == ("nights",)
    assert of(said, tapped=("gone",)) == ("money",)  # a theme that is in the codebook no more


def test_the_theme_with_the_most_of_its_words_comes_first() -> None:
    assert of("In de nacht, zonder slaap, denk ik aan geld.")[0] == "nights"


def test_a_common_word_weighs_less_than_a_rare_one() -> None:
    book = (theme("some", "goed"), theme("one", "zorghotel"))
    assert of("Dat was goed, dat zorghotel.", book)[0] == "one"


def test_a_theme_without_words_matches_nothing_and_breaks_nothing() -> None:
    assert of("empty leeg niets") == ()
    assert of("Geen woorden", (theme("empty"), Theme("bare", {}, {}), theme("signs", "…", ""))) == ()


@pytest.mark.parametrize("said", [None, "nl", "sv"])
def test_a_text_in_another_language_finds_its_theme_as_well(said: str | None) -> None:
    book = (theme("nights", "slaap", sv=("sömn",), en=("sleep",)), theme("money", "geld", sv=("pengar",)))
    assert of("Det är sömnen som saknas och jag vet inte hur vi ska orka.", book, language=said) == (
        ("nights",)
    )


def test_another_way_to_score_can_take_the_place_of_seeds() -> None:
    def by_length(book: Codebook, text: str, language: str) -> dict[str, float]:
        return {book[len(text) % 2].code: 1.0}

    assert assign([reply(1, text="abc")], BOOK, "nl", score=by_length) == {1: ("money",)}


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=300),
    st.lists(st.text(max_size=12), max_size=4),
    st.sampled_from([*words.LANGUAGES, "fr"]),
)
def test_whatever_is_written_the_score_is_a_theme_of_the_codebook(
    text: str, said: list[str], language: str
) -> None:
    book = (theme("one", *said, language=language), theme("two", "slaap", language=language))
    assert set(seeds(book, text, language)) <= {"one", "two"}
    assert set(of(text, book, language)) <= {"one", "two"}


# Counting people ------------------------------------------------------------------------------------------------

SIZES = {"carer": 6, "practitioner": 3, "politician": 1}


def test_people_are_counted_not_messages() -> None:
    said = [reply(1, member=1), reply(2, member=1), reply(3, member=2, group="practitioner")]
    found = talked(said, {1: ("nights",), 2: ("nights", "money"), 3: ("nights",)}, SIZES, 3, groups.USUAL)
    assert [(one.code, one.people) for one in found] == [("money", 1), ("nights", 2)]
    assert found[1].groups == {"carer": 1, PARTICIPANT: 1}


def test_what_was_taken_back_is_not_counted_and_what_is_not_quoted_is() -> None:
    said = [reply(1, state="taken_back"), reply(2, member=2, consents=("take_part",))]
    (found,) = talked(said, {1: ("nights",), 2: ("nights",)}, SIZES, 3, groups.USUAL)
    assert found.people == 1


SOME = st.dictionaries(st.sampled_from([*groups.FINE, "own_1"]), st.integers(0, 6))


@given(SOME, st.integers(2, 5))
def test_no_sum_of_a_picture_tells_of_fewer_than_k(sizes: dict[str, int], k: int) -> None:
    """All people of one code, and all those together who have no name, are at least k: there is nothing to subtract."""
    named = Groups((Named("own_1", None, {"en": ("a neighbour", "neighbours")}),))
    shown = named.counted(sizes, k)
    people: dict[str, int] = {}
    for code, number in sizes.items():
        people[shown[code]] = people.get(shown[code], 0) + number
    left = [number for number in people.values() if number]
    assert len(left) == 1 or all(number >= k for number in left)


# Words that come back -------------------------------------------------------------------------------------------


def test_words_of_replies_without_a_theme_come_back_when_several_people_use_them() -> None:
    said = [
        reply(1, member=1, text="De rolstoel staat in de weg, dank je wel."),
        reply(2, member=2, text="Onze rolstoelen zijn te breed, zei Annemiek."),
        reply(3, member=3, text="Annemiek weet het wel."),
        reply(4, member=3, text="Traplift traplift traplift"),
    ]
    assert unassigned(said, assign(said, BOOK, "nl"), "nl") == ("rolstoel",)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_all_six_languages_have_their_words(language: str) -> None:
    assert len(words.frequencies(language)) == 25_000
    assert len(words.stop_words(language)) > 300
    assert words.frequencies(language) is words.frequencies(language)


def test_a_language_we_do_not_know_does_without() -> None:
    assert words.frequencies("fi") == {}
    assert words.stem("kahvia", "fi") == "kahvia"
    assert themes.seeds((theme("coffee", "kahvia", language="fi"),), "Kahvia, kiitos.", "fi") == {
        "coffee": pytest.approx(1.0)
    }
