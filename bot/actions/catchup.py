"""`/catchup`: what happened since somebody last looked; `/open`: the questions that still wait for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.actions import digests as summaries
from bot.actions import material, me, open_questions, receipts, scenes
from bot.actions.belonging import memberships
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import catchup as core
from bot.core import dates, mail
from bot.core.catchup import Voices
from bot.core.contributions import title
from bot.core.digest import Quote
from bot.core.groups import Groups
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from bot.render import chat
from storage import asks, catchup, chats, groups, meetings, members, networks, postings
from storage.db import Connection
from storage.digests import MEETING, WEEKLY
from storage.members import Member
from storage.networks import Network
from storage.people import Person
from storage.postings import Posting

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # before the first look


@dataclass(frozen=True)
class News:
    """What is told of one network."""

    member: Member
    network: Network
    text: Text
    groups: Groups
    since: datetime | None
    asked: Sequence[Posting]
    voices: Voices
    quotes: Sequence[Quote]
    published_at: datetime | None
    now: datetime

    @property
    def any(self) -> bool:
        """Whether there is anything new."""
        return bool(self.asked or self.voices.named or self.voices.others or self.published_at)

    def full(self, at: datetime) -> str:
        """Return day and hour as its reader writes them."""
        return dates.full(at, ZoneInfo(self.network.timezone), self.text.language, now=self.now)

    def day(self, at: datetime) -> str:
        """Return the day."""
        return dates.day(at, ZoneInfo(self.network.timezone), self.text.language, now=self.now)


def begin(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/catchup`: a short message for each network."""
    theirs = memberships(db, person.id)
    if not theirs:
        return receipts.show(person.id, None, Screen(desk.text(person.language)("me.nowhere")))
    return [letter for member in theirs for letter in _tell(db, member, desk, now=now)]


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    member_id: int,
    _nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    if verb == "open":
        return receipts.show(person.id, message_id, _open(db, person, desk, now=now))
    member = me.own(db, person, member_id)
    if verb != "show" or member is None or member.id not in {one.id for one in memberships(db, person.id)}:
        return None
    return _tell(db, member, desk, now=now)  # a message of its own: pressed again, it would say: nothing new


# What happened ----------------------------------------------------------------------------------------------------


def _tell(db: Connection, member: Member, desk: Desk, *, now: datetime) -> list[Letter]:
    news = _news(db, member, desk, now=now)
    members.change(db, member.id, looked_at=now)
    html = core.fitted(lambda asked, quotes: _html(db, news, asked, quotes))
    text = news.text
    buttons = []
    if unanswered(db, member.person_id, now=now):
        buttons.append(Button(text.plain("catchup.button.open"), callback("catchup.open", member.id)))
    keyboard = keyboard_rows(buttons) if buttons else None
    # Whoever erases what they gave has it taken out of here as well (storage/erasing.py).
    about = {"quotes": [quote.id for quote in news.quotes]} if news.quotes else None
    return mail.say(To(person=member.person_id), html, keyboard, silent=True, about=about)


def _news(db: Connection, member: Member, desk: Desk, *, now: datetime) -> News:
    network = networks.found(db, member.network_id)
    since = member.looked_at or BEGINNING
    named = groups.of(db, network.id)
    spoke = catchup.voices(db, network.id, member.circle, since=since)
    quotes, published_at = _quotes(db, member, desk, since=since, now=now)
    asked = [
        posting
        for posting in postings.recent(db, network.id, since=since)
        if posting.circle == member.circle and posting.posted_at > since
    ]
    return News(
        member=member,
        network=network,
        text=desk.text(member.language),
        groups=named,
        since=member.looked_at,
        asked=asked,
        voices=core.voices(spoke, members.sizes(db, network.id), desk.k, named),
        quotes=quotes,
        published_at=published_at,
        now=now,
    )


