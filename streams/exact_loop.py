"""The exactly-restarting loop that ingest and clock share.

    partition assigned --> its snapshot, or the beginning --> read from its `next` on
      read --> work --> outputs acknowledged --> the new state
                                                   |-- every 10 s, when told to stop, when taken away --> snapshot

A snapshot never knows of an output that is not acknowledged, so a death repeats outputs and loses none; what repeats
carries its origin and is recognised.  Two members of the group share the partitions; of one partition, one stands by.
"""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from alerts.core.instants import Instant
from streams.heeding import heed_cancellation
from streams.log_ends import log_ends
from streams.metrics import LOADED_SECONDS, READY
from streams.progress import PROGRESS
from streams.settings import ConfigError, Settings
from streams.snapshots import Snapshot, Snapshots, unreadable
from streams.topics import Topic
from streams.topics_admin import generation

SAVE_EVERY_S = 10.0
SESSION_MS, HEARTBEAT_MS = 6_000, 1_000
_WAIT_MS, _MOST_RECORDS = 200, 500
_SOON_S = 0.01
_PORTION_BYTES = 1_000_000
"""Of records in one step, about: while it runs, no heartbeat is sent."""
_log = logging.getLogger("loop")
S = TypeVar("S")
Rows = Sequence[tuple[int, bytes]]


@dataclass(slots=True)
class Owned(Generic[S]):
    """One partition that is read here; `rows` are fetched and not applied yet.

    `quiet_since_s` is when it was last read to its end with nothing coming.
    """

    source: str
    state: S
    next: int
    saved: int
    saved_s: float
    rows: Rows = ()
    quiet_since_s: float | None = None
    hole: int | None = None


class Work(Protocol[S]):
    """What a stage does with its log.  States are values."""

    name: str

    def first(self) -> S:
        """The state before the first record."""

    def dump(self, state: S) -> bytes:
        """The state as bytes."""

    def load(self, data: bytes) -> S:
        """The inverse; raises ValueError for what it does not know."""

    def reached(self, state: S) -> Instant:
        """Which partition is next: the one that is furthest behind."""

    def may_apply(self, source: str, state: S) -> bool:
        """Whether more may be applied to this one now; False: soon."""

    async def apply(self, source: str, state: S, rows: Rows) -> tuple[S, int]:
        """The state after the first records of these of `source`, and how many it took; none: soon.

        What they bring is acknowledged.
        """

    async def pause(self, owned: Mapping[int, Owned[S]]) -> None:
        """After every reading: what a stage does by the clock on the wall."""


