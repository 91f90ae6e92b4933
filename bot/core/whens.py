"""Reading when something shall happen, as people write it; the words of each language stand in `whenwords`.

Our own small grammar comes first, because it knows meetings and series and accepts nothing by accident.
What it doesn't know as a day is shown to `dateparser`. A new form is a method of `_Reader` that returns None
when the text is not of its kind, and its name in `_Reader.read` or `_Reader.day`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.core import moments
from bot.core.whenwords import WORDS, Words, fold


@dataclass(frozen=True)
class Now:
    """At once."""


@dataclass(frozen=True)
class At:
    """Once, when the network's clocks show `local`."""

    local: datetime


@dataclass(frozen=True)
class UntilMeeting:
    """The end of a series that stops before the next meeting, wherever that moves."""


@dataclass(frozen=True)
class Every:
    """Each week on `weekday` (Monday is 0), through the day `until`; None: still to be asked."""

    weekday: int
    time: time
    until: date | UntilMeeting | None = None


@dataclass(frozen=True)
class AroundMeeting:
    """Once, some days before (below 0) or after the day of the meeting."""

    days: int
    time: time


When = Now | At | Every | AroundMeeting

Reason = Literal["unknown", "past", "far", "no_time", "no_such_time", "no_such_date", "empty"]


@dataclass(frozen=True)
class Unreadable:
    """Why a text is no time.

    unknown: not understood · past: over already · far: more than three years away · no_time: a day, but no
    hour (`day` says which, where it is one) · no_such_time: 25:00 · no_such_date: 31 November, or a Friday
    that is none · empty: a series that ends before it begins.
    """

    reason: Reason
    day: date | None = None


FAR = timedelta(days=3 * 366)
USUAL_TIME = time(10, 0)
MAX_LENGTH = 80  # a longer text is no time, and nothing here shall take long over it


def read(text: str, *, language: str, zone: ZoneInfo, now: datetime) -> When | Unreadable:
    """Return the time that `text` names, in the words of `language` or in English."""
    reader = _Reader(zone, now)
    answer: When | Unreadable = Unreadable("unknown")
    for words in _languages(language):
        answer = reader.read(text, words)
        if answer != Unreadable("unknown"):
            break
    return answer


def read_date_time(text: str, *, language: str, zone: ZoneInfo, now: datetime) -> At | Unreadable:
    """Return the one date and time that `text` names, as in `/meeting DATE TIME`."""
    when = read(text, language=language, zone=zone, now=now)
    return when if isinstance(when, At | Unreadable) else Unreadable("unknown")


def read_date(text: str, *, language: str, zone: ZoneInfo, now: datetime) -> date | Unreadable:
    """Return the day that `text` names, as for the end of a series."""
    reader = _Reader(zone, now)
    for words in _languages(language):
        day = reader.day(fold(text), words, time.max) if len(text) <= MAX_LENGTH else None
        if isinstance(day, date):
            return Unreadable("past") if day < reader.today else day
        if day is not None:
            return Unreadable(day)
    return Unreadable("unknown")


def doubtful_hour(when: When) -> bool:
    """Tell whether `when` lies between 01:00 and 03:30: a clock may jump there, and some mean 13:00."""
    at = when.local.time() if isinstance(when, At) else None if isinstance(when, Now) else when.time
    return at is not None and time(1, 0) <= at <= time(3, 30)


def _languages(language: str) -> tuple[Words, ...]:
    own = WORDS.get(re.split("[-_]", language)[0], WORDS["en"])
    return (own,) if own is WORDS["en"] else (own, WORDS["en"])


# --- the grammar


