"""The command line, as a person uses it: the real program, and a Telegram that knows one token."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.__main__ import app, told
from bot.config import Language, load
from bot.core.texts import LANGUAGES
from bot.init import guess_language, guess_zone
from storage import inbox
from storage.db import ProcessLock, opened

TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
OTHER = TOKEN.replace("123", "321")


def bln(*arguments: str, at: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person would; nothing of the tester's environment counts."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=at,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), "COLUMNS": "100", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one thing that was said to somebody who made a mistake."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


class OneBot(BaseHTTPRequestHandler):
    """Answers getMe as Telegram does."""

    def do_GET(self) -> None:
        known = self.path == f"/bot{TOKEN}/getMe"
        body: dict[str, Any] = {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if known:
            me = {"id": 123456789, "is_bot": True, "first_name": "BLN", "username": "bln_test_bot"}
            body = {"ok": True, "result": me}
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def telegram() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), OneBot) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_port}/bot"
        server.shutdown()


@pytest.fixture
def nowhere() -> str:
    """An address where nobody listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), OneBot) as server:
        return f"http://127.0.0.1:{server.server_port}/bot"


# Help and mistakes ------------------------------------------------------------


def test_it_says_which_version_it_is(tmp_path: Path) -> None:
    assert re.fullmatch(r"bln-bot \d+\.\d+\.\d+\n", bln("--version", at=tmp_path).stdout)


def test_every_command_and_option_has_help() -> None:
    from typer.main import get_command

    group: Any = get_command(app)
    others = {"backup", "digest", "restore", "move-database", "doctor"}
    assert set(group.commands) == {"run", "init", "demo", "retry"} | others
    for command in [group, *group.commands.values()]:
        assert command.help, command.name
        assert [p.name for p in command.params if not p.help] == [], command.name


def test_no_command_shows_the_help(tmp_path: Path) -> None:
    done = bln(at=tmp_path)
    assert "bln-bot init" in done.stdout + done.stderr


def test_help_is_there_before_anything_heavy_is_loaded() -> None:
    code = "import sys, bot.__main__; print({'telegram', 'sqlalchemy', 'starlette'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_running_without_settings_says_how_to_make_them(tmp_path: Path) -> None:
    words = refused(bln("run", at=tmp_path))
    assert words.startswith("telegram.token · is missing · ")
    assert "bln-bot init" in words


@pytest.mark.parametrize("line", [["run", "--config", "my.toml"], ["--config", "my.toml", "run"]])
def test_the_file_with_the_settings_may_be_named_before_or_behind_the_command(
    line: list[str], tmp_path: Path
) -> None:
    assert refused(bln(*line, at=tmp_path)).startswith("my.toml · is not there")


def test_wrong_settings_are_told_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[privacy]\nk = 0\n[web]\nprot = 1\n")
    assert len(refused(bln("retry", at=tmp_path, BLN_BOT__TELEGRAM__TOKEN=TOKEN)).splitlines()) == 2


def test_a_database_that_another_bot_works_on_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bln.db"
    with ProcessLock(url):
        done = bln("run", at=tmp_path, BLN_BOT__TELEGRAM__TOKEN=TOKEN, BLN_BOT__DATABASE__URL=url)
    assert "Another bln-bot is running on this database" in refused(done)


NOWHERE = "postgresql://me:s3cret@127.0.0.1:1/bln"


@pytest.mark.parametrize(
    ("command", "url"),
    [("retry", NOWHERE), ("run", "sqlite:////proc/no/bln.db"), ("retry", "sqlite:////proc/no/bln.db")],
)
def test_a_database_that_cannot_be_reached_is_no_traceback(command: str, url: str, tmp_path: Path) -> None:
    environ = {"BLN_BOT__TELEGRAM__TOKEN": TOKEN, "BLN_BOT__DATABASE__URL": url}
    words = refused(bln(command, at=tmp_path, **environ)).splitlines()[-1]
    assert words.startswith(("The database can't be used: ", "/proc/no: No such file"))
    assert "s3cret" not in words


