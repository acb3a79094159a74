"""Feeds under test: the stage as a task or a process, and what the log has of them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.core.instants import SECOND, Instant
from streams.brokers import until_end
from streams.feed import run
from streams.feed_records import batches
from streams.feed_settings import FeedSettings
from streams.nmea import FeedRules, LineReader, Output
from streams.sentences import SentenceBatch, TimeRecord, decode
from streams.settings import Settings

Told = list[object]
"""Sentences and time records of one partition, in order, however they were cut into records."""


def told(values: Iterable[bytes]) -> Told:
    rows: Told = []
    for value in values:
        record = decode(value)
        rows += record.sentences if isinstance(record, SentenceBatch) else [record]
    return rows


def expected(lines: Iterable[bytes], settings: Settings, rules: FeedRules) -> list[Told]:
    """What a feed that nobody disturbs writes, for each partition."""
    reader = LineReader(rules)
    outputs: list[Output] = [*reader.read(lines), *reader.finish()]
    partitions = settings.topics.sentences.partitions
    return [told(v for part in parts for v in part) for parts in batches(outputs, rules.name, partitions)]


async def log_of(settings: Settings) -> list[Told]:
    """All that is in `ais.sentences` now, for each partition."""
    topic = settings.topics.sentences
    values: list[list[bytes]] = [[] for _ in range(topic.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest") as consumer:
        parts = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(parts)
        async for record in until_end(consumer, parts):
            values[record.partition].append(record.value)
    return [told(rows) for rows in values]


async def log_once(settings: Settings, holds: Callable[[list[Told]], bool], within_s: float = 30.0) -> list[Told]:
    """The log, as soon as it holds."""
    async with asyncio.timeout(within_s):
        while not holds(log := await log_of(settings)):
            await asyncio.sleep(0.05)
    return log


def sentences(log: list[Told]) -> list[object]:
    return [row for rows in log for row in rows if not isinstance(row, TimeRecord)]


def times(log: list[Told]) -> list[list[TimeRecord]]:
    return [[row for row in rows if isinstance(row, TimeRecord)] for rows in log]


@asynccontextmanager
async def feeding(settings: Settings, *feeds: FeedSettings) -> AsyncIterator["asyncio.Task[None]"]:
    """The stage in this process, until the block ends."""
    stage = asyncio.create_task(run(settings, feeds))
    try:
        yield stage
    finally:
        stage.cancel()
        with suppress(asyncio.CancelledError):
            await stage


async def process(settings: Settings, *arguments: str) -> asyncio.subprocess.Process:
    """`hullwatch ...`, the process, on the test's own topics."""
    topics = settings.topics
    command = (sys.executable, "-c", "from streams.cli import main; raise SystemExit(main())", *arguments)
    options = ("--kafka", settings.kafka, "--prefix", topics.prefix)
    partitions = {
        "HULLWATCH_SOURCE_PARTITIONS": str(topics.source_partitions),
        "HULLWATCH_REPORT_PARTITIONS": str(topics.report_partitions),
    }
    return await asyncio.create_subprocess_exec(*command, *options, env={**os.environ, **partitions})


def heard_at(row: bytes) -> Instant:
    """The time in its tag block."""
    return int(row.partition(b"c:")[2][:10]) * SECOND
