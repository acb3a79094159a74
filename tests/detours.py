"""`python -m tests.detours [ZONE...]`: writes `side_nm` of the gates into the shipped zones.geojson, from the land that
the dashboard draws.

A chart is the sea within `within_nm` of the middle of a strait, with the strait and all ways round it (`detour`)
closed.  Lines from its middle are straight on it, and as long as at sea.  What is left is pieces: those off two ends
must not be one, else a way round was forgotten.
"""

import json
import math
import re
import sys
from functools import cache, cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from alerts.core.geo import EARTH_NM, Fix, distance_nm, wrapped
from alerts.core.passage import SECTORS, gate_middle
from alerts.core.zones import Gate, Polygon, Zone, middle
from alerts.dashboard.vendor import VENDOR
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER

REACH_NM = 300
"""A side is known no further."""
CLOSED_NM = 0.05
"""So wide on either side is a closed way, which begins and ends on land."""
INLAND_NM = 8.0
"""So far from the coast of the chart is a ship still taken to be on its waters: in a harbour, a river's mouth."""
FREE_NM = 3.0
"""So near to the middle of a gate do its waters begin."""

JOINED = {
    "Yakushima to Tanegashima",
    "Smaaland waters, Sealand to Lolland",
    "Riau Strait, Bintan to Batam",
    "Durian Strait, Batam to Karimun",
}
"""Third ends in the waters of another, of which nothing can be told apart."""


@cache
def land() -> tuple[BaseGeometry, ...]:
    polygons = json.loads((VENDOR / "land-10m.geojson").read_bytes())["geometry"]["coordinates"]
    return tuple(shapely.make_valid(shapely.Polygon(outer, holes)) for outer, *holes in polygons)


class Chart:
    """About a fix, in nm east and north of it along great circles."""

    def __init__(self, centre: Fix, radius_nm: float) -> None:
        self.centre, self.radius_nm = centre, radius_nm

    def at(self, lonlat: np.ndarray) -> np.ndarray:
        lat, lon = np.radians(lonlat[:, 1]), np.radians(lonlat[:, 0] - self.centre[1])
        lat0 = math.radians(self.centre[0])
        east = np.cos(lat) * np.sin(lon)
        north = math.cos(lat0) * np.sin(lat) - math.sin(lat0) * np.cos(lat) * np.cos(lon)
        up = math.sin(lat0) * np.sin(lat) + math.cos(lat0) * np.cos(lat) * np.cos(lon)
        off = np.hypot(east, north)
        nm = np.arctan2(off, up) * EARTH_NM
        return np.column_stack([east, north]) * (nm / np.maximum(off, 1e-12))[:, None]

    def line(self, fixes: tuple[Fix, ...]) -> shapely.LineString:
        """Straight in degrees, as in the core."""
        drawn = shapely.LineString([(fixes[0][1] + wrapped(lon - fixes[0][1]), lat) for lat, lon in fixes])
        return shapely.transform(drawn.segmentize(0.1), self.at)

    def ring(self, fixes: tuple[Fix, ...]) -> BaseGeometry:
        return shapely.make_valid(shapely.Polygon(self.line(fixes)))

    @cached_property
    def land(self) -> BaseGeometry:
        lat, lon = self.centre
        high = self.radius_nm / 60 + 1
        wide = 179.9 if abs(lat) + high >= 88 else min(179.9, high / math.cos(math.radians(abs(lat) + high)))
        box = shapely.box(lon - wide, max(-89.9, lat - high), lon + wide, min(89.9, lat + high))
        found = []
        for turn in (-360, 0, 360):
            there = shapely.affinity.translate(box, -turn)
            for polygon in land():
                if polygon.intersects(there):
                    cut = shapely.affinity.translate(polygon.intersection(there), turn).segmentize(0.5)
                    found.append(shapely.make_valid(shapely.transform(cut, self.at)))
        return shapely.union_all(found).intersection(self.disc)

    @cached_property
    def disc(self) -> BaseGeometry:
        return shapely.Point(0, 0).buffer(self.radius_nm, 64)


def chart_of(zone: Zone) -> Chart:
    assert zone.detour
    return Chart(middle(zone), zone.detour.within_nm)


def pieces(zone: Zone, chart: Chart) -> list[BaseGeometry]:
    """The waters that are left, the largest first."""
    assert isinstance(zone.shape, Polygon)
    assert zone.detour
    ways = [chart.line(way).buffer(CLOSED_NM) for way in zone.detour.ways]
    left = chart.disc.difference(shapely.union_all([chart.land, chart.ring(zone.shape.ring), *ways]))
    return sorted(shapely.get_parts(left), key=lambda piece: -piece.area)


