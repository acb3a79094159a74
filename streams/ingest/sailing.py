"""How ships go after what was heard of them in an interval, in columns: the same as `going.sailed` of one report after
the other, to the last digit.

reports in order of (ship, time) --> her first, her second, ... of all ships at once
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.core.cells import COSINES
from alerts.core.cover import BEACON, BUCKETS_FROM_S, GAP_BUCKETS
from alerts.core.going import (
    COPY_MS,
    EAST,
    GAP_AFTER_SILENCE_S,
    GAP_FADES,
    GAP_MOST_S,
    KNOTS,
    LATE_MOST_GAP_S,
    MOVING_KN,
    NORTH,
    PACE_FADES,
    STEP_MS,
    UNKNOWN_GAP_S,
    WAY_FADES,
)
from alerts.core.instants import HOUR, INTERVAL, SECOND
from streams.ingest.fixes import UNKNOWN, Fixes
from streams.ingest.ships import FOR_EVER, GAP_COUNTED_MS
from streams.ingest.usual import Flags, Numbers

SHIP = np.dtype(
    [
        ("mmsi", "<i8"),
        ("at", "<i8"),
        ("lat", "<f8"),
        ("lon", "<f8"),
        ("speed_kn", "<f8"),
        ("north_kn", "<f8"),
        ("east_kn", "<f8"),
        ("before_kn", "<f8"),
        ("gap_sum_s", "<f8"),
        ("gap_n", "<f8"),
        ("reports", "<i8"),
        ("kind", "<i8"),
    ]
)
"""One ship or beacon, as Going; `kind` is that of her last report."""
Ships = NDArray[Any]
"""In order of their MMSIs."""
Columns = dict[str, NDArray[Any]]
"""Some of them in any order, by the names of SHIP."""
Reals = NDArray[np.float64]
_COSINES = np.array(COSINES)
_NORTH, _EAST = np.array(NORTH), np.array(EAST)
_WAY_FADES, _PACE_FADES, _GAP_FADES = np.array(WAY_FADES), np.array(PACE_FADES), np.array(GAP_FADES)
_BUCKETS_FROM_S = np.array(BUCKETS_FROM_S)


def heard(ships: Ships, at: Numbers, fixes: Fixes) -> tuple[Ships, Numbers, Numbers]:
    """The ships after reports in the order of (ship, time), how many of hers counted, and the gaps of those that move.

    Who says most stands first meanwhile: so of whom there is another report are always the first so many.
    """
    first = np.flatnonzero(np.diff(fixes.mmsi, prepend=-1))
    ships, own = _with(ships, fixes.mmsi[first])
    turns = list(_turns(ships[own], at, np.append(first, len(at))))
    counts = sum((np.bincount(turn, minlength=len(own)) for turn, _ in turns), np.zeros(len(own), np.int64))
    often = np.argsort(-counts, kind="stable")
    columns: Columns = {name: ships[name][own[often]] for name in SHIP.names or ()}
    row_of, gaps = np.empty(len(own), np.int64), np.zeros(GAP_BUCKETS, np.int64)
    for turn, row in turns:
        row_of[turn] = row
        rows, reports = row_of[often[: len(turn)]], columns["reports"][: len(turn)]
        new, known = np.flatnonzero(reports == 0), _all_or(np.flatnonzero(reports), len(turn))
        hers, told = {name: column[known] for name, column in columns.items()}, rows[known]
        gaps += _gaps(hers, at[told])
        _put(columns, known, _again(hers, at[told], fixes.only(told)))
        _put(columns, new, _first(at[rows[new]], fixes.only(rows[new])))
    for name, column in columns.items():
        ships[name][own[often]] = column
    said = np.zeros(len(ships), np.int64)
    said[own] = counts
    return ships, said, gaps


def _turns(ships: Ships, at: Numbers, begins: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Of whom there is a first, a second, ... report that counts, and which it is; those of ship n begin at begins[n].

    What comes within two seconds of her last one is a copy, and counts for nothing.
    """
    first, ends = begins[:-1], begins[1:]
    begin = at.min(initial=FOR_EVER)
    order = np.repeat(np.arange(len(first)), ends - first) * (4 * HOUR) + (at - begin)
    turn, earliest = np.arange(len(first)), np.where(ships["reports"] > 0, ships["at"] + COPY_MS - begin, 0)
    while len(turn):
        row = np.searchsorted(order, turn * (4 * HOUR) + np.clip(earliest, 0, 2 * HOUR))
        there = row < ends[turn]
        turn, row = turn[there], row[there]
        earliest = at[row] + COPY_MS - begin
        if len(turn):
            yield turn, row


def _with(ships: Ships, mmsis: Numbers) -> tuple[Ships, Numbers]:
    """With a place for each of these, and which it is."""
    new = mmsis[~np.isin(mmsis, ships["mmsi"], assume_unique=True)]
    both = np.zeros(len(ships) + len(new), SHIP)
    both["mmsi"] = np.sort(np.concatenate((ships["mmsi"], new)))
    both[np.searchsorted(both["mmsi"], ships["mmsi"])] = ships
    return both, np.searchsorted(both["mmsi"], mmsis)


