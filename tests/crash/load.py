"""Reports for detect at a steady rate: each is of one of many hulls, half of them too old to matter.

A memory counts what came too late to be told of (`older`), so each of these shows in the table exactly once, or does
not.  The others begin and end silences, and cross gates: what is said shows them.  Two minutes of event time are a
second here, and every hull says one thing in it.
"""

import asyncio
import csv
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from aiokafka import AIOKafkaProducer

from alerts.core.cover import CellSum
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant, interval_end, parse_rfc3339
from alerts.core.intervals import Cover, CoverRun, IntervalClosed, Versions
from alerts.core.reports import Origin, Report
from streams.codec import encode
from streams.settings import DEFAULT_FOLDER, Settings, load_config
from streams.topics import partition_of
from streams.topics_admin import ensure_topics
from streams.version_log import announced
from streams.versions import publish

BEGIN = parse_rfc3339("2024-02-03T06:00:00Z")
FIRST_MMSI = 440_000_000
A_SECOND = 2 * MINUTE
"""Event time that passes in a second of ours."""
_EVERY_S = 0.05
_SETTLED_AFTER = 3
"""Rounds until every hull's first report is settled: before that nothing is too old."""
RULES = "[silence]\nfloor_min = 12\n"


def hull_id(n: int) -> str:
    return f"mmsi-{FIRST_MMSI + n}"


async def configured(settings: Settings, folder: Path, hulls: int) -> Settings:
    """Topics, and a watchlist of so many hulls in force."""
    folder.mkdir(parents=True)
    with (folder / "watchlist.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["mmsi"], *([FIRST_MMSI + n] for n in range(hulls))])
    (folder / "rules.toml").write_text(RULES)
    (folder / "zones.geojson").write_bytes((DEFAULT_FOLDER / "zones.geojson").read_bytes())
    live = Settings(settings.kafka, settings.redis, folder, settings.topics)
    await ensure_topics(live.kafka, live.topics)
    await publish(live.kafka, live.topics, load_config(folder))
    return live


class Load:
    """What is sent; `older` counts, of each hull, the reports that only count."""

    def __init__(self, settings: Settings, seed: int, hulls: int, a_second: int) -> None:
        self.sent, self.older = 0, Counter[str]()
        self._settings, self._a_second = settings, a_second
        self._dice = Random(f"load/{seed}")
        self._lat = {n: self._dice.uniform(33.2, 35.4) for n in range(hulls)}
        self._silent_until = dict.fromkeys(range(hulls), 0)
        self._hulls = hulls
        self._closed = interval_end(BEGIN)
        self._intervals = 0
        self._versions = Versions()

    async def run(self, enough: asyncio.Event) -> None:
        """Until it is enough; then all is acknowledged, and the interval behind it closed.  Raises KafkaError."""
        self._versions = await announced(self._settings.kafka, self._settings.topics) or Versions()
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka, acks="all", linger_ms=5, request_timeout_ms=60_000
        )
        async with producer:
            began, acks = time.monotonic(), set()
            while not enough.is_set():
                for partition, value in self._until(round((time.monotonic() - began) * self._a_second)):
                    acks.add(await producer.send(self._settings.topics.reports.name, value, partition=partition))
                acks = {ack for ack in acks if not (ack.done() and ack.result())}
                await asyncio.sleep(_EVERY_S)
            for partition, value in self._interval(self._at(self.sent) + A_SECOND):
                acks.add(await producer.send(self._settings.topics.reports.name, value, partition=partition))
            await asyncio.gather(*acks)

    def _at(self, n: int) -> Instant:
        """Event time of the n-th report."""
        return BEGIN + n * A_SECOND // self._a_second

    def _until(self, count: int) -> Iterator[tuple[int, bytes]]:
        while self.sent < count:
            at = self._at(self.sent)
            yield from self._interval(at)
            report = self._report(self.sent % self._hulls, at)
            self.sent += 1
            yield partition_of(report.hull, self._settings.topics.reports.partitions), encode(report)

    def _interval(self, at: Instant) -> Iterator[tuple[int, bytes]]:
        """To every partition, when it is over."""
        if at - self._closed < MINUTE:
            return
        self._closed, self._intervals = interval_end(at) - MINUTE, self._intervals + 1
        before, last = (self._cover(n) for n in range(2))
        part = Cover(Origin("clock", self._intervals, 0), before)
        closed = IntervalClosed(Origin("clock", self._intervals, 1), self._closed, versions=self._versions, covers=last)
        for value in (encode(part), encode(closed)):
            for partition in range(self._settings.topics.reports.partitions):
                yield partition, value

    def _cover(self, n: int) -> tuple[CoverRun, ...]:
        """One of two parts."""
        cells = {cell: CellSum(cell, self._intervals, self._intervals + cell) for cell in range(n, 20, 2)}
        return (CoverRun(self._closed, self._closed, 10.0, cells),)

    def _report(self, n: int, at: Instant) -> Report:
        if self.sent >= _SETTLED_AFTER * self._hulls and (at < self._silent_until[n] or self._dice.random() < 0.5):
            self.older[hull_id(n)] += 1
            return self._said(n, BEGIN - HOUR)
        if self._dice.random() < 0.05:
            self._silent_until[n] = at + self._dice.randrange(14, 45) * MINUTE
        self._lat[n] += self._dice.choice([-1, 1]) * self._dice.uniform(0.001, 0.013)
        return self._said(n, at)

    def _said(self, n: int, at: Instant) -> Report:
        origin, received_at = Origin("sentences:load:0", self.sent, 0), self._at(self.sent) + SECOND
        mmsi = FIRST_MMSI + n
        return Report(hull_id(n), "coast", "mast", mmsi, 1, at, received_at, origin, self._lat[n], 129.0, 12.0)
