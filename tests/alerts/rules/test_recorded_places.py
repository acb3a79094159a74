"""A week off New York: entries and exits of Ambrose and the Narrows, against shapely on the same points.

The recording is NOAA's, a point a minute or two, without speeds; the check shares no code with the engine: the points
are cut out of the file, laid on a plane of miles, and held against polygons of shapely.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import shapely

from alerts.core.alert import Alert
from alerts.core.instants import HOUR, Instant, parse_rfc3339, rfc3339
from alerts.core.zones import Polygon, Zone
from tests.fleet import Watch, ship
from tests.streams.lines import DATA, needs_recordings
from tests.witnesses import time

WEEK = DATA / "decoded" / "noaa_NYHarbor_2020_12_first_week.traj.gz"
MARGIN_NM = 0.3
RINGS = {
    "ambrose": ((40.55, -74.02), (40.50, -73.93), (40.47, -73.95), (40.52, -74.05), (40.55, -74.02)),
    "narrows": ((40.62, -74.06), (40.62, -74.03), (40.59, -74.025), (40.59, -74.065), (40.62, -74.06)),
}
ZONES = [Zone(n, n, "area", Polygon(ring), MARGIN_NM, (), "info", "made up", 0.0) for n, ring in RINGS.items()]
POINT = r"(\d{9}),(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),(-?[\d.]+),(-?[\d.]+)"
MOST_KN = 45.0
"""Ships with a faster leg are left out: what a position that lies does is tested elsewhere."""
SHIPS = 20
LATER = time("00:00") - parse_rfc3339("2020-12-01T00:00:00Z")
"""The week begins with the day of the tests: time passes as the ships go on."""

Point = tuple[Instant, float, float]
"""When, latitude, longitude."""


def tracks() -> Iterator[list[Point]]:
    """Of the ships with the most points: at most so many, none faster than that."""
    ships = defaultdict[str, set[Point]](set)
    with gzip.open(WEEK, "rt") as file:
        found = re.findall(POINT, file.read())
    for mmsi, day, clock, lon, lat in found:
        ships[mmsi].add((parse_rfc3339(f"{day}T{clock}Z") + LATER, float(lat), float(lon)))
    ways = (sorted(points) for points in sorted(ships.values(), key=len, reverse=True))
    slow = [way for way in ways if all(knots(a, b) < MOST_KN for a, b in pairwise(way))]
    yield from slow[:SHIPS]


def flat(lat: float, lon: float) -> tuple[float, float]:
    """Miles east and north of 40.55 N, 74 W."""
    return (lon + 74) * 60 * math.cos(math.radians(40.55)), (lat - 40.55) * 60


def knots(a: Point, b: Point) -> float:
    return math.dist(flat(*a[1:]), flat(*b[1:])) / max(b[0] - a[0], 1) * HOUR


def expected(way: list[Point]) -> list[tuple[str, str, str | None]]:
    """Zone, entry and exit of every visit."""
    visits = []
    for name, ring in RINGS.items():
        inner = shapely.Polygon([flat(*fix) for fix in ring])
        outer, since = inner.buffer(MARGIN_NM, quad_segs=64), None
        for at, lat, lon in way:
            point = shapely.Point(flat(lat, lon))
            if since is None and inner.contains(point):
                since = at
            elif since is not None and not outer.contains(point):
                visits.append((name, rfc3339(since), rfc3339(at)))
                since = None
        if since is not None:
            visits.append((name, rfc3339(since), None))
    return sorted(visits, key=str)


def told(way: list[Point]) -> list[tuple[str, str, str | None]]:
    """The same, as the engine tells it."""
    watch, hull = Watch(ZONES, waters=()), ship(367_000_000)
    watch.follows(*(hull._with(at=at, lat=lat, lon=lon, speed_kn=None) for at, lat, lon in way))
    newest: dict[str, Alert] = {alert.id: alert for alert in watch.told if alert.rule == "area"}
    visits = [
        (a.place.zone, a.evidence["first_fix"]["at"], a.evidence.get("until")) for a in newest.values() if a.place
    ]
    return sorted(visits, key=str)


@needs_recordings
def test_the_visits_of_a_week_are_those_that_shapely_finds_on_the_same_points() -> None:
    count = 0
    for way in tracks():
        assert told(way) == expected(way)
        count += len(expected(way))
    assert count > 20