def test_a_server_that_is_down_is_waited_for_until_the_bot_is_stopped(tmp_path: Path) -> None:
    environ = {"BLN_BOT__TELEGRAM__TOKEN": TOKEN, "BLN_BOT__DATABASE__URL": NOWHERE}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environ},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        line = running.stderr.readline()
        running.terminate()
        assert running.wait(30) == 0
    assert "The database does not answer" in line
    assert "s3cret" not in line


def test_what_is_our_own_fault_is_not_hidden() -> None:
    assert told(KeyError("x")) is None


# init ------------------------------------------------------------


def init(at: Path, *arguments: str, typed: str = "", **environ: str) -> Result:
    return CliRunner().invoke(
        app,
        ["init", "--config", str(at), *arguments],
        input=typed,
        env={"BLN_BOT__TELEGRAM__TOKEN": None, **environ},
    )


def test_init_asks_writes_and_prints_the_link(tmp_path: Path, telegram: str) -> None:
    config = tmp_path / "etc" / "config.toml"
    answers = [
        TOKEN,
        "NL",
        "Europe/Amsterdm",
        "Europe/Amsterdam",
        'Zorgbelang "Utrecht"',
        "bln@zorg.example",
        "none",
        "Servers & Co",
        "",
        "soon",
    ]
    done = init(config, "--base-url", telegram, typed="\n".join([*answers, "2028-12-31", ""]))
    assert done.exit_code == 0, done.output
    assert "@bln_test_bot" in done.output
    assert "'Europe/Amsterdm' is not a time zone" in done.output
    assert "'soon' is not a date" in done.output
    assert TOKEN not in done.output
    settings = load(config, {})
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert settings.telegram.base_url == telegram
    assert (settings.defaults.language, settings.defaults.timezone) == ("nl", "Europe/Amsterdam")
    assert (settings.privacy.controller, settings.privacy.contact) == (
        'Zorgbelang "Utrecht"',
        "bln@zorg.example",
    )
    assert (settings.privacy.officer, settings.privacy.processor) == ("none", "Servers & Co")
    assert settings.privacy.authority.startswith("Autoriteit Persoonsgegevens")
    assert settings.privacy.last_day == date(2028, 12, 31)
    assert "Left open" not in done.output
    link = f"https://t.me/bln_test_bot?start=setup_{settings.access.setup_code.get_secret_value()}"
    assert link in done.output
    assert len(link.split("start=")[1]) <= 64
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert [file.name for file in config.parent.iterdir()] == ["config.toml"]


def test_init_lets_one_correct_a_token_that_telegram_does_not_know(tmp_path: Path, telegram: str) -> None:
    config = tmp_path / "config.toml"
    typed = f"not a token\n{OTHER}\n\n{TOKEN}\n" + "\n" * 8
    done = init(config, "--base-url", telegram, typed=typed)
    assert done.exit_code == 0, done.output
    assert "That is not a token" in done.output
    assert "does not know this token" in done.output
    assert load(config, {}).telegram.token.get_secret_value() == TOKEN


def test_init_goes_on_without_telegram_if_one_wants(tmp_path: Path, nowhere: str) -> None:
    config = tmp_path / "config.toml"
    done = init(config, "--base-url", nowhere, typed=TOKEN + "\n" * 9 + "-\n")
    assert done.exit_code == 0, done.output
    assert "can't be reached" in done.output
    assert "https://t.me/<name of your bot>?start=setup_" in done.output
    assert "Left open: privacy.controller" in done.output
    assert "privacy.last_day" in done.output
    assert load(config, {}).telegram.token.get_secret_value() == TOKEN


