"""What stands between machines: a line to PostgreSQL that can be cut, and a balancer in front of several processes."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


class Line:
    """A TCP line to a PostgreSQL behind a socket file. Cut, it stays open and carries nothing, as a dead cable does."""

    def __init__(self, url: str) -> None:
        known = conninfo_to_dict(url)
        self._file = Path(str(known["host"])) / f".s.PGSQL.{known.get('port') or 5432}"
        self._name, self._user = known["dbname"], known["user"]
        self._whole = asyncio.Event()
        self._whole.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """The address of the database at this end of the line."""
        return f"postgresql://{self._user}@127.0.0.1:{self._port}/{self._name}"

    @asynccontextmanager
    async def laid(self) -> "AsyncIterator[Line]":
        """Carry connections while the block runs."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.mend()
            await server.wait_closed()

    def cut(self) -> None:
        """Carry nothing from now on, in either direction, and close nothing."""
        self._whole.clear()

    def mend(self) -> None:
        """Carry new connections; those that were there are over."""
        self._whole.set()
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _both_ways((reader, writer), self._open, self._whole) as there:
            there.append(await asyncio.open_unix_connection(self._file))


@asynccontextmanager
async def balancer(ports: Sequence[int]) -> AsyncIterator[int]:
    """Hand each connection to the next process that takes it; yields the port."""
    turn = 0
    whole, open_ones = asyncio.Event(), set[asyncio.StreamWriter]()
    whole.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        async with _both_ways((reader, writer), open_ones, whole) as there:
            for _ in ports:
                turn += 1
                with contextlib.suppress(OSError):
                    there.append(await asyncio.open_connection("127.0.0.1", ports[turn % len(ports)]))
                    return

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in list(open_ones):
            writer.transport.abort()
        await server.wait_closed()


@asynccontextmanager
async def _both_ways(
    here: Stream, open_ones: set[asyncio.StreamWriter], whole: asyncio.Event
) -> AsyncIterator[list[Stream]]:
    """Carry between `here` and the stream that the block finds, until either end closes."""
    found: list[Stream] = []
    open_ones.add(here[1])
    try:
        with contextlib.suppress(OSError):
            yield found
        if found:
            open_ones.add(found[0][1])
            pumps = [
                asyncio.create_task(_pump(here[0], found[0][1], whole)),
                asyncio.create_task(_pump(found[0][0], here[1], whole)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
    finally:
        for _, writer in [here, *found]:
            writer.transport.abort()
            open_ones.discard(writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whole: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            await whole.wait()
            writer.write(data)
            await writer.drain()