@dataclass(frozen=True)
class _Reader:
    zone: ZoneInfo
    now: datetime

    @property
    def wall(self) -> datetime:
        return moments.local(self.now, self.zone)

    @property
    def today(self) -> date:
        return self.wall.date()

    def read(self, text: str, words: Words) -> When | Unreadable:
        folded = fold(text) if len(text) <= MAX_LENGTH else ""
        if not folded:
            return Unreadable("unknown")
        if re.fullmatch(words.now, folded):
            return Now()
        for form in (self._soon, self._series, self._around, self._once, self._foreign):
            if (answer := form(folded, words)) is not None:
                return answer
        return Unreadable("unknown")

    def _soon(self, text: str, words: Words) -> At | Unreadable | None:
        """in 2 hours"""
        found = re.fullmatch(
            rf"(?:{words.inside}) {_count(words)} (?:(?P<hour>{words.hour})|{words.minute})", text
        )
        if found is None:
            return None
        number = _number(found, words)
        shift = timedelta(hours=number) if found["hour"] else timedelta(minutes=number)
        soon = moments.local(self.now + shift, self.zone).replace(second=0, microsecond=0)
        return At(soon) if number else Unreadable("past")

    def _series(self, text: str, words: Words) -> Every | Unreadable | None:
        """every monday 10:00 until meeting"""
        found = re.fullmatch(rf"(?:{words.every}) (?P<head>.+?)(?: (?:{words.until}) (?P<end>.+))?", text)
        if found is None:
            return None
        head, end = found["head"], found["end"]
        for name, at in _times(head, words):
            if name in words.weekday:
                return self._every(words.weekday[name], at, end, words)
        if head not in words.weekday:
            return Unreadable("unknown")
        for rest, at in _times(end or "", words):  # every monday until the meeting at 10:00
            if not isinstance(self._until(rest, words), Unreadable):
                return self._every(words.weekday[head], at, rest, words)
        return Unreadable("no_time")

    def _every(self, weekday: int, at: time | None, end: str | None, words: Words) -> Every | Unreadable:
        until = self._until(end, words) if end else None
        if isinstance(until, Unreadable):
            return until
        if at is None:
            return Unreadable("no_such_time")
        if isinstance(until, date) and until < self._next(weekday, at):
            return Unreadable("empty")
        return Every(weekday, at, until)

    def _until(self, text: str, words: Words) -> date | UntilMeeting | Unreadable:
        if re.fullmatch(words.meeting, text):
            return UntilMeeting()
        day = self.day(text, words, time.max)
        if not isinstance(day, date):
            return Unreadable(day or "unknown")
        if day < self.today:
            return Unreadable("past")
        return Unreadable("far") if day > self.today + FAR else day

    def _around(self, text: str, words: Words) -> AroundMeeting | Unreadable | None:
        """3 days before meeting 10:00"""
        for rest, at in _times(text, words):
            if (days := _distance(rest, words)) is not None:
                if abs(days) > 366:
                    return Unreadable("far")
                return AroundMeeting(days, at) if at else Unreadable("no_such_time")
        return Unreadable("no_time") if _distance(text, words) is not None else None

    def _once(self, text: str, words: Words) -> At | Unreadable | None:
        """friday 10:00"""
        for rest, at in _times(text, words):
            day = self.day(rest, words, at or USUAL_TIME) if rest else self._bare(text, at, words)
            if day is not None:
                return self._at(day, at)
        day = self.day(text, words, USUAL_TIME)
        if isinstance(day, date):
            return Unreadable("past") if day < self.today else Unreadable("no_time", day)
        return Unreadable(day) if day else None

    def _at(self, day: date | Reason, at: time | None) -> At | Unreadable:
        if not isinstance(day, date):
            return Unreadable(day)
        if at is None:
            return Unreadable("no_such_time")
        wall = datetime.combine(day, at)
        if wall > self.wall + FAR:
            return Unreadable("far")
        over = day < self.today or moments.utc(wall, self.zone) <= self.now
        return Unreadable("past") if over else At(wall)

    def _bare(self, text: str, at: time | None, words: Words) -> date | None:
        """15:00: today or tomorrow; but 15 alone could be anything."""
        if text.isdigit():
            return None
        return self.today + timedelta(days=1) if at and at <= self.wall.time() else self.today

    def _foreign(self, text: str, words: Words) -> At | Unreadable | None:
        """What only dateparser knows as a day."""
        if re.search(rf"\b(?:{words.meeting}|{words.every})\b", text):
            return None
        for rest, at in _times(text, words):
            if (day := self._parsed(rest, words)) is not None:
                return self._at(day, at)
        return None

    def _parsed(self, text: str, words: Words) -> date | None:
        if not re.search(r"[^\W\d_]{3}", text):  # "1 in 5" would be the first of May
            return None
        from dateparser.date import DateDataParser  # slow to load, and seldom needed

        settings = {
            "RELATIVE_BASE": self.wall,
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "REQUIRE_PARTS": ["day"],
            "RETURN_TIME_AS_PERIOD": True,
            "PARSERS": ["relative-time", "absolute-time"],
        }
        found = DateDataParser(languages=[words.locale[:2]], settings=settings).get_date_data(text)
        # With a time of its own ("a second", "tonight") it would contradict the time we read, or lose it.
        if found.date_obj is None or found.period not in ("day", "week", "month"):
            return None
        day: date = found.date_obj.date()
        return day

    # --- days

    def day(self, text: str, words: Words, at: time) -> date | Reason | None:
        """Return the day that `text` names; `at` decides whether today's Friday is still to come."""
        bare = re.sub(rf"^(?:{words.this})", "", text)
        for offset, name in enumerate((words.today, words.tomorrow, words.overmorrow)):
            if re.fullmatch(name, text):
                return self.today + timedelta(days=offset)
        if bare in words.weekday:
            return self._next(words.weekday[bare], at)
        for form in (self._next_week, self._after, self._numbers, self._named):
            if (day := form(bare if form == self._named else text, words, at)) is not None:
                return day
        return None

    def _next(self, weekday: int, at: time) -> date:
        ahead = (weekday - self.today.weekday()) % 7
        if ahead == 0 and at <= self.wall.time():
            ahead = 7
        return self.today + timedelta(days=ahead)

    def _next_week(self, text: str, words: Words, at: time) -> date | None:
        """next friday, friday next week: of the next calendar week, as Dutch and Swedish mean it"""
        name = _any(words.weekday, "day")
        found = (
            re.fullmatch(rf"(?:{words.next_week}) (?:{words.this}){name}", text)
            or re.fullmatch(rf"(?:{words.this}){name} (?:{words.next_week})", text)
            or re.fullmatch(rf"(?:{words.next}) {name}", text)
        )
        if found is None:
            return None
        return self.today + timedelta(days=7 - self.today.weekday() + words.weekday[found["day"]])

    def _after(self, text: str, words: Words, at: time) -> date | Reason | None:
        """in 3 days"""
        found = re.fullmatch(rf"(?:{words.inside}) {_count(words)} {_unit(words)}", text)
        if found is None:
            return None
        days = _number(found, words) * (7 if found["week"] else 1)
        return "far" if days > FAR.days else self.today + timedelta(days=days)

    def _numbers(self, text: str, words: Words, at: time) -> date | Reason | None:
        """2026-12-01, 1-12-2026, 1/12, with or without the name of its day; Europeans name the day first"""
        named = rf"(?:(?:{words.this}){_any(words.weekday, 'name')} )?"
        found = re.fullmatch(
            rf"{named}(?P<y>[0-9]{{4}})([-/.])(?P<m>[0-9]{{1,2}})\3(?P<d>[0-9]{{1,2}})", text
        ) or re.fullmatch(
            rf"{named}(?P<d>[0-9]{{1,2}})([-/.])(?P<m>[0-9]{{1,2}})(?:\3(?P<y>[0-9]{{4}}))?", text
        )
        if found is None or (found[3] == "." and not found["y"]):  # 10.30 is a time
            return None
        return self._date(found["y"], int(found["m"]), int(found["d"]), words.weekday.get(found["name"]), at)

    def _named(self, text: str, words: Words, at: time) -> date | Reason | None:
        """friday 27 november 2026, november 27"""
        named = rf"(?:{_any(words.weekday, 'name')} )?(?:{words.this})"
        day, month = rf"(?P<d>[0-9]{{1,2}}){words.ordinal}", rf"{_any(words.month, 'm')}\.?"
        found = re.fullmatch(
            rf"{named}{day} ?{words.of}{month}(?: (?P<y>[0-9]{{4}}))?", text
        ) or re.fullmatch(rf"{named}{month} {day}(?: (?P<y>[0-9]{{4}}))?", text)
        if found is None:
            return None
        name = words.weekday.get(found["name"])
        return self._date(found["y"], words.month[found["m"]], int(found["d"]), name, at)

    def _date(self, year: str | None, month: int, day: int, weekday: int | None, at: time) -> date | Reason:
        """Return the date; without a year the next one, or the one with the named day of the week."""
        years = [int(year)] if year else range(self.today.year, self.today.year + 9)  # 29 February
        dates = [d for y in years if (d := _valid(y, month, day)) and weekday in (None, d.weekday())]
        if not year and weekday is None:
            dates = [d for d in dates if datetime.combine(d, at) > self.wall]
        elif not year:
            dates = [d for d in dates if d.year <= self.today.year + 1]
        return dates[0] if dates else "no_such_date"


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _times(text: str, words: Words) -> Iterator[tuple[str, time | None]]:
    """Split a time off: all there is, at the end, or in front; None stands for one that no clock shows."""
    half, shift = words.half
    hour = rf"(?P<h>[0-9]{{1,2}}|{'|'.join(words.number)})"
    clock = (
        rf"{words.at}(?:(?P<noon>{words.noon})"
        rf"|(?P<half>{half}) {hour}"
        rf"|(?P<h2>[0-9]{{1,2}})(?:[:.hu](?P<m>[0-9]{{2}}))?{words.clock})"
        rf"(?: ?(?:(?P<am>{words.am})|(?P<pm>{words.pm})))?"
    )
    patterns = (
        rf"(?P<rest>){clock}",
        rf"(?P<rest>.*?[^ ])(?: |(?<=[0-9])t){clock}",
        rf"{clock} (?P<rest>.+)",
    )
    number, _, behind = text.partition(" ")
    for pattern in patterns:
        found = re.fullmatch(pattern, text)
        # In front a mere number is no hour: it may be the 3 of "3 days before meeting".
        if found is not None and not (number.isdigit() and found["rest"] == behind != ""):
            yield found["rest"], _clock(found, words, shift)


