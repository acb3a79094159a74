"""How the source is read: Faust's consumer, its fetch guarded and its seek lowered to what the memories know."""

import asyncio
import logging
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
LAST_COMMIT_S = 3.0
"""Of the 9 s that a stop may take (app.py)."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that fetches, on a loop that is as quick as ours."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS
        return consumer

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Cure for a stop that meets a rebalance: who is told to stop joins no more; see Consumer.close.

        Until the thread is stopped this worker is still a member, so that its last commit is taken.
        """
        await super().on_partitions_revoked(revoked)
        if self.app.should_stop:
            await asyncio.Event().wait()  # on_thread_stop ends this

    async def on_thread_stop(self) -> None:
        """Cure for a stop that hangs: aiokafka cancels a fetch that waits for a broker, and with it the one who stops.

        The thread would end by that without a word to the one that waits for it.
        """
        await self._leave_rebalance()
        with suppress(asyncio.CancelledError):
            await super().on_thread_stop()

    async def _leave_rebalance(self) -> None:
        """aiokafka waits for its end, for as long as the slowest member lets it.

        A cancelling that falls into the end of a heartbeat is lost, hence more than one.
        """
        coordinator = None if self._consumer is None else self._consumer._coordinator
        while coordinator is not None and not coordinator._coordination_task.done():
            coordinator._coordination_task.cancel()
            await asyncio.wait([coordinator._coordination_task], timeout=0.1)


class Consumer(driver.Consumer):
    """Faust's consumer; the app has `engines` and `source`, the name of the topic they read."""

    mundane_level = "debug"
    app: Any

    def __post_init__(self) -> None:
        self._guard = FetchGuard(lambda: self.app.rebalancing_count)
        self._gave_up = False

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon, thread_loop=new_event_loop())

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        return await self._guard.fetch(lambda: super(Consumer, self)._getmany(active_partitions, timeout))

    async def wait_empty(self) -> None:
        """Cure for a stop that hangs: after a crash the record in hand is never done, and nothing must be committed.

        Nor is a last commit taken by a broker that is away, or by an aiokafka that is being closed: it tries for ever.
        What is not committed is read again, and known by the offset in each memory.
        """
        if self.app.crash_reason is not None or self._gave_up:
            return
        emptying = asyncio.ensure_future(super().wait_empty())
        try:
            while not emptying.done() and not self.app.should_stop:
                await asyncio.wait([emptying], timeout=1.0)
            await asyncio.wait([emptying], timeout=LAST_COMMIT_S)
        finally:
            self._gave_up = not emptying.done()
            emptying.cancel()
        if self._gave_up:
            logging.getLogger("stage").warning("not committed within %.0f s: is read again", LAST_COMMIT_S)
        else:
            emptying.result()

    def close(self) -> None:
        """Cure for a crash of the process, or a stop that hangs, where a rebalance meets a stop.

        Faust closes aiokafka's client here in ours instead of its own thread.  Two loops of uvloop at one connection:
        a segmentation fault.  A commit under way loses its connection: aiokafka, closing, asks for no coordinator, and
        tries for ever.  The thread's own stop closes it, and leaves the group.
        """

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
