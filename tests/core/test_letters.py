"""Buttons, what a press says, and long texts in pieces."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.letters import (
    MAX_DATA,
    MAX_ID,
    Button,
    Keyboard,
    Press,
    base36,
    callback,
    from_base36,
    keyboard_rows,
    member_words,
    plain,
    read_callback,
    split,
    utf16_length,
)
from bot.core.markup import Markup, clean, escape, parse
from bot.sandbox.entities import parse_html

FAMILY = "👩‍👩‍👧‍👦"
SIGNS = st.one_of(
    st.sampled_from(
        ["a", "B", "é", "e\u0301", "😀", FAMILY, "🇳🇱", "שלום", "مرحبا", "\u200f", "&", "<", ">", '"', "'"]
    ),
    st.sampled_from([" ", "\n", "\n\n", ". ", "? ", "word ", "12", "\u00a0"]),
    st.characters(exclude_categories=["Cs", "Cc"]),
)
WORDS = st.lists(SIGNS, max_size=12).map("".join)
TAGS = [
    ("<b>", "</b>"),
    ("<i>", "</i>"),
    ("<u>", "</u>"),
    ("<code>", "</code>"),
    ("<tg-spoiler>", "</tg-spoiler>"),
    ('<a href="https://example.org/?a=1&amp;b=%3E">', "</a>"),
    ('<span class="tg-spoiler">', "</span>"),
]
INLINE = st.recursive(
    WORDS.map(escape),
    lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=3).map("".join)).map(
        lambda parts: f"{parts[0][0]}{parts[1]}{parts[0][1]}"
    ),
    max_leaves=8,
)
QUOTE = st.sampled_from(["<blockquote>", "<blockquote expandable>"])
BLOCK = st.one_of(INLINE, st.tuples(QUOTE, INLINE).map(lambda quote: f"{quote[0]}{quote[1]}</blockquote>\n"))
HTML = st.lists(BLOCK, max_size=8).map("".join)


def marked(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every sign that isn't space, with the tags over it."""
    text, spans = parse(html)
    return [
        (sign, tuple(span.opening for span in spans if span.start <= at < span.end))
        for at, sign in enumerate(text)
        if sign not in " \t\n"
    ]


def pieces_of(text: str, pieces: list[str]) -> str:
    """What of `text` lies between the pieces; fails if they aren't parts of it, in their order."""
    left, at = "", 0
    for piece in pieces:
        begin = text.index(piece, at)
        left += text[at:begin]
        at = begin + len(piece)
    return left + text[at:]


@given(HTML, st.integers(min_value=12, max_value=60), st.integers(min_value=3, max_value=12))
@example("<b>" + "x" * 50 + "</b>", 12, 3)
@example("<b><i>" + "a b\n\n" * 10 + "</i></b>", 12, 3)
@example("<i>.</i>" * 30, 60, 3)
@example("  \n " * 20, 12, 3)
def test_nothing_is_lost_or_doubled_and_every_piece_fits(html: str, limit: int, entities: int) -> None:
    pieces = split(html, limit, entities)
    assert all(utf16_length(plain(piece)) <= limit for piece in pieces)
    assert all(len(parse(piece)[1]) <= entities for piece in pieces)
    assert [sign for piece in pieces for sign, _ in marked(piece)] == [sign for sign, _ in marked(html)]
    assert pieces_of(plain(html), [plain(piece) for piece in pieces]).strip(" \t\n") == ""


@given(HTML, st.integers(min_value=12, max_value=60))
def test_every_sign_keeps_the_tags_that_were_over_it(html: str, limit: int) -> None:
    assert [sign for piece in split(html, limit) for sign in marked(piece)] == marked(html)


@given(HTML, st.integers(min_value=12, max_value=60))
def test_telegram_can_parse_every_piece(html: str, limit: int) -> None:
    for piece in split(html, limit, entities=5):
        text, found = parse_html(piece, auto=False)
        assert utf16_length(text) <= limit
        assert len(found) <= 5 or "<blockquote" in piece  # Telegram cuts what crosses a quote's border in two


@given(HTML)
def test_what_fits_stays_as_it_is(html: str) -> None:
    assert split(html) == [html]


def test_a_word_of_ten_thousand_signs_is_cut_where_it_must_be() -> None:
    pieces = split("x" * 10_000)
    assert [len(piece) for piece in pieces] == [4096, 4096, 1808]


def test_emoji_count_twice_and_stay_whole() -> None:
    pieces = split("x" + "😀" * 3000)
    assert [utf16_length(piece) for piece in pieces] == [4095, 1906]
    assert "".join(pieces) == "x" + "😀" * 3000


