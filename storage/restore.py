"""Puts a backup where nothing is: checked to the last byte, built beside, then taken into use, all or nothing.

A backup shows a moment that is past. Since then the bot may have gone on, on the database that is lost now, and
nobody can tell from the backup how far. So `settle` leaves a database that repeats as little as possible:

- Letters that were due but not sent have an unknown outcome, as after a lost answer: what is harmless is sent
  again, prompts and digests are looked for first (or repeated once, with the younger copy deleted), the rest is
  given up (design.md §3). Letters that are not due yet are surely not sent, and stay.
- What became due between the backup and now is not done by itself: storage/restored.py tells the clock's jobs.
  A prompt counts as missed and its facilitators can post it with one tap; a digest waits for their yes. A reminder
  of a meeting that is still to come goes out: twice is better than never.
- Updates that had come but were not handled are handled: Telegram does not bring them again.
- What members had erased since (erased.jsonl, beside the backups) is erased once more, before anything is started.
- New rows get ids far above those of the backup: the buttons and links in people's chats carry ids that were
  given since, and must not mean another row.
"""

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, func, inspect, select, text, update
from sqlalchemy.engine import URL

from bot.config import Mistake
from bot.core.erasing import EVERYWHERE, mark
from storage import (
    archive,
    audit,
    erasing,
    erasures,
    members,
    migrate,
    outbox,
    people,
    pgtools,
    restored,
)
from storage.archive import Archive
from storage.backup import (
    PATIENT,
    STAMP,
    Manifest,
    counted,
    counted_here,
    current_schema,
    sqlite_revision,
    unsound,
)
from storage.db import ProcessLock, make_folder, normal, postgres_engine, sqlite_engine, sqlite_file
from storage.erasures import Again, Erasure
from storage.mistakes import telling
from storage.tables import chats, metadata
from storage.tables import outbox as letters

GAP = 100_000  # between the ids of a backup and those that are given after it was restored
NOTHING_ERASED = Again(b"")
TICK = timedelta(days=1)  # longer than any turn of the clock, at whose beginning an erasure is dated
PROBES = "probe"  # bot/actions/probes.py: a search for a letter begins anew
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Restored:
    """What was put back, and how many letters of it have an unknown outcome."""

    manifest: Manifest
    letters: int
    older: bool  # than this code: the next start migrates it
    erased: int = 0  # people whose words were erased since, and now once more


@dataclass(frozen=True)
class Settled:
    """What became of the letters, and of those who had their words erased since."""

    letters: int
    erased: int = 0


@dataclass(frozen=True)
class Marked:
    """What is to be erased once more."""

    key: bytes
    erasures: Sequence[Erasure]

    def how(self, telegram_id: int, network_id: int) -> str | None:
        """Return in which way somebody is to be erased; None for who is not."""
        wanted = mark(self.key, telegram_id, network_id)
        return next((one.how for one in reversed(self.erasures) if one.mark == wanted), None)


class Occupied(Mistake):
    """Something is where the backup should go."""


class WrongKind(Mistake):
    """The backup is of another kind of database."""


def restore(
    url: str | URL, file: Path, *, passphrase: str, now: datetime, again: Again = NOTHING_ERASED
) -> Restored:
    """Put a backup into an empty place; whatever fails leaves it as it was.

    `again`: what was erased, by marks; what was erased after the backup was made is erased before anybody sees it.
    """
    parsed = normal(url)
    place = sqlite_file(parsed)
    with archive.opened(file, passphrase) as opened, telling(parsed):
        opened.check()
        manifest = _read(opened)
        _refuse(manifest, file, place)
        marked = Marked(again.key, again.since(manifest.moment - TICK))
        with _empty(parsed, place, manifest) as engine:
            if place is not None:
                settled = _into_file(opened, place, manifest, marked, now=now)
            else:
                assert engine is not None
                settled = _into_postgres(opened, parsed, engine, manifest, marked, now=now)
    older = _is_older(manifest) and not marked.erasures
    return Restored(manifest, settled.letters, older, settled.erased)


def _read(opened: Archive) -> Manifest:
    try:
        return Manifest.of(opened.manifest)
    except TypeError:  # something is missing in it
        raise archive.Damaged("The backup does not say what it is of: take another one.") from None


def _is_older(manifest: Manifest) -> bool:
    return manifest.revision != migrate.known()[-1]


def _refuse(manifest: Manifest, file: Path, place: Path | None) -> None:
    """Refuse what can't be restored there, whatever is there."""
    wanted = "postgresql" if place is None else "sqlite"
    if manifest.database != wanted:
        had, has = (KINDS.get(kind, kind) for kind in (manifest.database, wanted))
        raise WrongKind(
            f"{file} is a backup of {had}, and database.url names {has}. Restore it into {had} first; "
            "`bln-bot move-database` then moves from SQLite to PostgreSQL."
        )
    if manifest.revision not in (known := migrate.known()):
        raise archive.NewerBackup(
            f"{file} was written by bln-bot {manifest.bln_bot} ({manifest.revision}), which is newer than this one "
            f"({known[-1]}). Install version {manifest.bln_bot} or a newer one, and restore with it."
        )


