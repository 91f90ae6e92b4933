"""The web server of the bot: what monitoring is told, and what is said when it cannot be opened."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Bln
from bot.config import ConfigError, load
from bot.health import LIMITS, Health
from bot.sandbox.driver import Sandbox
from storage.db import Database
from tests.stories.conftest import settings
from tests.stories.lines import free_port
from tests.test_intake import down

TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(now=NOON) as telegram:
        yield telegram


# Pages ------------------------------------------------------------------------------------------------------


async def test_a_living_bot_says_that_it_is_ready(telegram: Sandbox, database_url: str) -> None:
    port = free_port()
    async with (
        Bln.living(settings(telegram, database_url, web={"port": port})),
        httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{port}") as client,
    ):
        await telegram.send(telegram.user("Anna"), "hello")
        await telegram.settle()
        alive = await client.get("/healthz")
        assert (alive.status_code, alive.text) == (200, "ok\n")
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        lines = ready.text.splitlines()
        assert lines[:2] == ["ok: database answers", "ok: leading"]
        assert [line.rsplit(" ", 3)[0] for line in lines[2:]] == [
            "ok: last answer to getUpdates",
            "ok: last tick",
        ]
        telegram.move(by=timedelta(days=7))  # a clock that is followed jumps; that is no outage
        assert (await client.get("/readyz")).status_code == 200
        with down(database_url):
            assert (await client.get("/healthz")).status_code == 200
            if not database_url.startswith("sqlite"):  # where one can read while another writes
                ready = await client.get("/readyz")
                assert (ready.status_code, ready.text.splitlines()[0]) == (
                    503,
                    "FAULT: database does not answer",
                )
        numbers = await client.get("/metrics")
        assert numbers.status_code == 200
        assert b"bln_bot_updates_total" in numbers.content
        assert (await client.post("/readyz")).status_code == 405


class Hand:
    """Seconds that pass when we say so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def test_what_does_not_go_on_is_named(database: Database) -> None:
    hand = Hand()
    health = Health(receives="poll", monotonic=hand)
    assert await health.report(database) == (False, ["ok: database answers", "FAULT: starting"])
    health.role = "standing by"
    assert await health.report(database) == (
        True,
        ["ok: database answers", "ok: standing by, another process leads"],
    )
    health.role = "leading"
    hand.seconds += 60
    fine, lines = await health.report(database)
    assert (fine, lines[2]) == (True, "ok: last answer to getUpdates: none yet")
    health.polled(NOON)
    health.ticked(NOON)
    hand.seconds += LIMITS["poll"].total_seconds() + 1
    health.ticked(NOON)  # the bot's clock may stand still
    fine, lines = await health.report(database)
    assert (fine, lines[2:]) == (
        False,
        ["FAULT: nothing was received from Telegram for 5 min", "ok: last tick 0 s ago"],
    )


async def test_a_webhook_is_asked_for_where_there_is_one(database: Database) -> None:
    health = Health(receives="webhook", monotonic=Hand())
    health.role = "leading"
    health.registered(NOON)
    health.called(NOON)
    health.ticked(NOON)
    fine, lines = await health.report(database)
    assert fine
    assert lines[2:] == [
        "ok: webhook last found in order 0 s ago",
        "ok: last tick 0 s ago",
        "ok: last call by Telegram 0 s ago",
    ]


async def test_it_speaks_tls_with_a_certificate(telegram: Sandbox, sqlite_url: str) -> None:
    port = free_port()
    web = {"port": port, "certificate": DATA / "certificate.pem", "key": DATA / "key.pem"}
    trust = ssl.create_default_context(cafile=DATA / "certificate.pem")
    async with (
        Bln.living(settings(telegram, sqlite_url, web=web)),
        httpx.AsyncClient(trust_env=False, verify=trust) as client,
    ):
        assert (await client.get(f"https://127.0.0.1:{port}/healthz")).text == "ok\n"


# Mistakes ---------------------------------------------------------------------------------------------------


def run(folder: Path, **environ: str) -> str:
    """Return what `bln-bot run` says before it ends."""
    ours = {f"BLN_BOT__{name}": value for name, value in environ.items()}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path.cwd()),
            "BLN_BOT__TELEGRAM__TOKEN": TOKEN,
            **ours,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert list(folder.iterdir()) == []  # nothing was begun
    return done.stderr


def test_a_port_in_use_is_told_before_anything_is_begun(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = run(tmp_path, WEB__PORT=str(taken.getsockname()[1]))
    assert said.startswith("That port is in use: ")
    assert len(said.splitlines()) == 1


def test_a_certificate_that_does_not_fit_its_key_is_told(tmp_path: Path) -> None:
    files = {"WEB__CERTIFICATE": str(DATA / "certificate.pem"), "WEB__KEY": str(DATA / "README.md")}
    said = run(tmp_path, WEB__PORT=str(free_port()), **files)
    assert said.startswith("web.certificate, web.key · ")
    assert len(said.splitlines()) == 1


WEBHOOK = {"mode": "webhook", "webhook_url": "https://bot.example.org"}
WRONG: list[tuple[dict[str, dict[str, Any]], list[str]]] = [
    ({"telegram": WEBHOOK, "web": {"port": 8443}}, []),
    ({"telegram": {"mode": "webhook"}}, ["telegram.webhook_url", "web.port"]),
    (
        {"telegram": WEBHOOK | {"webhook_url": "http://bot.example.org"}, "web": {"port": 80}},
        ["telegram.webhook_url"],
    ),
    (
        {
            "telegram": WEBHOOK
            | {"webhook_url": "http://10.0.0.7/x", "base_url": "http://127.0.0.1:8081/bot"},
            "web": {"port": 80},
        },
        [],  # a Bot API server of one's own takes http
    ),
    ({"web": {"certificate": str(DATA / "certificate.pem")}}, ["web.key"]),
    ({"web": {"key": str(DATA / "key.pem")}}, ["web.certificate"]),
    ({"web": {"certificate": "/none/c.pem", "key": "/none/k.pem"}}, ["web.certificate", "web.key"]),
    ({"telegram": {"webhook_certificate": "/none/c.pem"}}, ["telegram.webhook_certificate"]),
    (
        {"telegram": {"mode": "webhook"}, "privacy": {"k": 1}},
        ["telegram.webhook_url", "web.port", "privacy.k"],
    ),
]


@pytest.mark.parametrize(("sections", "keys"), WRONG, ids=range(len(WRONG)))
def test_what_does_not_go_together_is_told_a_line_each(
    sections: dict[str, dict[str, Any]], keys: list[str]
) -> None:
    environ = {
        f"BLN_BOT__{section}__{key}".upper(): str(value)
        for section, values in sections.items()
        for key, value in values.items()
    }
    environ["BLN_BOT__TELEGRAM__TOKEN"] = TOKEN
    told: list[str] = []
    try:
        load(None, environ)
    except ConfigError as error:
        told = error.lines
    assert [line.split(" ")[0] for line in told] == keys
    assert all(line.count(" · ") == 2 for line in told)


async def test_a_second_process_on_sqlite_says_why_it_does_not_start(
    telegram: Sandbox, sqlite_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    async with Bln.living(settings(telegram, sqlite_url)):
        said = await asyncio.to_thread(run, folder, DATABASE__URL=sqlite_url)
    assert said == (
        "Another bln-bot is running on this database. Stop it first: only on PostgreSQL can several run.\n"
    )
