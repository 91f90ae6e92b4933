"""The calendar file, the reminder's moment, and what a button carries."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from bot.core import meetings
from bot.core.meetings import Event

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
EVENT = Event(
    id=7,
    title='Care; "partners", all\nof us',
    place="https://meet.example/åäö",
    starts_at=datetime(2026, 11, 12, 16, 30, tzinfo=UTC),
    sequence=2,
    cancelled=False,
    network="Samen zorgen",
    bot="care_bot",
)


def test_a_calendar_reads_what_we_write() -> None:
    file = meetings.calendar(EVENT, now=NOW)
    calendar = Calendar.from_ical(file.data)
    [event] = calendar.walk("VEVENT")
    assert (file.name, file.mime, calendar["METHOD"]) == ("2026-11-12.ics", "text/calendar", "PUBLISH")
    assert str(event["SUMMARY"]) == 'Care; "partners", all\nof us (Samen zorgen)'
    assert str(event["LOCATION"]) == str(event["URL"]) == "https://meet.example/åäö"
    assert (event["SEQUENCE"], event["STATUS"]) == (2, "CONFIRMED")
    assert event.decoded("DTSTART") == EVENT.starts_at
    assert event.decoded("DTSTAMP") == NOW


def test_a_cancelled_meeting_is_the_same_event() -> None:
    over = replace(EVENT, cancelled=True, sequence=3, place="")
    first, second = (
        Calendar.from_ical(meetings.calendar(event, now=NOW).data).walk("VEVENT")[0]
        for event in (EVENT, over)
    )
    assert first["UID"] == second["UID"]
    assert (second["STATUS"], second["SEQUENCE"]) == ("CANCELLED", 3)
    assert "LOCATION" not in second


@pytest.mark.parametrize(
    ("starts", "reminded"),
    [
        ("2026-11-12T16:30", "2026-11-11T16:30"),
        ("2026-03-29T15:30", "2026-03-28T16:30"),  # 17:30 in summer; the day before it was winter
        ("2026-10-25T16:30", "2026-10-24T15:30"),
    ],
)
def test_the_reminder_comes_at_the_same_hour_of_the_day_before(starts: str, reminded: str) -> None:
    begin, at = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (starts, reminded))
    assert meetings.remind_at(begin, ZoneInfo("Europe/Amsterdam")) == at


def test_a_button_carries_the_local_time() -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    stamp = meetings.stamp(EVENT.starts_at, zone)
    assert stamp == "202611122215"
    assert meetings.from_stamp(stamp) == datetime.fromisoformat("2026-11-12T22:15")
    for forged in ("", "2026", "202613122215", "x" * 12, "٢٠٢٦١١١٢٢٢١٥"):
        assert meetings.from_stamp(forged) is None


@pytest.mark.parametrize(
    ("place", "link"), [("https://a.example", True), ("In the library", False), ("https://a b", False)]
)
def test_a_place_may_be_a_link(place: str, link: bool) -> None:
    assert meetings.is_link(place) is link
