"""Postings: a prompt as it stands in one chat."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, update

from storage import rows, statements, votes
from storage.db import Connection, insert_once
from storage.tables import chats, contributions, posting_messages, postings, prompts


@dataclass(frozen=True)
class Posting:
    """A prompt as it stands in one chat; `text`, `kind` and `form` are the prompt's, `circle` the chat's.

    `token` recognises it in a reply before `message_id` is known.
    """

    id: int
    prompt_id: int
    occurrence_id: int
    network_id: int
    chat_id: int
    token: str
    topic_id: int | None
    message_id: int | None
    posted_at: datetime
    closes_at: datetime
    text: str
    kind: str
    form: dict[str, Any] | None
    circle: str


@cache
def _query() -> "Select[Any]":
    asked = {name: prompts.c[name] for name in ("text", "kind", "form")}
    borrowed = {**asked, "circle": chats.c.circle}
    wanted = [borrowed[name] if name in borrowed else postings.c[name] for name in rows.fields(Posting)]
    return (
        select(*wanted)
        .join(prompts, prompts.c.id == postings.c.prompt_id)
        .join(chats, chats.c.id == postings.c.chat_id)
    )


def create(db: Connection, **values: Any) -> Posting | None:
    """Make a posting; None if the occurrence stands in this chat already."""
    made = insert_once(db, postings, values, conflict=["occurrence_id", "chat_id"])
    return None if made is None else get(db, made)


def get(db: Connection, posting_id: int) -> Posting | None:
    """Return a posting."""
    return rows.by(db, _query, Posting, (postings.c.id, posting_id))


def by_token(db: Connection, token: str) -> Posting | None:
    """Return the posting with this token."""
    return rows.by(db, _query, Posting, (postings.c.token, token))


def behind(db: Connection, chat_id: int, message_id: int) -> Posting | None:
    """Return the posting that a message of ours is: itself, a piece of it, an attachment or a second copy."""
    row = db.execute(_behind(), {"chat": chat_id, "message": message_id}).first()
    return None if row is None else Posting(**row._mapping)


@cache
def _behind() -> "Select[Any]":
    chat = bindparam("chat", type_=postings.c.chat_id.type)
    message = bindparam("message", type_=postings.c.message_id.type)
    return (
        _query()
        .outerjoin(posting_messages, posting_messages.c.posting_id == postings.c.id)
        .where(
            or_(
                and_(postings.c.chat_id == chat, postings.c.message_id == message),
                and_(posting_messages.c.chat_id == chat, posting_messages.c.message_id == message),
            )
        )
        .limit(1)
    )


def in_topic(db: Connection, chat_id: int, topic_id: int) -> Posting | None:
    """Return the posting that has a forum topic to itself.

    In the topic of /setup all postings stand, and what is said there answers none of them by itself.
    """
    shared = select(chats.c.id).where(chats.c.id == chat_id, chats.c.topic_id == topic_id)
    query = _query().where(postings.c.chat_id == chat_id, postings.c.topic_id == topic_id, ~shared.exists())
    there = rows.many(db, query.order_by(postings.c.id).limit(2), Posting)
    return there[0] if len(there) == 1 else None


def open_in(db: Connection, network_id: int, *, now: datetime) -> list[Posting]:
    """Return the postings of a network that are still open, the newest first."""
    query = _query().where(postings.c.network_id == network_id, postings.c.closes_at > now)
    return rows.many(db, query.order_by(postings.c.posted_at.desc(), postings.c.id.desc()), Posting)


def recent(db: Connection, network_id: int, *, since: datetime) -> list[Posting]:
    """Return the postings of a network since a moment, open or not, the newest first."""
    query = _query().where(postings.c.network_id == network_id, postings.c.posted_at >= since)
    return rows.many(db, query.order_by(postings.c.posted_at.desc(), postings.c.id.desc()), Posting)


def unplaced(db: Connection, chat_id: int) -> list[Posting]:
    """Return the postings of a chat of which no message id is known, the newest first."""
    query = _query().where(postings.c.chat_id == chat_id, postings.c.message_id.is_(None))
    return rows.many(db, query.order_by(postings.c.posted_at.desc(), postings.c.id.desc()), Posting)


def of_prompt(db: Connection, prompt_id: int) -> list[Posting]:
    """Return where and when a prompt was posted."""
    return rows.many(db, _query().where(postings.c.prompt_id == prompt_id).order_by(postings.c.id), Posting)


def change(db: Connection, posting_id: int, **values: Any) -> None:
    """Change columns of a posting."""
    db.execute(update(postings).where(postings.c.id == posting_id).values(**values))


def stands(db: Connection, posting_id: int, chat_id: int, message_id: int, *, main: bool = True) -> None:
    """Write down that a message of ours belongs to the posting; the first one with its words is its message."""
    insert_once(
        db,
        posting_messages,
        {"posting_id": posting_id, "chat_id": chat_id, "message_id": message_id},
        conflict=["chat_id", "message_id"],
    )
    if main:
        new = update(postings).where(postings.c.id == posting_id, postings.c.message_id.is_(None))
        db.execute(new.values(message_id=message_id))


def messages(db: Connection, posting_id: int) -> list[int]:
    """Return the ids of all our messages that are the posting, in its chat."""
    query = select(posting_messages.c.message_id).where(posting_messages.c.posting_id == posting_id)
    return list(db.execute(query.order_by(posting_messages.c.message_id)).scalars())


def answered(db: Connection, prompt_id: int) -> bool:
    """Return whether anybody has answered a prompt, in words or by choosing."""
    query = (
        select(contributions.c.id)
        .join(postings, postings.c.id == contributions.c.posting_id)
        .where(postings.c.prompt_id == prompt_id)
    )
    given = db.execute(query.limit(1)).first() is not None
    return given or votes.any_of_prompt(db, prompt_id) or statements.any_said(db, prompt_id)
