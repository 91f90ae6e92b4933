"""What is asked about a prompt before it can be planned, each with the buttons that answer it."""

from datetime import timedelta
from typing import Any

from bot.actions import candidates
from bot.actions.candidates import Candidate, Step
from bot.actions.which import Leader
from bot.core import dates, moments, whens
from bot.core import prompts as rules
from bot.core.letters import (
    Button,
    callback,
    utf16_length,
)
from bot.core.texts import Markup
from bot.core.whens import Every, Now, Unreadable
from storage.prompts import Prompt


def question(leader: Leader, candidate: Candidate, step: Step) -> tuple[str, list[Button]]:
    """Return what is asked at a step, and the buttons."""
    text, prompt = leader.text, candidate.prompt
    match step:
        case "text":
            asked = text("prompts.ask_text_planned") if candidate.when else text("prompts.ask_text")
            return asked, [button(leader, "prompts.button.never_mind", "drop", prompt)]
        case "long":
            length = utf16_length(prompt.text)
            return text("prompts.too_long", count=length, most=rules.MAX_TEXT), []
        case "when":
            return ask_when(leader, candidate), when_buttons(leader, prompt)
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


def ask_when(leader: Leader, candidate: Candidate) -> Markup:
    """I can't read … / that is over / at what hour; or simply: when?"""
    text, when = leader.text, candidate.when
    reason = when.reason if isinstance(when, Unreadable) else None if when is None else "empty"
    typed = candidate.typed
    if isinstance(when, whens.At):  # it took too long to settle the rest
        reason, typed = "past", leader.full(moments.utc(when.local, leader.zone))
    example = text(
        "prompts.example", date=f"{leader.now.astimezone(leader.zone).date() + timedelta(days=7)} 10:00"
    )
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
    return Markup(f"{asked}\n{example}")


def when_buttons(leader: Leader, prompt: Prompt) -> list[Button]:
    """The times that are proposed."""
    day = rules.other_day(leader.now, leader.zone)
    weekday = "prompts.button.friday" if day == 4 else "prompts.button.monday"
    return [
        button(leader, "prompts.button.tomorrow", "when", prompt, "tomorrow"),
        button(leader, weekday, "when", prompt, str(day)),
        button(leader, "prompts.button.before_meeting", "when", prompt, "meeting"),
        button(leader, "prompts.button.other_time", "when", prompt, "other"),
    ]


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
