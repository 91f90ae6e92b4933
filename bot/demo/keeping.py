"""What `--keep` keeps beside the bot's database: the sandbox's people, chats and time, and who has acted already."""

import pickle
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.config import Mistake
from bot.demo.stage import Stage

NAME = "telegram.pickle"
# What of the sandbox's state is data; the rest (clock, waiting, faults) is made anew.
KEPT = ("users", "chats", "files", "polls", "queries", "settings", "_numbers", "_box", "random")


@dataclass
class Kept:
    """A demo as it was left."""

    language: str
    now: datetime
    state: dict[str, Any]
    updates: dict[str, Any]
    stage: dict[str, Any]
    set_up: bool = False
    done: set[str] = field(default_factory=set)


def save(folder: Path, stage: Stage, *, set_up: bool, done: set[str]) -> None:
    """Write down where the demo stands."""
    state = stage.state
    kept = Kept(
        language=stage.script.language,
        now=state.clock.now(),
        state={name: getattr(state, name) for name in KEPT},
        updates={"pending": state.queue.pending, "next_id": state.queue.next_id},
        stage={"users": stage.users, "groups": stage.groups, "roles": stage.roles},
        set_up=set_up,
        done=done,
    )
    fresh = folder / f"{NAME}.new"
    fresh.write_bytes(pickle.dumps(kept))
    fresh.replace(folder / NAME)


def load(folder: Path, language: str) -> Kept | None:
    """Return the demo that was left here; None if there is none."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        kept: Kept = pickle.loads(path.read_bytes())  # noqa: S301 - written by the demo itself, on this machine
    except Exception as error:
        raise Mistake(
            f"The demo kept in {folder} can't be read: delete that folder to begin anew."
        ) from error
    if kept.language != language:
        raise Mistake(
            f"The demo kept in {folder} speaks {kept.language!r}: "
            f"use --language {kept.language}, or delete that folder to begin anew."
        )
    return kept


def restore(kept: Kept, stage: Stage) -> None:
    """Put everything back where it was."""
    for name, value in kept.state.items():
        setattr(stage.state, name, value)
    stage.state.queue.pending = kept.updates["pending"]
    stage.state.queue.next_id = kept.updates["next_id"]
    stage.users, stage.groups = kept.stage["users"], kept.stage["groups"]
    stage.roles.update(kept.stage["roles"])
