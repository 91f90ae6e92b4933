"""The words of a statements round belong to somebody: their author is asked first, and they fall out when they change.

Each sentence goes out only with its author's yes to these very words. New words are asked about again; what stands in
the group or in a summary already is taken out there.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import contributions, digests, prompts, receipts, resting
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import dates, mail, voices
from bot.core import statements as core
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import digests as digest_rows
from storage import members, networks, outbox, postings, statements
from storage import prompts as prompt_rows
from storage import sentences as rows
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person
from storage.prompts import Prompt
from storage.sentences import AGREED, ASKED, PICKED, POSTED, REFUSED, Sentence

# Asking -----------------------------------------------------------------------------------------------------------


def ask(db: Connection, prompt: Prompt, desk: Desk, *, now: datetime) -> list[Letter]:
    """Ask the authors of what was picked, each in their own hours; who can't be asked now is asked later, or never."""
    letters: list[Letter] = []
    for one in rows.of_prompt(db, prompt.id, (PICKED,)):
        letters += _ask(db, prompt, one, desk, now=now)
    return letters


def ask_again(db: Connection, prompt: Prompt, desk: Desk, *, now: datetime) -> list[Letter]:
    """Others are to read it than were named: every yes was to something else. A no stays one."""
    for one in rows.of_prompt(db, prompt.id, (ASKED, AGREED)):
        rows.change(db, one.id, state=PICKED)
    return ask(db, prompt, desk, now=now)


