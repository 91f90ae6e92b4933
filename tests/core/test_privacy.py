"""Who answers for a network, what is missing before people can join, and what everybody is told."""

from datetime import date

import pytest

from bot import catalogues
from bot.core import privacy, readiness
from bot.core.letters import MAX_LABEL, plain
from bot.core.privacy import PAGES, About, Privacy
from bot.core.texts import LANGUAGES, Text
from tests.answerable import HELP, PRIVACY

TEXTS = catalogues.load(strict=True)
WHOLE = Privacy(**PRIVACY)
LONG = Privacy(
    controller="Stichting Mantelzorg Midden-Nederland",
    contact="privacy@mantelzorg-midden-nederland.example, 030 299 19 70",
    officer="Jan de Vries, fg@mantelzorg-midden-nederland.example",
    processor="Coöperatie Servers voor de Zorg",
    authority=readiness.AUTHORITIES["NL"],
    last_day="2028-12-31",
)
LEADERS = ["Frida Jansen", "Mohammed el Amrani"]
MESSAGE, ACT_ON = 4096, 600  # Telegram's most, and ours where somebody must act


@pytest.fixture(params=LANGUAGES)
def text(request: pytest.FixtureRequest) -> Text:
    return TEXTS.of(request.param)


def units(html: str) -> int:
    return len(plain(html).encode("utf-16-le")) // 2


@pytest.mark.parametrize("name", readiness.NAMES)
def test_whatever_is_missing_is_named(name: str) -> None:
    given = {key: " " if key == name else value for key, value in PRIVACY.items()}
    help = {"en": " "} if name == "help" else HELP
    assert readiness.missing(Privacy(**given), help, stood_in_for=name != "stand_in") == (name,)


def test_nothing_is_missing_when_all_is_there() -> None:
    assert readiness.missing(WHOLE, HELP, stood_in_for=True) == ()
    assert readiness.missing(Privacy(), None, stood_in_for=False) == readiness.NAMES


def test_a_networks_own_words_lie_over_the_configurations() -> None:
    above = {"controller": "Borås kommun", "contact": None, "last_day": "2027-01-01"}
    laid = privacy.laid_over(WHOLE, above)
    assert (laid.controller, laid.contact, laid.last_day) == ("Borås kommun", "030 299 19 70", "2027-01-01")
    assert privacy.laid_over(WHOLE, {"last_day": "2040-01-01"}).last_day == "2028-12-31"
    assert privacy.laid_over(Privacy(), {"last_day": "2040-01-01"}).last_day == "2040-01-01"


@pytest.mark.parametrize(
    ("officer", "there"), [("none", False), ("None ", False), ("", False), ("Jan", True)]
)
def test_none_is_no_officer(officer: str, there: bool) -> None:
    assert Privacy(officer=officer).has_officer is there


def test_what_is_suggested_can_be_used() -> None:
    assert readiness.countries("Europe/Stockholm")[0] == "SE"
    assert set(readiness.countries("UTC")) == set(readiness.AUTHORITIES)
    today = date(2026, 11, 22)
    assert readiness.last_days(today, "") == ["2027-12-31", "2028-12-31", "2029-12-31"]
    assert readiness.last_days(today, "2028-06-30") == ["2027-12-31", "2028-06-30"]
    assert readiness.accepted("  Zorg\n belang ") == "Zorg belang"
    assert readiness.accepted("x") is None


def test_every_page_can_be_read_on_a_phone(text: Text) -> None:
    about = About(LONG, 12, "Samen zorgen in Utrecht", LEADERS)
    assert units(privacy.first(text, about)) < ACT_ON
    for name in PAGES:
        assert units(privacy.page(text, name, about)) < ACT_ON, name
        assert len(text.plain(f"privacy.button.{name}")) <= MAX_LABEL
    assert units(privacy.whole(text, about)) < MESSAGE


def test_everything_that_the_law_asks_for_is_said(text: Text) -> None:
    told = plain(privacy.whole(text, About(LONG, 12, "Samen zorgen", LEADERS)))
    last_day = {"en": "31 December 2028", "nl": "31 december 2028", "sv": "31 december 2028"}[text.language]
    for said in (
        *(LONG.controller, LONG.contact, LONG.officer, LONG.processor, LONG.authority, last_day),
        *LEADERS,
        *("/me", "/mydata", "/forget", "/object", "Telegram"),
    ):
        assert said in told, said
    articles = {"en": ("6(1)(a)", "9(2)(a)"), "nl": ("artikel 6", "artikel 9"), "sv": ("6.1 a", "9.2 a")}
    assert all(article in told for article in articles[text.language])


def test_nothing_is_named_that_is_not_there(text: Text) -> None:
    told = plain(privacy.whole(text, About(Privacy(officer="none"), 0, stranger=True)))
    assert "none" not in told.split()
    assert "0 " not in told.replace("30 ", "").replace("60 ", "")  # never "0 months"
    assert "{" not in told
