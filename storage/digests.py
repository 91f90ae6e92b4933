"""Digests, and which contributions stand in them: by membership, never by a range of time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Join,
    Select,
    and_,
    delete,
    exists,
    func,
    literal,
    select,
    update,
)

from bot.core.consents import STAYING
from storage import contributions as contribution_rows
from storage import rows
from storage.db import Connection, insert, insert_once
from storage.tables import (
    chats,
    contributions,
    digest_items,
    digests,
    meetings,
    members,
    networks,
    people,
    postings,
    prompts,
)

WEEKLY, MEETING = "weekly", "meeting"
UNHEARD = timedelta(days=14)  # so long a spoken answer waits to be put into words
OPEN = ("due", "draft", "approved")  # on its way; a held one waits for somebody
UNPUBLISHED = (*OPEN, "held")


@dataclass(frozen=True)
class Digest:
    """A digest on its way, or the receipt of one. `next_at`: when something is to be done for it.

    `content` holds what was chosen and the keys of the letters, no words. `version` grows with every change.
    """

    id: int
    network_id: int
    chain: str
    occurrence: str
    meeting_id: int | None
    state: str
    version: int
    draft_at: datetime
    publish_at: datetime
    next_at: datetime | None
    cut_at: datetime | None
    approved_at: datetime | None
    approved_by: int | None
    checked_at: datetime | None
    stand_in_at: datetime | None
    published_at: datetime | None
    note: str | None
    note_by: int | None
    content: dict[str, Any] | None

    @property
    def kept(self) -> dict[str, Any]:
        """Its content, empty if there is none yet."""
        return self.content or {}


@dataclass(frozen=True)
class Item:
    """A contribution's place in a digest."""

    id: int
    digest_id: int
    contribution_id: int
    quoted: bool
    hidden: bool
    asked: str | None
    single: str | None = None  # the same of a point that only its author raised: asked:<mark>, yes:<mark>, no
    told: str | None = None  # the mark of the masked words that their author was told of


@dataclass(frozen=True)
class Found:
    """A contribution with what its digest must know of its author; `answer` and `hidden` are its item's."""

    id: int
    prompt: int
    member: int
    group: str | None
    place: str
    chat: int | None
    kind: str
    text: str
    attribution: str
    name: str
    active: bool
    conversation: bool
    may_quote: str | None
    state: str
    late: bool
    hidden: bool
    answer: str | None
    arrived_at: datetime
    member_state: str
    left_how: str | None
    alone: str | None
    flags: Sequence[str] | None
    danger: str | None
    single: str | None
    starred: bool
    language: str
    message_id: int | None
    in_chat: int | None  # Telegram's id of the group it was said in
    masked: bool


@dataclass(frozen=True)
class Asked:
    """A prompt that was answered, with its words."""

    id: int
    text: str


def _query() -> "Select[Any]":
    return select(*rows.columns(digests, Digest))


def get(db: Connection, digest_id: int) -> Digest | None:
    """Return a digest."""
    return rows.one(db, _query().where(digests.c.id == digest_id), Digest)


def create(db: Connection, **values: Any) -> int | None:
    """Plan a digest and return its id; None if this occurrence of the chain was planned before."""
    return insert_once(db, digests, values, conflict=["network_id", "chain", "occurrence"])


def change(db: Connection, digest_id: int, **values: Any) -> None:
    """Change columns of a digest; what is being made of it right now is then made again."""
    changed = {**values, "version": digests.c.version + 1}
    db.execute(update(digests).where(digests.c.id == digest_id).values(**changed))


def remove(db: Connection, digest_id: int) -> None:
    """Erase a digest that nobody has seen."""
    db.execute(delete(digests).where(digests.c.id == digest_id))


def of_network(db: Connection, network_id: int, states: Collection[str]) -> list[Digest]:
    """Return the digests of a network in these states, the next one first."""
    query = _query().where(digests.c.network_id == network_id, digests.c.state.in_(states))
    return rows.many(db, query.order_by(digests.c.publish_at, digests.c.id), Digest)


