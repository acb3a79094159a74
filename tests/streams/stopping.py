"""A broker as it is in the moment in which it is told to stop: it answers, and names no broker, not even itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from struct import pack, unpack

_API_VERSIONS, _METADATA = 18, 3


@dataclass
class Stopping:
    """`named`: so many answers still name it."""

    address: str = ""
    named: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while size := await reader.read(4):
            key, _, correlation = unpack(">hhi", (await reader.readexactly(*unpack(">i", size)))[:8])
            answer = pack(">i", correlation) + (self._versions() if key == _API_VERSIONS else self._metadata())
            writer.write(pack(">i", len(answer)) + answer)
        writer.close()

    def _versions(self) -> bytes:
        return pack(">hi", 0, 2) + pack(">hhh", _API_VERSIONS, 0, 0) + pack(">hhh", _METADATA, 1, 1)

    def _metadata(self) -> bytes:
        """Brokers, the controller, topics."""
        if not self.named:
            return pack(">iii", 0, -1, 0)
        self.named -= 1
        host, _, port = self.address.partition(":")
        broker = pack(f">ih{len(host)}sih", 1, len(host), host.encode(), int(port), -1)
        return pack(">i", 1) + broker + pack(">ii", 1, 0)


@asynccontextmanager
async def stopping(named: int = 0) -> AsyncIterator[Stopping]:
    """Listens until the block ends."""
    broker = Stopping(named=named)
    async with await asyncio.start_server(broker.serve, "127.0.0.1", 0) as server:
        broker.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield broker
