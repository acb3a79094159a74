"""Decoded messages to the fields of a report: our units, unknown is None, nothing hostile in names.

What says "not available" (ITU-R M.1371-5, annex 8): latitude 91, longitude 181, speed 102.3 kn (1023 for aircraft, 63
in type 27), course 360 (511 in type 27), heading 511, status 15, and 0 for IMO number, ship type and draught; values
beyond these are as unknown.  (0, 0) is what a receiver says that has no fix.
"""

from functools import lru_cache
from typing import Any, TypedDict

_SPEED_MOST_KN = {9: 1022.0, 27: 62.0}
_SPEED_MOST_ELSE_KN = 102.2
_NO_STATUS = 15
LENGTH_OF_NAME = 20
_IMO_DIGITS = 7

SILENT_KINDS = frozenset((6, 7, 8, 10, 12, 13, 14, 15, 25, 26))
"""Sent by ships, but with neither position nor identity in them: they prove only that the transponder is on."""
SHIP_KINDS = SILENT_KINDS | {1, 2, 3, 5, 9, 11, 18, 19, 24, 27}
"""What a mobile station sends; 4, 16, 17, 20, 22, 23 come from the shore, 21 from aids to navigation."""


class Fields(TypedDict, total=False):
    """The fields of a Report that come out of the message."""

    lat: float | None
    lon: float | None
    speed_kn: float | None
    course_deg: float | None
    heading_deg: float | None
    status: int | None
    imo: int | None
    name: str | None
    call_sign: str | None
    ship_type: int | None
    destination: str | None
    draught_m: float | None
    another_imo: int | None


def fields_of(kind: int, message: Any) -> Fields:
    """The fields of one message as pyais decoded it; what its type does not carry is None."""

    def said(name: str) -> Any:
        return getattr(message, name, None)

    lat, lon = position(said("lat"), said("lon"))
    return Fields(
        lat=lat,
        lon=lon,
        speed_kn=_up_to(said("speed"), _SPEED_MOST_KN.get(kind, _SPEED_MOST_ELSE_KN)),
        course_deg=angle(said("course")),
        heading_deg=angle(said("heading")),
        status=_status(said("status")),
        imo=valid_imo(said("imo")),
        name=text(said("shipname")),
        call_sign=text(said("callsign")),
        ship_type=int(said("ship_type") or 0) or None,
        destination=text(said("destination")),
        draught_m=said("draught") or None,
    )


def position(lat: float | None, lon: float | None) -> tuple[float, float] | tuple[None, None]:
    """Both, or neither."""
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return None, None
    return lat, lon


def angle(degrees: float | None) -> float | None:
    """From 0 to less than 360."""
    return float(degrees) if degrees is not None and 0 <= degrees < 360 else None


def _up_to(value: float | None, most: float) -> float | None:
    return float(value) if value is not None and 0 <= value <= most else None


def _status(status: int | None) -> int | None:
    return None if status is None or status == _NO_STATUS else int(status)


@lru_cache(maxsize=65_536)  # rows of an archive say theirs every time
def valid_imo(imo: int | None) -> int | None:
    """An IMO number whose check digit holds: (7a + 6b + 5c + 4d + 3e + 2f) mod 10 = g."""
    digits = str(imo or 0)
    if len(digits) != _IMO_DIGITS:
        return None
    total = sum(int(digit) * (_IMO_DIGITS - place) for place, digit in enumerate(digits[:-1]))
    return imo if total % 10 == int(digits[-1]) else None


def text(said: str | None) -> str | None:
    """What stands before the first `@`, without control and formatting characters; at most 20 characters."""
    if said is None:
        return None
    kept = "".join(filter(str.isprintable, said.partition("@")[0]))
    return kept.strip()[:LENGTH_OF_NAME].rstrip() or None
