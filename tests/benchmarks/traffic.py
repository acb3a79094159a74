"""Traffic of a big feed: many ships, each sentence another message, and a watchlist that few of them are on."""

from collections.abc import Iterator
from itertools import islice

from alerts.core.hull import Hull
from alerts.core.instants import SECOND, Instant, parse_rfc3339
from streams.sentences import Sentence, SentenceBatch, TimeRecord, encode_batch, encode_time
from tests.streams.lines import payload, tagged

BEGIN = parse_rfc3339("2024-02-03T08:00:00Z")
FEED = "bench"
SHIPS = 7_000
WATCHED = tuple(Hull(f"mmsi-{mmsi}", mmsi=mmsi) for mmsi in range(538_000_000, 538_001_000))
"""A watchlist of 1,000: none of them is about, as on most nights."""


def heard_at(n: int, a_second: int = 2_000) -> Instant:
    """When the nth sentence was heard, at so many a second."""
    return BEGIN + n * SECOND // a_second


def position(n: int) -> bytes:
    """The nth sentence: a class A report of one of the ships."""
    body = b"!AIVDM,1,1,,A,%s,0" % payload(201_000_000 + n % SHIPS * 77, 1, n)
    total = 0
    for byte in body[1:]:
        total ^= byte
    return b"%s*%02X" % (body, total)


def lines(count: int) -> Iterator[bytes]:
    """Lines with tag blocks, as a network hands them on."""
    for n in range(count):
        yield tagged(position(n), heard_at(n), f"station-{n % 40}")


def records(count: int, in_each: int = 500) -> Iterator[bytes]:
    """Records of `ais.sentences`: so many sentences in each, and a time record for every ten seconds."""
    told = BEGIN
    rows = (Sentence(position(n), f"station-{n % 40}", heard_at(n), heard_at(n) + SECOND) for n in range(count))
    while batch := tuple(islice(rows, in_each)):
        yield encode_batch(SentenceBatch(FEED, batch))
        if batch[-1].heard_at - told >= 10 * SECOND:
            told = batch[-1].heard_at
            yield encode_time(TimeRecord(FEED, told - 10 * SECOND))
