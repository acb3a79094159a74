"""Ingest's logic: records of `ais.sentences` in, reports of watched hulls, the clock's records and rejects out.

    record --unknown, cut short--> rejected
      |--time record--> outages, reception, cells, tick (ticks.py, heard.py, traffic.py)
      '--sentences--> checksum, fields, type, length --no--> rejected, with the reason
                        '--> counted
                               '--> of a watched hull, the first copy of its feed? (duplicates.py) --> decoded,
                                    cleaned --> report

Pure: `step` is a function of the state and the records, and `step` over one long batch gives what steps over its
pieces give.  Reception counts every good message, copies too, before anybody asks whose it is.

Many sentences are taken together, by numpy (block.py), few one by one: both say the same.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from alerts.core.ended import SilencesEnded
from alerts.core.fallen import FellSilent
from alerts.core.instants import Instant
from alerts.core.intervals import CellsHeard, Jumped, OutageFound, Reception, Tick
from alerts.core.reports import Origin, Report
from streams.ingest.account import Account, Said
from streams.ingest.block import Block, Messages, block_of
from streams.ingest.decode import mmsi_of
from streams.ingest.duplicates import OpenWindow
from streams.ingest.fixes import POSITION_KINDS, key_of
from streams.ingest.heard import ANY_MMSI, SHORE, OpenHeard
from streams.ingest.rows import RowBatch, row_fix_key
from streams.ingest.state import State, UnknownStateError, dump, load
from streams.ingest.tally import NoMessage, Rejected, Tally
from streams.ingest.ticks import TickState, on_time_record
from streams.ingest.traffic import OpenTraffic
from streams.ingest.validity import message_of
from streams.ingest.watch_index import WatchIndex
from streams.sentences import (
    BATCH,
    TIME,
    Columns,
    MalformedRecordError,
    SentenceBatch,
    TimeRecord,
    columns,
    columns_of,
    decode_time,
    encode_batch,
)

__all__ = ["OpenIngest", "Outputs", "State", "UnknownStateError", "Value", "dump", "load", "step"]

Value = bytes | SentenceBatch | TimeRecord | RowBatch
"""A record of `ais.sentences`; what one holds, or rows of an archive, where a file is read in the same process."""
ToClock = Tick | OutageFound | Reception | CellsHeard | Jumped | FellSilent | SilencesEnded
MANY_BYTES = 30_000
"""Of sentence records in a row: fewer take longer together, for numpy costs half a millisecond whatever it is given."""
_MANY_SENTENCES = MANY_BYTES // 100


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a batch brings, each in the order of its origins."""

    reports: tuple[Report, ...]
    clock: tuple[ToClock, ...]
    rejects: tuple[Rejected, ...]
    tally: Tally


def step(state: State, batch: Sequence[tuple[int, Value]], source: str, watch: WatchIndex) -> tuple[State, Outputs]:
    """The state after a batch of (offset, value) of one partition, and what it brings.

    `source` is `topic:generation:partition`.  A value is a record of `ais.sentences`, or what is read of a file.
    """
    work = OpenIngest(state, source, watch)
    for offset, value in batch:
        work.record(offset, value)
    work.sentences()
    reports, clock, rejects = work.said()
    return work.closed(), Outputs(tuple(reports), tuple(clock), tuple(rejects), work.tally)


