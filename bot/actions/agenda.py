"""The questions of a summary as proposals for the meeting: *that one*, in one tap.

What facilitators do with them stands in `draft_agenda`.
"""

from datetime import datetime

from bot.actions.belonging import taking_part
from bot.actions.draft_press import Reaction, stale
from bot.actions.unit import Desk
from bot.core import digest as core
from bot.core.letters import Button, callback
from bot.core.texts import Text
from storage import agenda, digests, meetings, members
from storage.agenda import Entry
from storage.db import Connection
from storage.people import Person


def settle(db: Connection, digest_id: int, choice: core.Choice) -> list[Entry]:
    """Give each question that was chosen a row, so that a button can name it; return all rows of the digest."""
    known = {one.contribution_id for one in agenda.of_digest(db, digest_id)}
    for chosen in choice.questions:
        if chosen.id not in known:
            agenda.add(db, digest_id, contribution_id=chosen.id)
    return agenda.of_digest(db, digest_id)


def buttons(db: Connection, digest_id: int, shown: core.Digest, text: Text) -> tuple[Button, ...]:
    """Return a row of buttons, one for each question as it is numbered in the summary."""
    entries = agenda.of_digest(db, digest_id)
    of = {one.contribution_id: one for one in entries if one.contribution_id is not None}
    asked = [of[quote.id] for quote in shown.questions if quote.id in of]
    own = sorted((one for one in entries if one.words is not None), key=lambda one: not one.shown)
    for words in shown.own_questions:  # those that are shown, and no other
        found = next((one for one in own if one.words == words), None)
        if found is not None:
            own.remove(found)
            asked.append(found)
    return tuple(
        Button(
            text.plain("agenda.button.that", number=str(number)),
            callback("agenda.that", one.id, str(number)),
        )
        for number, one in enumerate(asked, 1)
    )


def pressed(
    db: Connection, person: Person | None, entry_id: int, number: str, desk: Desk, *, now: datetime
) -> Reaction:
    """Say, or no longer say, that somebody wants to talk about a question; nobody sees who."""
    text = desk.text(person.language if person else None)
    entry = agenda.get(db, entry_id)
    digest = None if entry is None else digests.get(db, entry.digest_id)
    if entry is None or digest is None or digest.state != "published":
        return stale(text)
    member = None if person is None else taking_part(db, members.who(db, digest.network_id, person.id))
    if member is None:
        return Reaction(answer=text.plain("agenda.not_joined"), alert=True)
    over = None if digest.meeting_id is None else meetings.starts_at(db, digest.meeting_id)
    if over is not None and over <= now:
        return Reaction(answer=text.plain("agenda.over"), alert=True)
    if not entry.shown and entry.merged_into is None:
        return stale(text)
    wants = agenda.toggle(db, entry.id, member.id, now=now)
    shown = number if number.isdecimal() and len(number) < 3 else ""
    return Reaction(
        answer=text.plain("agenda.noted" if wants else "agenda.no_longer", number=shown), alert=True
    )
