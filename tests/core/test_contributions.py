"""What of a message is a contribution: kinds, files, what is quoted in a reply, what waits."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.core import contributions
from bot.core.contributions import (
    File,
    Given,
    keepable,
    kind_of,
    late,
    medium_state,
    rich_words,
    speaks_of,
    title,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
WORDS = Given(-100, 7, "text", "My neighbour", (), None, NOON)
VOICE = replace(
    WORDS, kind="voice", text="", files=(File("voice", "id", mime="audio/ogg", size=900, duration=7),)
)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (WORDS, True),
        (VOICE, True),
        (replace(WORDS, text=" \n"), False),
        (replace(WORDS, kind="other"), False),
        (replace(WORDS, kind="unread"), False),
        (replace(WORDS, foreign=True), False),
        (replace(WORDS, message_id=0), False),
    ],
)
def test_words_and_files_of_ones_own_can_be_kept(message: Given, expected: bool) -> None:
    assert keepable(message) is expected


def test_late_is_what_was_written_after_the_question_closed() -> None:
    assert not late(WORDS, NOON)
    assert late(WORDS, NOON - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("size", "consent", "expected"),
    [
        (900, False, "held"),
        (900, True, "wanted"),
        (None, True, "wanted"),
        (20_000_000, True, "wanted"),
        (20_000_001, True, "too_big"),
        (20_000_001, False, "too_big"),
    ],
)
def test_a_file_is_fetched_only_with_consent_and_if_telegram_gives_it(
    size: int | None, consent: bool, expected: str
) -> None:
    assert medium_state(File("voice", "id", size=size), media_consent=consent) == expected


@pytest.mark.parametrize("message", [WORDS, VOICE, replace(VOICE, album="13", text="👩‍⚕️ <b>")])
def test_what_waits_comes_back_as_it_was(message: Given) -> None:
    assert Given.waited(json.loads(json.dumps(message.waiting))) == message


@for_all(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_words_can_always_be_stored(words: str) -> None:
    stored = contributions.storable(words)
    assert "\x00" not in stored
    stored.encode()  # no half of a sign is left
    assert contributions.storable(stored) == stored


def test_halves_of_a_sign_become_one_again() -> None:
    assert contributions.storable("a\ud83d\ude00b\ud83d") == "a😀b\ufffd"


QUESTION = "What helped you this week?\nThink of <people>, too."


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("A question (about 2 minutes)\nWhat helped you  this week?\nThi", True),
        ("helped you THIS", True),
        ("Think of <people>, too.", True),
        ("Reply to this message, and the group sees your name.", False),
        ("you", False),
        ("", False),
    ],
)
def test_a_quote_tells_which_question_is_meant(quote: str, expected: bool) -> None:
    assert speaks_of(quote, QUESTION) is expected


def block(type: str = "paragraph", **more: object) -> dict[str, object]:
    return {"type": type, **more}


ITEMS = [{"label": "1", "blocks": [block(text="One")]}, {"label": "2", "blocks": [block(text="Two")]}]
EMOJI = {"type": "custom_emoji", "custom_emoji_id": "1", "alternative_text": "🌿"}


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([block(text="Plain")], "Plain"),
        ([block("heading", text="A", size=1), block(text=["b ", {"type": "bold", "text": "c"}])], "A\nb c"),
        ([block("list", items=ITEMS)], "One\nTwo"),
        ([block("table", cells=[[{"text": "a"}, {"text": "b"}]], caption="Who")], "a\nb\nWho"),
        ([block("blockquote", blocks=[block(text="q")], credit="Anna")], "Anna\nq"),
        ([block(text=EMOJI)], "🌿"),
        ([block(text="Look"), block("photo", photo=[], caption={"text": "My garden"})], ""),
        ([block("divider")], ""),
        ("nonsense", ""),
        (None, ""),
    ],
)
def test_the_words_of_a_rich_message_are_read(blocks: object, expected: str) -> None:
    assert rich_words({"blocks": blocks}) == expected


@pytest.mark.parametrize("rich", [None, "x", [], {}, {"blocks": [None, 3, {"text": 5}, {"caption": []}]}])
def test_what_is_no_rich_message_has_no_words(rich: object) -> None:
    assert rich_words(rich) == ""


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["voice"], "voice"),
        (["photo", "photo"], "picture"),
        (["video_note"], "video"),
        (["document"], "file"),
        (["photo", "video"], "file"),
    ],
)
def test_a_question_about_files_says_what_they_are(kinds: list[str], expected: str) -> None:
    assert kind_of(kinds) == expected


def test_a_question_fits_on_a_button() -> None:
    assert title("Short") == "Short"
    assert title("What does a good care\npartnership need from you?") == "What does a good care partnersh…"
    assert len(title("x" * 99)) == 32
