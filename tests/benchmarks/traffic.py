"""Traffic of a big feed: many ships, each sentence another message, and a watchlist that few of them are on."""

from collections.abc import Iterator
from itertools import islice

from alerts.core.hull import Hull
from alerts.core.instants import MINUTE, SECOND, Instant, parse_rfc3339
from streams.sentences import Sentence, SentenceBatch, TimeRecord, encode_batch, encode_time
from tests.streams.lines import SIX_BITS, tagged

BEGIN = parse_rfc3339("2024-02-03T08:00:00Z")
FEED = "bench"
SHIPS = 7_000
THIN_SHIPS = 17
WATCHED = tuple(Hull(f"mmsi-{mmsi}", mmsi=mmsi) for mmsi in range(538_000_000, 538_001_000))
"""A watchlist of 1,000: none of them is about, as on most nights."""


def heard_at(n: int, a_second: int = 2_000) -> Instant:
    """When the nth sentence was heard, at so many a second."""
    return BEGIN + n * SECOND // a_second


def position(n: int) -> bytes:
    """The nth sentence: a class A report of one of the ships, which are all over the sea."""
    return at_sea(n % SHIPS, n // SHIPS)


def at_sea(n: int, k: int) -> bytes:
    """The kth report of ship n, somewhere on her way, some 20 kn: a faster one would be a jump each minute."""
    return _report(n, k, n * 7_919 % 120_000 - 60_000 + k // 3, n * 104_729 % 360_000 - 180_000)


def in_harbour(n: int, k: int) -> bytes:
    """The kth report of ship n, to and fro in or off a harbour of a few miles."""
    return _report(n, k, 40_600 + n * 7 % 100 + abs(k % 120 - 60), -74_000 + n * 13 % 150)


def _report(n: int, k: int, lat: int, lon: int) -> bytes:
    """Class A (ITU-R M.1371-5, table 48); places in thousandths of a degree."""
    bits = 1 << 162 | (201_000_000 + n) << 130 | n % 200 << 108 | (lon * 600 & 0xFFFFFFF) << 79
    bits |= (lat * 600 & 0x7FFFFFF) << 52 | n % 3_600 << 40 | k
    return _sentence(bytes(SIX_BITS[bits >> shift & 63] for shift in range(162, -1, -6)))


def _sentence(armoured: bytes) -> bytes:
    body = b"!AIVDM,1,1,,A,%s,0" % armoured
    total = 0
    for byte in body[1:]:
        total ^= byte
    return b"%s*%02X" % (body, total)


def lines(count: int) -> Iterator[bytes]:
    """Lines with tag blocks, as a network hands them on."""
    for n in range(count):
        yield tagged(position(n), heard_at(n), f"station-{n % 40}")


def thin_lines(count: int) -> Iterator[bytes]:
    """An archive of one harbour, thinned to a report a minute of each of seventeen ships."""
    for n in range(count):
        at = BEGIN + n * MINUTE // THIN_SHIPS
        yield tagged(in_harbour(n % THIN_SHIPS, n // THIN_SHIPS), at - at % SECOND, "harbour")


def records(count: int, in_each: int = 500) -> Iterator[bytes]:
    """Records of `ais.sentences`: so many sentences in each, and a time record for every ten seconds."""
    told = BEGIN
    rows = (Sentence(position(n), f"station-{n % 40}", heard_at(n), heard_at(n) + SECOND) for n in range(count))
    while batch := tuple(islice(rows, in_each)):
        yield encode_batch(SentenceBatch(FEED, batch))
        if batch[-1].heard_at - told >= 10 * SECOND:
            told = batch[-1].heard_at
            yield encode_time(TimeRecord(FEED, told - 10 * SECOND))
