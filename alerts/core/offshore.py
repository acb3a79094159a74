"""Whether a fix lies 50 nautical miles and more from all land, by a table of squares of a quarter of a degree.

The table (offshore_table.py) is made from Natural Earth's land of 1:10 M (public domain) by tests/offshore.py.  A
square counts only where all of it is so far out: in the worst case a fix 75 miles out is said to be near.
"""

import zlib
from base64 import b85decode

from alerts.core.geo import Fix
from alerts.core.offshore_table import PACKED

NM = 50.0
PER_DEGREE = 4
ROWS, COLUMNS = 180 * PER_DEGREE, 360 * PER_DEGREE
_BITS = zlib.decompress(b85decode(PACKED)) if PACKED else b""


def is_offshore(fix: Fix) -> bool:
    """Latitude and longitude, degrees."""
    row = min(ROWS - 1, max(0, int((fix[0] + 90) * PER_DEGREE)))
    byte, bit = divmod(row * COLUMNS + int((fix[1] + 180) % 360 * PER_DEGREE) % COLUMNS, 8)
    return bool(_BITS[byte] << bit & 0x80)
