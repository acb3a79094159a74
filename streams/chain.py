"""The chain from a feed's sentences to alerts in one process: ingest, clock and engine as they run live, without Kafka.

    arrivals --> records as in ais.sentences --> pipeline --> reports --------------> engine --> alerts
                                                    '-------> clock --> intervals ----^   '----> alerts about ourselves

One partition of everything, read in one order.  What live and replay of the same input agree on is what is finally
said (alerts/core/lifecycle.py).
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from alerts.core import clock
from alerts.core.alert import Alert
from alerts.core.curve import SHIPPED
from alerts.core.engine import Engine, Record
from alerts.core.hull import Hull
from alerts.core.intervals import BY_APPLY, Announced, ClockRecord, Versions, Watched
from alerts.core.reports import Origin
from alerts.core.zones import ZoneIndex
from alerts.rules import RULES
from alerts.watchlist.seaways import Seaways
from streams.feeds.decoded import DecodedRow
from streams.ingest.pipeline import OpenIngest, State, Value
from streams.ingest.rows import RowBatch
from streams.ingest.tally import Tally
from streams.ingest.watch_index import WatchIndex, unlisted
from streams.nmea import Reject
from streams.recordings import Arrived
from streams.sentences import Sentence, SentenceBatch, TimeRecord
from streams.settings import Config

_SENTENCES, _CLOCK = "sentences:replay:0", "clock:replay:0"
_VERSIONS = Versions("zones", "rules", "watchlist", "cover")
_BATCH = 500


class Chain:
    """All of it; `alerts` is how many were raised by which rule.

    `watch_all`: every ship that is heard is watched from her first report on.
    """

    def __init__(self, config: Config, watch_all: bool = False) -> None:
        self.alerts: Counter[str] = Counter()
        watch = WatchIndex.all_ships(config.watchlist) if watch_all else WatchIndex.of(config.watchlist)
        self._listed = {hull.id: hull for hull in config.watchlist}
        self._known: set[str] = set()
        self._ingest = OpenIngest(State(), _SENTENCES, watch)
        self._clock = clock.ClockState()
        zones = ZoneIndex.of(config.zones, Seaways(config.zones))
        curve = SHIPPED if config.cover is None else config.cover.curve
        contents = {"zones": zones, "rules": config.thresholds, "cover": curve}
        self._engine = Engine(contents, RULES)
        self._read = self._ticked = self._applied = 0

    @property
    def tally(self) -> Tally:
        """What became of the sentences and rows that were read."""
        return self._ingest.tally

    def run(self, arrivals: Iterable[Arrived]) -> Iterator[Alert]:
        """Alerts in the order in which they are raised, while what arrives is read."""
        for said in self.records(arrivals):
            for alert in [said] if isinstance(said, Alert) else self._detected(said):
                self.alerts[alert.rule] += 1
                yield alert

    def records(self, arrivals: Iterable[Arrived]) -> Iterator[Record | Alert]:
        """What the engine is given, and between that alerts about ourselves."""
        for hull in self._listed.values():
            yield self._watched(hull)
        yield from self._passed(Announced(Origin(BY_APPLY, 0, 0), _VERSIONS))
        for value in values(arrivals):
            yield from self._taken(value)

    def _taken(self, value: Value) -> Iterator[Record | Alert]:
        self._ingest.record(self._read, value)
        self._ingest.sentences()
        self._read += 1
        reports, told, _ = self._ingest.said()
        for report in reports:
            if report.hull not in self._known:
                yield self._watched(unlisted(report.mmsi))
            yield report
        for record in told:
            yield from self._passed(record)

    def _watched(self, hull: Hull) -> Watched:
        self._known.add(hull.id)
        return Watched(hull.id, hull)

    def _passed(self, record: ClockRecord) -> tuple[clock.Output, ...]:
        self._clock, outputs = clock.step(self._clock, self._ticked, record, _CLOCK, partitions=1)
        self._ticked += 1
        return outputs

    def _detected(self, record: Record) -> Iterator[Alert]:
        step = self._engine.apply(self._applied, record)
        self._applied += 1
        yield from step.alerts
        self._engine.commit(step)


def values(arrivals: Iterable[Arrived]) -> Iterator[Value]:
    """What arrives as records of `ais.sentences` hold it: many sentences of one feed, and time records between them."""
    batch: list[Sentence | DecodedRow] = []
    feed = ""
    for arrived in arrivals:
        item = arrived.item
        if batch and (isinstance(item, TimeRecord) or arrived.feed != feed or len(batch) == _BATCH):
            yield _record(feed, batch)
            batch = []
        feed = arrived.feed
        if isinstance(item, TimeRecord):
            yield item
        elif not isinstance(item, Reject):
            batch.append(item)
    if batch:
        yield _record(feed, batch)


def _record(feed: str, batch: list[Sentence | DecodedRow]) -> Value:
    sentences = tuple([one for one in batch if isinstance(one, Sentence)])
    if sentences:
        return SentenceBatch(feed, sentences)
    return RowBatch(feed, feed, tuple([one for one in batch if isinstance(one, DecodedRow)]))
