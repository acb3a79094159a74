"""Zones, tracks and cover on the land (Natural Earth), as a picture.  The door to Pillow, which only pictures need."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, dist, radians
from typing import Any

from PIL import Image, ImageDraw

from alerts.core.geo import Fix, beside
from alerts.core.zones import Zone
from alerts.dashboard import borders
from alerts.dashboard.land import Point
from alerts.dashboard.vendor import VENDOR

WIDTH_PX = 1_000
FINE_BELOW_DEG = 30.0
"""A chart of less height shows the land of 1:10 M, any other that of 1:50 M."""
LEAST_HEIGHT_DEG = 0.15
MOST_HEIGHT_PX = 1_400
SEA, LAND, COAST, TEXT = "#dfeaf2", "#f3ecd9", "#8a8064", "#1b2733"
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""
COLOURS = {
    "area": "#7a52a0",
    "port": "#0b6b50",
    "strait": "#1f5fa8",
    "gate": "#c1440e",
    "track": "#1b2733",
    "dark": "#c1440e",
}
_DASH_PX = 18


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chart shows: west may lie below -180, so that one across the antimeridian is like any other."""

    south: float
    west: float
    north: float
    east: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> "Frame":
        """All the points (lon, lat) with a fifth of their extent around them."""
        lons = [beside(lon, points[0][0]) for lon, _ in points]
        lats = [lat for _, lat in points]
        height = max(max(lats) - min(lats), (max(lons) - min(lons)) / 3, LEAST_HEIGHT_DEG)
        middle, aside = (max(lats) + min(lats)) / 2, height / 5 / max(cos(radians(max(lats, key=abs))), 0.1)
        south, north = max(-90.0, middle - 0.7 * height), min(90.0, middle + 0.7 * height)
        return cls(south, min(lons) - aside, north, max(lons) + aside)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels: true to shape in the middle latitude, where that is not too tall."""
        shrunk = cos(radians((self.south + self.north) / 2))
        height = WIDTH_PX * (self.north - self.south) / ((self.east - self.west) * max(shrunk, 0.1))
        return WIDTH_PX, round(min(height, MOST_HEIGHT_PX))

    def place(self, point: Point) -> Point:
        """Pixels from the left and the top."""
        width, height = self.size
        lon, lat = point
        return (lon - self.west) / (self.east - self.west) * width, (self.north - lat) / (
            self.north - self.south
        ) * height


def chart(zones: Iterable[Zone]) -> Image.Image:
    """The zones with their gates and names, on as much of the land as lies around them."""
    features = borders.geojson(zones)["features"]
    frame = Frame.around([point for feature in features for point in _points(feature)])
    image, draw = _outlined(frame, features)
    _name(draw, frame, features)
    return image


Leg = tuple[Fix, Fix, bool]
"""From, to, and whether nobody heard her in between."""


def track(zones: Iterable[Zone], fixes: Sequence[tuple[str, Fix, bool]], legs: Iterable[Leg]) -> Image.Image:
    """One hull's known fixes with their days, and the legs between them, on the land and the zones around.

    A fix is its day, where, and whether it was heard (else sighted: a square).  Dark legs are dashed.
    """
    frame = Frame.around([(lon, lat) for _, (lat, lon), _ in fixes])
    features = [one for one in borders.geojson(zones)["features"] if _touches(frame, one)]
    image, draw = _outlined(frame, features)
    for before, after, dark in legs:
        _leg(draw, _at(frame, before), _at(frame, after), dark)
    for _, fix, heard in fixes:
        _mark(draw, _at(frame, fix), heard)
    _write(
        draw, _days(frame, fixes), _name(draw, frame, [one for one in features if one["properties"]["kind"] != "gate"])
    )
    return image


HEARD = ((0.0, "#b2182b"), (0.25, "#ef8a62"), (0.5, "#fddbc7"), (0.75, "#92c5de"), (0.9, "#2166ac"))
"""From which share of the ships under way on, in which colour; told apart by the colour-blind too."""
Corners = tuple[float, float, float, float]
"""South, west, north, east."""


def cover(cells: Sequence[tuple[Corners, float, bool]]) -> Image.Image:
    """Squares of the sea, each in the colour of the share of ships that are heard there, under the coast.

    A small one stands for a cell of which little is known.
    """
    frame = Frame.around(
        [point for (south, west, north, east), *_ in cells for point in ((west, south), (east, north))]
    )
    image, draw = _outlined(frame, ())
    for corners, share, known in cells:
        *_, colour = (colour for least, colour in HEARD if share >= least)
        draw.rectangle(_square(frame, corners, known), colour, "white")
    for ring in _land(frame):
        coast = [frame.place(point) for point in (*ring, ring[0])]
        draw.line(coast, LAND, 4)
        draw.line(coast, TEXT, 2)
    _key(draw, frame)
    return image


def _square(frame: Frame, corners: Corners, whole: bool) -> Box:
    south, west, north, east = corners
    left, top = _at(frame, (north, west))
    width = (east - west) / (frame.east - frame.west) * frame.size[0]
    height = (north - south) / (frame.north - frame.south) * frame.size[1]
    aside = 0 if whole else 0.3
    return left + aside * width, top + aside * height, left + (1 - aside) * width, top + (1 - aside) * height


def _key(draw: ImageDraw.ImageDraw, frame: Frame) -> None:
    """What the colours mean, below on the left."""
    rows = [(colour, f"{100 * least:.0f} % and more") for least, colour in HEARD[:0:-1]]
    rows += [(HEARD[0][1], f"less than {100 * HEARD[1][0]:.0f} %"), (SEA, "small: little is known")]
    top = frame.size[1] - 22 * (len(rows) + 1) - 12
    draw.rectangle((8, top, 218, frame.size[1] - 8), "white", COAST)
    draw.text((16, top + 5), "ships under way that are heard", TEXT, font_size=13)
    for n, (colour, text) in enumerate(rows, 1):
        draw.rectangle((16, top + 22 * n + 4, 36, top + 22 * n + 18), colour, COAST)
        draw.text((44, top + 22 * n + 3), text, TEXT, font_size=13)


def _outlined(frame: Frame, features: Iterable[dict[str, Any]]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """The land within the frame, and the borders and gates on it."""
    image = Image.new("RGB", frame.size, SEA)
    draw = ImageDraw.Draw(image)
    for ring in _land(frame):
        draw.polygon([frame.place(point) for point in ring], LAND, COAST)
    for feature in features:
        _outline(draw, frame, feature)
    return image, draw


def _touches(frame: Frame, feature: dict[str, Any]) -> bool:
    middle = (frame.west + frame.east) / 2
    points = [(beside(lon, middle), lat) for lon, lat in _points(feature)]
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    return west < frame.east and east > frame.west and south < frame.north and north > frame.south


def _at(frame: Frame, fix: Fix) -> Point:
    return frame.place((beside(fix[1], (frame.west + frame.east) / 2), fix[0]))


def _leg(draw: ImageDraw.ImageDraw, begin: Point, end: Point, dark: bool) -> None:
    if not dark:
        draw.line([begin, end], COLOURS["track"], 3)
        return
    dashes = max(1, int(dist(begin, end) / _DASH_PX))
    across, down = (end[0] - begin[0]) / (2 * dashes), (end[1] - begin[1]) / (2 * dashes)
    along = [(begin[0] + across * n, begin[1] + down * n) for n in range(2 * dashes)]
    for first, last in zip(along[::2], along[1::2], strict=True):
        draw.line([first, last], COLOURS["dark"], 3)


def _mark(draw: ImageDraw.ImageDraw, place: Point, heard: bool) -> None:
    box = (place[0] - 5, place[1] - 5, place[0] + 5, place[1] + 5)
    if heard:
        draw.ellipse(box, COLOURS["track"], "white")
    else:
        draw.rectangle(box, COLOURS["dark"], "white")


def _days(frame: Frame, fixes: Sequence[tuple[str, Fix, bool]]) -> Iterator[tuple[str, Point]]:
    """The first fix of each day and place."""
    for n, (day, fix, _) in enumerate(fixes):
        if n == 0 or fixes[n - 1][0] != day:
            yield day, _at(frame, fix)


def _write(draw: ImageDraw.ImageDraw, texts: Iterable[tuple[str, Point]], written: list[Box]) -> None:
    for text, (across, down) in texts:
        for place in (
            (across + 9, down - 18),
            (across + 9, down + 4),
            (across - 95, down - 18),
            (across - 95, down + 4),
        ):
            box = draw.textbbox(place, text, font_size=14, stroke_width=2)
            if not any(_overlap(box, other) for other in written):
                draw.text(place, text, TEXT, font_size=14, stroke_width=2, stroke_fill="white")
                written.append(box)
                break


def _land(frame: Frame) -> Iterator[list[Point]]:
    """Outer rings that touch the frame, each a turn to the east or west where that is what touches it."""
    file = "land-10m.geojson" if frame.north - frame.south < FINE_BELOW_DEG else "land-50m.geojson"
    land = json.loads((VENDOR / file).read_bytes())
    for outer, *_ in land["geometry"]["coordinates"]:
        lons, lats = [lon for lon, _ in outer], [lat for _, lat in outer]
        if min(lats) > frame.north or max(lats) < frame.south:
            continue
        for turn in (-360, 0, 360):
            if min(lons) + turn < frame.east and max(lons) + turn > frame.west:
                yield [(lon + turn, lat) for lon, lat in outer]


def _points(feature: dict[str, Any]) -> list[Point]:
    coordinates = feature["geometry"]["coordinates"]
    points: list[Point] = coordinates if feature["geometry"]["type"] == "LineString" else coordinates[0]
    return points


def _outline(draw: ImageDraw.ImageDraw, frame: Frame, feature: dict[str, Any]) -> None:
    kind = feature["properties"]["kind"]
    draw.line(_placed(frame, feature), COLOURS[kind], 5 if kind == "gate" else 2)


def _name(draw: ImageDraw.ImageDraw, frame: Frame, features: Sequence[dict[str, Any]]) -> list[Box]:
    """Zones before gates, and nothing over what is written already: on a chart of the world most stay without.

    Where something is written.
    """
    written: list[Box] = []
    for feature in sorted(features, key=lambda feature: feature["properties"]["kind"] == "gate"):
        properties, points = feature["properties"], _placed(frame, feature)
        across, down = (sum(values) / len(points) for values in zip(*points, strict=True))
        size, below_px = (13, 8) if properties["kind"] == "gate" else (16, 0)  # a gate is to be seen, not covered
        place = (across, down + below_px)
        box = draw.textbbox(place, properties["name"], anchor="mt", font_size=size, stroke_width=2)
        if not any(_overlap(box, other) for other in written):
            draw.text(place, properties["name"], TEXT, anchor="mt", font_size=size, stroke_width=2, stroke_fill=SEA)
            written.append(box)
    return written


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _placed(frame: Frame, feature: dict[str, Any]) -> list[Point]:
    middle = (frame.west + frame.east) / 2
    return [frame.place((beside(lon, middle), lat)) for lon, lat in _points(feature)]
