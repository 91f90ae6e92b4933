"""A fresh Telegram for each test, spoken to over HTTP: raw with httpx, and parsed by python-telegram-bot."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import Bot

from bot.sandbox.driver import Sandbox
from tests.botapi import check_object, check_request, check_result


class Api:
    """The Bot API as a program sees it; every object that comes back is held against the official description."""

    def __init__(self, telegram: Sandbox, client: httpx.AsyncClient) -> None:
        self.telegram, self.client = telegram, client

    async def raw(self, method: str, **params: Any) -> httpx.Response:
        """Call a method with JSON and return the whole answer."""
        return await self.client.post(f"{self.telegram.base_url}{self.telegram.token}/{method}", json=params)

    async def __call__(self, method: str, **params: Any) -> Any:
        """Call a method and return its result."""
        answer = (await self.raw(method, **params)).json()
        assert answer["ok"], answer
        assert check_result(method, answer["result"]) == []
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """Call a method that must fail, and return the description."""
        answer = await self.raw(method, **params)
        said = answer.json()
        assert said["ok"] is False
        assert said["error_code"] == answer.status_code
        return str(said["description"])

    async def updates(self, **params: Any) -> list[Any]:
        """Return what waits, without waiting for it and without acknowledging it."""
        waiting = [update.as_json() for update in self.telegram.state.queue.pending]
        assert [wrong for update in waiting for wrong in check_object("Update", update)] == []
        return waiting

    async def forget(self) -> None:
        """Acknowledge everything."""
        self.telegram.state.queue.drop_all()


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """A Telegram whose clock stands still; all that was asked and answered agrees with the official description."""
    async with Sandbox.running() as telegram:
        yield telegram
        wrong = []
        for call in telegram.calls:
            if call.outcome == "ok":
                wrong += check_request(call.method, call.params) + check_result(call.method, call.result)
        assert wrong == []


@pytest.fixture
async def api(telegram: Sandbox) -> AsyncIterator[Api]:
    """The Bot API over HTTP."""
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:  # http only: saves time
        yield Api(telegram, client)


@pytest.fixture
async def bot(telegram: Sandbox) -> AsyncIterator[Bot]:
    """python-telegram-bot, which raises on what it can't parse."""
    async with Bot(telegram.token, base_url=telegram.base_url, base_file_url=telegram.file_url) as bot:
        yield bot
