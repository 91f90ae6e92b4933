"""The bot's own web server, only where `web.port` asks for one: health, numbers for Prometheus, Telegram's calls.

`/healthz`: the process lives. `/readyz`: 200 or 503, and why. `/metrics`. One more page: a function and a `Route`.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot import metrics
from bot.config import Mistake, Web
from bot.core.moments import Clock
from bot.health import Health
from storage.db import Database

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    Answer = Callable[[Request], Awaitable[Response]]

LAST_SECONDS = 3  # for a request that is being answered when the bot ends
KEEP_SECONDS = (
    75  # longer than nginx (60 s) and Telegram keep a connection: whoever closes first meets no call
)
MOST_AT_ONCE = 200  # connections; more are answered with 503


@dataclass(frozen=True)
class Pages:
    """What the server shows; `posts` are paths and who answers a POST to them."""

    health: Health
    database: Database
    clock: Clock
    posts: Sequence[tuple[str, "Answer"]] = field(default=())


@contextlib.contextmanager
def door(web: Web) -> Iterator[socket.socket]:
    """Take the port, before anything else is begun: one in use, or a wrong certificate, changes nothing."""
    _check(web)
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    with socket.create_server((web.host, web.port), family=family) as sock:
        yield sock


def _check(web: Web) -> None:
    if web.certificate is None or web.key is None:
        return
    try:
        # Without a password OpenSSL would ask for one at the keyboard.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(web.certificate, web.key, password="")
    except (ssl.SSLError, ValueError):
        raise Mistake(
            "web.certificate, web.key · do not fit together, or are no PEM files, or the key has a passphrase · "
            "name the certificate with its chain, and its key without a passphrase"
        ) from None


async def serve(web: Web, sock: socket.socket, pages: Pages) -> None:
    """Answer until cancelled; Starlette and uvicorn are loaded only here."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import Route

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # the signals are the bot's

    metrics.begin()
    routes = [Route(path, _shown(page, pages)) for path, page in SHOWN.items()]
    routes += [Route(path, answer, methods=["POST"]) for path, answer in pages.posts]
    tls: dict[str, Any] = {"ssl_certfile": web.certificate, "ssl_keyfile": web.key} if web.certificate else {}
    config = uvicorn.Config(
        Starlette(routes=routes),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=KEEP_SECONDS,
        timeout_graceful_shutdown=LAST_SECONDS,
        **tls,
    )
    server = Server(config)
    try:
        await server.serve(sockets=[sock])
    except asyncio.CancelledError:
        if server.started:
            await server.shutdown(sockets=[sock])
        raise


Shown = tuple[int, bytes, str]
PLAIN = "text/plain; charset=utf-8"


def _shown(page: Callable[[Pages], Awaitable[Shown]], pages: Pages) -> "Answer":
    from starlette.responses import Response

    async def answer(_: "Request") -> Response:
        status, body, kind = await page(pages)
        headers = {"Content-Type": kind, "Cache-Control": "no-store"}
        return Response(body, status, headers)

    return answer


async def _alive(_: Pages) -> Shown:
    return 200, b"ok\n", PLAIN


async def _ready(pages: Pages) -> Shown:
    fine, lines = await pages.health.report(pages.database)
    return 200 if fine else 503, "".join(f"{line}\n" for line in lines).encode(), PLAIN


async def _numbers(pages: Pages) -> Shown:
    # Without the database the counters are shown all the same, and /readyz says what is wrong.
    with contextlib.suppress(Exception):
        async with asyncio.timeout(LAST_SECONDS):
            await pages.database.read(metrics.depths, now=pages.clock.now())
    body, kind = metrics.exposition()
    return 200, body, kind


SHOWN = {"/healthz": _alive, "/readyz": _ready, "/metrics": _numbers}
