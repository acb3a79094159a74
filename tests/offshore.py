"""`python -m tests.offshore`: writes alerts/core/offshore_table.py anew, from the land that the dashboard draws.

Natural Earth 1:10 M (public domain), as world-atlas packs it.  A square of a quarter of a degree is offshore where no
point of it lies within 50 nm of land, or on it.
"""

import json
import math
import textwrap
import zlib
from base64 import b85encode
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from alerts.core.offshore import COLUMNS, NM, PER_DEGREE, ROWS
from alerts.dashboard.vendor import VENDOR

TABLE = Path(__file__).parents[1] / "alerts" / "core" / "offshore_table.py"
STEP_NM, WIDTH, _GRID = 3.0, 118, 20
REACH_NM = NM + 60 * (math.hypot(0.5, 0.5) / PER_DEGREE + math.hypot(0.5, 0.5) / _GRID) + STEP_NM / 2 + 0.5
"""From the middle of a square to a point on the coast: half a square, half of their grid, half a step, and a bit for
the shape of the earth.
"""
Flags = NDArray[np.bool_]


def offshore() -> Flags:
    """Which squares are: rows from the south pole, columns from 180 W."""
    land = shapely.geometry.shape(json.loads((VENDOR / "land-10m.geojson").read_text())["geometry"])
    shapely.prepare(land)
    lats = (np.arange(ROWS) + 0.5) / PER_DEGREE - 90
    lons = (np.arange(COLUMNS) + 0.5) / PER_DEGREE - 180
    far: Flags = ~shapely.contains_xy(land, *np.meshgrid(lons, lats))
    for lat, lon in set(_coast(land)):
        _near(far, lat, lon)
    return far


def _coast(land: shapely.MultiPolygon) -> Iterator[tuple[float, float]]:
    """Points of all coasts, never further apart than the step, on a grid of their own."""
    for polygon in land.geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            lons, lats = np.array(ring.coords).T
            steps = np.maximum(1, np.ceil(60 * np.hypot(np.diff(lats), np.diff(lons)) / STEP_NM)).astype(int)
            at = np.concatenate([n + np.arange(k) / k for n, k in enumerate(steps.tolist())])
            for lat, lon in zip(*(np.interp(at, np.arange(len(lats)), side) for side in (lats, lons)), strict=True):
                yield round(lat * _GRID) / _GRID, round(lon * _GRID) / _GRID


def _near(far: Flags, lat: float, lon: float) -> None:
    """No square that has a point within 50 nm of this one is."""
    reach = REACH_NM / 60
    for row in range(max(0, math.floor((lat + 90 - reach) * PER_DEGREE)), math.ceil((lat + 90 + reach) * PER_DEGREE)):
        if row >= ROWS:
            break
        middle = (row + 0.5) / PER_DEGREE - 90
        cosines = max(1e-9, math.cos(math.radians(lat)) * math.cos(math.radians(middle)))
        room = (_haversine(reach) - _haversine(middle - lat)) / cosines
        if room <= 0:
            continue
        wide = 180.0 if room >= 1 else math.degrees(2 * math.asin(math.sqrt(room)))
        first = math.ceil((lon - wide + 180) * PER_DEGREE - 0.5)
        last = math.floor((lon + wide + 180) * PER_DEGREE - 0.5)
        far[row, np.arange(first, last + 1) % COLUMNS] = False


def _haversine(degrees: float) -> float:
    return math.sin(math.radians(degrees) / 2) ** 2


def main() -> None:
    packed = b85encode(zlib.compress(np.packbits(offshore()).tobytes(), 9)).decode()
    lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(packed, WIDTH - 8, break_on_hyphens=False))
    TABLE.write_text(f'"""Made by tests/offshore.py."""\n\nPACKED = (\n{lines}\n)\n')


if __name__ == "__main__":
    main()
