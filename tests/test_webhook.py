"""The webhook against the sandbox: 200 only after the commit, nothing for strangers, and no update lost or doubled."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route

from bot import intake, webhook
from bot.app import Bln
from bot.config import Settings
from bot.sandbox.driver import Sandbox
from bot.webhook import HEADER, Hook, Place
from storage import inbox
from storage.db import Connection, Database
from storage.tables import inbox as table
from tests.stories.conftest import settings as polling
from tests.stories.lines import free_port
from tests.stories.story import Story
from tests.test_intake import down

TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOON

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.Event().wait()


@dataclass
class House:
    """A hook, spoken to as Telegram and strangers do."""

    hook: Hook
    place: Place
    client: httpx.AsyncClient
    database: Database
    heard: list[int] = field(default_factory=list)

    async def call(
        self, content: Any, *, secret: str | None = None, path: str = "", **more: Any
    ) -> httpx.Response:
        headers = {HEADER: self.place.key if secret is None else secret}
        body = content if isinstance(content, bytes) or not isinstance(content, dict) else json.dumps(content)
        return await self.client.post(path or self.place.paths[0], content=body, headers=headers, **more)

    async def kept(self) -> list[int]:
        return await self.database.read(_ids)


def _ids(db: Connection) -> list[int]:
    return list(db.execute(select(table.c.update_id).order_by(table.c.seq)).scalars())


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    place = Place(TOKEN, "https://bot.example.org/bln/")
    heard: list[int] = []
    hook = Hook(
        place, database, Noon(), kept=lambda: heard.append(1), leads=lambda: False, known=intake.ALLOWED
    )
    hook.open = True
    app = Starlette(routes=[Route(path, hook.answer, methods=["POST"]) for path in place.paths])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield House(hook, place, client, database, heard)
        await hook.close()


def update(number: int, text: str = "hello") -> dict[str, Any]:
    return {"update_id": number, "message": {"message_id": number, "chat": {"id": 5}, "text": text}}


# One call ---------------------------------------------------------------------------------------------------


async def test_an_update_is_there_when_it_is_answered(house: House) -> None:
    for path in ("", house.place.paths[1]):  # with and without the prefix that a proxy may take away
        answer = await house.call(update(7), path=path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert await house.kept() == [7]  # the second time it was known
    assert house.heard


@pytest.mark.parametrize("secret", ["", "wrong", "é", " "])
async def test_a_stranger_is_refused_whatever_they_bring(house: House, secret: str) -> None:
    headers = {HEADER: secret.encode("latin-1")} if secret else {}
    answer = await house.client.post(house.place.paths[0], json=update(7), headers=headers)
    assert (answer.status_code, answer.content) == (403, b"")
    assert await house.kept() == []


BAD: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"word", 400),
    (b'"word"', 400),
    (b"[1]", 400),
    (b'{"message": {"text": "word"}}', 400),
    (b'{"update_id": "word"}', 400),
    (b'{"update_id": true}', 400),
    (b'{"update_id": -1}', 400),
    (b'{"update_id": 9223372036854775808}', 400),
    (b'{"update_id": 7, "word": "\xff"}', 400),
    (b'{"update_id": 7, "a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400),
    (b'{"update_id": 7, "a": ' + b"9" * 5_000 + b"}", 400),
    (b'{"update_id": 7, "a": "' + b"word" * 300_000 + b'"}', 413),
]


@pytest.mark.parametrize(("body", "status"), BAD, ids=range(len(BAD)))
async def test_what_is_no_update_is_refused_and_not_repeated(house: House, body: bytes, status: int) -> None:
    answer = await house.call(body)
    assert (answer.status_code, answer.content) == (status, b"")
    assert await house.kept() == []


async def test_a_body_without_end_is_not_read_to_its_end(house: House) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"x" * 100_000

    answer = await house.call(endless())
    assert answer.status_code == 413
    assert given < 20


async def test_only_a_post_to_the_right_place_is_taken(house: House) -> None:
    assert (await house.client.get(house.place.paths[0])).status_code == 405
    assert (await house.call(update(7), path="/bln")).status_code == 404
    assert await house.kept() == []


async def test_who_is_not_ready_lets_telegram_come_again(house: House) -> None:
    house.hook.open = False
    answer = await house.call(update(7))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    house.hook.open = True
    assert (await house.call(update(7))).status_code == 200
    assert await house.kept() == [7]


async def test_without_a_database_telegram_comes_again(
    house: House, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with down(database_url):
        assert (await house.call(update(7, "a secret"))).status_code == 503
    assert (await house.call(update(7, "a secret"))).status_code == 200
    assert await house.kept() == [7]
    assert "a secret" not in caplog.text


async def test_a_write_that_hangs_holds_nobody_up(
    house: House, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "KEEP_SECONDS", 0.05)
    with down(database_url):
        first = await house.call(update(7))
        second = await house.call(update(8))
    assert (first.status_code, second.status_code) == (503, 503)
    await house.hook.close()
    monkeypatch.undo()
    assert [(await house.call(update(number))).status_code for number in (7, 8)] == [200, 200]
    assert await house.kept() == [7, 8]


async def test_those_that_come_together_are_written_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    store = inbox.store

    def counted(db: Connection, updates: list[dict[str, Any]], *, now: datetime) -> int:
        sizes.append(len(updates))
        return store(db, updates, now=now)

    monkeypatch.setattr(inbox, "store", counted)
    answers = await asyncio.gather(*(house.call(update(number)) for number in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert await house.kept() == list(range(40))
    assert len(sizes) < 40


def test_place_and_secret_come_from_the_token_and_show_nothing_of_it() -> None:
    one, again, other = (
        Place(TOKEN, "https://a/b"),
        Place(TOKEN, "https://a/b/"),
        Place(TOKEN + "x", "https://a/b"),
    )
    assert (one.url, one.key) == (again.url, again.key)
    assert one.url != other.url
    assert one.key != other.key
    assert one.key not in one.url
    assert len(one.key) == 43
    assert TOKEN.split(":")[1] not in one.url + one.key
    assert one.url.startswith("https://a/b/")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Wrong response from the webhook: 502 Bad Gateway", "our side answered 502"),
        ("SSL error {error:0A000086:certificate verify failed}", "the certificate is not accepted"),
        (
            "Bad Request: bad webhook: Failed to resolve host: Name or service not known",
            "the name is not known (DNS)",
        ),
        ("Connection refused", "no connection"),
        ("Connection timed out", "no answer in time"),
        (
            "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
            "the port must be 443, ",
        ),
        (f"https://a/{TOKEN}", "something else; "),
    ],
)
def test_telegrams_trouble_is_told_in_our_words(said: str, heard: str) -> None:
    assert webhook.about(said).startswith(heard)
    assert TOKEN not in webhook.about(said)


# The living bot ---------------------------------------------------------------------------------------------


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(now=datetime(2026, 11, 2, 9, 0, tzinfo=UTC)) as telegram:
        yield telegram


@pytest.fixture
def port() -> int:
    return free_port()


def called(telegram: Sandbox, database_url: str, port: int, **more: Any) -> Settings:
    url = f"http://127.0.0.1:{port}/behind/a/proxy"
    return polling(
        telegram, database_url, telegram={"mode": "webhook", "webhook_url": url, **more}, web={"port": port}
    )


@asynccontextmanager
async def living(settings: Settings, telegram: Sandbox) -> AsyncIterator[Story]:
    async with Bln.living(settings) as bln:
        yield Story(bln, telegram)


async def test_switching_between_polling_and_webhook_loses_and_doubles_nothing(
    telegram: Sandbox, database_url: str, port: int
) -> None:
    anna = telegram.user("Anna")
    by_poll, by_call = polling(telegram, database_url), called(telegram, database_url, port)
    async with living(by_poll, telegram) as bln:
        network = await bln.network(telegram.group("Care partnership", members=[anna]))
        await bln.member(network, anna)
        question = await bln.posted(network, "What helped you this week?")
    number, sent = 0, list[str]()

    async def say(count: int = 3) -> None:
        nonlocal number
        for _ in range(count):
            number += 1
            sent.append(f"answer {number}")
            await telegram.reply(anna, to=question, text=sent[-1])

    for settings in (by_call, by_poll):
        await say()  # nobody is there
        async with living(settings, telegram) as bln:
            await say()  # it may just be setting or deleting the webhook
            await telegram.settle()
            assert [text for _, text in await bln.contributions()] == sent
            await say()  # some are on their way while it ends
    async with living(by_call, telegram) as bln:
        await telegram.settle()
        assert [text for _, text in await bln.contributions()] == sent


async def test_a_webhook_that_somebody_deleted_is_set_again(
    telegram: Sandbox, database_url: str, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.webhook")
    async with living(called(telegram, database_url, port), telegram) as bln:
        await telegram.wait_for(lambda: telegram.state.webhook)
        hook = dict(telegram.state.webhook)
        assert hook["url"].startswith(f"http://127.0.0.1:{port}/behind/a/proxy/")
        assert hook["max_connections"] == webhook.CONNECTIONS
        assert telegram.state.queue.allowed == frozenset(intake.ALLOWED)
        telegram.state.webhook = {}
        await telegram.send(telegram.user("Anna"), "/start")
        for _ in range(2):
            telegram.move(by=timedelta(minutes=6))
            await telegram.wait_for(lambda: telegram.state.webhook)
        assert telegram.state.webhook == hook
        await telegram.settle()
        assert await bln.parked() == []
    assert "webhook.changed" in caplog.text
    assert hook["secret"] not in caplog.text


async def test_a_certificate_of_our_own_is_shown_to_telegram(
    telegram: Sandbox, database_url: str, port: int
) -> None:
    settings = called(telegram, database_url, port, webhook_certificate=DATA / "certificate.pem")
    async with living(settings, telegram):
        await telegram.wait_for(lambda: telegram.state.webhook)
    [call] = [call for call in telegram.calls if call.method == "setWebhook"]
    assert telegram.state.webhook["certificate"]
    assert len(call.files) == 1
    assert call.params.get("drop_pending_updates") in (None, "false", "False")


async def test_it_goes_on_trying_to_set_the_webhook(
    telegram: Sandbox, database_url: str, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.webhook")
    telegram.fault("setWebhook", "5xx", times=2)
    anna = telegram.user("Anna")
    async with living(called(telegram, database_url, port), telegram):
        await telegram.send(anna, "/start")
        for times in (1, 2):
            await telegram.wait_for(lambda times=times: setting(telegram) == times)  # type: ignore[misc]
            telegram.move(by=timedelta(seconds=30))
        await telegram.wait_for(lambda: telegram.state.webhook)
        await telegram.settle()
        assert telegram.said(anna)
    assert caplog.text.count("webhook.unset") == 1
    assert "webhook.well" in caplog.text


def setting(telegram: Sandbox) -> int:
    return sum(call.method == "setWebhook" and call.outcome != "pending" for call in telegram.calls)