def ask_later(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Ask who could not be asked when a round was planned; return how many were."""
    letters: list[Letter] = []
    for prompt_id in rows.unasked(db):
        prompt = prompt_rows.get(db, prompt_id)
        letters += [] if prompt is None else ask(db, prompt, desk, now=now)
    outbox.write(db, letters, now=now)
    return len(letters)


def _ask(db: Connection, prompt: Prompt, one: Sentence, desk: Desk, *, now: datetime) -> list[Letter]:
    reply = rows.reply(db, one.contribution_id)
    words = one.words(reply)
    member = None if reply is None else members.get(db, reply.member)
    if words is None or member is None:
        rows.drop(db, [one.id])
        return []
    network = networks.found(db, prompt.network_id)
    hour = resting.asking(member, ZoneInfo(network.timezone), now=now)
    late = hour is not None and prompt.next_due_at is not None and hour >= prompt.next_due_at
    if hour is None or late or not member.reachable or prompt.state != "planned":
        return []
    rows.change(db, one.id, state=ASKED, asked_at=now)
    screen = _question(db, prompt, one, words, member, network, desk, now=now)
    key = f"sentence:{one.id}:{int(now.timestamp() * 1000)}"
    return mail.say(To(person=member.person_id), screen.html, screen.keyboard, key=key, not_before=hour)


def _question(
    db: Connection,
    prompt: Prompt,
    one: Sentence,
    words: str,
    member: Member,
    network: Network,
    desk: Desk,
    *,
    now: datetime,
) -> Screen:
    text = desk.text(member.language)
    leaders = [leader.name for leader in members.facilitators(db, network.id)]
    lines = [
        text(
            "statements.may_it",
            count=len(leaders),
            facilitators=dates.joined(leaders, text.language),
            circle=text(f"circle.{prompt.circle}"),
            words=member_words(words),
        )
    ]
    if prompt.next_due_at is not None:
        at = dates.full(prompt.next_due_at, ZoneInfo(network.timezone), text.language, now=now)
        lines.append(text("statements.goes_out", at=at))
    if _said_openly(db, one):
        lines.append(text("statements.said_openly"))
    buttons = [
        _button(text, "statements.button.as_it_is", "yes", one),
        Button(text.plain("statements.button.reword"), callback("mine.reword", one.contribution_id)),
        _button(text, "common.button.no", "no", one),
    ]
    return Screen(Markup(" ".join(lines)), keyboard_rows(buttons), asks=True)


def _said_openly(db: Connection, one: Sentence) -> bool:
    reply = rows.reply(db, one.contribution_id)
    return reply is not None and reply.place == "group"


def _button(text: Text, label: str, verb: str, one: Sentence) -> Button:
    return Button(text.plain(label), callback(f"sentences.{verb}", one.id, one.mark))


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    statement_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Its author says whether a sentence may go out; None for who is not its author, and for other words than asked."""
    one = rows.get(db, statement_id)
    reply = None if one is None else rows.reply(db, one.contribution_id)
    member = None if reply is None else members.get(db, reply.member)
    prompt = None if one is None else prompt_rows.get(db, one.prompt_id)
    if one is None or prompt is None or member is None or member.person_id != person.id:
        return None
    text = desk.text(person.language)
    if verb == "yes" and one.state in (ASKED, REFUSED) and _may_go_out(db, prompt):
        if one.mark != nonce or one.words(reply) is None:  # a yes is to the words that were read
            return None
        rows.change(db, one.id, state=AGREED)
        rest = keyboard_rows([_button(text, "statements.button.rather_not", "no", one)])
        return receipts.show(person.id, message_id, Screen(text("statements.said_yes"), rest))
    if verb == "no" and one.state in (ASKED, AGREED):
        rows.change(db, one.id, state=REFUSED)
        rest = keyboard_rows([_button(text, "statements.button.after_all", "yes", one)])
        return receipts.show(person.id, message_id, Screen(text("statements.said_no"), rest))
    if verb == "no" and one.state == POSTED:
        gone = _fall_out(db, [one], prompt.network_id, desk, now=now)
        return [*receipts.show(person.id, message_id, Screen(text("statements.taken_out"))), *gone]
    return None


def _may_go_out(db: Connection, prompt: Prompt) -> bool:
    """Whether a round is still to come; one for which too few said yes waits until it is posted by hand."""
    return prompt.state in ("planned", "done") and not postings.of_prompt(db, prompt.id)


# Going out --------------------------------------------------------------------------------------------------------


def settle(db: Connection, prompt: Prompt) -> bool:
    """Let what its authors agreed to go out; False, and nothing goes, where that is too little."""
    there = rows.words(db, prompt.id, (AGREED, POSTED), unflagged=True)
    if len(there) < core.OUT_LEAST:
        return False
    for one in there:
        rows.change(db, one.sentence.id, state=POSTED)
    return True


def ready(db: Connection, prompt_id: int) -> int:
    """Return how many sentences of a round could go out now."""
    return len(rows.words(db, prompt_id, (AGREED, POSTED), unflagged=True))


# When words change ------------------------------------------------------------------------------------------------


def contributions_changed(db: Connection, ids: Sequence[int], desk: Desk, *, now: datetime) -> list[Letter]:
    """Follow answers that were taken back, changed or withdrawn, with the sentences of rounds that stand in them."""
    letters: list[Letter] = []
    gone: dict[int, list[Sentence]] = {}
    for one in rows.of_contributions(db, ids):
        prompt = prompt_rows.get(db, one.prompt_id)
        reply = rows.reply(db, one.contribution_id)
        if prompt is None or one.words(reply) is not None:
            continue
        text = "" if reply is None or not voices.quotable(reply) else reply.text
        if (spans := core.moved(text, one.places, one.mark)) is not None:
            rows.move(db, one, text, spans)
        elif one.state in (ASKED, AGREED) and (spans := core.instead(text, one.places)) is not None:
            letters += _ask_again(db, prompt, one, text, spans, desk, now=now)
        else:
            gone.setdefault(prompt.network_id, []).append(one)
    for network_id, sentences in gone.items():
        letters += _fall_out(db, sentences, network_id, desk, now=now)
    return letters


def _ask_again(
    db: Connection,
    prompt: Prompt,
    one: Sentence,
    text: str,
    spans: tuple[tuple[int, int], ...],
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    """The yes was to other words: ask about what stands there now."""
    moved = rows.move(db, one, text, spans, state=PICKED)
    return [] if moved is None else _ask(db, prompt, moved, desk, now=now)


def _fall_out(
    db: Connection, sentences: Sequence[Sentence], network_id: int, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Take sentences out of their rounds, of what stands in groups, and of digests."""
    out = [one for one in sentences if one.state == POSTED]
    told = statements.told_in(db, network_id, {one.id for one in out}) if out else []
    rows.drop(db, [one.id for one in sentences])
    if not out:
        return []
    letters: list[Letter] = []
    for prompt_id in sorted({one.prompt_id for one in out}):
        letters += _mend(db, prompt_id, desk, now=now)
    for digest in digest_rows.of_network(db, network_id, digest_rows.UNPUBLISHED):
        if digest.state in ("draft", "held"):
            digest_rows.change(db, digest.id, content={**digest.kept, "stale": True}, next_at=now)
        else:
            digest_rows.change(db, digest.id)
    for digest_id in told:
        letters += digests.mend(db, digest_id, desk, now=now)
    return letters


def _mend(db: Connection, prompt_id: int, desk: Desk, *, now: datetime) -> list[Letter]:
    """Edit a round where it stands."""
    prompt = prompt_rows.get(db, prompt_id)
    if prompt is None:
        return []
    network = networks.found(db, prompt.network_id)
    letters: list[Letter] = []
    for posting in postings.of_prompt(db, prompt.id):
        shown = prompts.layout(db, prompt, posting, network, desk, now=posting.posted_at)
        row = outbox.by_key(db, f"posting:{posting.id}")
        if posting.message_id is not None:
            key = f"round:{posting.id}:{int(now.timestamp() * 1000)}"
            to = To(chat=posting.chat_id)
            letters.append(mail.edit(to, posting.message_id, shown.words, shown.keyboard, key=key))
        elif row is not None:  # on its way
            outbox.reword(db, row.id, shown.words)
    return letters


contributions.CHANGED_ALL.append(contributions_changed)
prompts.SETTLES[rows.KIND] = settle
