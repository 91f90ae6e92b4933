"""Masked words: what is hidden is gone, what is quoted stays quoted, and an edit does not bring it back."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core import masking, voices
from bot.core.voices import MARK, Chosen

WORDS = st.text("abåÅ🌸é1 \n.'", min_size=1, max_size=30)


@given(WORDS, st.data())
def test_a_masked_passage_stands_nowhere_any_more(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    passage = text[start : data.draw(st.integers(start + 1, len(text)))]
    spans = masking.places(text, passage)
    if not any(sign.isalnum() for sign in passage):
        assert spans == []
        return
    masked = masking.hide(text, spans)
    assert spans
    body = r"\s+".join(map(re.escape, passage.split()))
    alone = rf"(?<!\w){body}(?!\w)"
    assert re.search(alone, masked, re.IGNORECASE) is None
    if re.search(alone, text, re.IGNORECASE) is None:  # a part of words: of none of them any more
        assert masking.places(masked, passage) == []


@pytest.mark.parametrize(
    ("text", "passage", "masked"),
    [
        ("Henk en henk, Henks moeder, Henk's zus", "Henk", "[…] en […], […] moeder, […] zus"),
        ("Hendrik en Henk", "Hen", "[…]drik en […]k"),
        ("🌸 mijn man\nHenk", "man henk", "🌸 mijn […]"),
        ("12 High\nStreet", "12 High Street", "[…]"),
        ("a. b", ".", "a. b"),
        ("x […] y", "[…]", "x […] y"),
    ],
)
def test_a_passage_is_hidden_wherever_it_stands(text: str, passage: str, masked: str) -> None:
    assert masking.hide(text, masking.places(text, passage)) == masked


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4))
def test_places_that_touch_become_one_mark(text: str, spans: list[tuple[int, int]]) -> None:
    inside = [(start, min(end, len(text))) for start, end in spans if start < min(end, len(text))]
    masked = masking.hide(text, inside)
    kept = "".join(sign for at, sign in enumerate(text) if not any(s <= at < e for s, e in inside))
    assume(MARK not in text)
    assert masked.replace(MARK, "") == kept
    assert MARK + MARK not in masked


def quote(text: str, words: str) -> Chosen:
    start = text.index(words)
    return Chosen(1, ((start, start + len(words)),), voices.mark(text, [(start, start + len(words))]))


def test_a_quote_says_the_same_with_a_mark_in_it() -> None:
    text = "🌸 Ik zag Henk. Henk woont op Dorpsstraat 12. Dat is ver."
    chosen = quote(text, "Henk woont op Dorpsstraat 12.")
    spans = [*masking.places(text, "Henk"), *masking.places(text, "Dorpsstraat 12")]
    moved = masking.moved(chosen, text, spans)
    masked = masking.hide(text, spans)
    assert moved is not None
    assert voices.parts(masked, moved.spans) == ("[…] woont op […].",)
    assert moved.mark == voices.mark(masked, moved.spans)


def test_a_quote_that_is_hidden_whole_is_none_and_one_elsewhere_stays() -> None:
    text = "Henk. Het regent."
    assert masking.moved(quote(text, "Henk."), text, [(0, 5)]) is None
    moved = masking.moved(quote(text, "Het regent."), text, [(0, 4)])
    assert moved is not None
    assert voices.parts(masking.hide(text, [(0, 4)]), moved.spans) == ("Het regent.",)


def test_a_quote_whose_border_is_hidden_shows_the_mark() -> None:
    text = "Toen kwam Henk de Vries binnen"
    moved = masking.moved(quote(text, "de Vries binnen"), text, [(10, 23)])
    assert moved is not None
    assert voices.parts("Toen kwam […] binnen", moved.spans) == ("[…] binnen",)


@given(st.lists(st.sampled_from(["Henk", "zag", "Anna", "vandaag", "in Zeist", "6", "ja."]), max_size=12))
def test_what_was_hidden_is_known_from_the_original(words: list[str]) -> None:
    text = " ".join(words)
    spans = [*masking.places(text, "Henk"), *masking.places(text, "Anna")]
    assume(spans)
    passages = masking.hidden(text, masking.hide(text, spans))
    assert passages is not None
    assert masking.again(text, passages) == masking.hide(text, spans)


@pytest.mark.parametrize(
    ("before", "after", "masked"),
    [
        ("Toen kwam […] binnen", "Toen kwam Henk binnen", "Toen kwam […] binnen"),
        ("Toen kwam […] binnen", "Toen kwam Henk binnen, met taart", "Toen kwam […] binnen, met taart"),
        ("Toen kwam […]", "Toen kwam Henk\nEn het regende", "Toen kwam […]\nEn het regende"),
        ("[…] kwam", "Henk kwam. Henk!", "[…] kwam. […]!"),
        ("Toen kwam […] binnen", "Iets heel anders", None),
        ("Niets verborgen", "Niets verborgen", None),
    ],
)
def test_an_edit_of_masked_words_is_masked_where_the_rest_is_the_same(
    before: str, after: str, masked: str | None
) -> None:
    assert masking.again(after, masking.hidden(after, before) or []) == masked
