"""Whole values under a key in the compacted topic of snapshots: the last one counts.

What has read a log keeps here how far it had come and what it knew then; a new owner reads on from there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
import zstandard
from aiokafka import AIOKafkaProducer, TopicPartition

from streams.brokers import reading, until_end
from streams.settings import ConfigError
from streams.topics import Topics

MOST_BYTES = 8_000_000
"""Compressed; the topic takes no larger record."""


class TooLargeError(Exception):
    """A snapshot that does not fit into one record."""


class Snapshots:
    """Reads and writes snapshots; a value is acknowledged when `save` returns."""

    def __init__(self, kafka: str, topics: Topics) -> None:
        self._kafka = kafka
        self._topic = topics.snapshots.name
        self._producer: Any = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_request_size=2 * MOST_BYTES)

    async def __aenter__(self) -> "Snapshots":
        await self._producer.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._producer.stop()

    async def save(self, key: str, value: bytes) -> None:
        """Replaces the value of a key; raises KafkaError or TooLargeError."""
        packed = zstandard.compress(value)
        if len(packed) > MOST_BYTES:
            told = (
                f"snapshot {key}: expected at most {MOST_BYTES} bytes, got {len(packed)}; take more source partitions"
            )
            raise TooLargeError(told)
        await self._producer.send_and_wait(self._topic, packed, key=key.encode())

    async def load(self, keys: Collection[str]) -> dict[str, bytes]:
        """The last value of each key that has one; raises ConfigError for one that is no snapshot."""
        wanted, found = {key.encode() for key in keys}, {}
        tp = TopicPartition(self._topic, 0)
        async with reading(self._kafka, auto_offset_reset="earliest") as consumer:
            consumer.assign([tp])
            async for record in until_end(consumer, [tp]):
                if record.key in wanted and record.value is not None:
                    found[record.key.decode()] = record.value
        return {key: _unpacked(key, packed) for key, packed in found.items()}


def _unpacked(key: str, packed: bytes) -> bytes:
    try:
        return zstandard.decompress(packed)
    except zstandard.ZstdError as error:
        raise ConfigError("snapshot", key, unreadable(ValueError(str(error)))) from error


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a stage knows of one source partition: `state` is after all records before offset `next`.

    `source` is `topic:generation:partition`.
    """

    source: str
    next: int
    state: bytes

    def dump(self) -> bytes:
        """The stored form."""
        return _VERSION + msgspec.msgpack.encode(self)

    @staticmethod
    def load(data: bytes) -> "Snapshot":
        """The inverse; raises ValueError for what another version of this program wrote."""
        return _snapshot.decode(behind(_VERSION, data))


def behind(version: bytes, data: bytes) -> bytes:
    """What follows the version's word in a stored value; raises ValueError where it starts with another."""
    if not data.startswith(version):
        raise ValueError(f"{version.decode().strip()}, found {data[:12]!r}")
    return data[len(version) :]


def unreadable(error: ValueError) -> str:
    """What is expected where a snapshot cannot be read.

    Refused, because to begin at the oldest record kept would be wrong without a word: what was told would be told
    again by one who knows neither ships nor bindings of then, and what is no longer kept would be missing.
    """
    return f"a snapshot that this version reads ({error}): run the version that wrote it, or take a new prefix"


_VERSION = b"snapshot/1 "
_snapshot = msgspec.msgpack.Decoder(Snapshot)
