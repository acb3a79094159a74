"""Somebody's Kafka topic as a feed: a record holds one line or more, and was received when it was written.

No consumer group: where reading goes on is kept beside what was made of it.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.core.instants import Instant
from streams.feeds.inbox import now
from streams.feeds.merging import Row, portion_of, ripe
from streams.feeds.portions import MOST_LINES, Place, Portion, Position
from streams.metrics import FEED_CONNECTED
from streams.settings import ConfigError
from streams.topics_admin import generation, partition_count

_GATHER_MS = 100
_QUIET_AFTER = 10
"""Fetches without a record, after which nothing is waited for."""
_GONE_AFTER = 100
_NO_PARTITION = -1


class KafkaFeed:
    """One topic, all its partitions; begins at the oldest record that is kept."""

    generation = ""

    def __init__(self, name: str, bootstrap: str, topic: str) -> None:
        self.name = name
        self.what = f"kafka {topic}"
        self._bootstrap, self._topic = bootstrap, topic
        self._buffers: dict[int, deque[Row]] = {}
        self._fruitless: dict[int, int] = {}
        self._idle: set[int] = set()
        self._consumer: Any = None

    async def identify(self) -> None:
        """Asks for the topic's generation; raises ConfigError where there is no such topic."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_GATHER_MS,
            max_partition_fetch_bytes=4_194_304,
            check_crcs=False,
        )
        await self._consumer.start()
        count = await partition_count(self._bootstrap, self._topic)
        if count is None:
            raise ConfigError("feeds", self.name, f"a topic of {self._bootstrap}, got {self._topic!r}")
        self._buffers = {number: deque() for number in range(count)}
        self.generation = await generation(self._bootstrap, self._topic)

    async def open(self, position: Position) -> None:
        """Seeks to the position, in partitions that it does not name to the oldest record."""
        self._fruitless = dict.fromkeys(self._buffers, 0)
        self._consumer.assign([self._tp(number) for number in self._buffers])
        oldest = await self._consumer.beginning_offsets([self._tp(number) for number in self._buffers])
        for tp, begin in oldest.items():
            self._consumer.seek(tp, max(begin, position.get(tp.partition, begin)))
        FEED_CONNECTED.labels(feed=self.name).set(1)

    async def next(self) -> Portion | None:
        """The records that nothing can still go before; when it is quiet, the time of now without a line."""
        for _ in range(_QUIET_AFTER):
            await self._fill()
            taken = ripe(self._buffers, self._idle, MOST_LINES)
            if taken:
                return portion_of(taken)
        return _quiet(now())

    async def again(self, place: Place) -> Portion:
        """The records at the place; raises ConfigError where they are kept no more."""
        if place[0][0] == _NO_PARTITION:
            return _quiet(place[0][1])
        return portion_of({number: await self._rows(number, end) for number, _, end in place})

    async def rest(self) -> Portion | None:
        """It stays in the topic."""
        return None

    async def close(self) -> None:
        """Ends the connection."""
        FEED_CONNECTED.labels(feed=self.name).set(0)
        if self._consumer is not None:
            await self._consumer.stop()

    def _tp(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic, number)

    async def _fill(self) -> None:
        """Fetches for partitions that are low; waits only for what is missed."""
        low = [self._tp(number) for number, rows in self._buffers.items() if len(rows) < MOST_LINES // 4]
        missed = [number for number, rows in self._buffers.items() if not rows and number not in self._idle]
        if not low:
            return
        wait_ms = _GATHER_MS if missed or not any(self._buffers.values()) else 0
        fetched = await self._consumer.getmany(*low, timeout_ms=wait_ms, max_records=MOST_LINES)
        for tp in low:
            await self._take_in(tp, fetched.get(tp, ()))

    async def _take_in(self, tp: TopicPartition, records: Sequence[Any]) -> None:
        number = tp.partition
        self._buffers[number].extend(_row(record) for record in records)
        self._fruitless[number] = 0 if records else self._fruitless[number] + 1
        if self._buffers[number]:
            self._idle.discard(number)
            return
        highwater = self._consumer.highwater(tp)
        at_end = highwater is not None and await self._consumer.position(tp) >= highwater
        if at_end or self._fruitless[number] >= _QUIET_AFTER:
            self._idle.add(number)

    async def _rows(self, number: int, end: int) -> list[Row]:
        """The rows before `end`, which are the next ones."""
        rows: list[Row] = []
        buffer = self._buffers[number]
        while not rows or rows[-1].offset < end - 1:
            await self._some(number, end)
            if buffer[0].offset >= end:
                break
            rows.append(buffer.popleft())
        return rows

    async def _some(self, number: int, end: int) -> None:
        for _ in range(_GONE_AFTER):
            if self._buffers[number]:
                return
            await self._fill()
        expected = f"the records before {end}, which were begun; give the feed a new name"
        raise ConfigError(self.what, f"partition {number}", expected)


def _quiet(at: Instant) -> Portion:
    """No line, but a time: what is held may be held too long."""
    return Portion(((at, []),), ((_NO_PARTITION, at, at),))


def _row(record: Any) -> Row:
    return Row(record.offset, record.timestamp if record.timestamp > 0 else None, record.value or b"")
