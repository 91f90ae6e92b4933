"""Prompts: posting them when they are due. Planning them is `bot/actions/planning.py`.

What the facilitators are told when it went otherwise than planned stands in `bot/actions/explained.py`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import explained
from bot.actions.answer import Answer
from bot.actions.explained import Came
from bot.actions.unit import Desk
from bot.core import dates, mail, moments, schedule, whens
from bot.core.letters import Button, Keyboard, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.outcomes import Refused, Sent
from bot.core.prompts import KINDS, hangs_on_meeting, minutes, topic_name
from bot.core.texts import Markup, Text
from storage import chats, digests, links, meetings, networks, outbox, postings, prompts, restored
from storage.db import Connection
from storage.networks import Network
from storage.postings import Posting
from storage.prompts import Prompt

KIND = "posting"
TOPIC = "topic"  # the kind of the question for a forum topic of its own
GRACE = timedelta(hours=6)


@dataclass(frozen=True)
class Told:
    """What a press below a question in a group is answered with, to nobody but who pressed; `url` leads to joining."""

    words: str = ""
    url: str = ""


@dataclass(frozen=True)
class Layout:
    """How a posting looks in its chat: the whole message, and all of its buttons."""

    words: Markup
    keyboard: Keyboard


# How a kind looks that is more than a question to be answered in words; `privately` must be among its buttons, as the
# message is recognised by it: (db, prompt, posting, network, desk, now=now) -> Layout.
LAYOUTS: dict[str, Callable[..., Layout]] = {}
# What has to be settled before a prompt of a kind may go out, and whether it is.
SETTLES: dict[str, Callable[[Connection, Prompt], bool]] = {}


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the prompts whose moment has come."""
    return prompts.due(db, now=now)


def upcoming(db: Connection, *, now: datetime) -> datetime | None:
    """Return when the next prompt is due."""
    return prompts.upcoming(db, now=now)


# Posting ----------------------------------------------------------------------------------------------------


def settled(db: Connection, prompt: Prompt) -> bool:
    """Whether a prompt may go out."""
    return prompt.kind not in SETTLES or SETTLES[prompt.kind](db, prompt)


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
    if not settled(db, prompt):
        return []
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
            closes_at=_closes_at(db, prompt, network, now=now),
        )
        if posting is None:
            continue
        if network.topic_each and chat.supergroup:
            letters.append(_topic(prompt, posting, network, desk, silent=silent))
        else:
            letters += stand(db, prompt, posting, network, desk=desk, now=now, silent=silent)
    return letters


def _closes_at(db: Connection, prompt: Prompt, network: Network, *, now: datetime) -> datetime:
    usual = schedule.closes_at(now, ZoneInfo(network.timezone))
    if not KINDS[prompt.kind].counted:
        return usual
    coming = digests.of_network(db, network.id, digests.UNPUBLISHED)
    before = [one.publish_at for one in coming if one.chain == digests.MEETING and one.publish_at > now]
    return schedule.in_time(usual, now, min(before, default=None))


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
        letters += explained.tell_of_topic(db, posting, network, answer.desk, now=answer.now)
    silent = bool(answer.about.get("silent"))
    letters += stand(db, prompt, posting, network, desk=answer.desk, now=answer.now, silent=silent)
    outbox.write(db, letters, now=answer.now)


def layout(
    db: Connection, prompt: Prompt, posting: Posting, network: Network, desk: Desk, *, now: datetime
) -> Layout:
    """Return how a posting looks in its chat."""
    if prompt.kind in LAYOUTS:
        return LAYOUTS[prompt.kind](db, prompt, posting, network, desk, now=now)
    text = desk.text(network.language)
    words = text(
        "prompts.posting",
        heading=text(KINDS[prompt.kind].heading),
        count=minutes(prompt.text),
        text=member_words(prompt.text),
        until=dates.full(posting.closes_at, ZoneInfo(network.timezone), text.language, now=now),
    )
    return Layout(words, keyboard_rows([privately(posting, text, desk)]))


def privately(posting: Posting, text: Text, desk: Desk) -> Button:
    """Return the button that leads to answering in private; the posting is recognised by it."""
    return Button(text.plain("prompts.button.privately"), url=desk.link(f"p_{posting.token}"))


def stand(
    db: Connection,
    prompt: Prompt,
    posting: Posting,
    network: Network,
    *,
    desk: Desk,
    now: datetime,
    silent: bool = False,
) -> list[Letter]:
    """Return the letters that make a posting stand in its chat: what travels along, the last with the question."""
    here = To(chat=posting.chat_id)
    shown = layout(db, prompt, posting, network, desk, now=now)
    words, keyboard = shown.words, shown.keyboard
    start = f"p_{posting.token}"
    key, thread = f"posting:{posting.id}", posting.topic_id
    files = prompt.attachments or []
    letters: list[Letter] = []
    apart = prompt.kind in LAYOUTS  # a message of its own: its words may have to be changed
    for number, file in enumerate(files if apart else files[:-1], 1):
        letters += _file(posting, file["kind"], file["file_id"], number)
    if files and not apart:
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
        _as_it_is_now(db, posting, answer, answer.outcome.message_id)
    elif isinstance(answer.outcome, Refused) and "file" not in answer.about:
        explained.tell_of_refusal(db, posting, answer.desk, now=answer.now)


def _as_it_is_now(db: Connection, posting: Posting, answer: Answer, message_id: int) -> None:
    """Edit what changed on its way: words that were taken back meanwhile must not stand there."""
    prompt = prompts.get(db, posting.prompt_id)
    if prompt is None or prompt.kind not in SETTLES or "file" in answer.about:
        return
    network = networks.found(db, posting.network_id)
    shown = layout(db, prompt, posting, network, answer.desk, now=posting.posted_at)
    buttons = shown.keyboard.markup()  # words that changed before it was sent had the old buttons below them
    if answer.row.params.get("text") != shown.words or answer.row.params.get("reply_markup") != buttons:
        key = f"round:{posting.id}:{message_id}"
        letter = mail.edit(To(chat=posting.chat_id), message_id, shown.words, shown.keyboard, key=key)
        outbox.write(db, [letter], now=answer.now)


# What is due ------------------------------------------------------------------------------------------------


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
    letters += explained.report(
        db, network, [one for one in came if one.worth_telling(now)], desk=desk, now=now
    )
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
    unsettled = decision.post is not None and there and not settled(db, prompt)
    if (at := decision.post) is not None and there and not unsettled and network.state == "active":
        silent = moments.quiet(now, zone)
        letters = post(
            db, prompt, local_key=at.local_key, due_at=at.due_at, desk=desk, now=now, silent=silent
        )
    elif at is not None:
        prompts.occur(db, prompt.id, at.local_key, "missed", due_at=at.due_at, now=now)
    lost = [chat.title for chat in chats.lost(db, network.id, prompt.circle)] if at is not None else []
    came.append(Came(prompt, decision, bool(letters), lost, unsettled))
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
