"""When a network ends, who hears of it before, and when what was given in it is erased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import moments
from bot.core.retention import (
    Life,
    announced_at,
    cleared_at,
    closing,
    ends_at,
    erased_at,
    later,
    step,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in ("Europe/Amsterdam", "UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia")
    ]
)
MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def at(text: str, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("begin", "months", "expected"),
    [
        ("2027-01-31 10:00", 1, "2027-02-28 10:00"),
        ("2027-12-31 10:00", 2, "2028-02-29 10:00"),
        ("2028-02-29 10:00", 12, "2029-02-28 10:00"),
        ("2027-03-31 10:00", -1, "2027-02-28 10:00"),
        ("2027-01-15 10:00", -1, "2026-12-15 10:00"),
        ("2026-11-02 10:00", 12, "2027-11-02 10:00"),
        ("2026-11-02 10:00", 5, "2027-04-02 10:00"),  # the same hour on the wall, though summer came
        ("2027-02-28 02:30", 1, "2027-03-28 03:00"),  # an hour that night skips
    ],
)
def test_months_are_counted_on_the_wall_clock(begin: str, months: int, expected: str) -> None:
    assert later(at(begin), months, AMSTERDAM) == at(expected)


@given(MOMENTS, MOMENTS, st.integers(0, 120), ZONES)
def test_who_is_earlier_stays_earlier(one: datetime, other: datetime, months: int, zone: ZoneInfo) -> None:
    first, second = sorted((one, other))
    # Of a night with two rounds of an hour the first is meant: there alone an order of minutes may be lost.
    assert later(first, months, zone) <= later(second, months, zone) + timedelta(hours=1)


@given(MOMENTS, st.integers(1, 120), ZONES)
def test_a_month_is_never_longer_than_it_is(moment: datetime, months: int, zone: ZoneInfo) -> None:
    before, after = moments.local(moment, zone), moments.local(later(moment, months, zone), zone)
    assert (after.year * 12 + after.month) - (before.year * 12 + before.month) == months
    assert after.day <= before.day


LAST = at("2026-02-28 10:00")


@pytest.mark.parametrize(
    ("now", "warned", "expected"),
    [
        ("2027-01-28 09:59", None, "well"),
        ("2027-01-28 10:00", None, "warn"),
        ("2027-02-28 09:59", "2027-01-28 10:00", "wait"),
        ("2027-02-28 10:00", "2027-01-28 10:00", "end"),
        ("2027-06-01 10:00", None, "warn"),  # the bot was away: they have their month all the same
        ("2027-06-30 10:00", "2027-06-01 10:00", "wait"),
        ("2027-07-01 10:00", "2027-06-01 10:00", "end"),
        ("2027-01-29 10:00", "2028-01-01 10:00", "warn"),  # told by a clock that was wrong
    ],
)
def test_a_year_of_silence_is_an_end(now: str, warned: str | None, expected: str) -> None:
    life = Life(LAST, warned_at=None if warned is None else at(warned))
    assert step(life, AMSTERDAM, now=at(now)) == expected


def test_what_is_planned_is_life() -> None:
    now = at("2027-02-20 10:00")
    warned = Life(LAST, warned_at=at("2027-01-28 10:00"))
    assert step(warned, AMSTERDAM, now=now) == "wait"
    assert step(replace(warned, last=now + timedelta(days=30)), AMSTERDAM, now=now) == "well"
    ended = Life(LAST, ended_at=at("2027-02-28 10:00"))
    assert step(ended, AMSTERDAM, now=at("2030-01-01 10:00")) == "wait"
    assert step(replace(ended, last=at("2027-03-05 10:00")), AMSTERDAM, now=now) == "revive"


@given(MOMENTS, ZONES, st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_nobody_is_surprised_by_an_end(last: datetime, zone: ZoneInfo, sleeps: list[int]) -> None:
    """However the bot was away, an end comes after a year, a month after a word, which comes once."""
    life, now, words = Life(last), last, 0
    for days in [*sleeps, *[40] * 40]:
        now += timedelta(days=days)
        match step(life, zone, now=now):
            case "warn":
                words += 1
                life = replace(life, warned_at=now)
            case "end":
                assert life.warned_at is not None
                assert now >= later(life.warned_at, 1, zone)
                assert now >= later(last, 12, zone)
                assert now >= ends_at(life, zone, now=now)
                break
    else:
        raise AssertionError("it never ended")
    assert words == 1


def test_everything_is_gone_some_months_after_the_end_and_on_the_last_day_at_the_latest() -> None:
    ended, last_day = at("2027-02-28 10:00"), closing("2027-12-31", AMSTERDAM)
    assert erased_at(ended, 12, AMSTERDAM, None) == at("2028-02-28 10:00")
    assert erased_at(ended, 0, AMSTERDAM, None) == ended
    assert erased_at(ended, 12, AMSTERDAM, last_day) == at("2027-12-31 00:00")
    assert erased_at(ended, 6, AMSTERDAM, last_day) == at("2027-08-28 10:00")


def test_the_last_day_begins_at_midnight_where_the_operator_is() -> None:
    day = closing("2028-12-31", AMSTERDAM)
    assert day == datetime(2028, 12, 30, 23, tzinfo=UTC)
    assert announced_at(day, AMSTERDAM) == at("2028-11-30 00:00")
    assert closing("", AMSTERDAM) is None
    assert closing("the end", AMSTERDAM) is None


def test_a_mistyped_last_day_erases_nothing_for_a_day() -> None:
    day, now = at("2026-01-01 00:00"), at("2026-11-02 10:00")
    assert cleared_at(day, now) == at("2026-11-03 10:00")
    assert cleared_at(day, at("2025-12-01 10:00")) == day
