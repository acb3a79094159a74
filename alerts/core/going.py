"""How a ship goes: by reports in order of time, where she is bound, how often she is heard, where she should be now.

The same for a watched hull and for every other ship that is heard, those in columns (streams/ingest/fleet.py): sines,
cosines and powers come from tables, so that both reckon to the last digit alike, on any machine.
"""

import math
from typing import NamedTuple

from alerts.core.cells import COSINES, Cell, cell_of, row_of
from alerts.core.geo import wrapped
from alerts.core.instants import HOUR, INTERVAL, MINUTE, SECOND, Instant

COPY_MS = 2 * SECOND
"""What comes sooner after a report is a copy of it by another station, or one of a pair: one ship, one report."""
RECKONED_MS = 2 * HOUR
"""Dead reckoning goes on as long as evidence counts: a position that stands still would keep a ship that sailed out of
range under cover for ever."""
_GAP_MEMORY_S, GAP_MOST_S = 600.0, 900.0
GAP_AFTER_SILENCE_S = 120.0
"""What a longer gap counts as: a silence is no gap between reports, and nobody knows how well she is heard after it."""
_COURSE_MEMORY_S, _SPEED_MEMORY_S = 300.0, 600.0
UNKNOWN_GAP_S = 60.0
LATE_MOST_GAP_S = 300.0
KNOTS = 3_600_000.0
STEP_MS = 100
"""Memory fades by tenths of a second ..."""
_FORGOTTEN = 15 * MINUTE // STEP_MS
"""... and after a quarter of an hour of silence what was before is forgotten."""


def _fading(memory_s: float) -> tuple[float, ...]:
    return *(math.exp(-n * STEP_MS / SECOND / memory_s) for n in range(_FORGOTTEN + 1)), 0.0


WAY_FADES, PACE_FADES, GAP_FADES = map(_fading, (_COURSE_MEMORY_S, _SPEED_MEMORY_S, _GAP_MEMORY_S))
COURSES = 3_600
NORTH = tuple(math.cos(math.radians(tenths / 10)) for tenths in range(COURSES))
EAST = tuple(math.sin(math.radians(tenths / 10)) for tenths in range(COURSES))
"""By course in tenths of a degree."""
MOVING_KN = 3.0
KNOWN_FROM = 3
"""Reports: before, nobody knows how often she is heard."""


class Going(NamedTuple):
    """After a report: `north_kn`, `east_kn` her way over the last minutes, `before_kn` her speed some ten minutes ago.

    `gap_sum_s` / `gap_n` is her mean gap, the last ten minutes counting most; `reports` is how many.
    """

    at: Instant
    lat: float
    lon: float
    speed_kn: float
    north_kn: float
    east_kn: float
    before_kn: float
    gap_sum_s: float = 0.0
    gap_n: float = 0.0
    reports: int = 1

    @property
    def mean_gap_s(self) -> float:
        """A minute until she was heard twice."""
        return self.gap_sum_s / self.gap_n if self.gap_n else UNKNOWN_GAP_S

    @property
    def late_ms(self) -> int:
        """How long she may be unheard before she is late: twice her mean gap, from one minute to ten."""
        return max(INTERVAL, round(2 * min(self.mean_gap_s, LATE_MOST_GAP_S) * SECOND))


def sailed(
    going: Going | None, at: Instant, lat: float, lon: float, speed_kn: float | None, course_deg: float | None
) -> Going:
    """After one more report of hers with a position, not older than the last."""
    if going is None:
        speed = speed_kn or 0.0
        north, east = _way(speed, course_deg) or (0.0, 0.0)
        return Going(at, lat, lon, speed, north, east, speed)
    gap_ms = at - going.at
    if gap_ms < COPY_MS:
        return going
    gap_s = gap_ms / SECOND
    if speed_kn is None or course_deg is None:
        made = _made_good(going, lat, lon, gap_ms)
        speed = _length(made) if speed_kn is None else speed_kn
        north, east = _way(speed, course_deg) or _at_speed(made, speed)
    else:
        speed = speed_kn
        north, east = _along(speed, course_deg)
    step = min(-(-gap_ms // STEP_MS), _FORGOTTEN + 1)
    way, pace, often = WAY_FADES[step], PACE_FADES[step], GAP_FADES[step]
    return Going(
        at,
        lat,
        lon,
        speed,
        going.north_kn * way + north * (1 - way),
        going.east_kn * way + east * (1 - way),
        going.before_kn * pace + speed * (1 - pace),
        going.gap_sum_s * often + (gap_s if gap_s <= GAP_MOST_S else GAP_AFTER_SILENCE_S),
        going.gap_n * often + 1,
        going.reports + 1,
    )


def predicted(going: Going, end: Instant) -> Cell:
    """The cell in which she should be in the middle of the interval that ends at `end`."""
    return cell_of(*ahead(going, min(max(0, end - INTERVAL // 2 - going.at), RECKONED_MS)))


def ahead(going: Going, ms: float) -> tuple[float, float]:
    """Where she is so long after her last report, if she goes on as she went."""
    hours = ms / HOUR
    lat = min(89.9, max(-89.9, going.lat + going.north_kn * hours / 60))
    return lat, going.lon + going.east_kn * hours / 60 / COSINES[row_of(lat)]


def _way(speed_kn: float, course_deg: float | None) -> tuple[float, float] | None:
    return None if course_deg is None else _along(speed_kn, course_deg)


def _along(speed_kn: float, course_deg: float) -> tuple[float, float]:
    course = round(10 * course_deg) % COURSES
    return speed_kn * NORTH[course], speed_kn * EAST[course]


def _length(way: tuple[float, float]) -> float:
    return math.sqrt(way[0] * way[0] + way[1] * way[1])


def _at_speed(made: tuple[float, float], speed_kn: float) -> tuple[float, float]:
    """A way made good, at the speed that she says: fixes can be wrong by miles."""
    length = _length(made)
    return (made[0] / length * speed_kn, made[1] / length * speed_kn) if length else (0.0, 0.0)


def _made_good(going: Going, lat: float, lon: float, gap_ms: int) -> tuple[float, float]:
    """North and east, knots, between two fixes."""
    north_nm = 60 * (lat - going.lat)
    east_nm = 60 * wrapped(lon - going.lon) * COSINES[row_of(lat)]
    return north_nm * KNOTS / gap_ms, east_nm * KNOTS / gap_ms
