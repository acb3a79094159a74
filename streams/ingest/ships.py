"""How all ships go over one interval, one report after the other: quick where they are few (fleet.py, where many).

stored ships, what was heard of them --in order of (time, content)--> stored ships, counts by cell, gaps
"""

import struct
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

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


class Passed(NamedTuple):
    """After an interval: the ships as stored, in order of their MMSIs, what is counted, gaps between reports of ships
    that move, and the last interval that is counted the same if nobody is heard any more."""

    ships: bytes
    cells: tuple[CellCount, ...]
    gaps: tuple[int, ...]
    same_until: Instant


def passed(stored: bytes, said: bytes, end: Instant) -> Passed:
    """The interval that ends at `end`."""
    oldest = end - INTERVAL - MISSED_FOR_MS
    known = ((mmsi, Going(*going), kind) for mmsi, *going, kind in STORED.iter_unpack(stored))
    ships: Ships = {mmsi: (going, kind) for mmsi, going, kind in known if going.at >= oldest}
    reports, gaps = _heard(ships, said)
    kept = b"".join(STORED.pack(mmsi, *going, kind) for mmsi, (going, kind) in sorted(ships.items()))
    return Passed(kept, _cells(ships, reports, end), tuple(gaps) if any(gaps) else (), _same_until(ships, end))


def _heard(ships: Ships, said: bytes) -> tuple[Counter[int], list[int]]:
    """How many reports of each ship counted, and the gaps.  What comes within two seconds is a copy."""
    first: dict[bytes, Instant] = {}
    for key, at in _SAID.iter_unpack(said):
        first[key] = min(at, first.get(key, at))
    reports, gaps = Counter[int](), [0] * GAP_BUCKETS
    for at, key in sorted((at, key) for key, at in first.items()):
        fix = fix_of(key)
        known, kind = ships.get(fix.mmsi, (None, 0)) if fix else (None, 0)
        if fix is None or (known and at - known.at < COPY_MS):
            continue
        if known and _moves(known, kind) and at - known.at < GAP_COUNTED_MS:
            gaps[bucket_of((at - known.at) / SECOND)] += 1
        ships[fix.mmsi] = sailed(known, at, *fix[2:]), fix.kind
        reports[fix.mmsi] += 1
    return reports, gaps


def _moves(going: Going, kind: int) -> bool:
    return going.speed_kn >= MOVING_KN and kind != BEACON


def _cells(ships: Ships, reports: Mapping[int, int], end: Instant) -> tuple[CellCount, ...]:
    rows: dict[tuple[Cell, int], CountRow] = {}
    for mmsi, (going, kind) in ships.items():
        here, moves = end <= going.at + going.late_ms, _moves(going, kind)
        if going.reports < KNOWN_FROM or not (here or (moves and end - going.at <= MISSED_FOR_MS)):
            continue
        cell = cell_of(going.lat, going.lon) if here else predicted(going, end)
        where = cell, kind_at(kind, going.speed_kn)
        row = rows.get(where) or rows.setdefault(where, CountRow())
        row.expected += moves
        row.fell += moves and FELL_MS < end - going.at <= FELL_MS + INTERVAL
        if here:
            row.hear(mmsi, moves, reports.get(mmsi, 0), bucket_of(going.mean_gap_s), beacon=kind == BEACON)
    return tuple([row.count(*where) for where, row in sorted(rows.items())])


def _same_until(ships: Ships, end: Instant) -> Instant:
    until = FOR_EVER
    for going, kind in ships.values():
        late_from = going.at + going.late_ms
        if going.reports < KNOWN_FROM:
            continue
        if end <= late_from:
            until = min(until, interval_start(late_from))
        elif _moves(going, kind):
            return end
    return until
