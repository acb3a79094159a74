"""Flagged zones: ports, straits and areas, and which of them hold a position.

Hysteresis: in at the border, out only when further than the margin outside it.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from alerts.core.geo import Fix, beside, distance_nm, distance_to_line_nm, inside_ring, legs_cross, wrapped
from alerts.core.seaway import SeaTable

Kind = Literal["area", "port", "strait"]


@dataclass(frozen=True, slots=True)
class Circle:
    """Centre in degrees, radius in nm."""

    lat: float
    lon: float
    radius_nm: float


@dataclass(frozen=True, slots=True)
class Polygon:
    """One closed ring (last = first) of (lat, lon)."""

    ring: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """A named line of fixes from shore to shore, at one `end` of a strait; an end may have several gates."""

    name: str
    line: tuple[Fix, ...]
    end: str = ""


@dataclass(frozen=True, slots=True)
class Zone:
    """One flagged zone; `flag` is the severity of what happens there, `uncertainty_nm` how well its border is known.

    `transit_h` is how long a ship takes through a strait at most, as a rule; None: nobody said.
    """

    id: str
    name: str
    kind: Kind
    shape: Circle | Polygon
    margin_nm: float
    gates: tuple[Gate, ...]
    flag: str
    source: str
    uncertainty_nm: float
    transit_h: float | None = None


def middle(zone: Zone) -> Fix:
    """The centre of a circle, the mean of a ring's corners."""
    shape = zone.shape
    if isinstance(shape, Circle):
        return shape.lat, shape.lon
    corners, first = shape.ring[:-1], shape.ring[0][1]
    lon = sum(beside(lon, first) for _, lon in corners) / len(corners)
    return sum(lat for lat, _ in corners) / len(corners), wrapped(lon)


def holds(zone: Zone, fix: Fix) -> bool:
    """Whether the border of the zone holds the fix."""
    shape = zone.shape
    if isinstance(shape, Circle):
        return distance_nm((shape.lat, shape.lon), fix) <= shape.radius_nm
    return inside_ring(fix, shape.ring)


def beyond_margin(zone: Zone, fix: Fix) -> bool:
    """Whether the fix lies further outside the border than the margin."""
    return to_border_nm(zone, fix) > zone.margin_nm


def to_border_nm(zone: Zone, fix: Fix) -> float:
    """How far outside the border of the zone the fix lies; inside: 0."""
    shape = zone.shape
    if isinstance(shape, Circle):
        return max(0.0, distance_nm((shape.lat, shape.lon), fix) - shape.radius_nm)
    return 0.0 if inside_ring(fix, shape.ring) else distance_to_line_nm(fix, shape.ring)


def gate_crossed(zone: Zone, before: Fix, after: Fix) -> Gate | None:
    """The first gate in the zone's own order that the leg between two fixes crosses."""
    for gate in zone.gates:
        legs = zip(gate.line, gate.line[1:], strict=False)
        if any(legs_cross(before, after, a, b) for a, b in legs):
            return gate
    return None


LEAST_LEG_DEG = 0.03
"""No strait is so short that a shorter leg crosses it: fixes seconds apart need no look."""


