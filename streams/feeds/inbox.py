"""Lines that come by themselves, kept until the stage takes them."""

import asyncio
import time

from alerts.core.instants import Instant
from streams.feeds.portions import MOST_LINES, Place, Portion

GATHER_S = 0.2
"""How long lines wait for company: Kafka's cost per record is shared."""
QUIET_S = 1.0
"""A feed that hears nothing is asked so often, that what it holds is not held for ever."""
FULL = 5 * MOST_LINES


class Inbox:
    """Lines with their time of arrival; whoever brings more than `FULL` of them waits."""

    def __init__(self) -> None:
        self._runs: list[tuple[Instant | None, list[bytes]]] = []
        self._count = 0
        self._some, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()

    @property
    def full(self) -> bool:
        """Nothing more should come until something was taken."""
        return self._count >= FULL

    def put(self, lines: list[bytes], received_at: Instant) -> None:
        """Never waits: see `full` and `room`."""
        if lines:
            self._runs.append((received_at, lines))
            self._count += len(lines)
            self._some.set()
        if self.full:
            self._room.clear()

    async def room(self) -> None:
        """Waits while it is full."""
        await self._room.wait()

    async def take(self) -> Portion:
        """All that came within `GATHER_S`; nothing, with the time of now, when it was quiet."""
        try:
            async with asyncio.timeout(QUIET_S):
                await self._some.wait()
            if self._count < MOST_LINES:
                await asyncio.sleep(GATHER_S)
        except TimeoutError:
            return Portion(((now(), []),))
        return self.emptied()

    def emptied(self) -> Portion:
        """All that is in it now."""
        runs, self._runs, self._count = self._runs, [], 0
        self._some.clear()
        self._room.set()
        return Portion(tuple(runs))


class Live:
    """A source whose lines come once and never end; `receive` fills the inbox for ever."""

    generation = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inbox = Inbox()
        self._receiving: asyncio.Task[None] | None = None

    async def receive(self) -> None:
        """Fills the inbox until cancelled."""
        raise NotImplementedError

    async def open(self, _: dict[int, int]) -> None:
        """Begins to listen."""
        self._receiving = asyncio.create_task(self.receive())

    async def next(self) -> Portion | None:
        """What came; raises what made listening impossible."""
        if self._receiving is not None and self._receiving.done():
            self._receiving.result()
        return await self.inbox.take()

    async def again(self, place: Place) -> Portion:
        """There is no again."""
        raise ValueError(f"{self.name}: lines come once, got the place {place}")

    async def rest(self) -> Portion | None:
        """Listens no more; what is still in the inbox."""
        await self.close()
        return self.inbox.emptied()

    async def close(self) -> None:
        """Listens no more; what is in the inbox stays there."""
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)


def now() -> Instant:
    """The wall clock: here is the edge."""
    return time.time_ns() // 1_000_000
