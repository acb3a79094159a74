"""What detect keeps and says, while it does and at the end; and what an engine keeps and says that nobody disturbs.

Both have read the same log.  The table is compared memory for memory, the alerts byte for byte, repeats aside.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.core.engine import Engine
from alerts.core.memory import Memory
from alerts.core.world import World
from alerts.rules import RULES
from streams.codec import decode, encode_alert
from streams.detect.changelog import read_spans
from streams.memories import StoredEngine, unpack, world_of
from streams.settings import Settings
from streams.version_log import read_versions
from tests.crash.outcome import Outcome
from tests.integration.logs import values_of

Rows = dict[str, bytes]
AT_END_WITHIN_S = 90.0


@dataclass
class Undisturbed:
    """The rows of every partition, and all that is said."""

    rows: list[Rows] = field(default_factory=list)
    said: Counter[bytes] = field(default_factory=Counter)
    ends: list[int] = field(default_factory=list)


async def undisturbed(settings: Settings) -> Undisturbed:
    """By one engine a partition, in this process, over the log as it is."""
    contents = await read_versions(settings.kafka, settings.topics)
    logs = await values_of(settings, settings.topics.reports)
    return await asyncio.to_thread(_undisturbed, contents, logs)


def _undisturbed(contents: Mapping[str, object], logs: list[list[bytes]]) -> Undisturbed:
    found = Undisturbed()
    for log in logs:
        engine, rows = StoredEngine(Engine(contents, RULES)), Rows()
        for offset, value in enumerate(log):
            step = engine.apply(offset, decode(value))
            rows.update(step.writes)
            found.said.update(encode_alert(alert) for alert in step.alerts)
            engine.commit(step)
        found.rows.append(rows)
        found.ends.append(len(log))
    return found


class Progress:
    """How long each partition of the table waited for its next row, the longest."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: dict[int, float] = {}
        self._counting = True
        self._reading: asyncio.Task[None] | None = None
        self.longest_s = 0.0

    async def __aenter__(self) -> "Progress":
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._reading is not None
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    async def everywhere(self, within_s: float = AT_END_WITHIN_S) -> None:
        """Returns when every partition has got a row from now on; raises TimeoutError."""
        since, count = time.monotonic(), self._settings.topics.reports.partitions
        async with asyncio.timeout(within_s):
            while sum(seen > since for seen in self._seen.values()) < count:
                await asyncio.sleep(0.05)

    def stop(self) -> None:
        """Nothing more comes, so nobody waits; who still does, has waited until now."""
        now = time.monotonic()
        self.longest_s = max([self.longest_s, *(now - seen for seen in self._seen.values())])
        self._counting = False

    async def _read(self) -> None:
        name, count = self._settings.topics.changelog.name, self._settings.topics.reports.partitions
        async with _from_begin(self._settings.kafka) as consumer:
            while name not in await consumer.topics():
                await asyncio.sleep(0.1)
            consumer.assign([TopicPartition(name, number) for number in range(count)])
            while True:
                for tp in await consumer.getmany(timeout_ms=200):
                    self._take(tp.partition)

    def _take(self, partition: int) -> None:
        now = time.monotonic()
        if self._counting:
            self.longest_s = max(self.longest_s, now - self._seen.get(partition, now))
        self._seen[partition] = now


def _from_begin(kafka: str) -> AIOKafkaConsumer:
    """A worker may have written before the first look."""
    return AIOKafkaConsumer(bootstrap_servers=kafka, fetch_max_wait_ms=100, auto_offset_reset="earliest")


@dataclass
class Kept:
    """What the changelog has: the rows that a new owner would take, and those that compaction would leave."""

    rows: list[Rows]
    buried: list[str]


async def kept(settings: Settings) -> Kept:
    starts = dict.fromkeys(range(settings.topics.reports.partitions), 0)
    spans = await read_spans(settings.kafka, settings.topics.changelog.name, starts)
    rows = [{key.decode(): value for key, value in spans[number].best.items()} for number in starts]
    return Kept(rows, sorted(key.decode() for span in spans.values() for key in span.buried))


async def compacted_away(settings: Settings) -> int:
    """How many records of the changelog are no longer there, though nothing was deleted before its begin."""
    topic = settings.topics.changelog
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka) as consumer:
        ends = await consumer.end_offsets([TopicPartition(topic.name, number) for number in range(topic.partitions)])
    left = await values_of(settings, topic)
    return sum(ends.values()) - sum(map(len, left))


async def kept_at_end(settings: Settings, ends: list[int], within_s: float = AT_END_WITHIN_S) -> tuple[Kept, bool]:
    """The table once it has taken the last record of every partition; what it is then, and False, where it never does.

    That last one is an interval, which the world keeps.  It has all the time that it gets on in: a long run leaves it
    far behind on a machine that is busy.
    """
    before, moved_at = list[int](), time.monotonic()
    while True:
        began = time.monotonic()
        found = await kept(settings)
        reached = [_reached(rows) for rows in found.rows]
        if reached == [end - 1 for end in ends] and not found.buried:
            return found, True
        if reached != before:
            before, moved_at = reached, time.monotonic()
        elif time.monotonic() - moved_at > within_s:
            return found, False
        await asyncio.sleep(max(1.0, time.monotonic() - began))


def _reached(rows: Rows) -> int:
    return world_of(rows.items()).offset


async def compared(settings: Settings, expected: Undisturbed, found: Kept, older: Counter[str], to: Outcome) -> None:
    """Writes into the outcome what is lost, wrong and repeated."""
    for number, rows in enumerate(expected.rows):
        _compared_rows(number, rows, found.rows[number], older, to)
    for key in found.buried:
        to.wrong(f"{key}: an older memory stands last in the changelog, and would outlive compaction")
    said = Counter(value for values in await values_of(settings, settings.topics.alerts) for value in values)
    for value in expected.said.keys() - said.keys():
        to.lost(1, f"never said: {_short(value)}")
    for value in said.keys() - expected.said.keys():
        to.wrong(f"said, but not by an undisturbed engine: {_short(value)}")
    to.repeated += sum(max(0, count - expected.said[value]) for value, count in said.items() if value in expected.said)


def _compared_rows(number: int, expected: Rows, found: Rows, older: Counter[str], to: Outcome) -> None:
    to.keys += len(expected)
    for key in expected.keys() | found.keys():
        counted, wanted = _older(key, found.get(key)), _older(key, expected.get(key))
        assert wanted == older[key], f"{key}: sent {older[key]}, an undisturbed engine has {wanted}"
        if counted < wanted:
            to.lost(wanted - counted, f"{key}: counted {counted} of {wanted}")
        elif counted > wanted:
            to.wrong(f"{key}: counted {counted}, sent {wanted}")
        elif _memory(key, found) != _memory(key, expected):
            to.wrong(f"{key!r} of partition {number}: another memory than an undisturbed engine's")


def _memory(key: str, rows: Rows) -> Memory | World | None:
    """Without the wake in its header, of which a worker that took over knows a lower bound."""
    value = rows.get(key)
    return None if value is None else unpack(key, value)


def _older(key: str, value: bytes | None) -> int:
    memory = None if value is None else unpack(key, value)
    return memory.older if isinstance(memory, Memory) else 0


def _short(value: bytes) -> str:
    return value.decode(errors="replace")[:160]
