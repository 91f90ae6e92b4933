"""Forged calls of the webhook: who does not know its path and secret leaves nothing behind."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot import intake
from bot.clocks import MachineClock
from bot.webhook import HEADER, MOST_BYTES, Hook, Place
from storage import inbox
from storage.db import Database

TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
PLACE = Place(TOKEN, "https://bot.example.org/hook")
SECRET = {HEADER: PLACE.key}
UPDATE: dict[str, Any] = {"update_id": 7, "message": {"message_id": 1, "text": "My neighbour"}}


@pytest.fixture
async def outside(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever can reach the port."""
    hook = Hook(PLACE, database, MachineClock(), kept=lambda: None, leads=lambda: True, known=intake.ALLOWED)
    hook.open = True
    app = Starlette(routes=[Route(path, hook.answer, methods=["POST"]) for path in PLACE.paths])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example.org") as client:
        yield client
    await hook.close()


def kept(database: Database) -> int:
    return len(database.write_now(inbox.next, 100))


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        (PLACE.paths[0], {}, UPDATE, 403),
        (PLACE.paths[0], {HEADER: ""}, UPDATE, 403),
        (PLACE.paths[0], {HEADER: PLACE.key[:-1]}, UPDATE, 403),
        (PLACE.paths[0], {HEADER: PLACE.key + "x"}, UPDATE, 403),
        (PLACE.paths[0], {HEADER: TOKEN}, UPDATE, 403),
        ("/", SECRET, UPDATE, 404),
        (f"/{TOKEN}", SECRET, UPDATE, 404),
        (PLACE.paths[0][:-1], SECRET, UPDATE, 404),
        (PLACE.paths[0], SECRET, {"message": {}}, 400),
        (PLACE.paths[0], SECRET, [UPDATE], 400),
        (PLACE.paths[0], SECRET, {**UPDATE, "update_id": -1}, 400),
        (PLACE.paths[0], SECRET, {**UPDATE, "filler": "x" * MOST_BYTES}, 413),
    ],
)
async def test_a_forged_call_leaves_nothing(
    outside: httpx.AsyncClient, database: Database, path: str, headers: dict[str, str], body: Any, status: int
) -> None:
    answer = await outside.post(path, headers=headers, content=json.dumps(body))
    assert answer.status_code == status
    assert "neighbour" not in answer.text
    assert kept(database) == 0


async def test_a_call_that_comes_again_is_one(outside: httpx.AsyncClient, database: Database) -> None:
    for _ in range(3):
        answer = await outside.post(PLACE.paths[0], headers=SECRET, json=UPDATE)
        assert answer.status_code == 200
    assert kept(database) == 1


def test_neither_path_nor_secret_tells_of_the_token() -> None:
    assert PLACE.key not in PLACE.url
    assert not any(part in PLACE.url + PLACE.key for part in TOKEN.split(":"))
    assert Place(TOKEN + "x", "https://bot.example.org/hook").key != PLACE.key
