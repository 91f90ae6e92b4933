"""Who is quoted with a […] hears of it before it goes out, and can say no; on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.actions import draft_presses, told
from bot.core.mail import Letter
from storage.db import Database
from tests.drafting import DESK, DRAFT, FRIDAY, MINUTE, Drafting, buttons, pressing, said

ANNA = "My neighbour Kenneth Reed sits with him."
BEN = "A walk in the morning helped."
SHOWN = "My neighbour […] sits with him."


@pytest.fixture
def world(database: Database) -> Drafting:
    found = Drafting(database)
    found.drafted(Anna=ANNA, Ben=BEN)
    return found


def heard(world: Drafting) -> list[Letter]:
    return world.letters("told:")


def cover(world: Drafting, words: str = "Kenneth Reed", *, of: str = "Anna", at: datetime = DRAFT) -> None:
    """Frida masks words that she types."""
    world.on("mask", of, at=at)
    world.say(world.write(draft_presses.typed, world.person("Frida"), words, DESK, now=at))


def press(world: Drafting, label: str, *, by: str = "Anna", at: datetime = DRAFT) -> list[Letter] | None:
    verb, id, nonce = pressing(heard(world)[-1:], label)
    found: list[Letter] | None = world.write(
        told.pressed, world.person(by), verb, id, nonce, message_id=7, desk=DESK, now=at
    )
    return found


def test_the_author_hears_it_when_the_draft_is_approved(world: Drafting) -> None:
    cover(world)
    assert heard(world) == []  # it may still be shown again
    world.say(world.press("good").letters)
    (letter,) = heard(world)
    assert letter.to == world.to("Anna")
    assert "In the summary I left out a name in your answer:" in said([letter])
    assert SHOWN in said([letter])
    assert "Kenneth" not in said([letter])
    assert list(buttons([letter])) == ["Fine", "Don't quote it"]
    shown = press(world, "Fine")
    assert shown is not None
    assert "It stays like that." in said(shown)
    world.tick(FRIDAY)
    assert SHOWN in world.sent()[0]


def test_dont_quote_it_takes_the_words_out_of_the_draft_and_of_what_is_out(world: Drafting) -> None:
    cover(world)
    world.say(world.press("good").letters)
    assert press(world, "Don't quote it") is not None
    assert world.kept("Anna").may_quote == "no"
    assert SHOWN not in world.draft()
    world.tick(FRIDAY)
    assert SHOWN not in world.sent()[0]
    assert BEN in world.sent()[0]


def test_nobody_looks_and_the_author_hears_it_half_a_day_before(world: Drafting) -> None:
    cover(world)
    half_a_day = FRIDAY - timedelta(hours=12)
    world.tick(half_a_day - MINUTE)
    assert heard(world) == []
    world.tick(half_a_day)
    (letter,) = heard(world)
    assert letter.not_before == datetime(2026, 11, 6, 7, tzinfo=UTC)  # in the morning, not at five


def test_nothing_is_said_twice_and_other_words_are_told_again(world: Drafting) -> None:
    cover(world)
    world.say(world.press("good").letters)
    world.press("undo")
    assert "left out" not in said(world.press("good").letters)
    cover(world, "neighbour")
    assert "My […] […] sits with him." in said(heard(world)[-1:])
    world.tick(FRIDAY)
    assert len({one.params["text"] for one in heard(world)}) == len(heard(world))


def test_masking_what_is_out_is_told_at_once_and_can_be_refused(world: Drafting) -> None:
    world.say(world.press("good").letters)
    world.tick(FRIDAY)
    assert heard(world) == []
    cover(world, at=FRIDAY + MINUTE)
    (letter,) = heard(world)
    assert "In the summary that went out" in said([letter])
    assert press(world, "Don't quote it", at=FRIDAY + MINUTE) is not None
    assert "neighbour" not in world.shown()


@pytest.mark.parametrize("away", [{"paused_until": FRIDAY}, {"state": "left"}])
def test_who_has_paused_or_left_is_not_written_to(world: Drafting, away: dict[str, Any]) -> None:
    world.change("Anna", **away)
    cover(world)
    world.say(world.press("good").letters)
    assert heard(world) == []


def test_what_is_masked_outside_the_quote_needs_no_word(world: Drafting) -> None:
    about_him = "Kenneth Reed told me of the walks along the river, and of the dogs that he had then"
    rest = "and of all that he misses now that nobody has the time to go there with him any more"
    world.answer("Cleo", f"{about_him}, {rest}, which is why I wrote it down. The garden helps.", at=DRAFT)
    world.press("since")
    world.tick(DRAFT)
    cover(world, of="Cleo")
    world.say(world.press("good").letters)
    assert heard(world) == []


def test_a_stranger_can_refuse_nothing(world: Drafting) -> None:
    cover(world)
    world.say(world.press("good").letters)
    assert press(world, "Don't quote it", by="Ben") is None
    assert world.kept("Anna").may_quote is None
