"""The way to the database: `write` and `read` are the only units of work, and this file knows both dialects.

A query file imports `Connection`, `insert_once` and `upsert` from here; a third dialect would come here too.
"""

import asyncio
import copy
import fcntl
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from contextvars import copy_context
from functools import cache, partial
from pathlib import Path
from typing import IO, Any, ClassVar, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, Executable, NullPool, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.util import LRUCache

from storage.mistakes import SETTING, Unusable, telling

__all__ = [
    "BadUrl",
    "Connection",
    "Database",
    "Locked",
    "ProcessLock",
    "insert",
    "insert_once",
    "normal",
    "trouble",
    "upsert",
]

P = ParamSpec("P")
T = TypeVar("T")

PAUSES = (0.1, 0.5, 2.0)  # seconds before a write is repeated on PostgreSQL; then its caller decides
READERS = 3
WRITERS = 3  # on PostgreSQL; SQLite has one writer, and its busy handler is not fair: one thread is
LEASE = 8  # seconds of silence after which PostgreSQL takes the lock from a leader (bot/leader.py)
LOCK_KEY = 7_310_579_482_001  # one bln-bot a PostgreSQL database; advisory locks are numbers

# SQLite's primary result codes that speak of the file, the disk or another process, not of our statement:
# PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
SQLITE_TROUBLE = {3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26}


class BadUrl(Unusable):
    """The address of a database cannot be used; the text says why."""


class Locked(Exception):
    """Another process works on this database."""


def normal(url: str | URL, name: str = SETTING) -> URL:
    """Return `url` with the driver we use, or say what is wrong with it; `name` is where it was written."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # their texts repeat the URL, and so the password
        raise BadUrl(f"{name} is no database URL, such as sqlite:///data/bln.db") from None
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:  # hosters write postgres://
        _check_postgres(parsed, name)
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise BadUrl(f"{name}: {parsed.drivername} is not supported; use sqlite or postgresql")
    if not parsed.database or parsed.database == ":memory:":
        raise BadUrl(f"{name} names no file; write for instance sqlite:///data/bln.db")
    return parsed.set(drivername="sqlite")


def _check_postgres(url: URL, name: str) -> None:
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    if "@" in (url.host or ""):  # the text would show half of the password, as the name of a server
        raise BadUrl(f"{name}: write %40 for each @ in the password, %2F for each / and %25 for each %")
    try:
        make_conninfo(**{key: str(value) for key, value in url.query.items()})
    except ProgrammingError as error:
        raise BadUrl(f"{name}: {str(error).strip()}; correct what stands behind the question mark") from None


def sqlite_file(url: URL) -> Path | None:
    """Return the file of a SQLite URL."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database)


