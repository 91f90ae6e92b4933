"""What a check says: a state, a subject, what is so, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

State = Literal["ok", "warning", "fault"]
STATES: tuple[State, ...] = ("ok", "warning", "fault")  # the place is the exit code


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    state: State
    subject: str
    words: str
    todo: str = ""


ok: Callable[..., Finding] = partial(Finding, "ok")
warning: Callable[..., Finding] = partial(Finding, "warning")
fault: Callable[..., Finding] = partial(Finding, "fault")


def worst(findings: list[Finding]) -> int:
    """Return the exit code: 0 all is well, 1 warnings, 2 something is at fault."""
    return max((STATES.index(finding.state) for finding in findings), default=0)


def span(seconds: float) -> str:
    """A length of time as one says it."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}s"
    return f"{seconds:.0f} seconds" if seconds >= 10 else f"{seconds:.1f} seconds"


def size(count: float) -> str:
    """A number of bytes as one says it."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