class OpenIngest:
    """Ingest at work: what it opens it closes into a new State.

    A step opens it for its batch; a replay once, for it stores no state, and opening and closing one at every time
    record is most of what a thin archive costs.
    """

    def __init__(self, state: State, source: str, watch: WatchIndex) -> None:
        self._source = source
        self._ticks = state.ticks
        self._window, self._heard = OpenWindow(state.window), OpenHeard(state.heard)
        self._traffic = OpenTraffic(state.traffic)
        self._account = Account(watch, state.bindings, self._window)
        self._one_by_one = watch.every_ship
        self._clock: list[ToClock] = []
        self._waiting: list[tuple[int, bytes]] = []

    def closed(self) -> State:
        """The value after all that was read."""
        window, heard, traffic = self._window.closed(), self._heard.closed(), self._traffic.closed()
        return State(self._ticks, window, heard, self._account.bindings, traffic)

    def said(self) -> tuple[list[Report], list[ToClock], list[Rejected]]:
        """What came since this was asked last, each in the order of its origins."""
        clock, self._clock = self._clock, []
        reports, rejects = self._account.said()
        return reports, clock, rejects

    @property
    def tally(self) -> Tally:
        """What became of all lines so far."""
        return self._account.tally()

    def record(self, offset: int, value: Value) -> None:
        """One more; records of sentences wait for those that follow, until `sentences` is called."""
        if isinstance(value, SentenceBatch) and len(value.sentences) >= _MANY_SENTENCES and not self._one_by_one:
            value = encode_batch(value)
        if isinstance(value, bytes) and value[:4] == BATCH:
            self._waiting.append((offset, value))
            return
        self.sentences()
        if isinstance(value, bytes):
            self._read(self._time_record if value[:4] == TIME else self._record, offset, value)
            return
        if isinstance(value, TimeRecord):
            self._time(offset, value)
        elif isinstance(value, SentenceBatch):
            self._sentences(offset, columns_of(value))
        else:
            self._rows(offset, value)
        self._window.keep_bounded()

    def sentences(self) -> None:
        """Takes the records of sentences that wait."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        many = sum(len(value) for _, value in waiting) >= MANY_BYTES and not self._one_by_one
        block = block_of(self._source, waiting) if many else None
        if block is not None:
            self._block(block)
            return
        for offset, value in waiting:
            self._read(self._record, offset, value)

    def _read(self, work: Callable[[int, bytes], None], offset: int, value: bytes) -> None:
        try:
            work(offset, value)
        except MalformedRecordError:
            self._account.reject(NoMessage.RECORD, value, Said("", "", 0, 0, Origin(self._source, offset, 0)))
        self._window.keep_bounded()

    def _time_record(self, offset: int, value: bytes) -> None:
        self._time(offset, decode_time(value))

    def _record(self, offset: int, value: bytes) -> None:
        self._sentences(offset, columns(value))

    def _time(self, offset: int, record: TimeRecord) -> None:
        origin = Origin(self._source, offset, 0)
        known = self._ticks.feeds.get(record.feed)
        before = known.last.reached if known else None
        self._ticks, found = on_time_record(self._ticks, record, origin)
        outages = [one for one in found if not isinstance(one, Tick)]
        reception = self._heard.written(record, before, origin)
        self._clock += [*outages, *reception, *self._passed(origin), *found[len(outages) :]]
        reached = _reached(self._ticks)
        if reached is not None:
            self._window.forget_before(reached)

    def _passed(self, origin: Origin) -> tuple[ToClock, ...]:
        """What the traffic tells of the intervals that the tick passes: mostly there is none."""
        tick, traffic, account = self._ticks.prompt, self._traffic, self._account
        if tick is None or not traffic.passes(tick):
            return ()
        cells = traffic.passed(tick, origin, account.whose())
        jumped, fell = traffic.jumped(origin, account.hull_of), traffic.fell(origin, account.hull_of)
        return (*cells, *jumped, *fell, *traffic.ended(origin))

    def _is_prompt(self, feed: str) -> bool:
        known = self._ticks.feeds.get(feed)
        return known is None or not known.last.late

    def _sentences(self, offset: int, rows: Columns) -> None:
        """Those of one record, one by one."""

        def said(n: int) -> Said:
            origin = Origin(self._source, offset, n)
            return Said(rows.feed, rows.stations[n], rows.heard_at[n], rows.received_at[n], origin)

        prompt, account = self._is_prompt(rows.feed), self._account
        counted = list[tuple[str, Instant, int]]()
        for n, (text, station, at) in enumerate(zip(rows.texts, rows.stations, rows.heard_at, strict=True)):
            message = message_of(text)
            if isinstance(message, NoMessage):
                account.reject(message, text, said(n))
                continue
            kind, payload, _ = message
            if prompt and kind in POSITION_KINDS:
                self._traffic.hear(key_of(payload), at)
            counted.append((station, at, mmsi_of(payload) | SHORE[kind]))
            account.message(message, text, said, n)
        self._heard.count(rows.feed, counted)

    def _block(self, block: Block) -> None:
        """The same of many records at once."""
        messages = block.messages(self._account.mmsis())
        begun = len(self._account.rejects)
        for row, reason in messages.spoilt:
            self._account.reject(reason, block.sentence(row), block.said(row))
        for heard in block.heard(messages):
            self._heard.count_all(*heard)
        self._traffic.hear_all(*block.positions(messages, [self._is_prompt(feed) for feed in block.feeds]))
        for first, last in pairwise(messages.firsts):
            self._record_of(block, messages, first, last)
        self._account.sort_rejects(begun)

    def _record_of(self, block: Block, messages: Messages, first: int, last: int) -> None:
        """Of one record: the messages from `first` to `last` of the block's."""
        begin, end = (bisect_left(messages.looked_at, place) for place in (first, last))
        for place in messages.looked_at[begin:end]:
            row = int(messages.rows[place])
            self._account.message(block.message(messages, row), block.sentence(row), block.said, row)
        self._account.count(last - first - (end - begin))
        self._window.keep_bounded()

    def _rows(self, offset: int, batch: RowBatch) -> None:
        def said(n: int) -> Said:
            at = batch.rows[n].at
            return Said(batch.feed, batch.station, at, at, Origin(self._source, offset, n))

        prompt = self._is_prompt(batch.feed)
        self._heard.count(batch.feed, ((batch.station, row.at, row.mmsi & ANY_MMSI) for row in batch.rows))
        for n, row in enumerate(batch.rows):
            if prompt:
                self._traffic.hear(row_fix_key(row), row.at)
            self._account.row(batch, said, n)


def _reached(ticks: TickState) -> Instant | None:
    """The lowest time of the feeds that are waited for and of the late ones: the latest copies come from there."""
    feeds = ticks.feeds.values()
    return min((f.last.reached for f in feeds if f.waited_for or (f.last.late and not f.last.ended)), default=None)
