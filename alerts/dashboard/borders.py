"""The flagged zones as GeoJSON for the chart: a polygon for each zone, a line for each gate (kind `gate`)."""

from collections.abc import Iterable
from typing import Any

from alerts.core.geo import Fix, beside, destination
from alerts.core.zones import Circle, Gate, Zone
from alerts.dashboard.land import Point, unrolled

CORNERS = 72
"""Of a circle: five degrees each, which differs from the circle by less than a thousandth of its radius."""


def geojson(zones: Iterable[Zone]) -> dict[str, Any]:
    """A FeatureCollection with the properties `id`, `name`, `kind` and `flag`; lon before lat."""
    features = [feature for zone in zones for feature in (_border(zone), *(_gate(zone, gate) for gate in zone.gates))]
    return {"type": "FeatureCollection", "features": features}


def _border(zone: Zone) -> dict[str, Any]:
    shape = zone.shape
    ring = _around(shape) if isinstance(shape, Circle) else shape.ring
    properties = {"id": zone.id, "name": zone.name, "kind": zone.kind, "flag": zone.flag}
    return _feature(properties, "Polygon", [unrolled(_points(ring))])


def _gate(zone: Zone, gate: Gate) -> dict[str, Any]:
    properties = {"id": zone.id, "name": gate.name, "kind": "gate", "flag": zone.flag}
    line = _points(gate.line)
    beside_first = [(round(beside(lon, line[0][0]), 5), lat) for lon, lat in line]
    return _feature(properties, "LineString", beside_first)


def _around(circle: Circle) -> tuple[Fix, ...]:
    centre = (circle.lat, circle.lon)
    corners = [destination(centre, course * 360 / CORNERS, circle.radius_nm) for course in range(CORNERS)]
    return (*corners, corners[0])


def _points(fixes: Iterable[Fix]) -> list[Point]:
    return [(round(lon, 5), round(lat, 5)) for lat, lon in fixes]


def _feature(properties: dict[str, str], shape: str, coordinates: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coordinates}}
