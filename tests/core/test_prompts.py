"""What makes a prompt ready, and what is too much for one week."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core import prompts
from bot.core.whens import AroundMeeting, At, Every, Now, UntilMeeting, When

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
AT = At(datetime.fromisoformat("2026-11-06T10:00"))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "when", "lack"),
    [
        ("", AT, "text"),
        (" \n", None, "text"),
        ("x" * 3001, AT, "long"),
        ("🙂" * 1501, None, "long"),  # two units each, as Telegram counts
        ("Why?", None, "when"),
        ("Why?", Every(0, time(10)), "until"),
        ("Why?", Every(0, time(10), UntilMeeting()), None),
        ("x" * 3000, Now(), None),
    ],
)
def test_a_prompt_is_asked_for_what_it_lacks(text: str, when: When | None, lack: str | None) -> None:
    assert prompts.lack(text, when) == lack


def test_a_week_has_room_for_so_many_questions() -> None:
    taken = [MONDAY, MONDAY + 6 * DAY]
    assert prompts.crowded(taken, [MONDAY + 2 * DAY], 2, AMSTERDAM) == MONDAY + 2 * DAY
    assert prompts.crowded(taken, [MONDAY + 7 * DAY, MONDAY + 8 * DAY], 2, AMSTERDAM) is None
    # New ones count among themselves, and a week ends on Sunday at midnight of the network's clock.
    assert prompts.crowded([], [MONDAY, MONDAY, MONDAY], 2, AMSTERDAM) == MONDAY
    sunday = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)
    assert prompts.crowded(taken, [sunday], 2, AMSTERDAM) is None
    assert prompts.week_start(sunday, AMSTERDAM) == datetime(2026, 11, 8, 23, tzinfo=UTC)


@pytest.mark.parametrize(("weekday", "proposed"), [(0, 4), (2, 4), (3, 0), (4, 0), (5, 4)])
def test_the_day_beside_tomorrow_is_neither_today_nor_tomorrow(weekday: int, proposed: int) -> None:
    assert prompts.other_day(MONDAY + weekday * DAY, AMSTERDAM) == proposed


def test_a_button_stands_for_a_time_and_a_forged_one_for_none() -> None:
    assert prompts.proposed("tomorrow", MONDAY, AMSTERDAM) == At(datetime.fromisoformat("2026-11-03T10:00"))
    assert prompts.proposed("4", MONDAY, AMSTERDAM) == At(datetime.fromisoformat("2026-11-06T10:00"))
    assert prompts.proposed("0", MONDAY, AMSTERDAM) == At(datetime.fromisoformat("2026-11-09T10:00"))
    assert prompts.proposed("meeting", MONDAY, AMSTERDAM) == AroundMeeting(-3, time(10))
    assert prompts.proposed("7", MONDAY, AMSTERDAM) is None


def test_four_times_begins_with_the_next_one() -> None:
    assert prompts.last_of(Every(0, time(12)), 4, MONDAY, AMSTERDAM) == date(2026, 11, 23)
    assert prompts.last_of(Every(0, time(9)), 4, MONDAY, AMSTERDAM) == date(2026, 11, 30)


def test_an_excerpt_is_one_line_and_ends_with_a_word() -> None:
    assert prompts.excerpt("What\n helped?") == "What helped?"
    assert prompts.excerpt("one two three", 9) == "one two…"
    assert len(prompts.topic_name("word " * 60, "A question")) <= 60
    assert prompts.topic_name("  ", "A question") == "A question"


@pytest.mark.parametrize(("words", "minutes"), [(1, 2), (120, 2), (121, 3), (600, 6)])
def test_reading_takes_a_while(words: int, minutes: int) -> None:
    assert prompts.minutes("word " * words) == minutes
