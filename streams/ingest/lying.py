"""Ships that lie still, by where they are and not only by what they say: what changes of them is told, nothing else.

    heard --for ten minutes no further than two knots bring her--> lies --55 m away--> lies there
      ^                                                             |  '--not heard for a quarter of an hour--> unheard
      '------------- further, or under way by what she says --------'

In columns, as fleet.py (lying_few.py does the same where they are few): how each ship went over an interval is there
already.  A position that stays the same to the last digit for half an hour is that of a receiver that hangs: in a day
of New York's harbour no ship at rest stood still for longer than 26 minutes so.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alerts.core.cells import COSINES
from alerts.core.cover import BEACON
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant
from alerts.core.intervals import How, Stay
from streams.ingest.sailing import SHIP, Reals, Ships, rows_of
from streams.ingest.usual import Flags, Numbers

STILL_KN = 2.0
"""Miller et al. 2018 (Front. Mar. Sci. 5:240): two ships meet while they go slower than this."""
STILL_FOR_MS = 10 * MINUTE
UNHEARD_MS = 15 * MINUTE
"""At rest class A and B report every three minutes (ITU-R M.1371-5 table 1): four are lost before this."""
HUNG_MS = 30 * MINUTE
MEASURED_NM = 0.25
"""So far she goes before her way is measured: with two knots in seven minutes."""
TOLD_NM = 0.03
FORGOTTEN_MS = HOUR
_DIGITS = 4
LYING = np.dtype(
    [
        ("mmsi", "<i8"),
        ("at", "<i8"),
        ("lat", "<f8"),
        ("lon", "<f8"),
        ("from_at", "<i8"),
        ("from_lat", "<f8"),
        ("from_lon", "<f8"),
        ("still_since", "<i8"),
        ("stirred_at", "<i8"),
        ("told", "<i8"),
        ("told_lat", "<f8"),
        ("told_lon", "<f8"),
    ]
)
"""`at`, `lat`, `lon` are of her last report, `from_` is where her way is measured from; `stirred_at`: when her position
last changed; `told`: 0 nothing, 1 that she lies, more: for which hull."""
Lying = NDArray[Any]
"""In order of their MMSIs."""
_COSINES = np.array(COSINES)


class WhoseShips(NamedTuple):
    """The MMSIs that may be watched hulls', in order (None: every ship's), and whose one is."""

    mmsis: Numbers | None
    hull_of: Callable[[int], str]


NOBODY = WhoseShips(np.empty(0, np.int64), lambda _: "")


def passed(stored: bytes, ships: bytes, whose: WhoseShips, end: Instant, last: Instant) -> tuple[bytes, list[Stay]]:
    """After the interval that ends at `end`, and those up to `last` in which nobody is heard.

    `ships` are those of the end of it, as stored (ships.py).
    """
    known = np.frombuffer(stored, LYING)
    known = known[known["at"] >= end - INTERVAL - FORGOTTEN_MS]
    all_ships = np.frombuffer(ships, SHIP)
    heard = all_ships[(all_ships["at"] >= end - INTERVAL) & (all_ships["kind"] != BEACON)]
    sails = (heard["speed_kn"] > STILL_KN) & (heard["before_kn"] > STILL_KN)
    sailed = np.isin(known["mmsi"], heard["mmsi"][sails], assume_unique=True)
    left = [_stay(end, row, whose, How.LEFT) for row in known[sailed & (known["told"] > 0)]]
    known, heard = known[~sailed], heard[~sails]
    rows, own = _with(known, heard)
    lies = rows["told"] > 0
    rows[own], lies[own] = _gone(rows[own], heard)
    now = np.where(lies, _codes(rows["mmsi"], lies, whose), 0)
    stays = [*left, *_told(rows, now, whose, end), *_unheard(rows, whose, last)]
    return rows.tobytes(), sorted(stays)


def _with(known: Lying, heard: Ships) -> tuple[Lying, Numbers]:
    """With a place for each that is heard, and which it is."""
    mmsis = heard["mmsi"]
    new = ~np.isin(mmsis, known["mmsi"], assume_unique=True)
    rows = np.zeros(len(known) + int(new.sum()), LYING)
    rows["mmsi"] = np.sort(np.concatenate((known["mmsi"], mmsis[new])))
    rows[np.searchsorted(rows["mmsi"], known["mmsi"])] = known
    own = np.searchsorted(rows["mmsi"], mmsis)
    for begins in ("from_at", "still_since", "stirred_at"):
        rows[begins][own[new]] = heard["at"][new]
    for axis in ("lat", "lon"):
        rows[axis][own[new]] = rows[f"from_{axis}"][own[new]] = heard[axis][new]
    return rows, own


def _gone(rows: Lying, heard: Ships) -> tuple[Lying, Flags]:
    """After her last report of the interval, and whether she lies still by it."""
    at, lat, lon = heard["at"], heard["lat"], heard["lon"]
    after = rows.copy()
    stirred = (lat != rows["lat"]) | (lon != rows["lon"])
    after["at"], after["lat"], after["lon"] = at, lat, lon
    after["stirred_at"] = np.where(stirred, at, rows["stirred_at"])
    way_nm = _apart_nm(rows["from_lat"], rows["from_lon"], lat, lon)
    far = way_nm > MEASURED_NM
    sailed = far & (way_nm * HOUR > STILL_KN * (at - rows["from_at"]))
    hangs = at - after["stirred_at"] >= HUNG_MS
    after["still_since"] = np.where(sailed | hangs, at, rows["still_since"])
    for name, now in (("from_at", at), ("from_lat", lat), ("from_lon", lon)):
        after[name] = np.where(far, now, rows[name])
    return after, at - after["still_since"] >= STILL_FOR_MS


def _codes(mmsis: Numbers, lies: Flags, whose: WhoseShips) -> Numbers:
    """What is told of each, if she lies: of most that she is nobody's."""
    codes = np.full(len(mmsis), code_of(""))
    watched = lies if whose.mmsis is None else lies & np.isin(mmsis, whose.mmsis)
    for n in np.flatnonzero(watched).tolist():
        codes[n] = code_of(whose.hull_of(int(mmsis[n])))
    return codes


