"""Ships that nobody watches, and what they prove: covers as ingest and the clock make them of their reports.

covers(company(5), until="12:00")           five ships sail with her and are heard every minute
covers(company(5, last="09:00"), ...)       from then on they are silent themselves
busy(HAVEN)                                 how the sea looks in any minute in which ships are all around a place
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from alerts.core.cells import Cell
from alerts.core.cover import BEACON, CLASS_A, NO_GAPS, CellSum
from alerts.core.geo import Fix, destination
from alerts.core.instants import DAY, HOUR, MINUTE, SECOND, Instant, parse_rfc3339
from alerts.core.intervals import CoverRun
from alerts.core.reports import Origin
from alerts.core.runs import covers_of
from streams.ingest import fixes
from streams.ingest.traffic import OpenTraffic, Traffic

OPEN_SEA: Fix = (10.0, 140.0)
Said = tuple[Instant, bytes]
"""When, and the position as traffic."""
_BUSY_CELLS = 8
_SETTLED_MIN = 15


def time(clock: str, day: int = 0) -> Instant:
    """`08:00` or `08:00:00.001` of the day of the tests, or so many days later."""
    return parse_rfc3339(f"2024-02-03T{clock}Z") + day * DAY


def company(
    ships: int,
    *,
    first: str = "07:30",
    last: str = "12:00",
    every_s: int = 60,
    speed_kn: float = 12.0,
    near: Fix = OPEN_SEA,
    mmsi: int = 1,
    kind: int = CLASS_A,
) -> list[Said]:
    """Ships a cable apart, eastward at this speed, abreast of `near` at 08:00, each heard every so many seconds."""
    said = []
    for at in range(time(first), time(last), every_s * SECOND):
        nm = speed_kn * (at - time("08:00")) / HOUR
        for n in range(ships):
            here = destination(destination(near, 90, nm), 0, n / 10)
            when = at + (n * 7 % 30) * SECOND
            said.append((when, fixes.fix_key(when, fixes.Fix(mmsi + n, kind, *here, speed_kn, 90.0))))
    return said


def beacon(near: Fix = OPEN_SEA, last: str = "12:00") -> list[Said]:
    """A base station, heard every minute."""
    times = range(time("07:30"), time(last), MINUTE)
    return [(at, fixes.fix_key(at, fixes.Fix(2_573_000, BEACON, *near))) for at in times]


def covers(*fleets: Iterable[Said], until: str = "12:00") -> tuple[CoverRun, ...]:
    """How well ships were heard in each interval up to this time."""
    return _covers([one for fleet in fleets for one in fleet], time(until))


def _covers(said: Iterable[Said], until: Instant) -> tuple[CoverRun, ...]:
    traffic = OpenTraffic(Traffic())
    for at, key in said:
        traffic.hear(key, at)
    counted = [run for record in traffic.passed(until, Origin("sentences:g:0", 0, 0)) for run in record.runs]
    return covers_of(counted, NO_GAPS)[1]


@lru_cache
def busy(place: Fix) -> tuple[float, dict[Cell, CellSum]]:
    """The usual gap, and the cells up to 48 nm around: in each a ship that moves and is heard every minute."""
    steps = range(-_BUSY_CELLS, _BUSY_CELLS + 1)
    places = [destination(destination(place, 0, 6 * north), 90, 6 * east) for north in steps for east in steps]
    said = [
        (minute * MINUTE, fixes.fix_key(minute * MINUTE, fixes.Fix(n + 1, CLASS_A, *here, 12.0, 90.0)))
        for minute in range(_SETTLED_MIN)
        for n, here in enumerate(places)
    ]
    last = _covers(said, _SETTLED_MIN * MINUTE)[-1]
    return last.usual_s, last.cells
