"""Archives of decoded positions: NOAA's MarineCadastre CSV and `.traj` tracks, to rows sorted by time.

What the archives do to their values (MarineCadastre FAQ, seen in the files): a course above 204.7 degrees and a speed
above 51.1 kn come as negative numbers, for ten bits were read with a sign; the transceiver class is often wrong, so a
ship that sends a status, an IMO number or a draught is class A whatever it says.  Speed and course are derived from
the neighbouring fix where they are missing.
"""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

from alerts.core.frozen import Struct, replace
from alerts.core.geo import bearing_deg, distance_nm
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from streams.feeds.file import Format, RecordedFile, UnreadableFileError

_NEIGHBOUR = 30 * MINUTE
"""Between fixes further apart nobody knows how she moved."""
_FASTEST_KN = 102.2
_LONGEST_TRACK = 1 << 24
"""Bytes: a whole track is one line."""
_STEADY_KN = 0.5
"""Below it the direction between two fixes is noise."""


class DecodedRow(Struct, frozen=True):
    """One position from an archive, in our units; unknown is None.  `ais_class` is `A` or `B`."""

    mmsi: int
    at: Instant
    lat: float
    lon: float
    speed_kn: float | None = None
    course_deg: float | None = None
    heading_deg: float | None = None
    status: int | None = None
    imo: int | None = None
    name: str | None = None
    call_sign: str | None = None
    ship_type: int | None = None
    draught_m: float | None = None
    ais_class: str = "A"


