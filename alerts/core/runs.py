"""Runs of intervals: what partitions counted in them, added up, becomes how well ships were heard in them.

    partition 0   |---- 2 ships ----|--- 3 ---|
    partition 1      |------------ 1 ------------|
                  |2-|-- 2 + 1 ----|-- 3 + 1 -|1-|     each stretch in which nothing changes is counted once

Where nothing moves, weeks are one run; what comes out does not depend on where runs were cut.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sized
from functools import lru_cache
from operator import attrgetter
from typing import TypeVar

from alerts.core.cells import Cell
from alerts.core.cover import CellCount, CellSum, Gaps, learned, sums_of, usual_gap_s
from alerts.core.frozen import replace
from alerts.core.instants import INTERVAL, Instant
from alerts.core.intervals import CountRun, CoverRun, StationCount, StationRun

CELLS_A_RECORD = 10_000
"""Keeps a record below 500 kB."""
_FOR_EVER = 1 << 62
_first = attrgetter("first")


Piece = TypeVar("Piece")
Run = TypeVar("Run", bound=CountRun | StationRun)
Runs = dict[str, tuple[Run, ...]]
"""By partition, in order of time: what is not closed yet.  One can be weeks ahead: nothing goes through all of it."""


def with_run(runs: list[Run], run: Run) -> None:
    """Adds a run; one that goes on as the last one did makes that longer."""
    known = runs[-1] if runs else None
    if known and known.last + INTERVAL == run.first and known.steady is not None and known.steady == run.steady:
        runs[-1] = replace(known, last=run.last)
    else:
        runs.append(run)


def in_records(pieces: Iterable[Piece], rows_of: Callable[[Piece], Sized], most: int) -> Iterator[tuple[Piece, ...]]:
    """The pieces of runs in their order, in parts of so many rows at most, each fit for a record."""
    part: list[Piece] = []
    rows = 0
    for piece in pieces:
        if part and rows + len(rows_of(piece)) > most:
            yield tuple(part)
            part, rows = [], 0
        part.append(piece)
        rows += len(rows_of(piece))
    if part:
        yield tuple(part)


def with_runs(known: Runs[Run], source: str, runs: tuple[Run, ...]) -> Runs[Run]:
    """With what one partition has counted."""
    had = known.get(source, ())
    after = (*had, *runs)
    in_order = not had or not runs or had[-1].first <= runs[0].first
    return {**known, source: after if in_order else tuple(sorted(after, key=_first))}


def up_to(known: Runs[Run], clock: Instant, end: Instant) -> tuple[list[Run], Runs[Run]]:
    """What lies in the intervals after `clock` up to `end`, and what lies after; what lies before comes too late."""
    closed: list[Run] = []
    left: Runs[Run] = {}
    for source, runs in known.items():
        begun = bisect_right(runs, end, key=_first)
        closed += _between(runs[:begun], clock, end)
        left[source] = (*_between(runs[:begun], end, _FOR_EVER), *runs[begun:])
    return closed, left


def _between(runs: Iterable[Run], after: Instant, end: Instant) -> Iterator[Run]:
    for run in runs:
        first, last = max(run.first, after + INTERVAL), min(run.last, end)
        if (first, last) == (run.first, run.last):
            yield run
        elif first <= last:
            yield replace(run, first=first, last=last)


def by_interval(runs: Iterable[StationRun]) -> list[tuple[Instant, list[StationCount]]]:
    """What stations said in each interval, whatever partitions heard it, in order of time."""
    said: dict[Instant, list[StationCount]] = {}
    for run in runs:
        for end in range(run.first, run.last + 1, INTERVAL):
            said.setdefault(end, []).extend(run.stations)
    return sorted(said.items())


def covers_of(counted: Iterable[CountRun], gaps: Gaps) -> tuple[Gaps, tuple[CoverRun, ...]]:
    """The gaps as learned, and the covers of the intervals in which anybody was heard."""
    found: list[CoverRun] = []
    for first, last, runs in _stretches(counted):
        heard = [run.gaps for run in runs if run.gaps]
        gaps = learned(gaps, heard) if heard else gaps
        usual_s = usual_gap_s(gaps)
        cells = _sums(tuple(count for run in runs for count in run.cells), usual_s)
        known = found[-1] if found else None
        if known and known.last + INTERVAL == first and (known.usual_s, known.cells) == (usual_s, cells):
            found[-1] = replace(known, last=last)
        elif cells:
            found.append(CoverRun(first, last, usual_s, cells))
    return gaps, tuple(found)


@lru_cache(maxsize=8)
def _sums(counts: tuple[CellCount, ...], usual_s: float) -> dict[Cell, CellSum]:
    """In the thin weeks of an archive, minute after minute is the same."""
    return sums_of(counts, usual_s)


def _stretches(counted: Iterable[CountRun]) -> Iterator[tuple[Instant, Instant, list[CountRun]]]:
    """First and last interval of each stretch in which the same runs hold, and these."""
    waiting = sorted(counted, key=lambda run: -run.first)
    runs: list[CountRun] = []
    first = 0
    while waiting or runs:
        first = first if runs else waiting[-1].first
        while waiting and waiting[-1].first == first:
            runs.append(waiting.pop())
        last = min(run.last for run in runs)
        if waiting:
            last = min(last, waiting[-1].first - INTERVAL)
        yield first, last, runs
        runs = [run for run in runs if run.last > last]
        first = last + INTERVAL


def parts(covers: Iterable[CoverRun]) -> list[tuple[CoverRun, ...]]:
    """The covers in parts that fit into a record each; at least one."""
    pieces = (piece for run in covers for piece in _pieces(run))
    return list(in_records(pieces, attrgetter("cells"), CELLS_A_RECORD)) or [()]


def _pieces(run: CoverRun) -> Iterator[CoverRun]:
    if len(run.cells) <= CELLS_A_RECORD:
        yield run
        return
    cells = tuple(run.cells.items())
    for begin in range(0, len(cells), CELLS_A_RECORD):
        yield replace(run, cells=dict(cells[begin : begin + CELLS_A_RECORD]))
