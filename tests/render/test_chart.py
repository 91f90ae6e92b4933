"""The picture on the phone: it can be read there, and says the same in words."""

import io

import pytest
from PIL import Image

from bot.core.digest import Talked
from bot.core.groups import PARTICIPANT
from bot.core.letters import utf16_length
from bot.core.texts import LANGUAGES
from bot.render import chart
from tests.printing import TEXT, rich, weekly

NOTHING = {"agreements": (), "differences": (), "results": (), "themes": (), "wrote_by": {}}


def picture(language: str = "en", **changes: object) -> chart.Picture:
    found = chart.png(rich(**changes), TEXT.of(language))
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_as_wide_as_a_phone_and_not_endless(language: str) -> None:
    found = picture(language)
    with Image.open(io.BytesIO(found.bytes)) as image:
        wide, high = image.size
    assert wide == 1080
    assert 300 < high < 1620
    assert 0 < utf16_length(found.alt) <= chart.ALT


def test_it_says_in_words_what_it_shows() -> None:
    found = chart.png(weekly(), TEXT.of("en"))
    assert found is not None
    assert found.alt.split(". ") == [
        "What it was about",
        "Being heard: 9 people (Carers: 5, Care professionals: 1, Others: 3); "
        "Someone to call: 7 people (Carers: 5, Care professionals: 1, Others: 1); "
        "Nights and own health: 5 people (Carers: 4, Others: 1); Respite: 4 people (Carers: 2, Others: 2)",
        "Who has written",
        "Carers: 10 people; Care professionals: 3 people; Others: 6 people.",
    ]


def test_where_there_is_nothing_to_draw_there_is_no_picture() -> None:
    assert chart.png(rich(**NOTHING), TEXT.of("en")) is None
    hidden = frozenset({"agree", "differ", "results", "themes", "turnout"})
    assert chart.png(rich(hidden=hidden), TEXT.of("en")) is None


def test_what_a_facilitator_left_out_is_not_in_the_picture() -> None:
    assert "When should we meet" in picture().alt
    assert "When should we meet" not in picture(hidden=frozenset({"results"})).alt


def test_words_that_do_not_fit_below_it_are_left_out_whole() -> None:
    many = tuple(Talked("heard", 9, {"carer": 5, PARTICIPANT: 4}) for _ in range(40))
    alt = picture(**{**NOTHING, "themes": many}).alt
    assert alt == TEXT.of("en").plain("print.chart_more")


def test_the_same_digest_is_the_same_picture() -> None:
    assert picture() == picture()


@pytest.mark.parametrize("words", ["#eval($x$) *a* \\", "x" * 300, "谢谢 😀", "שלום עולם"])
def test_whatever_people_write_can_be_drawn(words: str) -> None:
    whole = rich()
    changed = {
        "agreements": tuple(one.__class__(**{**vars(one), "words": words}) for one in whole.agreements),
        "results": tuple(one.__class__(**{**vars(one), "question": words}) for one in whole.results),
    }
    assert picture(**changed).bytes.startswith(b"\x89PNG")
