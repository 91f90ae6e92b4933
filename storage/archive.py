"""The file of a backup: a plain tar that can be opened by hand, and of which no byte changes unnoticed.

    identity.age            only with a passphrase: a fresh age identity, encrypted with the passphrase
    manifest.json           what is inside
    database.00001.gz …     the database in pieces; `cat database.*.gz | gunzip` puts them together
    SHA256SUMS              of all that stands before it, for `sha256sum -c`

With a passphrase each member but the first is encrypted to that identity (and is called `….age`): a passphrase
alone would need the whole backup in memory. The sums are encrypted too, so nobody can leave a piece out.
One piece is in memory at a time. docs/backups.md says how to open it by hand.
"""

import fcntl
import gzip
import hashlib
import json
import os
import secrets
import stat
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import IO, Any

import pyrage  # type: ignore[import-untyped]

from bot.config import Mistake

FORMAT = 1  # another one for what this code could not read; what is only added needs none
PIECE = 8 << 20
MOST = 2 * PIECE  # so large may a member be: who reads must not be made to fill the memory
IDENTITY, MANIFEST, SUMS, SEALED = "identity.age", "manifest.json", "SHA256SUMS", ".age"
END = bytes(2 * tarfile.BLOCKSIZE)
SQLITE = b"SQLite format 3\x00"


class NoBackup(Mistake):
    """The file is something else."""


class Damaged(Mistake):
    """The file was a backup."""


class Closed(Mistake):
    """The file is encrypted, and the passphrase is missing or wrong."""


class NewerBackup(Mistake):
    """The file was written by a later version of the bot."""


# Writing ----------------------------------------------------------------------------------------------------


def write(
    out: IO[bytes],
    manifest: Mapping[str, Any],
    pieces: Iterable[bytes],
    *,
    passphrase: str,
    made_at: datetime,
) -> None:
    """Write a backup of pieces that are at most `PIECE` long; without a passphrase it is not encrypted."""
    identity = pyrage.x25519.Identity.generate() if passphrase else None
    sums: list[str] = []

    def put(name: str, data: bytes) -> None:
        out.write(_header(name, len(data), int(made_at.timestamp())))
        out.write(data)
        out.write(_padding(len(data)))
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")

    def seal(name: str, data: bytes) -> tuple[str, bytes]:
        if identity is None:
            return name, data
        return name + SEALED, pyrage.encrypt(data, [identity.to_public()])

    if identity is not None:
        put(IDENTITY, pyrage.passphrase.encrypt(f"{identity}\n".encode(), passphrase))
    put(*seal(MANIFEST, json.dumps({"format": FORMAT, **manifest}, indent=2).encode()))
    for number, piece in enumerate(pieces, 1):
        put(*seal(_piece(number), gzip.compress(piece, 1, mtime=0)))
    put(*seal(SUMS, "".join(sums).encode()))
    out.write(END)


def _piece(number: int) -> str:
    return f"database.{number:05}.gz"


def _header(name: str, size: int, at: float) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, at, 0o600
    return info.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


# Reading ----------------------------------------------------------------------------------------------------


