"""Messages of generated ships and base stations to NMEA, through pyais: the one door to its encoder.

pyais builds every message once per ship; of position reports, of which there are hundreds of thousands, only the
moving fields are then set in the bits that it made (offsets: ITU-R M.1371-5, tables 48, 52 and 70).
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, reduce
from operator import xor
from random import Random

from pyais import encode_msg
from pyais.messages import MSG_CLASS, MessageType24, Payload

from alerts.core.instants import Instant
from streams.scenario.motion import Fix
from streams.scenario.ships import Ship
from streams.scenario.waters import Station

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ARMOUR = bytes.maketrans(_BASE64, bytes(v + 48 if v < 40 else v + 56 for v in range(64)))
_NO_TURN_INFORMATION = 127
"""Turning faster than 5 degrees in 30 s, no turn indicator fitted."""


@dataclass(frozen=True, slots=True)
class Shifts:
    """Where the moving fields end, in bits from the end of a message of 168."""

    speed: int
    lon: int
    lat: int
    course: int
    heading: int
    second: int


_CLASS_A = Shifts(speed=108, lon=79, lat=52, course=40, heading=31, second=25)
_CLASS_B = Shifts(speed=112, lon=83, lat=56, course=44, heading=35, second=29)
_TURN, _RADIO_BITS = 118, 19


@dataclass(frozen=True, slots=True)
class Voice:
    """What a ship says about herself, encoded once: the fixed bits of her position reports and her static data."""

    under_way: int
    at_rest: int
    static: tuple[tuple[bytes, ...], ...]


def voice(ship: Ship) -> Voice:
    """The fixed parts of her messages."""
    if ship.kind.transponder == "B":
        fixed = _bits(18, mmsi=ship.mmsi, cs=True, dsc=True, band=True, msg22=True)
        return Voice(fixed, fixed, (_sentences(_part_a(ship)), _sentences(_part_b(ship))))
    return Voice(
        _bits(1, mmsi=ship.mmsi, status=ship.kind.sailing.value, turn=0),
        _bits(3, mmsi=ship.mmsi, status=ship.kind.resting.value, turn=0),
        (_sentences(_voyage(ship), ship.mmsi % 10),),
    )


def position(ship: Ship, said: Voice, fix: Fix, at: Instant, dice: Random) -> bytes:
    """One position report: message 1 under way, 3 at rest, 18 of class B; a few metres of receiver noise."""
    shifts = _CLASS_A if ship.kind.transponder == "A" else _CLASS_B
    course = fix.course_deg + (dice.gauss(0, 0.4) if fix.under_way else 0)
    value = said.under_way if fix.under_way else said.at_rest
    value |= round(fix.speed_kn * 10) << shifts.speed
    value |= (round((fix.lon + dice.gauss(0, 2e-5)) * 600_000) & 0xFFFFFFF) << shifts.lon
    value |= (round((fix.lat + dice.gauss(0, 2e-5)) * 600_000) & 0x7FFFFFF) << shifts.lat
    value |= round(course * 10) % 3600 << shifts.course
    value |= round(course) % 360 << shifts.heading
    value |= at // 1000 % 60 << shifts.second
    if shifts is _CLASS_A:
        value |= (fix.turning * _NO_TURN_INFORMATION & 0xFF) << _TURN | dice.getrandbits(_RADIO_BITS)
    return _sentence(value, b"AB"[dice.getrandbits(1)])


def base_station(station: Station, at: Instant) -> bytes:
    """Message 4: where the station is and what time it is."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    value = _base_bits(station) | moment.year << 116 | moment.month << 112 | moment.day << 107
    return _sentence(value | moment.hour << 102 | moment.minute << 96 | moment.second << 90, ord("A"))


def tagged(sentences: tuple[bytes, ...], station: str, at: Instant, group: int) -> Iterator[bytes]:
    """The lines of one message, each tagged with station, UNIX time in s and, where there are several, their group."""
    count = len(sentences)
    for i, sentence in enumerate(sentences, start=1):
        grouped = f"g:{i}-{count}-{group}," if count > 1 else ""
        yield _tag_block(f"{grouped}s:{station},c:{at // 1000}") + sentence + b"\n"


def _tag_block(text: str) -> bytes:
    body = text.encode()
    return b"\\%b*%02X\\" % (body, reduce(xor, body))


def _sentence(value: int, channel: int) -> bytes:
    """168 bits armoured: base 64 in another alphabet."""
    payload = b64encode(value.to_bytes(21, "big")).translate(_ARMOUR)
    body = b"AIVDM,1,1,,%c,%b,0" % (channel, payload)
    return b"!%b*%02X" % (body, reduce(xor, body))


def _sentences(message: Payload, sequence: int = 0) -> tuple[bytes, ...]:
    lines = encode_msg(message, talker_id="AI", sentence_type="VDM", radio_channel="A", seq_id=sequence)
    return tuple(line.encode() for line in lines)


def _bits(kind: int, **fields: int | bool) -> int:
    raw, width = MSG_CLASS[kind].create(msg_type=kind, **fields).to_bytes()
    assert width == 168, width
    return int.from_bytes(raw, "big")


@cache
def _base_bits(station: Station) -> int:
    lat, lon = station.point
    nothing = dict.fromkeys(("year", "month", "day", "hour", "minute", "second"), 0)
    return _bits(4, mmsi=station.mmsi, epfd=1, **nothing) | _place(lat, lon)


def _place(lat: float, lon: float) -> int:
    return (round(lon * 600_000) & 0xFFFFFFF) << 61 | (round(lat * 600_000) & 0x7FFFFFF) << 34


def _voyage(ship: Ship) -> Payload:
    bow = ship.length_m * 4 // 5
    return MSG_CLASS[5].create(
        mmsi=ship.mmsi,
        imo=ship.imo,
        callsign=ship.call_sign,
        shipname=ship.name,
        ship_type=ship.kind.ship_type,
        **_dimensions(ship, bow),
        epfd=1,
        draught=ship.length_m * 0.04 if ship.draught_m is None else ship.draught_m,
        destination=ship.destination,
    )


def _part_a(ship: Ship) -> Payload:
    return MessageType24.create(mmsi=ship.mmsi, partno=0, shipname=ship.name)


def _part_b(ship: Ship) -> Payload:
    return MessageType24.create(
        mmsi=ship.mmsi,
        partno=1,
        ship_type=ship.kind.ship_type,
        callsign=ship.call_sign,
        **_dimensions(ship, ship.length_m // 2),
    )


def _dimensions(ship: Ship, bow_m: int) -> dict[str, int]:
    half_beam = max(2, ship.length_m // 14)
    return {"to_bow": bow_m, "to_stern": ship.length_m - bow_m, "to_port": half_beam, "to_starboard": half_beam}
