"""Faults on demand: what goes wrong with the next requests, by method, chat, number and chance."""

from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

Kind = Literal["429", "5xx", "reset", "lost", "hang", "latency", "partial", "duplicate", "reorder", "jump"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass
class Fault:
    """One thing that goes wrong.

    `429`: refused, with `retry_after` · `5xx`: `status` with a body that is not JSON · `reset`: connection
    reset, not executed · `lost`: executed, then the connection is closed without an answer · `hang`: no
    answer until the client gives up or `Faults.release()` · `latency`: answered `seconds` of real time
    later · `partial`: an album of which only `after` items arrive · for getUpdates: `duplicate` (the last
    acknowledged updates again), `reorder` (kinds overtake each other), `jump` (the next update's id is `to`).
    A download counts as method `download` and knows 5xx and reset.
    With 5xx, reset and hang `executed` says whether the request was carried out "before" or, hanging, "after".
    """

    method: str
    kind: Kind
    times: int | None = 1  # None: until cleared
    chat_id: int | None = None
    probability: float = 1.0
    skip: int = 0  # matching requests that go through first
    retry_after: int = 5
    status: int = 502
    seconds: float = 0.1
    executed: Literal["before", "after", "never"] = "never"
    after: int = 1
    to: int = 1000

    def meets(self, method: str, chat_id: int | None) -> bool:
        """Whether this request is one of those that go wrong."""
        if self.times == 0 or self.method.lower() not in ("*", method.lower()):
            return False
        return self.chat_id is None or self.chat_id == chat_id


class Faults:
    """The faults that are armed, first come first served."""

    def __init__(self, random: Random) -> None:
        self.armed: list[Fault] = []
        self.released = 0
        self._random = random

    def add(self, fault: Fault) -> Fault:
        """Arm a fault."""
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}, use one of {', '.join(KINDS)}")
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything go right again, and let go of what hangs."""
        self.armed.clear()
        self.release()

    def release(self) -> None:
        """Let go of the requests that hang."""
        self.released += 1

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """Return the fault that hits this request, if any, and count it."""
        for fault in self.armed:
            if not fault.meets(method, chat_id):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if self._random.random() < fault.probability:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
