"""What an engine's report costs with ten thousand zones, against ten: a third each of ports, straits and areas.

The same ten lie in the ships' water both times, and the others beside it and in the whole world.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from alerts.core.engine import Engine, Record
from alerts.core.frozen import replace
from alerts.core.geo import Fix, destination, wrapped
from alerts.core.heard import Heard
from alerts.core.instants import MINUTE
from alerts.core.intervals import Cover, IntervalClosed, Versions, Watched
from alerts.core.reach import arrivals
from alerts.core.reports import Report
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Gate, Polygon, Zone, ZoneIndex
from alerts.rules import RULES
from tests.benchmarks.measures import HULLS, Bench, Measure, reports
from tests.benchmarks.traffic import BEGIN

REPORTS = 30_000
ROUNDS = 5
"""Each of the two in turn, so that both meet the same neighbours on the machine; the best of each counts."""
TEN, MANY = 10, 10_000
VERSIONS = Versions("zones", "rules")
LEG_DEG, LEG_MIN = 0.04, 10
"""Two miles at 12 kn, in the latitude of the ships."""
KINDS = ("port", "strait", "area")


async def zones(bench: Bench) -> list[Measure]:
    """Ships in and out of ten zones, by legs of a hundredth of a mile and of two miles; and who lights up there."""
    few, many = ZoneIndex.of(flagged(TEN)), ZoneIndex.of(flagged(MANY))
    seen = [replace(r, versions=VERSIONS) if isinstance(r, IntervalClosed) else r for r in reports(REPORTS)]
    rows = [
        *compared("engine", "reports/s", partial(engine_s, records=seen), few, many, 1.10),
        *compared("engine, 2 nm legs", "reports/s", partial(engine_s, records=list(far_apart(seen))), few, many, 1.10),
    ]
    dozen = ZoneIndex.of(flagged(36))  # as many windows
    return [*rows, *compared("lit up", "fixes/s", lit_s, dozen, many, None)]


def compared(
    what: str, unit: str, seconds: Callable[[ZoneIndex], float], few: ZoneIndex, many: ZoneIndex, reach: float | None
) -> list[Measure]:
    """The rates of both, and how many times as much the many cost."""
    best = {len(few.zones): float("inf"), len(many.zones): float("inf")}
    for _ in range(ROUNDS):
        for index in (few, many):
            best[len(index.zones)] = min(best[len(index.zones)], seconds(index))
    (fewer, at_least), (more, at_most) = best.items()
    name = f"{what}, {fewer} zones"
    return [
        Measure(name, REPORTS / at_least, unit),
        Measure(f"{what}, {more:,} zones", REPORTS / at_most, unit, name),
        Measure(f"{what}: cost, {more:,} to {fewer}", at_most / at_least, "times", "", reach, low_is_good=True),
    ]


def engine_s(index: ZoneIndex, records: Sequence[Record]) -> float:
    """CPU time of this thread for all the records."""
    engine = Engine({VERSIONS.zones: index, VERSIONS.rules: Thresholds()}, RULES)
    began = time.thread_time()
    for offset, record in enumerate(records):
        engine.commit(engine.apply(offset, record))
    return time.thread_time() - began


def lit_s(index: ZoneIndex) -> float:
    """The same for the windows of so many fixes, by those of a hundred."""
    fixes = [Heard(BEGIN, "coast", "mast", 2, 1, 30.0 + n / 20, 130.0, 12.0) for n in range(100)]
    began = time.thread_time()
    for fix in fixes:
        arrivals(fix, index, 24.0)
    return (time.thread_time() - began) * REPORTS / len(fixes)


def far_apart(records: Sequence[Record]) -> Iterator[Record]:
    """The same reports, each ship's ten minutes and two miles after one another."""
    for record in records:
        rounds = 0 if isinstance(record, Watched | Cover) else record.origin.offset // HULLS
        at, lon = BEGIN + rounds * LEG_MIN * MINUTE, 130.0 + rounds * LEG_DEG
        if isinstance(record, Report):
            record = replace(record, heard_at=at, received_at=at, lon=lon)
        elif isinstance(record, IntervalClosed):
            record = replace(record, end=at)
        yield record


def flagged(count: int) -> list[Zone]:
    """The same ones first, whatever the count."""
    dice = Random(7)
    return [zone(n, dice) for n in range(count)]


def zone(n: int, dice: Random) -> Zone:
    """The first ten in the ships' water; then one of ten at its edges, and nine of ten in the world."""
    size_nm = dice.uniform(1, 8)
    centre, kind = place(n, dice), KINDS[n % 3]
    corners = tuple(destination(centre, course, size_nm) for course in range(0, 360, 45))
    ring = (*corners, corners[0])
    shape = Circle(*centre, size_nm) if n % 2 else Polygon(ring)
    if kind != "strait":
        return Zone(f"z{n}", f"Zone {n}", kind, shape, 0.5, (), "info", "made up", 0.1)
    gates = (Gate("east", ring[1:4], "east"), Gate("west", ring[5:8], "west"))
    return Zone(f"z{n}", f"Zone {n}", kind, Polygon(ring), 0.5, gates, "info", "made up", 0.1, 2.0)


def place(n: int, dice: Random) -> Fix:
    """Ships sail from 130 to 132.4 E, between 30 and 35 N."""
    if n < TEN:
        return dice.uniform(30, 35), 130.0 if n % 2 else dice.uniform(130.5, 132)
    if n % 10 == 0:
        return dice.uniform(30, 35), dice.choice((dice.uniform(128.5, 129.7), dice.uniform(132.7, 134)))
    return dice.uniform(-70, 70), wrapped(dice.uniform(135, 487))
