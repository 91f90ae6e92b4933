"""The bot's own web server, only where `web.port` asks for one: so far it says that the process lives."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

LAST_SECONDS = 3  # for a request that is being answered when the bot ends


async def serve(host: str, port: int) -> None:
    """Answer until cancelled; Starlette and uvicorn are loaded only here."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # the signals are the bot's

    async def alive(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    app = Starlette(routes=[Route("/healthz", alive)])
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=LAST_SECONDS)
    server = Server(config)
    # Bound here: where the port is in use uvicorn would end the process by itself, and say nothing helpful.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as sock:
        try:
            await server.serve(sockets=[sock])
        except asyncio.CancelledError:
            if server.started:
                await server.shutdown(sockets=[sock])
            raise
