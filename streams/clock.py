"""The clock stage: `hullwatch clock`.

    ais.clock --alerts.core.clock.step--> alerts, acknowledged --> closed intervals, to every partition of ais.reports

It reads one totally ordered log, so whoever runs it writes the same.  A second one stands by.
"""

import argparse
import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack

import msgspec

from alerts.core.alert import Alert
from alerts.core.clock import ClockState, Output, step
from alerts.core.ended import SilencesEnded
from alerts.core.fallen import FellSilent
from alerts.core.instants import SECOND, Instant
from alerts.core.intervals import (
    BY_CLOCK,
    Announced,
    CellsHeard,
    ClockRecord,
    Cover,
    IntervalClosed,
    Jumped,
    Outage,
    OutageFound,
    Reception,
    Tick,
)
from alerts.core.reports import Origin
from streams.cli import add_settings, run_stage, settings_of
from streams.codec import UnknownRecordError, decode, encode, encode_alert
from streams.early import Watch, early, seen
from streams.exact_loop import ExactLoop, Owned, Rows
from streams.metrics import CLOCK_ALERTS, CLOCK_INTERVALS, CLOCK_REJECTED, CLOCK_REPEATS, CLOCK_SECONDS
from streams.ordered import Ordered
from streams.settings import Settings
from streams.snapshots import behind
from streams.topics import Topics
from streams.topics_admin import ensure_topics

_VERSION = b"clock/1 "
_state = msgspec.msgpack.Decoder(ClockState)


async def run(settings: Settings) -> None:
    """Runs until cancelled.  Raises ConfigError where the topics are other ones."""
    await ensure_topics(settings.kafka, settings.topics)
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(Ordered(settings.kafka))
        loop = ExactLoop(settings, settings.topics.clock, _Clock(settings.topics, writer))
        await loop.run()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch clock`."""
    add_settings(parser)


def main(args: argparse.Namespace) -> int:
    """Runs the stage until SIGTERM or SIGINT."""
    settings = settings_of(args)
    return run_stage(lambda: run(settings), settings)


class _Clock:
    """What the loop does with the clock's log."""

    name = "clock"

    def __init__(self, topics: Topics, writer: Ordered) -> None:
        self._topics, self._writer = topics, writer
        self._watch = Watch()
        self._told: set[Outage] = set()

    def first(self) -> ClockState:
        return ClockState()

    def dump(self, state: ClockState) -> bytes:
        return dumped(state)

    def load(self, data: bytes) -> ClockState:
        return loaded(data)

    def reached(self, state: ClockState) -> Instant:
        return state.clock or 0

    def may_apply(self, source: str, state: ClockState) -> bool:  # noqa: ARG002  the clock waits for nobody
        return True

    async def apply(self, source: str, state: ClockState, rows: Rows) -> tuple[ClockState, int]:
        outputs: list[Output] = []
        dead: list[tuple[bytes, dict[str, str]]] = []
        for offset, value in rows:
            try:
                record = _record(value)
            except UnknownRecordError as error:
                dead.append((value, {"stage": "clock", "source": f"{source}:{offset}", "reason": str(error)}))
                continue
            if isinstance(record, Tick):
                self._watch = seen(self._watch, record, asyncio.get_running_loop().time())
            before = state
            state, out = step(before, offset, record, source, self._topics.sentences.partitions)
            CLOCK_REPEATS.inc(state is before)
            outputs += out
        CLOCK_REJECTED.inc(len(dead))
        await self._writer.reject(self._topics.rejects.name, dead)
        await self._write(outputs)
        return state, len(rows)

    async def pause(self, owned: Mapping[int, Owned[ClockState]]) -> None:
        """Says what is out, once it has read everything itself."""
        for one in owned.values():
            if one.quiet_since_s is None:
                continue
            now_s = asyncio.get_running_loop().time()
            found = set(early(self._watch, one.state, now_s, self._topics.sentences.partitions)) - self._told
            self._told |= found
            rows = [(None, encode(OutageFound(Origin(BY_CLOCK, 0, 0), outage))) for outage in found]
            await self._writer.write(self._topics.clock.name, {0: rows})

    async def _write(self, outputs: Iterable[Output]) -> None:
        """Alerts first: whoever knows of an interval may know what was out in it."""
        alerts = [output for output in outputs if isinstance(output, Alert)]
        passed = [output for output in outputs if isinstance(output, Cover | IntervalClosed)]
        topics = self._topics
        await self._writer.write(topics.alerts.name, {0: [(a.id.encode(), encode_alert(a)) for a in alerts]})
        rows = [(None, encode(record)) for record in passed]
        await self._writer.write(topics.reports.name, dict.fromkeys(range(topics.reports.partitions), rows))
        _count(alerts, [record for record in passed if isinstance(record, IntervalClosed)])


def dumped(state: ClockState) -> bytes:
    """A snapshot of the state."""
    return _VERSION + msgspec.msgpack.encode(state)


def loaded(data: bytes) -> ClockState:
    """The inverse; raises ValueError for another version, or bytes that are none."""
    return _state.decode(behind(_VERSION, data))


def _record(value: bytes) -> ClockRecord:
    record = decode(value)
    kinds = Tick | OutageFound | Reception | CellsHeard | Jumped | FellSilent | SilencesEnded | Announced
    if not isinstance(record, kinds):
        raise UnknownRecordError(f"expected a record of the clock's log, got {type(record).__name__}")
    return record


def _count(alerts: Iterable[Alert], closed: list[IntervalClosed]) -> None:
    for alert in alerts:
        CLOCK_ALERTS.labels(rule=alert.rule, event=alert.event).inc()
    if closed:
        CLOCK_INTERVALS.inc(len(closed))
        CLOCK_SECONDS.set(closed[-1].end / SECOND)
