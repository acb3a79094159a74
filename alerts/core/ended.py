"""Silences that have ended, of ALL ships under way: what the cover is learned from while it runs (lessons.py)."""

from typing import NamedTuple

from alerts.core.frozen import Struct
from alerts.core.instants import Instant
from alerts.core.reports import Origin, in_parts

ENDED_A_RECORD = 1_000
"""Some 110 kB."""


class Ended(NamedTuple):
    """A silence of a ship, watched or not, who was under way when she was last heard, `at`.

    `known` is the end of the interval in which she was heard again, and `back_at`, `back_lat`, `back_lon` her last
    report in that.  The others are how she went before (going.py); `kind` is her class (cover.py).
    """

    known: Instant
    mmsi: int
    kind: int
    at: Instant
    lat: float
    lon: float
    speed_kn: float
    north_kn: float
    east_kn: float
    mean_gap_s: float
    reports: int
    back_at: Instant
    back_lat: float
    back_lon: float


class SilencesEnded(Struct, frozen=True):
    """From ingest to the clock: those of one partition that ended in the intervals that a tick passes."""

    origin: Origin
    ended: tuple[Ended, ...]


def closed(
    waiting: tuple[Ended, ...], clock: Instant, end: Instant
) -> tuple[tuple[Ended, ...], list[tuple[Ended, ...]]]:
    """What waits on after the intervals from `clock` to `end`, and what ended in them, in parts; at least one.

    The parts are sorted, so that nothing depends on the partitions; what lies before comes too late.
    """
    if not waiting:
        return waiting, [()]
    left = tuple(row for row in waiting if row.known > end)
    rows = sorted(row for row in waiting if clock < row.known <= end)
    return left, list(in_parts(rows, ENDED_A_RECORD)) or [()]
