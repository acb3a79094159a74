"""The whole pure chain under a random harness: source partitions, the clock, engines; interleaved, killed, repeated.

What arrives is a list of items in one order: a `TimeRecord` of a feed, or a `Said` (a report before ingest has given
it its origin).  Live cuts it up by partition and lets every stage run, die and write again at random; replay is the
same chain with one partition, one order and no deaths.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from alerts.core import clock
from alerts.core.alert import Alert
from alerts.core.engine import Engine
from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.intervals import Cover, IntervalClosed, Versions, Watched
from alerts.core.reports import Origin, Report
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Gate, Polygon, Zone, ZoneIndex
from alerts.rules import RULES
from streams.feeds.decoded import DecodedRow
from streams.ingest.lying import WhoseShips
from streams.ingest.rows import row_fix_key
from streams.ingest.ticks import TickState, on_time_record
from streams.ingest.traffic import OpenTraffic, Traffic
from streams.memories import StoredEngine, pack
from streams.sentences import TimeRecord

MIN = 60_000
SILENCE, PORT_SILENCE, LIMIT, LATENESS, LAG = 12 * MIN, 15 * MIN, 10 * MIN, 3 * MIN, 16 * MIN
CEILING = 18 * MIN
TRANSIT, WAIT = 20 * MIN, 5 * MIN
STANDS = 3 * MIN
IN, BAND, FAR, LOST = 0.0, 0.275 / 60, 0.5 / 60, 10.0
"""Longitudes on the equator: inside the area (0.25 nm), within its margin (0.3 nm), outside, where she cannot be."""
WEST, EAST = -1.6 / 60, 0.4 / 60
"""The ends of the sound."""
LIE = -3.0 / 60
"""And where some lie still."""
HULLS = {"h": (1, 2), "k": (3,), "m": (4,)}
"""Hull -> her MMSI: h lives on two source partitions, k on one; m lies still, where there is one beside her."""
_OF = {mmsi: hull for hull, mmsis in HULLS.items() for mmsi in mmsis}
WHOSE = WhoseShips(np.array(sorted(_OF)), lambda mmsi: _OF.get(mmsi, ""))

ZONES = ZoneIndex.of(
    (
        Zone("sea", "Sea", "area", Circle(0.0, 0.0, 0.25), 0.05, (), "warning", "made up", 0.0),
        Zone(
            "sound",
            "Sound",
            "strait",
            Polygon(((-0.01, WEST), (-0.01, EAST), (0.01, EAST), (0.01, WEST), (-0.01, WEST))),
            0.05,
            (Gate("west", ((-0.01, WEST), (0.01, WEST)), "west"), Gate("east", ((-0.01, EAST), (0.01, EAST)), "east")),
            "info",
            "made up",
            0.0,
            TRANSIT / (60 * MIN),
        ),
        Zone("haven", "Haven", "port", Circle(0.0, FAR, 0.075), 0.015, (), "caution", "made up", 0.0),
    )
)
TERMS = Thresholds(
    silence_floor_min=SILENCE / MIN,
    silence_ceiling_min=CEILING / MIN,
    silence_budget=1_000.0,
    port_silence_min=PORT_SILENCE / MIN,
    stopped_silence_min=SILENCE / MIN,
    arrival_wait_h=WAIT / (60 * MIN),
    call_h=1 / 60,
    rendezvous_min=30.0,
    rendezvous_port_nm=0.1,
    stands_min=STANDS / MIN,
)
"""A moving ship is dark by her witnesses from the floor on, or by the ceiling; one that lies still by covered time."""
CONTENTS = {"z": ZONES, "r": TERMS}
VERSIONS = Versions("z", "r", "w")


@dataclass(frozen=True)
class Said:
    """One report of a ship, as her transponder said it, heard by one feed; `hull` is empty where nobody watches her."""

    feed: str
    at: int
    hull: str
    lon: float | None
    speed_kn: float
    mmsi: int
    draught_m: float | None = None

    def report(self, origin: Origin) -> Report:
        lat = None if self.lon is None else 0.0
        report = Report(
            self.hull, self.feed, "st", self.mmsi, 1, self.at, self.at, origin, lat, self.lon, self.speed_kn
        )
        return replace(report, draught_m=self.draught_m)

    @property
    def key(self) -> bytes | None:
        """Her position as traffic; None: she says none."""
        if self.lon is None:
            return None
        stirred = self.at // MIN % 2 * 1e-5  # a position that never changes is that of a receiver that hangs
        return row_fix_key(DecodedRow(self.mmsi, self.at, 0.001, self.lon + stirred, self.speed_kn))


Item = Said | TimeRecord


class Dice:
    """Interleavings come from one drawn seed: small examples, and reproducible."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def __call__(self, n: int) -> int:
        return self._random.randrange(n) if n > 1 else 0


