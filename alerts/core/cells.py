"""Cells: squares of the sea of about 6 nm, in rows of 0.1 degrees whose columns are thinned by the cosine.

A cell's number is row x 4096 + column: the same everywhere, whatever traffic was seen.
"""

import math
from functools import lru_cache

Cell = int

_ROWS = 1_800
STRIDE = 4_096
COSINES = tuple(math.cos(math.radians((row + 0.5) / 10 - 90)) for row in range(_ROWS))
"""Of the middle of each row."""
COLUMNS = tuple(max(1, round(3_600 * cosine)) for cosine in COSINES)


def row_of(lat: float) -> int:
    """The row of a latitude."""
    row = int((lat + 90) * 10)
    return row if 0 <= row < _ROWS else 0 if row < 0 else _ROWS - 1


def cell_of(lat: float, lon: float) -> Cell:
    """The cell of a fix."""
    row = row_of(lat)
    return row * STRIDE + int((lon + 180) % 360 / 360 * COLUMNS[row]) % COLUMNS[row]


def corners_of(cell: Cell) -> tuple[float, float, float, float]:
    """South, west, north and east of it, in degrees."""
    row, column = divmod(cell, STRIDE)
    width = 360 / COLUMNS[row]
    return row / 10 - 90, column * width - 180, (row + 1) / 10 - 90, (column + 1) * width - 180


@lru_cache(maxsize=1 << 16)
def around(cell: Cell) -> tuple[Cell, ...]:
    """The cell and those that touch it: nine, fewer at the poles."""
    return _block(cell, 1)


@lru_cache(maxsize=1 << 16)
def farther(cell: Cell) -> tuple[Cell, ...]:
    """The cell and those within two of it, some 30 nm across: twenty-five."""
    return _block(cell, 2)


def _block(cell: Cell, reach: int) -> tuple[Cell, ...]:
    row, column = divmod(cell, STRIDE)
    turned = (column + 0.5) / COLUMNS[row]
    rows = [r for r in range(row - reach, row + reach + 1) if 0 <= r < _ROWS]
    middles = ((r, int(turned * COLUMNS[r])) for r in rows)
    near = {r * STRIDE + (middle + step) % COLUMNS[r] for r, middle in middles for step in range(-reach, reach + 1)}
    return tuple(sorted(near))
