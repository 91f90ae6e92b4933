"""Everything the bot wants to send, and what came of it. A state changes only here.

`pending → sending → sent | pending (again) | failed | unknown`, `unknown → sent | pending | abandoned`. Rows of
one lane go out one after the other: one being sent, unknown, or due and waiting holds up those behind it. One
that failed doesn't, nor one that is not due and was never tried: quiet hours must not hold up an answer.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.core.mail import PARCEL, PRINT, File, Letter
from storage import parcels, rows
from storage.db import Connection, insert_once
from storage.tables import chats, members, outbox, pauses, people

OPEN = ("pending", "sending", "unknown")
ENDED = ("sent", "failed", "abandoned")
RECEIPT = (
    "digest"  # letters of this kind are edited whenever somebody takes words back: kept as long as the chat
)
RECEIPTS = (RECEIPT, "digest_copy", "digest_print")  # the same in private chats, and of pictures and PDFs
EDITED = ("digest_draft",)  # kinds, and
EDITED_KEYS = (
    "meeting:%",
    "correction:%",
)  # keys of letters that are edited as long as what they tell of stands
SETTLE = timedelta(seconds=90)  # so long a dead process's call may still be on its way
HEADS = 500  # more than there are groups, so that slow ones don't hide the others
FILES = "files"  # in params: what is uploaded; no parameter of Telegram's has this name
WORDS = ("text", "caption", "media")  # in params: what somebody may have said
SOUNDS = ("voice", "audio")  # in params: by what a sound could be had once more
EVERYTHING = "all"  # the pause of all chats
ABOUT_PERSON = "getChatMember"  # the question that names somebody who may have joined nothing


@dataclass(frozen=True)
class Row:
    """A row of the outbox; `target` is where it goes by Telegram's id, as of now."""

    id: int
    key: str
    lane: str
    chat_id: int | None
    person_id: int | None
    telegram_id: int | None
    kind: str
    method: str
    params: dict[str, Any]
    about: dict[str, Any]
    unsure: str
    mark: str | None
    state: str
    attempts: int
    not_before: datetime
    started_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    floor: int | None
    message_id: int | None
    result: dict[str, Any] | None
    target: int | None
    supergroup: bool

    @property
    def files(self) -> dict[str, File]:
        """What is uploaded, by parameter."""
        return {
            name: File(file["name"], file["mime"], base64.b64decode(file["data"]))
            for name, file in self.params.get(FILES, {}).items()
        }

    @property
    def parcel(self) -> int | None:
        """The id of a file that waits elsewhere."""
        return self.params.get(PARCEL)

    @property
    def print(self) -> int | None:
        """The id of what was drawn of a digest and waits elsewhere."""
        return self.params.get(PRINT)

    @property
    def call(self) -> dict[str, Any]:
        """The parameters, without what is uploaded."""
        return {name: value for name, value in self.params.items() if name not in (FILES, PARCEL, PRINT)}

    @property
    def spent(self) -> dict[str, Any]:
        """The parameters, without words and files: what somebody takes back later must not be left here."""
        return {name: value for name, value in self.call.items() if name not in (*WORDS, *SOUNDS)}


@dataclass(frozen=True)
class Head:
    """The first row of a lane that is due."""

    id: int
    method: str
    target: int | None


@dataclass(frozen=True)
class View:
    """What the sender has to choose from."""

    heads: list[Head]
    pauses: dict[str, datetime]
    unknown: bool  # an unknown outcome is to be looked into
    next: datetime | None  # when something else becomes due


# Writing ----------------------------------------------------------------------------------------------------


def write(db: Connection, letters: Iterable[Letter], *, now: datetime) -> int:
    """Put letters into the outbox and return how many are new; a known key changes nothing."""
    return sum(_write(db, letter, now=now) for letter in letters)


def _write(db: Connection, letter: Letter, *, now: datetime) -> bool:
    if not letter.key:
        raise ValueError(f"a letter needs a key ({letter.kind}, {letter.method})")
    params = dict(letter.params)
    if letter.files:
        params[FILES] = {
            name: {"name": file.name, "mime": file.mime, "data": base64.b64encode(file.data).decode()}
            for name, file in letter.files.items()
        }
    values = {
        "key": letter.key,
        "lane": letter.queue,
        "chat_id": letter.to.chat,
        "person_id": letter.to.person,
        "telegram_id": letter.to.telegram,
        "kind": letter.kind,
        "method": letter.method,
        "params": params,
        "about": dict(letter.about) if letter.about else None,
        "unsure": letter.unsure,
        "mark": letter.mark,
        "state": "pending",
        "not_before": letter.not_before or now,
        "created_at": now,
    }
    return insert_once(db, outbox, values, conflict=["key"]) is not None


