"""Quiet hours and pauses, as people write them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.quiet import HOURS, NONE, OPEN_END, hours_of, is_back, packed, pause_of, unpacked

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)  # a Monday, 10:00 in Amsterdam
ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("22-7", ("22:00", "07:00")),
        ("22:00 to 07:30", ("22:00", "07:30")),
        ("Between 22 and 7", ("22:00", "07:00")),
        ("10 pm - 7 am", ("22:00", "07:00")),
        ("van 22.00 tot 7.00 uur", ("22:00", "07:00")),
        ("22 uur tot 7 uur", ("22:00", "07:00")),
        ("kl. 22–07", ("22:00", "07:00")),
        ("mellan 21.30 och 8", ("21:30", "08:00")),
        ("none", NONE),
        ("geen", NONE),
        ("inga", NONE),
        ("7-7", None),  # none at all, or all day?
        ("22", None),
        ("25-7", None),
        ("22-7-9", None),
        ("when I sleep", None),
        ("", None),
    ],
)
def test_quiet_hours_are_read(typed: str, expected: tuple[str, str] | None) -> None:
    assert hours_of(typed) == expected


@pytest.mark.parametrize(
    ("language", "typed", "expected"),
    [
        ("en", "2 weeks", NOW + timedelta(days=14)),
        ("en", "a week", NOW + timedelta(days=7)),
        ("nl", "twee weken", NOW + timedelta(days=14)),
        ("sv", "tre dagar", NOW + timedelta(days=3)),
        ("sv", "2 weeks", NOW + timedelta(days=14)),  # English is understood by everybody's bot
        ("en", "until Friday", datetime(2026, 11, 6, 7, tzinfo=UTC)),
        ("nl", "tot vrijdag", datetime(2026, 11, 6, 7, tzinfo=UTC)),
        ("sv", "till 1 december", datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("en", "until I come back", OPEN_END),
        ("nl", "Tot ik er weer ben", OPEN_END),
        ("sv", "tills jag är tillbaka", OPEN_END),
        ("en", "900 days", None),
        ("en", "0 days", None),
        ("en", "for ages", None),
    ],
)
def test_the_length_of_a_pause_is_read(language: str, typed: str, expected: datetime | None) -> None:
    assert pause_of(typed, language=language, zone=ZONE, begins=time(8), now=NOW) == expected


@pytest.mark.parametrize("typed", ["stop", "I'm back.", "Ik ben er weer", "jag är tillbaka", "AV"])
def test_the_end_of_a_pause_is_read(typed: str) -> None:
    assert is_back(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_becomes_hours_of_a_clock_or_nothing(typed: str) -> None:
    hours = hours_of(typed)
    assert hours is None or [time.fromisoformat(at) for at in hours]
    until = pause_of(typed, language="en", zone=ZONE, begins=time(8), now=NOW)
    assert until is None or until > NOW


@given(st.text(max_size=12))
def test_a_forged_button_brings_no_hours(nonce: str) -> None:
    hours = unpacked(nonce)
    assert hours is None or packed(hours) == nonce


def test_what_is_offered_comes_back_from_its_button() -> None:
    assert [unpacked(packed(hours)) for hours in (*HOURS, NONE)] == [*HOURS, NONE]
