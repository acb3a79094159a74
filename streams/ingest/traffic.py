"""Traffic: who was expected and who was heard, of ALL ships, per cell, class and interval, on one source partition.

    position of any ship --> kept until its interval is over --in order of (time, content)--> how each ship goes
    the tick passes the interval --> the counts of each cell, written before the tick

So the order of arrival changes nothing, nor where a batch ends.  A ship lives on one partition: what partitions count
of an interval is added up by the clock.  Prompt feeds alone bear witness here: a late one is heard too late.  What
comes later than its feed's allowed lateness is not counted: its ship is one of the missing, which makes us careful.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from alerts.core.cells import Cell, cell_of
from alerts.core.cover import BEACON, GAP_BUCKETS, CellCount, CountRow, bucket_of, kind_at
from alerts.core.going import COPY_MS, KNOWN_FROM, MOVING_KN, Going, predicted, sailed
from alerts.core.instants import HOUR, INTERVAL, SECOND, Instant, interval_start
from alerts.core.intervals import CellsHeard, CountRun
from alerts.core.reports import Origin
from alerts.core.runs import with_run
from streams.ingest.fixes import fix_of

CELLS_N = 1 << 16
"""Cells are numbered from here among the outputs of a time record (streams/ingest/ticks.py)."""
MISSED_FOR_MS = HOUR
"""So long a ship that is not heard counts as missing; then she is forgotten."""
_GAP_COUNTED_MS = 301 * SECOND
_UNKNOWN: tuple[Going | None, int] = (None, 0)
_FOR_EVER = 1 << 62
_CELLS_A_RECORD = 5_000


class Ship(NamedTuple):
    """One ship or beacon after her last report, and what is counted of her: `kind`, `cell`, `bucket` of her mean gap.

    From `late_from` on she is late; `kind` is that of alerts/core/cover.py.
    """

    going: Going
    kind: int
    late_from: Instant
    moves: bool
    cell: Cell
    bucket: int

    @classmethod
    def after(cls, going: Going, kind: int) -> "Ship":
        """With what is counted of her until her next report."""
        moves, late_from = going.speed_kn >= MOVING_KN and kind != BEACON, going.at + going.late_ms
        cell, bucket = cell_of(going.lat, going.lon), bucket_of(going.mean_gap_s)
        return cls(going, kind_at(kind, going.speed_kn), late_from, moves, cell, bucket)


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
        last, runs = interval_start(tick), list[CountRun]()
        ends = deque(sorted(end for end in self._waiting if end <= last))
        if self._closed is None:
            self._closed = ends[0] - INTERVAL if ends else last
        while self._closed < last:
            end = self._closed + INTERVAL
            if ends and ends[0] == end:
                ends.popleft()
            self._closed = self._count(end, ends[0] - INTERVAL if ends else last, runs)
        return tuple(_records(runs, origin))

    def _count(self, end: Instant, last: Instant, runs: list[CountRun]) -> Instant:
        """Counts one interval, and those that follow as long as they are the same, up to `last`: how far it came."""
        self._ships, cells, gaps = _passed(self._ships, self._waiting.pop(end, {}), end)
        if not gaps and not any(count.reports for count in cells):
            last = min(last, _steady_until(self._ships, end))
        else:
            last = end
        if cells or gaps:
            with_run(runs, CountRun(end, last, cells, gaps))
        return last

    def closed(self) -> Traffic:
        """The value after the step."""
        return Traffic(self._ships, self._waiting, self._closed)


def _records(runs: Iterable[CountRun], origin: Origin) -> Iterator[CellsHeard]:
    """The runs in records below 500 kB; a large one is said in parts, its gaps once."""
    record: list[CountRun] = []
    size = n = 0
    for piece in (piece for run in runs for piece in _pieces(run)):
        if record and size + len(piece.cells) > _CELLS_A_RECORD:
            yield CellsHeard(replace(origin, n=CELLS_N + n), tuple(record))
            record, size, n = [], 0, n + 1
        record.append(piece)
        size += len(piece.cells)
    if record:
        yield CellsHeard(replace(origin, n=CELLS_N + n), tuple(record))


def _pieces(run: CountRun) -> Iterator[CountRun]:
    yield replace(run, cells=run.cells[:_CELLS_A_RECORD])
    for begin in range(_CELLS_A_RECORD, len(run.cells), _CELLS_A_RECORD):
        yield CountRun(run.first, run.last, run.cells[begin : begin + _CELLS_A_RECORD])


def _steady_until(ships: Mapping[int, Ship], end: Instant) -> Instant:
    """The last interval, from this one on, that is counted the same if nobody is heard any more."""
    until = _FOR_EVER
    for ship in ships.values():
        if ship.going.reports < KNOWN_FROM:
            continue
        if end <= ship.late_from:
            until = min(until, interval_start(ship.late_from))
        elif ship.moves:
            return end
    return until


def _passed(
    before: Mapping[int, Ship], heard: Mapping[bytes, Instant], end: Instant
) -> tuple[dict[int, Ship], tuple[CellCount, ...], tuple[int, ...]]:
    """The ships after an interval, what is counted of them by cell, and the gaps between reports of those that move."""
    ships, goings, said = _not_forgotten(before, end), dict[int, tuple[Going, int]](), Counter[int]()
    gaps = [0] * GAP_BUCKETS
    for at, key in sorted([(at, key) for key, at in heard.items()]):
        fix = fix_of(key)
        if fix is None:
            continue
        mmsi, kind = fix.mmsi, fix.kind
        known, before_kind = goings.get(mmsi) or (ships[mmsi][:2] if mmsi in ships else _UNKNOWN)
        if known and at - known.at < COPY_MS:
            continue
        if known and known.speed_kn >= MOVING_KN and before_kind != BEACON:
            _note_gap(gaps, at - known.at)
        goings[mmsi] = sailed(known, at, *fix[2:]), kind
        said[mmsi] += 1
    ships.update({mmsi: Ship.after(*going) for mmsi, going in goings.items()})
    return ships, _cells(ships, said, end), tuple(gaps) if any(gaps) else ()


def _not_forgotten(ships: Mapping[int, Ship], end: Instant) -> dict[int, Ship]:
    oldest = end - INTERVAL - MISSED_FOR_MS
    return {mmsi: ship for mmsi, ship in ships.items() if ship.going.at >= oldest}


def _note_gap(gaps: list[int], gap_ms: int) -> None:
    if gap_ms < _GAP_COUNTED_MS:
        gaps[bucket_of(gap_ms / SECOND)] += 1


def _cells(ships: Mapping[int, Ship], said: Mapping[int, int], end: Instant) -> tuple[CellCount, ...]:
    rows: dict[tuple[Cell, int], CountRow] = {}
    for mmsi, (going, kind, late_from, moves, cell, bucket) in ships.items():
        here = end <= late_from
        if going.reports < KNOWN_FROM or not (here or (moves and end - going.at <= MISSED_FOR_MS)):
            continue
        where = cell if here else predicted(going, end), kind
        row = rows.get(where) or rows.setdefault(where, CountRow())
        row.expected += moves
        if here:
            row.hear(moves, said.get(mmsi, 0), bucket, beacon=kind == BEACON)
    return tuple([row.count(*where) for where, row in sorted(rows.items())])
