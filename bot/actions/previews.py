"""What a facilitator is told was understood: in words, with full dates, and a way back."""

from collections.abc import Callable, Sequence

from bot.actions import ballots, prompts, questions
from bot.actions.which import Leader
from bot.core import forms, moments, plans, whens
from bot.core.letters import (
    Button,
    base36,
    callback,
    keyboard_rows,
    member_words,
)
from bot.core.mail import Letter
from bot.core.texts import Markup
from storage import postings
from storage.prompts import Prompt

# What is said below a prompt of a kind, once it is planned: (leader, prompt) -> texts.
NOTES: dict[str, Callable[[Leader, Prompt], list[Markup]]] = {}


def tell(leader: Leader, made: Sequence[Prompt], message_id: int | None = None) -> list[Letter]:
    """Say what was planned or posted, with a way back and on."""
    html = one(leader, made[0]) if len(made) == 1 else _several(leader, made)
    first, last = made[0], made[-1]
    buttons = [questions.button(leader, "common.button.undo", "undo", first, base36(last.id))]
    if len(made) == 1 and first.state == "planned":
        buttons.append(questions.button(leader, "common.button.change", "change", first))
    if len(made) == 1 and first.state == "done" and not postings.of_prompt(leader.db, first.id):
        buttons = [questions.button(leader, "prompts.button.post_now", "post", first)]
    plan = callback("prompts.plan", leader.network.id)
    buttons.append(Button(leader.text.plain("prompts.button.plan"), plan))
    return leader.show(html, keyboard_rows(buttons), message_id)


def one(leader: Leader, prompt: Prompt) -> str:
    """What is known about one prompt."""
    text, network = leader.text, leader.network
    circle = text(f"circle.{prompt.circle}")
    if prompt.state != "planned":
        lines: list[str] = [posted(leader, prompt, circle)]
    else:
        lines = [
            text(
                "prompts.planned",
                when=spoken(leader, prompt),
                city=plans.city(leader.zone),
                circle=circle,
                network=network.title,
                text=_words(prompt),
            )
        ]
    return "\n".join([*lines, *_notes(leader, prompt)])


def posted(leader: Leader, prompt: Prompt, circle: Markup) -> Markup:
    """It stands in the group; or nowhere, where the bot is in no group."""
    title, words = leader.network.title, _words(prompt)
    if postings.of_prompt(leader.db, prompt.id):
        return leader.text("prompts.posted", circle=circle, network=title, text=words)
    return leader.text("prompts.posted_nowhere", circle=circle, network=title, text=words)


def _words(prompt: Prompt) -> Markup:
    """What is asked, with what can be chosen."""
    words, form = member_words(prompt.text), forms.from_json(prompt.form)
    return Markup(f"{words}\n{ballots.listed(form.options)}") if form.options else words


def _several(leader: Leader, made: Sequence[Prompt]) -> str:
    text = leader.text
    head = text(
        "prompts.planned_several",
        count=len(made),
        city=plans.city(leader.zone),
        network=leader.network.title,
    )
    lines: list[str] = [head]
    for number, prompt in enumerate(made, 1):
        lines.append(
            text("prompts.plan_line", number=number, when=spoken(leader, prompt), text=_words(prompt))
        )
        lines += _notes(leader, prompt)
    return "\n".join(lines)


def spoken(leader: Leader, prompt: Prompt) -> Markup:
    """Return when a prompt comes, as it is said."""
    coming = prompts.next_time(leader.db, prompt)
    due = None if coming is None else coming.due_at
    when = whens.from_json(prompt.when)
    return plans.spoken(when, due, zone=leader.zone, text=leader.text, now=leader.now)


def _notes(leader: Leader, prompt: Prompt) -> list[str]:
    """What the facilitator might not have thought of."""
    text, when = leader.text, whens.from_json(prompt.when)
    notes: list[str] = []
    if prompt.kind in NOTES:
        notes += NOTES[prompt.kind](leader, prompt)
    if prompt.kind == forms.SCALES:
        notes.append(text("votes.note_scale"))
    elif prompt.kind == forms.CHOICE:
        form = forms.from_json(prompt.form)
        notes.append(text("votes.note_several") if form.several else text("votes.note_one"))
        notes.append(text("votes.note_own") if form.own else text("votes.note_no_own"))
    if prompt.attachments:
        notes.append(text("prompts.note_files", count=len(prompt.attachments)))
    coming = prompts.next_time(leader.db, prompt)
    if whens.doubtful_hour(when):
        notes.append(text("prompts.note_doubtful"))
    elif coming is not None and moments.quiet(coming.due_at, leader.zone):
        notes.append(text("prompts.note_quiet"))
    return [f"<i>{note}</i>" for note in notes]