def _clock(found: re.Match[str], words: Words, shift: int) -> time | None:
    if found["noon"]:
        return time(12, 0)
    named = found["h"] or found["h2"]
    hour, minute = words.number.get(named) or int(named), int(found["m"] or 0)
    if (found["am"] or found["pm"]) and not 1 <= hour <= 12 + 12 * (not found["am"]):
        return None
    if found["am"]:
        hour %= 12
    elif found["pm"] and hour < 12:
        hour += 12
    if found["half"]:
        hour, minute = divmod(hour * 60 + shift, 60) if 1 <= hour <= 23 else (24, 0)
    return time(hour, minute) if hour <= 23 and minute <= 59 else None


def _distance(text: str, words: Words) -> int | None:
    """Return the days from the meeting: -3 for "3 days before meeting"."""
    if re.fullmatch(rf"(?:{words.same_day}) {words.meeting}", text):
        return 0
    found = re.fullmatch(
        rf"(?:{_count(words)} )?{_unit(words)} (?:(?P<before>{words.before})|{words.after}) {words.meeting}",
        text,
    )
    if found is None:
        return None
    days = _number(found, words) * (7 if found["week"] else 1)
    return -days if found["before"] else days


def _unit(words: Words) -> str:
    return rf"(?:(?P<week>{words.week})|(?:{words.day}))"


