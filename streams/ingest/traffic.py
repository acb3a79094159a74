"""Traffic: who was expected and who was heard, of ALL ships, per cell, class and interval, on one source partition.

    position of any ship --> kept until its interval is over --in order of (time, content)--> how each ship goes
    the tick passes the interval --> the counts of each cell, and who lies still (lying.py), written before the tick

So the order of arrival changes nothing, nor where a batch ends.  A ship lives on one partition: what partitions count
of an interval is added up by the clock.  Prompt feeds alone bear witness here: a late one is heard too late.  What
comes later than its feed's allowed lateness is not counted: its ship is one of the missing, which makes us careful.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np

from alerts.core.ended import ENDED_A_RECORD, Ended, SilencesEnded
from alerts.core.fallen import Fallen, FellSilent
from alerts.core.frozen import replace
from alerts.core.heard import Heard
from alerts.core.instants import INTERVAL, Instant, interval_start
from alerts.core.intervals import CellsHeard, CountRun, Jump, Jumped, Stay
from alerts.core.reports import Origin, in_parts
from alerts.core.runs import in_records, with_run
from streams.ingest import ended, fallen, fleet, jumps, lying, lying_few, news_few, ships
from streams.ingest.fixes import KEY_BYTES, Keys
from streams.ingest.fleet import SAID
from streams.ingest.lying import NOBODY, WhoseShips
from streams.ingest.usual import Numbers

CELLS_N = 1 << 16
"""Cells are numbered from here among the outputs of a time record (streams/ingest/ticks.py)."""
_CELLS_A_RECORD = 5_000
JUMPS_N = 1 << 19
"""Jumps are, from here."""
FELL_N = JUMPS_N + (1 << 18)
"""Ships that fell silent are, from here."""
ENDED_N = FELL_N + (1 << 17)
"""Silences that ended are, from here: before the tick."""
_SHIPS_A_RECORD = 2_000
MANY_BYTES = 10_000
"""Of ships and of what was heard of them: fewer take longer in columns than one after the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """Positions in the order in which they came, each with its time, in pieces that depend on where batches ended."""

    pieces: tuple[bytes, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Waiting) and b"".join(self.pieces) == b"".join(other.pieces)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Traffic:
    """`ships` are as stored (ships.py), `waiting` is by end of interval, `closed` the last end counted.

    `lying` is how they lie, as stored (lying.py); `suspects` may have jumped (jumps.py).
    """

    ships: bytes = b""
    waiting: dict[Instant, Waiting] = field(default_factory=dict)
    closed: Instant | None = None
    lying: bytes = b""
    suspects: jumps.Suspects = field(default_factory=dict)


