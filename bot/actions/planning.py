"""Planning prompts: the commands, and the dialog about what is missing. The buttons are `bot/actions/plan.py`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.actions import candidates, previews, prompts, questions
from bot.actions import meetings as gatherings
from bot.actions.candidates import KIND, Candidate
from bot.actions.unit import Desk
from bot.actions.which import Leader, leader
from bot.core import forms, mail, moments, whens
from bot.core import prompts as rules
from bot.core.letters import keyboard_rows, utf16_length
from bot.core.mail import Letter
from bot.core.whens import Every, Now, Unreadable, When
from storage import dialogs
from storage import prompts as rows
from storage.db import Connection
from storage.dialogs import Dialog
from storage.people import Person
from storage.prompts import Prompt

# What follows when a prompt of a kind was planned: (db, prompt, desk, now=now).
PLANNED: dict[str, Callable[..., list[Letter]]] = {}
ALBUM = timedelta(minutes=2)  # the further pictures of an album come at once
LONG_WHEN = 40  # a longer first line is no time but the question itself


# Commands ---------------------------------------------------------------------------------------------------


def take(
    leader: Leader, text: str, files: Sequence[Mapping[str, Any]], *, circle: str, album: str | None = None
) -> list[Letter]:
    """Plan everything that stands in one message; what is ready is told in one preview, the rest is asked for."""
    letters: list[Letter] = []
    ready: list[Prompt] = []
    asked: list[Candidate] = []
    for name, *fields in whens.split_command(text):
        if name == "meeting":
            letters += gatherings.take(leader, fields)
        elif name in rules.BY_COMMAND:
            candidate = _draft(leader, rules.BY_COMMAND[name].name, fields, files, circle)
            if candidates.lacking(leader, candidate) is None:
                letters += _plan(leader, candidate)
                ready.append(candidates.again(leader, candidate.prompt))
            else:
                asked.append(candidate)
        else:
            letters += mail.say(leader.to, leader.text("error.unknown_command", command=f"/{name}"))
        files = ()  # they travel with the first
    if ready:
        letters += previews.tell(leader, ready)
    if asked:
        first = replace(asked[0], more=tuple(one.prompt.id for one in asked[1:]), album=album)
        letters += ask(leader, first)
    elif ready and album:
        data = {"prompt": ready[0].id, "album": album}
        dialogs.put(leader.db, leader.person.id, KIND, "album", data, now=leader.now, lasts=ALBUM)
    return letters


def begin(leader: Leader, message_id: int | None = None) -> list[Letter]:
    """Begin the guided way: the words first."""
    return ask(leader, _draft(leader, "open", [], (), "core"), message_id)


def _draft(
    leader: Leader, kind: str, fields: Sequence[str], files: Sequence[Mapping[str, Any]], circle: str
) -> Candidate:
    when, typed, words = _fields(leader, fields)
    form = None
    if kind == forms.CHOICE:
        words, read = forms.typed(words)
        form = read.to_json()
    prompt = rows.create(
        leader.db,
        network_id=leader.network.id,
        kind=kind,
        text=words,
        circle=circle,
        when=candidates.kept(when, typed),
        attachments=[dict(file) for file in files] or None,
        form=form,
        state="draft",
        created_by=leader.person.id,
        created_at=leader.now,
    )
    return Candidate(prompt, when, typed)


def _fields(leader: Leader, fields: Sequence[str]) -> tuple[When | Unreadable | None, str, str]:
    """Return when, as it was typed, and the words; without a time all of it is words."""
    if not fields:
        return None, "", ""
    when = candidates.read(leader, fields[0])
    unknown = when == Unreadable("unknown")
    if unknown and (len(fields) == 1 or len(fields[0]) > LONG_WHEN or fields[0].endswith("?")):
        return None, "", "\n".join(fields)
    return when, fields[0], "\n".join(fields[1:])


# Going on ---------------------------------------------------------------------------------------------------


def ask(leader: Leader, candidate: Candidate, message_id: int | None = None) -> list[Letter]:
    """Ask for what a prompt lacks; the dialog waits for it to be typed, too."""
    step = candidates.lacking(leader, candidate) or "when"
    dialogs.put(
        leader.db,
        leader.person.id,
        KIND,
        "text" if step == "long" else step,
        candidate.data,
        now=leader.now,
    )
    html, buttons = questions.question(leader, candidate, step)
    return leader.show(html, keyboard_rows(buttons) if buttons else None, message_id)


def proceed(leader: Leader, candidate: Candidate, message_id: int | None = None) -> list[Letter]:
    """Plan it, or ask for what is still missing; then the next one of the message."""
    if candidate.prompt.state == "draft":
        kept = candidates.kept(candidate.when, candidate.typed)
        rows.change(leader.db, candidate.prompt.id, when=kept)
    if candidates.lacking(leader, candidate) is not None:
        return ask(leader, candidate, message_id)
    letters = _plan(leader, candidate)
    close(leader)
    letters += previews.tell(leader, [candidates.again(leader, candidate.prompt)], message_id)
    for number, next_id in enumerate(candidate.more, 1):
        draft = rows.get(leader.db, next_id)
        if draft is not None and draft.state == "draft":
            letters += ask(leader, replace(candidates.standing(draft), more=candidate.more[number:]))
            break
    return letters


def _plan(leader: Leader, candidate: Candidate) -> list[Letter]:
    """Put it into the plan; what is for now is posted at once."""
    when, prompt, db, now = candidate.when, candidate.prompt, leader.db, leader.now
    assert when is not None
    assert not isinstance(when, Unreadable)
    found = prompts.meeting_for(db, leader.network, when, now=now)
    # Counted from now on: the Mondays before this moment were never meant.
    rows.change(db, prompt.id, when=whens.to_json(when), meeting_id=found, state="planned", created_at=now)
    prompt = candidates.again(leader, prompt)
    letters: list[Letter] = []
    if isinstance(when, Now):
        letters = post(leader, prompt)
    prompts.replan(db, prompt, now=now)
    if prompt.kind in PLANNED:
        letters += PLANNED[prompt.kind](db, candidates.again(leader, prompt), leader.desk, now=now)
    return letters


def post(leader: Leader, prompt: Prompt, without: Iterable[int] = ()) -> list[Letter]:
    """Post a prompt now, but in the chats `without`; at night it makes no sound."""
    coming = prompts.next_time(leader.db, prompt)
    key = moments.local_key(leader.now, leader.zone)
    if coming is not None and not isinstance(whens.from_json(prompt.when), Now):
        key = coming.local_key  # the next one comes now, instead of at its time
    return prompts.post(
        leader.db,
        prompt,
        local_key=key,
        due_at=coming.due_at if coming else leader.now,
        desk=leader.desk,
        now=leader.now,
        silent=moments.quiet(leader.now, leader.zone),
        without=tuple(without),
    )


def close(leader: Leader) -> None:
    """End the dialog about prompts, and no other."""
    dialog = dialogs.of(leader.db, leader.person.id, now=leader.now)
    if dialog is not None and dialog.kind == KIND:
        dialogs.close(leader.db, leader.person.id)


# What is typed ----------------------------------------------------------------------------------------------


def typed(
    db: Connection,
    person: Person,
    dialog: Dialog,
    text: str,
    files: Sequence[Mapping[str, Any]],
    desk: Desk,
    *,
    now: datetime,
) -> list[Letter]:
    """Take what was asked for."""
    prompt = rows.get(db, int(dialog.data.get("prompt") or 0))
    who = None if prompt is None else leader(db, person, prompt.network_id, desk, now=now)
    if prompt is None or who is None or prompt.state not in ("draft", "planned"):
        dialogs.close(db, person.id)
        return mail.say(mail.To(person=person.id), desk.text(person.language)("prompts.gone"))
    candidate = candidates.in_dialog(prompt, dialog)
    if dialog.step == "text":
        return _typed_text(who, candidate, text, files)
    if dialog.step == "options" and text.strip():
        return _typed_options(who, candidate, text)
    if dialog.step in ("several", "own"):
        return ask(who, candidate)
    if not text.strip():
        return ask(who, candidate)
    if dialog.step == "until" and isinstance(candidate.when, Every):
        return _typed_until(who, candidate, text)
    return proceed(who, replace(candidate, when=candidates.read(who, text), typed=text[:LONG_WHEN], flags=""))


def _typed_text(
    who: Leader, candidate: Candidate, text: str, files: Sequence[Mapping[str, Any]]
) -> list[Letter]:
    prompt = candidate.prompt
    words = text.strip() or ("" if files else prompt.text if prompt.state == "draft" else "")
    if not words and not files:
        return who.show(questions.ask_text(who, candidate))
    most = rules.KINDS[prompt.kind].most
    if utf16_length(words) > most:
        return who.show(who.text("prompts.too_long", count=utf16_length(words), most=most))
    attachments = [*(prompt.attachments or []), *(dict(file) for file in files)]
    rows.change(who.db, prompt.id, text=words or prompt.text, attachments=attachments or None)
    return settled(who, candidate)


def _typed_options(who: Leader, candidate: Candidate, text: str) -> list[Letter]:
    """Take options, one a line; on the way into the plan even wrong ones are kept, to be sent again."""
    prompt = candidate.prompt
    form = replace(forms.from_json(prompt.form), options=forms.options(text.replace("|", "\n").splitlines()))
    if prompt.state == "planned" and forms.fault(form.options):
        return who.show(questions.ask_options(who, form))
    if form.options:
        rows.change(who.db, prompt.id, form=form.to_json())
    return settled(who, candidate)


def settled(who: Leader, candidate: Candidate, message_id: int | None = None) -> list[Letter]:
    """Go on after something about a prompt was settled that has nothing to do with its time."""
    prompt = candidates.again(who, candidate.prompt)
    if prompt.state == "planned":
        close(who)
        return previews.tell(who, [prompt], message_id)
    return proceed(who, replace(candidate, prompt=prompt), message_id)


def _typed_until(who: Leader, candidate: Candidate, text: str) -> list[Letter]:
    assert isinstance(candidate.when, Every)
    series = candidates.read(who, f"every monday 10:00 until {text}")
    if isinstance(series, Every):  # "the meeting" too, in any of its names
        return proceed(who, replace(candidate, when=replace(candidate.when, until=series.until)))
    for language in (who.network.language, who.person.language):
        day = whens.read_date(text, language=language, zone=who.zone, now=who.now)
        if isinstance(day, date):
            return proceed(who, replace(candidate, when=replace(candidate.when, until=day)))
    return who.show(who.text("prompts.until_unknown", typed=text[:LONG_WHEN]))


def further_picture(
    db: Connection, dialog: Dialog, file: Mapping[str, Any], *, now: datetime
) -> list[Letter]:
    """Take a further picture of an album along."""
    prompt = rows.get(db, int(dialog.data.get("prompt") or 0))
    if prompt is None or prompt.state == "deleted":
        return []
    return prompts.add_file(db, prompt, dict(file))
