"""A record that cannot be read, in each topic: counted, kept as a dead letter, and it stops nothing.

In the two topics that hold state it is refused at the start instead: to go on without it would forget.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from prometheus_client import REGISTRY

from alerts.core.instants import MINUTE
from alerts.core.intervals import Tick
from alerts.core.reports import Origin, Report
from streams import clock, dispatch
from streams.codec import encode, encode_alert
from streams.config import load_config
from streams.detect import app as detect
from streams.ingest import loop as ingest
from streams.sentences import TimeRecord, encode_time
from streams.settings import ConfigError, Settings
from streams.topics import LARGEST_BYTES, Topic
from streams.versions import announced, publish, read_versions
from tests.alerts.routing.samples import alert
from tests.integration.logs import values_of
from tests.integration.test_detect import log_of
from tests.integration.test_dispatch import everything_to
from tests.receivers import http_receiver

LARGE = 1_048_500
"""As large as a record of most topics may be, with what Kafka adds to it."""
FAR_OFF = Report("angara", "north", "st", 200, 1, 1 << 70, 1, Origin("s:0", 1, 0))
POISON = {
    "undecodable": b"\x00\xff\xfe",
    "another version": b"report/99 {}",
    "too large": b"\xff" * LARGE,
    "a number too large": encode(FAR_OFF),
}


@dataclass(frozen=True)
class Stage:
    """One that reads a topic: how it is run, what it is given after the poison, and how it is seen to go on."""

    topic: Callable[[Settings], Topic]
    run: Callable[[Settings], Coroutine[Any, Any, None]]
    good: Callable[[], list[bytes]]
    says: Callable[[Settings], Topic]
    counter: str
    labels: dict[str, str]


def ticks() -> list[bytes]:
    sources = [f"s:{number}" for number in range(2)]
    return [encode(Tick(Origin(s, n, 0), n * MINUTE)) for n in (1, 9) for s in sources]


STAGES = {
    "sentences": Stage(
        lambda settings: settings.topics.sentences,
        ingest.run,
        lambda: [encode_time(TimeRecord("coast", n * MINUTE)) for n in (1, 2, 3)],
        lambda settings: settings.topics.clock,
        "hullwatch_ingest_rejected_total",
        {"reason": "record"},
    ),
    "clock": Stage(
        lambda settings: settings.topics.clock,
        clock.run,
        ticks,
        lambda settings: settings.topics.reports,
        "hullwatch_clock_rejected_total",
        {},
    ),
    "reports": Stage(
        lambda settings: settings.topics.reports,
        detect.run,
        lambda: [encode(record) for record in log_of(0, hours=2)],
        lambda settings: settings.topics.alerts,
        "hullwatch_detect_records_total",
        {"kind": "undecodable"},
    ),
}


def counted(name: str, labels: dict[str, str]) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def write(settings: Settings, topic: Topic, values: list[bytes], key: bytes | None = None) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=settings.kafka, acks="all", max_request_size=2 * LARGEST_BYTES
    ) as producer:
        for value in values:
            await producer.send_and_wait(topic.name, value, partition=0, key=key)


@asynccontextmanager
async def running(stage: Coroutine[Any, Any, None]) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(stage)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def letters(settings: Settings, count: int) -> dict[bytes, dict[str, bytes]]:
    """So many dead letters, with their headers."""
    async with AIOKafkaConsumer(
        settings.topics.rejects.name, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
    ) as consumer:
        got = [await asyncio.wait_for(consumer.getone(), 40) for _ in range(count)]
    return {letter.value: dict(letter.headers) for letter in got}


@pytest.mark.parametrize("name", STAGES)
async def test_a_poison_record_is_counted_kept_and_stops_nothing(settings: Settings, name: str) -> None:
    stage = STAGES[name]
    topic = stage.topic(settings)
    await publish(settings.kafka, settings.topics, load_config(settings.config_dir))
    written = sum(map(len, await values_of(settings, stage.says(settings))))
    before = counted(stage.counter, stage.labels)
    await write(settings, topic, list(POISON.values()))
    await write(settings, topic, stage.good())
    async with running(stage.run(settings)):
        kept = await letters(settings, len(POISON))
        await goes_on(settings, stage.says(settings), written)
    assert kept.keys() == set(POISON.values()), "each as it came, whole"
    assert all(headers["reason"] and headers["source"] and headers["stage"] for headers in kept.values())
    assert counted(stage.counter, stage.labels) - before == len(POISON)


async def goes_on(settings: Settings, topic: Topic, written: int) -> None:
    async with asyncio.timeout(40):
        while sum(map(len, await values_of(settings, topic))) <= written:
            await asyncio.sleep(0.2)


async def test_a_poison_alert_is_counted_kept_and_stops_no_message(settings: Settings) -> None:
    before = unreadable_alerts()
    await write(settings, settings.topics.alerts, list(POISON.values()))
    await write(settings, settings.topics.alerts, [encode_alert(alert())])
    async with http_receiver() as receiver, running(dispatch.run(settings, everything_to(receiver), 1_000)):
        kept = await letters(settings, len(POISON))
        async with asyncio.timeout(20):
            while not receiver.requests:
                await asyncio.sleep(0.05)
    assert kept.keys() == set(POISON.values())
    assert unreadable_alerts() - before == len(POISON)


def unreadable_alerts() -> float:
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
    name, reason = "hullwatch_dispatch_not_sent_total", "unreadable"
    return sum(one.value for one in samples if one.name == name and one.labels["reason"] == reason)


@pytest.mark.parametrize("key", [b"zones/0123456789abcdef", b"announced", b"nobody"])
async def test_a_poison_version_is_counted_and_passed_over(settings: Settings, key: bytes) -> None:
    topics = settings.topics
    await publish(settings.kafka, topics, load_config(settings.config_dir))
    versions, mark = set(await read_versions(settings.kafka, topics)), await announced(settings.kafka, topics)
    await write(settings, topics.versions, list(POISON.values()), key=key)
    before = counted("hullwatch_versions_unreadable_total", {})
    assert set(await read_versions(settings.kafka, topics)) == versions
    assert counted("hullwatch_versions_unreadable_total", {}) - before == len(POISON)
    assert await announced(settings.kafka, topics) == mark


@pytest.mark.parametrize("value", POISON.values(), ids=POISON)
@pytest.mark.parametrize(
    ("stage", "key"), [(ingest.run, b"ingest/0"), (clock.run, b"clock/0")], ids=["ingest", "clock"]
)
async def test_a_poison_snapshot_is_refused(settings: Settings, stage: Any, key: bytes, value: bytes) -> None:
    await publish(settings.kafka, settings.topics, load_config(settings.config_dir))
    await write(settings, settings.topics.snapshots, [value], key=key)
    with pytest.raises(ConfigError, match=f"snapshot: {key.decode()}: expected a snapshot that this version reads"):
        await asyncio.wait_for(stage(settings), 40)


@pytest.mark.parametrize("value", [*POISON.values(), b"\x00" * 8 + b"\x09newer"], ids=[*POISON, "newer memory"])
@pytest.mark.parametrize("key", [b"imo-9179842", b"\x00world", b"\xff\xfe"], ids=["hull", "world", "nobody"])
async def test_a_poison_memory_is_refused(settings: Settings, key: bytes, value: bytes) -> None:
    await write(settings, settings.topics.changelog, [value], key=key)
    with pytest.raises(ConfigError, match=r"changelog of detect: memory of '.*': expected .*see the runbook"):
        await asyncio.wait_for(detect.run(settings), 40)
