"""How all ships go over one interval, in columns: the same as ships.py says of them one by one, to the last digit.

reports of an interval --each once, in order of (ship, time)--> her first, her second, ... of all ships at once
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.core.cells import COLUMNS, COSINES, STRIDE
from alerts.core.cover import BEACON, BUCKETS_FROM_S, CLASS_A, FAST_A, FAST_KN, FELL_MS, GAP_BUCKETS, NAMED, CellCount
from alerts.core.going import (
    COPY_MS,
    EAST,
    GAP_AFTER_SILENCE_S,
    GAP_FADES,
    GAP_MOST_S,
    KNOTS,
    KNOWN_FROM,
    LATE_MOST_GAP_S,
    MOVING_KN,
    NORTH,
    PACE_FADES,
    RECKONED_MS,
    STEP_MS,
    UNKNOWN_GAP_S,
    WAY_FADES,
)
from alerts.core.instants import HOUR, INTERVAL, SECOND, Instant
from streams.ingest.fixes import KEY_BYTES, UNKNOWN, Fixes, Keys, fixes_of
from streams.ingest.ships import FOR_EVER, GAP_COUNTED_MS, MISSED_FOR_MS, Passed
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
Reals = NDArray[np.float64]
SAID = np.dtype([("key", f"V{KEY_BYTES}"), ("at", "<i8")])
_ODD = np.uint64(0xD6E8FEB86659FD93)
_KINDS = 4
_COSINES, _COLUMNS = np.array(COSINES), np.array(COLUMNS)
_NORTH, _EAST = np.array(NORTH), np.array(EAST)
_WAY_FADES, _PACE_FADES, _GAP_FADES = np.array(WAY_FADES), np.array(PACE_FADES), np.array(GAP_FADES)
_BUCKETS_FROM_S = np.array(BUCKETS_FROM_S)


def passed(stored: bytes, said: bytes, end: Instant) -> Passed:
    """The interval that ends at `end`: the same as ships.passed."""
    known = np.frombuffer(stored, SHIP)
    ships = known[known["at"] >= end - INTERVAL - MISSED_FOR_MS]
    keys, at = _each_once(said)
    fixes, rows = fixes_of(keys)
    order = _in_order(fixes.mmsi * (2 * INTERVAL) + (at[rows] - (end - INTERVAL)), keys[rows])
    ships, reports, gaps = _heard(ships, at[rows][order], fixes.only(order))
    cells = _cells(ships, reports, end)
    return Passed(ships.tobytes(), cells, tuple(gaps.tolist()) if gaps.any() else (), _same_until(ships, end))


def _each_once(said: bytes) -> tuple[Keys, Numbers]:
    """Each position at the time at which it was first heard."""
    rows = np.frombuffer(said, SAID)
    keys = np.frombuffer(rows["key"].tobytes(), np.uint8).reshape(-1, KEY_BYTES)
    told = _told_apart(keys)
    order = np.argsort(told)
    told = told[order]
    begins = np.flatnonzero(np.diff(told, prepend=~told[:1]))
    return keys[order[begins]], np.minimum.reduceat(rows["at"][order], begins)


def _told_apart(keys: Keys) -> NDArray[np.uint64]:
    """64 bits of each key: two positions of one minute are taken for one in 1 of 10**19 cases."""
    told = np.full(len(keys), _ODD)
    for word in keys.view("<u8").T:
        told = (told ^ word) * _ODD
        told ^= told >> np.uint64(32)
    return told * _ODD


def _in_order(ship_and_time: Numbers, keys: Keys) -> Numbers:
    """By ship and time, and by content where both are the same."""
    order = np.argsort(ship_and_time)
    found = ship_and_time[order]
    same = np.flatnonzero(found[1:] == found[:-1])
    at = np.union1d(same, same + 1)
    if len(at):
        tied = order[at]
        order[at] = tied[np.lexsort((*keys[tied].view(">u8").T[::-1], ship_and_time[tied]))]
    return order


def _heard(ships: Ships, at: Numbers, fixes: Fixes) -> tuple[Ships, Numbers, Numbers]:
    """The ships after reports in the order of (ship, time), how many of hers counted, and the gaps of those that move.

    What comes within two seconds of her last report is a copy, and counts for nothing.
    """
    first = np.flatnonzero(np.diff(fixes.mmsi, prepend=-1))
    ships, own = _with(ships, fixes.mmsi[first])
    ends = np.append(first[1:], len(at))
    said, gaps = np.zeros(len(ships), np.int64), np.zeros(GAP_BUCKETS, np.int64)
    begin = at.min(initial=FOR_EVER)
    order = np.repeat(np.arange(len(first)), ends - first) * (4 * HOUR) + (at - begin)
    turn = np.arange(len(first))
    while len(turn):
        known = ships["reports"][own[turn]] > 0
        earliest = np.where(known, np.maximum(ships["at"][own[turn]] + COPY_MS - begin, 0), 0)
        row = np.searchsorted(order, turn * (4 * HOUR) + np.minimum(earliest, 2 * HOUR))
        there = row < ends[turn]
        turn, row, known = turn[there], row[there], known[there]
        rows, old = own[turn], own[turn[known]]
        before = ships[old]
        gaps += _gaps(before, at[row[known]])
        ships[rows[~known]] = _first(at, fixes, row[~known])
        ships[old] = _again(before, at, fixes, row[known])
        said[rows] += 1
    return ships, said, gaps


def _with(ships: Ships, mmsis: Numbers) -> tuple[Ships, Numbers]:
    """With a place for each of these, and which it is."""
    new = mmsis[~np.isin(mmsis, ships["mmsi"], assume_unique=True)]
    both = np.zeros(len(ships) + len(new), SHIP)
    both["mmsi"] = np.sort(np.concatenate((ships["mmsi"], new)))
    both[np.searchsorted(both["mmsi"], ships["mmsi"])] = ships
    return both, np.searchsorted(both["mmsi"], mmsis)


def _first(at: Numbers, fixes: Fixes, row: Numbers) -> Ships:
    """After her first report."""
    ships = np.zeros(len(row), SHIP)
    speed, course = np.maximum(fixes.speed[row], 0) / 10.0, fixes.course[row]
    ships["mmsi"], ships["kind"], ships["reports"] = fixes.mmsi[row], fixes.kind[row], 1
    ships["at"], ships["lat"], ships["lon"] = at[row], fixes.lat[row], fixes.lon[row]
    ships["speed_kn"], ships["before_kn"] = speed, speed
    ships["north_kn"] = np.where(course == UNKNOWN, 0.0, speed * _NORTH[course])
    ships["east_kn"] = np.where(course == UNKNOWN, 0.0, speed * _EAST[course])
    return ships


def _again(ships: Ships, at: Numbers, fixes: Fixes, row: Numbers) -> Ships:
    """After one more report of each."""
    gap_ms = at[row] - ships["at"]
    gap_s = gap_ms / float(SECOND)
    speed, north, east = _ways(ships, gap_ms, fixes, row)
    step = np.minimum(-(-gap_ms // STEP_MS), len(GAP_FADES) - 1)
    way, pace, often = _WAY_FADES[step], _PACE_FADES[step], _GAP_FADES[step]
    after = ships.copy()
    after["kind"], after["at"], after["lat"], after["lon"] = fixes.kind[row], at[row], fixes.lat[row], fixes.lon[row]
    after["speed_kn"] = speed
    after["north_kn"] = ships["north_kn"] * way + north * (1 - way)
    after["east_kn"] = ships["east_kn"] * way + east * (1 - way)
    after["before_kn"] = ships["before_kn"] * pace + speed * (1 - pace)
    counted_s = np.where(gap_s <= GAP_MOST_S, gap_s, GAP_AFTER_SILENCE_S)
    after["gap_sum_s"] = ships["gap_sum_s"] * often + counted_s
    after["gap_n"] = ships["gap_n"] * often + 1
    after["reports"] += 1
    return after


def _ways(ships: Ships, gap_ms: Numbers, fixes: Fixes, row: Numbers) -> tuple[Reals, Reals, Reals]:
    """Speed, north and east, in knots: as she says, or made good between two fixes."""
    lat, course = fixes.lat[row], fixes.course[row]
    north = 60 * (lat - ships["lat"]) * KNOTS / gap_ms
    turned = (fixes.lon[row] - ships["lon"] + 180) % 360 - 180
    east = 60 * turned * _COSINES[rows_of(lat)] * KNOTS / gap_ms
    length = np.sqrt(north * north + east * east)
    speed = np.where(fixes.speed[row] == UNKNOWN, length, fixes.speed[row] / 10.0)
    still = np.where(length == 0, 1.0, length)
    north = np.where(course == UNKNOWN, north / still * speed, speed * _NORTH[course])
    east = np.where(course == UNKNOWN, east / still * speed, speed * _EAST[course])
    return speed, north, east


def _gaps(ships: Ships, at: Numbers) -> Numbers:
    """How many gaps of each bucket end with these reports of theirs."""
    gap_ms = at - ships["at"]
    return _counts(_buckets(gap_ms[_moves(ships) & (gap_ms < GAP_COUNTED_MS)] / float(SECOND)), GAP_BUCKETS)


def _same_until(ships: Ships, end: Instant) -> Instant:
    ships = ships[ships["reports"] >= KNOWN_FROM]
    late = late_from(ships)
    until = np.where(_moves(ships), end, FOR_EVER)
    return int(np.where(end <= late, late // INTERVAL * INTERVAL, until).min(initial=FOR_EVER))


def _cells(ships: Ships, said: Numbers, end: Instant) -> tuple[CellCount, ...]:
    """Of each cell and kind, who is expected and who is here; `said` is how many reports were hers."""
    late, moves = late_from(ships), _moves(ships)
    here = end <= late
    counted = (ships["reports"] >= KNOWN_FROM) & (here | moves & (end - ships["at"] <= MISSED_FOR_MS))
    ships, said, here, moves = ships[counted], said[counted], here[counted], moves[counted]
    kind = np.where((ships["kind"] == CLASS_A) & (ships["speed_kn"] > FAST_KN), FAST_A, ships["kind"])
    codes, at = np.unique(_places(ships, here, end) * _KINDS + kind, return_inverse=True)
    ship = kind != BEACON
    fell = moves & (end - ships["at"] > FELL_MS) & (end - ships["at"] <= FELL_MS + INTERVAL)
    sums = [_counts(at, len(codes), weights) for weights in (moves, moves & here, here, said * ship, fell)]
    inside = here & ship
    heard = inside & moves
    by_gap = _by_gap(at[heard] * GAP_BUCKETS + _buckets(mean_gap_s(ships[heard])), len(codes))
    some = _some(ships["mmsi"][inside], at[inside], len(codes))
    cells, kinds, *counts, fallen = (column.tolist() for column in (codes // _KINDS, codes % _KINDS, *sums))
    return tuple(map(CellCount, cells, kinds, *counts, by_gap, fallen, some))


def _by_gap(buckets: Numbers, length: int) -> list[tuple[tuple[int, int], ...]]:
    """In each of so many places, how many are in each bucket; `buckets` are numbered through all places."""
    counts = _counts(buckets, length * GAP_BUCKETS)
    any_in = np.flatnonzero(counts)
    begins = np.searchsorted(any_in, np.arange(length + 1) * GAP_BUCKETS).tolist()
    pairs = list(zip((any_in % GAP_BUCKETS).tolist(), counts[any_in].tolist(), strict=True))
    return [tuple(pairs[begin:end]) for begin, end in pairwise(begins)]


def _some(mmsis: Numbers, at: Numbers, length: int) -> list[tuple[int, ...]]:
    """The lowest MMSIs, which come in their order, in each place."""
    order = np.argsort(at, kind="stable")
    begins = np.searchsorted(at[order], np.arange(length + 1))
    named, begins = mmsis[order].tolist(), begins.tolist()
    return [tuple(named[begin : min(begin + NAMED, end)]) for begin, end in pairwise(begins)]


def _counts(at: Numbers, length: int, weights: Any = None) -> Numbers:
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


def _moves(ships: Ships) -> Flags:
    moves: Flags = (ships["speed_kn"] >= MOVING_KN) & (ships["kind"] != BEACON)
    return moves


def _buckets(gap_s: Reals) -> Numbers:
    return np.searchsorted(_BUCKETS_FROM_S, gap_s, "right")


def _places(ships: Ships, here: Flags, end: Instant) -> Numbers:
    """The cell in which each is, or should be in the middle of the interval."""
    hours = np.minimum(np.maximum(0, end - INTERVAL // 2 - ships["at"]), RECKONED_MS) / float(HOUR)
    lat = np.minimum(89.9, np.maximum(-89.9, ships["lat"] + ships["north_kn"] * hours / 60))
    lon = ships["lon"] + ships["east_kn"] * hours / 60 / _COSINES[rows_of(lat)]
    return cells_of(np.where(here, ships["lat"], lat), np.where(here, ships["lon"], lon))


def cells_of(lat: Reals, lon: Reals) -> Numbers:
    """The cell of each fix."""
    row = rows_of(lat)
    columns = _COLUMNS[row]
    cells: Numbers = row * STRIDE + ((lon + 180) % 360 / 360 * columns).astype(np.int64) % columns
    return cells


def rows_of(lat: Reals) -> Numbers:
    """The row of cells of each latitude."""
    return np.clip(((lat + 90) * 10).astype(np.int64), 0, len(COSINES) - 1)
