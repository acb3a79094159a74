"""TopoJSON to GeoJSON: the land under the map, decoded once when the package is built.

The topology's form is the TopoJSON 1.0 specification's: arcs are delta-encoded integers under one transform, a ring
is a list of arc numbers, and a negative number n means arc ~n walked backwards.

A ring over the antimeridian is unrolled (its longitudes run on past 180), and one around a pole is closed over it:
on a flat map both would else draw lines through all the world.
"""

from itertools import accumulate, pairwise
from typing import Any

Point = tuple[float, float]


def geojson(topology: dict[str, Any], name: str, decimals: int) -> dict[str, Any]:
    """One Feature of type MultiPolygon (degrees, lon before lat) of the object `name`; KeyError if it has none."""
    arcs = [_arc(arc, topology["transform"], decimals) for arc in topology["arcs"]]
    polygons = [
        [unrolled(_ring(ring, arcs)) for ring in polygon]
        for geometry in topology["objects"][name]["geometries"]
        for polygon in _polygons(geometry)
    ]
    return {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def _polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    return geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]


def _arc(deltas: list[list[int]], transform: dict[str, Any], decimals: int) -> list[Point]:
    (scale_x, scale_y), (left, bottom) = transform["scale"], transform["translate"]
    xs = accumulate(delta[0] for delta in deltas)
    ys = accumulate(delta[1] for delta in deltas)
    return [
        (round(x * scale_x + left, decimals), round(y * scale_y + bottom, decimals))
        for x, y in zip(xs, ys, strict=True)
    ]


def _ring(numbers: list[int], arcs: list[list[Point]]) -> list[Point]:
    ring: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring.extend(arc[1:] if ring else arc)
    return ring


def unrolled(ring: list[Point]) -> list[Point]:
    """The ring with no step of more than 180 degrees of longitude, its middle between -180 and 180."""
    shift, flat = 0, [ring[0]]
    for (before, _), (lon, lat) in pairwise(ring):
        shift -= 360 * round((lon - before) / 360)
        flat.append((round(lon + shift, 6), lat))
    if shift:
        pole = 90.0 if ring[0][1] > 0 else -90.0
        flat += [(flat[-1][0], pole), (flat[0][0], pole), flat[0]]
    middle = (min(lon for lon, _ in flat) + max(lon for lon, _ in flat)) / 2
    back = 360 * round(middle / 360)
    return [(round(lon - back, 6), lat) for lon, lat in flat]
