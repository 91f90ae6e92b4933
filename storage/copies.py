"""The copies that a migration leaves beside a SQLite file, and what else of erased words the disk may still hold."""

from datetime import UTC, datetime
from pathlib import Path

from storage.db import Connection, sqlite_file


def of(file: Path) -> list[Path]:
    """Return the copies of a database from before its migrations, half-written ones too."""
    return sorted(file.parent.glob(f"{file.name}.before-*"))


def forget(db: Connection, *, before: datetime | None = None) -> int:
    """Remove the copies that were made before a moment (None: all); return how many.

    They hold words that were taken back since.
    """
    file = sqlite_file(db.engine.url)
    old = [] if file is None else [copy for copy in of(file) if before is None or _made(copy) < before]
    for copy in old:
        copy.unlink(missing_ok=True)
    return len(old)


def _made(copy: Path) -> datetime:
    return datetime.fromtimestamp(copy.stat().st_mtime, UTC)
