"""Positions of all traffic as columns, out of payloads without a decoder: who, where, how fast, whither.

ITU-R M.1371-5, annex 8.  A key is what makes two positions one: the first forty characters of a payload, in which all
that is read of it stands, or a row of an archive, packed, behind a NUL that no payload has.
"""

import struct
from binascii import a2b_base64
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alerts.core.cover import BEACON, CLASS_A, CLASS_B
from alerts.core.instants import Instant
from streams.ingest.clean import angle, position
from streams.ingest.decode import TO_BASE64, kind_of
from streams.ingest.usual import Flags, Numbers, six_bits, words_of

POSITION_KINDS = frozenset((1, 2, 3, 4, 18, 19, 21, 27))
"""Messages that say where a ship, a base station or an aid to navigation is."""
KEY_BYTES = 40
UNKNOWN = -1
_ROW = struct.Struct("<BBIiiHHq")
_ROW_COLUMNS = np.dtype(
    {
        "names": ["mmsi", "kind", "lat", "lon", "speed", "course"],
        "formats": ["<u4", "u1", "<i4", "<i4", "<u2", "<u2"],
        "offsets": [2, 1, 6, 10, 14, 16],
        "itemsize": KEY_BYTES,
    }
)
_NO_TENTHS = 65_535
_A_DEGREE = 600_000
_WORD = 48
_KEY_TO_BASE64 = b"A" + TO_BASE64[1:]
"""What stands behind a short payload counts as zeros."""
Keys = NDArray[np.uint8]
"""One key a row."""
_FIRST_BYTES: Keys = np.tri(KEY_BYTES + 1, KEY_BYTES, -1, np.uint8) * np.uint8(255)
"""Row n keeps the first n."""


class Fix(NamedTuple):
    """`kind` is that of alerts/core/cover.py; unknown is None."""

    mmsi: int
    kind: int
    lat: float
    lon: float
    speed_kn: float | None = None
    course_deg: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fixes:
    """The same as columns; speed and course in tenths, unknown is UNKNOWN."""

    mmsi: Numbers
    kind: Numbers
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    speed: Numbers
    course: Numbers

    def only(self, rows: Numbers) -> "Fixes":
        """Some of them."""
        places = self.lat[rows], self.lon[rows]
        return Fixes(self.mmsi[rows], self.kind[rows], *places, self.speed[rows], self.course[rows])


