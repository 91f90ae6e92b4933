"""Who takes part: an active member who has agreed to. Who leads a network is active before having agreed."""

from bot.core import consents
from storage import members
from storage.db import Connection
from storage.members import Member


def taking_part(db: Connection, member: Member | None) -> Member | None:
    """Return the member if words and reactions of theirs may be kept."""
    if member is None or not member.active:
        return None
    return member if consents.may(members.consent(db, member.id), consents.TAKE_PART) else None


def memberships(db: Connection, person_id: int) -> list[Member]:
    """Return the memberships in which somebody takes part."""
    return [member for member in members.of_person(db, person_id) if taking_part(db, member)]
