"""By when somebody is to have answered, which help is shown, and what a telephone number is."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import helptext, moments, talk

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = ("Europe/Amsterdam", "Europe/Stockholm", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
NINE, FIVE = time(9), time(17)


def promised(said: str, opens: time = NINE, closes: time = FIVE) -> str:
    at = moments.utc(datetime.fromisoformat(said), AMSTERDAM)
    return moments.local_key(talk.promised(at, AMSTERDAM, opens, closes), AMSTERDAM)


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ("2026-11-27 23:12", "2026-11-30T12:00"),  # a Friday night
        ("2026-11-27 10:00", "2026-11-27T13:00"),
        ("2026-11-27 14:00", "2026-11-27T17:00"),
        ("2026-11-27 15:00", "2026-11-30T10:00"),  # two hours today, one on Monday
        ("2026-11-28 12:00", "2026-11-30T12:00"),
        ("2026-11-30 03:00", "2026-11-30T12:00"),
        ("2026-10-23 16:00", "2026-10-26T11:00"),  # the clocks change in between
    ],
)
def test_three_office_hours_are_promised(asked: str, by: str) -> None:
    assert promised(asked) == by


def test_an_office_that_is_open_for_an_hour_takes_three_days() -> None:
    assert promised("2026-11-23 08:00", time(10), time(11)) == "2026-11-25T11:00"


@given(
    st.integers(0, 4 * 365 * 24 * 60),
    st.sampled_from(ZONES),
    st.integers(5, 20),
    st.integers(1, 3),
)
def test_the_promise_lies_ahead_in_office_hours_on_a_weekday(
    minutes: int, zone_name: str, opens: int, length: int
) -> None:
    zone, asked = ZoneInfo(zone_name), CHECKED + timedelta(minutes=minutes)
    by = talk.promised(asked, zone, time(opens), time(opens + length))
    here = moments.local(by, zone)
    assert asked < by <= asked + timedelta(days=8)
    assert here.weekday() < 5
    assert time(opens) <= here.time() <= time(opens + length)


def test_help_is_shown_in_the_reader_s_language_if_there_is_any() -> None:
    help = {"nl": "Luisterlijn 088", "sv": " "}
    assert talk.help_of(help, "nl", "en") == "Luisterlijn 088"
    assert talk.help_of(help, "sv", "nl") == "Luisterlijn 088"
    assert talk.help_of(help, "en", "sv") == "Luisterlijn 088"
    assert talk.help_of(None, "en") == ""


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("06 1234 5678", "0612345678"),
        ("+46 (0)70-123 45 67", "+46701234567"),
        ("030/299.19.70", "0302991970"),
        ("tomorrow at 10", None),
        ("12345", None),
        ("١٢٣٤٥٦٧", None),
    ],
)
def test_a_telephone_number_is_read_as_it_is_dialled(typed: str, phone: str | None) -> None:
    assert talk.phone_of(typed) == phone


# What facilitators give ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("9-17", ("09:00", "17:00")),
        ("9:00 to 17:30", ("09:00", "17:30")),
        ("van 9 tot 5", None),
        ("8.30 – 16.00", ("08:30", "16:00")),
        ("kl. 8 - kl. 16", ("08:00", "16:00")),
        ("9:00 | 17:00", ("09:00", "17:00")),
        ("17-9", None),
        ("9:00-9:30", None),
        ("mornings", None),
    ],
)
def test_office_hours_are_read(typed: str, hours: tuple[str, str] | None) -> None:
    assert helptext.read_hours(typed) == hours


def test_a_help_text_holds_a_number_and_is_short() -> None:
    assert helptext.accepted("  De Luisterlijn,\n088 0767 000 ") == "De Luisterlijn, 088 0767 000"
    assert helptext.accepted("Ring somebody") is None
    assert helptext.accepted("1" * 201) is None


def test_own_words_are_split_and_each_is_a_word() -> None:
    assert helptext.read_words("insulin, het kanaal in\n insulin") == ["insulin", "het kanaal in"]
    assert helptext.read_words("a, b") is None  # every text would hit
    assert helptext.read_words(" , ") is None


def test_a_national_line_is_suggested_by_time_zone_then_by_language() -> None:
    assert helptext.country_of("Europe/Amsterdam", "sv") == "NL"
    assert helptext.country_of("Europe/Stockholm", "en") == "SE"
    assert helptext.country_of("Europe/Rome", "en") is None  # an English line is of no use there
    assert helptext.country_of("UTC", "nl") == "NL"


CHECKED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "asked", "ask"),
    [
        (182, None, False),
        (183, None, True),
        (184, 183, False),
        (190, 183, True),
        (183, -10, True),  # asked and answered before
    ],
)
def test_somebody_is_asked_twice_a_year_and_then_every_week(days: int, asked: int | None, ask: bool) -> None:
    asked_at = None if asked is None else CHECKED + timedelta(days=asked)
    now = CHECKED + timedelta(days=days)
    assert helptext.to_ask({"nl": "088"}, CHECKED, asked_at, now=now) is ask
