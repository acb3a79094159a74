"""Who knows no broker knows that Kafka is away; and whoever reads something once waits for it no longer than a minute.

Told to stop, Apache Kafka names no broker in its metadata for a moment (some 30 ms, seen on a connection that was open
then).  aiokafka takes that for an answer where a client starts: it keeps the connection that it asked on, and once that
is closed it knows nobody whom it could ask, for ever (seen with 0.14.0).  Later answers without a broker it refuses.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

ANSWER_MS = 10_000
"""aiokafka would ask for 40 s."""
SILENCE_LIMIT_S = 30.0
_WAIT_MS = 200

_bootstrap, _fetch_all = AIOKafkaClient.bootstrap, AIOKafkaClient.fetch_all_metadata


class SilentLogError(KafkaTimeoutError):  # type: ignore[misc]  # aiokafka has no types
    """Kafka sends nothing of a log that it says is longer."""


def insist_on_brokers() -> None:
    """From now on, for all clients of this process, Faust's too."""
    AIOKafkaClient.bootstrap, AIOKafkaClient.fetch_all_metadata = _insistently, _all_metadata


async def _insistently(client: Any) -> None:
    await _bootstrap(client)
    if not client.cluster.brokers():
        await client.close()
        raise KafkaConnectionError(f"no broker is named by {client.hosts}")


async def _all_metadata(client: Any) -> Any:
    """aiokafka's own error does not say that it passes."""
    try:
        return await _fetch_all(client)
    except KafkaError as error:
        raise KafkaConnectionError(str(error)) from error


@asynccontextmanager
async def reading(kafka: str, **settings: Any) -> AsyncIterator[Any]:
    """A consumer of no group for what is read once; raises KafkaError."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=None, enable_auto_commit=False, request_timeout_ms=ANSWER_MS, **settings
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def until_end(consumer: Any, partitions: list[TopicPartition]) -> AsyncIterator[Any]:
    """The records of assigned partitions up to their ends of now; raises SilentLogError, KafkaError.

    Fetches are taken whole: Tansu tells an end that lies within its last batch (of a batch at 6 to 9 it tells 7).
    """
    ends = await consumer.end_offsets(partitions)
    loop = asyncio.get_running_loop()
    heard_s = loop.time()
    while any([await position(consumer, tp) < ends[tp] for tp in partitions]):
        fetched = await consumer.getmany(timeout_ms=_WAIT_MS)
        for records in fetched.values():
            for record in records:
                yield record
        heard_s = loop.time() if fetched else heard_s
        heed_silence(partitions, loop.time() - heard_s)


async def position(consumer: Any, partition: TopicPartition) -> int:
    """Of the next record; aiokafka would wait for ever for one that Kafka is to tell.  Raises SilentLogError."""
    try:
        async with asyncio.timeout(SILENCE_LIMIT_S):
            return int(await consumer.position(partition))
    except TimeoutError as error:
        raise SilentLogError(f"nothing was said of where {partition} begins for {SILENCE_LIMIT_S:.0f} s") from error


def heed_silence(partitions: Iterable[TopicPartition], silent_s: float) -> None:
    """Raises SilentLogError where there is still to read, and nothing came for so long."""
    if silent_s > SILENCE_LIMIT_S:
        raise SilentLogError(f"nothing came of {sorted(partitions)} for {SILENCE_LIMIT_S:.0f} s")
