"""Backups: on demand, back again, and by themselves with rotation.

Of a folder only files named as `name_for` names them are ever removed. Each bot needs a folder of its own.
"""

import asyncio
import contextlib
import importlib.metadata
import multiprocessing
import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import logs
from bot.actions import operator
from bot.actions.unit import Desk
from bot.config import Mistake, Settings
from bot.core.erasing import key_of
from bot.core.moments import Clock
from storage import erasures, facts, outbox
from storage.db import Connection, Database, trouble
from storage.erasures import Again, Erasure
from storage.mistakes import Unusable

if TYPE_CHECKING:
    from storage.backup import Made

FACT = "backup"
NAME = re.compile(r"bln-(\d{8}-\d{6})Z\.bln\.tar")
STAMP = "%Y%m%d-%H%M%S"
AGAIN = timedelta(minutes=15)  # until one that failed is tried again
LOOK = timedelta(days=1)  # between two looks for backups that have become too old

log = logs.logger(__name__)


# On demand --------------------------------------------------------------------------------------------------


def back_up_to(settings: Settings, file: Path) -> str:
    """Write everything into a file; return what to tell about it."""
    made = _make(_job(settings, file, datetime.now(UTC)))
    sealed = ", encrypted" if settings.backup.passphrase.get_secret_value() else ""
    return (
        f"{file}: {_megabytes(made.bytes)} MB{sealed}, {_content(made.rows)}. "
        "Keep it on another machine; `bln-bot restore` puts it back."
    )


def restore_from(settings: Settings, file: Path, *, now: datetime | None = None) -> str:
    """Put a backup where `database.url` says; return what to tell about it."""
    from storage import restore

    url, passphrase = settings.database.url.get_secret_value(), settings.backup.passphrase.get_secret_value()
    again = Again(key_of(settings.telegram.token.get_secret_value()), _erased(settings, file))
    done = restore.restore(url, file, passphrase=passphrase, again=again, now=now or datetime.now(UTC))
    made = done.manifest
    lines = [f"Everything is as it was on {made.moment:%Y-%m-%d at %H:%M} UTC: {_content(made.rows)}."]
    if done.letters:
        lines.append(
            f"Messages that were about to be sent then: {done.letters}. They may have been sent since, so they are "
            "looked for, sent again only where that does no harm, and else given up."
        )
    if done.erased:
        lines.append(f"Erased once more, as was asked for since: the words of {done.erased}.")
    lines.append(
        "Prompts and digests that were due since then are not sent by themselves; their facilitators are asked. "
        "Whoever left or took a single answer back since then has to do so again: see docs/backups.md."
    )
    older = (
        f" It is of an older version ({made.revision}), and is brought up to date then." if done.older else ""
    )
    lines.append(f"Start the bot with `bln-bot run`.{older}")
    return "\n".join(lines)


def _erased(settings: Settings, backup: Path) -> list[Erasure]:
    """Return what was erased, from all places where the list of it may lie."""
    url = settings.database.url.get_secret_value()
    places = {
        backup.parent / erasures.FILE,
        *(place for folder in (settings.backup.folder, None) if (place := erasures.place(url, folder))),
    }
    found = {one.receipt: one for place in sorted(places) for one in erasures.read(place)}
    return sorted(found.values(), key=lambda one: one.at)


def _content(rows: dict[str, int]) -> str:
    names = ("networks", "people", "contributions", "media")
    return ", ".join(f"{rows.get(name, 0)} {name}" for name in names)


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.1f}"


# By themselves ----------------------------------------------------------------------------------------------


async def keep_up(
    settings: Settings,
    database: Database,
    clock: Clock,
    desk: Desk,
    *,
    wrote: Callable[[], None] = lambda: None,
) -> None:
    """Make a backup whenever one is due, and remove the oldest, until cancelled; `wrote`: a letter waits.

    What fails is logged and tried again, and the operator hears of it once, until one has succeeded.
    """
    folder = settings.backup.folder
    if folder is None:
        await asyncio.Event().wait()
        return
    while True:
        now = clock.now()
        try:
            again = await _step(settings, folder, database, desk, wrote, now=now)
        except Exception as error:  # the database is down, for instance: this loop goes on
            log.warning("backup.put_off", error=type(error).__name__)
            log.debug("backup.traceback", exc_info=error)
            again = now + AGAIN
        await clock.sleep_until(again)


async def _step(
    settings: Settings,
    folder: Path,
    database: Database,
    desk: Desk,
    wrote: Callable[[], None],
    *,
    now: datetime,
) -> datetime:
    """Make a backup if one is due; return when to look again."""
    lasts = timedelta(days=settings.backup.days)
    every = min(timedelta(hours=settings.backup.every_hours), lasts)
    try:
        last = await asyncio.to_thread(_last, folder, now=now)
        if last is not None and now < last + every:
            await asyncio.to_thread(_age, folder, now - lasts)
            return min(last + every, now + LOOK)
        await asyncio.to_thread(_tidy, folder, None)
        await database.write(erasures.complete, folder / erasures.FILE, now=now)
        file = folder / name_for(now)
        size = await _elsewhere(_job(settings, file, now))
        await asyncio.to_thread(_tidy, folder, settings.backup.keep)
        await asyncio.to_thread(_age, folder, now - lasts)
    except (Mistake, OSError) as error:
        log.error("backup.failed", words="Again in a while.", error=type(error).__name__)
        await database.write(_failed, desk, str(error), now=now)
        wrote()
        return now + AGAIN
    log.info("backup.written", backup=file.name, bytes=size)
    await database.write(_noted, {"file": file.name, "bytes": size, "ok": True}, now=now)
    return min(now + every, now + LOOK)