class Archive:
    """A backup that was opened. What it holds counts only when `pieces` has come to its end."""

    def __init__(self, source: IO[bytes], name: str, passphrase: str) -> None:
        self._source, self._name = source, name
        self._identity: pyrage.x25519.Identity | None = None
        self._sums: list[str] = []
        first, data = self._first()
        if first == IDENTITY:
            self._identity = self._opened(data, passphrase)
            first, data = self._member()
        if first != self._called(MANIFEST):
            raise self._damaged()
        self.manifest = self._understood(self._plain(data))
        self._start, self._before = source.tell(), list(self._sums)

    def pieces(self) -> Iterator[bytes]:
        """Yield the database piece by piece, from the beginning; at the end everything has been checked."""
        self._source.seek(self._start)
        self._sums = list(self._before)
        number = 1
        while True:
            expected = "".join(self._sums).encode()
            name, data = self._member()
            if name == self._called(SUMS):
                break
            if name != self._called(_piece(number)):
                raise self._damaged()
            yield self._unpacked(self._plain(data))
            number += 1
        if self._plain(data) != expected or self._source.read(len(END) + 1) != END:
            raise self._damaged()

    def check(self) -> None:
        """Read all of it, and keep nothing."""
        for _ in self.pieces():
            pass

    def _first(self) -> tuple[str, bytes]:
        begins = self._source.read(len(SQLITE))
        self._source.seek(0)
        if begins == SQLITE:
            raise NoBackup(
                f"{self._name} is a database, not a backup. To use it, stop the bot and put the file where "
                "database.url says."
            )
        try:
            name, data = self._member()
        except Damaged:
            name, data = "", b""
        if name not in (IDENTITY, MANIFEST):
            raise NoBackup(f"{self._name} is no backup of bln-bot, or its very beginning is damaged.")
        return name, data

    def _member(self) -> tuple[str, bytes]:
        """Return the next member, if it stands there exactly as `write` would have written it."""
        head = self._source.read(tarfile.BLOCKSIZE)
        try:
            info = tarfile.TarInfo.frombuf(head, "ascii", "strict")
            expected = _header(info.name, info.size, info.mtime)
        except (tarfile.HeaderError, ValueError):
            raise self._damaged() from None
        if head != expected or not 0 <= info.size <= MOST:
            raise self._damaged()
        data = self._source.read(info.size)
        if len(data) != info.size or self._source.read(-info.size % tarfile.BLOCKSIZE) != _padding(info.size):
            raise self._damaged()
        self._sums.append(f"{hashlib.sha256(data).hexdigest()}  {info.name}\n")
        return info.name, data

    def _opened(self, data: bytes, passphrase: str) -> "pyrage.x25519.Identity":
        if not passphrase:
            raise Closed(
                f"{self._name} is encrypted: write its passphrase into backup.passphrase, or name a file in "
                "backup.passphrase_file."
            )
        try:
            return pyrage.x25519.Identity.from_str(_opened(data, passphrase).decode().strip())
        except (pyrage.DecryptError, pyrage.IdentityError, ValueError):
            raise Closed(
                f"{self._name} can't be opened: the passphrase is another one, or the file is damaged at its "
                "beginning. Write the passphrase of that time into backup.passphrase."
            ) from None

    def _called(self, name: str) -> str:
        return name if self._identity is None else name + SEALED

    def _plain(self, data: bytes) -> bytes:
        if self._identity is None:
            return data
        try:
            return bytes(pyrage.decrypt(data, [self._identity]))
        except pyrage.DecryptError:
            raise self._damaged() from None

    def _unpacked(self, data: bytes) -> bytes:
        unpacker = zlib.decompressobj(wbits=31)  # with gzip's head and tail
        try:
            piece = unpacker.decompress(data, PIECE + 1)
        except zlib.error:
            raise self._damaged() from None
        if not unpacker.eof or unpacker.unused_data or len(piece) > PIECE:
            raise self._damaged()
        return piece

    def _understood(self, data: bytes) -> dict[str, Any]:
        try:
            manifest = json.loads(data)
        except ValueError:
            raise self._damaged() from None
        if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
            raise self._damaged()
        if manifest["format"] > FORMAT:
            raise NewerBackup(
                f"{self._name} was written by bln-bot {manifest.get('bln_bot')}, in a form that this version "
                "does not know. Install that version, or a newer one, and restore with it."
            )
        return manifest

    def _damaged(self) -> Damaged:
        return Damaged(
            f"{self._name} is damaged or not whole: its checksums don't fit. Copy it once more from where it "
            "was kept, or take another backup."
        )


def _opened(data: bytes, passphrase: str) -> bytes:
    return bytes(pyrage.passphrase.decrypt(data, passphrase))


@contextmanager
def opened(file: Path, passphrase: str) -> Iterator[Archive]:
    """Open a backup."""
    try:
        source = file.open("rb")
    except IsADirectoryError:
        raise NoBackup(f"{file} is a folder: name the backup in it.") from None
    with source:
        yield Archive(source, str(file), passphrase)


# Files that are there whole or not at all -------------------------------------------------------------------


@contextmanager
def new_file(file: Path) -> Iterator[IO[bytes]]:
    """A file, for its owner alone, that stands under its name once it is whole and on the disk."""
    _refuse_to_overwrite(file)
    clear(file.parent, file.name)
    part = _part(file.parent, file.name)
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # somebody works on it: see `clear`
        try:
            yield out
            out.flush()
            os.fsync(out.fileno())
            _refuse_to_overwrite(file)
            part.rename(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync(file.parent)


@contextmanager
def scratch(folder: Path, name: str) -> Iterator[Path]:
    """An empty file, for its owner alone, that is gone afterwards (unless it was renamed)."""
    clear(folder, name)
    part = _part(folder, name)
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield part
        finally:
            for more in ("", "-journal", "-wal", "-shm"):
                part.with_name(part.name + more).unlink(missing_ok=True)


def clear(folder: Path, name: str) -> None:
    """Remove what a killed process left half-written; what somebody works on stays. `name` may hold * and ?."""
    pattern = name if "*" in name else escape(name)
    for part in folder.glob(f".{pattern}.*.part"):
        with open_or_none(part) as left:
            if left is not None and _free(left):
                for more in ("", "-journal", "-wal", "-shm"):
                    part.with_name(part.name + more).unlink(missing_ok=True)


@contextmanager
def open_or_none(file: Path) -> Iterator[IO[bytes] | None]:
    """A file, or None if it is gone or not ours."""
    try:
        opened = file.open("rb")
    except OSError:
        yield None
        return
    with opened:
        yield opened if stat.S_ISREG(os.fstat(opened.fileno()).st_mode) else None


def sync(folder: Path) -> None:
    """Make sure that a new name in a folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _part(folder: Path, name: str) -> Path:
    return folder / f".{name}.{secrets.token_hex(4)}.part"


def _free(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_to_overwrite(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise Mistake(f"{file} is there already, and is not overwritten: name another file.")
