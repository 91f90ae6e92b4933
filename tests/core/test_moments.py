"""Wall clocks and moments: every zone there is, and both nights on which a clock jumps."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import moments

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# "localtime" and the like are whatever the machine says, so no zone
NAMES = sorted(available_timezones() - {"localtime", "posixrules"})
ZONES = st.sampled_from(NAMES).map(ZoneInfo)
FIRST, LAST = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-12-31")
WALLS = st.datetimes(FIRST, LAST).map(lambda wall: wall.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
HOURS = st.sampled_from([time(hour, minute) for hour in range(24) for minute in (0, 30)])


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Amsterdam", "2026-11-27 10:00", "2026-11-27 09:00"),
        ("Europe/Amsterdam", "2026-07-27 10:00", "2026-07-27 08:00"),
        ("Europe/Amsterdam", "2026-03-29 01:59", "2026-03-29 00:59"),
        ("Europe/Amsterdam", "2026-03-29 02:00", "2026-03-29 01:00"),  # skipped: 03:00 is the first there is
        ("Europe/Amsterdam", "2026-03-29 02:30", "2026-03-29 01:00"),
        ("Europe/Amsterdam", "2026-03-29 03:00", "2026-03-29 01:00"),
        ("Europe/Amsterdam", "2026-10-25 02:30", "2026-10-25 00:30"),  # twice: the first
        ("Europe/Amsterdam", "2026-10-25 03:00", "2026-10-25 02:00"),
        ("Asia/Kathmandu", "2026-05-01 10:00", "2026-05-01 04:15"),
        ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30"),  # jumps by half an hour
        ("America/Sao_Paulo", "2018-11-04 00:15", "2018-11-04 03:00"),  # jumps at midnight
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),  # a day that never was
    ],
)
def test_a_wall_clock_names_one_moment(zone: str, local: str, expected: str) -> None:
    assert moments.utc(wall(local), ZoneInfo(zone)) == at(expected)


@given(WALLS, ZONES)
def test_a_wall_time_becomes_itself_or_the_first_minute_behind_a_gap(local: datetime, zone: ZoneInfo) -> None:
    moment = moments.utc(local, zone)
    shown = moments.local(moment, zone)
    assert moment.tzinfo is UTC
    if shown != local:
        assert shown > local
        assert shown.second == 0
        assert moments.local(moment - timedelta(minutes=1), zone) < local
    assert moments.utc(shown, zone) == moment


@given(MOMENTS, ZONES)
def test_of_a_time_that_comes_twice_the_first_is_meant(moment: datetime, zone: ZoneInfo) -> None:
    again = moments.utc(moments.local(moment, zone), zone)
    assert again == moment if moment.astimezone(zone).fold == 0 else again < moment


@pytest.mark.parametrize("year", range(2020, 2036))
@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_both_nights_of_every_year(year: int, minute: int) -> None:
    spring = max(date(year, 3, day) for day in range(25, 32) if date(year, 3, day).weekday() == 6)
    autumn = max(date(year, 10, day) for day in range(25, 32) if date(year, 10, day).weekday() == 6)
    skipped, twice = datetime.combine(spring, time(2, minute)), datetime.combine(autumn, time(2, minute))
    assert moments.utc(skipped, AMSTERDAM) == datetime.combine(spring, time(1, 0), UTC)
    assert moments.utc(twice, AMSTERDAM) == datetime.combine(autumn, time(0, minute), UTC)


def changes(zone: ZoneInfo) -> list[datetime]:
    """Return the noons in UTC before each change of the clock in three years."""

    def changed(start: datetime, steps: int, days: int) -> list[datetime]:
        noons = [start + timedelta(days=days * step) for step in range(steps + 1)]
        offsets = [noon.astimezone(zone).utcoffset() for noon in noons]
        return [noon for noon, one, two in zip(noons, offsets, offsets[1:], strict=False) if one != two]

    weeks = changed(at("2025-01-01 12:00"), 3 * 52, 7)
    return [noon for week in weeks for noon in changed(week, 7, 1)]


def test_around_every_change_of_every_zone_no_time_is_lost_and_order_is_kept() -> None:
    seen = 0
    for name in NAMES:
        zone = ZoneInfo(name)
        for noon in changes(zone):
            seen += 1
            start = moments.local(noon, zone)
            found = [moments.utc(start + timedelta(minutes=30 * n), zone) for n in range(49)]
            assert found == sorted(found), name
            for n, moment in enumerate(found):
                shown, meant = moments.local(moment, zone), start + timedelta(minutes=30 * n)
                assert timedelta(0) <= shown - meant <= timedelta(hours=3), (
                    name,
                    meant,
                )  # Troll jumps by 2 h
    assert seen > 1000


@pytest.mark.parametrize("convert", [moments.local, moments.local_key])
def test_a_moment_without_a_zone_is_refused(convert: object) -> None:
    with pytest.raises(ValueError, match="zone"):
        convert(wall("2026-11-27 10:00"), AMSTERDAM)  # type: ignore[operator]


def test_a_local_time_with_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        moments.utc(at("2026-11-27 10:00"), AMSTERDAM)


def test_a_key_is_the_wall_clock_to_the_minute() -> None:
    assert moments.local_key(at("2026-11-27 09:00:59"), AMSTERDAM) == "2026-11-27T10:00"


@pytest.mark.parametrize(
    ("local", "is_quiet", "until"),
    [
        ("2026-11-27 20:59", False, "2026-11-27 20:59"),
        ("2026-11-27 21:00", True, "2026-11-28 08:00"),
        ("2026-11-27 23:10", True, "2026-11-28 08:00"),
        ("2026-11-28 00:00", True, "2026-11-28 08:00"),
        ("2026-11-28 07:59", True, "2026-11-28 08:00"),
        ("2026-11-28 08:00", False, "2026-11-28 08:00"),
        ("2026-10-25 02:30", True, "2026-10-25 08:00"),
    ],
)
def test_quiet_hours_last_over_night(local: str, is_quiet: bool, until: str) -> None:
    moment = moments.utc(wall(local), AMSTERDAM)
    assert moments.quiet(moment, AMSTERDAM) is is_quiet
    assert moments.after_quiet(moment, AMSTERDAM) == moments.utc(wall(until), AMSTERDAM)


def test_quiet_hours_may_lie_within_a_day_or_not_be_at_all() -> None:
    noon = moments.utc(wall("2026-11-27 12:30"), AMSTERDAM)
    one = moments.utc(wall("2026-11-27 13:00"), AMSTERDAM)
    assert moments.after_quiet(noon, AMSTERDAM, time(12), time(13)) == one
    assert not moments.quiet(noon, AMSTERDAM, time(12), time(12))


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_in_each_round() -> None:
    second_round = at("2026-10-25 01:10")  # 02:10, when 02:30 has been once already
    assert moments.after_quiet(second_round, AMSTERDAM, time(21), time(2, 30)) == at("2026-10-25 01:30")


@given(MOMENTS, ZONES, HOURS, HOURS)
def test_quiet_hours_are_left_behind_within_a_day(
    moment: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    later = moments.after_quiet(moment, zone, start, end)
    assert not moments.quiet(later, zone, start, end)
    assert moment <= later <= moment + timedelta(hours=48)
    if not moments.quiet(moment, zone, start, end):
        assert later == moment
