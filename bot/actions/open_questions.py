"""The questions that somebody may answer in private, in all their networks, and how they are listed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.actions.belonging import memberships
from bot.core.contributions import title
from bot.core.letters import MAX_LABEL, Button, callback, member_words
from bot.core.prompts import excerpt
from bot.core.texts import Markup
from storage import networks, postings
from storage.db import Connection
from storage.postings import Posting

RECENT = timedelta(days=30)  # a question that is over may still be meant
MOST = 6
LENGTH = 70  # of a question in a list


def opened(db: Connection, person_id: int, *, now: datetime) -> list[Posting]:
    """Return the open questions of a person, the newest of each network first."""
    return [
        posting
        for member in memberships(db, person_id)
        for posting in postings.open_in(db, member.network_id, now=now)
        if posting.circle == member.circle
    ]


def closed(db: Connection, person_id: int, *, now: datetime) -> list[Posting]:
    """Return those that closed lately."""
    return [
        posting
        for member in memberships(db, person_id)
        for posting in postings.recent(db, member.network_id, since=now - RECENT)
        if posting.circle == member.circle and posting.closes_at <= now
    ]


def several_networks(db: Connection, person_id: int) -> bool:
    """Whether a person has to be told which network a question is from."""
    return len(memberships(db, person_id)) > 1


def listed(db: Connection, person_id: int, found: Sequence[Posting]) -> Markup:
    """Return questions with their numbers, and where they are from if that is in doubt."""
    several = several_networks(db, person_id)
    lines = []
    for number, posting in enumerate(found, 1):
        line = f"{number}. {member_words(excerpt(posting.text, LENGTH))}"
        if several:
            line += f" (<i>{member_words(networks.found(db, posting.network_id).title)}</i>)"
        lines.append(line)
    return Markup("\n".join(lines))


def buttons(found: Sequence[Posting], action: str) -> list[Button]:
    """Return a button for each, with its number and the beginning of its words."""
    return [
        Button(f"{number}. {title(posting.text, MAX_LABEL - 3)}", callback(action, posting.id))
        for number, posting in enumerate(found, 1)
    ]
