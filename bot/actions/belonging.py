"""Who takes part: an active member who has agreed to. Who leads a network is active before having agreed."""

from datetime import datetime

from bot.core import consents
from storage import members
from storage.db import Connection
from storage.members import Member


def taking_part(db: Connection, member: Member | None) -> Member | None:
    """Return the member if words and reactions of theirs may be kept."""
    if member is None:
        return None
    given = consents.of_member(members.consent(db, member.id), member.state)
    return member if consents.may(given, consents.TAKE_PART) else None


def knows(db: Connection, person_id: int) -> bool:
    """Whether somebody takes part in a network, or has left one."""
    return bool(memberships(db, person_id)) or any(
        member.state == "left" for member in members.all_of_person(db, person_id)
    )


def memberships(db: Connection, person_id: int) -> list[Member]:
    """Return the memberships in which somebody takes part."""
    return [member for member in members.of_person(db, person_id) if taking_part(db, member)]


def note(db: Connection, member: Member, use: str, granted: bool, *, now: datetime) -> None:
    """Write an answer to a question of consent down, with the text that was read."""
    version = consents.version(use, member.language)
    members.agree(db, member.id, use, granted, version=version, language=member.language, now=now)
