"""What happens to one record of `ais.reports`: alerts first, memories after, nothing between two owners.

    record --> engine.apply --> alerts, acknowledged by Kafka --> memories, the world last --> engine.commit

A crash between alert and memory repeats an alert with the same id, and can never lose one.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from alerts.core.alert import Alert
from alerts.core.engine import Record
from alerts.core.intervals import Cover, IntervalClosed, Watched
from alerts.core.reports import Report
from streams.codec import UnknownRecordError, decode
from streams.detect.engines import Engines
from streams.memories import StoredEngine, StoredStep
from streams.metrics import DETECT_ALERTS, DETECT_LEARNED, DETECT_LIMIT_MINUTES, DETECT_RECORDS, DETECT_REPEATS

log = logging.getLogger(__name__)

_TAKEN = {kind: DETECT_RECORDS.labels(kind=kind.__name__) for kind in (Report, Watched, Cover, IntervalClosed)}

Publish = Callable[[Iterable[Alert]], Awaitable[None]]
"""Returns when Kafka has acknowledged all of them."""
Refuse = Callable[[Any, str], Awaitable[None]]
"""A record that cannot be used, and why; returns when it is acknowledged as a dead letter."""


class Detective:
    """Takes records one by one; `table` may be written only while the record's event is the current one."""

    def __init__(self, engines: Engines, table: MutableMapping[bytes, bytes], publish: Publish, refuse: Refuse) -> None:
        self._engines = engines
        self._table = table
        self._publish = publish
        self._refuse = refuse

    async def take(self, message: Any) -> None:
        """One record, whole: `message` has partition, offset and value."""
        self._engines.arrived(message.partition, message.offset)
        DETECT_REPEATS.inc(message.offset <= self._engines.newest(message.partition))
        try:
            record = record_of(message.value)
        except UnknownRecordError as error:
            DETECT_RECORDS.labels(kind="undecodable").inc()
            await self._refuse(message, str(error))
            return
        _TAKEN[type(record)].inc()
        await self._apply(message.partition, message.offset, record)

    async def _apply(self, partition: int, offset: int, record: Record) -> None:
        """Again, if the engine was exchanged while an alert was on its way; not at all, if the partition moved."""
        while (engine := self._engines.of(partition)) is not None:
            step = await self._engines.knowing_versions(lambda: engine.apply(offset, record))
            if step.alerts:
                await self._publish(step.alerts)
            if self._engines.of(partition) is engine:
                self._write(step)
                self._commit(engine, step)
                return

    def _commit(self, engine: StoredEngine, step: StoredStep) -> None:
        world, limit_min = engine.engine.world, engine.engine.limit_min
        engine.commit(step)
        if engine.engine.world is not world:
            _tell_limit(engine, limit_min)

    def _write(self, step: StoredStep) -> None:
        for key, value in step.writes:
            self._table[key.encode()] = value
        for alert in step.alerts:
            DETECT_ALERTS.labels(rule=alert.rule, event=str(alert.event)).inc()


def _tell_limit(engine: StoredEngine, before_min: float) -> None:
    limit_min, silences = engine.engine.limit_min, engine.engine.world.water.silences
    DETECT_LIMIT_MINUTES.set(limit_min)
    DETECT_LEARNED.set(silences)
    if limit_min != before_min:
        told = "dark after %g witnessed min, before %g: %d silences were learned beside the version of the cover"
        log.info(told, limit_min, before_min, silences)


def record_of(value: bytes | None) -> Record:
    """The record; raises UnknownRecordError, also for the kinds that the clock reads."""
    record = decode(value or b"")
    if isinstance(record, Report | Watched | Cover | IntervalClosed):
        return record
    raise UnknownRecordError(f"expected a report, a watch entry, an interval or its cover, got {type(record).__name__}")
