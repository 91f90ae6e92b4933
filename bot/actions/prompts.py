"""Prompts: posting them when they are due, and telling the facilitators what became of it.

Planning them is `bot/actions/planning.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import away
from bot.actions.answer import Answer
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.core import dates, mail, moments, schedule, whens
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.outcomes import Refused, Sent
from bot.core.prompts import KINDS, excerpt, hangs_on_meeting, minutes, topic_name
from bot.core.texts import Text
from storage import chats, links, meetings, members, networks, outbox, postings, prompts, restored
from storage.db import Connection
from storage.networks import Network
from storage.postings import Posting
from storage.prompts import Prompt

KIND = "posting"
TOPIC = "topic"  # the kind of the question for a forum topic of its own
GRACE = timedelta(hours=6)
LATE = timedelta(minutes=10)  # what comes later than this is explained to the facilitators
BUTTONS = 5


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the prompts whose moment has come."""
    return prompts.due(db, now=now)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next prompt is due."""
    return prompts.upcoming(db, now=now)


# Posting ----------------------------------------------------------------------------------------------------


def post(
    db: Connection,
    prompt: Prompt,
    *,
    local_key: str,
    due_at: datetime,
    desk: Desk,
    now: datetime,
    silent: bool = False,
    without: Collection[int] = (),
) -> list[Letter]:
    """Post a prompt in the chats of its audience, but `without`; nothing if this occurrence was posted already."""
    occurrence = prompts.occur(db, prompt.id, local_key, "posted", due_at=due_at, now=now)
    if occurrence is None:
        return []
    network = networks.found(db, prompt.network_id)
    letters: list[Letter] = []
    for chat in chats.audience(db, prompt.network_id, prompt.circle):
        if chat.id in without:
            continue
        posting = postings.create(
            db,
            occurrence_id=occurrence,
            prompt_id=prompt.id,
            network_id=network.id,
            chat_id=chat.id,
            token=links.token(),
            topic_id=chat.topic_id,
            posted_at=now,
            closes_at=schedule.closes_at(now, ZoneInfo(network.timezone)),
        )
        if posting is None:
            continue
        if network.topic_each and chat.supergroup:
            letters.append(_topic(prompt, posting, network, desk, silent=silent))
        else:
            letters += stand(prompt, posting, network, desk=desk, now=now, silent=silent)
    return letters


def _topic(prompt: Prompt, posting: Posting, network: Network, desk: Desk, *, silent: bool) -> Letter:
    name = topic_name(prompt.text, desk.text(network.language).plain(KINDS[prompt.kind].heading))
    about = {"posting": posting.id, "silent": silent}
    return mail.ask(
        TOPIC, To(chat=posting.chat_id), "createForumTopic", {"name": name}, about, f"topic:{posting.id}"
    )


def topic_made(db: Connection, answer: Answer) -> None:
    """Let the posting stand in its new topic; where there is none to be had, in the usual one."""
    posting = postings.get(db, answer.about["posting"])
    prompt = None if posting is None else prompts.get(db, posting.prompt_id)
    if posting is None or prompt is None or prompt.state == "deleted":
        return
    network = networks.found(db, posting.network_id)
    made = answer.result if isinstance(answer.result, dict) else {}
    letters: list[Letter] = []
    if isinstance(topic := made.get("message_thread_id"), int):
        postings.change(db, posting.id, topic_id=topic)
        posting = replace(posting, topic_id=topic)
    elif isinstance(answer.outcome, Refused) and "not a forum" not in answer.outcome.reason:
        letters += _tell_of_topic(db, posting, network, answer.desk, now=answer.now)
    silent = bool(answer.about.get("silent"))
    letters += stand(prompt, posting, network, desk=answer.desk, now=answer.now, silent=silent)
    outbox.write(db, letters, now=answer.now)


def stand(
    prompt: Prompt, posting: Posting, network: Network, *, desk: Desk, now: datetime, silent: bool = False
) -> list[Letter]:
    """Return the letters that make a posting stand in its chat: what travels along, the last with the question."""
    text = desk.text(network.language)
    here = To(chat=posting.chat_id)
    words = text(
        "prompts.posting",
        heading=text(KINDS[prompt.kind].heading),
        count=minutes(prompt.text),
        text=member_words(prompt.text),
        until=dates.full(posting.closes_at, ZoneInfo(network.timezone), text.language, now=now),
    )
    start = f"p_{posting.token}"
    keyboard = keyboard_rows([Button(text.plain("prompts.button.privately"), url=desk.link(start))])
    key, thread = f"posting:{posting.id}", posting.topic_id
    files = prompt.attachments or []
    letters: list[Letter] = []
    for number, file in enumerate(files[:-1], 1):
        letters += _file(posting, file["kind"], file["file_id"], number)
    if files:
        last = files[-1]
        said = mail.media(
            here, last["kind"], last["file_id"], words, keyboard, key=key, silent=silent, thread=thread
        )
    else:
        said = mail.say(here, words, keyboard, key=key, silent=silent, thread=thread)
    about = {"posting": posting.id}
    asking = [replace(letter, kind=KIND, about=about, unsure="probe") for letter in said]
    return [*letters, *asking[:-1], replace(asking[-1], mark=f"start={start}")]


def _file(posting: Posting, kind: mail.MediaKind, file_id: str, number: int) -> list[Letter]:
    here, key = To(chat=posting.chat_id), f"posting:{posting.id}:file{number}"
    sent = mail.media(here, kind, file_id, key=key, silent=True, thread=posting.topic_id)
    about = {"posting": posting.id, "file": number}
    return [replace(letter, kind=KIND, about=about, unsure="probe") for letter in sent]


def add_file(db: Connection, prompt: Prompt, file: dict[str, str]) -> list[Letter]:
    """Take a further picture of an album along; if the question stands already, send it after it."""
    files = [*(prompt.attachments or []), file]
    prompts.change(db, prompt.id, attachments=files)
    return [
        letter
        for posting in postings.of_prompt(db, prompt.id)
        for letter in _file(posting, file["kind"], file["file_id"], len(files))  # type: ignore[arg-type]
    ]


def stood(db: Connection, answer: Answer) -> None:
    """Write down which message of ours is the posting; a second copy counts as well. If refused, say so."""
    posting = postings.get(db, answer.about["posting"])
    if posting is None:
        return
    if isinstance(answer.outcome, Sent) and answer.outcome.message_id is not None:
        main = "file" not in answer.about
        postings.stands(db, posting.id, posting.chat_id, answer.outcome.message_id, main=main)
    elif isinstance(answer.outcome, Refused) and "file" not in answer.about:
        _tell_of_refusal(db, posting, answer.desk, now=answer.now)


# What is due ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Came:
    """What became of a prompt whose moment came; `posted`: in one chat at least."""

    prompt: Prompt
    decision: schedule.Decision
    posted: bool
    lost: list[str] = field(default_factory=list)  # titles of groups that the bot is in no longer

    def worth_telling(self, now: datetime) -> bool:
        """Whether it went otherwise than planned."""
        at = self.decision.post
        late = at is not None and now - at.due_at > LATE
        return bool(self.decision.missed or self.lost or late or (at is not None and not self.posted))


def post_due(db: Connection, prompt_id: int, desk: Desk, *, now: datetime) -> None:
    """Post what is due in a prompt's network: of each the latest occurrence within its grace; never a burst.

    All prompts of the network at once, so that an outage is told about in one message.
    """
    first = prompts.get(db, prompt_id)
    if first is None or first.state != "planned":
        return
    network = networks.found(db, first.network_id)
    letters: list[Letter] = []
    came: list[Came] = []
    for prompt in prompts.planned(db, network.id):
        if prompt.next_due_at is not None and prompt.next_due_at <= now:
            letters += _come(db, prompt, network, came, desk=desk, now=now)
    letters += _report(db, network, [one for one in came if one.worth_telling(now)], desk=desk, now=now)
    outbox.write(db, letters, now=now)


def _come(
    db: Connection, prompt: Prompt, network: Network, came: list[Came], *, desk: Desk, now: datetime
) -> list[Letter]:
    zone = ZoneInfo(network.timezone)
    dues = schedule.due(
        whens.from_json(prompt.when),
        zone=zone,
        meeting=meetings.starts_at(db, prompt.meeting_id),
        posted=prompts.happened(db, prompt.id),
        created=prompt.created_at,
        now=now,
    )
    decision = schedule.decide(dues, now=now, grace=restored.grace(db, GRACE, now=now))
    for missed in decision.missed:
        prompts.occur(db, prompt.id, missed.local_key, "missed", due_at=missed.due_at, now=now)
    letters: list[Letter] = []
    there = bool(chats.audience(db, network.id, prompt.circle))
    if (at := decision.post) is not None and there and network.state == "active":
        silent = moments.quiet(now, zone)
        letters = post(
            db, prompt, local_key=at.local_key, due_at=at.due_at, desk=desk, now=now, silent=silent
        )
    elif at is not None:
        prompts.occur(db, prompt.id, at.local_key, "missed", due_at=at.due_at, now=now)
    lost = [chat.title for chat in chats.lost(db, network.id, prompt.circle)] if at is not None else []
    came.append(Came(prompt, decision, bool(letters), lost))
    replan(db, prompt, now=now)
    return letters


def replan(db: Connection, prompt: Prompt, *, now: datetime) -> None:
    """Write down when a prompt is due next; without a next time it is done."""
    coming = next_time(db, prompt)
    if coming is not None:
        prompts.change(db, prompt.id, next_due_at=coming.due_at)
    elif waits(db, prompt):
        prompts.change(db, prompt.id, next_due_at=None)
    else:
        prompts.change(db, prompt.id, next_due_at=None, state="done")


def times(db: Connection, prompt: Prompt) -> Iterator[schedule.Occurrence]:
    """Yield what is still to come of a prompt; a series without an end never stops."""
    network = networks.found(db, prompt.network_id)
    return schedule.occurrences(
        whens.from_json(prompt.when),
        zone=ZoneInfo(network.timezone),
        meeting=meetings.starts_at(db, prompt.meeting_id),
        posted=prompts.happened(db, prompt.id),
        created=prompt.created_at,
    )


def next_time(db: Connection, prompt: Prompt) -> schedule.Occurrence | None:
    """Return the next occurrence of a prompt; None if there is none, or it waits for a meeting."""
    return next(times(db, prompt), None)


def meeting_for(db: Connection, network: Network, when: whens.When, *, now: datetime) -> int | None:
    """Return the meeting that `when` is counted from: the first one for which its time is still to come."""
    if not hangs_on_meeting(when):
        return None
    # The day after the meeting may be meant on the evening of the meeting itself.
    after = (
        timedelta(days=when.days + 1) if isinstance(when, whens.AroundMeeting) and when.days >= 0 else None
    )
    zone = ZoneInfo(network.timezone)
    for meeting in meetings.coming(db, network.id, now=now - (after or timedelta(0))):
        start = meeting.starts_at
        if schedule.next_due(when, zone=zone, meeting=start, posted=(), created=now) is not None:
            return meeting.id
    return None


def waits(db: Connection, prompt: Prompt) -> bool:
    """Return whether a prompt waits for a meeting to be planned."""
    when = whens.from_json(prompt.when)
    if not hangs_on_meeting(when) or meetings.starts_at(db, prompt.meeting_id) is not None:
        return False
    return isinstance(when, whens.Every) or not prompts.happened(db, prompt.id)


def adopt(db: Connection, network_id: int, *, now: datetime) -> list[Prompt]:
    """Hang what waits for a meeting on the first one that fits; return what has a time now."""
    network = networks.found(db, network_id)
    adopted: list[Prompt] = []
    for prompt in prompts.planned(db, network_id):
        when = whens.from_json(prompt.when)
        found = meeting_for(db, network, when, now=now) if waits(db, prompt) else None
        if found is not None:
            # Counted from now on: of a series nothing was due while it waited.
            prompts.change(db, prompt.id, meeting_id=found, created_at=now)
            hung = prompts.get(db, prompt.id)
            assert hung is not None
            replan(db, hung, now=now)
            adopted.append(replace(hung, next_due_at=getattr(next_time(db, hung), "due_at", None)))
    return adopted


# What the facilitators are told -----------------------------------------------------------------------------


def _report(db: Connection, network: Network, came: list[Came], *, desk: Desk, now: datetime) -> list[Letter]:
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


def _tell_of_refusal(db: Connection, posting: Posting, desk: Desk, *, now: datetime) -> None:
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


def _tell_of_topic(
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
