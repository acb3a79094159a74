"""The shortest ways by sea from a flagged port, as a table (alerts/core/seaway.py) that no real way undercuts.

Sixteen steps lead from the middle of a square to others: beside it, across its corner, and as a knight moves.  Where no
land is near, a way made of them is up to STRETCH times as long as a straight one, so what is found is divided by that.
Half a square is taken off at either end, and capes are a square shorter than they are (seas.py): so much, and no more,
may be lost in rounding them.  North of the chart, beyond 85 degrees, all is taken to be open sea.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from alerts.core.geo import EARTH_NM, Fix
from alerts.core.seaway import FURTHER, LIMIT_NM, NO_SEA, SQUARES, UNIT_NM, SeaTable, square_of
from alerts.core.zones import Zone, around
from alerts.watchlist.seas import SIDE, latitudes, sea, widths_nm

STRETCH = 1 / math.cos(math.atan2(1, 2) / 2)
"""Between two neighbouring steps lie 26.6 degrees at most: 1.028."""
PER_SQUARE = SIDE // SQUARES
_STEPS = [step for step in product(range(-2, 3), repeat=2) if math.gcd(*step) == 1]
_NORTH, _EAST = np.array(_STEPS).T
_BITS = np.left_shift(1, np.arange(len(_STEPS))).astype(np.uint16)
_ROUND_THE_WORLD = np.roll(np.arange(-2, SIDE + 2) % SIDE, -2)
"""The column of a column up to two too far east or west."""
_ROUND_NM = 12.0
_TOP = SIDE - 3
"""The last row of sea (tests/seas.py)."""
MOST_TABLES = 1_000
"""Ports beyond that have great circles only: a version of the zones is one record, and this makes 4 MB of it."""
Squares = NDArray[np.int64]
Distances = NDArray[np.float64]


class Seaways(Mapping[str, SeaTable]):
    """The tables of the ports among these zones, each made when it is first asked for."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        ports = sorted((zone for zone in zones if zone.kind == "port"), key=lambda zone: zone.id)
        self._ports = {zone.id: around(zone.shape) for zone in ports[:MOST_TABLES]}

    def __getitem__(self, zone: str) -> SeaTable:
        """KeyError for a zone that has none."""
        table = table_around(*self._ports[zone])
        if table is None:
            raise KeyError(zone)
        return table

    def __iter__(self) -> Iterator[str]:
        return (zone for zone, circle in self._ports.items() if table_around(*circle) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@lru_cache(maxsize=MOST_TABLES)
def table_around(centre: Fix, radius_nm: float) -> SeaTable | None:
    """The table of a port within this circle; None where it lies on no sea."""
    start = _within(centre, radius_nm)
    if not start.size:
        return None
    sailed = _sailed(start)
    found = np.flatnonzero(sailed < np.inf)
    rows, columns = np.divmod(found, SIDE)
    lost_nm = math.sqrt(0.5) * (widths_nm()[rows] + widths_nm()[start // SIDE].max())
    least_nm = np.maximum(0.0, sailed[found] / STRETCH - lost_nm)
    values = _blank().copy()
    np.minimum.at(values, (rows // PER_SQUARE, columns // PER_SQUARE), (least_nm // UNIT_NM).astype(np.uint8))
    return _cut(values, centre, radius_nm)


def _within(centre: Fix, radius_nm: float) -> Squares:
    """The squares of the sea that the circle touches."""
    rows, columns = _box(centre, radius_nm + 60 * 360 / SIDE, SIDE)
    lats, lons = np.radians(latitudes()[rows]), np.radians((columns + 0.5) / SIDE * 360 - 180)
    lat, lon = map(math.radians, centre)
    half = np.sin((lats - lat) / 2)[:, None] ** 2
    half = half + (np.cos(lats) * math.cos(lat))[:, None] * np.sin((lons - lon) / 2)[None, :] ** 2
    nm = 2 * EARTH_NM * np.arcsin(np.minimum(1, np.sqrt(half)))
    touched = nm <= radius_nm + math.sqrt(0.5) * widths_nm()[rows][:, None]
    near = touched & sea()[np.ix_(rows, columns)]
    n, m = np.nonzero(near)
    return rows[n] * SIDE + columns[m]


def _box(centre: Fix, reach_nm: float, squares: int) -> tuple[Squares, Squares]:
    """The rows and columns that hold all points so far from the centre."""
    lat, angle = math.radians(centre[0]), reach_nm / EARTH_NM
    ends = [square_of((math.degrees(side), 0.0), squares)[0] for side in (lat - angle, lat + angle)]
    rows = np.arange(max(0, ends[0]), min(squares - 1, ends[1]) + 1)
    if abs(lat) + angle >= math.radians(85):
        return rows, np.arange(squares)
    wide = math.ceil(math.asin(math.sin(angle) / math.cos(lat)) / math.tau * squares) + 1
    middle = square_of(centre, squares)[1]
    return rows, np.arange(middle - wide, middle + wide + 1)[:squares] % squares


def _sailed(start: Squares) -> Distances:
    """How far it is to each square, by steps, up to the limit; infinite beyond.

    Squares wait until all that are nearer by a round are done, so that few are looked at twice.
    """
    sailed, place = np.full(SIDE * SIDE, np.inf), np.empty(SIDE * SIDE, np.int32)
    sailed[start] = 0.0
    waiting, done_nm = start, 0.0
    while waiting.size:
        done_nm = max(done_nm, float(sailed[waiting].min())) + _ROUND_NM
        later = [waiting[sailed[waiting] > done_nm]]
        near = waiting[sailed[waiting] <= done_nm]
        while near.size:
            near = _once(_stepped(sailed, near), place)
            later.append(near[sailed[near] > done_nm])
            near = near[sailed[near] <= done_nm]
        waiting = _once(np.concatenate(later), place)
        waiting = waiting[sailed[waiting] > done_nm]
    return sailed


def _once(squares: Squares, place: NDArray[np.int32]) -> Squares:
    """Each of them once, without sorting; `place` is written to."""
    places = np.arange(len(squares), dtype=np.int32)
    place[squares] = places
    once: Squares = squares[place[squares] == places]
    return once


def _stepped(sailed: Distances, near: Squares) -> Squares:
    """Goes one step on from each of these squares; those to which that was shorter than was known, some repeatedly."""
    rows, columns = np.divmod(near, SIDE)
    nm = sailed[near][:, None] + _lengths_nm()[rows]
    onto = (rows * SIDE)[:, None] + _NORTH * SIDE + _ROUND_THE_WORLD[columns[:, None] + _EAST]
    open_ = (_ways()[near][:, None] & _BITS) != 0
    take = open_ & (nm < sailed[onto])
    onto, nm = onto[take], nm[take]
    within = nm <= (LIMIT_NM + 2 * UNIT_NM) * STRETCH
    onto, nm = onto[within], nm[within]
    np.minimum.at(sailed, onto, nm)
    return np.concatenate((onto, _over_the_pole(sailed, near)))


def _over_the_pole(sailed: Distances, near: Squares) -> Squares:
    """The same straight across the water north of the chart, from its last row of sea to that row."""
    top: Squares = near[near // SIDE == _TOP]
    if not top.size:
        return top
    columns = np.arange(SIDE)
    nm = (sailed[top][:, None] + _across_nm()[(columns - top[:, None]) % SIDE]).min(axis=0)
    onto: Squares = _TOP * SIDE + columns
    shorter = (nm < sailed[onto]) & (nm <= (LIMIT_NM + 2 * UNIT_NM) * STRETCH) & sea()[_TOP]
    onto = onto[shorter]
    sailed[onto] = nm[shorter]
    return onto


@cache
def _across_nm() -> Distances:
    """From a square of the last row to one so many columns further."""
    beside = math.cos(math.radians(float(latitudes()[_TOP])))
    across: Distances = 2 * EARTH_NM * np.arcsin(beside * np.abs(np.sin(np.arange(SIDE) * math.pi / SIDE)))
    return across


@cache
def _lengths_nm() -> Distances:
    """Of each step from each row; the row nearer to the pole counts."""
    widths = widths_nm()
    onto = np.clip(np.arange(SIDE)[:, None] + _NORTH, 0, SIDE - 1)
    lengths: Distances = np.minimum(widths[:, None], widths[onto]) * np.hypot(_NORTH, _EAST)
    return lengths


@cache
def _ways() -> NDArray[np.uint16]:
    """Which steps are open from each square, as bits: one of the two squares between must be sea, and the last."""
    free = sea()
    ways = np.zeros((SIDE, SIDE), np.uint16)
    for n, (north, east) in enumerate(_STEPS):
        open_ = free & _at(north, east)
        for one, two in _between(north, east):
            open_ = open_ & (_at(*one) | _at(*two))
        ways |= open_.astype(np.uint16) << n
    return ways.ravel()


def _at(north: int, east: int) -> NDArray[np.bool_]:
    """The sea as seen from a square so far away; the chart's last rows are land, so that nothing is seen beyond."""
    return np.roll(sea(), (-north, -east), (0, 1))


def _between(north: int, east: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The pairs of squares through one of which the step goes."""
    if 0 in (north, east):
        return []
    if abs(north) == abs(east):
        return [((north, 0), (0, east))]
    half = (round(north / 2 - 0.01 * north), round(east / 2 - 0.01 * east))
    return [(half, (north - half[0], east - half[1]))]


@cache
def _blank() -> NDArray[np.uint8]:
    """All squares of a table, before any distance is known."""
    wet = sea().reshape(SQUARES, PER_SQUARE, SQUARES, PER_SQUARE).any(axis=(1, 3))
    return np.where(wet, np.uint8(FURTHER), np.uint8(NO_SEA))


def _cut(values: NDArray[np.uint8], centre: Fix, radius_nm: float) -> SeaTable:
    """All within the limit: what lies beyond is further by the great circle too."""
    rows, columns = _box(centre, LIMIT_NM + radius_nm, SQUARES)
    return SeaTable(int(rows[0]), int(columns[0]), len(columns), values[np.ix_(rows, columns)].tobytes())