@pytest.mark.parametrize("sign", [FAMILY, "🇳🇱", "e\u0301\u0323", "👍🏽", "❤️", "שׁ"])
def test_what_is_one_sign_to_a_reader_is_not_cut(sign: str) -> None:
    for limit in range(utf16_length(sign), utf16_length(sign) * 3):
        pieces = split(sign * 20, limit)
        assert all(piece == sign * (len(piece) // len(sign)) for piece in pieces)


def test_a_sign_longer_than_the_limit_is_cut_all_the_same() -> None:
    pieces = split("a" + "\u0301" * 100, 10)
    assert [len(piece) for piece in pieces] == [10] * 10 + [1]


@pytest.mark.parametrize(
    ("html", "limit", "expected"),
    [
        ("One two.\n\nThree four. Five", 22, ["One two.", "Three four. Five"]),
        ("One two. Three\nfour. Five", 20, ["One two. Three", "four. Five"]),
        ("One two. Three four five", 20, ["One two.", "Three four five"]),
        ("We meet kl. 10 in the hall", 18, ["We meet kl. 10 in", "the hall"]),
        ("She said “no.” Then she left", 20, ["She said “no.”", "Then she left"]),
        ("One\u00a0two three", 10, ["One\u00a0two", "three"]),
        ("Hi\n\nthis is a long sentence of words", 24, ["Hi\n\nthis is a long", "sentence of words"]),
        ("   spaces    around   ", 8, ["spaces", "around"]),
    ],
)
def test_a_cut_is_made_at_the_best_place(html: str, limit: int, expected: list[str]) -> None:
    assert split(html, limit) == expected


def test_open_tags_are_closed_and_opened_again() -> None:
    html = 'A <b>bold <a href="https://example.org/?a=1&amp;b=2">link &amp; more words</a></b> end'
    assert split(html, 16) == [
        'A <b>bold <a href="https://example.org/?a=1&amp;b=2">link &amp;</a></b>',
        '<b><a href="https://example.org/?a=1&amp;b=2">more words</a></b> end',
    ]


def test_a_folded_quote_stays_whole_if_it_can_and_folded_if_it_can_not() -> None:
    quote = "<blockquote expandable>one two\n\nthree four</blockquote>"
    assert split(f"Before this quote\n{quote}\nafter", 30) == ["Before this quote", f"{quote}\nafter"]
    assert split(f"{quote}\nafter", 12) == [
        "<blockquote expandable>one two</blockquote>",
        "<blockquote expandable>three four</blockquote>",
        "after",
    ]


def test_a_piece_has_at_most_a_hundred_entities() -> None:
    pieces = split(" ".join(f"<b>{number}</b>" for number in range(250)))
    assert [len(parse_html(piece)[1]) for piece in pieces] == [100, 100, 50]


def test_of_more_nested_tags_than_telegram_shows_the_outer_ones_stay() -> None:
    assert split("<b><i><u>x</u></i></b>", entities=2) == ["<b><i>x</i></b>"]


def test_right_to_left_words_are_cut_between_words() -> None:
    pieces = split("שלום לכולם " * 40, 100)
    assert all(piece.startswith("שלום") or piece.startswith("לכולם") for piece in pieces)
    assert " ".join(pieces) == ("שלום לכולם " * 40).strip()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<b>Hello</b> &lt;you&gt; &amp; &quot;me&quot;", 'Hello <you> & "me"'),
        ("&#39;&#x1F600;&nbsp;&#0;", "'😀&nbsp;&#0;"),
        ("1 < 2 and <b>3 > 2", "1 < 2 and 3 > 2"),
        ("</b>stray", "stray"),
        ('<a href="a>b">x</a>', "x"),
    ],
)
def test_plain_text_comes_out_of_any_html(html: str, expected: str) -> None:
    assert plain(html) == expected


@given(HTML)
def test_our_reading_of_html_is_telegrams(html: str) -> None:
    text, found = parse_html(html, auto=False)
    assert parse_html(escape(plain(html)), auto=False)[0] == text
    assert bool(found) <= bool(parse(html)[1])


@given(st.text())
def test_reading_never_fails(html: str) -> None:
    assert len(plain(html)) <= len(html)
    assert "".join(split(html, 20)) or not html.strip(" \t\n")


# What people wrote


@given(st.text())
def test_words_of_members_are_never_markup(words: str) -> None:
    _, found = parse_html(f"x{member_words(words)}x", auto=False)
    assert found == []
    assert plain(member_words(words)) == clean(words.strip())