class OpenTraffic:
    """What one step works on; what it touches is copied first, so `Traffic` stays a value."""

    def __init__(self, traffic: Traffic) -> None:
        self._ships: bytes | ships.Ships = traffic.ships
        self._lying: bytes | lying_few.Lying = traffic.lying
        self._closed = traffic.closed
        self._waiting, self._suspects = dict(traffic.waiting), traffic.suspects
        self._stays: list[Stay] = []
        self._jumps: list[Jump] = []
        self._fallen: list[Fallen] = []
        self._ended: list[Ended] = []
        self._new: dict[Instant, list[bytes]] = {}

    def hear(self, key: bytes, heard_at: Instant) -> None:
        """One position of a prompt feed, by its key (fixes.py).

        At the end of an interval it belongs to the next: a tick says that nothing is missing *before* it.
        """
        end = interval_start(heard_at) + INTERVAL
        if self._closed is None or end > self._closed:
            self._new.setdefault(end, []).append(key + heard_at.to_bytes(8, "little", signed=True))

    def hear_all(self, keys: Keys, heard_at: Numbers) -> None:
        """Many of them, in their order."""
        rows = np.empty(len(keys), SAID)
        rows["key"], rows["at"] = keys.view(f"V{KEY_BYTES}")[:, 0], heard_at
        ends = heard_at // INTERVAL * INTERVAL + INTERVAL
        for end in np.unique(ends).tolist():
            if self._closed is None or end > self._closed:
                self._new.setdefault(end, []).append(rows[ends == end].tobytes())

    def passes(self, tick: Instant) -> bool:
        """Whether this tick passes the end of an interval."""
        return self._closed is None or interval_start(tick) > self._closed

    def passed(self, tick: Instant, origin: Origin, whose: WhoseShips = NOBODY) -> tuple[CellsHeard, ...]:
        """The counts of the intervals that this tick passes, and whose ships came to lie still in them."""
        self._gather()
        last, runs = interval_start(tick), list[CountRun]()
        ends = deque(sorted(end for end in self._waiting if end <= last))
        if self._closed is None:
            self._closed = ends[0] - INTERVAL if ends else last
        while self._closed < last:
            end = self._closed + INTERVAL
            if ends and ends[0] == end:
                ends.popleft()
            self._closed = self._count(end, ends[0] - INTERVAL if ends else last, runs)
            self._lie(end, self._closed, whose)
        stays, self._stays = self._stays, []
        return tuple(_records(runs, stays, origin))

    def _lie(self, end: Instant, last: Instant, whose: WhoseShips) -> None:
        if ships.size_of(self._ships) + lying_few.size_of(self._lying) >= MANY_BYTES:
            rows = lying_few.stored(self._lying), ships.stored(self._ships)
            self._lying, stays = lying.passed(*rows, whose, end, last)
        else:
            apart = lying_few.apart(self._lying), ships.apart(self._ships)
            self._lying, stays = lying_few.passed(*apart, whose, end, last)
        self._stays += stays

    def _count(self, end: Instant, last: Instant, runs: list[CountRun]) -> Instant:
        """Counts one interval, and those that follow as long as they are the same, up to `last`: how far it came."""
        said = b"".join(self._waiting.pop(end, Waiting()).pieces)
        many = ships.size_of(self._ships) + len(said) >= MANY_BYTES
        done = self._many_sailed(said, end) if many else self._few_sailed(said, end)
        self._ships, cells, gaps, same_until = done
        quiet = not gaps and not any(count.reports for count in cells)
        last = min(last, same_until) if quiet else end
        if cells or gaps:
            with_run(runs, CountRun(end, last, cells, gaps))
        return last

    def _few_sailed(self, said: bytes, end: Instant) -> ships.Passed[ships.Ships]:
        before = ships.apart(self._ships)
        done = ships.passed(before, said, end)
        if said:
            self._follow(news_few.strayed(before, done.ships, end), said, end)
            self._ended += news_few.ended(before, done.ships, end)
        self._fallen += news_few.fallen(before, done.ships, end)
        return done

    def _many_sailed(self, said: bytes, end: Instant) -> ships.Passed[bytes]:
        before = ships.stored(self._ships)
        done = fleet.passed(before, said, end)
        if said:
            self._follow(jumps.strayed(before, done.ships, end), said, end)
            self._ended += ended.ended(before, done.ships, end)
        self._fallen += fallen.passed(before, done.ships, end)
        return done

    def _follow(self, strayed: list[Heard], said: bytes, end: Instant) -> None:
        self._suspects, found = jumps.passed(self._suspects, strayed, said, end)
        self._jumps += found

    def jumped(self, origin: Origin, whose: Callable[[int], str]) -> tuple[Jumped, ...]:
        """The ships that jumped in what was passed since this was asked last; `whose`: the hull of an MMSI."""
        found, self._jumps = [jump._replace(hull=whose(jump.mmsi)) for jump in self._jumps], []
        parts = enumerate(in_parts(found, _SHIPS_A_RECORD), JUMPS_N)
        return tuple(Jumped(replace(origin, n=n), part) for n, part in parts)

    def fell(self, origin: Origin, whose: Callable[[int], str]) -> tuple[FellSilent, ...]:
        """The ships that fell silent, and were heard again, in the same."""
        found, self._fallen = [one._replace(hull=whose(one.mmsi)) for one in self._fallen], []
        parts = enumerate(in_parts(found, _SHIPS_A_RECORD), FELL_N)
        return tuple(FellSilent(replace(origin, n=n), part) for n, part in parts)

    def ended(self, origin: Origin) -> tuple[SilencesEnded, ...]:
        """The silences that ended in what was passed since this was asked last."""
        rows, self._ended = self._ended, []
        parts = enumerate(in_parts(rows, ENDED_A_RECORD), ENDED_N)
        return tuple(SilencesEnded(replace(origin, n=n), part) for n, part in parts)

    def closed(self) -> Traffic:
        """The value after the step."""
        self._gather()
        kept = ships.stored(self._ships), lying_few.stored(self._lying)
        return Traffic(kept[0], self._waiting, self._closed, kept[1], self._suspects)

    def _gather(self) -> None:
        """What was heard in this step waits with what was heard before."""
        for end, rows in self._new.items():
            self._waiting[end] = Waiting((*self._waiting.get(end, Waiting()).pieces, b"".join(rows)))
        self._new = {}


def _records(runs: Iterable[CountRun], stays: list[Stay], origin: Origin) -> Iterator[CellsHeard]:
    """The runs in records below 500 kB; a large one is said in parts, its gaps once.  Stays follow in their own."""
    pieces = (piece for run in runs for piece in _pieces(run))
    n = CELLS_N
    for record in in_records(pieces, attrgetter("cells"), _CELLS_A_RECORD):
        yield CellsHeard(replace(origin, n=n), record)
        n += 1
    for part in in_parts(stays, _CELLS_A_RECORD):
        yield CellsHeard(replace(origin, n=n), (), part)
        n += 1


def _pieces(run: CountRun) -> Iterator[CountRun]:
    yield replace(run, cells=run.cells[:_CELLS_A_RECORD])
    for begin in range(_CELLS_A_RECORD, len(run.cells), _CELLS_A_RECORD):
        yield CountRun(run.first, run.last, run.cells[begin : begin + _CELLS_A_RECORD])
