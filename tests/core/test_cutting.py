"""Quotes are cut to the letter, in whole sentences where one fits."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import cutting
from bot.core.cutting import MARK, parts, quote, sentences, shown
from tests.core.test_voices import TEXTS

ANY = st.one_of(TEXTS, st.text(min_size=1, max_size=700))


@given(ANY, st.integers(40, 200))
def test_a_quote_is_verbatim_and_short(text: str, limit: int) -> None:
    if not text.strip():
        return
    spans = quote(text, limit)
    words = shown(text, spans)
    assert len(words) <= limit
    assert all(part in text for part in parts(text, spans))
    if MARK not in text:
        assert all(piece.strip() in text for piece in words.split(MARK))
    assert words.count("\n") <= limit / cutting.LINE


@given(ANY)
def test_sentences_stand_in_order_and_hold_every_word(text: str) -> None:
    found = list(sentences(text))
    assert all(start < end <= following for (start, end), (following, _) in pairwise(found))
    between = text
    for start, end in reversed(found):
        between = between[:start] + between[end:]
    assert not any(sign.isalnum() for sign in between)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Short enough. ", "Short enough."),
        ("Two\nlines.", "Two\nlines."),
        ("A" * 100 + ". " + "B" * 100 + ".", "A" * 100 + ". […]"),
        ("Hello. " + "B" * 153 + ".", "[…] " + "B" * 153 + "."),
        ("Vi börjar kl. 10 " + "och " * 60, "Vi börjar kl. 10" + " och" * 34 + " […]"),
        ("x" * 4000, "x" * 152 + " […]"),
        ("🙂" * 4000, "🙂" * 152 + " […]"),
    ],
)
def test_a_long_text_is_cut_between_sentences(text: str, words: str) -> None:
    assert shown(text, quote(text)) == words


def test_where_little_fits_a_whole_sentence_still_comes_before_a_broken_one() -> None:
    long, longer = (
        "This sentence has " + "many " * 16 + "words.",
        "This one has " + "even more " * 12 + "words.",
    )
    text = f"{longer} {long}"
    assert shown(text, quote(text, 60, 160)) == f"[…] {long}"
    assert shown(text, quote(text, 60)).endswith("[…]")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Vi ses kl. 10 i dag. Sedan går vi hem.", 2),
        ("Dr. Berg kom. Hon satt ner.", 2),
        ("Ik sprak mevr. Jansen, d.w.z. de wijkzuster. Zij belt.", 2),
        ("We saw A. Smith, e.g. Anna. Then home.", 2),
        ("Well … Not today. Tomorrow?", 3),
        ("One\nTwo\n\nThree", 3),
        ("«Kom hit!» Hon kom.", 2),
    ],
)
def test_a_full_stop_that_ends_nothing_does_not_cut(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count


def test_words_that_are_not_in_the_contribution_stop_everything() -> None:
    with pytest.raises(ValueError, match="contribution"):
        parts("abc", [(3, 9)])
