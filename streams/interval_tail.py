"""Hears of every interval that the clock closes, from partition 0 of `ais.reports`: they go to all alike.

And looks back: what an ingest that died wrote ahead of the clock is known to the log alone.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.core.instants import Instant
from alerts.core.reports import Report
from streams.brokers import reading, until_end
from streams.codec import UnknownRecordError, closed_until, decode
from streams.settings import Settings

_KIND = b"interval/"
LOOKS_BACK = 10_000
"""Records of each partition: a hull that has a hundred reports ahead of the clock has them among these."""


async def looked_back(settings: Settings) -> tuple[Instant | None, list[Report]]:
    """The end of the last interval that is closed by now, if one is, and the last reports of all hulls."""
    topic, closed, reports = settings.topics.reports, list[Instant](), list[Report]()
    async with reading(settings.kafka) as consumer:
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, max(begins[place], ends[place] - LOOKS_BACK))
        async for record in until_end(consumer, places):
            with suppress(UnknownRecordError):  # detect makes a dead letter of it
                if (record.value or b"").startswith(_KIND):
                    closed.append(closed_until(record.value))
                elif isinstance(found := decode(record.value or b""), Report):
                    reports.append(found)
    return max(closed, default=None), reports


class IntervalTail:
    """Calls `closed` with the end of each interval that is closed from now on."""

    def __init__(self, settings: Settings, closed: Callable[[Instant], None]) -> None:
        self._kafka, self._topic, self._closed = settings.kafka, settings.topics.reports.name, closed
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "IntervalTail":
        consumer: Any = AIOKafkaConsumer(bootstrap_servers=self._kafka, group_id=None, auto_offset_reset="latest")
        await consumer.start()
        consumer.assign([TopicPartition(self._topic, 0)])
        self._reading = asyncio.create_task(self._read(consumer))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._reading is not None
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    async def _read(self, consumer: Any) -> None:
        try:
            async for record in consumer:
                if (record.value or b"").startswith(_KIND):
                    self._take(record.value)
        finally:
            await consumer.stop()

    def _take(self, value: bytes) -> None:
        with suppress(UnknownRecordError):  # detect makes a dead letter of it
            self._closed(closed_until(value))
