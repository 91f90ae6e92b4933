"""What people write can be printed: pictures are left out, words never without a sign that they are missing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.glyphs import BREAK, LONG, printable, right_to_left, signs

INSTEAD = "[not printed]"


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("Mijn moeder is naïef – “lief” … € 5", "Mijn moeder is naïef – “lief” … € 5"),
        ("a\u030a so\u0308ta", "å söta"),
        ("thank you 😀👍🏽 so much 👩‍👩‍👧", "thank you so much"),
        ("so glad ❤️", "so glad ❤"),
        ("1️⃣ first", "1 first"),
        ("Спасибо, Ελένη", "Спасибо, Ελένη"),
        ("شكرا لكم جميعا", "شكرا لكم جميعا"),
        ("می‌خواهم", "می‌خواهم"),
        ("תודה רבה", "תודה רבה"),
        ("谢谢 你们 for everything", f"{INSTEAD} for everything"),
        ("so: ሰላም.", f"so: {INSTEAD}."),
        ("😀", INSTEAD),
        ("", ""),
        ("line\r\none\ttwo\u2028three", "line one two three"),
        ("\u202eturned round\u202c", "turned round"),
    ],
)
def test_words_stay_and_what_no_font_has_is_told(words: str, printed: str) -> None:
    assert printable(words, INSTEAD) == printed


@given(st.text())
def test_nothing_comes_out_that_no_font_has(words: str) -> None:
    printed = printable(words, INSTEAD)
    assert {ord(sign) for sign in printed} <= signs() | {ord(BREAK), 0x200C, 0x200D}
    assert bool(printed) == bool(words.strip())


@given(st.text(st.sampled_from("abcåäöëéñ ,.!?'’“”–…()[]&#$*\\_<>@`~")))
def test_what_is_written_here_stays_to_the_letter(words: str) -> None:
    assert printable(words, INSTEAD).replace(BREAK, "") == unicodedata.normalize(
        "NFC", " ".join(words.split())
    )


def test_a_word_that_is_wider_than_a_line_can_be_broken() -> None:
    words = printable("x" * 4000, INSTEAD)
    assert words.replace(BREAK, "") == "x" * 4000
    assert max(map(len, words.split(BREAK))) <= LONG
    assert printable("mantelzorgondersteuning", INSTEAD) == "mantelzorgondersteuning"


@pytest.mark.parametrize(
    ("words", "rtl"),
    [("hello", False), ("«שלום»", True), ("12 مرحبا", True), ("", False), ("Aisha: مرحبا", False)],
)
def test_the_first_letters_say_which_way_words_run(words: str, rtl: bool) -> None:
    assert right_to_left(words) is rtl