@contextmanager
def _empty(url: URL, place: Path | None, manifest: Manifest) -> Iterator[Engine | None]:
    """Hold a place in which nothing is, so that no bot starts on it meanwhile."""
    if place is not None:
        _refuse_file(place)
        make_folder(place)
        with ProcessLock(url):
            _refuse_file(place)
            yield None
        return
    engine = postgres_engine(url, settings=PATIENT, poolclass=NullPool)
    try:
        with ProcessLock(url):
            with engine.connect() as db:
                _refuse_tables(db, manifest)
            yield engine
    finally:
        engine.dispose()


# SQLite -----------------------------------------------------------------------------------------------------


def _refuse_file(place: Path) -> None:
    for beside in (f"{place.name}-wal", f"{place.name}-journal"):
        if place.with_name(beside).exists():
            raise Occupied(
                f"{place.with_name(beside)} belongs to a database that was here and would spoil this one: "
                "move it away, together with what it belongs to."
            )
    if place.exists() and (not place.is_file() or place.stat().st_size > 0):
        raise Occupied(
            f"{place} is there already. A backup is restored only where nothing is: move that file away, or "
            "name another one in database.url."
        )


def _into_file(opened: Archive, place: Path, manifest: Manifest, marked: Marked, *, now: datetime) -> Settled:
    with archive.scratch(place.parent, place.name) as part:
        with part.open("r+b") as out:
            for piece in opened.pieces():
                out.write(piece)
        with closing(sqlite3.connect(part)) as db:
            complaint = unsound(db) or _difference(counted(db), sqlite_revision(db), manifest)
        if complaint:
            raise archive.Damaged(
                f"What is in the backup is no sound database ({complaint}): take another one."
            )
        url = normal(f"sqlite:///{part}")
        with _engine_of(url) as engine, engine.begin() as connection:
            letters = settle(connection, manifest, now=now)
            migrate.check(connection)
        erased = 0
        if marked.erasures:
            if _is_older(manifest):
                # An engine of its own: a rebuilt table would take all rows along that refer to it.
                with _engine_of(url, "foreign_keys=OFF") as engine, engine.begin() as connection:
                    migrate.upgrade(connection, migrate.known()[-1])
            with _engine_of(url) as engine, engine.begin() as connection:
                erased = erase_again(connection, marked, now=now)
        with part.open("r+b") as whole:
            os.fsync(whole.fileno())
        part.rename(place)
    archive.sync(place.parent)
    return Settled(letters, erased)