# Choosing and claiming --------------------------------------------------------------------------------------


def look(db: Connection, *, now: datetime) -> View:
    """Return what could be sent at `now`, first what has waited longest."""
    return View(
        [Head(*row) for row in db.execute(*_heads(now=now))],
        {row.target: row.until for row in db.execute(*_pauses(now=now))},
        bool(db.execute(*_stale(now=now)).scalar_one()),
        next_moment(db, now=now),
    )


@rows.prepared
def _heads(now: Any) -> Executable:
    due = and_(outbox.c.state == "pending", outbox.c.not_before <= now)
    return (
        select(outbox.c.id, outbox.c.method, _target())
        .select_from(_addressed())
        .where(due, ~_held_up(now))
        .order_by(outbox.c.not_before, outbox.c.id)
        .limit(HEADS)
    )


@rows.prepared
def _pauses(now: Any) -> Executable:
    return select(pauses.c.target, pauses.c.until).where(pauses.c.until > now)


@rows.prepared
def _stale(now: Any) -> Executable:
    return select(exists().where(outbox.c.state == "unknown", outbox.c.not_before <= now))


def _held_up(now: Any) -> ColumnElement[bool]:
    earlier = outbox.alias("earlier")
    waits = or_(
        earlier.c.state.in_(("sending", "unknown")),
        and_(earlier.c.state == "pending", or_(earlier.c.not_before <= now, earlier.c.attempts > 0)),
    )
    # Written out for the index on (lane, state, id), so that what was sent long ago is never read.
    return exists().where(
        earlier.c.lane == outbox.c.lane, earlier.c.state.in_(OPEN), earlier.c.id < outbox.c.id, waits
    )


def claim(db: Connection, ids: Sequence[int], *, now: datetime) -> list[Row]:
    """Mark rows as being sent and return them; commit before the call. Others may have been settled.

    Done once more with the same `now`, it returns the same rows: PostgreSQL may fail after it has committed.
    """
    if not ids:
        return []
    newest = select(chats.c.last_message_id).where(chats.c.id == outbox.c.chat_id).scalar_subquery()
    chosen = outbox.c.id.in_(ids)
    db.execute(
        update(outbox)
        .where(chosen, outbox.c.state == "pending", outbox.c.not_before <= now)
        .values(state="sending", started_at=now, attempts=outbox.c.attempts + 1, floor=newest)
    )
    return _rows(db, and_(chosen, outbox.c.state == "sending", outbox.c.started_at == now))


def give_back(db: Connection, ids: Sequence[int]) -> None:
    """Of these no call was begun, whether they were claimed or not."""
    claimed = update(outbox).where(outbox.c.id.in_(ids), outbox.c.state == "sending")
    db.execute(claimed.values(state="pending"))


def recover(db: Connection) -> int:
    """Call unknown what was being sent when the process ended; return how many."""
    rows = _rows(db, outbox.c.state == "sending")
    for row in rows:
        unsure(db, row)
    return len(rows)


def next_moment(db: Connection, *, now: datetime) -> datetime | None:
    """Return when a row that is not due yet becomes due, or an unknown outcome is looked into."""
    found: datetime | None = db.execute(*_next_moment(now=now)).scalar_one()
    return found


@rows.prepared
def _next_moment(now: Any) -> Executable:
    open_ones = outbox.c.state.in_(("pending", "unknown"))
    return select(func.min(outbox.c.not_before)).where(open_ones, outbox.c.not_before > now)


def recent(db: Connection, *, since: datetime) -> list[tuple[datetime, int | None, str]]:
    """Return the calls begun since then: when, to whom, which method. Reads all rows; for the start."""
    query = (
        select(outbox.c.started_at, _target(), outbox.c.method)
        .select_from(_addressed())
        .where(outbox.c.started_at > since)
        .order_by(outbox.c.started_at)
    )
    return [(started, target, method) for started, target, method in db.execute(query)]


