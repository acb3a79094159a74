"""How a feed goes on where it was killed: nothing lost, nothing twice.

    snapshot (every 10 s)     flush 7      flush 8      flush 9
    position, reader,         p0 p1 p2     p0 p1 p2     p0 .. p2    <-- killed here: p1 has not got flush 9
    offsets in the log

What one portion of lines became is a *flush*: one batch on each partition, written whole or not at all, the next one
only when all are acknowledged.  The first record of a batch says in a header which lines the flush was made of.  So
whoever starts reads the log from the snapshot's offsets on, reads the same lines again, writes what is missing of the
last flush, and goes on.  Where lines come once (TCP, UDP) only time records can be made good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from streams.feeds.portions import Place, Position
from streams.nmea_state import ReaderState
from streams.sentences import TIME
from streams.snapshots import behind

HEADER = "feed"


@dataclass(frozen=True, slots=True)
class Mark:
    """The header of a batch: which flush of which feed, which part of it on this partition, and its lines.

    `places` are the portions that it was made of, in order; `ended`: then the end of the feed.
    """

    feed: str
    flush: int
    part: int
    places: tuple[Place, ...] = ()
    ended: bool = False

    def dump(self) -> bytes:
        """JSON: a header that can be read in kcat."""
        return msgspec.json.encode(self)


@dataclass(frozen=True, slots=True)
class FeedSnapshot:
    """All that a feed knows when everything up to `flush` is acknowledged.

    `offsets` is where in the log of each partition later flushes can stand; `log` the generation of that log.
    """

    log: str
    what: str
    generation: str
    flush: int
    offsets: dict[int, int]
    position: Position
    reader: ReaderState
    ended: bool = False

    def dump(self) -> bytes:
        """The stored form."""
        return _VERSION + msgspec.msgpack.encode(self)

    @staticmethod
    def load(data: bytes) -> "FeedSnapshot":
        """The inverse; raises ValueError for what another version of this program wrote."""
        return _snapshot.decode(behind(_VERSION, data))


@dataclass(slots=True)
class Flushed:
    """What the log has of one flush: its parts and its time records, by partition."""

    mark: Mark
    parts: set[tuple[int, int]] = field(default_factory=set)
    times: dict[int, list[bytes]] = field(default_factory=dict)

    def missing_times(self, partition: int) -> list[bytes]:
        """The time records that another partition has, and this one has not."""
        most = max(self.times.values(), key=len, default=[])
        return most[len(self.times.get(partition, ())) :]


def flushes(feed: str, rows: Iterable[tuple[int, Sequence[tuple[str, bytes]], bytes]]) -> list[Flushed]:
    """The flushes of a feed among (partition, headers, value) of the log, in their order."""
    found: dict[int, Flushed] = {}
    reading: dict[int, Flushed | None] = {}
    for partition, headers, value in rows:
        mark = _mark_in(headers)
        if mark is not None:
            reading[partition] = found.setdefault(mark.flush, Flushed(mark)) if mark.feed == feed else None
        flushed = reading.get(partition)
        if flushed is None:
            continue
        if mark is not None:
            flushed.parts.add((partition, mark.part))
        if value.startswith(TIME):
            flushed.times.setdefault(partition, []).append(value)
    return [flushed for _, flushed in sorted(found.items())]


def _mark_in(headers: Sequence[tuple[str, bytes]]) -> Mark | None:
    return next((_mark.decode(data) for name, data in headers if name == HEADER), None)


_VERSION = b"feed/1 "
_mark = msgspec.json.Decoder(Mark)
_snapshot = msgspec.msgpack.Decoder(FeedSnapshot)
