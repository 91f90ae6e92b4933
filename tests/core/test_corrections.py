"""Until when something can be said about a summary that is out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.corrections import until

ZONE = ZoneInfo("Europe/Amsterdam")


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("published", "meeting", "expected"),
    [
        ("2026-11-06 17:00", None, "2026-11-07 17:00"),
        ("2026-11-10 17:30", "2026-11-12 17:30", "2026-11-11 12:00"),
        ("2026-11-10 17:30", "2026-11-12 00:30", "2026-11-11 12:00"),  # on the network's clock
        ("2026-11-11 11:00", "2026-11-12 17:30", "2026-11-11 13:00"),  # on short notice: two hours
        ("2026-11-12 16:30", "2026-11-12 17:30", "2026-11-12 17:30"),
        ("2026-03-27 17:30", "2026-03-29 17:30", "2026-03-28 12:00"),  # summer time begins between them
    ],
)
def test_noon_of_the_day_before_or_a_day(published: str, meeting: str | None, expected: str) -> None:
    found = until(at(published), None if meeting is None else at(meeting), ZONE)
    assert found == at(expected)


FIRST, LAST = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2030-01-01")
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@given(
    MOMENTS,
    st.timedeltas(timedelta(minutes=1), timedelta(days=9)),
    st.sampled_from(["UTC", "Europe/Ljubljana"]),
)
def test_never_before_it_went_out_and_never_after_the_meeting_began(
    published: datetime, ahead: timedelta, zone: str
) -> None:
    meeting = published + ahead
    assert published < until(published, meeting, ZoneInfo(zone)) <= meeting