def cut(arrival: list[Item], partitions: int) -> list[list[Item]]:
    """Per source partition: every time record, and the reports of the MMSI that live there."""
    return [
        [item for item in arrival if isinstance(item, TimeRecord) or item.mmsi % partitions == p]
        for p in range(partitions)
    ]


@dataclass
class Ingest:
    """One source partition: reads its log, writes reports, then what the clock reads; may fall back to a snapshot."""

    source: str
    log: list[Item]
    at: int = 0
    ticks: TickState = field(default_factory=TickState)
    traffic: Traffic = field(default_factory=Traffic)
    snapshot: tuple[int, TickState, Traffic] = (0, TickState(), Traffic())

    def step(self, write_report: Callable[[Report], None], write_clock: Callable[[Any], None]) -> None:
        origin, item = Origin(self.source, self.at, 0), self.log[self.at]
        self.at += 1
        opened = OpenTraffic(self.traffic)
        if isinstance(item, Said):
            if item.key and item.feed != "C":
                opened.hear(item.key, item.at)
            if item.hull:
                write_report(item.report(origin))
        else:
            self._pass(item, origin, opened, write_clock)
        self.traffic = opened.closed()

    def _pass(self, item: TimeRecord, origin: Origin, opened: OpenTraffic, write: Callable[[Any], None]) -> None:
        """As the pipeline does: outages, what was heard in each cell, whose silence ended, and then the tick."""
        self.ticks, records = on_time_record(self.ticks, item, origin)
        cells = () if self.ticks.prompt is None else opened.passed(self.ticks.prompt, origin, WHOSE)
        for record in sorted((*records, *cells, *opened.ended(origin)), key=lambda record: record.origin):
            write(record)

    def keep(self) -> None:
        self.snapshot = (self.at, self.ticks, self.traffic)

    def die(self) -> None:
        self.at, self.ticks, self.traffic = self.snapshot


@dataclass
class Clock:
    """Reads the clock's log; writes every interval record to every partition, and alerts; may fall back."""

    partitions: int
    log: list[Any] = field(default_factory=list)
    at: int = 0
    state: clock.ClockState = field(default_factory=lambda: clock.ClockState(versions=VERSIONS))
    snapshot: tuple[int, clock.ClockState] | None = None

    def step(self) -> tuple[Any, ...]:
        self.state, out = clock.step(self.state, self.at, self.log[self.at], "clock-log", self.partitions)
        self.at += 1
        return out

    def keep(self) -> None:
        self.snapshot = (self.at, self.state)

    def die(self) -> None:
        self.at, self.state = self.snapshot or (0, clock.ClockState(versions=VERSIONS))


@dataclass
class Run:
    """What came of a run: the alerts published, repeats included, and the final tables."""

    alerts: list[Alert] = field(default_factory=list)
    tables: list[dict[str, bytes]] = field(default_factory=list)
    logs: list[list[Any]] = field(default_factory=list)


def live(arrival: list[Item], seed: int, sources: int = 2, parts: int = 2, deaths: int = 4) -> Run:
    """The chain cut up, interleaved at random, with stages dying up to `deaths` times each."""
    run, dice = Run(), Dice(seed)
    run.logs = written(arrival, dice, sources, parts, deaths, run.alerts)
    for log in run.logs:
        alerts, table = engine(log, dice, deaths)
        run.alerts += alerts
        run.tables.append(table)
    return run


