"""Changing what can be chosen in a choice that is planned, or on its way into the plan."""

from collections.abc import Callable

from bot.actions import candidates, planning, questions
from bot.actions.candidates import KIND
from bot.actions.which import Leader
from bot.core import forms
from bot.core.letters import Button, keyboard_rows, member_words
from bot.core.mail import Letter
from bot.core.texts import Markup
from storage import dialogs, postings
from storage import prompts as rows
from storage.prompts import Prompt


def buttons(who: Leader, prompt: Prompt) -> list[Button]:
    """Return what of a choice can be changed: the options, and how they may be chosen."""
    if prompt.kind != forms.CHOICE:
        return []
    form = forms.from_json(prompt.form)
    several = "votes.button.one_answer" if form.several else "votes.button.several_answers"
    own = "votes.button.own_no" if form.own else "votes.button.own_yes"
    return [
        questions.button(who, "votes.button.options", "options", prompt),
        questions.button(who, several, "several", prompt, "0" if form.several else "1"),
        questions.button(who, own, "own", prompt, "0" if form.own else "1"),
    ]


def stands(who: Leader, prompt: Prompt, message_id: int | None) -> list[Letter] | None:
    """A choice or scale that stands in the group stays as it is: what was chosen there would get another meaning."""
    if prompt.kind not in forms.KINDS or not postings.of_prompt(who.db, prompt.id):
        return None
    back = keyboard_rows([questions.button(who, "common.button.back", "card", prompt)])
    return who.show(who.text("votes.stands"), back, message_id)


def _options(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    if prompt.state != "planned" or prompt.kind != forms.CHOICE:
        return None
    if (fixed := stands(who, prompt, message_id)) is not None:
        return fixed
    dialogs.put(who.db, who.person.id, KIND, "options", candidates.standing(prompt).data, now=who.now)
    back = keyboard_rows([questions.button(who, "common.button.leave_it", "card", prompt)])
    kept = "\n".join(member_words(one) for one in forms.from_json(prompt.form).options)
    asked = who.text("votes.new_options", options=Markup(kept), least=forms.LEAST, most=forms.MOST)
    return who.show(asked, back, message_id)


def _several(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    return _formed(who, prompt, "several", nonce, message_id)


def _own(who: Leader, prompt: Prompt, nonce: str, message_id: int | None) -> list[Letter] | None:
    return _formed(who, prompt, "own", nonce, message_id)


def _formed(
    who: Leader, prompt: Prompt, what: str, nonce: str, message_id: int | None
) -> list[Letter] | None:
    """How a choice may be answered."""
    if prompt.state not in ("draft", "planned") or prompt.kind != forms.CHOICE or nonce not in ("0", "1"):
        return None
    if (fixed := stands(who, prompt, message_id)) is not None:
        return fixed
    candidate = candidates.in_dialog(prompt, dialogs.of(who.db, who.person.id, now=who.now))
    form = {**forms.from_json(prompt.form).to_json(), what: nonce == "1"}
    rows.change(who.db, prompt.id, form=form)
    return planning.settled(who, candidate, message_id)


Act = Callable[[Leader, Prompt, str, int | None], list[Letter] | None]
PRESSES: dict[str, Act] = {"options": _options, "several": _several, "own": _own}
