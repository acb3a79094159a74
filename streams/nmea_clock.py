"""Times that come from outside: epochs of any unit, `$PGHP` lines, the clock of a GPS.  Any digits may stand there."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from alerts.core.instants import DAY, SECOND, Instant
from streams.nmea_checksum import part_holds

_EARLIEST: Instant = 631_152_000_000
"""1990-01-01: AIS was not on the air before; an unset clock says 1970 or 1980."""
_LATEST: Instant = 4_102_444_800_000
"""2100-01-01."""

_TIME_OF_DAY = re.compile(rb"(\d\d)(\d\d)(\d\d)(?:\.(\d{1,3})\d*)?")


def plausible(at: Instant) -> Instant | None:
    """The time itself, or None where no AIS message can be that old or that young."""
    return at if _EARLIEST <= at < _LATEST else None


@lru_cache(maxsize=64)
def day_start(year: int, month: int, day: int) -> Instant | None:
    """Midnight of a day, or None where there is no such day."""
    try:
        return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * SECOND
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Stamp:
    """A `$PGHP` line: the sentence whose checksum is `checksum` was heard `at` by `station`.

    Of a group it is the exclusive or of the parts' checksums; `arrival` is the suffix of the line itself.
    """

    at: Instant
    station: str
    checksum: int
    arrival: Instant | None


@lru_cache(maxsize=1_024)
def epoch(digits: bytes) -> Instant | None:
    """A number of s, ms, us or ns since 1970, told apart by its length; None where it is no time of our days."""
    whole, _, fraction = digits.partition(b".")
    if not whole.isdigit() or len(whole) > 19:
        return None
    number, length = int(whole), len(whole)
    if length <= 11:
        ms = number * SECOND + (int(fraction[:3].ljust(3, b"0")) if fraction.isdigit() else 0)
    else:
        ms = number // (1 if length <= 14 else 1_000 if length <= 17 else 1_000_000)
    return plausible(ms)


@lru_cache(maxsize=8_192)
def station_name(name: bytes) -> str | None:
    """A station's name, at most 64 bytes of it; names come from outside."""
    return name[:64].decode("utf-8", "replace").replace("\0", "") or None


def stamp(body: bytes) -> Stamp | None:
    """A `$PGHP` line with a good checksum, or None."""
    end = body.find(b"*") + 3
    fields = body[: end - 3].split(b",")
    if len(fields) < 14 or not part_holds(body[:end]):
        return None
    try:
        year, month, day, hour, minute, second, ms = (int(field) for field in fields[2:9])
        of_day = ((hour * 60 + minute) * 60 + second) * SECOND + ms
        meant = int(fields[13], 16)
    except ValueError:
        return None
    at = _moment(day_start(year, month, day), of_day)
    return None if at is None else Stamp(at, station_name(fields[11]) or "", meant, epoch(body[end + 1 :]))


def clock(body: bytes) -> Instant | None:
    """The time of an `RMC` sentence with a valid fix or of a `ZDA`, with a good checksum; else None."""
    end = body.find(b"*") + 3
    fields = body[: end - 3].split(b",")
    found = _TIME_OF_DAY.fullmatch(fields[1]) if len(fields) > 1 else None
    if found is None or not part_holds(body[:end]):
        return None
    hour, minute, second, _ = (int(digits or 0) for digits in found.groups())
    fraction = int((found[4] or b"").ljust(3, b"0"))
    return _moment(_date(fields), ((hour * 60 + minute) * 60 + second) * SECOND + fraction)


def _date(fields: list[bytes]) -> Instant | None:
    """Midnight of the day that an RMC (`ddmmyy`) or ZDA (`dd,mm,yyyy`) names."""
    try:
        if fields[0][3:] == b"RMC" and fields[2] == b"A":
            day, month, year = (int(fields[9][i : i + 2]) for i in (0, 2, 4))
            return day_start(year + (1900 if year >= 80 else 2000), month, day)
        if fields[0][3:] == b"ZDA":
            return day_start(int(fields[4]), int(fields[3]), int(fields[2]))
    except (ValueError, IndexError):
        pass  # no date where a date should be: the same as none
    return None


def _moment(day: Instant | None, of_day_ms: int) -> Instant | None:
    return None if day is None or not 0 <= of_day_ms <= DAY else plausible(day + of_day_ms)