def logs(arrival: list[Item], seed: int, sources: int = 2, parts: int = 2, deaths: int = 4) -> list[list[Any]]:
    """What the engines of such a chain read, for those who ask engines of their own, or none."""
    return written(arrival, Dice(seed), sources, parts, deaths, [])


def replay(arrival: list[Item]) -> Run:
    """One partition, one order, nobody dies."""
    return live(arrival, 0, sources=1, parts=1, deaths=0)


def written(
    arrival: list[Item], dice: Dice, sources: int, parts: int, deaths: int, alerts: list[Alert]
) -> list[list[Any]]:
    """The logs of `ais.reports`: ingests and the clock take turns at random; outage alerts go to `alerts`."""
    home = {hull: n % parts for n, hull in enumerate(sorted(HULLS))}
    logs: list[list[Any]] = [[] for _ in range(parts)]
    for hull, part in home.items():
        logs[part].append(Watched(hull, Hull(hull)))
    ingests = [Ingest(f"s:{p}", log) for p, log in enumerate(cut(arrival, sources))]
    ticking = Clock(sources)
    while True:
        ready: list[Any] = [i for i in ingests if i.at < len(i.log)]
        ready += [ticking] if ticking.at < len(ticking.log) else []
        if not ready:
            return logs
        stage = ready[dice(len(ready))]
        if isinstance(stage, Ingest):
            stage.step(lambda r: logs[home[r.hull]].append(r), ticking.log.append)
        else:
            deliver(stage.step(), logs, alerts, dice if deaths else lambda n: n)
        if dice(3) == 0:
            stage.keep()
        if deaths and dice(8) == 0:
            deaths -= 1
            stage.die()


def deliver(out: tuple[Any, ...], logs: list[list[Any]], alerts: list[Alert], dice: Callable[[int], int]) -> None:
    """Interval records go to every partition; now and then one partition gets them twice, as after a death midway."""
    for record in out:
        if not isinstance(record, Cover | IntervalClosed):
            alerts.append(record)
            continue
        for log in logs:
            log.append(record)
            if dice(9) == 0:
                log.append(record)


def engine(log: list[Any], dice: Dice, deaths: int) -> tuple[list[Alert], dict[str, bytes]]:
    """One engine over its log; a death keeps what the changelog had acknowledged and goes back to the commit.

    The table that comes out has what still waits to be written, too.
    """
    changelog: list[tuple[str, bytes]] = []
    alerts: list[Alert] = []
    at, commit, flushed = 0, 0, 0
    running = StoredEngine(Engine(CONTENTS, RULES))
    while at < len(log):
        step = running.apply(at, log[at])
        alerts += step.alerts
        changelog += step.writes
        running.commit(step)
        at += 1
        if dice(4) == 0:
            commit, flushed = at, len(changelog)
        if deaths and dice(5) == 0:
            deaths -= 1
            del changelog[flushed + dice(len(changelog) - flushed + 1) :]
            running = StoredEngine(Engine(CONTENTS, RULES))
            running.load(dict(changelog).items())
            at = min(commit, running.resume_at)
    waiting = {key: pack(memory) for key, memory in running.engine.unwritten}
    return alerts, {**dict(changelog), **waiting}


def last_revisions(alerts: list[Alert]) -> dict[str, Alert]:
    """The newest revision of each episode; the same id and revision always says the same."""
    newest: dict[str, Alert] = {}
    seen: dict[tuple[str, int], Alert] = {}
    for alert in alerts:
        same = seen.setdefault((alert.id, alert.revision), alert)
        assert replace(same, known_at=0) == replace(alert, known_at=0), "one id and revision, two contents"
        if alert.id not in newest or alert.revision > newest[alert.id].revision:
            newest[alert.id] = alert
    return newest


def finally_said(alerts: list[Alert]) -> list[str]:
    """The multiset of last revisions without id, cause, revision and known_at."""
    rows = []
    for alert in last_revisions(alerts).values():
        if alert.event == "retracted":
            continue
        event = "open" if alert.event in ("opened", "amended") else alert.event
        record = alert.published()
        for key in ("id", "revision", "known_at", "cause"):
            del record[key]
        rows.append(str(record | {"event": event}))
    return sorted(rows)
