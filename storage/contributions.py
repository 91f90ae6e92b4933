"""What members gave, with its earlier versions and its media."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.core.contributions import LOUD
from bot.core.danger import KEPT_OUT
from storage import rows
from storage.db import Connection, insert_once
from storage.tables import (
    contribution_messages,
    contribution_themes,
    contribution_versions,
    contributions,
    digest_items,
    digests,
    media,
    members,
    people,
)


@dataclass(frozen=True)
class Contribution:
    """What a member gave. `place` is group, private or room; `attribution` None means the member's own.

    `sent_at` is Telegram's date, `arrived_at` ours; `chat_id` is internal, None in private. `picture`: nobody can be
    recognised in it (nobody), they agreed (agreed), it is not to be shown (hidden); None: shown to nobody yet.
    """

    id: int
    network_id: int
    posting_id: int
    member_id: int
    place: str
    chat_id: int | None
    message_id: int | None
    album: str | None
    kind: str
    text: str
    attribution: str | None
    conversation: bool
    may_quote: str | None
    picture: str | None
    late: bool
    state: str
    sent_at: datetime
    edited_at: datetime | None
    arrived_at: datetime
    checked_at: datetime | None
    noted_by: int | None = None  # told to a facilitator, who wrote it down
    heard: str | None = None  # a spoken answer in writing, until its author has confirmed it
    heard_by: int | None = None
    heard_state: str | None = None  # typed, confirmed, refused
    danger: str | None = None  # hit the safety list: held, out, used (see bot/core/danger.py)
    danger_at: datetime | None = None  # when those who lead were alerted, until somebody has looked
    masked: str | None = None  # its words with […], until a digest with it is approved
    flags: Sequence[str] | None = None  # what a facilitator should look at: bot.core.persons.KINDS
    starred_at: datetime | None = None  # its author: this one matters to me
    masked_by: int | None = None  # who put the […] there; stays when the original goes

    @property
    def read(self) -> str:
        """The words as everybody but their author reads them."""
        return self.text if self.masked is None else self.masked


@dataclass(frozen=True)
class Medium:
    """A file of a contribution.

    `state`: held (no consent yet), wanted, kept, sealed (for its author alone), too_big, gone.
    """

    id: int
    contribution_id: int
    kind: str
    file_id: str
    name: str | None
    mime: str | None
    size: int | None
    duration: int | None
    state: str
    at: datetime
    just_this: bool = False  # kept until somebody has listened, though not all may be kept
    erase_at: datetime | None = None


@cache
def _query() -> "Select[Any]":
    return select(*rows.columns(contributions, Contribution))


def get(db: Connection, contribution_id: int) -> Contribution | None:
    """Return a contribution."""
    return rows.by(db, _query, Contribution, (contributions.c.id, contribution_id))


def every(db: Connection, ids: Collection[int]) -> list[Contribution]:
    """Return those of these contributions that are there."""
    return rows.many(
        db, _query().where(contributions.c.id.in_(ids)).order_by(contributions.c.id), Contribution
    )


def behind(db: Connection, telegram_chat_id: int, message_id: int) -> Contribution | None:
    """Return the contribution of which a Telegram message is (a part of) the words."""
    return rows.by(
        db,
        _spoken,
        Contribution,
        (contribution_messages.c.telegram_chat_id, telegram_chat_id),
        (contribution_messages.c.message_id, message_id),
    )


@cache
def _spoken() -> "Select[Any]":
    message = contribution_messages.c.contribution_id == contributions.c.id
    return _query().join(contribution_messages, message)


def of_album(db: Connection, member_id: int, album: str) -> Contribution | None:
    """Return the contribution that an album already became."""
    query = _query().where(contributions.c.member_id == member_id, contributions.c.album == album)
    return rows.one(db, query, Contribution)


def keep(db: Connection, **values: Any) -> Contribution:
    """Write a contribution down."""
    return Contribution(**db.execute(_keeping(), values).one()._mapping)


@cache
def _keeping() -> Executable:
    return insert(contributions).returning(*rows.columns(contributions, Contribution))


def stands_in(db: Connection, contribution_id: int, telegram_chat_id: int, message_id: int) -> bool:
    """Write down which Telegram message it is; False if that message was known already."""
    values = {
        "contribution_id": contribution_id,
        "telegram_chat_id": telegram_chat_id,
        "message_id": message_id,
    }
    conflict = ["telegram_chat_id", "message_id"]
    return insert_once(db, contribution_messages, values, conflict=conflict) is not None


def change(db: Connection, contribution_id: int, **values: Any) -> None:
    """Change columns of a contribution."""
    db.execute(update(contributions).where(contributions.c.id == contribution_id).values(**values))


def version(db: Connection, contribution_id: int, text: str, *, at: datetime) -> None:
    """Keep earlier words until the digest."""
    db.execute(insert(contribution_versions).values(contribution_id=contribution_id, text=text, at=at))


def forget_versions(db: Connection, ids: Sequence[int]) -> None:
    """Earlier words have served."""
    db.execute(delete(contribution_versions).where(contribution_versions.c.contribution_id.in_(ids)))


def settle(db: Connection, ids: Collection[int]) -> None:
    """Masked words take the place of the original, which has served; so have its earlier versions."""
    is_masked = and_(contributions.c.id.in_(ids), contributions.c.masked.is_not(None))
    found = list(db.execute(select(contributions.c.id).where(is_masked)).scalars())
    forget_versions(db, found)
    settled = {"text": contributions.c.masked, "masked": None}
    db.execute(update(contributions).where(contributions.c.id.in_(found)).values(**settled))


def last_version(db: Connection, contribution_id: int) -> str | None:
    """Return the words before the last change, if they are still kept."""
    return db.execute(_last_version(), {"contribution_id": contribution_id}).scalar_one_or_none()


@cache
def _last_version() -> "Select[Any]":
    its = contribution_versions.c.contribution_id == bindparam("contribution_id")
    query = select(contribution_versions.c.text).where(its)
    return query.order_by(contribution_versions.c.id.desc()).limit(1)


def many(db: Connection, ids: Collection[int]) -> dict[int, Contribution]:
    """Return contributions by their ids."""
    return {kept.id: kept for kept in every(db, ids)}


def since(db: Connection, network_id: int, moment: datetime) -> list[Contribution]:
    """Return what was given in a network since then and not taken back."""
    query = _query().where(
        contributions.c.network_id == network_id,
        contributions.c.state == "kept",
        contributions.c.arrived_at >= moment,
    )
    return rows.many(db, query.order_by(contributions.c.id), Contribution)


def add_medium(db: Connection, **values: Any) -> int:
    """Write a file of a contribution down; return its id."""
    made: int = db.execute(insert(media).values(**values).returning(media.c.id)).scalar_one()
    return made


def held_by(db: Connection, member_id: int) -> list[Medium]:
    """Return the files of a member that wait for a word on whether they may be kept."""
    query = select(*rows.columns(media, Medium)).join(
        contributions, contributions.c.id == media.c.contribution_id
    )
    query = query.where(contributions.c.member_id == member_id, media.c.state == "held")
    return rows.many(db, query.order_by(media.c.id), Medium)


def media_of(db: Connection, contribution_id: int) -> list[Medium]:
    """Return the files of a contribution."""
    query = select(*rows.columns(media, Medium)).where(media.c.contribution_id == contribution_id)
    return rows.many(db, query.order_by(media.c.id), Medium)


def medium(db: Connection, medium_id: int) -> Medium | None:
    """Return a file."""
    return rows.one(db, select(*rows.columns(media, Medium)).where(media.c.id == medium_id), Medium)


def bytes_of(db: Connection, medium_id: int) -> bytes | None:
    """Return what is in a file."""
    return db.execute(select(media.c.bytes).where(media.c.id == medium_id)).scalar_one_or_none()


def change_medium(db: Connection, medium_id: int, **values: Any) -> None:
    """Change columns of a file."""
    db.execute(update(media).where(media.c.id == medium_id).values(**values))


def forget_media(db: Connection, contribution_id: int) -> None:
    """Erase the files of a contribution, bytes and ids."""
    db.execute(delete(media).where(media.c.contribution_id == contribution_id))


def forget_held(db: Connection, *, before: datetime) -> int:
    """Erase the ids of files whose senders did not say in time that they may be kept; return how many."""
    return db.execute(
        update(media)
        .where(media.c.state == "held", media.c.at < before)
        .values(state="gone", file_id="", name=None)
    ).rowcount


def forget_words(db: Connection, contribution_id: int, *, state: str) -> None:
    """Erase what was given; that something was given, and when, is kept, so that a repeat is recognised."""
    forget_media(db, contribution_id)
    forget_versions(db, [contribution_id])
    nothing = {"text": "", "attribution": None, "may_quote": None, "picture": None, "heard": None}
    nothing |= {"danger": None, "danger_at": None}
    nothing |= {"masked": None, "masked_by": None, "flags": None, "starred_at": None}
    change(db, contribution_id, state=state, **nothing)
    db.execute(delete(contribution_themes).where(contribution_themes.c.contribution_id == contribution_id))


def erase_file(db: Connection, medium_id: int) -> None:
    """Erase a file, bytes and id; that there was one is kept."""
    nothing = {"file_id": "", "name": None, "sha256": None, "bytes": None, "erase_at": None}
    change_medium(db, medium_id, state="gone", just_this=False, **nothing)


def to_erase(db: Connection, *, before: datetime, limit: int) -> list[Medium]:
    """Return files whose time is over."""
    query = select(*rows.columns(media, Medium)).where(media.c.erase_at <= before)
    return rows.many(db, query.order_by(media.c.erase_at, media.c.id).limit(limit), Medium)


def safe() -> ColumnElement[bool]:
    """Whether a contribution is not held back for somebody's safety."""
    return func.coalesce(contributions.c.danger, "").not_in(KEPT_OUT)


