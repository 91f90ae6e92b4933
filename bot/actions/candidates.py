"""A prompt on its way into the plan: a row in the state `draft` or `planned`, and what the dialog knows beside it.

What was written is kept in the row while something is asked. The dialog holds what is asked and, where a planned
prompt is changed, the time that is not settled yet.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from bot.actions import prompts
from bot.actions.which import Leader
from bot.core import forms, moments, schedule, whens
from bot.core import prompts as rules
from bot.core.whens import Every, Now, Unreadable, When
from storage import meetings
from storage import prompts as rows
from storage.dialogs import Dialog
from storage.prompts import Prompt
from storage.sentences import KIND as STATEMENTS

KIND = "prompts"  # of the dialog
SERIES = 160  # weeks to look at: more than three years

Step = Literal["text", "long", "options", "several", "own", "when", "until", "quiet", "cap"]


@dataclass(frozen=True)
class Candidate:
    """A prompt on its way into the plan: its time as far as it is known, and what was settled about it."""

    prompt: Prompt
    when: When | Unreadable | None
    typed: str = ""  # what was not understood
    flags: str = ""  # q: at night all the same, c: more than the weekly cap
    more: tuple[int, ...] = ()  # drafts to be asked about next
    album: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """As the dialog keeps it."""
        when = None if self.when is None or isinstance(self.when, Unreadable) else whens.to_json(self.when)
        known = {"prompt": self.prompt.id, "when": when, "flags": self.flags}
        return {**known, "more": list(self.more), "album": self.album}


def read(leader: Leader, typed: str) -> When | Unreadable:
    """Return the time that was typed, in the network's language, the facilitator's own, or English."""
    answer: When | Unreadable = Unreadable("unknown")
    for language in (leader.network.language, leader.person.language):
        answer = whens.read(typed, language=language, zone=leader.zone, now=leader.now)
        if answer != Unreadable("unknown"):
            break
    return answer


def kept(when: When | Unreadable | None, typed: str) -> dict[str, Any]:
    """Return a time, or why there is none yet, as the row keeps it."""
    if when is None or isinstance(when, Unreadable):
        reason = None if when is None else when.reason
        return {"kind": "unknown", "typed": typed, "reason": reason}
    return whens.to_json(when)


def standing(prompt: Prompt) -> Candidate:
    """Return a draft or a planned prompt as it stands."""
    if prompt.when.get("kind") != "unknown":
        return Candidate(prompt, whens.from_json(prompt.when))
    reason = prompt.when.get("reason")
    return Candidate(prompt, Unreadable(reason) if reason else None, prompt.when.get("typed") or "")


def again(leader: Leader, prompt: Prompt) -> Prompt:
    """Return a prompt as it stands after a change."""
    found = rows.get(leader.db, prompt.id)
    assert found is not None
    return found


# What is missing --------------------------------------------------------------------------------------------


def lacking(leader: Leader, candidate: Candidate) -> Step | None:
    """Return what has to be asked before this can be planned."""
    when = None if isinstance(candidate.when, Unreadable) else candidate.when
    prompt = candidate.prompt
    lack: Step | None = rules.lack(prompt.text, when, rules.KINDS[prompt.kind].most)
    if prompt.kind == forms.CHOICE and lack not in ("text", "long"):
        lack = forms.lack(forms.from_json(prompt.form)) or lack
    if lack is not None or when is None:
        return lack
    if prompt.kind == STATEMENTS and isinstance(when, Now | Every):
        return "when"  # authors are asked first; and the same sentences are not asked about every week
    if isinstance(when, Now) and moments.quiet(leader.now, leader.zone) and "q" not in candidate.flags:
        return "quiet"
    if not _waits_for_meeting(leader, when) and not _times(leader, when):
        return "when"
    return "cap" if "c" not in candidate.flags and crowded(leader, candidate.prompt, when) else None


def _waits_for_meeting(leader: Leader, when: When) -> bool:
    return (
        rules.hangs_on_meeting(when)
        and prompts.meeting_for(leader.db, leader.network, when, now=leader.now) is None
    )


def _times(leader: Leader, when: When) -> list[datetime]:
    """Return when it would be posted, all times of a series."""
    found = prompts.meeting_for(leader.db, leader.network, when, now=leader.now)
    start = meetings.starts_at(leader.db, found)
    coming = schedule.occurrences(when, zone=leader.zone, meeting=start, posted=(), created=leader.now)
    return [one.due_at for one in islice(coming, SERIES)]


def crowded(leader: Leader, prompt: Prompt, when: When) -> datetime | None:
    """Return the first time for which its week has no room; None if there is room each time."""
    return rules.crowded(taken(leader, prompt), _times(leader, when), leader.network.weekly_cap, leader.zone)


def taken(leader: Leader, prompt: Prompt) -> list[datetime]:
    """Return when the network's other questions come, from this week's Monday on."""
    since = rules.week_start(leader.now, leader.zone)
    found = rows.posted_since(leader.db, leader.network.id, since)
    for other in rows.planned(leader.db, leader.network.id):
        if other.id != prompt.id:
            found += [one.due_at for one in islice(prompts.times(leader.db, other), SERIES)]
    return found


def in_dialog(prompt: Prompt, dialog: Dialog | None) -> Candidate:
    """Return the prompt with the time that is being talked about."""
    data = {} if dialog is None or dialog.kind != KIND else dialog.data
    if data.get("prompt") != prompt.id:
        return standing(prompt)
    more, album, flags = tuple(data.get("more") or ()), data.get("album"), data.get("flags") or ""
    candidate = replace(standing(prompt), more=more, album=album, flags=flags)
    return replace(candidate, when=whens.from_json(data["when"])) if data.get("when") else candidate
