"""Silences that end, of all ships under way: who was not heard for more than three minutes, and is heard again.

    under way --not heard in the intervals of three minutes and more, late by her own measure--> heard again: one row
      '------ slowing to a stop, lying still, heard once or twice, no ship: nothing is learned of that

Of the few whom the columns of an interval give away there is a row for each: nothing where all are heard.  Ingest
forgets a ship after an hour (ships.py), so a longer silence is none here.  In which minute she is heard again is known,
not more: witnesses count by the minute too.
"""

from typing import Any

import numpy as np

from alerts.core.cover import BEACON
from alerts.core.ended import Ended
from alerts.core.going import KNOWN_FROM
from alerts.core.habit import SHORT_MS
from alerts.core.instants import INTERVAL, Instant
from alerts.core.silence import SLOWED
from streams.ingest.sailing import SHIP, late_from, mean_gap_s, moving
from streams.ingest.ships import MISSED_FOR_MS

_PLACE_DIGITS, _SPEED_DIGITS = 5, 2


def ended(before: bytes, after: bytes, end: Instant) -> list[Ended]:
    """Those of the interval that ends at `end`: `before` and `after` are all ships (ships.py), as stored."""
    begin = end - INTERVAL
    known = np.frombuffer(before, SHIP)
    silent = (known["at"] < begin - SHORT_MS) & (known["at"] >= begin - MISSED_FOR_MS)
    if not silent.any():
        return []
    known, ships = known[silent], np.frombuffer(after, SHIP)
    now = ships[np.searchsorted(ships["mmsi"], known["mmsi"])]
    heard = (now["at"] >= begin) & (late_from(known) < begin)
    moved = moving(known) & (known["reports"] >= KNOWN_FROM) & (known["speed_kn"] >= SLOWED * known["before_kn"])
    chosen = np.flatnonzero(heard & moved & (now["kind"] != BEACON))
    gaps_s = mean_gap_s(known[chosen]).tolist()
    rows = zip(known[chosen].tolist(), now[chosen].tolist(), gaps_s, strict=True)
    return [ended_row(end, old, new, gap_s) for old, new, gap_s in rows]


def ended_row(end: Instant, old: Any, new: Any, gap_s: float) -> Ended:
    """Rounded, for it travels: that is what is judged."""
    mmsi, at, lat, lon, speed_kn, north_kn, east_kn, *_, reports, kind = old
    _, back_at, back_lat, back_lon, *_ = new
    return Ended(
        known=end,
        mmsi=mmsi,
        kind=kind,
        at=at,
        lat=round(lat, _PLACE_DIGITS),
        lon=round(lon, _PLACE_DIGITS),
        speed_kn=round(speed_kn, _SPEED_DIGITS),
        north_kn=round(north_kn, _SPEED_DIGITS),
        east_kn=round(east_kn, _SPEED_DIGITS),
        mean_gap_s=round(gap_s, 1),
        reports=reports,
        back_at=back_at,
        back_lat=round(back_lat, _PLACE_DIGITS),
        back_lon=round(back_lon, _PLACE_DIGITS),
    )