def to_listen(db: Connection, network_id: int) -> list[Contribution]:
    """Return what was spoken in a network, may be listened to, and was not written down yet; the oldest first."""
    query = _query().where(contributions.c.network_id == network_id, *_listenable())
    return rows.many(db, query.order_by(contributions.c.id), Contribution)


def _listenable() -> list[ColumnElement[bool]]:
    """A sound that its author lets be kept, of who still takes part and can be asked whether the words are right."""
    sound = select(media.c.id).where(
        media.c.contribution_id == contributions.c.id,
        media.c.kind.in_(LOUD),
        media.c.state.in_(("wanted", "kept")),
        media.c.file_id != "",
    )
    author = (
        select(members.c.id)
        .join(people, people.c.id == members.c.person_id)
        .where(members.c.id == contributions.c.member_id, members.c.state == "active", people.c.reachable)
    )
    return [
        contributions.c.state == "kept",
        contributions.c.heard_state.is_(None),
        sound.exists(),
        author.exists(),
    ]


def unheard(*, since: datetime) -> ColumnElement[bool]:
    """Whether a contribution is still to be put into words: it can be quoted only then, so its digest waits.

    What nobody has listened to `since` then is counted without words, so that it is not lost altogether.
    """
    typed = func.coalesce(contributions.c.heard_state, "") == "typed"  # never NULL: it is turned round
    spoken = and_(
        contributions.c.text == "",
        contributions.c.arrived_at > since,
        or_(and_(*_listenable()), and_(typed, contributions.c.kind.in_(LOUD))),
    )
    return or_(spoken, and_(contributions.c.noted_by.is_not(None), typed))


