"""Traffic: who was expected and who was heard, of ALL ships, per cell, class and interval, on one source partition.

    position of any ship --> kept until its interval is over --in order of (time, content)--> how each ship goes
    the tick passes the interval --> the counts of each cell, written before the tick

So the order of arrival changes nothing, nor where a batch ends.  A ship lives on one partition: what partitions count
of an interval is added up by the clock.  Prompt feeds alone bear witness here: a late one is heard too late.  What
comes later than its feed's allowed lateness is not counted: its ship is one of the missing, which makes us careful.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from alerts.core.cells import Cell, cell_of
from alerts.core.cover import BEACON, GAP_BUCKETS, CellCount, bucket_of, counted, kind_at
from alerts.core.going import COPY_MS, KNOWN_FROM, MOVING_KN, Going, predicted, sailed
from alerts.core.instants import HOUR, INTERVAL, SECOND, Instant, interval_start
from alerts.core.intervals import CellsHeard
from alerts.core.reports import Origin
from streams.ingest.fixes import Fix, fix_of

CELLS_N = 1 << 16
"""Cells are numbered from here among the outputs of a time record (streams/ingest/ticks.py)."""
MISSED_FOR_MS = HOUR
"""So long a ship that is not heard counts as missing; then she is forgotten."""
_GAP_COUNTED_S = 301
_CELLS_A_RECORD = 5_000


class Ship(NamedTuple):
    """One ship or beacon; `kind` is that of her last report (alerts/core/cover.py)."""

    going: Going
    kind: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """`waiting`: by end of interval, each position and when it was first heard; `closed`: the last end counted."""

    ships: dict[int, Ship] = field(default_factory=dict)
    waiting: dict[Instant, dict[bytes, Instant]] = field(default_factory=dict)
    closed: Instant | None = None


class OpenTraffic:
    """What one step works on; what it touches is copied first, so `Traffic` stays a value."""

    def __init__(self, traffic: Traffic) -> None:
        self._ships, self._closed = traffic.ships, traffic.closed
        self._waiting = dict(traffic.waiting)
        self._own: set[Instant] = set()

    def hear(self, key: bytes, heard_at: Instant) -> None:
        """One position, of a prompt feed: a payload or a row's key (streams/ingest/fixes.py).

        At the end of an interval it belongs to the next: a tick says that nothing is missing *before* it.
        """
        end = interval_start(heard_at) + INTERVAL
        if self._closed is not None and end <= self._closed:
            return
        if end not in self._own:
            self._waiting[end] = dict(self._waiting.get(end, ()))
            self._own.add(end)
        heard = self._waiting[end]
        before = heard.get(key)
        if before is None or heard_at < before:
            heard[key] = heard_at

    def passed(self, tick: Instant, origin: Origin) -> tuple[CellsHeard, ...]:
        """The counts of the intervals that this tick passes."""
        last = interval_start(tick)
        written: list[CellsHeard] = []
        for end in self._ends(last):
            self._ships, (cells, gaps) = _passed(self._ships, self._waiting.pop(end, {}), end)
            parts = [cells[first : first + _CELLS_A_RECORD] for first in range(0, len(cells), _CELLS_A_RECORD)]
            for part in parts:
                n = CELLS_N + len(written)
                written.append(CellsHeard(replace(origin, n=n), end, part, gaps if part is parts[0] else ()))
        self._closed = last if self._closed is None else max(last, self._closed)
        return tuple(written)

    def _ends(self, last: Instant) -> Iterator[Instant]:
        """Those in which something was heard, and those in which a ship is missing."""
        ends = sorted(end for end in self._waiting if end <= last)
        at = self._closed
        for end in ends:
            yield from self._missed(at, end - INTERVAL)
            yield end
            at = end
        yield from self._missed(at, last)

    def _missed(self, after: Instant | None, last: Instant) -> Iterator[Instant]:
        if after is not None:
            yield from range(after + INTERVAL, min(last, after + MISSED_FOR_MS) + 1, INTERVAL)

    def closed(self) -> Traffic:
        """The value after the step."""
        return Traffic(self._ships, self._waiting, self._closed)


Counts = tuple[tuple[CellCount, ...], tuple[int, ...]]


def _passed(before: Mapping[int, Ship], heard: Mapping[bytes, Instant], end: Instant) -> tuple[dict[int, Ship], Counts]:
    """The ships after an interval, and its counts."""
    ships = dict(before)
    reports: dict[tuple[Cell, int], int] = {}
    gaps = [0] * GAP_BUCKETS
    for at, key in sorted((at, key) for key, at in heard.items()):
        fix = fix_of(key)
        known = fix and ships.get(fix.mmsi)
        if fix is None or (known and at - known.going.at < COPY_MS):
            continue
        _note_gap(gaps, known, fix, at)
        going = sailed(known.going if known else None, at, *fix[2:])
        ships[fix.mmsi] = Ship(going, fix.kind)
        cell = cell_of(fix.lat, fix.lon), kind_at(fix.kind, going.speed_kn)
        reports[cell] = reports.get(cell, 0) + 1
    kept = {mmsi: ship for mmsi, ship in ships.items() if end - ship.going.at <= MISSED_FOR_MS}
    cells = _cells(kept, reports, end)
    return kept, (cells, tuple(gaps) if any(gaps) else ())


def _note_gap(gaps: list[int], known: Ship | None, fix: Fix, at: Instant) -> None:
    """Gaps between reports of ships that move."""
    if known is None or fix.kind == BEACON or known.going.speed_kn < MOVING_KN:
        return
    gap_s = (at - known.going.at) / SECOND
    if gap_s < _GAP_COUNTED_S:
        gaps[bucket_of(gap_s)] += 1


def _cells(ships: Mapping[int, Ship], reports: Mapping[tuple[Cell, int], int], end: Instant) -> tuple[CellCount, ...]:
    rows: dict[tuple[Cell, int], list[int]] = {}
    for ship in ships.values():
        going, kind = ship
        here = end - going.at <= going.late_ms
        moves = going.speed_kn >= MOVING_KN and kind != BEACON
        if going.reports < KNOWN_FROM or not (here or moves):
            continue
        cell = cell_of(going.lat, going.lon) if here else predicted(going, end)
        row = rows.setdefault((cell, kind_at(kind, going.speed_kn)), [0] * (4 + GAP_BUCKETS))
        row[0] += moves
        row[1] += moves and here
        row[2] += here
        row[4 + bucket_of(going.mean_gap_s)] += here
    for key, n in reports.items():
        rows.setdefault(key, [0] * (4 + GAP_BUCKETS))[3] += n
    return tuple(counted(cell, kind, row) for (cell, kind), row in sorted(rows.items()))