def make_folder(file: Path) -> None:
    """Make the folder of the database: people's words are in it, so it is the bot's user's alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except FileExistsError:
        raise BadUrl(
            f"{file.parent} is a file, and should be the folder of the database: move it away"
        ) from None


def trouble(error: BaseException | None) -> bool:
    """Return whether the database failed, not the code: the work is right, and can be done again.

    `Unusable` is not trouble: somebody must mend something first.
    """
    while error is not None:
        # The last: something went on after the connection was lost, and hides the error that said so.
        if isinstance(error, (DisconnectionError, PoolTimeout, PendingRollbackError)):
            return True
        if isinstance(error, DBAPIError):
            return error.connection_invalidated or _database_failed(error)
        error = error.__cause__
    return False


def _database_failed(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:  # "no such column" is an OperationalError too
        return code & 0xFF in SQLITE_TROUBLE
    state = getattr(error.orig, "sqlstate", None) or ""
    if state.startswith("54") or state == "25006":  # too long for an index; a write in a read: ours
        return False
    return isinstance(error, (OperationalError, InterfaceError))


# Engines ----------------------------------------------------------------------------------------------------


class Statements(LRUCache[Any, Any]):
    """Statements as SQL, put together once for all engines of a kind: who reads and who writes say much the same.

    SQLAlchemy's own store belongs to one engine.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the SQL of a statement; `key` is SQLAlchemy's, its dialect first."""
        return super().get(self._alike(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._alike(key), value)

    @staticmethod
    def _alike(key: Any) -> Any:
        dialect, *rest = key
        return (dialect.name, dialect.server_version_info, *rest)


STATEMENTS: Mapping[str, Any] = {"compiled_cache": Statements(2000)}


def sqlite_engine(
    url: URL, *, begin: str, patience: float, pragmas: Sequence[str] = (), **more: Any
) -> Engine:
    """An engine whose transactions begin as told: the driver's deferred BEGIN cannot wait for a lock."""
    engine = create_engine(url, hide_parameters=True, execution_options=STATEMENTS, **more)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (f"busy_timeout={round(patience * 1000)}", "foreign_keys=ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin_as_told(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def sqlite_writer(url: URL, *, patience: float, pragmas: Sequence[str] = (), **more: Any) -> Engine:
    """An engine that writes durably, and over what was erased."""
    durable = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")
    return sqlite_engine(
        url, begin="BEGIN IMMEDIATE", patience=patience, pragmas=(*durable, *pragmas), **more
    )


# How a connection notices that the other end is gone (libpq's parameters). The address may say otherwise, …
LINK: Mapping[str, str | int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "bln-bot",
}
# … but not for the lock: both ends must know within 10 s, the server above all, since it lets the lock go.
LOCK_LINK: Mapping[str, str | int] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8_000,
    "application_name": "bln-bot lock",
}
LOCK_SETTINGS = {  # the same at the server's end; and a SELECT 1 that takes longer is no sign of life
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "8000",
    "statement_timeout": "5s",
}


def postgres_engine(
    url: URL, *, settings: Mapping[str, str], link: Mapping[str, str | int] | None = None, **more: Any
) -> Engine:
    """An engine that notices a dead server; `settings` hold for each of its sessions."""
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    theirs = url.query.get("options", "")
    options = " ".join([theirs] if isinstance(theirs, str) else theirs)
    connect = link or {name: value for name, value in LINK.items() if name not in url.query}
    return create_engine(
        url,
        hide_parameters=True,
        connect_args={**connect, "options": f"{options} {ours}".strip()},
        execution_options=STATEMENTS,
        **more,
    )


def _postgres_pool(url: URL, size: int, settings: Mapping[str, str], **more: Any) -> Engine:
    return postgres_engine(
        url,
        settings={"statement_timeout": "15s", "idle_in_transaction_session_timeout": "60s", **settings},
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_timeout=10,
        pool_size=size,
        max_overflow=0,
        **more,
    )


