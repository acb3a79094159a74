"""The detect stage as a process on a real broker: fed, killed, stopped, started again; and foreign hands in its log."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from alerts.core.engine import Engine, Record
from alerts.core.hull import Hull
from alerts.core.instants import MINUTE
from alerts.core.intervals import CoverRun, IntervalClosed, Watched
from alerts.core.reports import Origin, Report
from alerts.rules import RULES
from streams.codec import encode, encode_alert
from streams.detect.agent import Detective
from streams.detect.app import run
from streams.leashed import leashed
from streams.memories import StoredEngine
from streams.settings import Settings
from tests.integration.stages import environ_of
from tests.witnesses import busy

START = 1_706_918_400_000
PARTS = range(3)
Log = list[Record]


def log_of(partition: int, hours: int = 5, hulls: int = 4) -> Log:
    """Hulls report every minute, and each is silent for 50 in every 90, among ships that are heard."""
    names = [f"hull-{partition}-{n}" for n in range(hulls)]
    records: Log = [Watched(name, Hull(name)) for name in names]
    for minute in range(hours * 60):
        at = START + minute * MINUTE
        for n, name in enumerate(names):
            if (minute + 20 * n) % 90 < 40:
                origin = Origin(f"s:{partition}", minute, n)
                records.append(Report(name, "north", "st", 200 + n, 1, at, at, origin, 42.0, 131.0 + minute / 600, 9.0))
        covers = (CoverRun(at + MINUTE, at + MINUTE, *busy((42.0, 131.25))),)
        records.append(IntervalClosed(Origin("clock", minute, 0), at + MINUTE, covers=covers))
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
        partitions = {
            "HULLWATCH_SOURCE_PARTITIONS": str(settings.topics.source_partitions),
            "HULLWATCH_REPORT_PARTITIONS": str(settings.topics.report_partitions),
        }
        return cls(await asyncio.create_subprocess_exec(*command, *options, env={**os.environ, **partitions}))

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
    assert len(alerts.values) < 1.5 * len(expected), "the state did not survive: nearly all was said again"


async def test_what_cannot_be_used_is_a_dead_letter_with_its_reason(settings: Settings) -> None:
    topics, log = settings.topics, log_of(0, hours=3)
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for value in (b"\x00\xff", None, b"report/1 {}"):
            await producer.send(topics.reports.name, value, key=b"hostile", partition=0)
        for record in log:
            await producer.send(topics.reports.name, encode(record), partition=0)
    async with (
        Heard(settings.kafka, topics.rejects.name) as rejects,
        Heard(settings.kafka, topics.alerts.name) as alerts,
        detecting(settings),
    ):
        await rejects.until(lambda values: values >= {b"\x00\xff", b"", b"report/1 {}"})
        await alerts.until(lambda values: len(values) >= 3)
    assert set(alerts.values) <= set(undisturbed(log))


class DamagedError(Exception):
    """A bug, met by one record."""


async def test_a_record_that_fails_stops_the_stage_and_is_taken_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, take = log_of(0, hours=2), Detective.take
    expected = set(undisturbed(log))

    async def fails(self: Detective, message: Any) -> None:
        if message.partition == 0 and message.offset == len(log) // 2:
            raise DamagedError
        await take(self, message)

    await write(settings, [log])
    with monkeypatch.context() as damaged:
        damaged.setattr(Detective, "take", fails)
        with pytest.raises(DamagedError):
            await asyncio.wait_for(run(settings), 30)
    async with Heard(settings.kafka, settings.topics.alerts.name) as alerts, detecting(settings):
        await alerts.until(lambda said: said >= expected)
    assert set(alerts.values) == expected


async def test_a_stop_in_the_moment_of_a_rebalance_commits_and_ends(settings: Settings, tmp_path: Path) -> None:
    log, said = log_of(0, hours=1), tmp_path / "log"
    await write(settings, [log])
    with said.open("wb") as out:
        command = leashed([sys.executable, "-m", "tests.integration.interrupted_detect", str(len(log))])
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **environ_of(settings)}, stdout=out, stderr=out
        )
    try:
        assert await asyncio.wait_for(process.wait(), 60) == 0, said.read_text()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    group = f"{settings.topics.prefix}-detect"
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, group_id=group) as consumer:
        assert await consumer.committed(TopicPartition(settings.topics.reports.name, 0)) == len(log)


async def changelog_of(settings: Settings) -> dict[bytes, bytes]:
    """What compaction would leave of partition 0: the last record of each key."""
    topic = f"{settings.topics.prefix}-detect-memories-changelog"
    last: dict[bytes, bytes] = {}
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest") as consumer:
        part = TopicPartition(topic, 0)
        if topic not in await consumer.topics():
            return {}  # to ask more of it would create it
        consumer.assign([part])
        end = (await consumer.end_offsets([part]))[part]
        while await consumer.position(part) < end:
            for record in (await consumer.getmany(timeout_ms=100)).get(part, ()):
                last[record.key] = record.value
    return last


async def test_a_paused_workers_old_memory_is_overruled_while_running_and_at_the_next_start(settings: Settings) -> None:
    log = log_of(0)
    rest = 1 + max(n for n in range(len(log) * 9 // 10) if isinstance(log[n], IntervalClosed))
    expected = set(undisturbed(log))
    hull = b"hull-0-0"
    changelog = f"{settings.topics.prefix}-detect-memories-changelog"

    async def write_old() -> None:
        async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
            await producer.send_and_wait(changelog, old, key=hull, partition=0)

    async with Heard(settings.kafka, settings.topics.alerts.name) as alerts:
        async with detecting(settings):
            await write(settings, [log[:40]])
            await eventually(lambda rows: newest(rows, of=WORLD) == offset(39), settings)
            old = (await changelog_of(settings))[hull]
            await write(settings, [log[40:rest]])
            await eventually(lambda rows: newest(rows) == offset(rest - 1), settings)
            await write_old()
            await write(settings, [log[rest : rest + 20]])
            await eventually(lambda rows: rows[hull] > old, settings)
        await write_old()
        async with detecting(settings):
            await eventually(lambda rows: rows[hull] > old, settings)
            await write(settings, [log[rest + 20 :]])
            await alerts.until(lambda said: said >= expected)
    assert set(alerts.values) == expected


WORLD = b"\x00world"


def offset(number: int) -> bytes:
    """The head of a memory."""
    return number.to_bytes(8, "big")


def newest(rows: dict[bytes, bytes], of: bytes = b"") -> bytes:
    """The offset of the last record that any memory had, or any whose key begins so."""
    return max((value[:8] for key, value in rows.items() if key.startswith(of)), default=b"")


async def eventually(holds: Callable[[dict[bytes, bytes]], bool], settings: Settings, within_s: float = 30.0) -> None:
    """Waits until it holds for the changelog of partition 0."""
    async with asyncio.timeout(within_s):
        while not holds(await changelog_of(settings)):
            await asyncio.sleep(0.2)