def waters(zone: Zone, gate: Gate, chart: Chart, left: list[BaseGeometry]) -> BaseGeometry:
    """The piece off a gate."""
    lat, lon = gate_middle(gate)
    (xy,) = chart.at(np.array([(lon, lat)]))
    near = [piece for piece in left if piece.distance(shapely.Point(xy)) <= FREE_NM]
    return max(near, key=lambda piece: piece.area)


def side_nm(zone: Zone, gate: Gate, chart: Chart, left: list[BaseGeometry]) -> tuple[int, ...]:
    """How far from the gate's middle nothing else lies, in each sector of the compass, the first from north on.

    What else: other water, and land so deep that a river may come from another.
    """
    assert isinstance(zone.shape, Polygon)
    own = waters(zone, gate, chart, left)
    about = Chart(gate_middle(gate), REACH_NM + 30)
    reach = min(REACH_NM, math.floor(chart.radius_nm - distance_nm(chart.centre, about.centre)))
    others = [_moved(piece, chart, about) for piece in left if piece is not own]
    near = _moved(own, chart, about).simplify(0.5).buffer(INLAND_NM)
    deep = about.disc.difference(shapely.union_all([near, about.ring(zone.shape.ring)]))
    other = shapely.union_all([deep, *(piece for piece in others if not piece.is_empty)])
    return tuple(_clear_nm(other, n, reach) for n in range(SECTORS))


def _moved(piece: BaseGeometry, chart: Chart, about: Chart) -> BaseGeometry:
    (xy,) = chart.at(np.array([about.centre[::-1]]))
    near = piece.intersection(shapely.Point(xy).buffer(about.radius_nm * 1.3))
    if near.is_empty:
        return near
    back = shapely.transform(near.segmentize(3), lambda points: _lonlat(chart, points))
    return shapely.make_valid(shapely.transform(back, about.at)).intersection(about.disc)


def _lonlat(chart: Chart, points: np.ndarray) -> np.ndarray:
    nm = np.hypot(points[:, 0], points[:, 1])
    angle, course = nm / EARTH_NM, np.arctan2(points[:, 0], points[:, 1])
    lat0, lon0 = map(math.radians, chart.centre)
    lat = np.arcsin(math.sin(lat0) * np.cos(angle) + math.cos(lat0) * np.sin(angle) * np.cos(course))
    lon = lon0 + np.arctan2(
        np.sin(course) * np.sin(angle) * math.cos(lat0), np.cos(angle) - math.sin(lat0) * np.sin(lat)
    )
    return np.degrees(np.column_stack([lon, lat]))


def _clear_nm(other: BaseGeometry, sector: int, reach_nm: int) -> int:
    """A whole number of miles, one less than to the nearest other water in the sector, which is a little widened."""
    angles = np.radians(np.linspace(sector * 360 / SECTORS - 0.5, (sector + 1) * 360 / SECTORS + 0.5, 8))
    far = 2 * REACH_NM
    wedge = shapely.Polygon([(0, 0), *((far * math.sin(a), far * math.cos(a)) for a in angles)])
    inside = other.intersection(wedge)
    clear = reach_nm if inside.is_empty else math.floor(min(reach_nm, inside.distance(shapely.Point(0, 0)) - 1))
    return max(0, clear)


def sides(zone: Zone) -> dict[str, tuple[int, ...]]:
    """By the gate's name."""
    chart = chart_of(zone)
    left = pieces(zone, chart)
    return {gate.name: side_nm(zone, gate, chart, left) for gate in zone.gates if gate.name not in JOINED}


def written(text: str, zone: str, gate: str, side: tuple[int, ...]) -> str:
    """The file with one gate's numbers on a line of their own."""
    begin = text.index(f'"name": "{gate}"', text.index(f'"id": "{zone}"'))
    end = text.index("]]", begin) + 2
    rest = re.sub(r'^,\s*"side_nm": \[[^]]*\]', "", text[end:])
    return f'{text[:end]},\n             "side_nm": {list(side)}{rest}'


def main() -> None:
    path = DEFAULT_FOLDER / "zones.geojson"
    text = path.read_text()
    for zone in load_config(DEFAULT_FOLDER).zones:
        if zone.detour and zone.id in (sys.argv[1:] or [zone.id]):
            for gate, side in sides(zone).items():
                text = written(text, zone.id, gate, side)
    path.write_text(text)


if __name__ == "__main__":
    main()
