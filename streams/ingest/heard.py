"""Reception: what each station of each feed was heard saying in each interval, of ALL traffic, copies included.

A feed's own time record that has reached the end of an interval writes it down, its last one (`ended`) all that is
left.  The tick that passes an interval is never ahead of any feed it waits for, so reception always stands before it.
What is heard later than that is written with the feed's next time record, by itself: it counts in sums, and judges no
station, for the clock may have done so.

Who said it is kept until the interval is written, a number a message: a ship that says much is still one ship.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np

from alerts.core.frozen import replace
from alerts.core.instants import INTERVAL, Instant, interval_end
from alerts.core.intervals import Reception, StationCount, StationRun
from alerts.core.reports import Origin
from alerts.core.runs import in_records, with_run
from streams.ingest.ticks import RECEPTION_N
from streams.ingest.usual import Numbers
from streams.sentences import TimeRecord

ON_SHORE = 1 << 31
"""Added to the MMSI of whoever is on shore; the number of the station that heard it stands above."""
SHORE = tuple(ON_SHORE if kind in (4, 16, 17, 20, 21, 22, 23) else 0 for kind in range(64))
"""By type of message, what to add: base stations and aids to navigation sail nowhere."""
ANY_MMSI = (1 << 30) - 1
_ABOVE = 32
_ALL_OF_SENDER = (1 << _ABOVE) - 1
_ROWS_A_RECORD = 2_000
"""Keeps a record far below Kafka's 1 MB."""
MANY = 300
"""Messages of an interval: fewer are counted sooner one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """What is heard in one: `pieces` are station and sender of each message, eight bytes; where they end means nothing.

    A station is its place among `stations`.
    """

    stations: tuple[str, ...] = ()
    pieces: tuple[bytes, ...] = ()

    def counts(self) -> tuple[StationCount, ...]:
        """Of each station that heard anything, by name."""
        said = b"".join(self.pieces)
        counted = _counted_in_columns if len(said) >= MANY * 8 else _counted
        return tuple(sorted(counted(self.stations, said)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Interval) and self._rows() == other._rows()

    __hash__ = None  # type: ignore[assignment]

    def _rows(self) -> list[tuple[str, int]]:
        codes = struct.iter_unpack("<q", b"".join(self.pieces))
        return sorted((self.stations[code >> _ABOVE], code & _ALL_OF_SENDER) for (code,) in codes)


def _counted(stations: Sequence[str], said: bytes) -> Iterator[StationCount]:
    codes = struct.unpack(f"<{len(said) // 8}q", said)
    if len(stations) == 1 and codes:
        yield _count_of(stations[0], codes)
        return
    heard: list[list[int]] = [[] for _ in stations]
    for code in codes:
        heard[code >> _ABOVE].append(code)
    yield from (_count_of(station, of_it) for station, of_it in zip(stations, heard, strict=True) if of_it)


def _count_of(station: str, codes: Sequence[int]) -> StationCount:
    senders = set(codes)
    shore = len([sender for sender in senders if sender & ON_SHORE])
    return StationCount(station, len(codes), len(senders) - shore, shore)


def _counted_in_columns(stations: Sequence[str], said: bytes) -> Iterator[StationCount]:
    """The same of many."""
    codes = np.sort(np.frombuffer(said, "<i8"))
    once = codes[np.diff(codes, prepend=-1) != 0]
    shore = (once & ON_SHORE) != 0
    columns = (
        np.bincount(rows >> _ABOVE, minlength=len(stations)).tolist() for rows in (codes, once[~shore], once[shore])
    )
    for row in zip(stations, *columns, strict=True):
        if row[1]:
            yield StationCount(*row)


@dataclass(frozen=True, slots=True)
class Heard:
    """Feed -> end of the interval -> what is not written down yet."""

    intervals: dict[str, dict[Instant, Interval]] = field(default_factory=dict)


class OpenHeard:
    """What one step works on; an interval is copied when it is first touched, so `Heard` stays a value."""

    def __init__(self, heard: Heard) -> None:
        self._feeds = {feed: dict(intervals) for feed, intervals in heard.intervals.items()}
        self._own: dict[tuple[str, Instant], _OpenInterval] = {}

    def count(self, feed: str, said: Iterable[tuple[str, Instant, int]]) -> None:
        """Messages, each with its station, time and sender (an MMSI, on shore with ON_SHORE)."""
        begin = end = above = 0
        known: str | None = None
        for station, heard_at, sender in said:
            if not begin < heard_at <= end:
                end = interval_end(heard_at)
                begin = end - INTERVAL
                open_one, known = self._opened(feed, end), None
                numbers, new = open_one.numbers, open_one.new
            if station != known:
                above, known = numbers.setdefault(station, len(numbers)) << _ABOVE, station
            new.append(above | sender)

    def count_all(self, feed: str, end: Instant, stations: Sequence[str], heard_by: Numbers, senders: Numbers) -> None:
        """Many, in the interval that ends at `end`; `heard_by` are places among `stations`."""
        open_one = self._opened(feed, end)
        known = open_one.numbers
        numbers = np.array([known.setdefault(station, len(known)) for station in stations], np.int64)
        open_one.gather()
        open_one.pieces.append((numbers[heard_by] << _ABOVE | senders).astype("<i8", copy=False).tobytes())

    def written(self, record: TimeRecord, before: Instant | None, origin: Origin) -> tuple[Reception, ...]:
        """What this time record passes: the earliest interval first, stations by name.

        `before` is how far the feed had come by the record before it: what is of then comes too late.
        """
        ends = sorted(end for end in self._ends(record.feed) if end <= record.reached or record.ended)
        if not ends:
            return ()
        self._gather()
        waiting = self._feeds[record.feed]
        told: list[Reception] = []
        for late in (True, False):
            runs: list[StationRun] = []
            for end in ends:
                if late == (before is not None and end <= before):
                    with_run(runs, StationRun(end, end, waiting.pop(end).counts()))
            for part in _parts(runs):
                n = RECEPTION_N + len(told)
                told.append(Reception(Origin(origin.source, origin.offset, n), record.feed, part, late))
        return tuple(told)

    def closed(self) -> Heard:
        """The value after the step."""
        self._gather()
        return Heard({feed: intervals for feed, intervals in self._feeds.items() if intervals})

    def _ends(self, feed: str) -> set[Instant]:
        return {*self._feeds.get(feed, ()), *(end for name, end in self._own if name == feed)}

    def _opened(self, feed: str, end: Instant) -> "_OpenInterval":
        known = self._own.get((feed, end))
        if known is None:
            known = _OpenInterval(self._feeds.setdefault(feed, {}).get(end, Interval()))
            self._own[feed, end] = known
        return known

    def _gather(self) -> None:
        for (feed, end), open_one in self._own.items():
            self._feeds[feed][end] = open_one.closed()
        self._own = {}


class _OpenInterval:
    """One at work: the place of each station; `new` are messages that came one by one."""

    def __init__(self, interval: Interval) -> None:
        self.numbers = {station: n for n, station in enumerate(interval.stations)}
        self.pieces, self.new = list(interval.pieces), list[int]()

    def gather(self) -> None:
        """What came one by one becomes a piece."""
        if self.new:
            self.pieces.append(struct.pack(f"<{len(self.new)}q", *self.new))
            self.new.clear()

    def closed(self) -> Interval:
        """The value."""
        self.gather()
        return Interval(tuple(self.numbers), tuple(self.pieces))


def _parts(runs: list[StationRun]) -> Iterator[tuple[StationRun, ...]]:
    """Runs in records that are not too large; of a large one the stations are told in parts."""
    pieces = (piece for run in runs for piece in _pieces(run))
    return in_records(pieces, attrgetter("stations"), _ROWS_A_RECORD)


def _pieces(run: StationRun) -> Iterable[StationRun]:
    begins = range(0, len(run.stations), _ROWS_A_RECORD)
    if len(begins) == 1:
        return (run,)
    return (replace(run, stations=run.stations[begin : begin + _ROWS_A_RECORD]) for begin in begins)
