"""How well ships were heard of late, cell by cell: what the page draws under the hulls when it is asked to.

What a run says of an interval that is no older than HEARD_MS counts.  It is kept by what brought it, so that a record
that is read from every partition, or read twice, counts once, in whatever order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from alerts.core.cells import Cell, corners_of
from alerts.core.cover import CellSum
from alerts.core.instants import INTERVAL, MINUTE, Instant, rfc3339
from alerts.core.intervals import CoverRun
from alerts.core.reports import Origin

HEARD_MS = 15 * MINUTE
_DECIMALS = 4


class Heard(NamedTuple):
    """Of one cell: minutes of ships under way expected, and heard; most ships and most beacons heard at once."""

    expected: int = 0
    heard: int = 0
    ships: int = 0
    beacons: int = 0

    def plus(self, row: CellSum, intervals: int) -> "Heard":
        """What so many intervals more say of it."""
        return Heard(
            self.expected + intervals * row.expected,
            self.heard + intervals * row.heard,
            max(self.ships, row.ships),
            max(self.beacons, row.beacons),
        )


@dataclass(frozen=True, slots=True)
class Hearing:
    """The covers of the last HEARD_MS before `upto`, the end of the newest interval closed."""

    runs: Mapping[Origin, tuple[CoverRun, ...]] = field(default_factory=dict)
    upto: Instant | None = None


def with_covers(hearing: Hearing, origin: Origin, covers: tuple[CoverRun, ...], end: Instant | None = None) -> Hearing:
    """What one record of the clock says; `end` where it closes intervals."""
    if not covers and (end is None or (hearing.upto is not None and end <= hearing.upto)):
        return hearing
    upto = max((at for at in (hearing.upto, end) if at is not None), default=None)
    runs = {**hearing.runs, origin: covers} if covers else hearing.runs
    since = None if upto is None else upto - HEARD_MS
    return Hearing({by: kept for by, kept in runs.items() if since is None or kept[-1].last > since}, upto)


def heard_of_late(hearing: Hearing) -> dict[Cell, Heard]:
    """Each cell in which a ship was expected, or a ship or a beacon heard; in their order."""
    cells: dict[Cell, Heard] = {}
    for run in (run for covers in hearing.runs.values() for run in covers):
        intervals = _counted(run, hearing.upto)
        for cell, row in run.cells.items() if intervals else ():
            if row.expected or row.anybody:
                cells[cell] = cells.get(cell, Heard()).plus(row, intervals)
    return dict(sorted(cells.items()))


def _counted(run: CoverRun, upto: Instant | None) -> int:
    """How many of its intervals are no older than HEARD_MS, and closed."""
    if upto is None:
        return 0
    first, last = max(run.first, upto - HEARD_MS + INTERVAL), min(run.last, upto)
    return max(0, (last - first) // INTERVAL + 1)


def rows(hearing: Hearing) -> list[list[float]]:
    """For the page: [south, west, north, east, expected, heard, ships, beacons] of each cell."""
    return [
        [*(round(corner, _DECIMALS) for corner in corners_of(cell)), *heard]
        for cell, heard in heard_of_late(hearing).items()
    ]


def view(hearing: Hearing) -> dict[str, Any]:
    """What `/api/hearing` answers."""
    return {"minutes": HEARD_MS // MINUTE, "upto": hearing.upto and rfc3339(hearing.upto), "cells": rows(hearing)}
