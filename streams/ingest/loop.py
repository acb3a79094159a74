"""The ingest stage: `hullwatch ingest`.  The one file of ingest that knows Kafka.

    ais.sentences --pipeline.step--> reports, acknowledged --> ticks, outages, reception --> state
                                     dead letters

It begins when a watchlist was announced.  Processes share the partitions of `ais.sentences`.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack

from alerts.core.instants import SECOND, Instant
from alerts.core.reports import Origin, Report
from streams.cli import add_settings, run_stage, settings_of
from streams.codec import encode
from streams.exact_loop import ExactLoop, Owned, Rows
from streams.ingest.lead import STANDS_AFTER_S, Lead, too_many
from streams.ingest.pipeline import Outputs, State, dump, load, step
from streams.ingest.tally import Rejected, Tally
from streams.ingest.ticks import TICK_N, tick
from streams.ingest.watch_index import WatchIndex
from streams.interval_tail import IntervalTail, looked_back
from streams.metrics import INGEST_ANOTHER_IMO, INGEST_REJECTED, INGEST_REPORTS, INGEST_SENTENCES, INGEST_TICK_SECONDS
from streams.needs import Need, until_there
from streams.ordered import Ordered, Row
from streams.settings import Settings
from streams.topics import partition_of
from streams.topics_admin import ensure_topics
from streams.versions import VersionReader, announced

SAY_EVERY_S = 30.0
"""A partition that was read to its end says so."""
_QUIET_S = 1.0


async def run(
    settings: Settings, say_every_s: float = SAY_EVERY_S, clock_stands_after_s: float = STANDS_AFTER_S
) -> None:
    """Runs until cancelled; waits for a watchlist first.  Raises ConfigError where the topics are other ones."""
    await ensure_topics(settings.kafka, settings.topics)

    async def is_announced() -> bool:
        return await announced(settings.kafka, settings.topics) is not None

    await until_there(Need.WATCHLIST, "`hullwatch apply` publishes one", is_announced)
    async with AsyncExitStack() as stack:
        versions = VersionReader(settings.kafka, settings.topics)
        await versions.start()
        stack.push_async_callback(versions.stop)
        writer = await stack.enter_async_context(Ordered(settings.kafka))
        lead = Lead(time.monotonic(), clock_stands_after_s)
        await stack.enter_async_context(IntervalTail(settings, lambda end: lead.closed(end, time.monotonic())))
        work = _Ingest(settings, versions, writer, lead, say_every_s)
        loop = ExactLoop(settings, settings.topics.sentences, work)
        _freeze()
        await loop.run()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch ingest`."""
    add_settings(parser)


def main(args: argparse.Namespace) -> int:
    """Runs the stage until SIGTERM or SIGINT."""
    settings = settings_of(args)
    return run_stage(lambda: run(settings), settings)