def _count(words: Words) -> str:
    return rf"(?P<n>[0-9]{{1,4}}|{words.one}|{'|'.join(words.number)})"


def _number(found: re.Match[str], words: Words) -> int:
    name = found["n"] or "1"
    return int(name) if name.isdigit() else words.number.get(name, 1)


def _any(names: Mapping[str, int], group: str) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return rf"(?P<{group}>{'|'.join(map(re.escape, longest_first))})"


# --- as stored: these names never change


def to_json(when: When) -> dict[str, Any]:
    """Return what is stored of `when`."""
    match when:
        case Now():
            return {"kind": "now"}
        case At(local):
            return {"kind": "at", "local": moments.key(local)}
        case Every(weekday, at, until):
            end = "meeting" if isinstance(until, UntilMeeting) else until and until.isoformat()
            return {"kind": "every", "weekday": weekday, "time": _hhmm(at), "until": end}
        case AroundMeeting(days, at):
            return {"kind": "around_meeting", "days": days, "time": _hhmm(at)}


def from_json(stored: Mapping[str, Any]) -> When:
    """Return the time that `to_json` stored."""
    match stored:
        case {"kind": "now"}:
            return Now()
        case {"kind": "at", "local": local}:
            return At(datetime.fromisoformat(local))
        case {"kind": "every", "weekday": weekday, "time": at, "until": until}:
            end = UntilMeeting() if until == "meeting" else until and date.fromisoformat(until)
            return Every(weekday, time.fromisoformat(at), end)
        case {"kind": "around_meeting", "days": days, "time": at}:
            return AroundMeeting(days, time.fromisoformat(at))
    raise ValueError(f"not a stored time: {stored!r}")


def _hhmm(at: time) -> str:
    return at.isoformat(timespec="minutes")


# --- a command with fields

# How many fields a command has; None: as many as there are. A new kind of prompt is a line here.
FIELDS: Mapping[str, int | None] = {
    "prompt": 2,
    "example": 2,
    "scale": 2,
    "text": 2,
    "choice": None,
    "meeting": 3,
}


def split_command(text: str, fields: Mapping[str, int | None] = FIELDS) -> list[list[str]]:
    """Return the commands in a message, each as name and fields: `["prompt", "friday 10:00", "Why?"]`.

    `|` or a new line ends a field. Once a command has all its fields, further lines and `|` belong to the
    last one, so that a question may have several lines. A line that starts with a command of `fields` starts
    a new command; the message's first line may start with any. Empty fields at the end are left out: a bare
    `/prompt` is `["prompt"]`. Text in front of the first command is left to the caller.
    """
    names = "|".join(map(re.escape, fields))
    start = rf"\A\s*/(\w+)(?:@\w+)?(?=\s|\Z)|^[ \t]*/({names})(?:@\w+)?(?=\s|\Z)"
    starts = list(re.finditer(start, text, re.MULTILINE | re.IGNORECASE))
    ends = [*(following.start() for following in starts[1:]), len(text)]
    return [
        _fields((found[1] or found[2]).lower(), text[found.end() : end], fields)
        for found, end in zip(starts, ends, strict=False)  # no command, no end
    ]


def _fields(name: str, body: str, fields: Mapping[str, int | None]) -> list[str]:
    count = fields.get(name)
    parts = (
        [body]
        if count == 1
        else re.split(r"\s*[|\n]\s*", body.strip(), maxsplit=(count or 0) - 1 if count else 0)
    )
    while parts and not parts[-1].strip():
        parts.pop()
    return [name, *(part.strip() for part in parts)]
