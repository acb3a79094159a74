"""Lines as receivers write them: `line(ship(1)).tagged("08:00:05", station="busan")`."""

import os
from functools import reduce
from operator import xor
from pathlib import Path

import pytest

from alerts.core.instants import SECOND, Instant, parse_rfc3339

DATA = Path(os.environ.get("HULLWATCH_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
SIX_BITS = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"


def recorded(folder: str) -> list[Path]:
    """The recorded files of one folder of the data, none where they are absent."""
    return sorted(path for path in (DATA / folder).glob("*") if path.is_file())


needs_recordings = pytest.mark.skipif(not (DATA / "nmea").is_dir(), reason=f"no recorded AIS in {DATA}")


def at(clock: str, day: str = "2024-02-03") -> Instant:
    """`at("08:00:05")`: a time of that day."""
    return parse_rfc3339(f"{day}T{clock}Z")


def checked(body: bytes) -> bytes:
    """A sentence with its checksum, computed here in the plain way."""
    return b"%s*%02X" % (body, reduce(xor, body[1:], 0))


def payload(mmsi: int, kind: int = 1, spice: int = 0) -> bytes:
    """28 characters of a message of this type and ship; `spice` makes it another message."""
    bits = (kind << 162) | (mmsi << 130) | spice % (1 << 40)
    return bytes(SIX_BITS[bits >> shift & 63] for shift in range(162, -1, -6))


def report(mmsi: int = 273210440, spice: int = 0, talker: bytes = b"AI") -> bytes:
    """One whole position report."""
    return checked(b"!%sVDM,1,1,,A,%s,0" % (talker, payload(mmsi, 1, spice)))


def parts(
    total: int = 2, sequence: int = 3, channel: bytes = b"A", mmsi: int = 273210440, spice: int = 0
) -> list[bytes]:
    """The parts of one long message."""
    return [
        checked(b"!AIVDM,%d,%d,%d,%s,%s,0" % (total, n, sequence, channel, payload(mmsi, 5, spice * 100 + n)))
        for n in range(1, total + 1)
    ]


def tagged(sentence: bytes, when: Instant | None = None, station: str = "", group: bytes = b"") -> bytes:
    """The sentence behind a tag block of the fields given."""
    fields = [b"g:" + group] if group else []
    fields += [b"s:" + station.encode()] if station else []
    fields += [b"c:%d" % (when // SECOND if when % SECOND == 0 else when)] if when is not None else []
    return b"\\" + checked(b"." + b",".join(fields))[1:] + b"\\" + sentence


def stamp_before(sentence: bytes, clock: str, source: bytes = b"2190067") -> bytes:
    """A `$PGHP` line of 2024-02-03 that means this sentence."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    return checked(b"$PGHP,1,2024,2,3,%d,%d,%d,0,219,,%s,1,%s" % (hour, minute, second, source, sentence[-2:]))


def gps(clock: str, date: str = "030224", status: str = "A") -> bytes:
    """An RMC sentence of a GPS on the same wire."""
    return checked(f"$GPRMC,{clock.replace(':', '')}.00,{status},5013.4,N,00346.6,W,4.0,183.2,{date},3.8,W".encode())
