"""A line to a server that can be cut: whoever is connected is hung up on, and nobody gets through."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Line:
    """From `port` to `to`, both on this host."""

    port: int
    to: int
    _server: asyncio.Server | None = None
    _calls: set["asyncio.Task[None]"] = field(default_factory=set)

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._call, "127.0.0.1", self.port)

    async def cut(self) -> None:
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for call in list(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call is not None
        self._calls.add(call)
        try:
            with suppress(OSError, asyncio.CancelledError):
                there, back = await asyncio.open_connection("127.0.0.1", self.to)
                try:
                    async with asyncio.TaskGroup() as both:
                        both.create_task(_pour(reader, back))
                        both.create_task(_pour(there, writer))
                finally:
                    back.transport.abort()
        except BaseExceptionGroup:
            pass
        finally:
            writer.transport.abort()
            self._calls.discard(call)


class _HungUpError(Exception):
    pass


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    raise _HungUpError


@asynccontextmanager
async def line(port: int, to: int) -> AsyncIterator[Line]:
    """Mended; cut at the end."""
    between = Line(port, to)
    await between.mend()
    try:
        yield between
    finally:
        await between.cut()
