"""Whether a fix lies 50, or 20, nautical miles and more from all land, by tables of squares.

The tables (offshore_table.py, shore_table.py) are made from Natural Earth's land of 1:10 M (public domain) by
tests/offshore.py.  A square counts only where all of it is so far out: in the worst case a fix 75 miles out is said
to be within 50, one 35 miles out within 20.
"""

import zlib
from base64 import b85decode
from typing import NamedTuple

from alerts.core import offshore_table, shore_table
from alerts.core.geo import Fix


class Squares(NamedTuple):
    """Which squares lie so many miles and more from land, a bit each; rows from the south pole, columns from 180 W."""

    nm: float
    per_degree: int
    bits: bytes

    @property
    def rows(self) -> int:
        """From pole to pole."""
        return 180 * self.per_degree

    @property
    def columns(self) -> int:
        """All around."""
        return 360 * self.per_degree

    def hold(self, fix: Fix) -> bool:
        """Latitude and longitude, degrees."""
        row = min(self.rows - 1, max(0, int((fix[0] + 90) * self.per_degree)))
        byte, bit = divmod(row * self.columns + int((fix[1] + 180) % 360 * self.per_degree) % self.columns, 8)
        return bool(self.bits[byte] << bit & 0x80)


def _unpacked(packed: str) -> bytes:
    return zlib.decompress(b85decode(packed)) if packed else b""


OFFSHORE = Squares(50.0, 4, _unpacked(offshore_table.PACKED))
OFF_THE_COAST = Squares(20.0, 8, _unpacked(shore_table.PACKED))


def is_offshore(fix: Fix) -> bool:
    """50 nm and more from all land."""
    return OFFSHORE.hold(fix)


def is_off_the_coast(fix: Fix) -> bool:
    """20 nm and more from all land."""
    return OFF_THE_COAST.hold(fix)
