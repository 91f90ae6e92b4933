"""A typed choice counts as its button; an answer never does by accident."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import catalogues
from bot.core.letters import callback
from bot.core.texts import LANGUAGES
from bot.core.typed import FRESH, Label, Level, Shown, level, meant, words

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SAID = ("Yes, this one", "Yes, always", "No, delete it", "Not now")
LABELS = tuple(Label(words, callback("media.this", number)) for number, words in enumerate(SAID))
TEXTS = catalogues.load(strict=True)


def chosen(typed: str, least: Level = Level.NUMBER, labels: tuple[Label, ...] = LABELS) -> list[str]:
    return [label.words for label in meant(typed, labels, least)]


def shown(
    action: str, *, follows: bool = True, about_answer: bool = False, ago: timedelta = timedelta(0)
) -> Shown:
    return Shown((Label("Some words", callback(action, 1)),), follows, about_answer, NOW - ago)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Yes, this one", ["Yes, this one"]),
        ("  yes this ONE. ", ["Yes, this one"]),
        ("yes", ["Yes, this one", "Yes, always"]),  # asked which
        ("yes always", ["Yes, always"]),
        ("no", ["No, delete it"]),  # a whole word: not the beginning of "Not now"
        ("not", ["Not now"]),
        ("n", []),
        ("2", ["Yes, always"]),
        ("/2", ["Yes, always"]),
        ("/2@bln_bot", ["Yes, always"]),
        ("5", []),
        ("0", []),
        ("2 hours", []),
        ("No, delete it please", []),
        ("", []),
        ("👍", []),
        ("٢", []),  # a number, but of no list of ours
        ("Delete it", []),
    ],
)
def test_what_is_meant_where_the_message_asks(typed: str, expected: list[str]) -> None:
    assert chosen(typed) == expected


@pytest.mark.parametrize("label", ["I'd rather tell someone", 'Yes, as "a carer"', "Ask me nothing: on"])
@pytest.mark.parametrize("change", [str.upper, str.title, lambda s: s.replace("'", "’").replace('"', "”")])
def test_what_telephones_make_of_a_label_is_still_the_label(label: str, change) -> None:  # type: ignore[no-untyped-def]
    there = (Label(label, callback("me.show", 1)), *LABELS)
    assert chosen(change(label), Level.PHRASE, there) == [label]


def test_a_title_that_was_cut_for_its_button_may_be_typed_whole() -> None:
    cut = (Label("Mantelzorg en professio…", callback("which.take", 1)), *LABELS)
    for said in ("mantelzorg en professionals in Utrecht", "Mantelzorg en professio", "Mantelzorg en"):
        assert chosen(said, Level.NUMBER, cut) == ["Mantelzorg en professio…"]
    assert chosen("mantelzorg", Level.WHOLE, cut) == []


def test_below_a_receipt_only_a_whole_phrase_is_a_button() -> None:
    receipt = (
        Label("Change", callback("contributions.appear", 1)),
        Label("Take it back", callback("contributions.back", 1)),
    )
    for answer in ("Change", "Take", "Take it", "1", "2", "yes", "I take it back home"):
        assert chosen(answer, Level.PHRASE, receipt) == []
    assert chosen("take it back", Level.PHRASE, receipt) == ["Take it back"]
    assert chosen("/1", Level.PHRASE, receipt) == ["Change"]


def test_a_beginning_counts_where_numbers_may_be_answers() -> None:
    assert chosen("3", Level.BEGINNING) == []
    assert chosen("no", Level.BEGINNING) == ["No, delete it"]
    assert chosen("no", Level.WHOLE) == []


@pytest.mark.parametrize(
    ("last", "answering", "in_dialog", "expected"),
    [
        (shown("me.show"), False, False, Level.NUMBER),
        (shown("me.show"), True, False, Level.NUMBER),  # asked for in between
        (shown("me.show", ago=FRESH + timedelta(hours=1)), True, False, Level.PHRASE),
        (shown("me.show", ago=FRESH + timedelta(hours=1)), False, False, Level.WHOLE),
        (shown("me.show"), False, True, Level.WHOLE),
        (shown("contributions.back", follows=False, about_answer=True), True, True, Level.PHRASE),
        (shown("contributions.back", follows=False, about_answer=True), True, False, Level.PHRASE),
        (shown("contributions.back", follows=False, about_answer=True), False, False, Level.WHOLE),
        (shown("answering.stop"), True, False, Level.PHRASE),
        (shown("media.no", follows=False, about_answer=True), True, False, Level.BEGINNING),
        (shown("media.no", follows=False, about_answer=True), False, False, Level.NUMBER),
        (shown("asks.decline", follows=False), True, False, Level.PHRASE),  # a reminder came in between
        (shown("asks.decline", follows=False), False, False, Level.WHOLE),
        (shown("mine.keep"), False, False, Level.WHOLE),  # new words of an answer are awaited
    ],
)
def test_how_much_must_be_typed(last: Shown, answering: bool, in_dialog: bool, expected: Level) -> None:
    assert level(last, answering=answering, in_dialog=in_dialog, now=NOW) is expected


ANSWERS = st.text(max_size=80)


@given(ANSWERS, st.sampled_from(Level))
def test_nothing_is_a_button_but_its_number_its_words_or_their_beginning(typed: str, least: Level) -> None:
    for label in meant(typed, LABELS, least):
        number = (
            unicodedata.normalize("NFKC", typed).strip().lstrip("/").partition("@")[0]
        )  # "²" is a 2 as well
        assert number.isdecimal() or words(label.words)[: len(words(typed))] == words(typed) != ()


@given(ANSWERS)
def test_amid_answers_nothing_shorter_than_a_phrase_is_a_button(typed: str) -> None:
    for label in meant(typed, LABELS, Level.PHRASE):
        assert typed.strip().startswith("/") or words(typed) == words(label.words)


@given(ANSWERS, st.sampled_from(Level), st.sampled_from(Level))
def test_a_higher_level_takes_whatever_a_lower_one_takes(typed: str, one: Level, other: Level) -> None:
    low, high = sorted((one, other))
    assert set(meant(typed, LABELS, low)) <= set(meant(typed, LABELS, high))


@given(st.integers(min_value=1, max_value=99))
def test_every_button_has_its_number(number: int) -> None:
    many = tuple(Label(f"Answer {n}", callback("me.show", n)) for n in range(1, 60))
    expected = [f"Answer {number}"] if number < 60 else []
    assert chosen(f"/{number}", Level.PHRASE, many) == expected
    assert chosen(str(number), Level.NUMBER, many) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_below_an_opened_question_every_button_is_a_phrase(language: str) -> None:
    """There only a phrase counts as a button: a label of one word could not be typed."""
    text = TEXTS.of(language)
    for id in ("common.button.not_now", "answering.button.others", "answering.button.tell"):
        assert len(words(text.plain(id))) > 1, id
