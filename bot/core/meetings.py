"""Meetings: what an answer is called, when people are reminded, and the calendar file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core import moments, schedule
from bot.core.mail import File

ANSWERS = ("yes", "no", "maybe")  # stored; the buttons in this order
REMIND_HOURS = 24
SOON = timedelta(minutes=2)  # between planning and telling the group: one slip of a thumb must not announce
MAX_TITLE = 200
MAX_PLACE = 300
STAMP = "%Y%m%d%H%M"


@dataclass(frozen=True)
class Event:
    """A meeting as a calendar knows it; `sequence` grows with every change."""

    id: int
    title: str
    place: str
    starts_at: datetime
    sequence: int
    cancelled: bool
    network: str
    bot: str  # the username: an id stays unique where several bots fill one calendar


def stamp(moment: datetime, zone: ZoneInfo) -> str:
    """Return a meeting's time as a button carries it: an answer to another time is none to this one."""
    return moments.local(moment, zone).strftime(STAMP)


def from_stamp(text: str) -> datetime | None:
    """Return the local time that a button carries."""
    if len(text) != 12 or not (text.isascii() and text.isdigit()):
        return None
    try:
        wall = datetime.strptime(text, STAMP)  # noqa: DTZ007 - a local time, on purpose
    except ValueError:
        return None
    return wall if 2000 <= wall.year <= 2200 else None  # at the ends of the calendar no zone can be counted


def remind_at(starts_at: datetime, zone: ZoneInfo) -> datetime:
    """Return when people are reminded: the day before, at the meeting's own hour."""
    return schedule.hours_before(starts_at, REMIND_HOURS, zone)


def is_link(place: str) -> bool:
    """Return whether a meeting is online, behind a link."""
    return place.startswith(("https://", "http://")) and place.split() == [place]


def calendar(event: Event, *, now: datetime) -> File:
    """Return the calendar file: the same UID for ever, so that a changed meeting replaces itself."""
    from icalendar import Calendar, vCalAddress, vText  # slow to load, and seldom needed
    from icalendar import Event as Entry

    entry = Entry()
    entry.add("uid", f"meeting-{event.id}@{event.bot}.t.me")
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", now)
    entry.add("dtstart", event.starts_at)  # UTC: every calendar shows it on its own clock
    entry.add("summary", f"{event.title} ({event.network})" if event.title != event.network else event.title)
    entry.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    if event.place:
        entry.add("location", event.place)
    if is_link(event.place):
        entry.add("url", event.place)
    organizer = vCalAddress(
        f"https://t.me/{event.bot}"
    )  # a published event must have one, and we have no mail
    organizer.params["CN"] = vText(event.network)
    entry.add("organizer", organizer, encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//bln-bot//bln-bot//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    name = f"{event.starts_at:%Y-%m-%d}.ics"
    return File(name, "text/calendar", calendar.to_ical())
