"""Logs of records under test: what is written to them, what is in them, and what of it is a repeat."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.brokers import until_end
from streams.codec import decode
from streams.settings import Settings
from streams.topics import Topic


async def write(settings: Settings, topic: Topic, rows: Sequence[Sequence[bytes]]) -> None:
    """The values of each partition, acknowledged."""
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        sent = []
        for number, values in enumerate(rows):
            sent += [await producer.send(topic.name, value, partition=number) for value in values]
        await asyncio.gather(*sent)


async def values_of(settings: Settings, topic: Topic) -> list[list[bytes]]:
    """All that is there now, for each partition."""
    values: list[list[bytes]] = [[] for _ in range(topic.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest") as consumer:
        parts = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(parts)
        async for record in until_end(consumer, parts):
            values[record.partition].append(record.value)
    return values


async def records_of(settings: Settings, topic: Topic) -> list[list[Any]]:
    return [[decode(value) for value in values] for values in await values_of(settings, topic)]


async def once(
    settings: Settings, topic: Topic, holds: Callable[[list[list[Any]]], bool], within_s: float = 60.0
) -> list[list[Any]]:
    """The records of a topic, as soon as they hold."""
    async with asyncio.timeout(within_s):
        while not holds(log := await records_of(settings, topic)):
            await asyncio.sleep(0.1)
    return log


def by_source(log: Iterable[Any]) -> dict[str, list[Any]]:
    """Without repeats: of each source what is newer than all that was had of it, as every reader skips."""
    rows: dict[str, list[Any]] = {}
    for record in log:
        had = rows.setdefault(record.origin.source, [])
        if not had or record.origin > had[-1].origin:
            had.append(record)
    return rows
