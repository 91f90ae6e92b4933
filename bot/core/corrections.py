"""Until when something can be said about a summary that is out, and what may be said. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core import cutting, moments

WEEKLY = timedelta(hours=24)  # after it went out
AT_LEAST = timedelta(hours=2)  # where a meeting came on short notice
NOON = time(12, 0)
LONGEST = 1000  # characters of what is said about it
ANSWER = 300  # of a correction as it is shown
WRONG, MISSING = "wrong", "missing"


def until(published_at: datetime, meeting: datetime | None, zone: ZoneInfo) -> datetime:
    """Return until when a summary can be corrected: noon of the day before its meeting; a weekly one for a day.

    On short notice two hours are left, but never longer than until the meeting begins.
    """
    if meeting is None:
        return published_at + WEEKLY
    day = moments.local(meeting, zone).date() - timedelta(days=1)
    noon = moments.utc(datetime.combine(day, NOON), zone)
    return min(meeting, max(noon, published_at + AT_LEAST))


def mark(words: str) -> str:
    """Return by what the words of a missing point are known again: those that would be shown of it."""
    return cutting.mark(words, cutting.quote(words))
