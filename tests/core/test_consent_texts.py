"""Nobody changes what members agree to without a new version, so that they are asked again.

consent_pins.txt says which version says what. Where a text is to change: a new version of its question and language in
bot/core/consents.py, then `python -m tests.core.consent_texts > tests/core/consent_pins.txt`. A version that somebody
may have agreed to never gets another digest: git has the words that belong to it.
"""

from pathlib import Path

import pytest

from bot.core.consents import LANGUAGES, QUESTIONS, TEXTS, VERSIONS
from tests.core.consent_texts import digest, forms

PINS = {
    (use, language): (version, pinned)
    for use, language, version, pinned in (
        line.split() for line in Path(__file__).with_name("consent_pins.txt").read_text().splitlines()
    )
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("use", QUESTIONS)
def test_a_text_that_changes_gets_a_new_version(use: str, language: str) -> None:
    version, pinned = PINS[use, language]
    assert VERSIONS[use][language] == version, (
        f"{use} in {language}: pin {version} to {digest(use, language)}"
    )
    assert digest(use, language) == pinned, (
        f"What {use} says in {language} has changed. Give it a new version in bot/core/consents.py, so that members "
        f"are asked again, and pin that to {digest(use, language)}."
    )


def test_each_question_has_its_texts_in_every_language() -> None:
    assert set(TEXTS) == set(VERSIONS) == set(QUESTIONS)
    for language in LANGUAGES:
        assert {id for ids in TEXTS.values() for id in ids} <= set(forms(language))
