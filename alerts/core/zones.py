"""Flagged zones: ports, straits and areas, and which of them hold a position.

Hysteresis: in at the border, out only when further than the margin outside it.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Literal

from alerts.core.frozen import Struct
from alerts.core.geo import Fix, beside, distance_nm, distance_to_line_nm, inside_ring, legs_cross, wrapped
from alerts.core.nearest import Circles, nearest_first, tree_of, within
from alerts.core.seaway import SeaTable

Kind = Literal["area", "port", "strait"]


class Circle(Struct, frozen=True):
    """Centre in degrees, radius in nm."""

    lat: float
    lon: float
    radius_nm: float


class Polygon(Struct, frozen=True):
    """One closed ring (last = first) of (lat, lon)."""

    ring: tuple[Fix, ...]


class Gate(Struct, frozen=True):
    """A named line of fixes from shore to shore, at one `end` of a strait; an end may have several gates.

    `side_nm`: how far from its middle all water is known to lie off this end (alerts/core/passage.py); (): not known.
    """

    name: str
    line: tuple[Fix, ...]
    end: str = ""
    side_nm: tuple[int, ...] = ()


class Detour(Struct, frozen=True):
    """Who does not pass the strait comes over one of these lines, or further than so far from the strait's middle."""

    within_nm: float
    ways: tuple[tuple[Fix, ...], ...] = ()


class Zone(Struct, frozen=True):
    """One flagged zone; `flag` is the severity of what happens there, `uncertainty_nm` how well its border is known.

    `transit_h` is how long a ship takes through a strait at most, as a rule; `detour` says what leads round it.  None:
    nobody said.
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
    detour: Detour | None = None


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
_Squares = dict[tuple[int, int], list["Zone"]]


class ZoneIndex:
    """All zones of one version, in grids of squares and a tree of ports: ten thousand of them cost no more than ten.

    A zone stands in every square that it or a gate of it may touch, of the finest grid in which those are not too many.
    `seas` has the tables of ports by their ids; one that is missing is not at sea, or nobody made it.
    """

    def __init__(self, zones: Iterable[Zone], seas: Mapping[str, SeaTable] | None = None) -> None:
        self.zones: Mapping[str, Zone] = {zone.id: zone for zone in sorted(zones, key=lambda zone: zone.id)}
        self.ports = tuple(zone for zone in self.zones.values() if zone.kind == "port")
        self._circles = {zone.id: Circles(*around(zone.shape), zone.id) for zone in self.ports}
        self._tree = tree_of(tuple(self._circles.values()))
        self._seas: Mapping[str, SeaTable] = {} if seas is None else seas
        self._grids = _grids(self.zones.values())
        straits = [zone for zone in self.zones.values() if zone.gates]
        self._straits, self._strait_grids = {zone.id: _bounds(zone) for zone in straits}, _grids(straits)
        self._strait_tree = tree_of([Circles(*_around_box(box), name) for name, box in self._straits.items()])
        self._off_tree = tree_of([_off(zone) for zone in straits if zone.detour])

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

    def straits_between(self, before: Fix, now: Fix) -> tuple[Zone, ...]:
        """The straits that a leg between two fixes may cross: those that its box touches, by id."""
        if abs(now[0] - before[0]) + abs(now[1] - before[1]) < LEAST_LEG_DEG:
            return ()
        south, north = min(before[0], now[0]), max(before[0], now[0])
        lon = beside(now[1], before[1])
        box = south, north, min(before[1], lon), max(before[1], lon)
        return tuple(self.zones[name] for name in sorted(set(self._about(box))) if _touch(box, self._straits[name]))

    def straits_off(self, fix: Fix) -> Iterator[Zone]:
        """Those of which it is known what leads round, and off an end of which the fix may lie."""
        return (self.zones[name] for name in within(self._off_tree, fix, 0.0))

    def _about(self, box: "_Bounds") -> Iterable[str]:
        """The straits that may touch the box.  A large one has too many squares, a quarter of the earth no circle."""
        if _finest(box) == _GRIDS[0]:
            grids = self._strait_grids.items()
            return (zone.id for per, grid in grids for square in _squares(box, per) for zone in grid.get(square, ()))
        return self._straits if box[3] - box[2] > 90 else within(self._strait_tree, *_around_box(box))

    def outside(self, zone: str, lat: float, lon: float) -> bool:
        """Whether the position is further outside this zone than its margin."""
        return beyond_margin(self.zones[zone], (lat, lon))

    def straight_nm(self, port: str, fix: Fix) -> float:
        """How far it is to the border of this port by the great circle."""
        return self._circles[port].outside_nm(fix)

    def ports_from(self, *fixes: Fix) -> Iterator[tuple[float, Zone]]:
        """The ports, by how far they are from these fixes by the great circle, all told: the nearest first."""
        for straight_nm, port in nearest_first(self._tree, *fixes):
            yield straight_nm, self.zones[port]

    def nearest_port(self, fix: Fix) -> tuple[Zone, float] | None:
        """The port whose border is nearest by the great circle, and how far it is; None: there is no port."""
        nearest: tuple[Zone, float] | None = None
        for straight_nm, zone in self.ports_from(fix):
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
    centre, _ = _around_box(_extent(shape))
    return centre, max(distance_nm(centre, corner) for corner in shape.ring)


def _off(strait: Zone) -> Circles:
    centre, radius_nm = around(strait.shape)
    gates_nm = max(distance_nm(centre, fix) for gate in strait.gates for fix in gate.line)
    off_nm = max(nm for gate in strait.gates for nm in (0, *gate.side_nm))
    return Circles(centre, max(radius_nm, gates_nm) + off_nm, strait.id)


_GRIDS = (20, 5, 1)
"""Squares per degree, the finest first."""
_MOST_SQUARES = 50
_Bounds = tuple[float, float, float, float]


def _grids(zones: Iterable[Zone]) -> dict[int, _Squares]:
    """The zones in their squares, by how many of these a degree has."""
    grids: dict[int, _Squares] = {}
    for zone in zones:
        bounds = _bounds(zone)
        per_degree = _finest(bounds)
        grid = grids.setdefault(per_degree, {})
        for square in _squares(bounds, per_degree):
            grid.setdefault(square, []).append(zone)
    return grids


def _finest(bounds: _Bounds) -> int:
    south, north, west, east = bounds
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


def _touch(one: _Bounds, other: _Bounds) -> bool:
    """Whether two boxes have a point in common, the first a turn away if need be."""
    (south, north, west, east), (low, high, left, right) = one, other
    turned = beside(west, left) - west
    return low <= north and high >= south and west + turned <= right and east + turned >= left


def _around_box(box: _Bounds) -> tuple[Fix, float]:
    """A circle that holds it."""
    south, north, west, east = box
    centre = ((south + north) / 2, wrapped((west + east) / 2))
    return centre, max(distance_nm(centre, corner) for corner in ((south, west), (north, west)))


def _bounds(zone: Zone) -> _Bounds:
    """South, north, west and east, a little wider than the shape and the gates."""
    south, north, west, east = _extent(zone.shape)
    for lat, lon in (fix for gate in zone.gates for fix in gate.line):
        lon = beside(lon, (west + east) / 2)
        south, north, west, east = min(south, lat), max(north, lat), min(west, lon), max(east, lon)
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
