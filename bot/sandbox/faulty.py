"""A request on its way through the faults to the method it names."""

import asyncio
import socket
import struct
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.sandbox.errors import ApiError, too_many
from bot.sandbox.faults import Fault
from bot.sandbox.methods import Method
from bot.sandbox.model import CallRecord
from bot.sandbox.params import Params
from bot.sandbox.polling import Poller
from bot.sandbox.state import State


class Broken(Exception):
    """The client gets no proper answer: a body that is no JSON, or a broken connection."""

    def __init__(self, how: str, status: int = 502) -> None:
        super().__init__(how)
        self.how, self.status = how, status

    async def answer(self, request: Request) -> Response:
        """Break the connection, or answer with what a proxy in between would say."""
        if self.how == "5xx":
            return PlainTextResponse("<html><body>upstream is down</body></html>", status_code=self.status)
        transport: asyncio.Transport = request.scope["sandbox.transport"]
        if self.how == "reset":
            raw: socket.socket = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await _gone(request)
        return Response()


async def _gone(request: Request) -> None:
    """Wait until the connection is closed; the request has been read, so that nothing else can come."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class Gateway:
    """Records every request, lets faults happen, calls the method."""

    def __init__(self, state: State, table: dict[str, tuple[str, Method]]) -> None:
        self.state = state
        self.table = table
        self.poller = Poller()

    async def call(self, name: str, params: Params, request: Request) -> Any:
        """Answer one request."""
        polling = name.lower() == "getupdates"
        official, method = self.table.get(name.lower(), (name, None))
        record = _record("getUpdates" if polling else official, params, self.state.clock.now())
        self.state.calls.append(record)
        try:
            if method is None and not polling:
                raise ApiError(404, "Not Found: method not found")
            fault = self.state.faults.take(record.method, _chat_id(params))
            result = await self._with(fault, record, method, params, request)
        except (ApiError, Broken) as error:
            executed = record.outcome == "executed"
            how = error.how if isinstance(error, Broken) else f"{error.code} {error.description}"
            record.outcome = f"{how} (executed)" if executed else how
            raise
        finally:
            self.state.changes.fire()
        record.outcome = "ok"
        return result

    async def _with(
        self, fault: Fault | None, record: CallRecord, method: Method | None, params: Params, request: Request
    ) -> Any:
        match fault.kind if fault else None:
            case "429":
                assert fault is not None
                raise too_many(fault.retry_after)
            case "5xx" | "reset":
                assert fault is not None
                if fault.executed == "before":
                    await self._execute(record, method, params)
                raise Broken(fault.kind, fault.status)
            case "lost":
                await self._execute(record, method, params)
                raise Broken("lost")
            case "hang":
                assert fault is not None
                return await self._hang(fault, record, method, params, request)
            case "latency":
                assert fault is not None
                await asyncio.sleep(fault.seconds)
            case "partial":
                assert fault is not None
                params.values["_fails_after"] = fault.after
            case "duplicate":
                self.state.queue.acknowledge(params.integer("offset"))
                self.state.queue.repeat()
                params = Params({**params.values, "offset": 0}, params.files)
            case "reorder":
                self.state.queue.reorder()
            case "jump":
                assert fault is not None
                self.state.queue.jump(fault.to)
        return await self._execute(record, method, params)

    async def _hang(
        self, fault: Fault, record: CallRecord, method: Method | None, params: Params, request: Request
    ) -> Any:
        if fault.executed == "before":
            await self._execute(record, method, params)
        state, released = self.state, self.state.faults.released
        gone = asyncio.create_task(_gone(request))
        gone.add_done_callback(lambda _: state.changes.fire())
        await state.changes.wait_for(
            lambda: gone.done() or state.faults.released != released or state.closing
        )
        gone.cancel()
        if fault.executed == "after":
            await self._execute(record, method, params)
        raise Broken("hang")

    async def _execute(self, record: CallRecord, method: Method | None, params: Params) -> Any:
        if method is None:
            record.result = await self.poller.get_updates(self.state, params)
        else:
            record.result = method(self.state, params)
        record.outcome = "executed"
        return record.result


def _record(method: str, params: Params, at: datetime) -> CallRecord:
    """Write a request down; files that only accompany another field are named apart."""
    attached = [
        name for name in params.files if any(f"attach://{name}" in str(v) for v in params.values.values())
    ]
    uploads = {name: file for name, file in params.files.items() if name not in attached}
    return CallRecord(method, {**params.values, **uploads}, at, files=[f.name for f in params.files.values()])


def _chat_id(params: Params) -> int | None:
    return params.number("chat_id")
