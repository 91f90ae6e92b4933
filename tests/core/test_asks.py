"""When somebody is asked in private by the bot itself, and when they are left alone."""

import itertools
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import moments
from bot.core.asks import (
    ASK,
    GAP,
    LEAVE,
    WEEK,
    Ask,
    Decision,
    Ways,
    again_at,
    decide,
    reminder_at,
    week_from,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = [ZoneInfo(name) for name in sorted(available_timezones()) if "/" in name and "posix" not in name][::7]
NOW = datetime(2026, 11, 28, 16, tzinfo=UTC)  # a Saturday, 17:00 in Amsterdam
CLOSES = datetime(2026, 11, 29, 19, tzinfo=UTC)
AWAKE = Ways(time(21), time(8))

hours = st.times().map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))
moments_ = st.integers(0, 2 * 365 * 24 * 60).map(lambda minute: NOW + timedelta(minutes=minute))


def asked(
    ask: Ask,
    ways: Ways = AWAKE,
    *,
    now: datetime = NOW,
    zone: ZoneInfo = AMSTERDAM,
    asked: Collection[datetime] = (),
    cap: int = 3,
) -> Decision:
    return decide(ask, ways, zone, asked=asked, cap=cap, now=now)


def test_a_reminder_goes_out_in_the_afternoon_before_the_prompt_closes() -> None:
    posted = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert reminder_at(posted, CLOSES, AMSTERDAM) == NOW
    assert asked(Ask(CLOSES)) == ASK
    # A question that is open for a day and a half is not asked twice.
    assert reminder_at(CLOSES - timedelta(hours=30), CLOSES, AMSTERDAM) is None


@pytest.mark.parametrize(
    "left",
    [
        {"answered": True},
        {"declined": True},
        {"reminded": True},
        {"leads": True},
    ],
)
def test_who_has_answered_declined_or_was_reminded_is_left_alone(left: dict[str, Any]) -> None:
    assert asked(Ask(CLOSES, **left)) == LEAVE


@pytest.mark.parametrize(
    "left",
    [
        {"paused_until": NOW + timedelta(hours=1)},
        {"resting_until": NOW + timedelta(hours=1)},
        {"listening": True},
    ],
)
def test_nobody_is_reminded_who_pauses_rests_or_listens(left: dict[str, Any]) -> None:
    assert asked(Ask(CLOSES), replace(AWAKE, **left)) == LEAVE


def test_what_comes_after_the_end_is_not_sent() -> None:
    assert asked(Ask(CLOSES), now=CLOSES) == LEAVE
    # Quiet hours that last beyond it: better not at all.
    night = datetime(2026, 11, 29, 18, 30, tzinfo=UTC)
    assert asked(Ask(CLOSES), replace(AWAKE, quiet_from=time(19)), now=night) == LEAVE


def test_who_wanted_to_be_asked_again_is_asked_after_a_rest_though_the_week_is_full() -> None:
    full = [NOW - timedelta(days=1)] * 9
    assert asked(Ask(CLOSES, wanted=True), asked=full) == ASK
    over = NOW + timedelta(days=2)
    resting = asked(Ask(CLOSES, wanted=True), replace(AWAKE, resting_until=over))
    assert resting.wait is not None
    assert resting.wait.until == over
    assert asked(Ask(CLOSES, wanted=True, answered=True)) == LEAVE


def test_again_means_the_morning_and_a_heavy_week_ends_at_the_same_hour() -> None:
    march = datetime(2026, 3, 28, 20, tzinfo=UTC)  # the night in which the clock jumps comes next
    assert moments.local_key(again_at(1, AWAKE, AMSTERDAM, now=march), AMSTERDAM) == "2026-03-29T10:00"
    late = replace(AWAKE, quiet_to=time(11))
    assert moments.local_key(again_at(7, late, AMSTERDAM, now=march), AMSTERDAM) == "2026-04-04T11:00"
    assert moments.local_key(week_from(march, AMSTERDAM), AMSTERDAM) == "2026-04-04T21:00"


@given(
    now=moments_,
    zone=st.sampled_from(ZONES),
    start=hours,
    end=hours,
    wanted=st.booleans(),
    open_for=st.integers(-48, 200),
    ago=st.lists(st.integers(0, 400), max_size=6),
    rest=st.integers(-72, 72),
)
def test_nobody_is_ever_asked_in_quiet_hours(
    now: datetime,
    zone: ZoneInfo,
    start: time,
    end: time,
    wanted: bool,
    open_for: int,
    ago: list[int],
    rest: int,
) -> None:
    ways = Ways(start, end, resting_until=now + timedelta(hours=rest))
    ask = Ask(now + timedelta(hours=open_for), wanted=wanted)
    before = [now - timedelta(hours=hour) for hour in ago]
    for _ in range(8):  # follow it to its end, as the clock does
        decision = asked(ask, ways, now=now, zone=zone, asked=before)
        if decision.wait is None:
            break
        assert decision.wait.until > now
        now = decision.wait.until
    assert decision.wait is None
    if decision.ask:
        assert not moments.quiet(now, zone, start, end)
        assert not ways.resting(now)
        assert wanted or now < ask.closes_at


@given(
    data=st.data(),
    prompts=st.integers(1, 12),
    cap=st.integers(0, 4),
    outage=st.integers(0, 12),
)
def test_whatever_happens_nobody_is_reminded_twice_or_too_often(
    data: st.DataObject, prompts: int, cap: int, outage: int
) -> None:
    """Days of somebody in several networks: reminders fall due, hours are quiet, the bot is away for a while."""
    ways = Ways(data.draw(hours), data.draw(hours))
    closes = [NOW + timedelta(hours=data.draw(st.integers(4, 240))) for _ in range(prompts)]
    reminded: dict[int, datetime] = {}
    now = NOW + timedelta(hours=outage * 8)  # while it was away much fell due at once
    for _ in range(300):
        for number, end in enumerate(closes):
            if end - now > timedelta(hours=30):
                continue
            ask = Ask(end, reminded=number in reminded)
            if asked(ask, ways, now=now, asked=list(reminded.values()), cap=cap).ask:
                assert number not in reminded
                reminded[number] = now
        now += timedelta(hours=1)
    times = sorted(reminded.values())
    assert all(later - earlier >= GAP for earlier, later in itertools.pairwise(times))
    for moment in times:
        assert sum(1 for other in times if moment - WEEK < other <= moment) <= cap
