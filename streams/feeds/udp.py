"""Datagrams of lines, as receivers and AIS-catcher send them; each is whole."""

import asyncio
from typing import Any

from streams.feeds.inbox import Live, now
from streams.metrics import FEED_CONNECTED, FEED_REJECTED
from streams.settings import ConfigError


class UdpFeed(Live):
    """A listener on one address."""

    def __init__(self, name: str, host: str, port: int) -> None:
        super().__init__(name)
        self.what = f"udp {host}:{port}"
        self._address = (host, port)

    async def receive(self) -> None:
        """Listens until cancelled; raises ConfigError where that is impossible."""
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(self), local_addr=self._address)
        except OSError as error:
            expected = f"an address to listen on, got {self.what} ({error.strerror})"
            raise ConfigError("feeds", self.name, expected) from error
        FEED_CONNECTED.labels(feed=self.name).set(1)
        try:
            await asyncio.Event().wait()
        finally:
            FEED_CONNECTED.labels(feed=self.name).set(0)
            transport.close()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, feed: UdpFeed) -> None:
        self._feed = feed

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002  asyncio calls so
        """Nobody can be told to wait: what is too much is counted and lost."""
        lines = data.removesuffix(b"\n").split(b"\n")
        if self._feed.inbox.full:
            FEED_REJECTED.labels(feed=self._feed.name, reason="overrun").inc(len(lines))
            return
        self._feed.inbox.put(lines, now())
