"""How far it is at least to a flagged port by sea, round land: a table, made with the zone version and only looked up.

A table holds, for squares on Mercator's chart half a degree of longitude wide, what no way at sea from any point of the
square to the port's border undercuts.  Where it says nothing (upriver, far off, a port that is not at sea) the great
circle is all that is known.
"""

import math

from alerts.core.frozen import Struct
from alerts.core.geo import Fix

SQUARES = 720
"""From south to north, and around the earth."""
UNIT_NM, LIMIT_NM = 6.0, 1_500.0
FURTHER, NO_SEA = 254, 255
"""A way is longer than the limit; nothing in this square is sea."""


class SeaTable(Struct, frozen=True):
    """Of one port: the squares from row `south` on and from column `west` on, row by row, in units."""

    south: int
    west: int
    columns: int
    values: bytes

    def at_least_nm(self, fix: Fix) -> float:
        """The shortest way from there that there can be; 0 where the table says nothing."""
        row, column = square_of(fix, SQUARES)
        east = (column - self.west) % SQUARES
        at = (row - self.south) * self.columns + east
        if row < self.south or east >= self.columns or at >= len(self.values):
            return 0.0
        value = self.values[at]
        if value == NO_SEA:
            return 0.0
        return LIMIT_NM if value == FURTHER else value * UNIT_NM


def square_of(fix: Fix, squares: int) -> tuple[int, int]:
    """Row and column, on a chart of so many each way; beyond 85 degrees a row may be off it."""
    lat = math.radians(max(-89.9, min(89.9, fix[0])))
    row = (1 + math.asinh(math.tan(lat)) / math.pi) / 2 * squares
    return math.floor(row), math.floor((fix[1] + 180) / 360 * squares) % squares