class _Bits(NamedTuple):
    """Where fields stand: first bit and how many; units in 1/600,000 degree and in tenths; what says unknown."""

    kinds: tuple[int, ...]
    kind: int
    lon: tuple[int, int]
    lat: tuple[int, int]
    unit: int = 1
    speed: tuple[int, int] | None = None
    no_speed: int = 1023
    course: tuple[int, int] | None = None
    tenths: int = 1

    @property
    def bytes_read(self) -> int:
        """Armoured, up to the last bit that is read."""
        return max(-(-sum(field) // 6) for field in (self.lon, self.lat, self.speed, self.course) if field)


_LAYOUTS = (
    _Bits((1, 2, 3), CLASS_A, (61, 28), (89, 27), speed=(50, 10), course=(116, 12)),
    _Bits((18, 19), CLASS_B, (57, 28), (85, 27), speed=(46, 10), course=(112, 12)),
    _Bits((27,), CLASS_A, (44, 18), (62, 17), 1_000, (79, 6), 63, (85, 9), 10),
    _Bits((4,), BEACON, (79, 28), (107, 27)),
    _Bits((21,), BEACON, (164, 28), (192, 27)),
)
_LAYOUT_OF = [next((n for n, layout in enumerate(_LAYOUTS) if kind in layout.kinds), -1) for kind in range(64)]
_LAYOUT_OF_KIND = np.array(_LAYOUT_OF)


def key_of(payload: bytes) -> bytes:
    """That of an armoured payload of one of POSITION_KINDS."""
    return payload[:KEY_BYTES].ljust(KEY_BYTES, b"\0")


def keys_at(text: bytes, begins: Numbers, ends: Numbers) -> Keys:
    """Those of payloads `text[begins:ends]`; behind the text stands PADDING (usual.py)."""
    forty = np.ndarray((len(text) - KEY_BYTES + 1,), f"V{KEY_BYTES}", text, 0, (1,))[begins]
    keys: Keys = forty.view(np.uint8).reshape(-1, KEY_BYTES)
    keys &= _FIRST_BYTES[np.minimum(ends - begins, KEY_BYTES)]
    return keys


def fix_key(at: Instant, fix: Fix) -> bytes:
    """That of another position; its time is part of it, for a ship at rest says the same again."""
    lat, lon = position(fix.lat, fix.lon)
    where = (91 * _A_DEGREE, 0) if lat is None or lon is None else (round(lat * _A_DEGREE), round(lon * _A_DEGREE))
    told = _tenths(fix.speed_kn), _whole_turn(_tenths(angle(fix.course_deg)))
    return _ROW.pack(0, fix.kind, fix.mmsi, *where, *told, at).ljust(KEY_BYTES, b"\0")


def _tenths(said: float | None) -> int:
    return _NO_TENTHS if said is None or said < 0 else min(round(10 * said), _NO_TENTHS - 1)


def _whole_turn(course: int) -> int:
    """359.97 is north."""
    return 0 if course == 3_600 else course


def fix_of(key: bytes) -> Fix | None:
    """The position in one key, or in an armoured payload of one of POSITION_KINDS, where it has one."""
    if key[0] == 0:
        mmsi, kind, lat, lon, speed, course = _row(key)
    else:
        mmsi, kind, lat, lon, speed, course = _payload(key)
    if abs(lat) > 90 * _A_DEGREE or abs(lon) > 180 * _A_DEGREE or lat == lon == 0:
        return None
    speed_kn, course_deg = None if speed == UNKNOWN else speed / 10, None if course == UNKNOWN else course / 10
    return Fix(mmsi, kind, lat / _A_DEGREE, lon / _A_DEGREE, speed_kn, course_deg)


def _row(key: bytes) -> tuple[int, ...]:
    _, kind, mmsi, lat, lon, speed, course, _ = _ROW.unpack_from(key)
    told = (UNKNOWN if said == _NO_TENTHS else said for said in (speed, course))
    return mmsi, kind, lat, lon, *told


def _payload(key: bytes) -> tuple[int, ...]:
    bits = _LAYOUTS[_LAYOUT_OF[kind_of(key)]]
    whole = int.from_bytes(a2b_base64(key[:KEY_BYTES].ljust(KEY_BYTES, b"\0").translate(_KEY_TO_BASE64)), "big")
    lat, lon = _bits_of(whole, *bits.lat), _bits_of(whole, *bits.lon)
    speed = _bits_of(whole, *bits.speed) if bits.speed else bits.no_speed
    course = _bits_of(whole, *bits.course) * bits.tenths if bits.course else 3_600
    return (
        _bits_of(whole, 8, 30),
        bits.kind,
        (lat - (lat >> bits.lat[1] - 1 << bits.lat[1])) * bits.unit,
        (lon - (lon >> bits.lon[1] - 1 << bits.lon[1])) * bits.unit,
        UNKNOWN if speed >= bits.no_speed else speed * bits.tenths,
        UNKNOWN if course >= 3_600 else course,
    )


def _bits_of(whole: int, start: int, length: int) -> int:
    return whole >> 6 * KEY_BYTES - start - length & (1 << length) - 1


def fixes_of(keys: Keys) -> tuple[Fixes, Numbers]:
    """The positions in keys, and in which of them: some say that they have none."""
    columns = np.empty((6, len(keys)), np.int64)
    first = keys[:, 0]
    layout = np.where(first == 0, len(_LAYOUTS), _LAYOUT_OF_KIND[np.clip(six_bits(first), 0, 63)])
    for n in np.flatnonzero(np.bincount(layout)).tolist():
        rows = np.flatnonzero(layout == n)
        columns[:, rows] = _of_rows(keys[rows]) if n == len(_LAYOUTS) else _of_payloads(keys[rows], _LAYOUTS[n])
    mmsi, kind, lat, lon, speed, course = columns
    rows = np.flatnonzero(_has_place(lat, lon))
    places = lat[rows] / float(_A_DEGREE), lon[rows] / float(_A_DEGREE)
    return Fixes(mmsi[rows], kind[rows], *places, speed[rows], course[rows]), rows


def _has_place(lat: Numbers, lon: Numbers) -> Flags:
    """As clean.position: neither unknown nor the place of a receiver without a fix."""
    there: Flags = (np.abs(lat) <= 90 * _A_DEGREE) & (np.abs(lon) <= 180 * _A_DEGREE) & ((lat != 0) | (lon != 0))
    return there


def _of_rows(keys: Keys) -> NDArray[np.int64]:
    rows = keys.view(_ROW_COLUMNS)[:, 0]
    columns = np.array([rows[name] for name in _ROW_COLUMNS.names or ()], np.int64)
    columns[4:][columns[4:] == _NO_TENTHS] = UNKNOWN
    return columns


def _of_payloads(keys: Keys, bits: _Bits) -> NDArray[np.int64]:
    words = [words_of(keys[:, at : at + 8].copy().view(">u8")[:, 0]) for at in range(0, bits.bytes_read, 8)]
    lat, lon = (_signed(_field(words, *where), where[1]) * bits.unit for where in (bits.lat, bits.lon))
    return np.array(
        [_field(words, 8, 30), np.full(len(keys), bits.kind), lat, lon, _speed(words, bits), _course(words, bits)]
    )


def _speed(words: list[Numbers], bits: _Bits) -> Numbers:
    if bits.speed is None:
        return np.full(len(words[0]), UNKNOWN)
    said = _field(words, *bits.speed)
    return np.where(said >= bits.no_speed, UNKNOWN, said * bits.tenths)


def _course(words: list[Numbers], bits: _Bits) -> Numbers:
    if bits.course is None:
        return np.full(len(words[0]), UNKNOWN)
    said = _field(words, *bits.course) * bits.tenths
    return np.where(said >= 3_600, UNKNOWN, said)


def _field(words: list[Numbers], start: int, length: int) -> Numbers:
    """`length` bits from bit `start` of words of 48."""
    n, first = divmod(start, _WORD)
    behind = _WORD - first - length
    if behind >= 0:
        return words[n] >> behind & (1 << length) - 1
    return (words[n] & (1 << length + behind) - 1) << -behind | words[n + 1] >> _WORD + behind


def _signed(values: Numbers, length: int) -> Numbers:
    return values - (values >> length - 1 << length)
