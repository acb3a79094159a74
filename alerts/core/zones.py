"""Flagged zones: ports, straits and areas, and which of them hold a position.

Hysteresis: in at the border, out only when further than the margin outside it.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from alerts.core.geo import Fix, distance_nm, distance_to_line_nm, inside_ring, legs_cross, wrapped

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
    """A named end of a strait: a line of fixes from shore to shore."""

    name: str
    line: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """One flagged zone; `flag` is the severity of what happens there, `uncertainty_nm` how well its border is known."""

    id: str
    name: str
    kind: Kind
    shape: Circle | Polygon
    margin_nm: float
    gates: tuple[Gate, ...]
    flag: str
    source: str
    uncertainty_nm: float


def holds(zone: Zone, fix: Fix) -> bool:
    """Whether the border of the zone holds the fix."""
    shape = zone.shape
    if isinstance(shape, Circle):
        return distance_nm((shape.lat, shape.lon), fix) <= shape.radius_nm
    return inside_ring(fix, shape.ring)


def beyond_margin(zone: Zone, fix: Fix) -> bool:
    """Whether the fix lies further outside the border than the margin."""
    shape = zone.shape
    if isinstance(shape, Circle):
        return distance_nm((shape.lat, shape.lon), fix) > shape.radius_nm + zone.margin_nm
    return not inside_ring(fix, shape.ring) and distance_to_line_nm(fix, shape.ring) > zone.margin_nm


def gate_crossed(zone: Zone, before: Fix, after: Fix) -> Gate | None:
    """The first gate in the zone's own order that the leg between two fixes crosses."""
    for gate in zone.gates:
        legs = zip(gate.line, gate.line[1:], strict=False)
        if any(legs_cross(before, after, a, b) for a, b in legs):
            return gate
    return None


class ZoneIndex:
    """All zones of one version.  A grid of one-degree squares makes ten thousand of them cost no more than ten."""

    def __init__(self, zones: Mapping[str, Zone], squares: Mapping[tuple[int, int], tuple[Zone, ...]]) -> None:
        self.zones = zones
        self._squares = squares

    @classmethod
    def of(cls, zones: Iterable[Zone]) -> "ZoneIndex":
        """The index of these zones; ids must differ."""
        by_id = {zone.id: zone for zone in sorted(zones, key=lambda zone: zone.id)}
        squares: dict[tuple[int, int], list[Zone]] = {}
        for zone in by_id.values():
            for square in _squares_of(zone):
                squares.setdefault(square, []).append(zone)
        return cls(by_id, {square: tuple(inside) for square, inside in squares.items()})

    def at(self, lat: float, lon: float) -> tuple[Zone, ...]:
        """The zones whose border holds the position, sorted by id."""
        square = (math.floor(lat), math.floor(wrapped(lon)))
        return tuple(zone for zone in self._squares.get(square, ()) if holds(zone, (lat, lon)))

    def outside(self, zone: str, lat: float, lon: float) -> bool:
        """Whether the position is further outside this zone than its margin."""
        return beyond_margin(self.zones[zone], (lat, lon))


def _squares_of(zone: Zone) -> Iterator[tuple[int, int]]:
    """Every one-degree square that the zone may touch; near a pole, all around."""
    south, north, west, east = _bounds(zone.shape)
    for lat in range(math.floor(max(south, -90)), math.floor(min(north, 90)) + 1):
        span = range(-180, 180) if east - west >= 360 else range(math.floor(west), math.floor(east) + 1)
        for lon in span:
            yield lat, int(wrapped(lon))


def _bounds(shape: Circle | Polygon) -> tuple[float, float, float, float]:
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
