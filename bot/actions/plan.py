"""The plan of a network: what is coming, and the buttons that change it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.actions import candidates, forming, planning, previews, prompts, questions, sentences
from bot.actions.candidates import KIND
from bot.actions.unit import Desk
from bot.actions.which import Leader, leader
from bot.core import dates, mail, moments, plans, whens
from bot.core import prompts as rules
from bot.core.letters import (
    Button,
    Keyboard,
    base36,
    callback,
    from_base36,
    keyboard_rows,
    member_words,
)
from bot.core.mail import Letter
from bot.core.meetings import from_stamp, stamp
from bot.core.texts import Markup
from bot.core.whens import Every, Now, UntilMeeting
from storage import chats, dialogs, meetings, outbox, postings
from storage import prompts as rows
from storage.db import Connection
from storage.people import Person
from storage.prompts import Prompt
from storage.sentences import KIND as STATEMENTS

PAGE = 8


# What is pressed --------------------------------------------------------------------------------------------


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for a button that means nothing (any more)."""
    if verb in ("plan", "new"):
        who = leader(db, person, id, desk, now=now)
        if who is None:
            return None
        return planning.begin(who, message_id) if verb == "new" else show(who, nonce, message_id)
    prompt = rows.get(db, id)
    who = None if prompt is None else leader(db, person, prompt.network_id, desk, now=now)
    act = PRESSES.get(verb)
    if prompt is None or who is None or act is None:
        return None
    return act(who, prompt, nonce, message_id)


