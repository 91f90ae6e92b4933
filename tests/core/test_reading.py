"""How hard it is to read what somebody agrees to (docs/reading.md)."""

from pathlib import Path

import pytest

from bot.core.consents import LANGUAGES
from tests.core.consent_texts import BOUND, figures, lix, prose, table

DOCS = Path(__file__).parents[2] / "docs" / "reading.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_somebody_agrees_to_is_not_harder_than_our_bound(language: str) -> None:
    assert {name: found[language] for name, found in figures().items() if found[language] > BOUND} == {}


def test_the_figures_in_the_documentation_are_todays() -> None:
    assert table() in DOCS.read_text(encoding="utf-8")
    assert f"**Our bound is {BOUND:.0f}**" in DOCS.read_text(encoding="utf-8")


def test_buttons_and_markup_are_no_sentences() -> None:
    read = prose(("joining.words", "joining.telegram", "joining.button.agree"), "en")
    assert "Telegram, a company outside the EU" in read
    assert not {"<", "{", "18+"} & set(read.split())


def test_a_text_of_the_law_would_be_above_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    law = (
        "Processing of special categories of personal data concerning participants' health presupposes explicit "
        "consent notwithstanding derogations established pursuant to applicable national legislation."
    )
    monkeypatch.setattr("tests.core.consent_texts.forms", lambda language: {"consents.law": (law,)})
    assert lix(("consents.law",), "en") > BOUND
