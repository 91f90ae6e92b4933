"""The HTTP side: Bot API, file download and clock as a Starlette app, and how it is served and stopped."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from bot.sandbox import methods
from bot.sandbox.errors import ApiError
from bot.sandbox.faulty import Broken, Gateway
from bot.sandbox.params import Params, Upload
from bot.sandbox.state import WELL_FORMED, State
from bot.sandbox.webhook import Deliverer

CLOCK_SECONDS = 20  # after so long the clock answers even if nothing moved
ASKED_SECONDS = 0.2  # and after so long who only asks for the time


def create_app(state: State) -> Starlette:
    """Return the sandbox as an app; more routes can be added to `app.router.routes`."""
    gateway = Gateway(state, methods.table())

    async def call(request: Request) -> Response:
        state.clock.ring()
        token, method = request.path_params["token"], request.path_params["method"]
        if not WELL_FORMED.fullmatch(token):
            return dated(refused(ApiError(404, "Not Found")))
        if token != state.token:
            return dated(refused(ApiError(401, "Unauthorized")))
        try:
            result = await gateway.call(method, await _params(request), request)
        except ApiError as error:
            return dated(refused(error))
        except Broken as broken:
            return await broken.answer(request)
        return dated(JSONResponse({"ok": True, "result": result}))

    def dated(answer: Response) -> Response:
        answer.headers["date"] = format_datetime(state.clock.now().astimezone(UTC), usegmt=True)
        return answer

    async def download(request: Request) -> Response:
        if request.path_params["token"] != state.token:
            return refused(ApiError(401, "Unauthorized"))
        if (fault := state.faults.take("download", None)) is not None:
            return await Broken(fault.kind, fault.status).answer(request)
        for file in state.files.values():
            if file.path == request.path_params["path"]:
                return Response(file.data, media_type=file.mime or "application/octet-stream")
        return refused(ApiError(404, "Not Found"))

    async def clock(request: Request) -> Response:
        return JSONResponse(await watch_clock(state, request))

    routes = [
        Route("/bot{token}/{method}", call, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", download),
        Route("/clock", clock),
    ]
    app = Starlette(routes=routes)
    app.state.sandbox = state
    return app


def refused(error: ApiError) -> JSONResponse:
    """Return a refusal."""
    return JSONResponse(error.as_json(), status_code=error.code)


async def watch_clock(state: State, request: Request) -> dict[str, Any]:
    """Take the bot's report and tell it the time as soon as that was moved.

    `seen` is the version that the asker was told last. Without it the version that was told to anybody last
    counts: then somebody who asks without a report is told soon, and a bot that has finished at a moment which
    is past on a frozen clock has missed an answer and is told at once.
    """
    clock, query = state.clock, request.query_params
    done = _moment(query.get("done"))
    if "listener" not in query:  # of several processes of one bot, one reports
        clock.hear(done, _moment(query.get("next")), int(query["seen"]) if query.get("seen") else None)
    stale = done is not None and not clock.rate and done < clock.now() + clock.skew
    version = int(query["seen"]) if query.get("seen") else -1 if stale else clock.told
    seconds = CLOCK_SECONDS if query.keys() - {"listener"} else ASKED_SECONDS
    await state.changes.wait_for(lambda: clock.version != version or state.closing, seconds=seconds)
    if not await request.is_disconnected():
        clock.told = clock.version
    return {"now": (clock.now() + clock.skew).isoformat(), "rate": clock.rate, "version": clock.version}


def _moment(text: str | None) -> datetime | None:
    # a plus in a query that was not encoded arrives as a space
    return datetime.fromisoformat(text.replace(" ", "+")) if text else None


async def _params(request: Request) -> Params:
    values: dict[str, Any] = dict(request.query_params)
    files: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        try:
            given = json.loads(await request.body() or b"{}")
        except ValueError:
            raise ApiError(400, "Bad Request: can't parse JSON object") from None
        values |= given if isinstance(given, dict) else {}
    elif kind:
        async with request.form(max_part_size=64 * 1024 * 1024) as form:
            for name, value in form.items():
                if isinstance(value, UploadFile):
                    files[name] = Upload(value.filename or name, await value.read(), value.content_type)
                else:
                    values[name] = value
    return Params(values, files)


class Protocol(H11Protocol):
    """HTTP whose app may break the connection: it finds the transport in its scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand the transport to the app."""
        super().connection_made(transport)
        inner = self.app

        async def app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
            scope["sandbox.transport"] = transport  # type: ignore[typeddict-unknown-key]
            await inner(scope, receive, send)

        self.app = app


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections; port 0 finds a free one."""
    sock = socket.create_server((host, port))
    # asyncio sets it only on sockets that name their protocol; without it each answer waits 40 ms for an ACK
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


@contextlib.asynccontextmanager
async def serving(app: Starlette, sock: socket.socket) -> AsyncIterator[None]:
    """Serve while the block runs; nobody is left waiting at its end.

    uvicorn's protocol without uvicorn's main loop, which takes the process's signals and sleeps when it stops.
    """
    state: State = app.state.sandbox
    config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False)
    config.load()
    shared = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Protocol(config, shared, {}), sock=sock)
    deliverer = asyncio.create_task(Deliverer(state).run())
    try:
        yield
    finally:
        state.close()
        server.close()
        deliverer.cancel()
        await asyncio.wait([deliverer])
        for _ in range(3):
            await asyncio.sleep(0)  # whoever was let in last gets a protocol, and is told as the others are
        await _hang_up(shared)
        await server.wait_closed()


async def _hang_up(shared: ServerState) -> None:
    """Let requests that run come to their end, then close what is still open."""
    for connection in list(shared.connections):
        connection.shutdown()
    if shared.tasks:
        await asyncio.wait(list(shared.tasks), timeout=3)
    for connection in list(shared.connections):
        connection.transport.abort()
    while shared.connections:  # noqa: ASYNC110
        await asyncio.sleep(0)  # the loop still has to tell each that it is lost


async def serve(app: Starlette, host: str, port: int) -> None:
    """Serve until cancelled."""
    async with serving(app, listen(host, port)):
        await asyncio.get_running_loop().create_future()
