"""The detect stage as a process on a real broker: fed, killed, stopped, started again; and foreign hands in its log."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from streams.settings import Settings

from alerts.core.engine import Engine, Record
from alerts.core.hull import Hull
from alerts.core.instants import MINUTE
from alerts.core.intervals import IntervalClosed, Watched
from alerts.core.reports import Origin, Report
from alerts.rules import RULES
from streams.codec import encode, encode_alert
from streams.detect.app import run
from streams.memories import StoredEngine

START = 1_706_918_400_000
PARTS = range(3)
Log = list[Record]


def log_of(partition: int, hours: int = 5, hulls: int = 4) -> Log:
    """Hulls report every minute, and each is silent for 50 minutes in every 90; the clock closes every minute."""
    names = [f"hull-{partition}-{n}" for n in range(hulls)]
    records: Log = [Watched(name, Hull(name)) for name in names]
    for minute in range(hours * 60):
        at = START + minute * MINUTE
        for n, name in enumerate(names):
            if (minute + 20 * n) % 90 < 40:
                origin = Origin(f"s:{partition}", minute, n)
                records.append(Report(name, "north", "st", 200 + n, 1, at, at, origin, 42.0, 131.0 + minute / 600, 9.0))
        records.append(IntervalClosed(Origin("clock", minute, 0), at + MINUTE))
    return records


def undisturbed(log: Log) -> list[bytes]:
    """What one engine says that nobody disturbs."""
    engine, said = StoredEngine(Engine({}, RULES)), []
    for offset, record in enumerate(log):
        step = engine.apply(offset, record)
        said += [encode_alert(alert) for alert in step.alerts]
        engine.commit(step)
    return said


async def write(settings: Settings, logs: Sequence[Log], begin: float = 0.0, end: float = 1.0) -> None:
    """A share of each partition's log."""
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for partition, log in enumerate(logs):
            for record in log[int(begin * len(log)) : int(end * len(log))]:
                await producer.send(settings.topics.reports.name, encode(record), partition=partition)


class Heard:
    """All values of one topic, as they come."""

    def __init__(self, kafka: str, topic: str) -> None:
        self.values: list[bytes] = []
        self._consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")

    async def __aenter__(self) -> "Heard":
        await self._consumer.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._consumer.stop()

    async def until(self, enough: Callable[[set[bytes]], bool], within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while not enough(set(self.values)):
                for records in (await self._consumer.getmany(timeout_ms=100)).values():
                    self.values += [record.value or b"" for record in records]


class Process:
    """`hullwatch detect`, the process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def started(cls, settings: Settings) -> "Process":
        command = (sys.executable, "-c", "from streams.cli import main; raise SystemExit(main())", "detect")
        options = ("--kafka", settings.kafka, "--prefix", settings.topics.prefix)
        return cls(await asyncio.create_subprocess_exec(*command, *options, env={**os.environ}))

    async def ended_by(self, number: signal.Signals) -> int:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        async with asyncio.timeout(10):
            return await self._process.wait()


@asynccontextmanager
async def detecting(settings: Settings) -> AsyncIterator["asyncio.Task[None]"]:
    """The stage in this process, until the block ends."""
    stage = asyncio.create_task(run(settings))
    try:
        yield stage
    finally:
        stage.cancel()
        with suppress(asyncio.CancelledError):
            await stage


@pytest.mark.timeout(180)
async def test_says_the_same_whether_killed_or_stopped_or_left_alone(settings: Settings) -> None:
    logs = [log_of(partition) for partition in PARTS]
    expected = {alert for log in logs for alert in undisturbed(log)}
    assert len(expected) > 50
    async with Heard(settings.kafka, settings.topics.alerts.name) as alerts:
        for number, (begin, end) in zip((signal.SIGKILL, signal.SIGTERM), pairwise((0.0, 0.4, 0.7)), strict=True):
            process = await Process.started(settings)
            await write(settings, logs, begin, end)
            told = len(expected & set(alerts.values))
            await alerts.until(lambda said, least=told: len(said) > least + 5)
            status = await process.ended_by(number)
            assert status == (0 if number is signal.SIGTERM else -signal.SIGKILL)
        process = await Process.started(settings)
        await write(settings, logs, 0.7, 1.0)
        await alerts.until(lambda said: said >= expected)
        assert await process.ended_by(signal.SIGTERM) == 0
    assert set(alerts.values) == expected
