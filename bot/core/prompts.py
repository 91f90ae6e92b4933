"""The kinds of prompts, and what makes one ready. One more kind is a line in `KINDS`, with the texts its ids name."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.core import moments
from bot.core.letters import utf16_length
from bot.core.whens import AroundMeeting, At, Every, UntilMeeting, When

WORDS_A_MINUTE = 120  # people read on a phone, tired; then they think


@dataclass(frozen=True)
class PromptKind:
    """What a member gives. `name` is stored and never renamed; `fields` is what its command has behind WHEN."""

    name: str
    command: str
    fields: int
    heading: str  # a text id
    counted: bool = False  # numbers are shown of it: it closes in time for the summary before a meeting
    most: int = 3000  # UTF-16 units of its words: leaves room for heading, closing time, any language


KINDS = {
    kind.name: kind
    for kind in (
        PromptKind("open", command="prompt", fields=1, heading="prompts.heading.open"),
        PromptKind("choice", "choice", fields=2, heading="prompts.heading.choice", counted=True, most=1500),
        PromptKind("scale", "scale", fields=1, heading="prompts.heading.scale", counted=True, most=1500),
        # Its sentences are chosen with /statements, not typed in one line.
        PromptKind("statements", "", fields=0, heading="prompts.heading.statements", counted=True, most=800),
    )
}
BY_COMMAND = {kind.command: kind for kind in KINDS.values() if kind.command}

MAX_TEXT = KINDS["open"].most
MAX_TOPIC = 60  # of the 128 characters a topic's name may have; longer ones are cut off on a phone
USUAL = time(10, 0)

Lack = Literal["text", "long", "when", "until"]


def minutes(text: str) -> int:
    """Return about how long reading and a first thought take; never less than 2."""
    return max(2, 1 + math.ceil(len(text.split()) / WORDS_A_MINUTE))


def lack(text: str, when: When | None, most: int = MAX_TEXT) -> Lack | None:
    """Return what a prompt needs first before it can be planned."""
    if not text.strip():
        return "text"
    if utf16_length(text) > most:
        return "long"
    if when is None:
        return "when"
    return "until" if isinstance(when, Every) and when.until is None else None


def hangs_on_meeting(when: When) -> bool:
    """Return whether `when` can't be counted without a meeting."""
    return isinstance(when, AroundMeeting) or (
        isinstance(when, Every) and isinstance(when.until, UntilMeeting)
    )


def crowded(
    planned: Iterable[datetime], new: Iterable[datetime], cap: int, zone: ZoneInfo
) -> datetime | None:
    """Return the first of `new` in whose week (Monday to Sunday) there would be more than `cap` questions."""
    weeks = [_week(moment, zone) for moment in planned]
    for moment in sorted(new):
        week = _week(moment, zone)
        if weeks.count(week) >= cap:
            return moment
        weeks.append(week)
    return None


def week_start(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the Monday morning of the week in which `moment` lies."""
    day = moments.local(moment, zone).date()
    return moments.utc(datetime.combine(day - timedelta(days=day.weekday()), time(0)), zone)


def in_week(many: Sequence[datetime], moment: datetime, zone: ZoneInfo) -> int:
    """Return how many of `many` lie in the week of `moment`."""
    return sum(_week(one, zone) == _week(moment, zone) for one in many)


def _week(moment: datetime, zone: ZoneInfo) -> tuple[int, int]:
    return moments.local(moment, zone).isocalendar()[:2]


# What the buttons propose -----------------------------------------------------------------------------------


def other_day(now: datetime, zone: ZoneInfo) -> int:
    """Return the day of the week that is proposed beside tomorrow: Friday, or Monday where that is no choice."""
    return 4 if moments.local(now, zone).weekday() not in (3, 4) else 0


def proposed(choice: str, now: datetime, zone: ZoneInfo) -> When | None:
    """Return the time that a button stands for; None for a button we never made."""
    today = moments.local(now, zone).date()
    match choice:
        case "tomorrow":
            return At(datetime.combine(today + timedelta(days=1), USUAL))
        case "meeting":
            return AroundMeeting(-3, USUAL)
        case "0" | "4":
            ahead = (int(choice) - today.weekday()) % 7 or 7
            return At(datetime.combine(today + timedelta(days=ahead), USUAL))
    return None


def last_of(every: Every, times: int, now: datetime, zone: ZoneInfo) -> date:
    """Return the day on which a series that begins now comes for the last of so many times."""
    wall = moments.local(now, zone)
    first = wall.date() + timedelta(days=(every.weekday - wall.weekday()) % 7)
    if datetime.combine(first, every.time) <= wall:
        first += timedelta(weeks=1)
    return first + timedelta(weeks=times - 1)


# Short forms ------------------------------------------------------------------------------------------------


def excerpt(text: str, most: int = 80) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def topic_name(text: str, heading: str) -> str:
    """Return the name of a prompt's own forum topic."""
    return excerpt(text, MAX_TOPIC) or heading
