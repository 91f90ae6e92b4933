"""The words of a statements round belong to somebody: their author is asked first, and they fall out when they change.

Each sentence goes out only with its author's yes to these very words. New words are asked about again; what stands in
the group or in a summary already is taken out there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import contributions, digests, mine, prompts, receipts, resting, taking
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import dates, mail, voices
from bot.core import statements as core
from bot.core.contributions import storable
from bot.core.danger import KEPT_OUT
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup, Text
from storage import contributions as answers
from storage import dialogs, members, networks, outbox, postings, statements
from storage import digests as digest_rows
from storage import mine as mine_rows
from storage import prompts as prompt_rows
from storage import sentences as rows
from storage.db import Connection
from storage.dialogs import Dialog
from storage.members import Member
from storage.networks import Network
from storage.people import Person
from storage.prompts import Prompt
from storage.sentences import AGREED, ASKED, PICKED, POSTED, REFUSED, Sentence

DIALOG = "sentences"
OWN_WORDS = timedelta(days=1)  # so long what its author types are the new words

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
        _button(text, "statements.button.as_it_is", "yes", one, words),
        _button(text, "statements.button.reword", "reword", one, words),
        _button(text, "common.button.no", "no", one, words),
    ]
    return Screen(Markup(" ".join(lines)), keyboard_rows(buttons), asks=True)


def _said_openly(db: Connection, one: Sentence) -> bool:
    reply = rows.reply(db, one.contribution_id)
    return reply is not None and reply.place == "group"


def _button(text: Text, label: str, verb: str, one: Sentence, words: str) -> Button:
    return Button(text.plain(label), callback(f"sentences.{verb}", one.id, _known_by(words)))


def _known_by(words: str) -> str:
    """By what a sentence is known again, wherever in its answer it stands by now."""
    return voices.mark(words, ((0, len(words)),))


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
    text, words = desk.text(person.language), one.words(reply)
    if verb in ("reword", "keep"):
        return _words(db, prompt, one, member, verb, nonce, message_id, desk, now=now)
    if verb == "yes" and one.state in (ASKED, REFUSED) and _may_go_out(db, prompt):
        if words is None or _known_by(words) != nonce:  # a yes is to the words that were read
            return None
        rows.change(db, one.id, state=AGREED)
        _leave(db, person.id, one, now=now)
        rest = keyboard_rows([_button(text, "statements.button.rather_not", "no", one, words)])
        told = _quoting(text("statements.said_yes"), words)
        return receipts.show(person.id, message_id, Screen(told, rest))
    if verb == "no" and one.state in (ASKED, AGREED):
        rows.change(db, one.id, state=REFUSED)
        _leave(db, person.id, one, now=now)
        if words is None:  # nothing is left to say yes to
            return receipts.show(person.id, message_id, Screen(text("statements.said_no")))
        rest = keyboard_rows([_button(text, "statements.button.after_all", "yes", one, words)])
        told = _quoting(text("statements.said_no"), words)
        return receipts.show(person.id, message_id, Screen(told, rest))
    if verb == "no" and one.state == POSTED:
        gone = _fall_out(db, [one], prompt.network_id, desk, now=now)
        return [*receipts.show(person.id, message_id, Screen(text("statements.taken_out"))), *gone]
    return None


def _quoting(told: Markup, words: str) -> Markup:
    """What was said of a sentence, with its words: who thinks better of it sees to what."""
    return Markup(f"{told}\n<blockquote>{member_words(words)}</blockquote>")


def _may_go_out(db: Connection, prompt: Prompt) -> bool:
    """Whether a round is still to come; one for which too few said yes waits until it is posted by hand."""
    return prompt.state in ("planned", "done") and not postings.of_prompt(db, prompt.id)


# Other words ------------------------------------------------------------------------------------------------------


def _words(
    db: Connection,
    prompt: Prompt,
    one: Sentence,
    member: Member,
    verb: str,
    nonce: str,
    message_id: int | None,
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter] | None:
    """Ask for other words, or go back to the question; None for one that is settled, or asked about in other words."""
    person_id, words = member.person_id, one.words(rows.reply(db, one.contribution_id))
    if verb == "keep":
        _leave(db, person_id, one, now=now)
    if words is None or _known_by(words) != nonce or one.state != ASKED or not _may_go_out(db, prompt):
        return None
    if verb == "reword":
        return receipts.show(person_id, message_id, _ask_words(db, one, member, words, desk, now=now))
    network = networks.found(db, prompt.network_id)
    screen = _question(db, prompt, one, words, member, network, desk, now=now)
    return receipts.show(person_id, message_id, screen)


def _ask_words(
    db: Connection, one: Sentence, member: Member, words: str, desk: Desk, *, now: datetime
) -> Screen:
    """Ask for the sentence as it may go out; what stands in a group is changed there, where everybody sees it."""
    text, kept = desk.text(member.language), answers.get(db, one.contribution_id)
    keep = _button(text, "common.button.leave_it", "keep", one, words)
    if kept is not None and kept.place == "group":
        where = mine.link(db, kept, text)
        return Screen(_quoting(text("statements.in_group"), words), keyboard_rows([*where, keep]))
    about = {"statement": one.id, "words": _known_by(words)}
    dialogs.put(db, member.person_id, DIALOG, "words", about, now=now, lasts=OWN_WORDS)
    told = _quoting(text("statements.write", most=str(core.MOST_SIGNS)), words)
    return Screen(told, keyboard_rows([keep]), asks=True)


def _leave(db: Connection, person_id: int, one: Sentence, *, now: datetime) -> None:
    """Wait for no other words of this sentence; those of another one may still come."""
    dialog = dialogs.of(db, person_id, now=now)
    if dialog is not None and dialog.kind == DIALOG and dialog.data["statement"] == one.id:
        dialogs.close(db, person_id)


def typed(
    db: Connection, person: Person, dialog: Dialog, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Put the new words in the place of the sentence, and of nothing else; then ask about them."""
    text, words = desk.text(person.language), storable(words).strip()
    if not words:
        return []
    one = rows.get(db, int(dialog.data["statement"]))
    receipt = None if one is None else contributions.own(db, person, one.contribution_id, desk)
    prompt = None if one is None else prompt_rows.get(db, one.prompt_id)
    place = None if one is None else _place(db, one, str(dialog.data["words"]))
    if one is None or receipt is None or prompt is None or place is None:
        dialogs.close(db, person.id)
        return receipts.show(person.id, None, Screen(text("statements.words_gone")))
    if one.state not in (PICKED, ASKED, AGREED) or not _may_go_out(db, prompt):
        dialogs.close(db, person.id)
        return receipts.show(person.id, None, Screen(text("statements.round_over")))
    if not core.fits(words):
        known_by = str(dialog.data["words"])
        keep = Button(text.plain("common.button.leave_it"), callback("sentences.keep", one.id, known_by))
        return receipts.show(person.id, None, Screen(_unfit(text), keyboard_rows([keep]), asks=True))
    dialogs.close(db, person.id)
    told = taking.reword(db, receipt.kept, core.reworded(receipt.kept.text, place, words), desk, now=now)
    after = answers.get(db, receipt.kept.id)
    if after is not None and after.danger in KEPT_OUT:
        return told
    out = receipt.kept.id in mine_rows.summaries(db, [receipt.kept.id])
    news = text("mine.reworded_out") if out else text("mine.reworded")
    return [*_asked_anew(db, prompt, one, receipt.member, news, desk, now=now), *_but(told, one)]


