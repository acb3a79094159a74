"""Cover: how well ships were heard in each cell in one interval, from what all partitions counted of ALL traffic.

A ship is expected while she moves and was heard within the hour; she is *heard* while her last report is younger than
twice her own mean gap, so an archive that is thinned to a report a minute needs no nominal rate (ingest/traffic.py).
Over a cell and those around it, the minute counts as

    q = heard / (expected - 1 + 0.5) x quality of the witnesses       by a single ship 0.15, where no other is missing

The 1 is the asker: a silent hull is one of the missing.  Quality is the gap that a ship under way should have between
reports (ITU-R M.1371-5, or what the feed lets through of ships that are heard well) over the one that she has: one who
is hardly heard proves little.  A single witness may have the better antenna, or be nearer.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from alerts.core.cells import Cell, around, farther
from alerts.core.instants import MINUTE

CLASS_A, FAST_A, CLASS_B, BEACON = 0, 1, 2, 3
"""What a count is of: class A, class A faster than 14 kn, class B; a beacon (base station, aid to navigation) proves
that a receiver lives."""
_NOMINAL_S = (10.0, 6.0, 30.0)
FAST_KN = 14.0
GAP_BUCKETS = 16
ONE_WITNESS = 0.15
NAMED, NAMED_NEAR = 2, 5
"""Ships that are named in each cell, and near a silent one."""
PERCENT = 100
FELL_MS = 10 * MINUTE
"""So long a ship that moved must be silent to count as one that fell silent: no ship is late later."""
_GAP_MEMORY = 0.999
"""What an interval with gaps leaves of those counted before: half of them after eleven hours.  One in which nobody
moves teaches nothing, so that weeks of them cost nothing.
"""
_QUARTILE = 0.25
Gaps = tuple[float, ...]
"""Gaps between reports of moving ships, by bucket."""
NO_GAPS: Gaps = (0.0,) * 9 + (5.0,) + (0.0,) * 6
"""Before anything was heard: five gaps of about a minute."""


class CellCount(NamedTuple):
    """Of one class in one cell, in one interval: ships that move and should be heard, those of them that were.

    `by_gap` is how many of those heard had a mean gap of each bucket.  `ships` are all that were heard, moving or not,
    `reports` what they said (of beacons nobody counts it), `fell` those that moved and are silent for ten minutes now,
    `some` the lowest MMSIs of those heard.  Sums over partitions are plain sums.
    """

    cell: Cell
    kind: int
    expected: int
    heard: int
    ships: int
    reports: int
    by_gap: tuple[tuple[int, int], ...] = ()
    fell: int = 0
    some: tuple[int, ...] = ()


class CellSum(NamedTuple):
    """Of all classes in one cell: what a neighbourhood is made of.  `heard_well` is in hundredths of a ship."""

    expected: int = 0
    heard: int = 0
    ships: int = 0
    reports: int = 0
    heard_well: int = 0
    beacons: int = 0
    fell: int = 0
    some: tuple[int, ...] = ()

    @property
    def anybody(self) -> bool:
        """Whether a ship or a beacon was heard."""
        return bool(self.ships or self.beacons)


class CellCover(NamedTuple):
    """Of a cell and those around it: `witnessed` in hundredths of a minute, `ships` and `reports` heard, `beacons`.

    `moving`: ships under way that were heard; `fell`: those silent for ten minutes now, and both in the wider block of
    cells; `some` of those heard, the nearest first.
    """

    witnessed: int
    ships: int
    reports: int
    beacons: int = 0
    moving: int = 0
    fell: int = 0
    wider_moving: int = 0
    wider_fell: int = 0
    some: tuple[int, ...] = ()


def bucket_of(gap_s: float) -> int:
    """Half octaves from two seconds on."""
    return bisect_right(BUCKETS_FROM_S, gap_s)


BUCKETS_FROM_S = tuple(2 * 2 ** (n / 2) for n in range(1, GAP_BUCKETS))
"""The second bucket begins at the first of these."""

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
    return FAST_A if kind == CLASS_A and speed_kn > FAST_KN else kind


def quality(kind: int, gap_s: float, usual_s: float) -> float:
    """How well a ship of this kind is heard that has this gap between reports."""
    return min(1.0, max(_NOMINAL_S[kind], usual_s) / gap_s)


@dataclass(slots=True)
class CountRow:
    """A count at work."""

    expected: int = 0
    heard: int = 0
    ships: int = 0
    reports: int = 0
    by_gap: dict[int, int] = field(default_factory=dict)
    fell: int = 0
    some: list[int] = field(default_factory=list)

    def hear(self, mmsi: int, moves: bool, reports: int, gap_s: float, beacon: bool) -> None:
        """A ship that was heard; of a beacon only that it lives."""
        self.ships += 1
        if not beacon:
            self.some.append(mmsi)
            self.reports += reports
            if moves:
                self.heard += 1
                bucket = bucket_of(gap_s)
                self.by_gap[bucket] = self.by_gap.get(bucket, 0) + 1

    def add(self, count: CellCount) -> None:
        """What another partition counted."""
        self.expected += count.expected
        self.heard += count.heard
        self.ships += count.ships
        self.reports += count.reports
        self.fell += count.fell
        self.some += count.some
        for bucket, ships in count.by_gap:
            self.by_gap[bucket] = self.by_gap.get(bucket, 0) + ships

    def count(self, cell: Cell, kind: int) -> CellCount:
        """The value."""
        by_gap = tuple(sorted(self.by_gap.items()))
        counts = self.expected, self.heard, self.ships, self.reports
        return CellCount(cell, kind, *counts, by_gap, self.fell, _lowest(self.some))


def _lowest(mmsis: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(mmsis))[:NAMED])


def added_up(counts: Iterable[CellCount]) -> list[CellCount]:
    """One count for each cell and class: the same whatever partitions they were counted on."""
    rows: dict[tuple[Cell, int], CountRow] = {}
    for count in counts:
        rows.setdefault((count.cell, count.kind), CountRow()).add(count)
    return [row.count(*where) for where, row in sorted(rows.items())]


def sums_of(counts: Iterable[CellCount], usual_s: float) -> dict[Cell, CellSum]:
    """The cells in or around which anybody was heard."""
    sums: dict[Cell, CellSum] = {}
    for count in added_up(counts):
        row, known = _sum(count, usual_s), sums.get(count.cell)
        sums[count.cell] = row if known is None else _total((known, row))._replace(some=_lowest(known.some + row.some))
    return {cell: row for cell, row in sums.items() if row.anybody or any(_heard_around(sums, cell))}


def cover_of(sums: Mapping[Cell, CellSum], cell: Cell) -> CellCover | None:
    """How well ships were heard in a cell and those around it; None: nobody was."""
    near = [row for row in map(sums.get, around(cell)) if row]
    if not any(row.anybody for row in near):
        return None
    here = sums.get(cell)
    some = (*(here.some if here else ()), *(mmsi for row in near if row is not here for mmsi in row.some))
    wider = [row for row in map(sums.get, farther(cell)) if row]
    moving, fell = sum(row.heard for row in wider), sum(row.fell for row in wider)
    return _cover(_total(near))._replace(wider_moving=moving, wider_fell=fell, some=some[:NAMED_NEAR])


class Sums(dict[Cell, CellSum]):
    """The cells of an interval, never changed again, and the covers that were asked of them: a memo, never state.

    The same few hundred minutes and cells are asked for every silence, and again whenever a silence is looked at.
    """

    __slots__ = ("_covers",)

    def __init__(self, cells: Mapping[Cell, CellSum]) -> None:
        super().__init__(cells)
        self._covers: dict[Cell, CellCover | None] = {}

    def cover(self, cell: Cell) -> CellCover | None:
        """As `cover_of` says it."""
        if cell not in self._covers:
            self._covers[cell] = cover_of(self, cell)
        return self._covers[cell]


def _heard_around(sums: Mapping[Cell, CellSum], cell: Cell) -> Iterator[bool]:
    return (row.anybody for row in map(sums.get, around(cell)) if row)


def _total(rows: Iterable[CellSum]) -> CellSum:
    return CellSum._make((*map(sum, zip(*(row[:-1] for row in rows), strict=True)), ()))


def _sum(count: CellCount, usual_s: float) -> CellSum:
    if count.kind == BEACON:
        return CellSum(beacons=count.ships)
    heard_well = round(PERCENT * sum(n * quality(count.kind, _BUCKET_S[b], usual_s) for b, n in count.by_gap))
    return CellSum(
        count.expected, count.heard, count.ships, count.reports, heard_well, fell=count.fell, some=count.some
    )


def _cover(total: CellSum) -> CellCover:
    others = max(total.heard, total.expected - 1)
    alone = ONE_WITNESS if total.heard == others else 0.0
    share = total.heard / (others + 0.5) if total.ships > 1 else alone
    witnessed = min(PERCENT, round(share * total.heard_well / max(1, total.heard)))
    return CellCover(witnessed, total.ships, total.reports, total.beacons, total.heard, total.fell)