def of_meeting(db: Connection, meeting_id: int) -> Digest | None:
    """Return the digest before a meeting."""
    return rows.one(db, _query().where(digests.c.meeting_id == meeting_id), Digest)


def occurrences(db: Connection, network_id: int, chain: str) -> set[str]:
    """Return the names of all that was ever planned of a chain."""
    query = select(digests.c.occurrence).where(digests.c.network_id == network_id, digests.c.chain == chain)
    return set(db.execute(query).scalars())


def due(db: Connection, *, now: datetime) -> Sequence[int]:
    """Return the digests for which something is to be done, the oldest first."""
    return db.execute(*_due(now=now)).scalars().all()


@rows.prepared
def _due(now: Any) -> Executable:
    query = select(digests.c.id).where(digests.c.next_at <= now)
    return query.order_by(digests.c.next_at, digests.c.id)


def upcoming(db: Connection) -> datetime | None:
    """Return when something is to be done next for any digest."""
    found: datetime | None = db.execute(*_upcoming()).scalar_one()
    return found


@rows.prepared
def _upcoming() -> Executable:
    return select(func.min(digests.c.next_at))


def by_state(db: Connection) -> dict[str, int]:
    """Return how many digests are in each state."""
    query = select(digests.c.state, func.count()).group_by(digests.c.state)
    return {row[0]: row[1] for row in db.execute(query)}


def unplanned(db: Connection, *, now: datetime) -> list[int]:
    """Return the networks that miss their next weekly digest, or one before a planned meeting."""
    weekly, before = db.execute(*_weekly()).scalars(), db.execute(*_before(now=now)).scalars()
    return sorted({*weekly, *before})


@rows.prepared
def _weekly() -> Executable:
    of_it = and_(digests.c.network_id == networks.c.id, digests.c.chain == WEEKLY, digests.c.state.in_(OPEN))
    return select(networks.c.id).where(
        networks.c.state == "active", networks.c.weekly, ~exists().where(of_it)
    )


@rows.prepared
def _before(now: Any) -> Executable:
    return (
        select(meetings.c.network_id)
        .join(networks, networks.c.id == meetings.c.network_id)
        .where(
            meetings.c.state == "planned",
            meetings.c.starts_at > now,
            networks.c.state == "active",
            ~exists().where(
                digests.c.network_id == meetings.c.network_id, digests.c.meeting_id == meetings.c.id
            ),
        )
    )


def last_cut(db: Connection, network_id: int, chain: str) -> datetime | None:
    """Return up to when the chain's last published digest went."""
    query = select(func.max(digests.c.cut_at)).where(
        digests.c.network_id == network_id, digests.c.chain == chain, digests.c.state == "published"
    )
    return db.execute(query).scalar_one_or_none()


def number(db: Connection, network_id: int, chain: str) -> int:
    """Return how many digests of a chain were published."""
    query = select(func.count()).where(
        digests.c.network_id == network_id, digests.c.chain == chain, digests.c.state == "published"
    )
    return db.execute(query).scalar_one()


# What stands in it ----------------------------------------------------------------------------------------------


def items(db: Connection, digest_id: int) -> dict[int, Item]:
    """Return what stands in a digest, by contribution id."""
    query = select(*rows.columns(digest_items, Item)).where(digest_items.c.digest_id == digest_id)
    found = rows.many(db, query.order_by(digest_items.c.contribution_id), Item)
    return {item.contribution_id: item for item in found}


def item(db: Connection, item_id: int) -> Item | None:
    """Return a contribution's place in a digest."""
    query = select(*rows.columns(digest_items, Item)).where(digest_items.c.id == item_id)
    return rows.one(db, query, Item)


def places(db: Connection, contribution_id: int) -> list[Item]:
    """Return the places of a contribution: at most one in each chain."""
    query = select(*rows.columns(digest_items, Item)).where(digest_items.c.contribution_id == contribution_id)
    return rows.many(db, query.order_by(digest_items.c.id), Item)


