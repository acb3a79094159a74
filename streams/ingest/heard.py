"""Reception: how many messages each station of each feed heard in each interval, of ALL traffic, copies included.

A feed's own time record that has reached the end of an interval writes it down, its last one (`ended`) all that is
left.  The tick that passes an interval is never ahead of any feed it waits for, so reception always stands before it.
What is heard later than that is written with the feed's next time record: only what is new, for the clock adds it up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from alerts.core.instants import Instant, interval_end
from alerts.core.intervals import Reception
from alerts.core.reports import Origin
from streams.ingest.ticks import RECEPTION_N
from streams.sentences import TimeRecord

_STATIONS_A_RECORD = 2_000
"""Keeps a record far below Kafka's 1 MB."""

Stations = dict[str, int]


@dataclass(frozen=True, slots=True)
class Heard:
    """Feed -> end of the interval -> station -> messages, of what is not written down yet."""

    feeds: dict[str, dict[Instant, Stations]] = field(default_factory=dict)


class OpenHeard:
    """What one step works on; a feed's counts are copied when they are first touched, so `Heard` stays a value."""

    def __init__(self, heard: Heard) -> None:
        self._feeds = dict(heard.feeds)
        self._own: set[str] = set()

    def count(self, feed: str, station: str, heard_at: Instant) -> None:
        """One message."""
        self.add(feed, station, interval_end(heard_at), 1)

    def add(self, feed: str, station: str, end: Instant, messages: int) -> None:
        """So many, in the interval that ends at `end`."""
        intervals = self._feeds[feed] if feed in self._own else self._touched(feed)
        stations = intervals.get(end)
        if stations is None:
            stations = intervals[end] = {}
        stations[station] = stations.get(station, 0) + messages

    def written(self, record: TimeRecord, origin: Origin) -> tuple[Reception, ...]:
        """What this time record passes: the earliest interval first, stations by name."""
        ends = sorted(end for end in self._feeds.get(record.feed, ()) if end <= record.reached or record.ended)
        parts = [(end, part) for end in ends for part in _parts(self._touched(record.feed).pop(end))]
        return tuple(
            Reception(replace(origin, n=RECEPTION_N + k), end, record.feed, part) for k, (end, part) in enumerate(parts)
        )

    def _touched(self, feed: str) -> dict[Instant, Stations]:
        if feed not in self._own:
            before = self._feeds.get(feed, {})
            self._feeds[feed] = {end: dict(stations) for end, stations in before.items()}
            self._own.add(feed)
        return self._feeds[feed]

    def closed(self) -> Heard:
        """The value after the step."""
        return Heard({feed: intervals for feed, intervals in self._feeds.items() if intervals})


def _parts(stations: Stations) -> Iterator[tuple[tuple[str, int], ...]]:
    rows = sorted(stations.items())
    for first in range(0, len(rows), _STATIONS_A_RECORD):
        yield tuple(rows[first : first + _STATIONS_A_RECORD])
