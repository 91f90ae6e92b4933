"""What is asked about a prompt before it can be planned, each with the buttons that answer it."""

from datetime import timedelta
from typing import Any

from bot.actions import candidates
from bot.actions.candidates import Candidate, Step
from bot.actions.which import Leader
from bot.core import dates, forms, moments, whens
from bot.core import prompts as rules
from bot.core.forms import Form
from bot.core.letters import (
    Button,
    callback,
    member_words,
    utf16_length,
)
from bot.core.texts import Markup
from bot.core.whens import Every, Now, Unreadable
from storage.prompts import Prompt
from storage.sentences import KIND as STATEMENTS


def question(leader: Leader, candidate: Candidate, step: Step) -> tuple[str, list[Button]]:
    """Return what is asked at a step, and the buttons; the last one leaves it."""
    html, buttons = _asked(leader, candidate, step)
    return html, [*buttons, way_out(leader, candidate.prompt)]


def _asked(leader: Leader, candidate: Candidate, step: Step) -> tuple[str, list[Button]]:
    text, prompt = leader.text, candidate.prompt
    match step:
        case "text":
            return ask_text(leader, candidate), []
        case "long":
            length = utf16_length(prompt.text)
            return text("prompts.too_long", count=length, most=rules.KINDS[prompt.kind].most), []
        case "options":
            return ask_options(leader, forms.from_json(prompt.form)), []
        case "several":
            return text("votes.ask_several"), [
                button(leader, "votes.button.one_answer", "several", prompt, "0"),
                button(leader, "votes.button.several_answers", "several", prompt, "1"),
            ]
        case "own":
            return text("votes.ask_whether_own"), [
                button(leader, "votes.button.own_yes", "own", prompt, "1"),
                button(leader, "votes.button.own_no", "own", prompt, "0"),
            ]
        case "when":
            return ask_when(leader, candidate), times(leader, prompt)
        case "until":
            return _ask_until(leader, candidate)
        case "quiet":
            return ask_quiet(leader), [
                button(leader, "prompts.button.tomorrow", "when", prompt, "tomorrow"),
                button(leader, "prompts.button.now_silent", "when", prompt, "nowq"),
                button(leader, "prompts.button.other_time", "when", prompt, "other"),
            ]
        case "cap":
            return _ask_cap(leader, candidate)


def ask_text(leader: Leader, candidate: Candidate) -> Markup:
    """The words; of a scale they are a statement."""
    if candidate.prompt.kind == forms.SCALES:
        return leader.text("votes.ask_statement")
    return leader.text("prompts.ask_text_planned") if candidate.when else leader.text("prompts.ask_text")


def ask_options(leader: Leader, form: Form) -> Markup:
    """The options, one a line; or what is wrong with those that were sent, which stand below it."""
    text, least, most = leader.text, forms.LEAST, forms.MOST
    if not form.options:
        return text("votes.ask_options", least=least, most=most)
    match forms.fault(form.options):
        case "many":
            wrong = text("votes.many", count=len(form.options), most=most)
        case "long":
            longest = max(form.options, key=utf16_length)
            wrong = text("votes.long", count=utf16_length(longest), most=forms.LONGEST)
        case "same":
            wrong = text("votes.same")
        case _:
            wrong = text("votes.few", least=least)
    kept = "\n".join(member_words(one) for one in form.options)
    again = text("votes.send_again")
    return Markup(f"{wrong} {again}\n<blockquote expandable>{kept}</blockquote>")


def ask_when(leader: Leader, candidate: Candidate) -> Markup:
    """I can't read … / that is over / at what hour; or simply: when?"""
    text, when = leader.text, candidate.when
    if candidate.prompt.kind == STATEMENTS and (when is None or isinstance(when, Now | Every)):
        return Markup(f"{text('statements.ask_when')}\n{_example(leader)}")
    reason = when.reason if isinstance(when, Unreadable) else None if when is None else "empty"
    typed = candidate.typed
    if isinstance(when, whens.At):  # it took too long to settle the rest
        reason, typed = "past", leader.full(moments.utc(when.local, leader.zone))
    match reason:
        case None:
            asked = text("prompts.ask_when")
        case "past":
            asked = text("prompts.when_past", typed=typed)
        case "far":
            asked = text("prompts.when_far", typed=typed)
        case "no_time":
            asked = text("prompts.when_no_time", typed=typed)
        case "no_such_time" | "no_such_date":
            asked = text("prompts.when_none_such", typed=typed)
        case "empty":
            asked = text("prompts.when_empty")
        case _:
            asked = text("prompts.when_unknown", typed=typed)
    return Markup(f"{asked}\n{_example(leader)}")