class NoRow(StrEnum):
    """Why a row is not used."""

    MALFORMED = "malformed"
    MMSI = "mmsi"
    NO_TIME = "no_time"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not used: `line` counts from 1."""

    reason: NoRow
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class DecodedFile:
    """All of one file.  Each line of a CSV, each point of a track is one: rows + rejected + other (the header)."""

    rows: tuple[DecodedRow, ...]
    rejected: tuple[BadRow, ...]
    other: int = 0


class _RowError(Exception):
    def __init__(self, reason: NoRow) -> None:
        self.reason = reason


def read_decoded(file: RecordedFile) -> DecodedFile:
    """The rows of a NOAA or traj file, sorted by time and MMSI; raises UnreadableFileError, also for a wrong header."""
    rows: list[DecodedRow] = []
    rejected: list[BadRow] = []
    lines = (line.decode("utf-8", "replace") for some in file.lines(_LONGEST_TRACK) for line in some)
    read = _noaa if file.format is Format.NOAA else _tracks
    for found in read(file.name, lines):
        (rejected if isinstance(found, BadRow) else rows).append(found)  # type: ignore[arg-type]
    return DecodedFile(tuple(_completed(rows)), tuple(rejected), other=int(file.format is Format.NOAA))


_COLUMNS = {
    "mmsi": ("mmsi",),
    "at": ("basedatetime", "base_date_time"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "longitude"),
    "speed": ("sog",),
    "course": ("cog",),
    "heading": ("heading",),
    "status": ("status",),
    "imo": ("imo",),
    "name": ("vesselname", "vessel_name"),
    "call_sign": ("callsign", "call_sign"),
    "ship_type": ("vesseltype", "vessel_type"),
    "draught": ("draft",),
    "class": ("transcieverclass", "transceiverclass", "transceiver"),
}
"""Our name of a column to those that the archive gave it over the years, in lower case."""
_NEEDED = ("mmsi", "at", "lat", "lon")
_SAILING = (*_NEEDED, "speed", "course", "heading")
_PARTICULARS = ("status", "imo", "name", "call_sign", "ship_type", "draught", "class")
_ABSENT = -1
"""The place of a column that an archive does not have: behind the others stands an empty cell."""
_Particulars = tuple[int | None, int | None, str | None, str | None, int | None, float | None, str]


def _noaa(name: str, lines: Iterator[str]) -> Iterator[DecodedRow | BadRow]:
    header = next(csv.reader([next(lines, "").removeprefix("\ufeff")]), [])
    places = _places(name, header)
    last = max(places.values())
    sailing, particulars = ([places.get(key, _ABSENT) for key in keys] for keys in (_SAILING, _PARTICULARS))
    for number, line in enumerate(lines, 2):
        try:
            cells = _cells(line)
            if len(cells) <= last:
                raise _RowError(NoRow.MALFORMED)
            cells.append("")
            yield _noaa_row([cells[n].strip() for n in sailing], _particulars(*[cells[n] for n in particulars]))
        except csv.Error:
            yield BadRow(NoRow.MALFORMED, name, number)
        except _RowError as error:
            yield BadRow(error.reason, name, number)


def _cells(line: str) -> list[str]:
    """As the csv module splits one line, which most need not be asked for."""
    line = line.rstrip("\r")
    plain = line and '"' not in line and "\r" not in line and len(line) <= csv.field_size_limit()
    return line.split(",") if plain else next(csv.reader([line]), [])


def _places(name: str, header: list[str]) -> dict[str, int]:
    found = {column.strip().lower(): place for place, column in enumerate(header)}
    places = {key: found[n] for key, names in _COLUMNS.items() for n in names if n in found}
    missing = [_COLUMNS[key][0] for key in _NEEDED if key not in places]
    if missing:
        raise UnreadableFileError(f"{name}: line 1: expected the columns of MarineCadastre, missing: {missing}")
    return places


def _noaa_row(cells: list[str], particulars: _Particulars) -> DecodedRow:
    """The cells of _SAILING and what the others say."""
    *where, speed, course, heading = cells
    mmsi, at, lat, lon = _fix(*where)
    return DecodedRow(
        mmsi,
        at,
        lat,
        lon,
        _within(_unsigned(_number(speed), 102.4), _FASTEST_KN),
        _within(_unsigned(_number(course), 409.6), 359.9),
        _within(_number(heading), 359),
        *particulars,
    )


@lru_cache(maxsize=65_536)  # a ship says the same with every row
def _particulars(
    status: str, imo: str, name: str, call_sign: str, ship_type: str, draught: str, ais_class: str
) -> _Particulars:
    said, number, draught_m = _number(status), _number(imo.strip().upper().removeprefix("IMO")), _number(draught)
    tells_more = said is not None or bool(number) or bool(draught_m)
    return (
        _whole(_within(said, 14)),
        _whole(number) or None,
        name.strip() or None,
        call_sign.strip() or None,
        _whole(_number(ship_type)) or None,
        draught_m or None,
        "B" if ais_class.strip().upper().endswith("B") and not tells_more else "A",
    )


_POINTS_BEHIND = 6
"""The points follow `*P*,domain,dim,1,1,nprops`; before it stands `*T*,uuid,domain,npoints,nprops`."""


def _tracks(name: str, lines: Iterator[str]) -> Iterator[DecodedRow | BadRow]:
    for number, line in enumerate(lines, 1):
        fields = line.strip().split(",")
        at = fields.index("*P*") + _POINTS_BEHIND if "*P*" in fields else 0
        if fields[0] != "*T*" or not at or (len(fields) - at) % 4:
            yield BadRow(NoRow.MALFORMED, name, number)
            continue
        for i in range(at, len(fields), 4):
            mmsi, time, lon, lat = fields[i : i + 4]
            try:
                yield DecodedRow(*_fix(mmsi, time, lat, lon))
            except _RowError as error:
                yield BadRow(error.reason, name, number)


def _fix(mmsi: str, time: str, lat: str, lon: str) -> tuple[int, Instant, float, float]:
    """The four values without which a row is of no use."""
    if not (mmsi.isascii() and mmsi.isdigit() and 0 < int(mmsi) <= 999_999_999):
        raise _RowError(NoRow.MMSI)
    at, north, east = _time(time), _number(lat), _number(lon)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        raise _RowError(NoRow.POSITION)
    return int(mmsi), at, north, east


@lru_cache(maxsize=4_096)
def _time(text: str) -> Instant:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * SECOND)
    except (ValueError, OverflowError):
        raise _RowError(NoRow.NO_TIME) from None


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _unsigned(value: float | None, turn: float) -> float | None:
    return round(value + turn, 1) if value is not None and value < 0 else value


def _within(value: float | None, most: float) -> float | None:
    return value if value is not None and 0 <= value <= most else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _completed(rows: Iterable[DecodedRow]) -> list[DecodedRow]:
    """Sorted by time and MMSI, with speed and course from the neighbouring fix of the same ship where missing."""
    done = sorted(rows, key=attrgetter("at", "mmsi"))
    ships: dict[int, list[int]] = {}
    for n, row in enumerate(done):
        ships.setdefault(row.mmsi, []).append(n)
    for places in ships.values():
        track = [done[n] for n in places]
        for i, row in enumerate(track):
            if row.speed_kn is None or row.course_deg is None:
                leg = _leg_at(track, i - 1) or _leg_at(track, i)
                done[places[i]] = row if leg is None else _filled(row, *leg)
    return done


def _leg_at(track: list[DecodedRow], i: int) -> tuple[float, float | None] | None:
    return _leg(track[i], track[i + 1]) if 0 <= i < len(track) - 1 else None


def _leg(before: DecodedRow, after: DecodedRow) -> tuple[float, float | None] | None:
    """Speed and course between two fixes, or None where they are too far apart in time or place to tell."""
    ms = after.at - before.at
    if not SECOND <= ms <= _NEIGHBOUR:
        return None
    fixes = (before.lat, before.lon), (after.lat, after.lon)
    speed_kn = distance_nm(*fixes) * HOUR / ms
    if speed_kn > _FASTEST_KN:
        return None
    return speed_kn, bearing_deg(*fixes) if speed_kn >= _STEADY_KN else None


def _filled(row: DecodedRow, speed_kn: float, course_deg: float | None) -> DecodedRow:
    return replace(
        row,
        speed_kn=round(speed_kn, 1) if row.speed_kn is None else row.speed_kn,
        course_deg=round(course_deg, 1) % 360 if row.course_deg is None and course_deg is not None else row.course_deg,
    )
