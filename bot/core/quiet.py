"""Quiet hours and pauses: the choices that are offered, and how typed ones are read.

One more choice: a line in `HOURS` or `SPANS` (and for a span its text `pause.button.<name>`).
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core import moments, whens
from bot.core.settings import clock_of
from bot.core.whenwords import WORDS, Words, fold

Hours = tuple[str, str]  # "21:00", "08:00" on the network's clock; the same twice: none

HOURS: tuple[Hours, ...] = (("21:00", "08:00"), ("22:00", "07:00"), ("20:00", "09:00"))
NONE: Hours = ("00:00", "00:00")
OPEN_END = datetime(9999, 1, 1, tzinfo=UTC)  # paused until the person says so
SPANS: dict[str, timedelta | None] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "open": None,
}
LONGEST = timedelta(days=366)

BETWEEN = re.compile(r"\s*(?:-|–|—|\b(?:to|until|till?|tot|and|en|och)\b)\s*")
BEFORE = re.compile(r"^(?:from|between|van|vanaf|tussen|fran|mellan)\b\s*")
NO_HOURS = {"none", "off", "no", "never", "geen", "uit", "nee", "nooit", "inga", "av", "nej", "aldrig"}
BACK = {
    *("off", "stop", "end", "over", "back", "i'm back", "im back"),
    *("uit", "stoppen", "klaar", "terug", "ik ben terug", "ik ben er weer"),
    *("av", "sluta", "slut", "tillbaka", "jag ar tillbaka"),
}
UNTIL_BACK = {
    *("until i come back", "until i'm back", "open", "no date"),
    *("tot ik terug ben", "tot ik er weer ben", "geen datum"),
    *("tills jag kommer tillbaka", "tills jag ar tillbaka", "inget datum"),
}


def hours_of(typed: str) -> Hours | None:
    """Read "22-7", "22:00 to 07:30", "van 22.00 tot 7.00 uur" or "none"; None for what is no such thing."""
    said = fold(typed)
    if said in NO_HOURS:
        return NONE
    parts = BETWEEN.split(BEFORE.sub("", said))
    clocks = [clock_of(part) for part in parts]
    if len(clocks) != 2 or clocks[0] is None or clocks[1] is None or clocks[0] == clocks[1]:
        return None
    return clocks[0], clocks[1]


def packed(hours: Hours) -> str:
    """Quiet hours as they stand in a button."""
    return "-".join(at.replace(":", "") for at in hours)


def unpacked(nonce: str) -> Hours | None:
    """The quiet hours behind a button; None for a forged one."""
    match = re.fullmatch(r"([01]\d|2[0-3])([0-5]\d)-([01]\d|2[0-3])([0-5]\d)", nonce, re.ASCII)
    return None if match is None else (f"{match[1]}:{match[2]}", f"{match[3]}:{match[4]}")


def pause_of(typed: str, *, language: str, zone: ZoneInfo, begins: time, now: datetime) -> datetime | None:
    """Read "2 weeks", "until friday" or "until I come back" as a moment; None if it is none.

    A day that is named ends the pause in its morning, when the quiet hours do (`begins`).
    """
    said = fold(typed)
    if said in UNTIL_BACK:
        return OPEN_END
    for words in (WORDS.get(language, WORDS["en"]), WORDS["en"]):
        span = _span(said, words)
        if span is not None:
            return now + span if span <= LONGEST else None
        until = re.sub(rf"^(?:{words.until})\s+", "", said)
        day = whens.read_date(until, language=language, zone=zone, now=now)
        if isinstance(day, date):
            ends = moments.utc(datetime.combine(day, begins), zone)
            return ends if now < ends <= now + LONGEST else None
    return None


def _span(said: str, words: Words) -> timedelta | None:
    """Read so many days or weeks."""
    numbers = "|".join(words.number)
    match = re.fullmatch(
        rf"(?:(\d{{1,3}})|({numbers})|(?:{words.one}))?\s*(?:({words.day})|({words.week}))", said
    )
    if match is None:
        return None
    count = int(match[1]) if match[1] else words.number[match[2]] if match[2] else 1
    return count * (timedelta(days=1) if match[3] else timedelta(days=7)) if count else None


def is_back(typed: str) -> bool:
    """Whether somebody ends a pause in words."""
    return fold(typed) in BACK
