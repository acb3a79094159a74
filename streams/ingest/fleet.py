"""How all ships go over one interval, in columns: the same as ships.py says of them one by one, to the last digit.

reports of an interval --each once, in order of (ship, time)--> sailing.py --> counts by cell, gaps
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alerts.core.cells import COLUMNS, COSINES, STRIDE
from alerts.core.cover import BEACON, CLASS_A, FAST_A, FAST_KN, FELL_MS, GAP_BUCKETS, NAMED, CellCount
from alerts.core.going import KNOWN_FROM, RECKONED_MS
from alerts.core.instants import HOUR, INTERVAL, Instant
from streams.ingest.fixes import KEY_BYTES, Keys, fixes_of
from streams.ingest.sailing import (
    SHIP,
    Reals,
    Ships,
    buckets_of,
    counted,
    heard,
    late_from,
    mean_gap_s,
    moving,
    rows_of,
)
from streams.ingest.ships import FOR_EVER, MISSED_FOR_MS, Passed
from streams.ingest.usual import Flags, Numbers

SAID = np.dtype([("key", f"V{KEY_BYTES}"), ("at", "<i8")])
_ODD = np.uint64(0xD6E8FEB86659FD93)
_KINDS = 4
_COSINES, _COLUMNS = np.array(COSINES), np.array(COLUMNS)


def passed(stored: bytes, said: bytes, end: Instant) -> Passed[bytes]:
    """The interval that ends at `end`: the same as ships.passed."""
    known = np.frombuffer(stored, SHIP)
    ships = known[known["at"] >= end - INTERVAL - MISSED_FOR_MS]
    keys, at = _each_once(said)
    fixes, rows = fixes_of(keys)
    order = _in_order(fixes.mmsi * (2 * INTERVAL) + (at[rows] - (end - INTERVAL)), keys[rows])
    ships, reports, gaps = heard(ships, at[rows][order], fixes.only(order))
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


def _same_until(ships: Ships, end: Instant) -> Instant:
    ships = ships[ships["reports"] >= KNOWN_FROM]
    late = late_from(ships)
    until = np.where(moving(ships), end, FOR_EVER)
    return int(np.where(end <= late, late // INTERVAL * INTERVAL, until).min(initial=FOR_EVER))


def _cells(ships: Ships, said: Numbers, end: Instant) -> tuple[CellCount, ...]:
    """Of each cell and kind, who is expected and who is here; `said` is how many reports were hers."""
    late, moves = late_from(ships), moving(ships)
    here = end <= late
    judged = (ships["reports"] >= KNOWN_FROM) & (here | moves & (end - ships["at"] <= MISSED_FOR_MS))
    ships, said, here, moves = ships[judged], said[judged], here[judged], moves[judged]
    kind = np.where((ships["kind"] == CLASS_A) & (ships["speed_kn"] > FAST_KN), FAST_A, ships["kind"])
    codes, at = np.unique(_places(ships, here, end) * _KINDS + kind, return_inverse=True)
    ship = kind != BEACON
    fell = moves & (end - ships["at"] > FELL_MS) & (end - ships["at"] <= FELL_MS + INTERVAL)
    sums = [counted(at, len(codes), weights) for weights in (moves, moves & here, here, said * ship, fell)]
    inside = here & ship
    sails = inside & moves
    by_gap = _by_gap(at[sails] * GAP_BUCKETS + buckets_of(mean_gap_s(ships[sails])), len(codes))
    some = _some(ships["mmsi"][inside], at[inside], len(codes))
    cells, kinds, *counts, fallen = (column.tolist() for column in (codes // _KINDS, codes % _KINDS, *sums))
    return tuple(map(CellCount, cells, kinds, *counts, by_gap, fallen, some))


def _by_gap(buckets: Numbers, length: int) -> list[tuple[tuple[int, int], ...]]:
    """In each of so many places, how many are in each bucket; `buckets` are numbered through all places."""
    counts = counted(buckets, length * GAP_BUCKETS)
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