class _Ingest:
    """What the loop does with sentences."""

    name = "ingest"

    def __init__(
        self,
        settings: Settings,
        versions: VersionReader,
        writer: Ordered,
        lead: Lead,
        say_every_s: float,
    ) -> None:
        self._settings, self._topics = settings, settings.topics
        self._versions, self._writer, self._say_every_s = versions, writer, say_every_s
        self._lead, self._knows_lead = lead, False
        self._watch = WatchIndex.of(versions.watchlist)
        self._said_s: dict[str, float] = {}
        self._held: dict[str, Instant] = {}
        """By source, of the reports that are next and too far ahead, the newest's time."""
        self._portions: dict[str, int] = {}
        """By source, how many records are tried first: twice what was taken last, for each trial costs a step."""

    def first(self) -> State:
        self._knows_lead = False
        return State()

    def dump(self, state: State) -> bytes:
        return dump(state)

    def load(self, data: bytes) -> State:
        self._knows_lead = False
        return load(data)

    def reached(self, state: State) -> Instant:
        return state.ticks.prompt or 0

    def may_apply(self, source: str, state: State) -> bool:
        if not self._knows_lead or not self._lead.may_grow(self.reached(state), time.monotonic()):
            return False
        return source not in self._held or self._lead.may_bring(
            self.reached(state), self._held[source], time.monotonic()
        )

    async def apply(self, source: str, state: State, rows: Rows) -> tuple[State, int]:
        now_s = time.monotonic()
        rows = rows[: self._portions.get(source)]
        after, outputs = step(state, rows, source, self._watch)
        while len(rows) > 1 and (too_many(outputs.reports) or self._lead.is_beyond(outputs.reports, now_s)):
            rows = rows[: len(rows) // 2]
            after, outputs = step(state, rows, source, self._watch)
        self._portions[source] = 2 * len(rows)
        self._held.pop(source, None)
        newest = max((report.heard_at for report in outputs.reports), default=None)
        if newest is not None and not self._lead.may_bring(self.reached(state), newest, now_s):
            self._held[source] = newest
            return state, 0
        await self._write(outputs)
        self._lead.wrote(outputs.reports)
        INGEST_ANOTHER_IMO.inc(sum(report.another_imo is not None for report in outputs.reports))
        _count(outputs.tally, source, after)
        return after, len(rows)

    async def pause(self, owned: Mapping[int, Owned[State]]) -> None:
        if not self._knows_lead:
            self._knows_lead = True  # before it looks: what is taken over meanwhile is looked at again
            self._lead.begins(*await looked_back(self._settings), time.monotonic())
        if await self._versions.poll():
            self._watch = WatchIndex.of(self._versions.watchlist)
        now_s = asyncio.get_running_loop().time()
        for one in owned.values():
            quiet = one.quiet_since_s is not None and now_s - one.quiet_since_s >= _QUIET_S
            if quiet and now_s - self._said_s.get(one.source, -self._say_every_s) >= self._say_every_s:
                self._said_s[one.source] = now_s
                await self._say(one)

    async def _write(self, outputs: Outputs) -> None:
        reports = _by_hull(outputs.reports, self._topics.reports.partitions)
        await asyncio.gather(
            self._writer.write(self._topics.reports.name, reports),
            self._writer.reject(self._topics.rejects.name, map(_letter, outputs.rejects)),
        )
        await self._writer.write(self._topics.clock.name, {0: [(None, encode(record)) for record in outputs.clock]})

    async def _say(self, owned: Owned[State]) -> None:
        """The last tick again; its origin is newer than all before it, also those of a process that died."""
        if not owned.state.ticks.feeds:
            return
        origin = Origin(owned.source, owned.next - 1, TICK_N + int(time.time()))
        said = tick(owned.state.ticks, origin, read_to_end=True)
        await self._writer.write(self._topics.clock.name, {0: [(None, encode(said))]})


def _by_hull(reports: Iterable[Report], count: int) -> dict[int, list[Row]]:
    rows: dict[int, list[Row]] = {}
    for report in reports:
        rows.setdefault(partition_of(report.hull, count), []).append((report.hull.encode(), encode(report)))
    return rows


def _letter(rejected: Rejected) -> tuple[bytes, dict[str, str]]:
    origin = rejected.origin
    source = f"{origin.source}:{origin.offset}:{origin.n}"
    headers = {"stage": "ingest", "feed": rejected.feed, "source": source, "reason": str(rejected.reason)}
    return rejected.text, headers


def _count(tally: Tally, source: str, state: State) -> None:
    INGEST_SENTENCES.labels(outcome="accepted").inc(tally.accepted)
    INGEST_SENTENCES.labels(outcome="duplicate").inc(tally.duplicate)
    for reason, lines in tally.rejected.items():
        INGEST_SENTENCES.labels(outcome="rejected").inc(lines)
        INGEST_REJECTED.labels(reason=str(reason)).inc(lines)
    INGEST_REPORTS.inc(tally.reports)
    if state.ticks.prompt is not None:
        INGEST_TICK_SECONDS.labels(partition=source.rpartition(":")[2]).set(state.ticks.prompt / SECOND)


def _freeze() -> None:
    """What is here now stays: the collector would look at it again and again (it halved the throughput)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
