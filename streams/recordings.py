"""Recorded files as feeds: what each line or row brings, in the order in which it arrived.

Several files of one feed are read in the order of their first times; several feeds are merged by arrival.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice

from alerts.core.frozen import Struct
from alerts.core.instants import SECOND, Instant
from streams.feeds.decoded import DecodedRow, read_decoded
from streams.feeds.file import Format, Place, RecordedFile, UnreadableFileError, open_recorded
from streams.nmea import Counts, FeedRules, LineReader, Reject
from streams.sentences import Sentence, TimeRecord

_RECORD_EVERY = 10 * SECOND
_LOOKED_AT = 10_000
"""Lines read to find a file's first time."""

Opened = Callable[[Place], None]
"""Hears of each file as it is begun."""

Item = Sentence | Reject | DecodedRow | TimeRecord


def _nobody(place: Place) -> None:
    """Nobody wants to hear."""


class Arrived(Struct, frozen=True):
    """One thing that a feed brought; `at` is when it arrived, where nothing is known of that, when it was heard."""

    at: Instant
    feed: str
    item: Item


@dataclass(slots=True)
class Recording:
    """One feed and its files.  Once `arrivals` is read, `counts` and `rejected` say what became of every line."""

    rules: FeedRules
    paths: Sequence[str]
    counts: Counts = field(default_factory=Counts)
    bad_rows: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> Counter[str]:
        """Lines that brought nothing, by reason."""
        return Counter({str(reason): n for reason, n in self.counts.rejected.items()}) + self.bad_rows

    def arrivals(self, opened: Opened = _nobody) -> Iterator[Arrived]:
        """Everything in order.  Raises UnreadableFileError."""
        files = _in_order(self.paths, self.rules)
        kinds = {_kind(file) for file in files}
        if len(kinds) > 1:
            raise UnreadableFileError(
                f"feed {self.rules.name}: expected files of one kind, got sentences and decoded rows"
            )
        items = self._rows(files, opened) if kinds == {"rows"} else self._sentences(files, opened)
        at = 0
        for item in items:
            at = max(at, _arrival(item))
            yield Arrived(at, self.rules.name, item)

    def _sentences(self, files: Iterable[RecordedFile], opened: Opened) -> Iterator[Item]:
        reader = LineReader(self.rules)
        self.counts = reader.counts
        for file in files:
            opened(file.place)
            for lines in file.lines():
                yield from reader.read(lines)
        yield from reader.finish()

    def _rows(self, files: Iterable[RecordedFile], opened: Opened) -> Iterator[Item]:
        front: Instant | None = None
        for file in files:
            opened(file.place)
            decoded = read_decoded(file)
            self.counts.lines += len(decoded.rows) + len(decoded.rejected) + decoded.other
            self.counts.passed += len(decoded.rows)
            self.counts.other += decoded.other
            self.bad_rows.update(str(bad.reason) for bad in decoded.rejected)
            for row in decoded.rows:
                yield row
                if front is None or row.at // _RECORD_EVERY > front // _RECORD_EVERY:
                    yield self._time_record(row.at - self.rules.lateness_ms)
                front = row.at if front is None else max(front, row.at)
        if front is not None:
            yield self._time_record(front, ended=True)

    def _time_record(self, reached: Instant, ended: bool = False) -> TimeRecord:
        rules = self.rules
        return TimeRecord(rules.name, reached, rules.late, rules.lateness_ms, rules.outage_limit_ms, ended)


def merged(feeds: Iterable[Iterator[Arrived]]) -> Iterator[Arrived]:
    """Several feeds, by arrival; at the same moment in the order in which they are named."""
    return merge(*feeds, key=lambda arrived: arrived.at)


def _kind(file: RecordedFile) -> str:
    return "sentences" if file.format is Format.NMEA else "rows"


def _arrival(item: Item) -> Instant:
    if isinstance(item, Sentence):
        return item.received_at
    return item.at if isinstance(item, DecodedRow) else 0


def _in_order(paths: Sequence[str], rules: FeedRules) -> list[RecordedFile]:
    """The files by their first times; those that name none stay behind the one before them."""
    if len(paths) == 1:
        return [open_recorded(paths[0])]
    firsts: list[Instant] = []
    for path in paths:
        found = _first_time(open_recorded(path), rules)
        firsts.append(found if found is not None else max(firsts, default=0))
    order = sorted(range(len(paths)), key=lambda place: (firsts[place], place))
    return [open_recorded(paths[place]) for place in order]


def _first_time(file: RecordedFile, rules: FeedRules) -> Instant | None:
    if file.format is not Format.NMEA:
        rows = read_decoded(file).rows
        return rows[0].at if rows else None
    reader = LineReader(rules)
    lines = islice((line for some in file.lines() for line in some), _LOOKED_AT)
    heard = (one for line in lines for one in reader.read([line]) if isinstance(one, Sentence))
    first = next(heard, None) or next((one for one in reader.finish() if isinstance(one, Sentence)), None)
    return None if first is None else first.heard_at
