"""The real bot in this process, talking HTTP to the sandbox; each story runs on both databases."""

from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.app import Bln
from bot.config import Settings
from bot.sandbox.driver import Sandbox
from tests.accessible import problems
from tests.answerable import PRIVACY
from tests.botapi import check_request
from tests.stories.story import Story

SETUP_CODE = "setup-code-of-the-tests"


def settings(telegram: Sandbox, database_url: str, /, **more: Any) -> Settings:
    """The settings of a bot that lives on the sandbox's clock."""
    sections: dict[str, dict[str, Any]] = {
        "telegram": {
            "token": telegram.token,
            "base_url": telegram.base_url,
            "base_file_url": telegram.file_url,
        },
        "database": {"url": database_url},
        "access": {"setup_code": SETUP_CODE},
        "privacy": PRIVACY,
        "defaults": {"language": "en", "timezone": "Europe/Amsterdam"},
        "clock": {"url": telegram.clock_url},
    }
    for name, values in more.items():
        sections[name] = sections.get(name, {}) | values
    return Settings(**sections)  # type: ignore[arg-type]


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """A Telegram of our own; Monday 2 November 2026, 10:00 in Amsterdam."""
    async with Sandbox.running(now=datetime(2026, 11, 2, 9, 0, tzinfo=UTC)) as telegram:
        yield telegram


@pytest.fixture
async def bln(telegram: Sandbox, database_url: str, processes: ProcessPoolExecutor) -> AsyncIterator[Story]:
    """A living bot and its sandbox, with the steps that stories are made of."""
    async with Bln.living(settings(telegram, database_url), processes=processes) as living:
        story = Story(living, telegram)
        yield story
        await telegram.settle()
        assert [wrong for call in telegram.calls for wrong in check_request(call.method, call.params)] == []
        assert problems(telegram.calls) == []
        assert await story.parked() == []
        assert living.desk.texts.missing == set()
