"""`python -m tests.seas`: writes alerts/watchlist/sea_mask.py anew, from the land that the dashboard draws.

Natural Earth 1:10 M (public domain), as world-atlas packs it.
"""

import json
import math
import textwrap
import zlib
from base64 import b85encode
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

from alerts.core.geo import Fix
from alerts.core.seaway import square_of
from alerts.dashboard.vendor import VENDOR
from alerts.watchlist.seas import SIDE, Flags, latitudes

MASK = Path(__file__).parents[1] / "alerts" / "watchlist" / "sea_mask.py"
STEP_DEG, WIDTH = 0.005, 118
OCEAN: Fix = (0.0, -150.0)
CANALS: tuple[tuple[Fix, ...], ...] = (
    ((31.3, 32.4), (29.9, 32.55)),  # Suez
    ((9.4, -79.95), (8.9, -79.5)),  # Panama
    ((53.9, 9.1), (54.4, 10.2)),  # Kiel
    ((47.1, 39.3), (48.7, 43.5), (48.5, 44.6), (46.3, 48.0), (45.2, 48.0)),  # Don and Volga
    ((48.5, 44.6), (53.2, 50.0), (55.7, 49.0), (56.3, 44.0), (58.1, 38.7), (61.2, 35.8)),  # Volga and Onega
    ((59.9, 30.0), (60.0, 31.5), (61.2, 35.8), (64.6, 34.9)),  # Neva, Onega and White Sea
)
"""Straight lines, which no way through undercuts by more than a square: river and canal wind about them."""


def sea() -> Flags:
    """Which squares are joined to the ocean."""
    land = shapely.geometry.shape(json.loads((VENDOR / "land-10m.geojson").read_text())["geometry"])
    shapely.prepare(land)
    lons = (np.arange(SIDE) + 0.5) / SIDE * 360 - 180
    wholly = np.array([shapely.contains_xy(land, lons, lat) for lat in latitudes()])
    for polygon in land.geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            _open(wholly, [(lat, lon) for lon, lat in ring.coords], 0)
    blocked = _within(wholly)
    blocked[:2] = blocked[-2:] = True  # a step goes two rows at most: none goes off the chart
    for canal in CANALS:
        _open(blocked, canal, 1)
    return _joined(~blocked, square_of(OCEAN, SIDE))


def _open(land: Flags, line: Sequence[Fix], around: int) -> None:
    """No square that the line touches is land, nor, if told so, one beside it."""
    for a, b in pairwise(line):
        for row, column in {square_of(fix, SIDE) for fix in _between(a, b)}:
            rows = np.arange(max(0, row - around), min(SIDE, row + around + 1))
            land[np.ix_(rows, np.arange(column - around, column + around + 1) % SIDE)] = False


def _between(a: Fix, b: Fix) -> Iterator[Fix]:
    steps = max(1, math.ceil(math.hypot(b[0] - a[0], b[1] - a[1]) / STEP_DEG))
    for n in range(steps + 1):
        lat, lon = (p + (q - p) * n / steps for p, q in zip(a, b, strict=True))
        if abs(lat) < 85.05:
            yield lat, lon


def _within(wholly: Flags) -> Flags:
    """The squares all around which are land too."""
    rows = np.pad(wholly, ((1, 1), (0, 0)), constant_values=True)
    upright = rows[:-2] & rows[1:-1] & rows[2:]
    flags: Flags = upright & np.roll(upright, 1, 1) & np.roll(upright, -1, 1)
    return flags


def _joined(free: Flags, start: tuple[int, int]) -> Flags:
    joined, waiting = np.zeros_like(free), deque([start])
    joined[start] = True
    while waiting:
        row, column = waiting.popleft()
        for north, east in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            beside = row + north, (column + east) % SIDE
            if 0 <= beside[0] < SIDE and free[beside] and not joined[beside]:
                joined[beside] = True
                waiting.append(beside)
    return joined


def main() -> None:
    packed = b85encode(zlib.compress(np.packbits(sea()).tobytes(), 9)).decode()
    lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(packed, WIDTH - 8, break_on_hyphens=False))
    MASK.write_text(f'"""Made by tests/seas.py."""\n\nPACKED = (\n{lines}\n)\n')


if __name__ == "__main__":
    main()
