"""What the facilitators are told of prompts that went otherwise than planned: late, missed, refused."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import away
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.core import dates, mail, moments, schedule
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter, To
from bot.core.prompts import excerpt
from bot.core.texts import Text
from storage import chats, members, networks, outbox
from storage.db import Connection
from storage.networks import Network
from storage.postings import Posting
from storage.prompts import Prompt

LATE = timedelta(minutes=10)  # what comes later than this is explained
BUTTONS = 5


@dataclass(frozen=True)
class Came:
    """What became of a prompt whose moment came; `posted`: in one chat at least."""

    prompt: Prompt
    decision: schedule.Decision
    posted: bool
    lost: list[str] = field(default_factory=list)  # titles of groups that the bot is in no longer
    unsettled: bool = False  # it may not go out

    def worth_telling(self, now: datetime) -> bool:
        """Whether it went otherwise than planned."""
        at = self.decision.post
        late = at is not None and now - at.due_at > LATE
        return bool(self.decision.missed or self.lost or late or (at is not None and not self.posted))


def report(db: Connection, network: Network, came: list[Came], *, desk: Desk, now: datetime) -> list[Letter]:
    """Tell plainly what an outage cost: one message for a network, not one for each prompt."""
    if not came:
        return []
    zone = ZoneInfo(network.timezone)
    gone = away.absence(db, now=now)
    key = f"missed:{came[0].prompt.id}:{moments.local_key(now, zone)}"
    letters: list[Letter] = []
    for member in members.facilitators(db, network.id):
        text = desk.text(member.language)
        lines: list[str] = []
        if gone:
            since, until = (dates.full(moment, zone, text.language, now=now) for moment in gone)
            lines.append(text("prompts.away", since=since, until=until))
        for one in came:
            lines += _lines(one, zone, text, now=now)
        letters += mail.say(
            To(person=member.person_id),
            "\n".join(lines),
            _post_buttons(came, zone, text),
            key=f"{key}:{member.id}",
            not_before=undisturbed(member, zone, now=now),
        )
    return letters


def _lines(came: Came, zone: ZoneInfo, text: Text, *, now: datetime) -> Iterable[str]:
    def full(moment: datetime) -> str:
        return dates.full(moment, zone, text.language, now=now)

    words, at = excerpt(came.prompt.text), came.decision.post
    for missed in came.decision.missed:
        yield text("prompts.missed", at=full(missed.due_at), text=words)
    if at is not None and came.posted and now - at.due_at > LATE:
        yield text("prompts.posted_late", due=full(at.due_at), now=full(now), text=words)
    elif at is not None and came.unsettled:
        yield text("statements.too_few_yes", at=full(at.due_at))
    elif at is not None and not came.posted:
        yield text("prompts.nowhere", at=full(at.due_at), text=words)
    for title in came.lost:
        yield text("prompts.chat_lost", title=title)


def _post_buttons(came: list[Came], zone: ZoneInfo, text: Text) -> Keyboard | None:
    """A question that was not posted at all is kept, and can be posted by one tap."""
    buttons = []
    for one in came:
        if not one.posted:
            last = (*one.decision.missed, *([one.decision.post] if one.decision.post else []))[-1]
            when = dates.short(last.due_at, zone, text.language)
            label = text.plain("prompts.button.post_this", when=when)
            buttons.append(Button(label, callback("prompts.post", one.prompt.id)))
    return keyboard_rows(buttons[:BUTTONS]) if buttons else None


def tell_of_refusal(db: Connection, posting: Posting, desk: Desk, *, now: datetime) -> None:
    chat, network = chats.get(db, posting.chat_id), networks.found(db, posting.network_id)
    zone = ZoneInfo(network.timezone)
    for member in members.facilitators(db, network.id):
        text = desk.text(member.language)
        words = text(
            "prompts.refused",
            title=chat.title if chat else network.title,
            text=excerpt(posting.text),
        )
        button = Button(text.plain("prompts.button.post_now"), callback("prompts.post", posting.prompt_id))
        key = f"refused:{posting.id}:{member.id}"
        later = undisturbed(member, zone, now=now)
        to = To(person=member.person_id)
        outbox.write(db, mail.say(to, words, keyboard_rows([button]), key=key, not_before=later), now=now)


def tell_of_topic(
    db: Connection, posting: Posting, network: Network, desk: Desk, *, now: datetime
) -> list[Letter]:
    chat = chats.get(db, posting.chat_id)
    letters: list[Letter] = []
    for member in members.facilitators(db, network.id):
        words = desk.text(member.language)("prompts.no_topic", title=chat.title if chat else network.title)
        key = f"no_topic:{posting.id}:{member.id}"
        later = undisturbed(member, ZoneInfo(network.timezone), now=now)
        letters += mail.say(To(person=member.person_id), words, key=key, not_before=later)
    return letters
