"""Hears of every interval that the clock closes, from partition 0 of `ais.reports`: they go to all alike."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.core.instants import Instant
from alerts.core.intervals import IntervalClosed
from streams.codec import UnknownRecordError, decode
from streams.settings import Settings

_KIND = b"interval/"


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
            record = decode(value)
            assert isinstance(record, IntervalClosed)
            self._closed(record.end)
