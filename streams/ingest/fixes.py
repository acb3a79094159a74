"""Positions of all traffic, out of the payload without a decoder: who, where, how fast, whither.

ITU-R M.1371-5, annex 8.  A row of an archive is packed into a key of its own, which starts with a NUL: no payload does.
"""

import struct
from binascii import a2b_base64
from typing import NamedTuple

from alerts.core.cover import BEACON, CLASS_A, CLASS_B
from alerts.core.instants import Instant
from streams.ingest.clean import angle, position
from streams.ingest.decode import ARMOUR, TO_BASE64, kind_of

POSITION_KINDS = frozenset((1, 2, 3, 4, 18, 19, 21, 27))
"""Messages that say where a ship, a base station or an aid to navigation is."""
POSITION_LETTERS = frozenset(ARMOUR[kind] for kind in POSITION_KINDS)
"""How their payloads begin."""
_CHARACTERS = 16 * 4
_ROW = struct.Struct("<BIqdddd")
_UNKNOWN = -1.0
_NO_SPEED, _RARE_NO_SPEED = 1023, 63


class Fix(NamedTuple):
    """`kind` is that of alerts/core/cover.py; unknown is None."""

    mmsi: int
    kind: int
    lat: float
    lon: float
    speed_kn: float | None = None
    course_deg: float | None = None


class _Bits(NamedTuple):
    """Where fields stand: first bit, how many, what says unknown, how many units make a degree or a knot."""

    kind: int
    lon: tuple[int, int]
    lat: tuple[int, int]
    a_degree: float
    speed: tuple[int, int, int, float] | None = None
    course: tuple[int, int, float] | None = None


_FINE, _ROUGH = 600_000.0, 600.0
_LAYOUTS = {
    **dict.fromkeys((1, 2, 3), _Bits(CLASS_A, (61, 28), (89, 27), _FINE, (50, 10, _NO_SPEED, 10.0), (116, 12, 10.0))),
    **dict.fromkeys((18, 19), _Bits(CLASS_B, (57, 28), (85, 27), _FINE, (46, 10, _NO_SPEED, 10.0), (112, 12, 10.0))),
    27: _Bits(CLASS_A, (44, 18), (62, 17), _ROUGH, (79, 6, _RARE_NO_SPEED, 1.0), (85, 9, 1.0)),
    4: _Bits(BEACON, (79, 28), (107, 27), _FINE),
    21: _Bits(BEACON, (164, 28), (192, 27), _FINE),
}


def fix_key(at: Instant, fix: Fix) -> bytes:
    """A position as a key; its time is part of it, for a ship at rest says the same again."""
    speed = _UNKNOWN if fix.speed_kn is None else fix.speed_kn
    course = _UNKNOWN if fix.course_deg is None else fix.course_deg
    return b"\0" + _ROW.pack(fix.kind, fix.mmsi, at, fix.lat, fix.lon, speed, course)


def fix_of(key: bytes) -> Fix | None:
    """The position in an armoured payload of one of POSITION_KINDS, or in a row's key; None: it has none."""
    return _of_row(key) if key[:1] == b"\0" else _of_payload(key)


def _of_row(key: bytes) -> Fix | None:
    kind, mmsi, _, lat, lon, speed, course = _ROW.unpack(key[1:])
    where = position(lat, lon)
    if where == (None, None):
        return None
    return Fix(mmsi, kind, lat, lon, None if speed < 0 else speed, angle(course))


def _of_payload(payload: bytes) -> Fix | None:
    bits = _LAYOUTS[kind_of(payload)]
    whole = int.from_bytes(a2b_base64(payload[:_CHARACTERS].translate(TO_BASE64).ljust(_CHARACTERS, b"A")), "big")
    lat = _signed(whole, *bits.lat) / bits.a_degree
    lon = _signed(whole, *bits.lon) / bits.a_degree
    if position(lat, lon) == (None, None):
        return None
    return Fix(_unsigned(whole, 8, 30), bits.kind, lat, lon, _speed(whole, bits), _course(whole, bits))


def _speed(whole: int, bits: _Bits) -> float | None:
    if bits.speed is None:
        return None
    start, length, unknown, a_knot = bits.speed
    said = _unsigned(whole, start, length)
    return None if said >= unknown else said / a_knot


def _course(whole: int, bits: _Bits) -> float | None:
    if bits.course is None:
        return None
    start, length, a_degree = bits.course
    return angle(_unsigned(whole, start, length) / a_degree)


def _unsigned(whole: int, start: int, length: int) -> int:
    return whole >> 6 * _CHARACTERS - start - length & (1 << length) - 1


def _signed(whole: int, start: int, length: int) -> int:
    value = _unsigned(whole, start, length)
    return value - (1 << length) if value >> length - 1 else value
