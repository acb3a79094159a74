"""Ships under way that fall silent, and those of them that are heard again: of all traffic, one row for each.

    under way --nothing for ten minutes--> fell --heard within the hour--> back
                                             '-------- an hour ---------> forgotten, and nothing is said

The same ships that are counted as fallen in their cells (alerts/core/cover.py).  In columns, over the ships as they are
stored before and after an interval, however these were reckoned (fleet.py, ships.py).
"""

import numpy as np

from alerts.core.cover import FELL_MS
from alerts.core.fallen import Fallen
from alerts.core.going import KNOWN_FROM
from alerts.core.instants import INTERVAL, Instant
from streams.ingest.sailing import SHIP, Ships, moving
from streams.ingest.usual import Flags

_DIGITS = 4


def passed(before: bytes, after: bytes, end: Instant) -> list[Fallen]:
    """What the interval that ends at `end` brings: `before` and `after` are all ships (ships.py)."""
    known, ships = np.frombuffer(before, SHIP), np.frombuffer(after, SHIP)
    silent_ms = end - ships["at"]
    fell = ships[(silent_ms > FELL_MS) & (silent_ms <= FELL_MS + INTERVAL) & _under_way(ships)]
    gone = known[(known["at"] < end - INTERVAL - FELL_MS) & _under_way(known)]["mmsi"]
    back = ships[(silent_ms <= INTERVAL) & np.isin(ships["mmsi"], gone)] if len(gone) else ships[:0]
    return [*_rows(fell, end, back=False), *_rows(back, end, back=True)]


def _under_way(ships: Ships) -> Flags:
    under_way: Flags = moving(ships) & (ships["reports"] >= KNOWN_FROM)
    return under_way


def _rows(ships: Ships, end: Instant, back: bool) -> list[Fallen]:
    columns = (ships[name].tolist() for name in ("mmsi", "at", "lat", "lon"))
    return [fallen_row(end, mmsi, at, lat, lon, back) for mmsi, at, lat, lon in zip(*columns, strict=True)]


def fallen_row(end: Instant, mmsi: int, at: Instant, lat: float, lon: float, back: bool) -> Fallen:
    """To ten metres."""
    return Fallen(end, mmsi, at, (round(lat, _DIGITS), round(lon, _DIGITS)), back)