def _unfit(text: Text) -> Markup:
    least, most = str(min(core.WORDS)), str(max(core.WORDS))
    return text("statements.unfit", least=least, most=most, signs=str(core.MOST_SIGNS))


def _place(db: Connection, one: Sentence, known_by: str) -> tuple[int, int] | None:
    """Where the sentence that was shown stands in what its author wrote; None where it does not any more."""
    reply, kept = rows.reply(db, one.contribution_id), answers.get(db, one.contribution_id)
    words = one.words(reply)
    if reply is None or kept is None or words is None or _known_by(words) != known_by:
        return None
    return core.stands(kept.text, reply.text, one.places[0])


def _asked_anew(
    db: Connection, prompt: Prompt, was: Sentence, member: Member, news: Markup, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Ask about the new words at once, whatever the hour: it answers what their author did."""
    one = rows.get(db, was.id)
    words = None if one is None else one.words(rows.reply(db, one.contribution_id))
    if one is None or words is None or one.state not in (PICKED, ASKED, AGREED):
        return receipts.show(member.person_id, None, Screen(news))
    rows.change(db, one.id, state=ASKED, asked_at=now)
    network = networks.found(db, prompt.network_id)
    asked = _question(db, prompt, one, words, member, network, desk, now=now)
    screen = Screen(Markup(f"{news}\n\n{asked.html}"), asked.keyboard, asks=True)
    return receipts.show(member.person_id, None, screen)


def _but(letters: Sequence[Letter], one: Sentence) -> list[Letter]:
    """Without the question that would come in its author's hours."""
    return [letter for letter in letters if not (letter.key or "").startswith(f"sentence:{one.id}:")]


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
