"""How a plan is told: what was understood of a time, in words and with full dates."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core import dates, moments
from bot.core.texts import Markup, Text
from bot.core.whens import AroundMeeting, At, Every, Now, UntilMeeting, When


def spoken(when: When, due: datetime | None, *, zone: ZoneInfo, text: Text, now: datetime) -> Markup:
    """Return `when` as it goes into "Planned for …"; `due` is its next time, None if that waits for a meeting."""
    if isinstance(when, Every):
        return _series(when, due, zone=zone, text=text, now=now)
    if due is not None:
        date = dates.full(due, zone, text.language, now=now)
        return _anchored(when, date, text) if isinstance(when, AroundMeeting) else Markup(date)
    match when:
        case AroundMeeting(days, at):
            clock = dates.clock_time(at, zone, text.language)
            if days == 0:
                return text("prompts.when.waits_same_day", time=clock)
            if days < 0:
                return text("prompts.when.waits_before", count=-days, time=clock)
            return text("prompts.when.waits_after", count=days, time=clock)
        case At(local):
            return Markup(dates.full(moments.utc(local, zone), zone, text.language, now=now))
        case Now():
            return text("prompts.when.now")


def _anchored(when: AroundMeeting, date: str, text: Text) -> Markup:
    if when.days == 0:
        return text("prompts.when.same_day", date=date)
    if when.days < 0:
        return text("prompts.when.before", date=date, count=-when.days)
    return text("prompts.when.after", date=date, count=when.days)


def _series(when: Every, due: datetime | None, *, zone: ZoneInfo, text: Text, now: datetime) -> Markup:
    language = text.language
    day, clock = dates.weekday_name(when.weekday, language), dates.clock_time(when.time, zone, language)
    if due is None:
        return text("prompts.when.every_waits", day=day, time=clock)
    first = dates.day(due, zone, language, now=now)
    if when.until is None or isinstance(when.until, UntilMeeting):
        return text("prompts.when.every_meeting", day=day, time=clock, first=first)
    noon = moments.utc(datetime.combine(when.until, when.time), zone)
    last = dates.day(noon, zone, language, now=now)
    return text("prompts.when.every_date", day=day, time=clock, first=first, last=last)


def city(zone: ZoneInfo) -> str:
    """Return the place after which a time zone is named."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")