# What came of it --------------------------------------------------------------------------------------------


def sent(
    db: Connection, row: Row, message_id: int | None, result: Mapping[str, Any] | None, *, now: datetime
) -> bool:
    """It arrived; False if that is known already. Words and uploaded bytes are given up."""
    values: dict[str, Any] = {"state": "sent", "sent_at": now, "message_id": message_id, "error": None}
    values["result"] = dict(result) if result else None
    return _end(db, row, values)


def later(
    db: Connection,
    row: Row,
    *,
    until: datetime,
    params: Mapping[str, Any] | None = None,
    progress: Mapping[str, Any] | None = None,
) -> bool:
    """It did not arrive, and is tried again; `progress` is kept beside it until it has arrived."""
    changed = {} if params is None else {"params": dict(params)}
    changed |= {} if progress is None else {"result": dict(progress)}
    return _move(db, row, {"state": "pending", "not_before": until, **changed})


def failed(db: Connection, row: Row, reason: str) -> bool:
    """It never will arrive."""
    return _end(db, row, {"state": "failed", "error": reason[:200]})


def unsure(db: Connection, row: Row) -> bool:
    """It may have arrived."""
    started = row.started_at or row.not_before
    # A question changes nothing at Telegram: it need not wait until the first one is surely over; but a Telegram
    # that never answers is not asked again and again at once.
    again = timedelta(seconds=min(60, 3 * (2 ** min(row.attempts - 1, 5) - 1)))
    settled = started + (again if row.method.startswith("get") else SETTLE)
    return _move(db, row, {"state": "unknown", "not_before": settled})


def abandoned(db: Connection, row: Row) -> bool:
    """It may have arrived, and that will do."""
    return _end(db, row, {"state": "abandoned"})


def look_again(db: Connection, row: Row, *, at: datetime, progress: Mapping[str, Any] | None) -> bool:
    """Still unknown; what was found out so far is kept beside it."""
    values = {"not_before": at, "result": dict(progress) if progress else None}
    return _move(db, row, values)


def found(db: Connection, row_id: int, message_id: int, *, now: datetime) -> None:
    """A row that is unknown did arrive, as this message; it is settled with the next look."""
    db.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.state == "unknown")
        .values(message_id=message_id, not_before=now)
    )


def learnt(db: Connection, row: Row, message_id: int) -> None:
    """A row that was sent stands in the chat as this message."""
    db.execute(update(outbox).where(outbox.c.id == row.id).values(message_id=message_id))


def _end(db: Connection, row: Row, values: Mapping[str, Any]) -> bool:
    if row.parcel is not None:
        parcels.forget(db, row.parcel)
    return _move(db, row, {**values, **_given_up(row)})


def _given_up(row: Row) -> dict[str, Any]:
    """What a settled row keeps; of a question about a person not whom it was about, who may have gone since."""
    return {"params": {}, "about": None} if row.method == ABOUT_PERSON else {"params": row.spent}


def _move(db: Connection, row: Row, values: Mapping[str, Any]) -> bool:
    """Change a row, unless it was settled meanwhile: a reply may tell before the answer does."""
    where = and_(outbox.c.id == row.id, outbox.c.state == row.state, outbox.c.attempts == row.attempts)
    return db.execute(update(outbox).where(where).values(**values)).rowcount == 1


# Forgetting -------------------------------------------------------------------------------------------------


def forget_served(db: Connection, *, before: datetime, long_before: datetime, limit: int) -> int:
    """Erase what was settled before a moment, with its key; what may still be edited stays longer.

    Words are given up at once when a letter is settled; this is about whom it went to, and when.
    """
    edited = or_(outbox.c.kind.in_(EDITED), *(outbox.c.key.like(one) for one in EDITED_KEYS))
    return _forget(
        db,
        and_(
            outbox.c.not_before < before,
            func.coalesce(outbox.c.sent_at, outbox.c.not_before) < before,
            outbox.c.kind.not_in(RECEIPTS),
            or_(~edited, outbox.c.not_before < long_before),
        ),
        limit,
    )


