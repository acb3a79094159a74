"""How soon detect tells again after a kill -9, and how fast it reads its changelog, beside Faust's own recovery.

The changelog is what detect writes of every hull in nine minutes with three reports each: ten records; or, of fewer
hulls, in 99 minutes: a hundred.  A tenth of the hulls is dark.  The memories are an engine's own, of a hundred hulls;
of each there are many copies under other names.
"""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from alerts.core import frozen
from alerts.core.engine import Engine, Record
from alerts.core.hull import Hull
from alerts.core.instants import HOUR, MINUTE, SECOND, interval_start
from alerts.core.intervals import IntervalClosed, Watched
from alerts.core.memory import Memory
from alerts.core.reports import Origin, Report
from alerts.core.world import World
from alerts.rules import RULES
from streams.codec import decode_alert, encode
from streams.demo.stages import started
from streams.detect.app import SESSION_S, create_app
from streams.detect.changelog import read_spans
from streams.detect.engines import Engines
from streams.memories import StoredEngine, pack, unpack, wake_of
from streams.settings import Settings
from streams.topics import partition_of
from streams.topics_admin import ensure_topics
from tests.benchmarks import traffic
from tests.benchmarks.measures import Bench, Measure
from tests.integration.stages import environ_of

PATTERNS, DARK = 100, 10
FEW_MINUTES, MANY_MINUTES = 9, 99
FAUST_S = 30.0
"""So long is Faust's own recovery watched: of a million records it takes minutes."""


async def recovery(bench: Bench) -> list[Measure]:
    """Killed with 10,000 hulls and, where a broker is given, with a million records too; the last one read by both."""
    last = Load.of(bench, 10_000, FEW_MINUTES)
    measures = [await killed(last, most_s=5.0)]
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        measures.append(await killed(Load.of(bench, 10_000, MANY_MINUTES), most_s=5.0))
        last = Load.of(bench, 100_000, FEW_MINUTES)
        measures.append(await killed(last, most_s=20.0))
    return [*measures, *await both_read(last)]


@dataclass(frozen=True, slots=True)
class Load:
    """So many hulls, for so long, on topics of their own, three partitions as shipped."""

    settings: Settings
    hulls: int
    minutes: int

    @classmethod
    def of(cls, bench: Bench, hulls: int, minutes: int) -> "Load":
        settings = bench.settings()
        return cls(replace(settings, topics=replace(settings.topics, report_partitions=3)), hulls, minutes)


def name_of(n: int) -> str:
    return f"mmsi-{201_000_000 + n}"


