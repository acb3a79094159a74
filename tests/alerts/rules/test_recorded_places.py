"""A week off New York: entries and exits of Ambrose and the Narrows, arrivals and departures at berths and anchorages,
against shapely on the same points.

The recording is NOAA's, a point a minute or two, without speeds; the check shares no code with the engine: the points
are cut out of the file, laid on a plane of miles, and held against polygons of shapely.  A speed is that from the point
before.

HULLWATCH_RECORDED=whole takes every ship; else some are left out, the same every time.
"""

from __future__ import annotations

import gzip
import math
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import shapely

from alerts.core.alert import Alert
from alerts.core.instants import HOUR, Instant, parse_rfc3339, rfc3339
from alerts.core.zones import Circle, Polygon, Zone
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
BERTHS = {
    "newark": (40.685, -74.145, 1.2),
    "bayonne": (40.665, -74.075, 0.7),
    "stapleton": (40.633, -74.062, 0.8),
    "red-hook": (40.678, -74.015, 0.5),
}
"""Latitude, longitude, radius in miles."""
OUT = 1.2
"""Out is whoever is beyond so many radii."""
STOPPED_KN, UNDER_WAY_KN = 0.5, 2.0
PORTS = [
    Zone(n, n, "port", Circle(lat, lon, r), (OUT - 1) * r, (), "info", "made up", 0.0)
    for n, (lat, lon, r) in BERTHS.items()
]
POINT = r"(\d{9}),(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),(-?[\d.]+),(-?[\d.]+)"
MOST_KN = 45.0
"""Ships with a faster leg are left out: what a position that lies does is tested elsewhere."""
WHOLE = os.environ.get("HULLWATCH_RECORDED") == "whole"
SHIPS, TOO_FAST = 140, 3
DEGREE_NM = math.radians(6371.0088 / 1.852)
"""On a sphere of the mean radius of the earth, as zones are measured; with sixty, one ship passes a border by 0.6 m."""
LATER = time("00:00") - parse_rfc3339("2020-12-01T00:00:00Z")
"""The week begins with the day of the tests: time passes as the ships go on."""

Point = tuple[Instant, float, float]
"""When, latitude, longitude."""


@cache
def tracks() -> list[list[Point]]:
    """Those of the ships with the most points first, none faster than that."""
    ships = defaultdict[str, set[Point]](set)
    with gzip.open(WEEK, "rt") as file:
        points = re.findall(POINT, file.read())
    for mmsi, day, clock, lon, lat in points:
        ships[mmsi].add((parse_rfc3339(f"{day}T{clock}Z") + LATER, float(lat), float(lon)))
    ways = [sorted(way) for way in sorted(ships.values(), key=len, reverse=True)]
    found = [way for way in ways if all(knots(a, b) < MOST_KN for a, b in pairwise(way))]
    assert (len(ways), len(ways) - len(found)) == (SHIPS, TOO_FAST)
    return found


def flat(lat: float, lon: float, true_at: float = 40.55) -> tuple[float, float]:
    """Miles east and north of 40.55 N, 74 W; eastward they are right at one latitude."""
    return (lon + 74) * DEGREE_NM * math.cos(math.radians(true_at)), (lat - 40.55) * DEGREE_NM


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
    """Of the twenty with the most points."""
    ways, visits = tracks()[: None if WHOLE else 20], 0
    assert len(tracks()) - len(ways) == (0 if WHOLE else 117), "left out"
    for way in ways:
        assert told(way) == expected(way)
        visits += len(expected(way))
    assert visits > 20


Call = tuple[str, str, str | None, str | None, str]
"""Port, first point inside, when she stopped, when it was over, and how it ended."""


def speeds(way: list[Point]) -> Iterator[tuple[Point, float | None]]:
    """Each point with its speed; of the first nobody knows it."""
    yield way[0], None
    for before, now in pairwise(way):
        yield now, round(knots(before, now), 1)


def calls_expected(way: list[Point]) -> list[Call]:
    calls = []
    for name, (lat0, lon0, radius) in BERTHS.items():
        middle = shapely.Point(flat(lat0, lon0, lat0))
        inner, outer = middle.buffer(radius, quad_segs=256), middle.buffer(OUT * radius, quad_segs=256)
        since = arrived = departed = None
        for (at, lat, lon), speed_kn in speeds(way):
            point = shapely.Point(flat(lat, lon, lat0))
            if since is not None and not outer.contains(point):
                ended = "departed" if arrived else "left"
                calls.append((name, since, arrived, departed or rfc3339(at), ended))
                since = arrived = departed = None
            if since is None and inner.contains(point):
                since = rfc3339(at)
            if since is None or speed_kn is None:
                continue
            if speed_kn < STOPPED_KN:
                arrived, departed = arrived or rfc3339(at), None
            elif arrived and not departed and speed_kn > UNDER_WAY_KN:
                departed = rfc3339(at)
        if since is not None:
            calls.append((name, since, arrived, departed, "departed" if departed else "inside"))
    return sorted(calls, key=str)


def calls_told(way: list[Point]) -> list[Call]:
    """The same, as the engine tells it."""
    watch, hull = Watch(PORTS, waters=()), ship(367_000_000)
    watch.follows(*(hull._with(at=at, lat=lat, lon=lon, speed_kn=speed_kn) for (at, lat, lon), speed_kn in speeds(way)))
    newest: dict[str, Alert] = {alert.id: alert for alert in watch.told if alert.rule == "port_call"}
    calls = []
    for alert in newest.values():
        evidence = alert.evidence
        assert alert.place
        ended = alert.place.what if alert.event == "closed" else "inside"
        row = evidence["first_fix"]["at"], evidence.get("arrived_at"), evidence.get("until"), ended
        calls.append((alert.place.zone, *row))
    return sorted(calls, key=str)


@needs_recordings
def test_the_calls_of_a_week_are_those_that_shapely_finds_on_the_same_points() -> None:
    """Of every third ship that comes to a berth: ferries, tugs, and what is brought in by them."""
    calling = [(way, calls) for way in tracks() if (calls := calls_expected(way))]
    callers = calling[:: 1 if WHOLE else 3]
    assert (len(callers), len(calling) - len(callers)) == ((84, 0) if WHOLE else (28, 56)), "left out"
    for way, calls in callers:
        assert calls_told(way) == calls
    found = [call for _, calls in callers for call in calls]
    ends = Counter(ended for *_, ended in found)
    assert min(ends["departed"], ends["left"]) > 20, ends
    assert {port for port, _, arrived, *_ in found if arrived} == set(BERTHS)
