"""Texts by id: plurals, values, languages, and what happens when one is missing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.markup import Markup, clean
from bot.core.texts import Catalogue, MissingText, Texts, best_language
from bot.sandbox.entities import parse_html

EN = Catalogue(
    {
        "hello": ("<b>Hello {name}.</b>",),
        "link": ('<a href="{url}">{title}</a>',),
        "turnout": ("{count} person answered.", "{count} people answered."),
        "only_english": ("Only English",),
    },
    lambda n: int(n != 1),
)
NL = Catalogue(
    {
        "hello": ("<b>Dag {name}.</b>",),
        "turnout": ("{count} persoon gaf antwoord.", "{count} mensen gaven antwoord."),
    },
    lambda n: int(n != 1),
)
SV = Catalogue({"hello": ("<b>Hej {name}.</b>",)}, lambda n: int(n != 1))
TEXTS = Texts({"sv": SV, "nl": NL, "en": EN}, strict=True)


def lenient(default: str = "en") -> Texts:
    return Texts({"sv": SV, "nl": NL, "en": EN}, default=default)


def test_a_text_is_html_with_its_values_in_it() -> None:
    said = TEXTS.of("nl")("hello", name="Anna")
    assert said == "<b>Dag Anna.</b>"
    assert isinstance(said, Markup)


@given(st.text())
def test_no_value_is_taken_for_markup(name: str) -> None:
    text, found = parse_html(TEXTS.of("en")("hello", name=name), auto=False)
    assert [entity["type"] for entity in found] == ["bold"]
    assert parse_html(text.replace("&", "&amp;").replace("<", "&lt;"), auto=False)[0] == text
    assert text.startswith("Hello ")
    assert text.endswith(".")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_no_value_leaves_its_attribute(words: str) -> None:
    _, found = parse_html(TEXTS.of("en")("link", url=f"https://example.org/{words}", title="x"), auto=False)
    assert [entity["type"] for entity in found] in ([], ["text_link"])


def test_markup_is_taken_as_it_is() -> None:
    inner = TEXTS.of("en")("hello", name="A & B")
    assert TEXTS.of("en")("hello", name=inner) == "<b>Hello <b>Hello A &amp; B.</b>.</b>"


def test_a_value_with_a_placeholder_in_it_is_only_words() -> None:
    assert TEXTS.of("en")("link", url="{title}", title="{url}") == '<a href="{title}">{url}</a>'


def test_a_button_has_words_and_no_html() -> None:
    text = TEXTS.of("en")
    assert text.plain("link", url="x", title="Bread & <butter>") == '<a href="x">Bread & <butter></a>'
    assert text.plain("link", url="x", title=Markup("<i>a &amp; b</i>")) == '<a href="x">a & b</a>'


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [
        ("en", 0, "0 people answered."),
        ("en", 1, "1 person answered."),
        ("en", 1234, "1,234 people answered."),
        ("nl", 1, "1 persoon gaf antwoord."),
        ("nl", 1234, "1.234 mensen gaven antwoord."),
    ],
)
def test_the_count_chooses_the_form_and_is_written_as_the_language_writes_it(
    language: str, count: int, expected: str
) -> None:
    assert TEXTS.of(language)("turnout", count=count) == expected


def test_a_language_with_more_forms_chooses_among_them() -> None:
    four = Catalogue({"n": ("one", "two", "few", "many")}, lambda n: {1: 0, 2: 1, 3: 2, 4: 2}.get(n % 100, 3))
    text = Texts({"en": four}, strict=True).of("en")
    assert [text("n", count=count) for count in (1, 2, 3, 5, 101)] == ["one", "two", "few", "many", "one"]


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert TEXTS.of("sv")("hello", name=1234.5) == "<b>Hej 1\u00a0234,5.</b>"
    assert TEXTS.of("nl")("hello", name=Decimal("0.25")) == "<b>Dag 0,25.</b>"


def test_a_missing_text_comes_in_english_and_is_noted() -> None:
    texts = lenient()
    assert texts.of("nl")("only_english") == "Only English"
    assert texts.missing == {("nl", "only_english")}


def test_a_text_missing_everywhere_is_its_id_and_a_missing_value_is_left_out() -> None:
    texts = lenient()
    assert texts.of("nl")("nowhere") == "nowhere"
    assert texts.of("en")("hello") == "<b>Hello .</b>"
    assert texts.of("en")("turnout") == " people answered."
    assert {what for _, what in texts.missing} == {
        "nowhere",
        "hello {name}",
        "turnout {count}",
    }


@pytest.mark.parametrize(
    ("language", "id"), [("nl", "only_english"), ("en", "nowhere"), ("en", "hello"), ("en", "turnout")]
)
def test_strict_texts_raise_for_what_is_missing(language: str, id: str) -> None:
    with pytest.raises(MissingText, match=id):
        TEXTS.of(language)(id)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("nl", "nl"),
        ("nl-BE", "nl"),
        ("sv_FI", "sv"),
        ("SV", "sv"),
        ("en-GB", "en"),
        ("de", "en"),
        ("nlx", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_best_language_for_a_code(code: str | None, expected: str) -> None:
    assert best_language(code) == expected


def test_an_unknown_language_gets_the_default_one() -> None:
    assert best_language("de", default="sv") == "sv"
    assert lenient(default="nl").of("de").language == "nl"
    assert lenient(default="nl").of(None)("hello", name="x") == "<b>Dag x.</b>"


def test_the_languages_stand_in_their_order() -> None:
    assert TEXTS.languages == ("en", "nl", "sv")
    assert str(TEXTS.of("sv").locale) == "sv"


def test_words_of_people_keep_their_direction_to_themselves() -> None:
    assert TEXTS.of("en")("hello", name="שרה") == "<b>Hello \u2068שרה\u2069.</b>"
    assert TEXTS.of("en").plain("hello", name="a\u202eb") == "<b>Hello \u2068a\u202eb\u2069.</b>"
    assert clean("plain é") == "plain é"
