"""Ships that lie still, one after the other: quick where they are few, and to the last digit what lying.py says."""

import math
import struct
from typing import NamedTuple

from alerts.core.cells import COSINES, row_of
from alerts.core.cover import BEACON
from alerts.core.instants import HOUR, INTERVAL, Instant, interval_end
from alerts.core.intervals import How, Stay
from streams.ingest.lying import (
    FORGOTTEN_MS,
    HUNG_MS,
    MEASURED_NM,
    STILL_FOR_MS,
    STILL_KN,
    TOLD_NM,
    UNHEARD_MS,
    WhoseShips,
    code_of,
    stay,
)
from streams.ingest.ships import Ships

_LYING = struct.Struct("<qqddqddqqqdd")


class Lies(NamedTuple):
    """How one ship lies: the columns of lying.py."""

    mmsi: int
    at: Instant
    lat: float
    lon: float
    from_at: Instant
    from_lat: float
    from_lon: float
    still_since: Instant
    stirred_at: Instant
    told: int = 0
    told_lat: float = 0.0
    told_lon: float = 0.0


Lying = dict[int, Lies]
"""By MMSI; never changed once an interval is over."""


def size_of(lying: bytes | Lying) -> int:
    """How many bytes they are, or would be."""
    return len(lying) if isinstance(lying, bytes) else len(lying) * _LYING.size


def stored(lying: bytes | Lying) -> bytes:
    """As they are stored, in order of their MMSIs."""
    return lying if isinstance(lying, bytes) else b"".join([_LYING.pack(*row) for _, row in sorted(lying.items())])


def apart(lying: bytes | Lying) -> Lying:
    """The inverse of `stored`."""
    return {row[0]: Lies._make(row) for row in _LYING.iter_unpack(lying)} if isinstance(lying, bytes) else lying


def passed(lying: Lying, ships: Ships, whose: WhoseShips, end: Instant, last: Instant) -> tuple[Lying, list[Stay]]:
    """The same as lying.passed."""
    begin = end - INTERVAL
    rows = {mmsi: row for mmsi, row in lying.items() if row.at >= begin - FORGOTTEN_MS}
    stays, heard = list[Stay](), set[int]()
    for mmsi, (going, kind) in ships.items():
        at, lat, lon = going[:3]
        if at < begin or kind == BEACON:
            continue
        known = rows.get(mmsi)
        if going.speed_kn > STILL_KN and going.before_kn > STILL_KN:
            stays += [_stay(end, known, whose, How.LEFT)] if known and known.told else []
            rows.pop(mmsi, None)
            continue
        heard.add(mmsi)
        rows[mmsi] = _gone(known or Lies(mmsi, at, lat, lon, at, lat, lon, at, at), at, lat, lon)
    for mmsi, row in rows.items():
        lies = row.at - row.still_since >= STILL_FOR_MS if mmsi in heard else row.told > 0
        if lies or row.told:
            rows[mmsi] = _heard_still(_told(row, lies, whose, end, stays), whose, last, stays)
    return rows, sorted(stays)


def _gone(row: Lies, at: Instant, lat: float, lon: float) -> Lies:
    way_nm = _apart_nm(row.from_lat, row.from_lon, lat, lon)
    far = way_nm > MEASURED_NM
    stirred_at = at if (lat, lon) != (row.lat, row.lon) else row.stirred_at
    sailed = far and way_nm * HOUR > STILL_KN * (at - row.from_at)
    since = at if sailed or at - stirred_at >= HUNG_MS else row.still_since
    begins = (at, lat, lon) if far else row[4:7]
    return Lies(row.mmsi, at, lat, lon, *begins, since, stirred_at, *row[9:])


def _told(row: Lies, lies: bool, whose: WhoseShips, end: Instant, stays: list[Stay]) -> Lies:
    now = code_of(whose.hull_of(row.mmsi)) if lies else 0
    moved = lies and _apart_nm(row.told_lat, row.told_lon, row.lat, row.lon) > TOLD_NM
    if now == row.told and not moved:
        return row
    stays.append(_stay(end, row, whose, How.LIES if now else How.LEFT))
    return row._replace(told=now, told_lat=row.lat, told_lon=row.lon)


def _heard_still(row: Lies, whose: WhoseShips, last: Instant, stays: list[Stay]) -> Lies:
    if not row.told or row.at + UNHEARD_MS > last:
        return row
    stays.append(_stay(interval_end(row.at + UNHEARD_MS), row, whose, How.UNHEARD))
    return row._replace(told=0)


def _stay(end: Instant, row: Lies, whose: WhoseShips, how: How) -> Stay:
    return stay(end, row.mmsi, row.lat, row.lon, whose, how)


def _apart_nm(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    north = 60 * (to_lat - lat)
    east = 60 * ((to_lon - lon + 180) % 360 - 180) * COSINES[row_of(to_lat)]
    return math.sqrt(north * north + east * east)