class ZoneIndex:
    """All zones of one version, in grids of squares: ten thousand of them cost no more than ten.

    A zone stands in every square that it may touch, of the finest grid in which those are not too many.
    `seas` has the tables of ports by their ids; one that is missing is not at sea, or nobody made it.
    """

    def __init__(self, zones: Iterable[Zone], seas: Mapping[str, SeaTable] | None = None) -> None:
        self.zones: Mapping[str, Zone] = {zone.id: zone for zone in sorted(zones, key=lambda zone: zone.id)}
        self._straits = tuple((zone, _bounds(zone.shape)) for zone in self.zones.values() if zone.gates)
        self.ports = tuple(zone for zone in self.zones.values() if zone.kind == "port")
        self._circles = {zone.id: around(zone.shape) for zone in self.ports}
        self._seas: Mapping[str, SeaTable] = {} if seas is None else seas
        self._grids: dict[int, dict[tuple[int, int], list[Zone]]] = {}
        for zone in self.zones.values():
            per_degree = _grid(zone)
            grid = self._grids.setdefault(per_degree, {})
            for square in _squares(_bounds(zone.shape), per_degree):
                grid.setdefault(square, []).append(zone)

    @classmethod
    def of(cls, zones: Iterable[Zone], seas: Mapping[str, SeaTable] | None = None) -> "ZoneIndex":
        """The index of these zones; ids must differ."""
        return cls(zones, seas)

    def at(self, lat: float, lon: float) -> tuple[Zone, ...]:
        """The zones whose border holds the position, sorted by id."""
        found = [zone for zone in self._near(lat, wrapped(lon)) if holds(zone, (lat, lon))]
        return tuple(sorted(found, key=lambda zone: zone.id) if len(found) > 1 else found)

    def _near(self, lat: float, lon: float) -> Iterator[Zone]:
        for per_degree, grid in self._grids.items():
            yield from grid.get((math.floor(lat * per_degree), math.floor(lon * per_degree)), ())

    def straits_between(self, before: Fix, now: Fix) -> Iterator[Zone]:
        """The straits that a leg between two fixes may cross: those that its box touches, by id."""
        if abs(now[0] - before[0]) + abs(now[1] - before[1]) < LEAST_LEG_DEG:
            return
        south, north = min(before[0], now[0]), max(before[0], now[0])
        lon = beside(now[1], before[1])
        west, east = min(before[1], lon), max(before[1], lon)
        for zone, (low, high, left, right) in self._straits:
            turned = beside(west, left) - west
            if low <= north and high >= south and west + turned <= right and east + turned >= left:
                yield zone

    def outside(self, zone: str, lat: float, lon: float) -> bool:
        """Whether the position is further outside this zone than its margin."""
        return beyond_margin(self.zones[zone], (lat, lon))

    def straight_nm(self, port: str, fix: Fix) -> float:
        """How far it is to the border of this port by the great circle."""
        centre, radius_nm = self._circles[port]
        return max(0.0, distance_nm(centre, fix) - radius_nm)

    def nearest_port(self, fix: Fix) -> tuple[Zone, float] | None:
        """The port whose border is nearest by the great circle, and how far it is; None: there is no port."""
        nearest: tuple[Zone, float] | None = None
        for straight_nm, _, zone in sorted((self.straight_nm(zone.id, fix), zone.id, zone) for zone in self.ports):
            if nearest is not None and straight_nm >= nearest[1]:
                break
            border_nm = to_border_nm(zone, fix)
            if nearest is None or border_nm < nearest[1]:
                nearest = zone, border_nm
        return nearest

    def sailed_nm(self, port: str, fix: Fix) -> float:
        """What no way at sea to the border of this port undercuts."""
        table, straight_nm = self._seas.get(port), self.straight_nm(port, fix)
        return straight_nm if table is None else max(straight_nm, table.at_least_nm(fix))


def around(shape: Circle | Polygon) -> tuple[Fix, float]:
    """A circle that holds the shape: centre, and radius in nm."""
    if isinstance(shape, Circle):
        return (shape.lat, shape.lon), shape.radius_nm
    south, north, west, east = _extent(shape)
    centre = ((south + north) / 2, wrapped((west + east) / 2))
    return centre, max(distance_nm(centre, corner) for corner in shape.ring)


_GRIDS = (20, 5, 1)
"""Squares per degree, the finest first."""
_MOST_SQUARES = 50
_Bounds = tuple[float, float, float, float]


def _grid(zone: Zone) -> int:
    south, north, west, east = _bounds(zone.shape)
    for per_degree in _GRIDS[:-1]:
        if ((north - south) * per_degree + 1) * ((east - west) * per_degree + 1) <= _MOST_SQUARES:
            return per_degree
    return _GRIDS[-1]


def _squares(bounds: _Bounds, per_degree: int) -> Iterator[tuple[int, int]]:
    """Every square within the bounds; near a pole, all around."""
    south, north, west, east = bounds
    rows = range(math.floor(max(south, -90) * per_degree), math.floor(min(north, 90) * per_degree) + 1)
    half = 180 * per_degree
    span = range(math.floor(west * per_degree), math.floor(east * per_degree) + 1)
    columns = range(-half, half) if east - west >= 360 else ((n + half) % (2 * half) - half for n in span)
    yield from product(rows, columns)


def _bounds(shape: Circle | Polygon) -> _Bounds:
    """South, north, west and east, a little wider than the shape."""
    south, north, west, east = _extent(shape)
    return south - _SLACK_DEG, north + _SLACK_DEG, west - _SLACK_DEG, east + _SLACK_DEG


_SLACK_DEG = 1e-9
"""A longitude that is brought home by whole turns differs in its last bits."""


def _extent(shape: Circle | Polygon) -> _Bounds:
    if isinstance(shape, Circle):
        lat_deg = shape.radius_nm / 60 * 1.01
        south, north = shape.lat - lat_deg, shape.lat + lat_deg
        furthest = max(abs(south), abs(north))
        lon_deg = 360.0 if furthest >= 89 else lat_deg / math.cos(math.radians(furthest))
        return south, north, shape.lon - lon_deg, shape.lon + lon_deg
    lats = [lat for lat, _ in shape.ring]
    lons = [shape.ring[0][1]]
    for _, lon in shape.ring[1:]:
        lons.append(lons[-1] + wrapped(lon - lons[-1]))
    return min(lats), max(lats), min(lons), max(lons)