def forget_visitors(db: Connection, *, before: datetime, limit: int) -> int:
    """Erase what was said to people of whom nothing is kept: their Telegram id stands in it."""
    theirs = and_(outbox.c.telegram_id > 0, outbox.c.person_id.is_(None), outbox.c.chat_id.is_(None))
    probing = outbox.c.kind == "probe"  # to the operator, and asked after while it goes on
    return _forget(db, and_(theirs, ~probing, outbox.c.not_before < before), limit)


def give_up(db: Connection, *, before: datetime, limit: int) -> int:
    """Give up what should have gone out before a moment, words and all; return how many.

    Only a bot that was away for as long has such letters: nobody wants to hear them now.
    """
    stale = and_(outbox.c.state.in_(("pending", "unknown")), outbox.c.not_before < before)
    return sum(failed(db, row, "too old") for row in _rows(db, stale, limit))


def _forget(db: Connection, where: ColumnElement[bool], limit: int) -> int:
    chosen = select(outbox.c.id).where(outbox.c.state.in_(ENDED), where).limit(limit)
    return db.execute(delete(outbox).where(outbox.c.id.in_(chosen))).rowcount


def forget_pauses(db: Connection, *, before: datetime) -> int:
    """Erase pauses that were over before a moment: a chat's id stands in them."""
    return db.execute(delete(pauses).where(pauses.c.until < before)).rowcount


def with_content(db: Connection, networks: Sequence[int], given: Sequence[int]) -> list[Row]:
    """Return letters that may hold something of somebody: on their way, about what they gave, or with names on buttons.

    `networks`: those whose members they may name; `given`: ids of contributions.
    """
    of_them = select(members.c.person_id).where(members.c.network_id.in_(networks))
    buttons = outbox.c.params["reply_markup"].as_string().is_not(None)
    about = outbox.c.about["contribution"].as_integer().in_(given)
    quoting = outbox.c.about["quotes"].as_string().is_not(None)
    named = and_(outbox.c.person_id.in_(of_them), buttons)
    return _rows(db, or_(outbox.c.state.in_(OPEN), about, quoting, named))


def reword(db: Connection, row_id: int, html: str) -> None:
    """Give other words to a text, or to what stands below a picture, that is on its way and may have arrived."""
    row = get(db, row_id)
    name = None if row is None else next((one for one in ("text", "caption") if one in row.params), None)
    if row is not None and row.state in OPEN and name is not None:
        params = {**row.params, name: html}
        db.execute(update(outbox).where(outbox.c.id == row_id).values(params=params))


def repoint(db: Connection, row_id: int, print_id: int, about: Mapping[str, Any]) -> None:
    """Let a letter that waits send what was drawn anew."""
    row = get(db, row_id)
    if row is not None and row.state == "pending" and PRINT in row.params:
        values = {"params": {**row.params, PRINT: print_id}, "about": dict(about)}
        db.execute(update(outbox).where(outbox.c.id == row_id).values(**values))


def drop(db: Connection, row_id: int, reason: str) -> None:
    """What waits is not to be sent any more; what is being sent may arrive."""
    waits = update(outbox).where(outbox.c.id == row_id, outbox.c.state == "pending")
    db.execute(waits.values(state="failed", error=reason, params={}))


def withdraw(db: Connection, prefix: str) -> None:
    """Erase the letters whose keys begin so, of which nothing was sent yet."""
    waits = and_(outbox.c.key.startswith(prefix, autoescape=True), outbox.c.state == "pending")
    db.execute(delete(outbox).where(waits, outbox.c.attempts == 0))


def withdraw_from(db: Connection, person_id: int, prefixes: Iterable[str]) -> None:
    """Erase the letters to somebody whose keys begin so, of which nothing was sent yet."""
    begins = [outbox.c.key.startswith(prefix, autoescape=True) for prefix in prefixes]
    waits = and_(outbox.c.person_id == person_id, outbox.c.state == "pending", outbox.c.attempts == 0)
    if begins:
        db.execute(delete(outbox).where(waits, or_(*begins)))


def remove(db: Connection, row_id: int) -> None:
    """Erase a letter, whatever became of it."""
    db.execute(delete(outbox).where(outbox.c.id == row_id))


# Waiting ----------------------------------------------------------------------------------------------------


