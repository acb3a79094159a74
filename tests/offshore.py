"""`python -m tests.offshore`: writes the tables of alerts/core/offshore.py anew, from the land of the dashboard.

Natural Earth 1:10 M (public domain), as world-atlas packs it.  A square is offshore where no point of it lies within so
many miles of land, or on it.
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

from alerts.core.offshore import OFF_THE_COAST, OFFSHORE, Squares
from alerts.dashboard.vendor import VENDOR

CORE = Path(__file__).parents[1] / "alerts" / "core"
TABLES = {"offshore_table.py": OFFSHORE, "shore_table.py": OFF_THE_COAST}
WIDTH = 118
Flags = NDArray[np.bool_]


def step_nm(table: Squares) -> float:
    """How far apart points of a coast are taken at most: finer for finer squares, as is their grid."""
    return 12 / table.per_degree


def grid(table: Squares) -> int:
    """Lines per degree, on which these points are laid."""
    return 5 * table.per_degree


def reach_nm(table: Squares) -> float:
    """From the middle of a square to a point on the coast: half a square, half of their grid, half a step, and a bit
    for the shape of the earth.
    """
    half_deg = math.hypot(0.5, 0.5) / table.per_degree + math.hypot(0.5, 0.5) / grid(table)
    return table.nm + 60 * half_deg + step_nm(table) / 2 + 0.5


def offshore(table: Squares) -> Flags:
    """Which squares are: rows from the south pole, columns from 180 W."""
    land = shapely.geometry.shape(json.loads((VENDOR / "land-10m.geojson").read_text())["geometry"])
    shapely.prepare(land)
    lats = (np.arange(table.rows) + 0.5) / table.per_degree - 90
    lons = (np.arange(table.columns) + 0.5) / table.per_degree - 180
    far: Flags = ~shapely.contains_xy(land, *np.meshgrid(lons, lats))
    for lat, lon in set(_coast(land, table)):
        _near(far, table, lat, lon)
    return far


def _coast(land: shapely.MultiPolygon, table: Squares) -> Iterator[tuple[float, float]]:
    """Points of all coasts, never further apart than the step, on a grid of their own."""
    lines = grid(table)
    for polygon in land.geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            lons, lats = np.array(ring.coords).T
            miles = 60 * np.hypot(np.diff(lats), np.diff(lons))
            steps = np.maximum(1, np.ceil(miles / step_nm(table))).astype(int)
            at = np.concatenate([n + np.arange(k) / k for n, k in enumerate(steps.tolist())])
            for lat, lon in zip(*(np.interp(at, np.arange(len(lats)), side) for side in (lats, lons)), strict=True):
                yield round(lat * lines) / lines, round(lon * lines) / lines


def _near(far: Flags, table: Squares, lat: float, lon: float) -> None:
    """No square that has a point so near to this one is."""
    reach, per_degree = reach_nm(table) / 60, table.per_degree
    for row in range(max(0, math.floor((lat + 90 - reach) * per_degree)), math.ceil((lat + 90 + reach) * per_degree)):
        if row >= table.rows:
            break
        middle = (row + 0.5) / per_degree - 90
        cosines = max(1e-9, math.cos(math.radians(lat)) * math.cos(math.radians(middle)))
        room = (_haversine(reach) - _haversine(middle - lat)) / cosines
        if room <= 0:
            continue
        wide = 180.0 if room >= 1 else math.degrees(2 * math.asin(math.sqrt(room)))
        first = math.ceil((lon - wide + 180) * per_degree - 0.5)
        last = math.floor((lon + wide + 180) * per_degree - 0.5)
        far[row, np.arange(first, last + 1) % table.columns] = False


def _haversine(degrees: float) -> float:
    return math.sin(math.radians(degrees) / 2) ** 2


def main() -> None:
    for file, table in TABLES.items():
        packed = b85encode(zlib.compress(np.packbits(offshore(table)).tobytes(), 9)).decode()
        lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(packed, WIDTH - 8, break_on_hyphens=False))
        (CORE / file).write_text(f'"""Made by tests/offshore.py."""\n\nPACKED = (\n{lines}\n)\n')


if __name__ == "__main__":
    main()
