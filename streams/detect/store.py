"""The store of the table of memories.  Each cure of a trap of Faust's stands in one named place.

a partition comes   on_rebalance (drop what moved) -> on_recovery_completed (read the changelog, build the engine)
a row is written    Table.__setitem__ -> changelog record, acknowledged -> set_persisted_offset (holes are foreign)
"""

import asyncio
from collections import ChainMap
from collections.abc import MutableMapping
from typing import Any

from faust.stores import STORES, memory
from faust.streams import current_event
from faust.types import TP

from streams.detect.changelog import read_spans
from streams.detect.engines import Engines
from streams.detect.kept import Kept, Span
from streams.metrics import DETECT_FOREIGN, DETECT_REPAIRED
from streams.progress import PROGRESS

URL = "memories://changelog"
"""Faust silently takes its memory store for a URL without a host."""
MEND_AFTER_S = 1.0
"""Own records are acknowledged out of order within one batch; what is still missing after this is somebody else's."""


class NotOwnedError(LookupError):
    """The partition at hand is not loaded here: nothing of it is served or written."""


class Store(memory.Store[bytes, bytes]):
    """One dict per owned partition; see streams/detect/kept.py for the rule between two values of a key."""

    mundane_level = "debug"
    app: Any
    table: Any
    options: Any
    """Faust's interfaces leave out what its app and tables have; options are `engines` and `kafka`."""

    def __post_init__(self) -> None:
        self.kept: dict[int, Kept] = {}
        self._generation = 0
        self._catching_up = asyncio.Lock()
        self._mending: set[int] = set()

    @property
    def engines(self) -> Engines:
        """Where a partition's engine is built and dropped."""
        engines: Engines = self.options["engines"]
        return engines

    @property
    def data(self) -> MutableMapping[bytes, bytes]:  # type: ignore[override]
        """Cure for writes to a partition that has moved: reading raises NotOwnedError.

        The rows of the current event's partition, or all that are owned where there is no event.
        """
        event = current_event()
        if event is None:
            return ChainMap(*(kept.rows for kept in self.kept.values()))
        kept = self.kept.get(event.message.partition)
        if kept is None:
            raise NotOwnedError(f"{event.message.topic}/{event.message.partition}")
        return kept.rows

    def persisted_offset(self, tp: Any) -> None:
        """Faust's recovery is told nothing, and does nothing: see `on_rebalance`."""

    def apply_changelog_batch(self, batch: Any, to_key: Any, to_value: Any) -> None:
        """Faust's recovery brings nothing."""

    async def on_rebalance(self, assigned: Any, revoked: Any, newly_assigned: Any, generation_id: int = 0) -> None:  # noqa: ARG002  Faust calls so
        """Cure for the recovery race: Faust's recovery never fetches, so it can neither hang nor skip.

        No I/O here, aiokafka sends no heartbeat until this returns; and no trust in `newly_assigned`: a worker that
        was thrown out and came back sees a partition as kept.  What it kept is true, only old, and is read on.
        """
        self._generation = generation_id
        self.app.tables.recovery.need_recovery = lambda: False
        changelog = self.table.changelog_topic_name
        mine = {tp.partition for tp in self.app.assignor.assigned_actives() if tp.topic == changelog}
        for partition in self.kept.keys() - mine:
            del self.kept[partition]
            self.engines.drop(partition)

    async def on_recovery_completed(self, active_tps: Any, standby_tps: Any) -> None:  # noqa: ARG002
        """Awaited before the source is sought and resumed.  Cure for Faust swallowing what is raised here: crash."""
        try:
            await self._catch_up({tp.partition for tp in active_tps}, self._generation)
        except Exception as error:
            await self.app.crash(error)

    def set_persisted_offset(self, tp: TP, offset: int) -> None:
        """Cure for foreign writes: a hole among our own changelog records is read again, merged and mended."""
        kept = self.kept.get(tp.partition)
        if kept is not None and kept.acknowledged(offset) and tp.partition not in self._mending:
            self._mending.add(tp.partition)
            self.add_future(self._mend(tp.partition, self._generation))

    async def _mend(self, partition: int, generation: int) -> None:
        try:
            await self.sleep(MEND_AFTER_S)
            kept = self.kept.get(partition)
            if kept is not None and kept.ahead:
                DETECT_FOREIGN.inc()
                await self._catch_up({partition}, generation)
        finally:
            self._mending.discard(partition)

    async def _catch_up(self, partitions: set[int], generation: int) -> None:
        """A newer rebalance does not cancel this: it waits for the lock, and finds itself superseded here."""
        async with self._catching_up:
            if generation != self._generation:
                return
            before = {p: self.kept.get(p, Kept()) for p in partitions}
            starts = {p: kept.position for p, kept in before.items()}
            spans = await read_spans(self.options["kafka"], self.table.changelog_topic_name, starts)
            for partition, span in spans.items():
                await self._take(partition, span, before[partition], generation)

    async def _take(self, partition: int, span: Span, kept: Kept, generation: int) -> None:
        await self.engines.prepare(span.best)
        known = self.kept.get(partition)
        if known is not kept and (known is not None or generation != self._generation):
            return  # it has moved meanwhile
        buried, changed = kept.take(span)  # from here on nothing waits: rows and engine change together
        if changed or known is None:
            self.engines.own(partition, kept.rows)
        self.kept[partition] = kept
        PROGRESS.gets_on()
        for key, value in buried.items():
            DETECT_REPAIRED.inc()
            self.table.send_changelog(partition, key, value)


STORES.aliases["memories"] = f"{__name__}:Store"