def pause(db: Connection, target: int | None, *, until: datetime) -> None:
    """Send nothing to a Telegram chat (None: to nobody) before `until`; kept: a restart must not hammer."""
    name = EVERYTHING if target is None else str(target)
    if insert_once(db, pauses, {"target": name, "until": until}, conflict=["target"]) is None:
        latest = case((pauses.c.until < until, until), else_=pauses.c.until)
        db.execute(update(pauses).where(pauses.c.target == name).values(until=latest))


# Asking -----------------------------------------------------------------------------------------------------


def get(db: Connection, row_id: int) -> Row | None:
    """Return a row."""
    return next(iter(_rows(db, outbox.c.id == row_id)), None)


def by_key(db: Connection, key: str) -> Row | None:
    """Return the row with this key."""
    return next(iter(_rows(db, outbox.c.key == key)), None)


def of_prefix(db: Connection, prefix: str) -> bool:
    """Whether there is a row whose key begins so."""
    found = select(outbox.c.id).where(outbox.c.key.startswith(prefix, autoescape=True)).limit(1)
    return db.execute(found).first() is not None


def beginning(db: Connection, prefix: str) -> list[Row]:
    """Return the letters whose keys begin so."""
    return _rows(db, outbox.c.key.startswith(prefix, autoescape=True))


def of_kind(db: Connection, kind: str, prefix: str) -> list[Row]:
    """Return the letters of a kind whose keys begin so."""
    return _rows(db, and_(outbox.c.kind == kind, outbox.c.key.startswith(prefix, autoescape=True)))


def to_settle(db: Connection, *, now: datetime, limit: int = 20) -> list[Row]:
    """Return rows with an unknown outcome that are to be looked into."""
    return _rows(db, and_(outbox.c.state == "unknown", outbox.c.not_before <= now), limit)


def marked(db: Connection, marks: Sequence[str]) -> list[Row]:
    """Return the rows that are recognised by one of these pieces of a keyboard."""
    return _rows(db, outbox.c.mark.in_(marks)) if marks else []


def knows(db: Connection, chat_id: int, message_id: int) -> bool:
    """Return whether this message in a chat is known to be ours."""
    query = select(outbox.c.id).where(outbox.c.chat_id == chat_id, outbox.c.message_id == message_id)
    return db.execute(query.limit(1)).first() is not None


def messages(db: Connection, chat_id: int, *, above: int) -> set[int]:
    """Return the ids of our messages in a chat above `above`."""
    query = select(outbox.c.message_id).where(outbox.c.chat_id == chat_id, outbox.c.message_id > above)
    return set(db.execute(query).scalars())


def depth(db: Connection) -> dict[str, int]:
    """Return how many rows are in each state that is not an end."""
    query = select(outbox.c.state, func.count()).where(outbox.c.state.in_(OPEN)).group_by(outbox.c.state)
    return {row[0]: row[1] for row in db.execute(query)}


def oldest(db: Connection, *, now: datetime) -> datetime | None:
    """Return since when the letter that is due longest waits."""
    query = select(func.min(outbox.c.not_before)).where(outbox.c.state.in_(OPEN), outbox.c.not_before <= now)
    found: datetime | None = db.execute(query).scalar_one()
    return found


# Parts ------------------------------------------------------------------------------------------------------


def _addressed() -> Any:
    joined = outbox.outerjoin(chats, chats.c.id == outbox.c.chat_id)
    return joined.outerjoin(people, people.c.id == outbox.c.person_id)


def _target() -> ColumnElement[int]:
    target: ColumnElement[int] = func.coalesce(
        chats.c.telegram_id, people.c.telegram_id, outbox.c.telegram_id
    )
    return target


def _rows(db: Connection, where: ColumnElement[bool], limit: int | None = None) -> list[Row]:
    names = [name for name in Row.__dataclass_fields__ if name not in ("target", "supergroup")]
    query: Select[Any] = select(*(outbox.c[name] for name in names), _target(), chats.c.kind)
    query = query.select_from(_addressed()).where(where).order_by(outbox.c.id)
    if limit is not None:
        query = query.limit(limit)
    return [_row(row) for row in db.execute(query)]


def _row(row: Any) -> Row:
    *values, kind = row
    record = dict(zip(Row.__dataclass_fields__, [*values, kind == "supergroup"], strict=True))
    record["about"] = record["about"] or {}
    return Row(**record)