class Database:
    """A database and the threads in which it is spoken to."""

    def __init__(
        self, url: URL, writer: Engine, reader: Engine, *, writers: int, pauses: Sequence[float]
    ) -> None:
        self.url = url
        self._writer, self._reader = writer, reader
        self._pauses = pauses
        self._check: Callable[[Connection], None] = lambda connection: None
        self._closing = threading.Event()
        # Threads of our own: rendering in the default executor would keep the database waiting.
        self._writers: Executor = ThreadPoolExecutor(writers, thread_name_prefix="db-write")
        self._readers: Executor = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")

    @classmethod
    def open(cls, url: str | URL, *, patience: float = 10) -> "Database":
        """Prepare the way to `url`, without going it: the database may still be down.

        `patience`: seconds to wait for another process that writes to the SQLite file.
        """
        parsed = normal(url)
        file = sqlite_file(parsed)
        if file is None:
            writer = _postgres_pool(parsed, WRITERS, {})
            reader = _postgres_pool(
                parsed, READERS, {"default_transaction_read_only": "on"}, isolation_level="REPEATABLE READ"
            )
            return cls(parsed, writer, reader, writers=WRITERS, pauses=PAUSES)
        make_folder(file)
        writer = sqlite_writer(parsed, patience=patience, pool_size=1, max_overflow=0)
        reader = sqlite_engine(
            parsed,
            begin="BEGIN",
            patience=patience,
            pragmas=["query_only=ON"],
            pool_size=READERS,
            max_overflow=0,
        )
        return cls(parsed, writer, reader, writers=1, pauses=())

    async def write(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function(connection, …)` in one transaction: kept when it returns, undone when it raises.

        On PostgreSQL all of it is done again when the database failed: `function` changes nothing but rows.
        A caller that is cancelled meanwhile does not undo it.
        """
        loop = asyncio.get_running_loop()
        work = partial(self._write, function, *args, **kwargs)
        # In a copy of the context, so that the log names the same ids.
        return await loop.run_in_executor(self._writers, copy_context().run, work)

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function(connection, …)` on one unchanging view of the database; it cannot write."""
        loop = asyncio.get_running_loop()
        work = partial(self._read, function, *args, **kwargs)
        return await loop.run_in_executor(self._readers, copy_context().run, work)

    async def tidy(self) -> bool:
        """Empty SQLite's write-ahead log, where erased words still stand; False if somebody reads from it just now."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, self._tidy)

    def tidy_now(self) -> bool:
        """`tidy` where no event loop runs."""
        return self._writers.submit(self._tidy).result()

    def _tidy(self) -> bool:
        if self._writer.dialect.name != "sqlite":
            return True  # PostgreSQL's log and dead rows are its vacuum's affair
        with closing(self._writer.raw_connection()) as pooled:
            connection: Any = pooled.driver_connection
            patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
            connection.execute("PRAGMA busy_timeout=100")  # writers must not wait for a long read
            try:
                busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout={patience}")
            return not busy

    def write_now(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`write` for the command line, where no event loop runs."""
        return self._writers.submit(partial(self._write, function, *args, **kwargs)).result()

    def read_now(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`read` for the command line, where no event loop runs."""
        return self._readers.submit(partial(self._read, function, *args, **kwargs)).result()

    @staticmethod
    def lock(url: str | URL) -> "ProcessLock":
        """Return the lock that only one process has: `with Database.lock(url): …`."""
        return ProcessLock(url)

    def led(self, check: Callable[[Connection], None]) -> "Database":
        """Return this database for one who must not write once another leads: each write begins with `check`.

        Threads and connections are the same, and closed with the original.
        """
        led = copy.copy(self)
        led._check = check
        return led

    async def close(self) -> None:
        """End the work in hand, then the connections."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """`close` where no event loop runs."""
        self._closing.set()
        for threads in (self._writers, self._readers):
            threads.shutdown(wait=True)
        for engine in (self._writer, self._reader):
            engine.dispose()

    def _write(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        for pause in self._pauses:
            try:
                return self._write_once(function, *args, **kwargs)
            except Exception as error:
                if not trouble(error) or self._closing.is_set():
                    raise
            self._closing.wait(pause)
        return self._write_once(function, *args, **kwargs)

    def _write_once(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        with self._writer.begin() as connection:
            self._check(connection)
            return function(connection, *args, **kwargs)

    def _read(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        with self._reader.begin() as connection:
            return function(connection, *args, **kwargs)


# One process ------------------------------------------------------------------------------------------------


class ProcessLock:
    """Two bots on one database would steal each other's updates: the second is refused."""

    _ours: ClassVar[set[URL]] = set()

    def __init__(self, url: str | URL) -> None:
        self._url = normal(url)
        self._file: IO[str] | None = None
        self._engine: Engine | None = None
        self._session: Connection | None = None

    def __enter__(self) -> "ProcessLock":
        if not self._take():
            self.release()
            raise Locked(
                "Another bln-bot is running on this database. Stop it first: only on PostgreSQL can several run."
            )
        self._ours.add(self._url)
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.discard(self._url)
        self.release()

    @classmethod
    def ours(cls, url: str | URL) -> bool:
        """Return whether this process has the lock."""
        return normal(url) in cls._ours

    def held(self) -> bool:
        """Return whether the lock is still ours, taking it again after PostgreSQL went away and came back.

        Call it off the event loop. It raises (`trouble`) while PostgreSQL cannot be reached.
        """
        if self._session is None:
            return self._file is not None or self._take()
        try:
            self._session.execute(text("SELECT 1"))
        except DBAPIError:
            self._end_session()
            return self._take()
        return True

    def lease(self, channel: str) -> bool:
        """Have PostgreSQL take the lock away when it heard nothing for `LEASE` seconds, and hear of `channel`.

        TCP alone does not do: a proxy between, or a process that is stopped, keeps a connection alive. Return
        whether there is anything to keep up; a file stays locked as long as the process lives.
        """
        if self._session is None:
            return False
        self._session.execute(text(f"SET idle_session_timeout = '{LEASE}s'"))
        self._session.execute(text(f"LISTEN {channel}"))
        return True

    def beat(self) -> None:
        """Keep the lease up; raises if the session has ended, and the lock with it."""
        assert self._session is not None
        self._session.execute(text("SELECT 1"))

    def news(self, seconds: float) -> bool:
        """Wait until something is told on the channel, at most so long; return whether it was."""
        assert self._session is not None
        connection: Any = self._session.connection.driver_connection
        return bool(list(connection.notifies(timeout=seconds, stop_after=1)))

    def cut(self) -> None:
        """End the connection under whoever waits in it in another thread, for a server that may be silent."""
        with suppress(Exception):  # it may have ended already: then its session has no connection to ask for
            assert self._session is not None
            connection: Any = self._session.connection.driver_connection
            with socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let the next process have it."""
        self._end_session()
        if self._file is not None:
            self._file.close()  # and with it the lock; the file stays, or two processes could lock two files
            self._file = None

    def _take(self) -> bool:
        file = sqlite_file(self._url)
        return self._take_session() if file is None else self._take_file(file)

    def _take_file(self, file: Path) -> bool:
        make_folder(file)
        self._file = file.with_name(f"{file.name}.lock").open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _take_session(self) -> bool:
        # A connection of its own that is never recycled: the lock lives as long as the session.
        self._engine = postgres_engine(
            self._url,
            settings=LOCK_SETTINGS,
            link=LOCK_LINK,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        try:
            self._session = self._engine.connect()
            got = self._session.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}
            ).scalar_one()
        except BaseException:
            self._end_session()
            raise
        if not got:
            self._end_session()
        return bool(got)

    def _end_session(self) -> None:
        if self._session is not None:
            with suppress(DBAPIError):  # it is over already
                self._session.close()
            self._session = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


# Writing once -----------------------------------------------------------------------------------------------


def insert(db: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT; both dialects write it the same way."""
    return _insert(db.dialect.name, table)


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_once(
    db: Connection, table: Table, values: Mapping[str, Any], *, conflict: Sequence[str] | None = None
) -> int | None:
    """Insert a row and return its id; None if there is one with the same `conflict` columns (or any key)."""
    statement = _once(db.dialect.name, table, None if conflict is None else tuple(conflict))
    new: int | None = db.execute(statement, dict(values)).scalar_one_or_none()
    return new


@cache
def _once(dialect: str, table: Table, conflict: tuple[str, ...] | None) -> Executable:
    key = table.primary_key.columns[0]
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=conflict).returning(key)


def upsert(
    db: Connection,
    table: Table,
    values: Mapping[str, Any],
    *,
    conflict: Sequence[str],
    update: Sequence[str] | None = None,
) -> int:
    """Insert a row, or change (the `update` columns of) the one with the same `conflict`; return its id."""
    changed = [name for name in values if name not in conflict] if update is None else update
    statement = _newest(db.dialect.name, table, tuple(conflict), tuple(changed or conflict))
    row: int = db.execute(statement, dict(values)).scalar_one()
    return row


@cache
def _newest(dialect: str, table: Table, conflict: tuple[str, ...], changed: tuple[str, ...]) -> Executable:
    statement = _insert(dialect, table)
    kept = {name: statement.excluded[name] for name in changed}
    key = table.primary_key.columns[0]
    return statement.on_conflict_do_update(index_elements=conflict, set_=kept).returning(key)


@contextmanager
def opened(url: str | URL) -> Iterator[Database]:
    """A database for the length of one command."""
    database = Database.open(url)
    try:
        with telling(database.url):
            yield database
    finally:
        database.close_now()