def story(minutes: int) -> Iterator[Record]:
    """A hundred hulls in the order of their time; those that end up dark 50 minutes before the others."""
    later = traffic.BEGIN + (minutes + 50) * MINUTE
    for n in range(PATTERNS):
        yield Watched(name_of(n), Hull(name_of(n), mmsi=201_000_000 + n, name=f"SHIP {n}"))
    yield from heard(range(DARK), traffic.BEGIN, minutes - 1)
    yield IntervalClosed(Origin("clock", later // SECOND - 1, 0), interval_start(later))
    yield from heard(range(DARK, PATTERNS), later, minutes)


def heard(hulls: range, begin: int, minutes: int) -> Iterator[Record]:
    """Each of them every twenty seconds; the minute before is closed behind every minute."""
    for k in range(3 * minutes):
        at = begin + k * 20 * SECOND
        for n in hulls:
            place = {"lat": 34.0 + n / 50, "lon": 129.0 + k / 500, "speed_kn": 11.5, "course_deg": 83.2}
            origin = Origin("ais.sentences:17f46e1a214748c8b852376b37465c32:2", at // SECOND, n)
            yield Report(name_of(n), "coast", f"mast-{n % 7}", 201_000_000 + n, 1, at, at, origin, **place)
        if k % 3 == 2:
            yield IntervalClosed(Origin("clock", at // SECOND, 0), interval_start(at) - MINUTE)


def writes(minutes: int) -> Iterator[tuple[str, bytes]]:
    """What an engine writes of the story."""
    engine = StoredEngine(Engine({}, RULES))
    for offset, record in enumerate(story(minutes)):
        step = engine.apply(offset, record)
        engine.commit(step)
        yield from step.writes


def copies(load: Load) -> Iterator[tuple[int | None, str, bytes]]:
    """The writes of all hulls: partition (None: all of them), key, value."""
    for key, value in writes(load.minutes):
        memory = unpack(key, value)
        if isinstance(memory, World):
            yield None, key, value
            continue
        wake, n = wake_of(key, value, World()), int(key.removeprefix("mmsi-")) - 201_000_000
        for other in range(n, load.hulls, PATTERNS):
            yield partition_of(name_of(other), 3), name_of(other), pack(renamed(memory, other), wake)


def renamed(memory: Memory, n: int) -> Memory:
    assert memory.hull is not None
    return frozen.replace(memory, hull=frozen.replace(memory.hull, id=name_of(n), mmsi=201_000_000 + n))


async def fill(load: Load) -> tuple[int, int]:
    """The source as far as the memories have applied it, and the changelog; its records and their bytes."""
    topics, count, size = load.settings.topics, 0, 0
    await ensure_topics(load.settings.kafka, topics)
    async with AIOKafkaProducer(
        bootstrap_servers=load.settings.kafka, linger_ms=20, max_batch_size=262_144
    ) as producer:
        for record in story(load.minutes):
            for partition in range(3):
                await producer.send(topics.reports.name, encode(record), partition=partition)
        for partition, key, value in copies(load):
            for one in range(3) if partition is None else (partition,):
                await producer.send(topics.changelog.name, value, key=key.encode(), partition=one)
                count, size = count + 1, size + len(value)
        await producer.flush()
    return count, size


async def killed(load: Load, most_s: float) -> Measure:
    """From the kill to the alert of a report that was written right after it; another process is started at once."""
    count, size = await fill(load)
    with tempfile.TemporaryDirectory() as folder:
        async with heard_alerts(load.settings) as alerts, detecting(load.settings, Path(folder) / "a") as first:
            await lights_up(load, 0)
            await alerts(name_of(0))
            began = time.monotonic()
            os.kill(first, signal.SIGKILL)
            async with detecting(load.settings, Path(folder) / "b"):
                await lights_up(load, PATTERNS)
                await alerts(name_of(PATTERNS))
                took = time.monotonic() - began
    told = f"kill -9 to next alert: {load.hulls:,} hulls, {count:,} records of {size // count} bytes"
    return Measure(told, took, "s", "", most_s + SESSION_S, low_is_good=True)


@asynccontextmanager
async def detecting(settings: Settings, folder: Path) -> AsyncIterator[int]:
    folder.mkdir()
    async with started("detect", (), environ_of(settings), folder) as stage:
        yield stage.process.pid


async def lights_up(load: Load, n: int) -> None:
    """A dark hull is heard."""
    at, topic = traffic.BEGIN + 8 * HOUR, load.settings.topics.reports.name
    report = Report(name_of(n), "coast", "mast", 201_000_000 + n, 1, at, at, Origin("again", n, 0), 34.0, 129.0, 9.0)
    async with AIOKafkaProducer(bootstrap_servers=load.settings.kafka) as producer:
        await producer.send_and_wait(topic, encode(report), partition=partition_of(name_of(n), 3))


@asynccontextmanager
async def heard_alerts(settings: Settings) -> AsyncIterator[Any]:
    """Waits for an alert of a hull."""
    async with AIOKafkaConsumer(
        settings.topics.alerts.name, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
    ) as consumer:

        async def until(hull: str) -> None:
            async for record in consumer:
                told = decode_alert(record.value).hull
                if told is not None and told.id == hull:
                    return

        yield until


async def both_read(load: Load) -> list[Measure]:
    """The same changelog, read to engines that are ready, and as Faust would."""
    ours = await read_by_us(load)
    fausts = await read_by_faust(load)
    return [
        Measure(f"changelog by Faust, for {FAUST_S:.0f} s", fausts, "records/s"),
        Measure("changelog to engines", ours, "records/s", f"changelog by Faust, for {FAUST_S:.0f} s"),
    ]


async def read_by_us(load: Load) -> float:
    topics, began = load.settings.topics, time.monotonic()
    engines = Engines({}, _nothing)
    spans = await read_spans(load.settings.kafka, topics.changelog.name, dict.fromkeys(range(3), 0))
    for partition, span in spans.items():
        await engines.prepare(span.best)
        engines.own(partition, span.best)
    return sum(span.end for span in spans.values()) / (time.monotonic() - began)


async def read_by_faust(load: Load) -> float:
    """Its memory store, in a group of its own, until it is done or the time is over."""
    topics = load.settings.topics
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load.settings.kafka, topics, Engines({}, _nothing), Path(folder), 1)
        raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes}
        app.Table("memories", partitions=3, store="memory://", **raw)
        source = app.topic(topics.reports.name, key_serializer="raw", value_serializer="raw", **raw)
        app.agent(source)(_idle)
        starting = asyncio.create_task(app.start())  # it returns when all is read
        try:
            return await _faust_rate(app.tables.recovery)
        finally:
            starting.cancel()
            await asyncio.wait([starting])
            await app.stop()


async def _faust_rate(recovery: Any) -> float:
    while not (first := _read(recovery)):
        await asyncio.sleep(0.02)
    began = time.monotonic()
    while time.monotonic() - began < FAUST_S and not recovery.completed.is_set():
        await asyncio.sleep(0.02)
    return (_read(recovery) - first) / (time.monotonic() - began)


def _read(recovery: Any) -> int:
    return sum(max(offset or 0, 0) for offset in recovery.active_offsets.values())


async def _idle(stream: Any) -> None:
    async for _ in stream:
        pass


async def _nothing(version: str) -> object:
    raise LookupError(version)