def _when(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    if prompt.state not in ("draft", "planned"):
        return None
    dialog = dialogs.of(who.db, who.person.id, now=who.now)
    candidate = replace(candidates.in_dialog(prompt, dialog), flags="")
    if nonce in ("other", ""):
        asked = replace(candidate, when=None, typed="")
        dialogs.put(who.db, who.person.id, KIND, "when", asked.data, now=who.now)
        other = nonce == "other"
        html, buttons = (
            questions.ask_other_time(who, prompt) if other else questions.question(who, asked, "when")
        )
        return who.show(html, keyboard_rows(buttons), message_id)
    if nonce == "nowq":
        return planning.proceed(who, replace(candidate, when=Now(), flags="q"), message_id)
    when = rules.proposed(nonce, who.now, who.zone)
    return None if when is None else planning.proceed(who, replace(candidate, when=when), message_id)


def _until(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    candidate = candidates.in_dialog(prompt, dialogs.of(who.db, who.person.id, now=who.now))
    every = candidate.when
    if prompt.state not in ("draft", "planned") or not isinstance(every, Every):
        return None
    if nonce == "meeting":
        return planning.proceed(
            who, replace(candidate, when=replace(every, until=UntilMeeting())), message_id
        )
    if nonce not in ("4", "8"):
        return None
    last = rules.last_of(every, int(nonce), who.now, who.zone)
    return planning.proceed(who, replace(candidate, when=replace(every, until=last)), message_id)


def _anyway(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    candidate = candidates.in_dialog(prompt, dialogs.of(who.db, who.person.id, now=who.now))
    if prompt.state not in ("draft", "planned") or candidate.when is None:
        return None
    return planning.proceed(who, replace(candidate, flags=candidate.flags + "c"), message_id)


def _later(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    """The same time in the week after."""
    candidate = candidates.in_dialog(prompt, dialogs.of(who.db, who.person.id, now=who.now))
    if prompt.state not in ("draft", "planned"):
        return None
    match candidate.when:
        case whens.At(local):
            wall = local
        case Now():
            day = moments.local(who.now, who.zone).date()
            wall = datetime.combine(day, rules.USUAL)
        case _:
            return None
    later = whens.At(wall + timedelta(weeks=1))
    return planning.proceed(who, replace(candidate, when=later), message_id)


def _drop(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    """Never mind: a question that was begun is not planned."""
    if prompt.state != "draft":
        return None
    rows.change(who.db, prompt.id, state="deleted")
    planning.close(who)
    return who.show(who.text("prompts.dropped"), None, message_id)


def _change(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    if prompt.state != "planned":
        return None
    buttons = [
        questions.button(who, "prompts.button.words", "words", prompt),
        questions.button(who, "prompts.button.time", "when", prompt),
        *forming.buttons(who, prompt),
    ]
    if prompt.kind == STATEMENTS:
        label = who.text.plain("statements.button.sentences")
        buttons.insert(0, Button(label, callback("statements.page", prompt.id)))
    if len(chats.of_network(who.db, who.network.id)) > 1 or prompt.circle != "core":
        buttons.append(questions.button(who, "prompts.button.audience", "who", prompt))
    buttons.append(questions.button(who, "common.button.back", "card", prompt))
    return who.show(previews.one(who, prompt), keyboard_rows(buttons), message_id)


def _words(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    if prompt.state != "planned":
        return None
    if (stands := forming.stands(who, prompt, message_id)) is not None:
        return stands
    dialogs.put(who.db, who.person.id, KIND, "text", candidates.standing(prompt).data, now=who.now)
    back = keyboard_rows([questions.button(who, "common.button.leave_it", "card", prompt)])
    return who.show(who.text("prompts.new_words", text=member_words(prompt.text)), back, message_id)


def _who(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    if prompt.state != "planned":
        return None
    circles = {chat.circle for chat in chats.of_network(who.db, who.network.id)}
    offered: list[str] = [name for name in ("core", "sounding") if name in circles]
    if len(offered) == 2:
        offered.append("both")
    if nonce in offered:
        rows.change(who.db, prompt.id, circle=nonce)
        changed = candidates.again(who, prompt)
        asked = sentences.ask_again(who.db, changed, who.desk, now=who.now) if nonce != prompt.circle else []
        return [*previews.tell(who, [changed], message_id), *asked]
    labels = {
        "core": "prompts.button.core",
        "sounding": "prompts.button.sounding",
        "both": "prompts.button.both",
    }
    buttons = [questions.button(who, labels[name], "who", prompt, name) for name in offered]
    buttons.append(questions.button(who, "common.button.back", "card", prompt))
    return who.show(previews.one(who, prompt), keyboard_rows(buttons), message_id)


def _card(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    if prompt.state != "planned":
        return None
    planning.close(who)
    buttons = [
        questions.button(who, "common.button.change", "change", prompt),
        questions.button(who, "prompts.button.post_now", "post", prompt),
    ]
    if isinstance(whens.from_json(prompt.when), Every) and prompts.next_time(who.db, prompt):
        buttons.append(questions.button(who, "prompts.button.skip", "skip", prompt))
    buttons.append(questions.button(who, "prompts.button.delete", "undo", prompt, base36(prompt.id)))
    plan = callback("prompts.plan", who.network.id)
    buttons.append(Button(who.text.plain("prompts.button.plan"), plan))
    return who.show(previews.one(who, prompt), keyboard_rows(buttons), message_id)


def _post_now(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    """Post a planned prompt before its time, or one that was missed; at night only after a second look."""
    there = {chat.id for chat in chats.audience(who.db, who.network.id, prompt.circle)}
    standing = {one.chat_id for one in postings.of_prompt(who.db, prompt.id) if one.message_id is not None}
    series = isinstance(whens.from_json(prompt.when), Every)
    if prompt.state not in ("planned", "done") or (
        prompt.state == "done" and not series and there <= standing
    ):
        return None if there else who.show(who.text("prompts.no_chat"), None, message_id)
    if not there:
        return who.show(who.text("prompts.no_chat"), None, message_id)
    if not prompts.settled(who.db, prompt):
        return who.show(who.text("statements.not_yet"), None, message_id)
    if moments.quiet(who.now, who.zone) and nonce != "q":
        buttons = [questions.button(who, "prompts.button.now_silent", "post", prompt, "q")]
        if prompt.state == "planned":
            buttons.append(questions.button(who, "common.button.leave_it", "card", prompt))
        return who.show(questions.ask_quiet(who), keyboard_rows(buttons), message_id)
    letters = planning.post(who, prompt, () if series else standing)
    if prompt.state == "planned":
        prompts.replan(who.db, prompt, now=who.now)
    told = previews.posted(who, prompt, who.text(f"circle.{prompt.circle}"))
    plan = Button(who.text.plain("prompts.button.plan"), callback("prompts.plan", who.network.id))
    return letters + who.show(told, keyboard_rows([plan]), message_id)


def _skip(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    coming = prompts.next_time(who.db, prompt) if prompt.state == "planned" else None
    if coming is None or not isinstance(whens.from_json(prompt.when), Every):
        return None
    rows.occur(who.db, prompt.id, coming.local_key, "skipped", due_at=coming.due_at, now=who.now)
    prompts.replan(who.db, prompt, now=who.now)
    prompt = candidates.again(who, prompt)
    told = who.text("prompts.skipped", at=who.full(coming.due_at), text=rules.excerpt(prompt.text))
    key = stamp(coming.due_at, who.zone)
    buttons = [questions.button(who, "common.button.undo", "unskip", prompt, key)]
    buttons.append(Button(who.text.plain("prompts.button.plan"), callback("prompts.plan", who.network.id)))
    return who.show(told, keyboard_rows(buttons), message_id)


def _unskip(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    wall = from_stamp(nonce)
    if wall is None or prompt.state not in ("planned", "done") or moments.utc(wall, who.zone) <= who.now:
        return None
    if not rows.unhappen(who.db, prompt.id, moments.key(wall)):
        return None
    rows.change(who.db, prompt.id, state="planned")
    prompts.replan(who.db, prompt, now=who.now)
    return _card(who, candidates.again(who, prompt), "", message_id)


# Undo -------------------------------------------------------------------------------------------------------


def _undo(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    """Take everything of one message off the plan; what stands in the group already, unless it was answered."""
    batch = _batch(who, prompt, nonce)
    letters: list[Letter] = []
    gone: list[Prompt] = []
    stays = False
    for one in batch:
        if one.state == "planned":
            rows.change(who.db, one.id, state="deleted", next_due_at=None)
            gone.append(one)
        elif one.state == "done" and one.when.get("kind") == "now":
            taken = _withdraw(who, one)
            stays = stays or taken is None
            letters += taken or []
            gone += [] if taken is None else [one]
    if not gone:
        return [*letters, *who.show(who.text("prompts.undo_late"), None, message_id)] if stays else None
    words = "\n".join(rules.excerpt(one.text) for one in gone)
    told = who.text("prompts.undone", count=len(gone), text=words)
    if stays:
        told = Markup(f"{told}\n{who.text('prompts.undo_late')}")
    back = [questions.button(who, "prompts.button.put_back", "back", prompt, nonce)]
    back.append(Button(who.text.plain("prompts.button.plan"), callback("prompts.plan", who.network.id)))
    return letters + who.show(told, keyboard_rows(back), message_id)


def _batch(who: Leader, first: Prompt, nonce: str) -> list[Prompt]:
    """Return the prompts of one message; `nonce` is the id of the last one, and may be forged."""
    if not (nonce.isalnum() and nonce.isascii() and nonce == nonce.lower()) or len(nonce) > 12:
        return []
    return rows.between(who.db, first, from_base36(nonce))


def _withdraw(who: Leader, prompt: Prompt) -> list[Letter] | None:
    """Take a question back from the group; None if it must stay, or is just on its way there."""
    letters: list[Letter] = []
    stand = postings.of_prompt(who.db, prompt.id)
    if postings.answered(who.db, prompt.id):
        return None
    for posting in stand:
        waiting = outbox.by_key(who.db, f"posting:{posting.id}")
        on_its_way = posting.message_id is None and waiting is not None
        if on_its_way and not _held_back(who.db, waiting):
            return None
        for message in postings.messages(who.db, posting.id):
            key = f"withdraw:{posting.id}:{message}"
            letters.append(mail.delete(mail.To(chat=posting.chat_id), message, key=key))
        postings.change(who.db, posting.id, closes_at=who.now)
    rows.change(who.db, prompt.id, state="deleted")
    return letters


def _held_back(db: Connection, row: outbox.Row | None) -> bool:
    return row is not None and row.state == "pending" and outbox.failed(db, row, "withdrawn")


def _back(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    """Put back what was taken off the plan; what is over by now is asked for anew."""
    batch = [one for one in _batch(who, prompt, nonce) if one.state == "deleted"]
    ready: list[Prompt] = []
    over: list[Prompt] = []
    for one in batch:
        if one.when.get("kind") in ("unknown", "now"):
            over.append(one)
            continue
        rows.change(who.db, one.id, state="planned", created_at=who.now)
        restored = candidates.again(who, one)
        if prompts.next_time(who.db, restored) or prompts.waits(who.db, restored):
            prompts.replan(who.db, restored, now=who.now)
            ready.append(candidates.again(who, one))
        else:
            over.append(restored)
    if not batch:
        return None
    letters = previews.tell(who, ready, message_id) if ready else []
    for one in over:
        unknown = {"kind": "unknown", "typed": "", "reason": None}
        rows.change(who.db, one.id, state="draft", when=unknown, next_due_at=None)
    if over:
        asked = replace(
            candidates.standing(candidates.again(who, over[0])), more=tuple(one.id for one in over[1:])
        )
        letters += planning.ask(who, asked, None if ready else message_id)
    return letters


Act = Callable[[Leader, Prompt, str, int | None], list[Letter] | None]
PRESSES: dict[str, Act] = {
    "when": _when,
    "until": _until,
    "anyway": _anyway,
    "later": _later,
    "drop": _drop,
    "change": _change,
    "words": _words,
    **forming.PRESSES,
    "who": _who,
    "card": _card,
    "post": _post_now,
    "skip": _skip,
    "unskip": _unskip,
    "undo": _undo,
    "back": _back,
}


# The whole plan ---------------------------------------------------------------------------------------------


def show(who: Leader, nonce: str = "", message_id: int | None = None) -> list[Letter]:
    """Show what is coming, questions with buttons; meetings stand between them as what they hang on."""
    text = who.text
    offset = int(nonce) if nonce.isascii() and nonce.isdigit() and len(nonce) < 6 else 0
    entries = _entries(who)
    new = Button(text.plain("prompts.button.new"), callback("prompts.new", who.network.id))
    to_agree = Button(text.plain("statements.button.round"), callback("statements.begin", who.network.id))
    if not entries:
        nothing = text("prompts.nothing_planned", network=who.network.title)
        return who.show(nothing, keyboard_rows([new, to_agree]), message_id)
    lines: list[str] = [text("prompts.plan", network=who.network.title, city=plans.city(who.zone))]
    buttons: list[Button] = []
    for number, (moment, html, prompt) in list(enumerate(entries, 1))[offset : offset + PAGE]:
        lines.append(html if prompt is None else f"<b>{number}</b> {html}")
        if prompt is not None:
            label = dates.short(moment, who.zone, text.language) if moment else text.plain("prompts.no_date")
            buttons.append(Button(f"{number} · {label}", callback("prompts.card", prompt.id)))
    if len(entries) > offset + PAGE:
        more = callback("prompts.plan", who.network.id, str(offset + PAGE))
        buttons.append(Button(text.plain("prompts.button.more"), more))
    return who.show("\n\n".join(lines), _plan_keyboard([*buttons, new, to_agree]), message_id)


def _entries(who: Leader) -> list[tuple[datetime | None, str, Prompt | None]]:
    text = who.text
    entries: list[tuple[datetime | None, str, Prompt | None]] = []
    for prompt in rows.planned(who.db, who.network.id):
        words, when = rules.excerpt(prompt.text), previews.spoken(who, prompt)
        if prompt.circle == "core":
            html = text("prompts.entry", when=when, text=words)
        else:
            html = text("prompts.entry_to", when=when, circle=text(f"circle.{prompt.circle}"), text=words)
        entries.append((prompt.next_due_at, html, prompt))
    for meeting in meetings.coming(who.db, who.network.id, now=who.now):
        html = text("prompts.entry_meeting", when=who.full(meeting.starts_at), title=meeting.title)
        entries.append((meeting.starts_at, html, None))
    return sorted(entries, key=lambda entry: (entry[0] is None, entry[0] or who.now))


def _plan_keyboard(buttons: list[Button]) -> Keyboard:
    return keyboard_rows(buttons)
