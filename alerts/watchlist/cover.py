"""The file of a learned cover (cover.json): written by `hullwatch coverage learn`, read with the configuration folder.

What takes force is `moving`: the shares, and how many silences a hull-day has.  The rest is for people, and for the
map.  Times are RFC 3339, minutes of `moving` those of witnessed time, of `stopped` those of covered time.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from alerts.core.cells import Cell, cell_of, corners_of
from alerts.core.geo import Fix
from alerts.core.instants import Instant, parse_rfc3339, rfc3339
from alerts.core.learned import Apart, CellHeard, Learned, Point, Source
from alerts.routing.table import RouteError, Table
from alerts.watchlist.flaws import Flaws

VERSION = 1
_MOST = 1e12
_LEAST_SHARE = 1e-12


def written(learned: Learned) -> dict[str, Any]:
    """What stands in the file."""
    source = learned.source
    return {
        "version": VERSION,
        "learned_from": {
            "since": rfc3339(source.since),
            "until": rfc3339(source.until),
            "feeds": list(source.feeds),
            "ships": source.ships,
            "hull_days": source.hull_days,
        },
        "moving": {
            "silences_a_hull_day": learned.moving_a_hull_day,
            "survival": _rows(learned.moving),
            "apart": learned.apart._asdict(),
        },
        "stopped": {"silences_a_hull_day": learned.stopped_a_hull_day, "survival": _rows(learned.stopped)},
        "cells": [_cell_row(cell) for cell in learned.cells],
    }


def _rows(points: Sequence[Point]) -> list[dict[str, Any]]:
    return [point._asdict() for point in points]


def _cell_row(heard: CellHeard) -> dict[str, Any]:
    lat, lon = middle_of(heard.cell)
    return {"lat": lat, "lon": lon, "received": heard.received, "missed": heard.missed}


def middle_of(cell: Cell) -> Fix:
    """To a thousandth of a degree, which is well inside."""
    south, west, north, east = corners_of(cell)
    return round((south + north) / 2, 3), round((west + east) / 2, 3)


def parse(data: Any) -> Learned:
    """The file as `json` reads it; raises WrongFileError with all that is wrong, RouteError for no such file at all."""
    flaws, root = Flaws(), Table("", data)
    if root.get("version") != VERSION:
        raise RouteError("version", f"{VERSION}, got {data.get('version')!r:.60}")
    source, cells = Source(0, 0, (), 0, 0.0), tuple[CellHeard, ...]()
    moving = stopped = (0.0, tuple[Point, ...]())
    apart = Apart()
    with flaws.noted():
        source = _source(Table("learned_from", root.get("learned_from")))
    with flaws.noted():
        table = Table("moving", root.get("moving"))
        moving, apart = _survival(table, flaws, least=2), _apart(table)
        table.finish()
    with flaws.noted():
        table = Table("stopped", root.get("stopped"))
        stopped = _survival(table, flaws, least=0)
        table.finish()
    with flaws.noted():
        cells = tuple(_cells(root.tables("cells"), flaws))
        root.finish()
    flaws.refuse()
    return Learned(source, moving[1], moving[0], stopped[1], stopped[0], apart, cells)


def _source(table: Table) -> Source:
    since, until = _instant(table, "since"), _instant(table, "until")
    if until < since:
        raise RouteError(table.path("until"), "no time before since")
    feeds, ships, days = table.texts("feeds"), _count(table, "ships"), _number(table, "hull_days", 0, _MOST)
    table.finish()
    return Source(since, until, feeds, ships, days)


def _instant(table: Table, key: str) -> Instant:
    try:
        return parse_rfc3339(table.text(key))
    except RouteError:
        raise
    except ValueError:
        raise RouteError(table.path(key), "a time as 2024-02-03T08:00:00Z") from None


def _apart(table: Table) -> Apart:
    apart = Table(table.path("apart"), table.get("apart"))
    found = Apart(*(_count(apart, name) for name in Apart._fields))
    apart.finish()
    return found


def _survival(table: Table, flaws: Flaws, least: int) -> tuple[float, tuple[Point, ...]]:
    """Silences a hull-day, and the curve: from all of them at no minutes on, ever later and ever fewer."""
    often = _number(table, "silences_a_hull_day", _LEAST_SHARE if least else 0, _MOST)
    rows, points = table.tables("survival"), list[tuple[Table, Point]]()
    if len(rows) < least:
        raise RouteError(table.path("survival"), f"at least {least} points, got {len(rows)}")
    for row in rows:
        with flaws.noted():
            points.append((row, _point(row)))
    for row, first in points[:1]:
        if row is rows[0] and first[::2] != (0, 1):
            flaws.note(row.where, f"minutes 0 and share 1, got {first.minutes:g} and {first.share:g}")
    for (_, before), (row, after) in pairwise(points):
        if after.minutes <= before.minutes:
            flaws.note(row.path("minutes"), f"more than {before.minutes:g}, got {after.minutes:g}")
        if after.share > before.share or (least and after.share == before.share):
            flaws.note(row.path("share"), f"less than {before.share:g}, got {after.share:g}")
    return often, tuple(point for _, point in points)


def _point(row: Table) -> Point:
    point = Point(_number(row, "minutes", 0, _MOST), _count(row, "silences"), _number(row, "share", _LEAST_SHARE, 1))
    row.finish()
    return point


def _cells(rows: Sequence[Table], flaws: Flaws) -> list[CellHeard]:
    cells: dict[Cell, CellHeard] = {}
    for row in rows:
        with flaws.noted():
            cell = cell_of(_number(row, "lat", -90, 90), _number(row, "lon", -180, 180))
            if cell in cells:
                raise RouteError(row.where, "each cell once")
            cells[cell] = CellHeard(cell, _number(row, "received", 0, _MOST), _number(row, "missed", 0, _MOST))
            row.finish()
    return [cells[cell] for cell in sorted(cells)]


def _number(table: Table, key: str, low: float, high: float) -> float:
    """Required, and always a float: `30` and `30.0` are the same version."""
    value = float(table.number(key, float("nan"), low, high))
    if value != value:
        raise RouteError(table.path(key), f"a number from {low:g} to {high:g}")
    return value


def _count(table: Table, key: str) -> int:
    value = _number(table, key, 0, _MOST)
    if value != int(value):
        raise RouteError(table.path(key), f"a whole number, got {value:g}")
    return int(value)
