"""How Faust's consumer reads for us: the cures are in force where it calls, not only where they are written."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP

from streams.detect import source
from streams.detect.app import App, create_app
from streams.detect.engines import Engines, RecreatedSourceError
from streams.detect.source import Consumer
from streams.topics import Topics
from tests.streams.detect.hands import DARK, rows_after

TOPICS = Topics("test")
SOURCE = TP(TOPICS.reports.name, 0)


@dataclass
class Broker:
    """What the consumer's thread would ask: a fetch that returns when it is told to, and positions."""

    committed: int
    end: int = 500
    sought: dict[TP, int] = field(default_factory=dict)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def getmany(self, active_partitions: set[TP], timeout: float) -> dict[TP, list[int]]:
        self.asked.set()
        await self.answers.wait()
        return {SOURCE: [8151]}

    async def seek_to_committed(self) -> dict[TP, int]:
        return {SOURCE: self.committed}

    async def earliest_offsets(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, 0)

    async def highwaters(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, self.end)

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        self.sought |= partitions


async def never(version: str) -> object:
    raise AssertionError(version)


@pytest.fixture
async def app(tmp_path: Path) -> App:
    engines = Engines({}, never)
    engines.own(0, rows_after(*DARK))
    return create_app("127.0.0.1:1", TOPICS, engines, tmp_path, 1)


@pytest.fixture
async def consumer(app: App) -> AsyncIterator[Consumer]:
    consumer: Any = app._new_consumer()
    thread_loop = consumer._thread.thread_loop
    yield consumer
    thread_loop.close()


async def test_a_slow_fetch_in_flight_across_a_rebalance_delivers_nothing(app: App, consumer: Any) -> None:
    broker = consumer._thread = Broker(committed=4)
    fetch = asyncio.create_task(consumer._getmany({SOURCE}, 1.0))
    await broker.asked.wait()
    app.rebalancing_count += 1
    broker.answers.set()
    assert await fetch == {}


async def test_a_slow_fetch_in_flight_across_a_seek_delivers_nothing(consumer: Any) -> None:
    broker = consumer._thread = Broker(committed=4)
    fetch = asyncio.create_task(consumer._getmany({SOURCE}, 1.0))
    await broker.asked.wait()
    seek = asyncio.create_task(consumer.seek_to_committed())
    await asyncio.sleep(0.01)
    assert not broker.sought, "the fetch would move the position on after the seek"
    broker.answers.set()
    assert await fetch == {}
    await seek
    assert broker.sought == {SOURCE: 4}


async def test_a_commit_that_ran_ahead_of_the_changelog_is_sought_back(consumer: Any) -> None:
    broker = consumer._thread = Broker(committed=400)
    assert await consumer.seek_to_committed() == {SOURCE: 4}
    assert broker.sought == {SOURCE: 4}


async def test_a_stop_after_a_crash_does_not_wait_for_the_record_in_hand_and_commits_nothing(
    app: App, consumer: Any
) -> None:
    consumer._unacked_messages = {object()}
    app._crash(RuntimeError())
    await asyncio.wait_for(consumer.wait_empty(), 1)


async def test_a_stop_that_aiokafka_cancels_while_a_fetch_waits_for_the_broker_ends_the_thread_all_the_same(
    app: App, consumer: Any
) -> None:
    """The fetcher's own `close`, with a task that waits for its next try, as where nobody listens."""
    fetcher: Any = Fetcher.__new__(Fetcher)
    fetcher._fetch_task, waits = asyncio.create_task(asyncio.sleep(60)), asyncio.create_task(asyncio.sleep(60))
    fetcher._fetch_waiters, fetcher._pending_tasks = set(), {waits}
    await asyncio.sleep(0)
    thread = consumer._new_consumer_thread()
    thread._consumer = SimpleNamespace(stop=fetcher.close, _coordinator=None)
    await asyncio.wait_for(thread.on_thread_stop(), 5)
    assert waits.cancelled()
    thread._consumer = None


async def test_a_last_commit_that_aiokafka_tries_for_ever_is_given_up(
    app: App, consumer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own coordinator, closed as Faust closes it: it asks for no broker, and tries again ten times a second."""
    client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1")
    coordinator: Any = GroupCoordinator(client, SubscriptionState())
    await asyncio.wait_for(coordinator.close(), 5)
    offsets = {TopicPartition(*SOURCE): OffsetAndMetadata(4, "")}
    tries = SimpleNamespace(assignment=lambda: {SOURCE}, commit=lambda _: coordinator.commit_offsets(None, offsets))
    monkeypatch.setattr(source, "LAST_COMMIT_S", 0.3)
    consumer._thread, consumer._acked = tries, {SOURCE: [0, 1, 2, 3]}
    app.producer.flush = never_flushed
    app._stopped.set()
    await asyncio.wait_for(consumer.wait_empty(), 5)


async def never_flushed() -> None:
    """The producer has not begun."""


async def test_a_rebalance_at_a_stop_does_not_close_aiokafka_in_our_thread(app: App, consumer: Any) -> None:
    """Two loops of uvloop at one connection crash the process; the client and the coordinator are aiokafka's own."""
    client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1")
    coordinator: Any = GroupCoordinator(client, SubscriptionState())
    consumer._thread._consumer = SimpleNamespace(_closed=False, _client=client, _coordinator=coordinator)
    app.consumer = consumer
    app._stopped.set()
    await app._on_partitions_assigned({SOURCE})
    await asyncio.sleep(0.05)
    assert not consumer._thread._consumer._closed
    assert not coordinator._closing.done()
    await coordinator.close()
    consumer._thread._consumer = None


async def test_a_source_that_is_too_short_stops_the_worker(
    app: App, consumer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer._thread = Broker(committed=1, end=2)

    async def as_short(kafka: str, partitions: Any) -> dict[Any, int]:
        return dict.fromkeys(partitions, 2)

    monkeypatch.setattr("streams.detect.source.log_ends", as_short)
    await consumer.seek_to_committed()
    assert app.crashed
    assert isinstance(app.crash_reason, RecreatedSourceError)