@contextmanager
def _engine_of(url: URL, *pragmas: str) -> Iterator[Engine]:
    """An engine for a file that nobody else has; what is erased in it is written over."""
    every = ("secure_delete=ON", *pragmas)
    engine = sqlite_engine(url, begin="BEGIN IMMEDIATE", patience=10, pragmas=every, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


# PostgreSQL -------------------------------------------------------------------------------------------------


def _refuse_tables(db: Connection, manifest: Manifest) -> None:
    schema = current_schema(db)
    taken = set(inspect(db).get_table_names(schema)) & _names(manifest)
    if taken:
        raise Occupied(
            f"The database has tables already ({', '.join(sorted(taken)[:3])} …). A backup is restored only where "
            "nothing is: make a new, empty database and name it in database.url."
        )
    if schema != manifest.schema:
        raise Occupied(
            f"The backup is of the schema {manifest.schema}, and the user of database.url works in {schema}: "
            f"ALTER ROLE … SET search_path = {manifest.schema}, or use another user."
        )
    has = pgtools.server(db)
    if manifest.server is not None and has < manifest.server:
        raise Occupied(
            f"The backup is of PostgreSQL {manifest.server}, and this server is {has}: restore it into version "
            f"{manifest.server} or newer."
        )


def _names(manifest: Manifest) -> set[str]:
    """Every table that is ours, by this version or by that of the backup."""
    return {*manifest.rows, *metadata.tables, STAMP}


def _into_postgres(
    opened: Archive, url: URL, engine: Engine, manifest: Manifest, marked: Marked, *, now: datetime
) -> Settled:
    """Restore in one transaction, then check and settle in another.

    In between the tables don't say their revision, so no bot starts on them should this process end there.
    """
    with engine.connect() as db:
        program = pgtools.tool("pg_restore", pgtools.server(db))
    try:
        _pour(opened, program, url)
        with engine.begin() as connection:
            complaint = _difference(
                counted_here(connection, manifest.schema or ""), manifest.revision, manifest
            )
            if complaint:
                raise archive.Damaged(
                    f"What is in the backup is no whole database ({complaint}): take another."
                )
            connection.execute(
                text(f"INSERT INTO {STAMP} (version_num) VALUES (:revision)"),  # noqa: S608 - a name of ours
                {"revision": manifest.revision},
            )
            letters = settle(connection, manifest, now=now)
            migrate.check(connection)
            if not marked.erasures:
                return Settled(letters)
            if _is_older(manifest):
                migrate.upgrade(connection, migrate.known()[-1])
            return Settled(letters, erase_again(connection, marked, now=now))
    except BaseException:
        _empty_again(engine, manifest)
        raise


def _pour(opened: Archive, program: Path, url: URL) -> None:
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    with pgtools.running(program, options, url, stdin=subprocess.PIPE) as (process, ended):
        assert process.stdin is not None
        try:
            for piece in opened.pieces():
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says why
        ended()


def _empty_again(engine: Engine, manifest: Manifest) -> None:
    """Take away the tables that were restored: before, none of these names was there."""
    with engine.begin() as db:
        schema = current_schema(db)
        quote = db.dialect.identifier_preparer.quote_identifier
        for name in set(inspect(db).get_table_names(schema)) & _names(manifest):
            db.execute(text(f"DROP TABLE {quote(schema)}.{quote(name)} CASCADE"))


# Both -------------------------------------------------------------------------------------------------------


def _difference(rows: dict[str, int], revision: str, manifest: Manifest) -> str:
    if revision != manifest.revision:
        return "another revision than it says"
    found = rows | {STAMP: manifest.rows.get(STAMP)}  # PostgreSQL's has no row yet
    wrong = sorted(name for name in {*found, *manifest.rows} if found.get(name) != manifest.rows.get(name))
    return f"the rows of {', '.join(wrong[:3])} are not as many as it says" if wrong else ""


def settle(db: Connection, manifest: Manifest, *, now: datetime) -> int:
    """Prepare a restored database for going on, as this module's description says; return the doubtful letters.

    Touches only columns that every version has: the backup may be an older one's.
    """
    count = _doubt(db, now=now)
    _leave_gap(db)
    restored.note(db, manifest.made_at, now=now)
    audit.note(db, "restored", now=now, letters=count)
    return count


def erase_again(db: Connection, marked: Marked, *, now: datetime) -> int:
    """Erase what was erased since the backup was made; return of how many people.

    An erasure whose receipt stands in the backup was committed with it: who came back since then stays.
    """
    done = {one.receipt for one in erasures.every(db)}
    marked = replace(marked, erasures=[one for one in marked.erasures if one.receipt not in done])
    count = 0
    for person_id, telegram_id in people.every(db):
        how = marked.how(telegram_id, EVERYWHERE)
        asked = {
            one.id: there
            for one in members.all_of_person(db, person_id)
            if (there := how or marked.how(telegram_id, one.network_id))
        }
        if how is None and not asked:
            continue
        count += 1
        for way in {*asked.values(), *([] if how is None else [how])}:
            ids = None if how is not None else [id for id, there in asked.items() if there == way]
            trace = erasing.gather(db, person_id, ids)
            if trace is not None:
                erasing.erase(db, trace, way, now=now)
    for one in marked.erasures:
        erasures.keep(db, one)
    return count


def _doubt(db: Connection, *, now: datetime) -> int:
    doubtful = (letters.c.state.in_(outbox.OPEN), letters.c.not_before <= now)
    searching = letters.c.kind == PROBES
    db.execute(update(letters).where(*doubtful, searching).values(state="abandoned"))
    newest = select(chats.c.last_message_id).where(chats.c.id == letters.c.chat_id).scalar_subquery()
    values = {
        "state": "unknown",
        "started_at": now,  # so that patience and settling count from here
        "not_before": now + outbox.SETTLE,
        "attempts": letters.c.attempts + 1,  # another one: what a search found out so far is not continued
        "floor": func.coalesce(letters.c.floor, newest),
    }
    return db.execute(update(letters).where(*doubtful, ~searching).values(**values)).rowcount


def _leave_gap(db: Connection) -> None:
    if db.dialect.name == "sqlite":
        numbered = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        given = {row.name for row in db.execute(text("SELECT name FROM sqlite_sequence"))}
        db.execute(text("UPDATE sqlite_sequence SET seq = seq + :gap"), {"gap": GAP})
        for name in {row.name for row in db.execute(text(numbered))} - given:
            db.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :gap)"),
                {"name": name, "gap": GAP},
            )
        return
    db.execute(
        text(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + :gap) "
            "FROM pg_sequences WHERE schemaname = current_schema()"
        ),
        {"gap": GAP},
    )
