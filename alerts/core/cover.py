"""Cover: how well ships were heard in each cell in one interval, from what all partitions counted of ALL traffic.

A ship is expected while she moves and was heard within the hour; she is *heard* while her last report is younger than
twice her own mean gap, so an archive that is thinned to a report a minute needs no nominal rate (ingest/traffic.py).
Over a cell and those around it, the minute counts as

    q = heard / (expected - 1 + 0.5) x quality of the witnesses       with two witnesses at least, else nothing

The 1 is the asker: a silent hull is one of the missing.  Quality is the gap that a witness should have between reports
(ITU-R M.1371-5, or what the feed lets through of ships that are heard well) over the one that she has: one who is
hardly heard proves little.
"""

import math
from collections.abc import Iterable
from operator import add
from typing import NamedTuple

from alerts.core.cells import Cell, around

CLASS_A, FAST_A, CLASS_B, BEACON = 0, 1, 2, 3
"""What a count is of: class A, class A faster than 14 kn, class B; a beacon (base station, aid to navigation) proves
that a receiver lives."""
_NOMINAL_S = (10.0, 6.0, 30.0)
_FAST_KN = 14.0
GAP_BUCKETS = 16
LEAST_WITNESSES = 2
PERCENT = 100
_GAP_MEMORY = 0.999
"""What an interval leaves of the gaps counted before it: half of them after eleven hours."""
_QUARTILE = 0.25
Gaps = tuple[float, ...]
"""Gaps between reports of moving ships, by bucket."""
NO_GAPS: Gaps = (0.0,) * 9 + (5.0,) + (0.0,) * 6
"""Before anything was heard: five gaps of about a minute."""


class CellCount(NamedTuple):
    """Of one class in one cell, in one interval: ships that move and should be heard, those of them that were.

    `ships` are all that were heard, moving or not, `by_gap` how many of them by bucket of their mean gap; `reports`
    the messages.  Sums over partitions are plain sums.
    """

    cell: Cell
    kind: int
    expected: int
    heard: int
    ships: int
    reports: int
    by_gap: tuple[tuple[int, int], ...] = ()


class CellCover(NamedTuple):
    """Of a cell and those around it: `witnessed` in hundredths of a minute, `ships` and `reports` heard, `beacons`."""

    witnessed: int
    ships: int
    reports: int
    beacons: int = 0


def bucket_of(gap_s: float) -> int:
    """Half octaves from two seconds on."""
    return min(GAP_BUCKETS - 1, max(0, int(2 * math.log2(max(gap_s, 2.0) / 2))))


_BUCKET_S = tuple(2 * 2 ** ((n + 0.5) / 2) for n in range(GAP_BUCKETS))


def learned(known: Gaps, heard: Iterable[tuple[int, ...]]) -> Gaps:
    """The gaps after one more interval: what each partition counted, on top of what is left of before."""
    counts = tuple(heard)
    return tuple(old * _GAP_MEMORY + sum(part[n] for part in counts) for n, old in enumerate(known))


def usual_gap_s(gaps: Gaps) -> float:
    """The lower quartile: what a feed lets through of a ship that is heard well."""
    wanted, seen = _QUARTILE * sum(gaps), 0.0
    for n, count in enumerate(gaps):
        seen += count
        if seen >= wanted:
            return round(_BUCKET_S[n], 1)
    raise AssertionError("unreachable: the whole is no less than a quarter")


def kind_at(kind: int, speed_kn: float) -> int:
    """The kind of a ship of this class at this speed."""
    return FAST_A if kind == CLASS_A and speed_kn > _FAST_KN else kind


def quality(kind: int, gap_s: float, usual_s: float) -> float:
    """How well a ship of this kind is heard that has this gap between reports."""
    return min(1.0, max(_NOMINAL_S[kind], usual_s) / gap_s)


def added_up(counts: Iterable[CellCount]) -> list[CellCount]:
    """One count for each cell and class: the same whatever partitions they were counted on."""
    sums: dict[tuple[Cell, int], list[int]] = {}
    for count in counts:
        row = sums.setdefault((count.cell, count.kind), [0] * (4 + GAP_BUCKETS))
        row[:4] = (a + b for a, b in zip(row, count[2:6], strict=False))
        for bucket, ships in count.by_gap:
            row[4 + bucket] += ships
    return [counted(cell, kind, row) for (cell, kind), row in sorted(sums.items())]


def counted(cell: Cell, kind: int, row: list[int]) -> CellCount:
    """`row`: expected, heard, ships, reports, and how many of the ships fall into each bucket."""
    expected, heard, ships, reports, *by_gap = row
    return CellCount(cell, kind, expected, heard, ships, reports, tuple((b, n) for b, n in enumerate(by_gap) if n))


def covers(counts: Iterable[CellCount], usual_s: float) -> dict[Cell, CellCover]:
    """The cells in or around which anybody was heard."""
    sums: dict[Cell, tuple[float, ...]] = {}
    for count in added_up(counts):
        row = _row(count, usual_s)
        for cell in around(count.cell):
            known = sums.get(cell)
            sums[cell] = row if known is None else tuple(map(add, known, row))
    rows = ((cell, _cover(*total)) for cell, total in sorted(sums.items()))
    return {cell: cover for cell, cover in rows if cover.ships or cover.beacons}


def _row(count: CellCount, usual_s: float) -> tuple[float, ...]:
    if count.kind == BEACON:
        return 0, 0, 0, 0.0, count.reports, count.ships
    heard_well = sum(n * quality(count.kind, _BUCKET_S[b], usual_s) for b, n in count.by_gap)
    return count.expected, count.heard, count.ships, heard_well, count.reports, 0


def _cover(expected: float, heard: float, ships: float, heard_well: float, reports: float, beacons: float) -> CellCover:
    others = max(heard, expected - 1)
    witnessed = heard / (others + 0.5) * heard_well / ships if ships >= LEAST_WITNESSES else 0.0
    return CellCover(round(PERCENT * min(1.0, witnessed)), int(ships), int(reports), int(beacons))
