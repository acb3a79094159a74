"""Where ships can sail, as squares on Mercator's chart, on which a straight line keeps its course.

A square is land only where it and all squares around it are wholly land: no strait is closed, and a cape gives way by a
square, so that no real way is ever cut off.  Canals are open.  What is not joined to the ocean counts as land.

The mask (sea_mask.py) is made from Natural Earth's land of 1:10 M (public domain) by tests/seas.py.
"""

import math
import zlib
from base64 import b85decode
from functools import cache

import numpy as np
from numpy.typing import NDArray

from alerts.watchlist.sea_mask import PACKED

SIDE = 2_160
"""Squares from south to north and around the earth: a sixth of a degree of longitude wide, up to 85 degrees."""
Flags = NDArray[np.bool_]


@cache
def sea() -> Flags:
    """Which squares are sea: rows from the south, columns from 180 W."""
    bits = np.frombuffer(zlib.decompress(b85decode(PACKED)), np.uint8)
    return np.unpackbits(bits).astype(bool).reshape(SIDE, SIDE)


@cache
def latitudes() -> NDArray[np.float64]:
    """Of the middles of the rows."""
    northing = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    return np.degrees(np.arctan(np.sinh(northing * math.pi)))


@cache
def widths_nm() -> NDArray[np.float64]:
    """Of the squares of each row, from side to side."""
    return 360 * 60 / SIDE * np.cos(np.radians(latitudes()))
