"""Everything stored about a person in one network: table by table, for the file they get with /mydata.

A table more is a line in `TABLES`, or in `NOT_THEIRS` with the reason why nothing of it is anybody's;
tests/storage/test_mydata.py sees to it that each stands in one of the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, func, or_, select

from bot.core.erasing import mentions
from storage.db import Connection
from storage.tables import (
    agenda,
    answering,
    asks,
    audit,
    chats,
    consents,
    contribution_messages,
    contribution_themes,
    contribution_versions,
    contributions,
    corrections,
    dialogs,
    digest_items,
    digests,
    facts,
    hints,
    inbox,
    interest,
    knocks,
    links,
    media,
    meetings,
    members,
    metadata,
    networks,
    outbox,
    parcels,
    people,
    prompts,
    reactions,
    rsvps,
    stances,
    statements,
    talks,
    tallies,
    tellings,
    votes,
)

Record = dict[str, Any]


@dataclass(frozen=True)
class Whose:
    """A person in one network; without a network (0) what is stored about somebody who is in none."""

    person_id: int
    telegram_id: int
    network_id: int = 0
    member_id: int = 0


Where = Callable[[Whose], ColumnElement[bool]]


def _given(whose: Whose) -> Any:
    return select(contributions.c.id).where(contributions.c.member_id == whose.member_id)


def _made_by(table: Table) -> Where:
    return lambda w: and_(table.c.created_by == w.person_id, table.c.network_id == w.network_id)


def _digests(whose: Whose) -> Any:
    return select(digests.c.id).where(digests.c.network_id == whose.network_id)


def _chats(whose: Whose) -> Any:
    return select(chats.c.id).where(chats.c.network_id == whose.network_id)


# Which rows are about them. Of what belongs to others too only the columns in `ONLY` are given.
TABLES: dict[str, Where] = {
    "people": lambda w: people.c.id == w.person_id,
    "members": lambda w: members.c.id == w.member_id,
    "consents": lambda w: consents.c.member_id == w.member_id,
    "contributions": lambda w: contributions.c.member_id == w.member_id,
    "contribution_versions": lambda w: contribution_versions.c.contribution_id.in_(_given(w)),
    "contribution_messages": lambda w: contribution_messages.c.contribution_id.in_(_given(w)),
    "contribution_themes": lambda w: contribution_themes.c.contribution_id.in_(_given(w)),
    "media": lambda w: media.c.contribution_id.in_(_given(w)),
    "digest_items": lambda w: digest_items.c.contribution_id.in_(_given(w)),
    "statements": lambda w: statements.c.contribution_id.in_(_given(w)),
    "stances": lambda w: stances.c.member_id == w.member_id,
    "reactions": lambda w: reactions.c.member_id == w.member_id,
    "rsvps": lambda w: rsvps.c.member_id == w.member_id,
    "votes": lambda w: votes.c.member_id == w.member_id,
    "asks": lambda w: asks.c.member_id == w.member_id,
    "tellings": lambda w: tellings.c.member_id == w.member_id,
    "talks": lambda w: and_(talks.c.person_id == w.person_id, talks.c.network_id == w.network_id),
    "links": lambda w: and_(
        or_(links.c.opened_by == w.person_id, links.c.created_by == w.person_id),
        links.c.network_id == w.network_id,
    ),
    "knocks": lambda w: and_(knocks.c.person_id == w.person_id, knocks.c.network_id == w.network_id),
    "hints": lambda w: and_(hints.c.telegram_id == w.telegram_id, hints.c.chat_id.in_(_chats(w))),
    "audit": lambda w: and_(
        audit.c.person_id == w.person_id,
        or_(audit.c.network_id == w.network_id, audit.c.network_id.is_(None)),
    ),
    "networks": lambda w: and_(networks.c.id == w.network_id, networks.c.stand_in == w.person_id),
    "prompts": _made_by(prompts),
    "meetings": _made_by(meetings),
    "digests": lambda w: and_(
        or_(digests.c.note_by == w.person_id, digests.c.approved_by == w.person_id),
        digests.c.network_id == w.network_id,
    ),
    "agenda": lambda w: and_(
        or_(agenda.c.contribution_id.in_(_given(w)), agenda.c.added_by == w.person_id),
        agenda.c.digest_id.in_(_digests(w)),
    ),
    "interest": lambda w: interest.c.member_id == w.member_id,
    "corrections": lambda w: and_(
        or_(corrections.c.member_id == w.member_id, corrections.c.settled_by == w.person_id),
        corrections.c.digest_id.in_(_digests(w)),
    ),
    "dialogs": lambda w: dialogs.c.person_id == w.person_id,
    "answering": lambda w: answering.c.person_id == w.person_id,
    "outbox": lambda w: or_(outbox.c.person_id == w.person_id, outbox.c.telegram_id == w.telegram_id),
    "inbox": lambda w: inbox.c.chat_telegram_id == w.telegram_id,
    "tallies": lambda w: tallies.c.telegram_id == w.telegram_id,
    "parcels": lambda w: parcels.c.person_id == w.person_id,
}
ONLY: dict[str, tuple[str, ...]] = {
    "agenda": ("digest_id", "contribution_id", "words", "state", "position"),
    # Of one that is settled the member's words are gone: what is left is theirs, or of who settled it.
    "corrections": ("digest_id", "kind", "contribution_id", "words", "answer", "state", "at", "settled_at"),
    "networks": ("title", "stand_in"),
    "prompts": ("kind", "text", "circle", "state", "created_at"),
    "meetings": ("title", "place", "starts_at", "state", "created_at"),
    "digests": ("chain", "occurrence", "note", "approved_at", "published_at"),
    # A link opens a door for others; letters hold what the bot says, and others' words.
    "links": ("kind", "circle", "name", "group", "language", "role", "opened_at", "expires_at", "created_at"),
    "outbox": ("kind", "method", "state", "not_before", "created_at", "sent_at", "message_id"),
    "inbox": ("kind", "state", "chat_telegram_id", "message_id", "received_at"),
    "parcels": ("name", "mime", "at"),
    "media": (
        "id",
        "contribution_id",
        "kind",
        "name",
        "mime",
        "size",
        "duration",
        "state",
        "just_this",
        "erase_at",
        "at",
    ),
}
SEARCHED = ("facts",)  # without a column for whom a row is about: all that mention the Telegram id
NOT_THEIRS: dict[str, str] = {
    "chats": "groups, and how the bot stands in them",
    "chat_ids": "the ids that a group had",
    "network_groups": "what a network calls its stakeholder groups",
    "themes": "a network's list of themes, with the words by which they are found",
    "occurrences": "when a question was posted",
    "postings": "where a question stands",
    "posting_messages": "the same, message by message",
    "reaction_counts": "numbers alone, where Telegram does not say whose they are",
    "prints": "pictures and PDFs of a summary on their way: made from answers, and again without those taken back",
    "erasures": "marks of what was erased, which lead back to nobody without the key",
    "pauses": "when Telegram wants to be left in peace",
}


def rows(db: Connection, whose: Whose) -> dict[str, list[Record]]:
    """Return all rows about a person, by table."""
    found: dict[str, list[Record]] = {}
    for name, where in TABLES.items():
        table = metadata.tables[name]
        columns = [table.c[column] for column in ONLY.get(name, table.c.keys())]
        query = select(*columns).where(where(whose)).order_by(table.primary_key.columns[0])
        found[name] = [_record(row) for row in db.execute(query)]
    known = db.execute(select(facts.c.name, facts.c.value, facts.c.at).order_by(facts.c.id))
    found["facts"] = [
        {"name": row.name, "at": row.at} for row in known if mentions(row.value, whose.telegram_id)
    ]
    return found


def _record(row: "Row[Any]") -> Record:
    return {name: value for name, value in row._mapping.items() if not isinstance(value, bytes)}


# What a page for reading tells of it -------------------------------------------------------------------------------


def quoting(db: Connection, member_id: int) -> list[tuple[str, datetime, bool]]:
    """Return the summaries that went out with something of a member: which kind, when, and whether it is quoted."""
    query = (
        select(digests.c.id, digests.c.chain, digests.c.published_at, digest_items.c.quoted)
        .join(digest_items, digest_items.c.digest_id == digests.c.id)
        .join(contributions, contributions.c.id == digest_items.c.contribution_id)
        .where(contributions.c.member_id == member_id, digests.c.published_at.is_not(None))
        .order_by(digests.c.published_at, digests.c.id)
    )
    found: dict[int, tuple[str, datetime, bool]] = {}
    for id, chain, at, quoted in db.execute(query):
        found[id] = (chain, at, quoted or (id in found and found[id][2]))
    return list(found.values())


def files(db: Connection, member_id: int) -> list[tuple[int, int]]:
    """Return the files that are kept of a member, with their sizes."""
    query = (
        select(media.c.id, func.length(media.c.bytes))
        .join(contributions, contributions.c.id == media.c.contribution_id)
        .where(contributions.c.member_id == member_id, media.c.bytes.is_not(None))
    )
    return [(id, size) for id, size in db.execute(query.order_by(media.c.id))]


def file(db: Connection, medium_id: int) -> tuple[str, bytes] | None:
    """Return a file with a name of its own; None if it is gone."""
    query = select(media.c.kind, media.c.name, media.c.mime, media.c.bytes).where(media.c.id == medium_id)
    row = db.execute(query).first()
    if row is None or row.bytes is None:
        return None
    return file_name(medium_id, row.kind, row.name, row.mime), bytes(row.bytes)


EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
}
USUAL = {"photo": "jpg", "voice": "ogg", "video": "mp4", "video_note": "mp4", "audio": "mp3"}


def file_name(medium_id: int, kind: str, name: str | None, mime: str | None) -> str:
    """Return how a file is called in the archive: its number, so that no two are called the same."""
    last = (name or "").rpartition(".")[2].lower() if "." in (name or "") else ""
    given = last if last.isalnum() and last.isascii() and len(last) <= 5 else ""
    return f"{medium_id}-{kind}.{EXTENSIONS.get(mime or '') or given or USUAL.get(kind, 'bin')}"
