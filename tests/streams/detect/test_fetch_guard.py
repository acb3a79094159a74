"""Records fetched from an old position never arrive."""

import asyncio

from streams.detect.fetch_guard import Fetched, FetchGuard

RECORDS = {"reports/0": [8151]}


class SlowBroker:
    """A fetch that returns when it is told to."""

    def __init__(self) -> None:
        self.rebalances = 0
        self.guard = FetchGuard(lambda: self.rebalances)
        self.position = 0
        self.answers = asyncio.Event()
        self.asked = asyncio.Event()

    async def fetch(self) -> Fetched:
        self.asked.set()
        await self.answers.wait()
        return RECORDS

    async def seek(self) -> int:
        self.position = 7349
        return self.position

    async def fetching(self) -> "asyncio.Task[Fetched]":
        fetch = asyncio.create_task(self.guard.fetch(self.fetch))
        await self.asked.wait()
        return fetch


async def test_an_undisturbed_fetch_delivers() -> None:
    broker = SlowBroker()
    fetch = await broker.fetching()
    broker.answers.set()
    assert await fetch == RECORDS


async def test_a_fetch_in_flight_across_a_rebalance_yields_nothing() -> None:
    broker = SlowBroker()
    fetch = await broker.fetching()
    broker.rebalances += 1
    broker.answers.set()
    assert await fetch == {}


async def test_a_fetch_in_flight_across_a_seek_yields_nothing_and_the_seek_waits_for_it() -> None:
    broker = SlowBroker()
    fetch = await broker.fetching()
    seek = asyncio.create_task(broker.guard.seek(broker.seek))
    await asyncio.sleep(0)
    assert broker.position == 0, "the fetch would move the position on after the seek"
    broker.answers.set()
    assert await fetch == {}
    assert await seek == 7349


async def test_a_fetch_after_the_seek_delivers() -> None:
    broker = SlowBroker()
    broker.answers.set()
    await broker.guard.seek(broker.seek)
    assert await broker.guard.fetch(broker.fetch) == RECORDS