def _example(leader: Leader) -> Markup:
    return leader.text("prompts.example", date=_in_a_week(leader))


def _in_a_week(leader: Leader) -> str:
    return f"{leader.now.astimezone(leader.zone).date() + timedelta(days=7)} 10:00"


def ask_other_time(leader: Leader, prompt: Prompt) -> tuple[str, list[Button]]:
    """None of the times that are proposed: it is typed."""
    back = button(leader, "common.button.back", "when", prompt)
    return leader.text("prompts.write_when", date=_in_a_week(leader)), [back, way_out(leader, prompt)]


def way_out(leader: Leader, prompt: Prompt) -> Button:
    """Leave it: what was only begun is dropped, what is planned stays as it is."""
    if prompt.state == "draft":
        return button(leader, "prompts.button.never_mind", "drop", prompt)
    return button(leader, "common.button.leave_it", "card", prompt)


def times(leader: Leader, prompt: Prompt) -> list[Button]:
    """The times that are proposed, and the way back to the sentences of a round."""
    day = rules.other_day(leader.now, leader.zone)
    weekday = "prompts.button.friday" if day == 4 else "prompts.button.monday"
    buttons = [
        button(leader, "prompts.button.tomorrow", "when", prompt, "tomorrow"),
        button(leader, weekday, "when", prompt, str(day)),
        button(leader, "prompts.button.before_meeting", "when", prompt, "meeting"),
        button(leader, "prompts.button.other_time", "when", prompt, "other"),
    ]
    if prompt.kind == STATEMENTS and prompt.state == "draft":
        back = callback("statements.page", prompt.id)
        buttons.append(Button(leader.text.plain("common.button.back"), back))
    return buttons


def _ask_until(leader: Leader, candidate: Candidate) -> tuple[Markup, list[Button]]:
    text, when, prompt = leader.text, candidate.when, candidate.prompt
    assert isinstance(when, Every)
    day = dates.weekday_name(when.weekday, text.language)
    clock = dates.clock_time(when.time, leader.zone, text.language)
    return text("prompts.ask_until", day=day, time=clock), [
        button(leader, "prompts.button.until_meeting", "until", prompt, "meeting"),
        button(leader, "prompts.button.four_times", "until", prompt, "4"),
        button(leader, "prompts.button.eight_times", "until", prompt, "8"),
    ]


def ask_quiet(leader: Leader) -> Markup:
    """It is night, and members were promised quiet."""

    def clock(moment: Any) -> str:
        return dates.clock_time(moment, leader.zone, leader.text.language)

    return leader.text(
        "prompts.ask_quiet",
        now=clock(leader.now),
        begin=clock(moments.QUIET_START),
        end=clock(moments.QUIET_END),
    )


def _ask_cap(leader: Leader, candidate: Candidate) -> tuple[Markup, list[Button]]:
    text, when, prompt = leader.text, candidate.when, candidate.prompt
    assert when is not None
    assert not isinstance(when, Unreadable)
    full = candidates.crowded(leader, prompt, when) or leader.now
    monday = dates.day(rules.week_start(full, leader.zone), leader.zone, text.language, now=leader.now)
    count = rules.in_week(candidates.taken(leader, prompt), full, leader.zone)
    cap = leader.network.weekly_cap
    buttons = [button(leader, "prompts.button.anyway", "anyway", prompt)]
    if isinstance(when, whens.At | Now):
        buttons.insert(0, button(leader, "prompts.button.week_later", "later", prompt))
    buttons.append(button(leader, "prompts.button.other_time", "when", prompt, "other"))
    return text("prompts.ask_cap", count=count, week=monday, cap=cap), buttons


def button(leader: Leader, label: str, verb: str, prompt: Prompt, nonce: str = "") -> Button:
    """A button about a prompt."""
    return Button(leader.text.plain(label), callback(f"prompts.{verb}", prompt.id, nonce))
