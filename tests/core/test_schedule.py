"""When things are due: prompts, closings, digests and what moves with a meeting."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import moments, schedule
from bot.core.schedule import Decision, Move, Occurrence
from bot.core.whens import AroundMeeting, At, Every, Now, UntilMeeting, When

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "posixrules"})).map(ZoneInfo)
FIRST, LAST = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-12-31")
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
TEN = time(10, 0)


def at(local: str, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return moments.utc(datetime.fromisoformat(local), zone)


def once(local: str) -> At:
    return At(datetime.fromisoformat(local))


CREATED = at("2026-11-23 12:00")  # a Monday
MEETING = at("2026-12-10 17:30")  # a Thursday


def keys(
    when: When,
    *,
    meeting: datetime | None = MEETING,
    posted: Collection[str] = (),
    created: datetime = CREATED,
    after: datetime | None = None,
    count: int = 5,
) -> list[str]:
    coming = schedule.occurrences(
        when, zone=AMSTERDAM, meeting=meeting, posted=posted, created=created, after=after
    )
    return [occurrence.local_key for occurrence in islice(coming, count)]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (Now(), ["2026-11-23T12:00"]),
        (once("2026-11-27 10:00"), ["2026-11-27T10:00"]),
        (once("2026-11-20 10:00"), []),
        (AroundMeeting(-3, TEN), ["2026-12-07T10:00"]),
        (AroundMeeting(0, TEN), ["2026-12-10T10:00"]),
        (AroundMeeting(1, TEN), ["2026-12-11T10:00"]),
        (AroundMeeting(-30, TEN), []),  # over when it was planned
        (Every(0, TEN, UntilMeeting()), ["2026-11-30T10:00", "2026-12-07T10:00"]),
        (Every(0, time(14), UntilMeeting()), ["2026-11-23T14:00", "2026-11-30T14:00", "2026-12-07T14:00"]),
        (Every(3, time(17, 30), UntilMeeting()), ["2026-11-26T17:30", "2026-12-03T17:30"]),
        (Every(0, TEN, date(2026, 11, 30)), ["2026-11-30T10:00"]),  # its last day is one of them
        (Every(0, TEN, date(2026, 11, 29)), []),
    ],
)
def test_what_is_to_come(when: When, expected: list[str]) -> None:
    assert keys(when) == expected


def test_a_series_without_an_end_goes_on() -> None:
    assert len(keys(Every(4, TEN), count=60)) == 60


@pytest.mark.parametrize("when", [AroundMeeting(-3, TEN), Every(0, TEN, UntilMeeting())])
def test_without_a_meeting_nothing_hangs_on_it(when: When) -> None:
    assert keys(when, meeting=None) == []


@pytest.mark.parametrize("when", [Now(), once("2026-11-27 10:00"), AroundMeeting(-3, TEN)])
def test_what_comes_once_is_done_with_its_first_posting(when: When) -> None:
    assert keys(when, posted={"2026-12-01T10:00"}) == []


def test_a_series_skips_what_was_posted_even_at_another_hour() -> None:
    posted = {"2026-11-30T09:00"}
    assert keys(Every(0, TEN, UntilMeeting()), posted=posted) == ["2026-12-07T10:00"]


def test_nothing_up_to_and_including_after() -> None:
    first = at("2026-11-30 10:00")
    assert keys(Every(0, TEN, UntilMeeting()), after=first) == ["2026-12-07T10:00"]


def test_a_series_keeps_its_hour_when_the_clock_changes() -> None:
    coming = schedule.occurrences(
        Every(6, time(2, 30)),
        zone=AMSTERDAM,
        meeting=None,
        posted=(),
        created=at("2026-10-19 00:00"),
    )
    assert [o.due_at.strftime("%d %H:%M") for o in islice(coming, 2)] == ["25 00:30", "01 01:30"]


def test_a_prompt_in_the_hour_that_does_not_exist_comes_right_behind_it() -> None:
    night = once("2026-03-29 02:30")
    found = schedule.next_due(night, zone=AMSTERDAM, meeting=None, posted=(), created=at("2026-03-01 00:00"))
    assert found == Occurrence("2026-03-29T02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC))


def test_now_is_due_when_it_was_created() -> None:
    second_round = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    found = schedule.next_due(Now(), zone=AMSTERDAM, meeting=None, posted=(), created=second_round)
    assert found == Occurrence("2026-10-25T02:10", second_round)


@given(ZONES, MOMENTS, st.integers(0, 6), TIMES)
def test_a_series_has_one_moment_a_week_in_every_zone(
    zone: ZoneInfo, created: datetime, weekday: int, hour: time
) -> None:
    coming = schedule.occurrences(Every(weekday, hour), zone=zone, meeting=None, posted=(), created=created)
    year = list(islice(coming, 53))
    assert all(o.due_at >= created for o in year)
    assert len({o.local_key for o in year}) == 53
    for one, two in pairwise(year):
        assert timedelta(days=5) < two.due_at - one.due_at < timedelta(days=9)
    for occurrence in year:
        planned = datetime.fromisoformat(occurrence.local_key)
        assert (planned.weekday(), planned.time()) == (weekday, hour)
        assert planned <= moments.local(occurrence.due_at, zone) <= planned + timedelta(days=1)


# --- catching up

GRACE = timedelta(hours=6)
NINE, NOON, THREE = (Occurrence(f"2026-11-27T{h:02}:00", at(f"2026-11-27 {h:02}:00")) for h in (9, 12, 15))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-27 08:59", Decision(None, ())),
        ("2026-11-27 09:00", Decision(NINE, ())),
        ("2026-11-27 14:59", Decision(NOON, (NINE,))),
        ("2026-11-27 16:10", Decision(THREE, (NINE, NOON))),
        ("2026-11-27 21:00", Decision(THREE, (NINE, NOON))),
        ("2026-11-27 21:01", Decision(None, (NINE, NOON, THREE))),
    ],
)
def test_after_an_outage_only_the_latest_is_posted(now: str, expected: Decision) -> None:
    assert schedule.decide([THREE, NINE, NOON], now=at(now), grace=GRACE) == expected


@given(st.lists(MOMENTS, unique=True, max_size=20), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=900)))
def test_whatever_is_due_is_posted_or_missed_and_nothing_else(
    dues: list[datetime], now: datetime, grace: timedelta
) -> None:
    all_of_them = [Occurrence(str(due), due) for due in dues]
    decision = schedule.decide(all_of_them, now=now, grace=grace)
    done = {*decision.missed, *([decision.post] if decision.post else [])}
    assert done == {o for o in all_of_them if o.due_at <= now}
    assert decision.post is None or now - decision.post.due_at <= grace


def test_due_is_everything_since_it_was_created() -> None:
    found = schedule.due(
        Every(0, TEN), zone=AMSTERDAM, meeting=None, posted=(), created=CREATED, now=at("2026-12-07 10:00")
    )
    assert [o.local_key for o in found] == ["2026-11-30T10:00", "2026-12-07T10:00"]


# --- closing


@pytest.mark.parametrize(
    ("posted", "days", "closes"),
    [
        ("2026-11-23 10:00", 7, "2026-11-29 20:00"),
        ("2026-11-27 23:30", 7, "2026-12-03 20:00"),
        ("2026-03-23 10:00", 7, "2026-03-29 20:00"),  # the night in between is shorter
        ("2026-11-27 10:00", 1, "2026-11-27 20:00"),
        ("2026-11-27 20:30", 1, "2026-11-28 20:00"),
    ],
)
def test_a_posting_closes_on_the_evening_of_its_last_day(posted: str, days: int, closes: str) -> None:
    assert schedule.closes_at(at(posted), AMSTERDAM, days) == at(closes)


@given(MOMENTS, ZONES, st.integers(1, 30))
def test_a_posting_closes_after_it_was_posted(posted: datetime, zone: ZoneInfo, days: int) -> None:
    open_for = schedule.closes_at(posted, zone, days) - posted
    assert timedelta(0) < open_for < timedelta(days=days + 2)


# --- digests


@pytest.mark.parametrize(
    ("after", "key", "publish"),
    [
        ("2026-11-24 12:00", "2026-W48", "2026-11-27 16:00"),
        ("2026-11-27 15:59", "2026-W48", "2026-11-27 16:00"),
        ("2026-11-27 16:00", "2026-W49", "2026-12-04 16:00"),
        ("2026-12-30 12:00", "2026-W53", "2027-01-01 16:00"),
    ],
)
def test_the_weekly_digest_has_its_hour(after: str, key: str, publish: str) -> None:
    assert schedule.weekly_due(4, time(16), AMSTERDAM, at(after)) == (key, at(publish))


@given(MOMENTS, ZONES, st.integers(0, 6), TIMES)
def test_each_week_has_one_digest(after: datetime, zone: ZoneInfo, weekday: int, hour: time) -> None:
    seen = []
    for _ in range(5):
        key, publish_at = schedule.weekly_due(weekday, hour, zone, after)
        assert after < publish_at <= after + timedelta(days=8, hours=1)
        seen.append(key)
        after = publish_at
    assert len(set(seen)) == 5


def test_the_draft_is_a_day_before_and_the_stand_in_half_a_day() -> None:
    publish = schedule.pre_meeting_at(MEETING, AMSTERDAM)
    assert publish == at("2026-12-08 17:30")
    assert schedule.draft_at(publish, AMSTERDAM) == at("2026-12-07 17:30")
    assert schedule.stand_in_at(publish, AMSTERDAM) == at("2026-12-08 05:30")


def test_hours_before_a_meeting_are_counted_on_the_wall_clock() -> None:
    after_the_change = at("2026-03-30 17:30")
    assert schedule.pre_meeting_at(after_the_change, AMSTERDAM) == at("2026-03-28 17:30")
    assert schedule.pre_meeting_at(after_the_change, AMSTERDAM, hours=24) == at("2026-03-29 17:30")


# --- a meeting that moves


def test_what_hangs_on_a_meeting_moves_with_it() -> None:
    items: list[tuple[str, When | timedelta]] = [
        ("digest", timedelta(hours=48)),
        ("criteria", AroundMeeting(-3, TEN)),
        ("weekly", Every(0, TEN, UntilMeeting())),
        ("by date", Every(0, TEN, date(2026, 12, 1))),
        ("once", once("2026-12-01 10:00")),
        ("now", Now()),
    ]
    assert schedule.moved(items, MEETING, at("2026-12-17 17:30"), AMSTERDAM) == [
        Move("criteria", at("2026-12-07 10:00"), at("2026-12-14 10:00")),
        Move("weekly", at("2026-12-07 10:00"), at("2026-12-14 10:00")),
        Move("digest", at("2026-12-08 17:30"), at("2026-12-15 17:30")),
    ]


def test_another_hour_of_the_same_day_moves_only_what_counts_in_hours() -> None:
    items: list[tuple[str, When | timedelta]] = [
        ("question", AroundMeeting(-3, TEN)),
        ("reminder", timedelta(days=1)),
        ("same day, before", Every(3, TEN, UntilMeeting())),
        ("same day, after", Every(3, time(18), UntilMeeting())),
    ]
    assert schedule.moved(items, MEETING, at("2026-12-10 19:00"), AMSTERDAM) == [
        Move("reminder", at("2026-12-09 17:30"), at("2026-12-09 19:00")),
        Move("same day, after", at("2026-12-03 18:00"), at("2026-12-10 18:00")),
    ]