def held_back(db: Connection, network_id: int, *, since: datetime | None) -> tuple[int, int]:
    """Return how many answers are left out for somebody's safety, and of how many the author can't be told."""
    query = (
        select(people.c.reachable)
        .select_from(contributions)
        .join(members, members.c.id == contributions.c.member_id)
        .join(people, people.c.id == members.c.person_id)
        .where(
            contributions.c.network_id == network_id,
            contributions.c.danger.in_(KEPT_OUT),
            contributions.c.state == "kept",
        )
    )
    if since is not None:
        query = query.where(contributions.c.arrived_at > since)
    told = list(db.execute(query).scalars())
    return len(told), told.count(False)


def unopened(db: Connection, *, before: datetime) -> list[Contribution]:
    """Return answers of which those who lead were alerted before a moment, and nobody has looked."""
    query = _query().where(
        contributions.c.danger_at < before,
        contributions.c.danger.in_(KEPT_OUT),
        contributions.c.state == "kept",
    )
    return rows.many(db, query.order_by(contributions.c.id), Contribution)


def first_in_conversation(db: Connection, contribution: Contribution) -> bool:
    """Whether its author said nothing to another member before it."""
    query = select(contributions.c.id).where(
        contributions.c.member_id == contribution.member_id,
        contributions.c.conversation,
        contributions.c.id < contribution.id,
    )
    return db.execute(query.limit(1)).first() is None


def published_at(db: Connection, contribution_id: int) -> datetime | None:
    """Return when it last went out in a digest, quoted or not."""
    query = (
        select(func.max(digests.c.published_at))
        .join(digest_items, digest_items.c.digest_id == digests.c.id)
        .where(digest_items.c.contribution_id == contribution_id, digests.c.state == "published")
    )
    found: datetime | None = db.execute(query).scalar_one()
    return found


def to_check(
    db: Connection, ids: Sequence[int], *, unless_since: datetime | None = None
) -> list[Contribution]:
    """Return those that stand in a group, and were not seen there at `unless_since` or later."""
    query = _query().where(
        contributions.c.id.in_(ids),
        contributions.c.state == "kept",
        contributions.c.place == "group",
        contributions.c.chat_id.is_not(None),
        contributions.c.message_id.is_not(None),
    )
    if unless_since is not None:
        query = query.where(
            or_(contributions.c.checked_at.is_(None), contributions.c.checked_at < unless_since)
        )
    return rows.many(db, query.order_by(contributions.c.id), Contribution)


def of_posting(db: Connection, posting_id: int) -> list[Contribution]:
    """Return what answers a posting."""
    return rows.many(
        db,
        _query().where(contributions.c.posting_id == posting_id).order_by(contributions.c.id),
        Contribution,
    )


def count(db: Connection, member_id: int) -> int:
    """Return how many a member gave; never shown to anybody."""
    query = select(func.count()).where(
        contributions.c.member_id == member_id, contributions.c.state == "kept"
    )
    return db.execute(query).scalar_one()


def of_member(db: Connection, member_id: int) -> list[int]:
    """Return the ids of what a member gave and did not take back."""
    query = select(contributions.c.id).where(
        contributions.c.member_id == member_id, contributions.c.state == "kept"
    )
    return list(db.execute(query.order_by(contributions.c.id)).scalars())


def with_files(db: Connection, member_id: int) -> list[Contribution]:
    """Return what a member gave of which files are kept, or are on their way here."""
    there = select(media.c.id).where(
        media.c.contribution_id == contributions.c.id, media.c.state.in_(("wanted", "kept", "sealed"))
    )
    query = _query().where(
        contributions.c.member_id == member_id, contributions.c.state == "kept", there.exists()
    )
    return rows.many(db, query.order_by(contributions.c.id), Contribution)