def _quotes(
    db: Connection, member: Member, desk: Desk, *, since: datetime, now: datetime
) -> tuple[list[Quote], datetime | None]:
    """The quotes of the latest summary that went to this member's circle, as they may be shown now."""
    chains = (WEEKLY, MEETING) if member.circle == "core" else (MEETING,)
    digest = catchup.latest_digest(db, member.network_id, chains, since=since)
    scene = None if digest is None else material.scene(db, digest.id, desk, now=now)
    there = [chat for chat in chats.of_network(db, member.network_id) if chat.circle == member.circle]
    if digest is None or scene is None or not there:
        return [], None
    shown = summaries.published(db, scene, there[0].id)
    once = list({quote.id: quote for quote in reversed(shown.quotes)}.values())[::-1]
    return core.quotes(once), digest.published_at


def _html(db: Connection, news: News, most_asked: int, most_quotes: int) -> Markup:
    text = news.text
    if news.since is None:
        heading = text("catchup.so_far", network=news.network.title)
    elif news.any:
        heading = text("catchup.since", network=news.network.title, at=news.full(news.since))
    else:
        heading = text("catchup.nothing", network=news.network.title, at=news.full(news.since))
    lines = [heading, *_asked(news, most_asked), *_spoken(news), *_said(news, most_quotes), *_next(db, news)]
    if len(lines) == 1 and news.since is None:
        lines.append(text("catchup.quiet"))
    return Markup("\n".join(lines))


def _asked(news: News, most: int) -> list[Markup]:
    lines = []
    for posting in news.asked[:most]:
        question = member_words(title(posting.text, 70))
        if posting.closes_at > news.now:
            until = news.day(posting.closes_at)
            lines.append(news.text("catchup.asked_open", question=question, until=until))
        else:
            lines.append(news.text("catchup.asked", question=question))
    return lines


def _spoken(news: News) -> list[Markup]:
    text, voices = news.text, news.voices
    if not voices.named:
        return [text("catchup.voices_few")] if voices.others else []
    listed = [
        text.plain("catchup.voices_of", group=news.groups.amid(code, text), number=str(count))
        for code, count in voices.named
    ]
    if voices.others:
        listed.append(text.plain("catchup.others"))
    return [text("catchup.voices", groups=dates.joined(listed, text.language))]


def _said(news: News, most: int) -> list[Markup]:
    if news.published_at is None or not most:
        return []
    text = news.text
    lines = [
        text(
            "catchup.quote",
            words=member_words(core.cut(quote.words)),
            label=chat.label(quote, text, news.groups),
        )
        for quote in news.quotes[:most]
    ]
    if not lines:
        return [text("catchup.summary", day=news.day(news.published_at))]
    return [text("catchup.from_summary", day=news.day(news.published_at)), *lines]


def _next(db: Connection, news: News) -> list[Markup]:
    text = news.text
    meeting = next(iter(meetings.coming(db, news.network.id, now=news.now)), None)
    lines = []
    if meeting is not None:
        at = news.full(meeting.starts_at)
        lines.append(
            text("catchup.meet_at", at=at, place=meeting.place)
            if meeting.place
            else text("catchup.meet", at=at)
        )
    question = scenes.next_question(db, news.network, news.member, now=news.now)
    if question is not None and not news.asked:
        lines.append(text("catchup.next_question", at=news.full(question)))
    return lines


# Open questions ---------------------------------------------------------------------------------------------------


def open_ones(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/open`."""
    return receipts.show(person.id, None, _open(db, person, desk, now=now))


def unanswered(db: Connection, person_id: int, *, now: datetime) -> list[Posting]:
    """Return the open questions, of all networks, that somebody has given nothing to."""
    by_network = {member.network_id: member.id for member in memberships(db, person_id)}
    return [
        posting
        for posting in open_questions.opened(db, person_id, now=now)
        if not asks.answered(db, posting.id, by_network[posting.network_id])
    ]


def _open(db: Connection, person: Person, desk: Desk, *, now: datetime) -> Screen:
    text = desk.text(person.language)
    found = unanswered(db, person.id, now=now)[: open_questions.MOST]
    if not found:
        return Screen(text("catchup.none_open"))
    html = text("catchup.open", questions=open_questions.listed(db, person.id, found))
    return Screen(html, keyboard_rows(open_questions.buttons(found, "answering.turn")), asks=True)