@given(st.text(alphabet="ab\n\u05d0\u202e\u202d\u2066\u2067\u2068\u2069\u202c"))
def test_no_words_turn_the_direction_of_ours(words: str) -> None:
    for line in member_words(words).split("\n"):
        depth = 0
        for at, sign in enumerate(line):
            depth += (sign in "\u2066\u2067\u2068") - (sign == "\u2069")
            assert depth > 0 or sign not in "\u05d0\u202e\u202d"
            assert depth > 0 or at == len(line) - 1 or sign != "\u2069"
        assert depth == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("  My neighbour's dog <3  \n", "My neighbour's dog &lt;3"),
        ("one\r\ntwo\x00\x07", "one\ntwo"),
        ("שלום", "\u2068שלום\u2069"),
        ("Anna\nשלום", "Anna\n\u2068שלום\u2069"),
        ("evil\u202etxt", "\u2068evil\u202etxt\u2069"),
        ("\u2069out\u2067in", "\u2068out\u2067in\u2069\u2069"),
        ("half \ud83d", "half \ufffd"),
        ("Åsa ❤️ " + FAMILY, "Åsa ❤️ " + FAMILY),
    ],
)
def test_words_of_members_stand_as_they_wrote_them(words: str, expected: str) -> None:
    assert member_words(words) == expected


def test_words_that_are_markup_are_not_escaped_twice() -> None:
    assert member_words(member_words("<3")) == "&lt;3"
    assert isinstance(member_words("x"), Markup)


# Buttons


def test_buttons_stand_one_below_the_other_unless_both_are_short() -> None:
    labels = ["Yes, as “a carer”", "Yes", "No", "Undo", "Answer privately", "Back"]
    keyboard = keyboard_rows(Button(label, "x") for label in labels)
    assert [[button.label for button in row] for row in keyboard.rows] == [
        ["Yes, as “a carer”"],
        ["Yes", "No"],
        ["Undo"],
        ["Answer privately"],
        ["Back"],
    ]


def test_a_keyboard_is_what_telegram_takes() -> None:
    keyboard = Keyboard(((Button("Go on", "v1:go:1:"),), (Button("Open", url="https://t.me/x"),)))
    assert keyboard.markup() == {
        "inline_keyboard": [
            [{"text": "Go on", "callback_data": "v1:go:1:"}],
            [{"text": "Open", "url": "https://t.me/x"}],
        ]
    }


@pytest.mark.parametrize(("data", "url"), [(None, None), ("x", "https://x"), ("", None), ("é" * 33, None)])
def test_a_button_that_telegram_would_refuse_can_not_be_made(data: str | None, url: str | None) -> None:
    with pytest.raises(ValueError, match="button"):
        Button("label", data, url)


@given(
    st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True),
    st.integers(min_value=0, max_value=MAX_ID),
    st.from_regex(r"[A-Za-z0-9_.-]{0,20}", fullmatch=True),
)
def test_a_press_says_what_its_button_was_made_with(action: str, id: int, nonce: str) -> None:
    data = callback(action, id, nonce)
    assert len(data.encode()) <= MAX_DATA
    assert read_callback(data) == Press(action, id, nonce)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "v0:go:1:",
        "v1:go:1",
        "v1:go::",
        "v1:go:01:",
        "v1:go:-1:",
        "v1:go:Z:",
        "v1:Go:1:",
        "v1::1:",
        "v1:go:1:a:b",
        "v1:go:1:a b",
        "v1:go:1:\n",
        "v1:go:1:é",
        "v1:go:٣:",
        "v1:go:" + "z" * 13 + ":",
        "v1:go:1:" + "x" * 60,
    ],
)
def test_stale_and_forged_data_is_nothing(data: str | None) -> None:
    assert read_callback(data) is None


@given(st.text())
def test_any_data_can_be_read(data: str) -> None:
    press = read_callback(data)
    assert press is None or callback(press.action, press.id, press.nonce) == data


@pytest.mark.parametrize(
    ("action", "id", "nonce"), [("", 1, ""), ("a b", 1, ""), ("go", -1, ""), ("go", 1, "x" * 60)]
)
def test_data_that_could_not_be_read_is_not_written(action: str, id: int, nonce: str) -> None:
    with pytest.raises(ValueError, match=r"data|negative"):
        callback(action, id, nonce)


@given(st.integers(min_value=0))
def test_base36_goes_there_and_back(number: int) -> None:
    assert from_base36(base36(number)) == number
    assert re.fullmatch("[0-9a-z]+", base36(number))


def test_base36_keeps_its_digits_in_order() -> None:
    assert all(base36(a) != base36(b) for a, b in pairwise(range(2000)))
    assert [base36(number) for number in (0, 35, 36, 1295, 1296)] == ["0", "z", "10", "zz", "100"]
