"""Where partitions end: the offset after the last record.

Tansu's answer to ListOffsets is the first offset of the last batch, plus one; what comes with a fetch is right, there
and on Apache Kafka.  So whoever would refuse something because a log is too short asks here.
"""

from collections.abc import Iterable

from aiokafka import TopicPartition

from streams.brokers import reading

_ANSWER_MS = 2_000


async def log_ends(kafka: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """The end of each partition, by a fetch of its last record; raises KafkaError."""
    async with reading(kafka) as consumer:
        asked = list(partitions)
        begins: dict[TopicPartition, int] = await consumer.beginning_offsets(asked)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(asked)
        for partition in (one for one in asked if begins[one] < ends[one]):
            consumer.assign([partition])
            consumer.seek(partition, ends[partition] - 1)
            await consumer.getmany(partition, timeout_ms=_ANSWER_MS)
            ends[partition] = max(ends[partition], consumer.highwater(partition) or 0)
        return ends
