"""How the source is read: Faust's consumer, its fetch guarded and its seek lowered to what the memories know."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from uvloop import new_event_loop

from streams.detect.engines import Engines
from streams.detect.fetch_guard import FetchGuard
from streams.log_ends import log_ends

_FETCH_WAIT_MS = 100
"""Faust says 1,500: Tansu waits out half of that before it hands over what came meanwhile."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that fetches, on a loop that is as quick as ours."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS
        return consumer

    async def on_thread_stop(self) -> None:
        """Cure for a stop that hangs: aiokafka cancels a fetch that waits for a broker, and with it the one who stops.

        The thread would end by that without a word to the one that waits for it.
        """
        with suppress(asyncio.CancelledError):
            await super().on_thread_stop()


class Consumer(driver.Consumer):
    """Faust's consumer; the app has `engines` and `source`, the name of the topic they read."""

    mundane_level = "debug"
    app: Any

    def __post_init__(self) -> None:
        self._guard = FetchGuard(lambda: self.app.rebalancing_count)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon, thread_loop=new_event_loop())

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        return await self._guard.fetch(lambda: super(Consumer, self)._getmany(active_partitions, timeout))

    async def wait_empty(self) -> None:
        """Cure for a stop that hangs: after a crash the record in hand is never done, and nothing must be committed."""
        if self.app.crash_reason is None:
            await super().wait_empty()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Every seek of the source comes through here; see Engines.resume_at."""
        return await self._guard.seek(self._seek_lowered)

    async def _seek_lowered(self) -> Mapping[TP, int]:
        committed = await super().seek_to_committed()
        positions = await self._positions(committed)
        if positions:
            await self.seek_wait(positions)
        return {**committed, **positions}

    async def _positions(self, committed: Mapping[TP, int]) -> dict[TP, int]:
        source: str = self.app.source
        engines: Engines = self.app.engines
        owned = [tp for tp in committed if tp.topic == source]
        if not owned:
            return {}
        begin, end = await self.earliest_offsets(*owned), await self.highwaters(*owned)
        if any(engines.newest(tp.partition) >= end[tp] for tp in owned):
            found = await log_ends(self.app.kafka, (TopicPartition(*tp) for tp in owned))
            end = {tp: found[TopicPartition(*tp)] for tp in owned}
        positions = {}
        try:
            for tp in owned:
                at = engines.resume_at(tp.partition, committed[tp], begin[tp], end[tp])
                if at is not None:
                    positions[tp] = at
        except Exception as error:
            await self.app.crash(error)  # Faust goes on without a word of it
        return positions


class Transport(driver.Transport):
    """Faust's transport with our consumer."""

    Consumer = Consumer