def test_init_without_questions(tmp_path: Path, telegram: str) -> None:
    (tmp_path / "secret").write_text(TOKEN + "\n")
    line = ["init", "--yes", "--token-file", "secret", "--base-url", telegram, "--language", "sv"]
    done = bln(*line, "--timezone", "Europe/Stockholm", "--last-day", "2029-06-30", at=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "https://t.me/bln_test_bot?start=setup_" in done.stdout
    assert TOKEN not in (tmp_path / "config.toml").read_text()
    assert 'token_file = "secret"' in (tmp_path / "config.toml").read_text()


def test_a_token_from_the_environment_stays_there(tmp_path: Path, telegram: str) -> None:
    config = tmp_path / "config.toml"
    done = init(config, "--yes", "--base-url", telegram, BLN_BOT__TELEGRAM__TOKEN=TOKEN)
    assert done.exit_code == 0, done.output
    assert TOKEN not in config.read_text()
    assert load(config, {"BLN_BOT__TELEGRAM__TOKEN": TOKEN}).access.setup_code


@pytest.mark.parametrize(
    ("line", "environ", "words"),
    [
        (["--yes"], {}, "There is no token: "),
        (["--yes", "--token-file", "none"], {}, "none can't be read"),
        (["--yes"], {"BLN_BOT__TELEGRAM__TOKEN": OTHER}, "Telegram does not know this token"),
        (["--yes", "--last-day", "2028-02-30"], {}, "'2028-02-30' is not a date"),
        (
            ["--yes", "--timezone", "Mars"],
            {"BLN_BOT__TELEGRAM__TOKEN": TOKEN},
            "defaults.timezone · is not a",
        ),
    ],
)
def test_init_writes_nothing_that_would_not_work(
    line: list[str], environ: dict[str, str], words: str, tmp_path: Path, telegram: str
) -> None:
    done = bln("init", *line, "--base-url", telegram, at=tmp_path, **environ)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_keeps_settings_that_are_there_unless_told_otherwise(tmp_path: Path, telegram: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text("mine")
    assert init(config, "--base-url", telegram, typed="\n").exit_code == 1
    assert config.read_text() == "mine"
    init(config, "--base-url", telegram, "--yes", BLN_BOT__TELEGRAM__TOKEN=TOKEN)
    assert "setup_code" in config.read_text()


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "nl_NL.UTF-8"}, "nl"),
        ({"LC_ALL": "sv_SE", "LANG": "nl_NL"}, "sv"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_language_of_the_machine_is_offered(environ: dict[str, str], language: str) -> None:
    assert guess_language(environ) == language


def test_the_time_zone_of_the_machine_is_offered(tmp_path: Path) -> None:
    assert guess_zone({}, tmp_path) == "UTC"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Amsterdam")
    assert guess_zone({}, tmp_path) == "Europe/Amsterdam"
    (tmp_path / "timezone").write_text("Asia/Kathmandu\n")
    assert guess_zone({}, tmp_path) == "Asia/Kathmandu"
    assert guess_zone({"TZ": ":Europe/Stockholm"}, tmp_path) == "Europe/Stockholm"
    assert guess_zone({"TZ": "CET-1CEST"}, tmp_path) == "Asia/Kathmandu"


def test_settings_offer_the_languages_that_there_are() -> None:
    assert set(get_args(Language)) == set(LANGUAGES)


@pytest.mark.parametrize("count", [0, 2])
def test_retry_gives_parked_updates_back(tmp_path: Path, database_url: str, count: int) -> None:
    now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    with opened(database_url) as database:
        database.write_now(inbox.store, [{"update_id": id, "message": {}} for id in range(count)], now=now)
        for _ in range(inbox.ATTEMPTS):
            for row in database.read_now(inbox.next, 20):
                database.write_now(inbox.failed, row, LookupError())
        assert len(database.read_now(inbox.parked)) == count
        environ = {"BLN_BOT__DATABASE__URL": database_url, "BLN_BOT__TELEGRAM__TOKEN": TOKEN}
        done = bln("retry", at=tmp_path, **environ)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.strip() == (f"{count} given back." if count else "There was nothing to give back.")
        given = database.read_now(inbox.next, 20)
        assert [(row.attempts, row.error) for row in given] == [(0, None)] * count
