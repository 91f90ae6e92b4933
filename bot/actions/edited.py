"""What was changed of a digest by hand, for its material: questions, and what was put right after it went out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.core import voices
from bot.core.voices import Chosen, Reply
from storage import agenda, corrections
from storage.agenda import Entry
from storage.corrections import Accepted
from storage.db import Connection


@dataclass(frozen=True)
class Edited:
    """`own_questions`: of facilitators; `dropped`: contributions whose question is left out, or stands with another.

    `corrected`: points that were missing; `put_right`: corrections of those who lead, with their names.
    """

    own_questions: tuple[str, ...] = ()
    dropped: frozenset[int] = frozenset()
    corrected: tuple[Chosen, ...] = ()
    put_right: tuple[tuple[str, str | None], ...] = ()


def of_digest(db: Connection, digest_id: int, replies: Collection[Reply], *, out: bool) -> Edited:
    """Return what was changed; `out`: it has been published, before that there is nothing to correct."""
    entries = agenda.of_digest(db, digest_id)
    stand = _standing(entries, replies)
    own = tuple(
        one.words
        for one in entries
        if one.words is not None and one.state == "on" and one.merged_into not in stand
    )
    settled = corrections.accepted(db, digest_id) if out else []
    right = tuple((one.answer, one.name) for one in settled if one.answer)
    return Edited(own, _dropped(entries, stand), _points(settled, replies), right)


def _standing(entries: Sequence[Entry], replies: Collection[Reply]) -> set[int]:
    """A question that stands with another one comes back when that one was taken back, or left out."""
    there = {reply.id for reply in replies if voices.quotable(reply)}
    return {
        one.id for one in entries if one.shown and (one.words is not None or one.contribution_id in there)
    }


def _dropped(entries: Sequence[Entry], stand: Collection[int]) -> frozenset[int]:
    return frozenset(
        one.contribution_id
        for one in entries
        if one.contribution_id is not None and (one.state != "on" or one.merged_into in stand)
    )


def _points(settled: Sequence[Accepted], replies: Collection[Reply]) -> tuple[Chosen, ...]:
    """The words that were taken in, as long as they are the same."""
    of = {reply.id: reply for reply in replies if reply.text.strip()}
    found = (
        (voices.pick(of[id], voices.quote(of[id].text)), one.mark)
        for one in settled
        if (id := one.contribution_id) in of
    )
    return tuple(chosen for chosen, mark in found if chosen.mark == mark)