def code_of(hull: str) -> int:
    """What stands in `told` of a ship that lies: 1, or more where she is a hull's."""
    return 1 + zlib.crc32(hull.encode()) if hull else 1


def _told(rows: Lying, now: Numbers, whose: WhoseShips, end: Instant) -> Iterator[Stay]:
    """What is new of each at the end of the interval; `now` is what should be told."""
    moved = _apart_nm(rows["told_lat"], rows["told_lon"], rows["lat"], rows["lon"]) > TOLD_NM
    new = (now != rows["told"]) | ((now > 0) & moved)
    rows["told"] = now
    for name in ("lat", "lon"):
        rows[f"told_{name}"] = np.where(new, rows[name], rows[f"told_{name}"])
    for row in rows[new]:
        yield _stay(end, row, whose, How.LIES if row["told"] else How.LEFT)


def _unheard(rows: Lying, whose: WhoseShips, last: Instant) -> Iterator[Stay]:
    """Those that are no longer heard when `last` is over."""
    ends = -(-(rows["at"] + UNHEARD_MS) // INTERVAL) * INTERVAL
    gone = (rows["told"] > 0) & (ends <= last)
    rows["told"][gone] = 0
    for row, end in zip(rows[gone], ends[gone].tolist(), strict=True):
        yield _stay(end, row, whose, How.UNHEARD)


def _stay(end: Instant, row: Any, whose: WhoseShips, how: How) -> Stay:
    return stay(end, int(row["mmsi"]), float(row["lat"]), float(row["lon"]), whose, how)


def stay(end: Instant, mmsi: int, lat: float, lon: float, whose: WhoseShips, how: How) -> Stay:
    """To ten metres: a tenth of what is told anew."""
    return Stay(end, mmsi, round(lat, _DIGITS), round(lon, _DIGITS), whose.hull_of(mmsi), how)


def _apart_nm(lat: Reals, lon: Reals, to_lat: Reals, to_lon: Reals) -> Reals:
    """By the plane that touches the earth there: these are miles at most."""
    north = 60 * (to_lat - lat)
    east = 60 * ((to_lon - lon + 180) % 360 - 180) * _COSINES[rows_of(to_lat)]
    apart: Reals = np.sqrt(north * north + east * east)
    return apart
