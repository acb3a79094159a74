"""What an engine's report costs with ten thousand zones, against ten."""

import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from alerts.core.engine import Engine, Record
from alerts.core.geo import destination, wrapped
from alerts.core.intervals import IntervalClosed, Versions
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Polygon, Zone, ZoneIndex
from alerts.rules import RULES
from tests.benchmarks.measures import Bench, Measure, reports

REPORTS = 30_000
ROUNDS = 5
"""Each of the two in turn, so that both meet the same neighbours on the machine; the best of each counts."""


async def zones(bench: Bench) -> list[Measure]:
    """Ships in and out of ten zones; the others hold none of them, but a thousand are near."""
    versions = Versions("zones", "rules")
    records = [replace(r, versions=versions) if isinstance(r, IntervalClosed) else r for r in reports(REPORTS)]
    few, many = ZoneIndex.of(flagged(10)), ZoneIndex.of(flagged(10_000))
    best = {id(few): float("inf"), id(many): float("inf")}
    for _ in range(ROUNDS):
        for index in (few, many):
            best[id(index)] = min(best[id(index)], seconds(index, records, versions))
    ten, ten_thousand = REPORTS / best[id(few)], REPORTS / best[id(many)]
    return [
        Measure("engine, 10 zones", ten, "reports/s"),
        Measure("engine, 10,000 zones", ten_thousand, "reports/s", "engine, 10 zones"),
        Measure("a report's cost, 10,000 to 10", ten / ten_thousand, "times", "", 1.10, low_is_good=True),
    ]


def seconds(index: ZoneIndex, records: Sequence[Record], versions: Versions) -> float:
    """CPU time of this thread for all the records."""
    engine = Engine({versions.zones: index, versions.rules: Thresholds()}, RULES)
    began = time.thread_time()
    for offset, record in enumerate(records):
        engine.commit(engine.apply(offset, record))
    return time.thread_time() - began


def flagged(count: int) -> list[Zone]:
    """The same ones first, whatever the count."""
    dice = Random(7)
    return [zone(n, dice) for n in range(count)]


def zone(n: int, dice: Random) -> Zone:
    """The first ten on the ships' meridian, then one of ten within a degree of it, and nine of ten in the world."""
    near = n < 10 or n % 10 == 0
    lat = dice.uniform(30, 35) if near else dice.uniform(-70, 70)
    lon = 130.0 if n < 10 else dice.uniform(130.2, 131) if near else dice.uniform(131, 489)
    size_nm = dice.uniform(1, 8)
    corners = tuple(destination((lat, lon), course, size_nm) for course in range(0, 360, 45))
    shape = Circle(lat, wrapped(lon), size_nm) if n % 2 else Polygon((*corners, corners[0]))
    return Zone(f"z{n}", f"Zone {n}", "area", shape, 0.5, (), "info", "made up", 0.1)