def stand_in(db: Connection, ids: Collection[int]) -> list[int]:
    """Return the digests in which contributions stand, each of them in at most one of a chain."""
    query = select(digest_items.c.digest_id).where(digest_items.c.contribution_id.in_(ids)).distinct()
    return list(db.execute(query.order_by(digest_items.c.digest_id)).scalars())


def take(db: Connection, digest: Digest, ids: Iterable[int]) -> None:
    """Let contributions stand in a digest; those erased meanwhile, or standing in another one, don't."""
    there = (
        select(literal(digest.id), literal(digest.chain), contributions.c.id)
        .where(contributions.c.id.in_(list(ids)))
        .order_by(contributions.c.id)
    )
    statement = insert(db, digest_items).from_select(["digest_id", "chain", "contribution_id"], there)
    db.execute(statement.on_conflict_do_nothing(index_elements=["chain", "contribution_id"]))


def release(db: Connection, digest_id: int, ids: Collection[int] | None = None) -> None:
    """Let contributions (None: all) stand in the chain's next digest instead."""
    where = [digest_items.c.digest_id == digest_id]
    if ids is not None:
        where.append(digest_items.c.contribution_id.in_(ids))
    db.execute(delete(digest_items).where(*where))


def hand_on(db: Connection, digest_id: int, later: int | None, ids: Collection[int] | None = None) -> None:
    """Let contributions (None: all) stand in a later digest of the chain instead; None: in the next one there will be.

    What their authors were asked or said about being the only ones goes along, and what was left out by hand.
    """
    where = [digest_items.c.digest_id == digest_id]
    if ids is not None:
        where.append(digest_items.c.contribution_id.in_(ids))
    if later is not None:
        moved = {"digest_id": later, "quoted": False, "asked": None}
        db.execute(update(digest_items).where(*where, digest_items.c.single.is_not(None)).values(**moved))
    db.execute(delete(digest_items).where(*where))


def release_unsaid(db: Connection, digest_id: int) -> None:
    """Let go what stands in a digest that is planned anew, but that of whose authors it is known what they want."""
    of_it = digest_items.c.digest_id == digest_id
    db.execute(delete(digest_items).where(of_it, digest_items.c.single.is_(None)))
    db.execute(update(digest_items).where(of_it).values(quoted=False, asked=None))


def change_item(db: Connection, item_id: int, **values: Any) -> None:
    """Change columns of an item."""
    db.execute(update(digest_items).where(digest_items.c.id == item_id).values(**values))


def pending(db: Connection, digest_id: int) -> int:
    """Return how many points in a digest wait for the yes of the only one who raised them."""
    asked = and_(digest_items.c.single.startswith("asked:"), ~digest_items.c.hidden)
    return db.execute(select(func.count()).where(digest_items.c.digest_id == digest_id, asked)).scalar_one()


def move_item(db: Connection, item_id: int, digest_id: int) -> None:
    """Let a contribution stand in another digest of the same chain, with what its author said about it."""
    moved = {"digest_id": digest_id, "quoted": False, "hidden": False}
    db.execute(update(digest_items).where(digest_items.c.id == item_id).values(**moved))


def quoted(db: Connection, digest_id: int, ids: Collection[int]) -> None:
    """Write down which contributions a digest quotes; the others are counted only."""
    of_it = digest_items.c.digest_id == digest_id
    db.execute(update(digest_items).where(of_it).values(quoted=digest_items.c.contribution_id.in_(ids)))


def unquote(db: Connection, digest_id: int, *, but: Collection[int]) -> None:
    """Write down that a digest quotes no others of its contributions any more."""
    no_more = and_(digest_items.c.digest_id == digest_id, digest_items.c.contribution_id.not_in(but))
    db.execute(update(digest_items).where(no_more, digest_items.c.quoted).values(quoted=False))


