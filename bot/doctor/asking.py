"""Questions to Telegram over plain HTTP, each with a time limit; a refusal is an answer too."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

SECONDS = 10


@dataclass(frozen=True)
class Answer:
    """What came back. `status` 0: nothing did, and `words` says why; `skew`: how far our clock is ahead."""

    status: int
    result: Any
    words: str
    seconds: float
    skew: float | None = None
    moved_to: int | None = None

    @property
    def ok(self) -> bool:
        """Whether Telegram did what was asked."""
        return self.status == 200

    @property
    def none(self) -> bool:
        """Whether Telegram gave no answer of its own, or none now: asking more would be no use."""
        return self.status == 0 or self.status == 429 or self.status >= 500


class Telegram:
    """The Bot API as the settings name it."""

    def __init__(self, client: httpx.Client, base_url: str, token: str) -> None:
        self._client = client
        self._base = base_url.format(token=token) if "{token}" in base_url else base_url + token

    def ask(self, method: str, **params: Any) -> Answer:
        """Ask one thing."""
        began, at = time.monotonic(), datetime.now(UTC)
        try:
            answer = self._client.post(f"{self._base}/{method}", json=params)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(0, None, type(error).__name__, time.monotonic() - began)
        seconds = time.monotonic() - began
        body = _body(answer)
        return Answer(
            # A page that says 200 and is no answer of a Bot API is a server in between.
            status=answer.status_code if "ok" in body or answer.status_code >= 400 else 502,
            result=body.get("result"),
            words=str(body.get("description", f"answer {answer.status_code}")),
            seconds=seconds,
            skew=_skew(answer, at, seconds),
            moved_to=(body.get("parameters") or {}).get("migrate_to_chat_id"),
        )


@contextlib.contextmanager
def telegram(base_url: str, token: str) -> Iterator[Telegram]:
    """The way to Telegram for as long as the block lasts."""
    with httpx.Client(timeout=SECONDS) as client:
        yield Telegram(client, base_url, token)


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _skew(answer: httpx.Response, at: datetime, seconds: float) -> float | None:
    """How many seconds our clock is ahead of the one that wrote the answer's Date, which has whole seconds."""
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
    return (at - theirs).total_seconds() + seconds / 2 - 0.5
