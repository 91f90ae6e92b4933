"""Dates, hours and numbers as each language writes them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core import dates

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("language", "full", "day", "clock", "monday"),
    [
        ("en", "Friday 27 November at 10:00", "Friday 27 November", "10:00", "Monday"),
        ("nl", "vrijdag 27 november om 10.00 uur", "vrijdag 27 november", "10.00 uur", "maandag"),
        ("sv", "fredag 27 november kl. 10.00", "fredag 27 november", "kl. 10.00", "måndag"),
        ("nl-BE", "vrijdag 27 november om 10.00 uur", "vrijdag 27 november", "10.00 uur", "maandag"),
        ("xx", "Friday 27 November at 10:00", "Friday 27 November", "10:00", "Monday"),
    ],
)
def test_a_moment_is_written_on_the_networks_clock(
    language: str, full: str, day: str, clock: str, monday: str
) -> None:
    assert dates.full(FRIDAY, AMSTERDAM, language) == full
    assert dates.full(FRIDAY, AMSTERDAM, language, now=FRIDAY - DAY) == full
    assert dates.day(FRIDAY, AMSTERDAM, language) == day
    assert dates.clock_time(FRIDAY, AMSTERDAM, language) == clock
    assert dates.clock_time(time(10, 0), AMSTERDAM, language) == clock
    assert dates.weekday_name(0, language) == monday


@pytest.mark.parametrize(
    ("days", "shown"), [(-200, True), (-100, False), (0, False), (150, False), (200, True)]
)
def test_a_date_far_away_shows_its_year(days: int, shown: bool) -> None:
    now = FRIDAY - days * DAY
    assert ("2026" in dates.full(FRIDAY, AMSTERDAM, "en", now=now)) is shown
    assert ("2026" in dates.day(FRIDAY, AMSTERDAM, "sv", now=now)) is shown


def test_the_year_stands_before_the_hour() -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert dates.full(FRIDAY, AMSTERDAM, "nl", now=long_ago) == "vrijdag 27 november 2026 om 10.00 uur"


@pytest.mark.parametrize(
    ("seconds", "en", "nl", "sv"),
    [
        (1, "1 second", "1 seconde", "1 sekund"),
        (45, "45 seconds", "45 seconden", "45 sekunder"),
        (60, "1 minute", "1 minuut", "1 minut"),
        (80, "1 minute 20", "1 minuut 20", "1 minut 20"),
        (120, "2 minutes", "2 minuten", "2 minuter"),
        (3600, "1 hour", "1 uur", "1 timme"),
        (7500, "2 hours 5 minutes", "2 uur 5 minuten", "2 timmar 5 minuter"),
    ],
)
def test_a_duration_in_words(seconds: int, en: str, nl: str, sv: str) -> None:
    assert [dates.duration(seconds, language) for language in ("en", "nl", "sv")] == [en, nl, sv]
    assert dates.duration(timedelta(seconds=seconds), "en") == en


@pytest.mark.parametrize(
    ("items", "en", "nl", "sv"),
    [
        ([], "", "", ""),
        (["a"], "a", "a", "a"),
        (["a", "b"], "a and b", "a en b", "a och b"),
        (["a", "b", "c"], "a, b and c", "a, b en c", "a, b och c"),
    ],
)
def test_a_list_in_words(items: list[str], en: str, nl: str, sv: str) -> None:
    assert [dates.joined(items, language) for language in ("en", "nl", "sv")] == [en, nl, sv]


def test_numbers_have_each_languages_signs() -> None:
    assert [dates.number(1234.5, language) for language in ("en", "nl", "sv")] == [
        "1,234.5",
        "1.234,5",
        "1\u00a0234,5",
    ]
    assert [dates.percent(0.25, language) for language in ("en", "nl", "sv")] == ["25%", "25%", "25\u00a0%"]