class ExactLoop(ConsumerRebalanceListener, Generic[S]):  # type: ignore[misc]  # aiokafka has no types
    """Reads one topic for one stage until cancelled."""

    def __init__(self, settings: Settings, topic: Topic, work: Work[S]) -> None:
        self._settings, self._topic, self._work = settings, topic, work
        self._owned: dict[int, Owned[S]] = {}
        self._lock = asyncio.Lock()
        self._snapshots = Snapshots(settings.kafka, settings.topics)
        self._generation = ""
        self._hand: asyncio.Task[None] | None = None
        self._failed: Exception | None = None
        self._consumer: Any = None

    async def run(self) -> None:
        """Until cancelled; then what is in hand is finished and kept.  Raises ConfigError for a log made anew."""
        self._generation = await generation(self._settings.kafka, self._topic.name)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._snapshots)
            self._consumer = self._member()
            await self._consumer.start()
            stack.push_async_callback(self._consumer.stop)
            self._consumer.subscribe([self._topic.name], listener=self)
            try:
                while True:
                    heed_cancellation()
                    await self._in_hand(self._take(*await self._fetched()))
            except asyncio.CancelledError:
                await self._leave()
                raise

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:  # noqa: ARG002
        """Finishes, keeps and drops all: the next owner reads the snapshot."""
        async with self._lock:
            READY.set(0)
            await self._told(self._drop())

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Takes up where the last owner ended."""
        async with self._lock:
            await self._told(self._take_over(sorted(tp.partition for tp in assigned)))
            READY.set(0 if self._failed else 1)

    def _member(self) -> Any:
        return AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            group_id=f"{self._settings.topics.prefix}-{self._work.name}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            fetch_max_wait_ms=_WAIT_MS // 2,
            max_partition_fetch_bytes=4_194_304,
        )

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        """aiokafka logs what a listener raises and goes on; so it is raised again where the loop reads."""
        try:
            await work
        except Exception as error:
            self._failed = error

    async def _in_hand(self, work: Coroutine[Any, Any, None]) -> None:
        """Is finished even when the stage is told to stop."""
        self._hand = asyncio.create_task(work)
        await asyncio.shield(self._hand)

    async def _leave(self) -> None:
        if self._hand is not None:
            await self._hand
        async with self._lock:
            await self._drop()

    async def _fetched(self) -> tuple[Sequence[int], Mapping[TopicPartition, Sequence[Any]]]:
        """The partitions that were asked, those with nothing in hand, and what came of them.

        Who asks for all at once gets of one alone as long as that has enough: the others would seem to have ended.
        """
        asked = [number for number, owned in self._owned.items() if not owned.rows]
        if self._owned and not asked:
            return (), {}
        wait_ms = 0 if self._has_rows() else _WAIT_MS
        partitions = [TopicPartition(self._topic.name, number) for number in asked]
        found = dict(await self._consumer.getmany(*partitions, timeout_ms=wait_ms, max_records=_MOST_RECORDS))
        for tp in partitions:
            if tp not in found:
                found |= await self._consumer.getmany(tp, timeout_ms=0, max_records=_MOST_RECORDS)
        return asked, found

    async def _take(self, asked: Sequence[int], fetched: Mapping[TopicPartition, Sequence[Any]]) -> None:
        async with self._lock:
            if self._failed is not None:
                raise self._failed
            for number in asked:
                self._shelve(number, fetched.get(TopicPartition(self._topic.name, number), ()))
            await self._work_off()
            await self._work.pause(self._owned)
            self._tell_progress()

    def _tell_progress(self) -> None:
        for number, owned in self._owned.items():
            end = self._consumer.highwater(TopicPartition(self._topic.name, number))
            PROGRESS.applied(self._topic.name, number, owned.next, end)

    def _shelve(self, number: int, records: Sequence[Any]) -> None:
        owned = self._owned.get(number)
        if owned is None:
            return  # it has moved meanwhile
        if records:
            owned.quiet_since_s, owned.rows = None, self._wanted(number, owned, records)
        elif owned.quiet_since_s is None and self._is_at_end(number, owned):
            owned.quiet_since_s = asyncio.get_running_loop().time()

    def _is_at_end(self, number: int, owned: Owned[S]) -> bool:
        """As far as the broker has said: records may be on their way, or wait in the consumer."""
        end = self._consumer.highwater(TopicPartition(self._topic.name, number))
        return end is not None and owned.next >= end

    async def _work_off(self) -> None:
        """One portion of each partition, that of the one furthest behind first: none runs away from the others."""
        worked = False
        for number in sorted(self._owned, key=self._reached):
            owned = self._owned[number]
            if owned.rows and self._work.may_apply(owned.source, owned.state):
                worked = await self._apply(owned) or worked
            if asyncio.get_running_loop().time() - owned.saved_s >= SAVE_EVERY_S:
                await self._save(number, owned)
        if not worked and self._has_rows():
            await asyncio.sleep(_SOON_S)

    async def _apply(self, owned: Owned[S]) -> bool:
        portion = next(portions(owned.rows, _PORTION_BYTES))
        owned.state, taken = await self._work.apply(owned.source, owned.state, portion)
        if taken:
            owned.next, owned.rows = portion[taken - 1][0] + 1, owned.rows[taken:]
        return taken > 0

    def _has_rows(self) -> bool:
        return any(owned.rows for owned in self._owned.values())

    def _reached(self, number: int) -> tuple[Instant, int]:
        return self._work.reached(self._owned[number].state), number

    def _wanted(self, number: int, owned: Owned[S], records: Sequence[Any]) -> list[tuple[int, bytes]]:
        """Those from `next` on, without a gap: a fetch in flight across a rebalance comes from elsewhere."""
        rows = [(record.offset, record.value or b"") for record in records if record.offset >= owned.next]
        if rows and rows[0][0] > owned.next and owned.hole != rows[0][0]:
            owned.hole = rows[0][0]  # once more; where it is the same again, nothing is there
            self._consumer.seek(TopicPartition(self._topic.name, number), owned.next)
            return []
        return rows

    async def _take_over(self, numbers: Sequence[int]) -> None:
        if not numbers:
            _log.info("%s stands by", self._work.name)
            return  # it stands by; aiokafka waits for ever when it is asked for the offsets of nothing
        begun_s = asyncio.get_running_loop().time()
        keys = {number: f"{self._work.name}/{number}" for number in numbers}
        stored = await self._snapshots.load(keys.values())
        partitions = [TopicPartition(self._topic.name, number) for number in numbers]
        begins = await self._consumer.beginning_offsets(partitions)
        ends = await log_ends(self._settings.kafka, partitions)
        for tp in partitions:
            owned = self._begun(tp, stored.get(keys[tp.partition]), begins[tp], ends[tp])
            self._consumer.seek(tp, owned.next)
            self._owned[tp.partition] = owned
        LOADED_SECONDS.set(asyncio.get_running_loop().time() - begun_s)
        _log.info("%s has partitions %s", self._work.name, numbers)

    def _begun(self, tp: TopicPartition, stored: bytes | None, begin: int, end: int) -> Owned[S]:
        source = f"{tp.topic}:{self._generation}:{tp.partition}"
        now_s = asyncio.get_running_loop().time()
        if stored is None:
            return Owned(source, self._work.first(), begin, begin, now_s)
        snapshot, state = self._read(tp.partition, stored)
        if snapshot.source != source or snapshot.next > end:
            raise ConfigError(f"kafka {self._settings.kafka}", f"topic {tp.topic}", _made_anew(tp, snapshot, end))
        if snapshot.next < begin:
            _log.warning("%s: offsets %d to %d were no longer kept by Kafka", tp, snapshot.next, begin - 1)
        next_offset = max(begin, snapshot.next)
        return Owned(source, state, next_offset, next_offset, now_s)

    def _read(self, number: int, stored: bytes) -> tuple[Snapshot, S]:
        try:
            snapshot = Snapshot.load(stored)
            return snapshot, self._work.load(snapshot.state)
        except ValueError as error:
            raise ConfigError("snapshot", f"{self._work.name}/{number}", unreadable(error)) from error

    async def _drop(self) -> None:
        owned, self._owned = self._owned, {}
        for number, one in owned.items():
            PROGRESS.dropped(self._topic.name, number)
            await self._save(number, one)

    async def _save(self, number: int, owned: Owned[S]) -> None:
        owned.saved_s = asyncio.get_running_loop().time()
        if owned.next == owned.saved:
            return
        snapshot = Snapshot(owned.source, owned.next, self._work.dump(owned.state))
        await self._snapshots.save(f"{self._work.name}/{number}", snapshot.dump())
        owned.saved = owned.next


def portions(rows: Rows, most_bytes: int) -> Iterator[Rows]:
    """Runs of rows of about `most_bytes` each, at least one row."""
    begun = size = 0
    for n, (_, value) in enumerate(rows):
        if size and size + len(value) > most_bytes:
            yield rows[begun:n]
            begun, size = n, 0
        size += len(value)
    if begun < len(rows):
        yield rows[begun:]


def _made_anew(tp: TopicPartition, snapshot: Snapshot, end: int) -> str:
    return (
        f"the log that was read before ({snapshot.source}, {snapshot.next} records or more on partition "
        f"{tp.partition}), found one of {end} that was made anew; take a new prefix, or make all topics anew"
    )
