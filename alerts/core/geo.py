"""Geometry on the sphere, in degrees and nautical miles.  A Fix is (lat, lon), WGS 84.

Distances are great circles on a sphere of 3440.065 nm (mean earth radius 6371.0088 km): within 0.5 % of the ellipsoid.
"""

import itertools
import math
from collections.abc import Iterator, Sequence

Fix = tuple[float, float]
"""(lat, lon) in degrees, north and east positive."""

EARTH_NM = 3440.065


def distance_nm(a: Fix, b: Fix) -> float:
    """The great circle between two fixes (haversine)."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b[1] - a[1]) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_NM * math.asin(min(1.0, math.sqrt(h)))


def bearing_deg(a: Fix, b: Fix) -> float:
    """The initial course from a to b, 0 to 360, north is 0."""
    lat_a, lat_b, lon = math.radians(a[0]), math.radians(b[0]), math.radians(b[1] - a[1])
    east = math.sin(lon) * math.cos(lat_b)
    north = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(lon)
    return math.degrees(math.atan2(east, north)) % 360


def destination(start: Fix, course_deg: float, sailed_nm: float) -> Fix:
    """Where a great circle of this initial course and length ends."""
    lat, course, angle = math.radians(start[0]), math.radians(course_deg), sailed_nm / EARTH_NM
    lat_end = math.asin(math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(course))
    east = math.sin(course) * math.sin(angle) * math.cos(lat)
    lon = math.atan2(east, math.cos(angle) - math.sin(lat) * math.sin(lat_end))
    return math.degrees(lat_end), wrapped(start[1] + math.degrees(lon))


def wrapped(lon: float) -> float:
    """A longitude, or a difference of two, brought to -180 <= x < 180."""
    return (lon + 180) % 360 - 180


def beside(lon: float, reference: float) -> float:
    """This longitude, or its twin a turn away, whichever is nearest to the reference."""
    return reference + wrapped(lon - reference)


def inside_ring(fix: Fix, ring: Sequence[Fix]) -> bool:
    """Whether a closed ring (last = first) holds the fix: even-odd rule on a plane of longitude and latitude.

    A ring is unrolled from its first corner, so that one across the antimeridian is like any other; the fix may then
    lie a turn away.
    """
    crossings = tuple(_crossings(fix, ring))
    return any(sum(x > turn for x in crossings) % 2 for turn in (0, 360, -360))


def _crossings(fix: Fix, ring: Sequence[Fix]) -> Iterator[float]:
    """Where the ring crosses the parallel of the fix, in degrees east of it."""
    lat, lon = fix
    x = wrapped(ring[0][1] - lon)
    for (lat_a, lon_a), (lat_b, lon_b) in itertools.pairwise(ring):
        dx = wrapped(lon_b - lon_a)
        if (lat_a > lat) != (lat_b > lat):
            yield x + (lat - lat_a) / (lat_b - lat_a) * dx
        x += dx


def distance_to_line_nm(fix: Fix, line: Sequence[Fix]) -> float:
    """The distance to the nearest point of a line of fixes, each leg straight on a plane of longitude and latitude.

    That point is looked for on the plane that touches the earth at the fix: up to 85 degrees and within 100 nm good to
    0.6 %, further off never too short.
    """
    narrow = math.cos(math.radians(fix[0]))
    return min(_to_leg(fix, narrow, a, b) for a, b in itertools.pairwise(line))


def _to_leg(fix: Fix, narrow: float, a: Fix, b: Fix) -> float:
    """`narrow`: how wide a degree of longitude is there, in degrees of latitude."""
    north, east = a[0] - fix[0], wrapped(a[1] - fix[1]) * narrow
    rise, run = b[0] - a[0], wrapped(b[1] - a[1])
    length = rise * rise + (run * narrow) ** 2
    share = 0.0 if length == 0 else max(0.0, min(1.0, -(north * rise + east * run * narrow) / length))
    return distance_nm(fix, (a[0] + share * rise, a[1] + share * run))


MOST_LEG_DEG = 45.0
"""Over more degrees of longitude no ship sails straight on the chart: she comes by the pole (docs/adr/0016)."""


def legs_cross(a: Fix, b: Fix, c: Fix, d: Fix) -> bool:
    """Whether a ship's leg a-b crosses the leg c-d, on a plane of longitude and latitude unrolled about a."""
    if abs(wrapped(b[1] - a[1])) > MOST_LEG_DEG:
        return False
    flat = [(lat, beside(lon, a[1])) for lat, lon in (a, b, c, d)]
    p, q, r, s = flat
    return _turn(p, q, r) * _turn(p, q, s) <= 0 and _turn(r, s, p) * _turn(r, s, q) <= 0 and p != q


def crossed_at(a: Fix, b: Fix, c: Fix, d: Fix) -> float | None:
    """Where the leg a-b crosses the leg c-d, as a share of a-b; None where it does not, or runs along it."""
    if not legs_cross(a, b, c, d):
        return None
    (ay, ax), (by, bx), (cy, cx), (dy, dx) = ((lat, beside(lon, a[1])) for lat, lon in (a, b, c, d))
    across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if across == 0:
        return None
    return ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / across


def side_of_leg(a: Fix, b: Fix, fix: Fix) -> int:
    """-1 or 1 for the two sides of the leg a-b, 0 on it; on a plane unrolled about a."""
    p, q, r = ((lat, beside(lon, a[1])) for lat, lon in (a, b, fix))
    return _turn(p, q, r)


def _turn(p: Fix, q: Fix, r: Fix) -> int:
    cross = (q[1] - p[1]) * (r[0] - p[0]) - (q[0] - p[0]) * (r[1] - p[1])
    return (cross > 0) - (cross < 0)
