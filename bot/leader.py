"""Who leads: of all processes on one database exactly one handles, plans and sends; the others receive and stand by.

On SQLite whoever runs leads. On PostgreSQL the leader has an advisory lock, on a connection of its own that a thread
of its own keeps up. The numbers fit together so that two never lead at once, and nobody leads for 15 s at most:

- every `BEAT` s the leader shows PostgreSQL that it lives; it stops at once when that fails, and when the last
  success was begun more than `SURE` s ago: a cut line, a process that was stopped, a machine that slept;
- after `storage.db.LEASE` (8) s of silence PostgreSQL ends the connection, and the lock is free; it is at once when
  the leader was killed and its machine is alive;
- everybody else tries every `TRY` s, and then begins: 8 + 2 s and the time that beginning takes.

These are real seconds: a clock that is followed may stand still. What a stopped leader might still write when it
wakes up is refused by `storage.leading.check`; what it has sent counts as unknown, like after kill -9.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable

from bot import logs
from storage import leading
from storage.db import LEASE, ProcessLock

log = logs.logger(__name__)

BEAT, SURE, TRY = 1.0, 5.0, 2.0
assert BEAT < SURE < LEASE


class Leader:
    """Whether this process leads."""

    def __init__(self, url: str, *, news: Callable[[], None] = lambda: None) -> None:
        self._url = url
        self.news = news  # called when another process has put something into the inbox
        self._lock: ProcessLock | None = None
        self._thread: threading.Thread | None = None
        self._sure_until = 0.0
        self._lost = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def has_lock(self) -> bool:
        """Whether the lock was taken and not given back, whatever became of it."""
        return self._lock is not None

    @property
    def sure(self) -> bool:
        """Whether nobody else can be leading at this instant; who was told no once leads no longer."""
        if self._lock is None or self._lost.is_set():
            return False
        if self._thread is None or _seconds() < self._sure_until:
            return True
        self._lost.set()  # a beat that is only late would leave undone what was left undone just now
        return False

    async def take(self) -> None:
        """Become the leader, or raise `Locked`; whatever else is raised is the database's."""
        lock, self._loop = ProcessLock(self._url), asyncio.get_running_loop()
        work = asyncio.ensure_future(asyncio.to_thread(self._take, lock))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:  # the thread goes on
            await asyncio.wait({work})
            work.exception()  # nobody wants it any more
            await self.release()
            raise

    def _take(self, lock: ProcessLock) -> None:
        lock.__enter__()
        self._lost.clear()
        self._sure_until = _seconds() + SURE
        self._lock = lock
        try:
            if not lock.lease(leading.CHANNEL):
                return
        except BaseException:
            lock.__exit__()
            self._lock = None
            raise
        self._thread = threading.Thread(target=self._hold, args=(lock,), name="leader", daemon=True)
        self._thread.start()

    async def until_lost(self) -> None:
        """Wait until this process leads no longer."""
        while not self._lost.is_set():
            left = None if self._thread is None else self._sure_until - _seconds()
            if left is not None and left <= 0:
                self._lost.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._lost.wait()

    def lose(self) -> None:
        """Lead no longer; from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._lost.set)

    async def release(self) -> None:
        """Let the next process lead; without effect where this one doesn't."""
        lock, thread = self._lock, self._thread
        self._lock = self._thread = None
        if lock is not None:
            await asyncio.to_thread(_give_back, lock, thread)

    def _hold(self, lock: ProcessLock) -> None:
        """Keep the lock, in a thread: neither a busy event loop nor a busy pool must cost it."""
        try:
            while self._lock is lock:
                begun = _seconds()
                lock.beat()
                self._sure_until = begun + SURE
                while (left := begun + BEAT - _seconds()) > 0:
                    if lock.news(left) and self._loop is not None:
                        self._loop.call_soon_threadsafe(self.news)
        except Exception as error:  # whatever it is, the lock is not known to be ours
            if self._lock is lock:
                log.warning("leader.cut", error=type(error).__name__)
        finally:
            if self._lock is lock:
                self.lose()


def _give_back(lock: ProcessLock, thread: threading.Thread | None) -> None:
    if thread is not None:
        lock.cut()  # it may be waiting for a server that says nothing any more
        thread.join()
    lock.__exit__()


def _seconds() -> float:
    """Return real time, also of a machine that slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
