"""How all ships go over one interval, one report after the other: quick where they are few (fleet.py, where many).

ships, what was heard of them --in order of (time, content)--> ships, counts by cell, gaps

Few stay taken apart from one interval to the next; they are packed where a step ends, or as soon as they are many.
"""

import struct
from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

from alerts.core.cells import Cell, cell_of
from alerts.core.cover import BEACON, FELL_MS, GAP_BUCKETS, CellCount, CountRow, bucket_of, kind_at
from alerts.core.going import COPY_MS, KNOWN_FROM, MOVING_KN, Going, predicted, sailed
from alerts.core.instants import HOUR, INTERVAL, SECOND, Instant, interval_start
from streams.ingest.fixes import KEY_BYTES, fix_of

MISSED_FOR_MS = HOUR
"""So long a ship that is not heard counts as missing; then she is forgotten."""
GAP_COUNTED_MS = 301 * SECOND
FOR_EVER = 1 << 62
STORED = struct.Struct("<qq8dqq")
"""MMSI, Going, and the kind of her last report (alerts/core/cover.py)."""
_SAID = struct.Struct(f"<{KEY_BYTES}sq")
"""A key (fixes.py), and when it was heard."""
Ships = dict[int, tuple[Going, int]]
"""By MMSI: how she goes, and the kind of her last report; never changed once an interval is over."""
Form = TypeVar("Form", bytes, Ships)


class Passed(NamedTuple, Generic[Form]):
    """After an interval: the ships, stored in order of their MMSIs or taken apart, what is counted, gaps between
    reports of ships that move, and the last interval that is counted the same if nobody is heard any more."""

    ships: Form
    cells: tuple[CellCount, ...]
    gaps: tuple[int, ...]
    same_until: Instant


def size_of(ships: bytes | Ships) -> int:
    """How many bytes they are, or would be."""
    return len(ships) if isinstance(ships, bytes) else len(ships) * STORED.size


def stored(ships: bytes | Ships) -> bytes:
    """As they are stored, in order of their MMSIs."""
    if isinstance(ships, bytes):
        return ships
    return b"".join([STORED.pack(mmsi, *going, kind) for mmsi, (going, kind) in sorted(ships.items())])


def apart(ships: bytes | Ships) -> Ships:
    """The inverse of `stored`."""
    if not isinstance(ships, bytes):
        return ships
    return {row[0]: (Going._make(row[1:-1]), row[-1]) for row in STORED.iter_unpack(ships)}


def passed(known: Ships, said: bytes, end: Instant) -> Passed[Ships]:
    """The interval that ends at `end`."""
    oldest = end - INTERVAL - MISSED_FOR_MS
    ships = {mmsi: ship for mmsi, ship in known.items() if ship[0].at >= oldest}
    reports, gaps = _heard(ships, said)
    awaited = [_Awaited(mmsi, *ship) for mmsi, ship in ships.items() if ship[0].reports >= KNOWN_FROM]
    counted = tuple(gaps) if any(gaps) else ()
    return Passed(ships, _cells(awaited, reports, end), counted, _same_until(awaited, end))


def _heard(ships: Ships, said: bytes) -> tuple[dict[int, int], list[int]]:
    """How many reports of each ship counted, and the gaps.  What comes within two seconds is a copy."""
    reports, gaps = dict[int, int](), [0] * GAP_BUCKETS
    for at, key in in_order(said):
        fix = fix_of(key)
        if fix is None:
            continue
        mmsi, kind, lat, lon, speed_kn, course_deg = fix
        going, kind_before = ships.get(mmsi, _NOBODY)
        if going is not None:
            gap_ms = at - going.at
            if gap_ms < COPY_MS:
                continue
            if gap_ms < GAP_COUNTED_MS and moves(going, kind_before):
                gaps[bucket_of(gap_ms / SECOND)] += 1
        ships[mmsi] = sailed(going, at, lat, lon, speed_kn, course_deg), kind
        reports[mmsi] = reports.get(mmsi, 0) + 1
    return reports, gaps


_NOBODY = (None, 0)


def in_order(said: bytes) -> list[tuple[Instant, bytes]]:
    """Each position once, at the time at which it was first heard, in the order of time and content."""
    first: dict[bytes, Instant] = {}
    for key, at in _SAID.iter_unpack(said):
        if key not in first or at < first[key]:
            first[key] = at
    return sorted(zip(first.values(), first, strict=True))


def moves(going: Going, kind: int) -> bool:
    """Whether it is a ship under way."""
    return going.speed_kn >= MOVING_KN and kind != BEACON


class _Awaited:
    """A ship of whom it is known how often she is heard, and so from when she is late."""

    __slots__ = ("going", "kind", "late_from", "mmsi", "moving")

    def __init__(self, mmsi: int, going: Going, kind: int) -> None:
        self.mmsi, self.going, self.kind = mmsi, going, kind
        self.late_from, self.moving = going.at + going.late_ms, moves(going, kind)


def _cells(ships: list[_Awaited], reports: Mapping[int, int], end: Instant) -> tuple[CellCount, ...]:
    rows: dict[tuple[Cell, int], CountRow] = {}
    for ship in ships:
        going, kind, moving = ship.going, ship.kind, ship.moving
        here, silent_ms = end <= ship.late_from, end - going.at
        if not (here or (moving and silent_ms <= MISSED_FOR_MS)):
            continue
        cell = cell_of(going.lat, going.lon) if here else predicted(going, end)
        where = cell, kind_at(kind, going.speed_kn)
        row = rows.get(where) or rows.setdefault(where, CountRow())
        row.expected += moving
        row.fell += moving and FELL_MS < silent_ms <= FELL_MS + INTERVAL
        if here:
            row.hear(ship.mmsi, moving, reports.get(ship.mmsi, 0), going.mean_gap_s, beacon=kind == BEACON)
    return tuple([row.count(*where) for where, row in sorted(rows.items())])


def _same_until(ships: list[_Awaited], end: Instant) -> Instant:
    until = FOR_EVER
    for ship in ships:
        if end <= ship.late_from:
            until = min(until, ship.late_from)
        elif ship.moving:
            return end
    return until if until == FOR_EVER else interval_start(until)