def name_for(moment: datetime) -> str:
    """Return the name of the backup of a moment."""
    return f"bln-{moment.astimezone(UTC):{STAMP}}Z.bln.tar"


def ours(folder: Path) -> list[Path]:
    """Return the backups in a folder, the newest first."""
    with contextlib.suppress(FileNotFoundError):
        found = [file for file in folder.iterdir() if NAME.fullmatch(file.name) and file.is_file()]
        return sorted(found, reverse=True)
    return []


def _last(folder: Path, *, now: datetime) -> datetime | None:
    """Return of when the newest backup is; one from the future is from a clock that was wrong."""
    moments = (_moment(file) for file in ours(folder))
    return next((moment for moment in moments if moment is not None and moment <= now), None)


def _moment(file: Path) -> datetime | None:
    found = NAME.fullmatch(file.name)
    try:
        return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC) if found else None
    except ValueError:  # a 45th of the month
        return None


def _tidy(folder: Path, keep: int | None) -> None:
    """Remove what a killed process left, and all but the newest; None: remove no backup."""
    from storage import archive

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    archive.clear(folder, "bln-*.bln.tar")
    for file in [] if keep is None else ours(folder)[keep:]:
        file.unlink(missing_ok=True)


def _age(folder: Path, before: datetime) -> None:
    """Remove backups that are so old that what was erased since should be gone from them as well.

    The newest stays if nobody had anything erased since: backups may have failed for long, and it is all there is.
    """
    found = ours(folder)
    erased = max((one.at for one in erasures.read(folder / erasures.FILE)), default=None)
    for file in found:
        made = _moment(file)
        if made is None or made >= before:
            continue
        if file != found[0] or (erased is not None and erased >= made):
            file.unlink(missing_ok=True)


def _noted(db: Connection, value: dict[str, Any], *, now: datetime) -> None:
    facts.put(db, FACT, value, now=now)


def _failed(db: Connection, desk: Desk, reason: str, *, now: datetime) -> None:
    """Note it, and tell the operator unless the last one failed too."""
    before = facts.get(db, FACT)
    _noted(db, {"file": "", "bytes": 0, "ok": False}, now=now)
    if before is None or before.value["ok"]:
        key = f"backup:{now.isoformat()}"
        outbox.write(db, operator.tell(db, desk, "backup_failed", key=key, reason=reason), now=now)


# In a process of its own ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """What a process that makes a backup needs to know."""

    url: str = field(repr=False)
    file: Path
    passphrase: str = field(repr=False)
    version: str
    now: datetime


def _job(settings: Settings, file: Path, now: datetime) -> Job:
    url, passphrase = settings.database.url.get_secret_value(), settings.backup.passphrase.get_secret_value()
    return Job(url, file, passphrase, importlib.metadata.version("bln-bot"), now)


def _make(job: Job) -> "Made":
    from storage import backup

    return backup.make(job.url, job.file, passphrase=job.passphrase, version=job.version, now=job.now)


async def _elsewhere(job: Job) -> int:
    """Make a backup in another process; return its size. Who is cancelled stops it.

    age turns the passphrase into a key for two seconds with half a gigabyte, and stops all our threads meanwhile.
    """
    context = multiprocessing.get_context("spawn")
    answers, answering = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(answering, job), daemon=True)
    process.start()
    answering.close()
    try:
        done, told = await asyncio.to_thread(_received, answers)
    finally:
        process.kill()  # nothing happens if it has ended
        await asyncio.to_thread(_buried, process, job)
        answers.close()
    if done is None:
        raise Mistake(told)
    return done


def _received(answers: "Pipe[Any, Any]") -> tuple[int | None, str]:
    try:
        return answers.recv()  # type: ignore[no-any-return]
    except EOFError:
        return None, "the process that made it was killed, perhaps for its memory"


def _buried(process: Any, job: Job) -> None:
    from storage import backup

    process.join()
    process.close()
    backup.clear(job.url, job.file)


def _child(answering: "Pipe[Any, Any]", job: Job) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot
    with contextlib.suppress(OSError):  # a hardened service may not, and need not
        os.nice(10)
    answer: tuple[int | None, str]
    try:
        answer = (_make(job).bytes, "")
    except Exception as error:
        # Only what is meant for people: another text may hold anything.
        known = isinstance(error, (Mistake, Unusable, OSError)) or trouble(error)
        answer = (None, _reason(error) if known else type(error).__name__)
    answering.send(answer)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
