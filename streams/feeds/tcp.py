"""A TCP server that sends lines: connected to again and again, whatever happens to it."""

import asyncio
import random
import socket

from streams.feeds.inbox import Live, now
from streams.feeds.splitting import Splitter
from streams.metrics import FEED_CONNECTED

CONNECT_WITHIN_S = 10.0
LONGEST_WAIT_S = 30.0
_FIRST_WAIT_S = 0.5
_CHUNK = 65_536
_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""Seconds, seconds, times: a server that vanished without a word is missed after a minute."""


def wait_s(failures: int, chance: float) -> float:
    """How long to wait after so many failures in a row: twice as long each time, from half of it on at random."""
    longest: float = min(LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures, 10))
    return longest * (0.5 + 0.5 * chance)


class TcpFeed(Live):
    """A client of one server."""

    def __init__(self, name: str, host: str, port: int) -> None:
        super().__init__(name)
        self.what = f"tcp {host}:{port}"
        self._host, self._port = host, port

    async def receive(self) -> None:
        """Connects, reads to the end, waits, connects."""
        failures = 0
        while True:
            failures = 0 if await self._connection() else failures + 1
            await asyncio.sleep(wait_s(failures, random.random()))

    async def _connection(self) -> bool:
        """One connection from beginning to end; whether anything came."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except OSError:  # TimeoutError is one
            return False
        FEED_CONNECTED.labels(feed=self.name).set(1)
        try:
            _keep_alive(writer.get_extra_info("socket"))
            return await self._lines(reader)
        finally:
            FEED_CONNECTED.labels(feed=self.name).set(0)
            writer.transport.abort()

    async def _lines(self, reader: asyncio.StreamReader) -> bool:
        splitter, came = Splitter(), False
        try:
            while chunk := await reader.read(_CHUNK):
                came = True
                self.inbox.put(splitter.lines(chunk), now())
                await self.inbox.room()
        except OSError:
            pass  # broken off: the same as ended
        self.inbox.put(splitter.end(), now())
        return came


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):  # not on every system
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
