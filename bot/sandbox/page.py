"""The browser page of the sandbox: `add_page(app)` adds it to the app that `create_app` returns.

`/` the page · `/page/<file>` what it is made of · `/page/file/<id>` a picture or document of a message ·
`/page/events?person=<id>` what this person sees, as server-sent events · `/page/act` what they do.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import acts
from bot.sandbox.params import Upload
from bot.sandbox.state import State
from bot.sandbox.view import INLINE, Viewer
from bot.sandbox.waiting import Waiting

FOLDER = Path(__file__).with_name("page")
GATHER = 0.03  # seconds in which changes are gathered into one view
ALIVE = 15.0  # seconds after which a silent connection shows that it lives

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


def add_page(
    app: Starlette, *, zone: str = "Europe/Amsterdam", roles: Mapping[int, str] | None = None
) -> None:
    """Add the page: `zone` is where its clock hangs, `roles` says what to call whom and may grow later."""
    app.router.routes.extend(routes(app.state.sandbox, zone=zone, roles=roles if roles is not None else {}))


def routes(state: State, *, zone: str, roles: Mapping[int, str]) -> list[Route]:
    """Return the routes of the page."""

    async def events(request: Request) -> Response:
        person = request.query_params.get("person", "")
        viewer = Viewer(state, int(person) if person.isdecimal() else _first(state), zone, roles)
        stream = _stream(state, viewer)
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def act(request: Request) -> Response:
        # a page elsewhere can't set this header without asking first, so it can't act here
        if request.headers.get("x-sandbox") != "page":
            raise HTTPException(403)
        state.clock.ring()
        details, files = await _form(request)
        if details.get("kind") != "jump":
            return JSONResponse(acts.do(state, details, files))
        waiting = Waiting(state)
        await waiting.something_planned()
        seen, start = waiting.seen(), state.clock.now()
        result = acts.do(state, details, files)
        if "error" not in result:
            await waiting.go_on(seen, start)
        return JSONResponse(result)

    async def file(request: Request) -> Response:
        return _file(state, request.path_params["file_id"])

    return [
        Route("/", _static),
        Route("/page/events", events),
        Route("/page/act", act, methods=["POST"]),
        Route("/page/file/{file_id}", file),
        Route("/page/{name}", _static),
    ]


def _first(state: State) -> int | None:
    return next((user.id for user in state.users.values() if not user.is_bot), None)


async def _static(request: Request) -> Response:
    name = request.path_params.get("name", "index.html")
    known = {path.name: path for path in FOLDER.iterdir()}
    if name not in known:
        raise HTTPException(404)
    return FileResponse(known[name], headers=HEADERS)


async def _stream(state: State, viewer: Viewer) -> AsyncIterator[str]:
    """Give a view at once, and another whenever something has changed."""
    viewer.answers = len(state.answers)
    told = ""
    while not state.closing:
        seen = state.version
        state.clock.ring()
        view = viewer.view()
        # most of what the bot does in between shows nowhere: that time runs, the browser knows by itself
        news = json.dumps([state.clock.version, {**view, "now": 0}])
        if news != told or view["messages"] or view["gone"]:
            told = news
            yield _event("view", view)
        for answer in viewer.new_answers():
            yield _event("answer", answer)
        while not await _changed(state, seen):
            yield ": alive\n\n"
        await asyncio.sleep(GATHER)


async def _changed(state: State, seen: int) -> bool:
    return await state.changes.wait_for(lambda: state.version != seen or state.closing, seconds=ALIVE)


def _event(kind: str, data: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"


async def _form(request: Request) -> tuple[dict[str, Any], list[Upload]]:
    async with request.form(max_part_size=64 * 1024 * 1024) as form:
        try:
            details = json.loads(str(form.get("act", "")))
        except ValueError:
            raise HTTPException(400) from None
        files = [
            Upload(one.filename or "file", await one.read(), one.content_type)
            for one in form.getlist("file")
            if isinstance(one, UploadFile)
        ]
    if not isinstance(details, dict):
        raise HTTPException(400)
    return details, files


def _file(state: State, file_id: str) -> Response:
    """Return a file; only what can't run as a program of this page is opened in the browser."""
    file = state.files.get(file_id)
    if file is None:
        raise HTTPException(404)
    mime = file.mime or "application/octet-stream"
    shown = mime in INLINE or mime.startswith(("image/", "audio/", "video/"))
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline" if shown and mime != "image/svg+xml" else "attachment",
    }
    return Response(file.data, media_type="text/plain" if mime == "text/calendar" else mime, headers=headers)