def past_quotes(db: Connection, network_id: int) -> dict[int, int]:
    """Return how often each member was quoted in published digests."""
    query = (
        select(contributions.c.member_id, func.count())
        .join(digest_items, digest_items.c.contribution_id == contributions.c.id)
        .join(digests, digests.c.id == digest_items.c.digest_id)
        .where(digests.c.network_id == network_id, digests.c.state == "published", digest_items.c.quoted)
        .group_by(contributions.c.member_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def standing(db: Connection, digest_id: int) -> list[Found]:
    """Return the contributions that stand in a digest."""
    return _found(db, digest_items.c.digest_id == digest_id, digest_items.c.digest_id == digest_id)


def waiting(db: Connection, network_id: int, chain: str, *, cut: datetime) -> list[Found]:
    """Return what arrived by `cut` and stands in no digest of its chain yet."""
    taken = digest_items.alias("taken")
    free = ~exists().where(taken.c.chain == chain, taken.c.contribution_id == contributions.c.id)
    where = and_(
        contributions.c.network_id == network_id,
        contributions.c.arrived_at <= cut,
        contributions.c.state == "kept",
        contribution_rows.safe(),
        ~contribution_rows.unheard(since=cut - UNHEARD),
        free,
    )
    return _found(db, where, digest_items.c.id == 0)  # it has no item: the join finds none


def _found(db: Connection, where: ColumnElement[bool], its_item: ColumnElement[bool]) -> list[Found]:
    item = and_(digest_items.c.contribution_id == contributions.c.id, its_item)
    joined = _sources().outerjoin(digest_items, item)
    return rows.many(
        db, select(*_wanted()).select_from(joined).where(where).order_by(contributions.c.id), Found
    )


@cache
def _sources() -> Join:
    return (
        contributions.join(postings, postings.c.id == contributions.c.posting_id)
        .join(members, members.c.id == contributions.c.member_id)
        .join(people, people.c.id == members.c.person_id)
        .outerjoin(chats, chats.c.id == contributions.c.chat_id)
    )


@cache
def _wanted() -> list[ColumnElement[Any]]:
    borrowed = {
        "prompt": postings.c.prompt_id,
        "member": members.c.id,
        "group": members.c.group,
        "chat": contributions.c.chat_id,
        "text": func.coalesce(
            contributions.c.masked, contributions.c.text
        ),  # the original is for nobody else
        "attribution": func.coalesce(contributions.c.attribution, members.c.attribution),
        "name": people.c.name,
        "active": members.c.state.in_(STAYING),
        "hidden": func.coalesce(digest_items.c.hidden, False),
        "answer": digest_items.c.asked,
        "single": digest_items.c.single,
        "member_state": members.c.state,
        "left_how": members.c.left_how,
        "alone": members.c.shown_alone,
        "starred": contributions.c.starred_at.is_not(None),
        "language": people.c.language,
        "in_chat": chats.c.telegram_id,
        "masked": contributions.c.masked.is_not(None),
    }
    return [
        (borrowed[name] if name in borrowed else contributions.c[name]).label(name)
        for name in rows.fields(Found)
    ]


def asked(db: Connection, ids: Collection[int]) -> list[Asked]:
    """Return prompts with their words, in the order in which they were first asked."""
    first = func.min(postings.c.posted_at)
    query = (
        select(prompts.c.id, prompts.c.text)
        .join(postings, postings.c.prompt_id == prompts.c.id)
        .where(prompts.c.id.in_(ids))
        .group_by(prompts.c.id, prompts.c.text)
        .order_by(first, prompts.c.id)
    )
    return rows.many(db, query, Asked)


def next_question(db: Connection, network_id: int, *, after: datetime) -> datetime | None:
    """Return when the network's next prompt is due."""
    query = select(func.min(prompts.c.next_due_at)).where(
        prompts.c.network_id == network_id, prompts.c.state == "planned", prompts.c.next_due_at > after
    )
    return db.execute(query).scalar_one_or_none()
