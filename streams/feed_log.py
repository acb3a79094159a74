"""The log that feeds write: `ais.sentences`, in batches that are written whole or not at all."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition

from streams.brokers import reading, until_end
from streams.feed_journal import HEADER, FeedSnapshot, Flushed, flushes
from streams.feed_records import MOST_BATCH_BYTES
from streams.lasting import answers
from streams.nmea_state import Reject
from streams.settings import ConfigError, Settings
from streams.topics_admin import generation

Acknowledged = asyncio.Future[tuple[int, int]]
"""The partition, and the offset behind what was written."""


GIVEN_UP_MS = 10_000
"""Then the log is asked what it has (feeding.py): aiokafka alone would try for 40 s."""


class FeedLog:
    """Writes for all feeds of one process; `generation` is known once it is entered."""

    generation = ""

    def __init__(self, settings: Settings) -> None:
        self._kafka, self._topic = settings.kafka, settings.topics.sentences.name
        self._rejects = settings.topics.rejects.name
        self.partitions = settings.topics.sentences.partitions
        self._producer: Any = AIOKafkaProducer(
            bootstrap_servers=settings.kafka,
            acks="all",
            max_batch_size=MOST_BATCH_BYTES + 200_000,
            request_timeout_ms=GIVEN_UP_MS,
        )

    async def __aenter__(self) -> "FeedLog":
        self.generation = await generation(self._kafka, self._topic)
        await self._producer.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._producer.stop()

    async def write(self, partition: int, values: Sequence[bytes], header: bytes) -> Acknowledged:
        """One batch on one partition, the header on its first record."""
        batch = self._producer.create_batch()
        headers = [(HEADER, header)]
        for value in values:
            if batch.append(key=None, value=value, timestamp=None, headers=headers) is None:
                raise ValueError(f"expected a batch of at most {MOST_BATCH_BYTES} bytes")
            headers = []
        written = await self._producer.send_batch(batch, self._topic, partition=partition)
        return asyncio.ensure_future(_behind(written, partition, len(values)))

    async def reject(self, feed: str, rejects: Iterable[Reject]) -> list[Acknowledged]:
        """Dead letters, each with its feed and reason; they count for no partition (-1)."""
        sent: list[Acknowledged] = []
        for dead in rejects:
            headers = [("stage", b"feed"), ("feed", feed.encode()), ("reason", str(dead.reason).encode())]
            written = await self._producer.send(self._rejects, dead.line, headers=headers)
            sent.append(asyncio.ensure_future(_behind(written, -1, 1)))
        return sent

    async def answers(self) -> bool:
        """Whether Kafka does."""
        return await answers(self._kafka)

    async def ends(self) -> dict[int, int]:
        """Where later flushes can stand, of each partition."""
        async with reading(self._kafka) as consumer:
            ends = await consumer.end_offsets(self._all())
        return {tp.partition: end for tp, end in ends.items()}

    async def flushes(self, feed: str, snapshot: FeedSnapshot) -> tuple[list[Flushed], dict[int, int]]:
        """What was flushed after the snapshot, and the offsets behind it; raises ConfigError for another log."""
        if snapshot.log != self.generation:
            expected = "the topic that this feed has written, found one that was made anew; take a new prefix"
            raise ConfigError(f"kafka {self._kafka}", f"topic {self._topic}", expected)
        rows, offsets = [], dict(snapshot.offsets)
        async with reading(self._kafka, auto_offset_reset="earliest") as consumer:
            consumer.assign(self._all())
            oldest = await consumer.beginning_offsets(self._all())
            for tp in self._all():
                consumer.seek(tp, max(oldest[tp], snapshot.offsets.get(tp.partition, 0)))
            async for record in until_end(consumer, self._all()):
                rows.append((record.partition, record.headers, record.value or b""))
                offsets[record.partition] = record.offset + 1
        return [flushed for flushed in flushes(feed, rows) if flushed.mark.flush > snapshot.flush], offsets

    def _all(self) -> list[TopicPartition]:
        return [TopicPartition(self._topic, number) for number in range(self.partitions)]


async def _behind(written: Any, partition: int, count: int) -> tuple[int, int]:
    return partition, (await written).offset + count
