"""The bot's own web server, only where `web.port` asks for one: so far it says that the process lives."""

import asyncio
import contextlib
from collections.abc import Iterator


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
    server = Server(uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False))
    try:
        await server.serve()
    except asyncio.CancelledError:
        await server.shutdown()
        raise
