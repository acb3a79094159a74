"""How a ship goes: by reports in order of time, where she is bound, how often she is heard, where she should be now.

The same for a watched hull and for every other ship that is heard.
"""

import math
from typing import NamedTuple

from alerts.core.cells import Cell, cell_of
from alerts.core.geo import wrapped
from alerts.core.instants import HOUR, INTERVAL, SECOND, Instant

COPY_MS = 2 * SECOND
"""What comes sooner after a report is a copy of it by another station, or one of a pair: one ship, one report."""
RECKONED_MS = 2 * HOUR
"""Dead reckoning goes on as long as evidence counts: a position that stands still would keep a ship that sailed out of
range under cover for ever."""
_GAP_MEMORY_S, _GAP_MOST_S = 600.0, 900.0
_COURSE_MEMORY_S, _SPEED_MEMORY_S = 300.0, 600.0
_FORGOTTEN_S = 900.0
_UNKNOWN_GAP_S = 60.0
_KNOTS = 3_600_000.0
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
        return self.gap_sum_s / self.gap_n if self.gap_n else _UNKNOWN_GAP_S

    @property
    def late_ms(self) -> int:
        """How long she may be unheard before she is late: twice her mean gap, from one minute to ten."""
        return max(INTERVAL, round(2 * min(self.mean_gap_s, 300.0) * SECOND))


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
    made = _made_good(going, lat, lon, gap_ms)
    speed = math.hypot(*made) if speed_kn is None else speed_kn
    north, east = _way(speed, course_deg) or _at_speed(made, speed)
    way, pace, often = _left_of(gap_s)
    return Going(
        at,
        lat,
        lon,
        speed,
        going.north_kn * way + north * (1 - way),
        going.east_kn * way + east * (1 - way),
        going.before_kn * pace + speed * (1 - pace),
        going.gap_sum_s * often + min(gap_s, _GAP_MOST_S),
        going.gap_n * often + 1,
        going.reports + 1,
    )


def _left_of(gap_s: float) -> tuple[float, float, float]:
    """What counts still, after so long, of the way, the speed and the gaps before."""
    if gap_s > _FORGOTTEN_S:
        return 0.0, 0.0, 0.0
    return math.exp(-gap_s / _COURSE_MEMORY_S), math.exp(-gap_s / _SPEED_MEMORY_S), math.exp(-gap_s / _GAP_MEMORY_S)


def predicted(going: Going, end: Instant) -> Cell:
    """The cell in which she should be in the middle of the interval that ends at `end`."""
    hours = min(max(0, end - INTERVAL // 2 - going.at), RECKONED_MS) / HOUR
    lat = min(89.9, max(-89.9, going.lat + going.north_kn * hours / 60))
    lon = going.lon + going.east_kn * hours / 60 / math.cos(math.radians(lat))
    return cell_of(lat, lon)


def _way(speed_kn: float, course_deg: float | None) -> tuple[float, float] | None:
    if course_deg is None:
        return None
    course = math.radians(course_deg)
    return speed_kn * math.cos(course), speed_kn * math.sin(course)


def _at_speed(made: tuple[float, float], speed_kn: float) -> tuple[float, float]:
    """A way made good, at the speed that she says: fixes can be wrong by miles."""
    length = math.hypot(*made)
    return (made[0] / length * speed_kn, made[1] / length * speed_kn) if length else (0.0, 0.0)


def _made_good(going: Going, lat: float, lon: float, gap_ms: int) -> tuple[float, float]:
    """North and east, knots, between two fixes."""
    north_nm = 60 * (lat - going.lat)
    east_nm = 60 * wrapped(lon - going.lon) * math.cos(math.radians(lat))
    return north_nm * _KNOTS / gap_ms, east_nm * _KNOTS / gap_ms
