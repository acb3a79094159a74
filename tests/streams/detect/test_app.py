"""The app around the agent: what happens when a record fails, and when the app is stopped after that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from streams import progress
from streams.detect import app as detect
from streams.detect.app import App, NotLoadedError, create_app, follow
from streams.detect.engines import Engines
from streams.lasting import StuckError, passes
from streams.topics import Topics

TOPICS = Topics("test")
TOPIC = TopicPartition(TOPICS.changelog.name, 0)


async def never(version: str) -> object:
    raise AssertionError(version)


@pytest.fixture
async def app(tmp_path: Path) -> App:
    return create_app("127.0.0.1:1", TOPICS, Engines({}, never), tmp_path, 1)


class DamagedError(Exception):
    """A bug, met by the first record."""


class Damaged:
    """A detective who fails."""

    async def take(self, message: Any) -> None:
        raise DamagedError


@dataclass
class Stream:
    """Two records; Faust acknowledges one when the next is asked for."""

    acknowledged: list[int] = field(default_factory=list)

    async def events(self) -> AsyncIterator[Any]:
        for offset in range(2):
            yield type("Event", (), {"message": None})
            self.acknowledged.append(offset)


async def test_a_record_that_fails_stops_the_worker_and_is_never_acknowledged(app: App) -> None:
    follow(app, TOPICS.reports, Damaged())  # type: ignore[arg-type]
    (agent,) = app.agents.values()
    stream = Stream()
    working = asyncio.create_task(agent.fun(stream))
    await asyncio.sleep(0.05)
    assert isinstance(app.crash_reason, DamagedError)
    assert (stream.acknowledged, working.done()) == ([], False)
    working.cancel()


async def test_records_are_taken_one_by_one(app: App) -> None:
    follow(app, TOPICS.reports, Damaged())  # type: ignore[arg-type]
    (agent,) = app.agents.values()
    assert agent.concurrency == 1


async def test_a_stop_after_a_crash_does_not_wait_for_what_can_no_longer_be_written(app: App) -> None:
    app.producer.buffer.pending.put_nowait(object())
    app._crash(DamagedError())
    await asyncio.wait_for(app.on_stop(), 5)


async def test_a_stop_after_a_crash_does_not_wait_for_a_broker_that_is_away(app: App) -> None:
    """A record is on its way to nobody; the producer is aiokafka's own."""
    sender = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", request_timeout_ms=600_000)
    sender._sender._sender_task = asyncio.create_task(asyncio.sleep(600))
    batch = asyncio.ensure_future(sender._message_accumulator.add_message(TOPIC, b"key", b"value", timeout=600))
    await asyncio.sleep(0)
    app.producer._producer = sender
    app._crash(DamagedError())
    await asyncio.wait_for(app.on_stop(), 5)
    await asyncio.wait_for(sender.stop(), 5)
    assert batch.done()
    assert not (await batch).done()
    app.producer._producer = None


async def test_a_stop_that_hangs_and_heeds_no_cancelling_is_told_as_stuck(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = asyncio.Event()

    async def stop() -> None:
        while not done.is_set():
            with suppress(asyncio.CancelledError):
                await done.wait()

    monkeypatch.setattr(detect, "STOP_WITHIN_S", 0.1)
    monkeypatch.setattr(app, "stop", stop)
    with pytest.raises(StuckError):
        await asyncio.wait_for(detect._stopped(app), 5)
    done.set()


async def test_a_join_or_a_load_of_which_nothing_comes_is_begun_again(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faust waits for what will not come: it has started, and its recovery ends with partitions, which nobody gives."""
    monkeypatch.setattr(progress, "IN_VAIN_AFTER_S", 0.1)
    monkeypatch.setattr(app, "start", app.tables.recovery.completed.wait)  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        with pytest.raises(NotLoadedError) as raised:
            await detect._until_stopped(app)
    assert passes(raised.value)


async def test_who_stands_by_is_left_alone(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its partitions are others': recovery has ended, for there was nothing to load."""
    monkeypatch.setattr(progress, "IN_VAIN_AFTER_S", 0.1)
    app.tables.recovery.completed.set()  # type: ignore[attr-defined]
    heeding = asyncio.create_task(detect._heed_loading(app))
    await asyncio.sleep(1.2)
    assert not heeding.done()
    heeding.cancel()
