"""Records to Kafka in strict order: on one partition nothing follows what is not acknowledged.

Readers skip what is at or below what they had of a source.  Were a later batch written and an earlier one not, its
repeat would be skipped, and lost.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.topics import LARGEST_BYTES

MOST_BATCH_BYTES = 800_000
Row = tuple[bytes | None, bytes]
"""Key and value."""


class Ordered:
    """A producer that writes batches one after the other."""

    def __init__(self, kafka: str) -> None:
        self._producer: Any = AIOKafkaProducer(
            bootstrap_servers=kafka, acks="all", max_batch_size=MOST_BATCH_BYTES, max_request_size=LARGEST_BYTES
        )

    async def __aenter__(self) -> "Ordered":
        await self._producer.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._producer.stop()

    async def write(self, topic: str, rows: Mapping[int, Sequence[Row]]) -> None:
        """Returns when all rows of all partitions are acknowledged; raises KafkaError."""
        await asyncio.gather(*(self._partition(topic, number, some) for number, some in rows.items() if some))

    async def reject(self, topic: str, letters: Iterable[tuple[bytes, Mapping[str, str]]]) -> None:
        """Dead letters with their headers, acknowledged."""
        sent = [
            await self._producer.send(topic, value, headers=[(name, text.encode()) for name, text in headers.items()])
            for value, headers in letters
        ]
        await asyncio.gather(*sent)

    async def _partition(self, topic: str, number: int, rows: Sequence[Row]) -> None:
        at = 0
        while at < len(rows):
            batch = self._producer.create_batch()
            while at < len(rows) and batch.append(key=rows[at][0], value=rows[at][1], timestamp=None) is not None:
                at += 1
            await (await self._producer.send_batch(batch, topic, partition=number))