def _all_or(rows: Numbers, length: int) -> Numbers | slice:
    """A slice where these are all: nothing is copied then."""
    return slice(length) if len(rows) == length else rows


def _put(columns: Columns, rows: Numbers | slice, changed: Columns) -> None:
    for name, column in changed.items():
        columns[name][rows] = column


def _first(at: Numbers, fixes: Fixes) -> Columns:
    """After her first report."""
    speed, course = np.maximum(fixes.speed, 0) / 10.0, fixes.course
    return {
        "at": at,
        "lat": fixes.lat,
        "lon": fixes.lon,
        "speed_kn": speed,
        "north_kn": np.where(course == UNKNOWN, 0.0, speed * _NORTH[course]),
        "east_kn": np.where(course == UNKNOWN, 0.0, speed * _EAST[course]),
        "before_kn": speed,
        "reports": np.ones(len(at), np.int64),
        "kind": fixes.kind,
    }


def _again(hers: Columns, at: Numbers, fixes: Fixes) -> Columns:
    """What has changed after one more report of each."""
    gap_ms = at - hers["at"]
    gap_s = gap_ms / float(SECOND)
    speed, north, east = _ways(hers, gap_ms, fixes)
    step = np.minimum(-(-gap_ms // STEP_MS), len(GAP_FADES) - 1)
    way, pace, often = _WAY_FADES[step], _PACE_FADES[step], _GAP_FADES[step]
    return {
        "at": at,
        "lat": fixes.lat,
        "lon": fixes.lon,
        "speed_kn": speed,
        "north_kn": hers["north_kn"] * way + north * (1 - way),
        "east_kn": hers["east_kn"] * way + east * (1 - way),
        "before_kn": hers["before_kn"] * pace + speed * (1 - pace),
        "gap_sum_s": hers["gap_sum_s"] * often + np.where(gap_s <= GAP_MOST_S, gap_s, GAP_AFTER_SILENCE_S),
        "gap_n": hers["gap_n"] * often + 1,
        "reports": hers["reports"] + 1,
        "kind": fixes.kind,
    }


def _ways(hers: Columns, gap_ms: Numbers, fixes: Fixes) -> tuple[Reals, Reals, Reals]:
    """Speed, north and east, in knots: as she says, or made good between two fixes."""
    speed, course = fixes.speed / 10.0, fixes.course
    north, east = speed * _NORTH[course], speed * _EAST[course]
    rows = np.flatnonzero((course == UNKNOWN) | (fixes.speed == UNKNOWN))
    if len(rows):
        lat = fixes.lat[rows]
        made_north = 60 * (lat - hers["lat"][rows]) * KNOTS / gap_ms[rows]
        turned = (fixes.lon[rows] - hers["lon"][rows] + 180) % 360 - 180
        made_east = 60 * turned * _COSINES[rows_of(lat)] * KNOTS / gap_ms[rows]
        made = np.sqrt(made_north * made_north + made_east * made_east)
        still, course = np.where(made == 0, 1.0, made), course[rows]
        speed[rows] = kn = np.where(fixes.speed[rows] == UNKNOWN, made, speed[rows])
        north[rows] = np.where(course == UNKNOWN, made_north / still * kn, kn * _NORTH[course])
        east[rows] = np.where(course == UNKNOWN, made_east / still * kn, kn * _EAST[course])
    return speed, north, east


def _gaps(hers: Columns, at: Numbers) -> Numbers:
    """How many gaps of each bucket end with these reports of theirs."""
    gap_ms = at - hers["at"]
    return counted(buckets_of(gap_ms[moving(hers) & (gap_ms < GAP_COUNTED_MS)] / float(SECOND)), GAP_BUCKETS)


def counted(at: Numbers, length: int, weights: Any = None) -> Numbers:
    """How many, or what weights, are at each of so many places."""
    return np.bincount(at, weights, length).astype(np.int64)


def mean_gap_s(ships: Ships) -> Reals:
    """As Going.mean_gap_s."""
    n = ships["gap_n"]
    return np.where(n == 0, UNKNOWN_GAP_S, ships["gap_sum_s"] / np.where(n == 0, 1.0, n))


def late_from(ships: Ships) -> Numbers:
    """From when each is late, if she is not heard."""
    late_ms = np.rint(2 * np.minimum(mean_gap_s(ships), LATE_MOST_GAP_S) * SECOND).astype(np.int64)
    late: Numbers = ships["at"] + np.maximum(INTERVAL, late_ms)
    return late


def moving(ships: "Ships | Columns") -> Flags:
    """Which of them are under way; a beacon never is."""
    moves: Flags = (ships["speed_kn"] >= MOVING_KN) & (ships["kind"] != BEACON)
    return moves


def buckets_of(gap_s: Reals) -> Numbers:
    """As cover.bucket_of."""
    return np.searchsorted(_BUCKETS_FROM_S, gap_s, "right")


def rows_of(lat: Reals) -> Numbers:
    """The row of cells of each latitude."""
    return np.clip(((lat + 90) * 10).astype(np.int64), 0, len(COSINES) - 1)
