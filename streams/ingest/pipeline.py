"""Ingest's logic: records of `ais.sentences` in, reports of watched hulls, the clock's records and rejects out.

    record --unknown, cut short--> rejected
      |--time record--> outages, reception, tick (ticks.py, heard.py)
      '--sentences--> checksum, fields, type, length --no--> rejected, with the reason
                        '--> copy of another? (duplicates.py) --> counted
                               '--> of a watched hull, the first copy of its feed? --> decoded, cleaned --> report

Pure: `step` is a function of the state and the records, and `step` over one long batch gives what steps over its
pieces give.  Reception counts every good message, copies too, before anybody asks whose it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from alerts.core.hull import Hull
from alerts.core.instants import Instant
from alerts.core.intervals import OutageFound, Reception, Tick
from alerts.core.reports import Origin, Report
from streams.ingest.clean import SHIP_KINDS, SILENT_KINDS, Fields, fields_of, valid_imo
from streams.ingest.decode import UndecodableError, decode, imo_of, mmsi_of, part_of
from streams.ingest.duplicates import OpenWindow
from streams.ingest.heard import OpenHeard
from streams.ingest.rows import RowBatch, row_fields, row_key, row_kind
from streams.ingest.state import State, UnknownStateError, dump, load
from streams.ingest.tally import NoMessage, Rejected, Tally
from streams.ingest.ticks import TickState, on_time_record
from streams.ingest.validity import Message, message_of
from streams.ingest.watch_index import WatchIndex
from streams.sentences import TIME, MalformedRecordError, columns, decode_time

__all__ = ["Outputs", "State", "UnknownStateError", "dump", "load", "step"]

_VOYAGE, _STATIC_PARTS = 5, 24


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a batch brings, each in the order of its origins."""

    reports: tuple[Report, ...]
    clock: tuple[Tick | OutageFound | Reception, ...]
    rejects: tuple[Rejected, ...]
    tally: Tally


def step(
    state: State, batch: Sequence[tuple[int, bytes | RowBatch]], source: str, watch: WatchIndex
) -> tuple[State, Outputs]:
    """The state after a batch of (offset, value) of one partition, and what it brings.

    `source` is `topic:generation:partition`.  A value is a record of `ais.sentences`, or rows of an archive.
    """
    work = _Step(state, source, watch)
    for offset, value in batch:
        work.record(offset, value)
    return work.closed(), work.outputs()


class _Said(NamedTuple):
    """Who heard one message, when, and where it stands."""

    feed: str
    station: str
    heard_at: Instant
    received_at: Instant
    origin: Origin


class _Step:
    """One call of `step` at work: what it opens it closes into a new State, and nothing outlives it."""

    def __init__(self, state: State, source: str, watch: WatchIndex) -> None:
        self._source, self._watch = source, watch
        self._ticks, self._bindings = state.ticks, state.bindings
        self._window, self._heard = OpenWindow(state.window), OpenHeard(state.heard)
        self._accepted = self._duplicate = 0
        self._rejected: dict[NoMessage, int] = {}
        self._reports: list[Report] = []
        self._clock: list[Tick | OutageFound | Reception] = []
        self._rejects: list[Rejected] = []

    def closed(self) -> State:
        return State(self._ticks, self._window.closed(), self._heard.closed(), self._bindings)

    def outputs(self) -> Outputs:
        tally = Tally(self._accepted, self._duplicate, self._rejected, len(self._reports))
        return Outputs(tuple(self._reports), tuple(self._clock), tuple(self._rejects), tally)

    def record(self, offset: int, value: bytes | RowBatch) -> None:
        try:
            if isinstance(value, RowBatch):
                self._rows(offset, value)
            elif value[:4] == TIME:
                self._time(offset, value)
            else:
                self._sentences(offset, value)
        except MalformedRecordError:
            assert not isinstance(value, RowBatch)
            self._reject(NoMessage.RECORD, value, "", "", Origin(self._source, offset, 0))
        self._window.keep_bounded()

    def _time(self, offset: int, value: bytes) -> None:
        record, origin = decode_time(value), Origin(self._source, offset, 0)
        self._ticks, found = on_time_record(self._ticks, record, origin)
        ticks = [one for one in found if isinstance(one, Tick)]
        outages = [one for one in found if not isinstance(one, Tick)]
        self._clock += [*outages, *self._heard.written(record, origin), *ticks]
        reached = _reached(self._ticks)
        if reached is not None:
            self._window.forget_before(reached)

    def _sentences(self, offset: int, value: bytes) -> None:
        rows = columns(value)
        feed = rows.feed
        for n, text in enumerate(rows.texts):
            message, station = message_of(text), rows.stations[n]
            if isinstance(message, NoMessage):
                self._reject(message, text, feed, station, Origin(self._source, offset, n))
                continue
            heard_at = rows.heard_at[n]
            self._heard.count(feed, station, heard_at)
            copy = self._window.is_copy(message[1], heard_at)
            hull = self._whose(message)
            if hull is not None and self._first_of_feed(feed, message[1], heard_at):
                said = _Said(feed, station, heard_at, rows.received_at[n], Origin(self._source, offset, n))
                if not self._report(hull, message, said, text):
                    continue
            self._count(copy, 1 + text.count(b"\n"))

    def _first_of_feed(self, feed: str, payload: bytes, heard_at: Instant) -> bool:
        """Each feed's first copy is a report: who hears her never depends on which feed was quicker here."""
        return not self._window.is_copy(b"%s %s" % (feed.encode(), payload), heard_at)

    def _count(self, copy: bool, lines: int) -> None:
        if copy:
            self._duplicate += lines
        else:
            self._accepted += lines

    def _reject(self, reason: NoMessage, text: bytes, feed: str, station: str, origin: Origin) -> None:
        lines = 1 if reason is NoMessage.RECORD else 1 + text.count(b"\n")
        self._rejected[reason] = self._rejected.get(reason, 0) + lines
        self._rejects.append(Rejected(reason, feed, station, text, origin))

    def _whose(self, message: Message) -> Hull | None:
        kind, payload, _ = message
        if kind not in SHIP_KINDS:
            return None
        mmsi = mmsi_of(payload)
        if kind != _VOYAGE:
            return self._watch.by_number(mmsi, self._bindings)
        return self._identified(mmsi, valid_imo(imo_of(payload)))

    def _identified(self, mmsi: int, imo: int | None) -> Hull | None:
        if imo is not None and self._watch.teaches(mmsi, imo) and self._bindings.get(mmsi) != imo:
            self._bindings = {**self._bindings, mmsi: imo}
        return self._watch.by_identity(mmsi, imo, self._bindings)

    def _report(self, hull: Hull, message: Message, said: _Said, text: bytes) -> bool:
        kind, payload, _ = message
        try:
            fields = _fields(message)
        except UndecodableError:
            self._reject(NoMessage.UNDECODABLE, text, said.feed, said.station, said.origin)
            return False
        self._reports.append(_reported(hull, mmsi_of(payload), kind, said, fields))
        return True

    def _rows(self, offset: int, batch: RowBatch) -> None:
        for n, row in enumerate(batch.rows):
            self._heard.count(batch.feed, batch.station, row.at)
            key, fields = row_key(row), row_fields(row)
            self._count(self._window.is_copy(key, row.at), 1)
            hull = self._identified(row.mmsi, fields["imo"])
            if hull is not None and self._first_of_feed(batch.feed, key, row.at):
                said = _Said(batch.feed, batch.station, row.at, row.at, Origin(self._source, offset, n))
                self._reports.append(_reported(hull, row.mmsi, row_kind(row), said, fields))


def _fields(message: Message) -> Fields:
    """Empty where the message carries nothing that a report has; raises UndecodableError."""
    kind, payload, fill = message
    if kind in SILENT_KINDS or (kind == _STATIC_PARTS and part_of(payload) > 1):
        return Fields()
    return fields_of(kind, decode(payload, fill))


def _reported(hull: Hull, mmsi: int, kind: int, said: _Said, fields: Fields) -> Report:
    return Report(hull.id, said.feed, said.station, mmsi, kind, said.heard_at, said.received_at, said.origin, **fields)


def _reached(ticks: TickState) -> Instant | None:
    """The lowest time of the feeds that are waited for and of the late ones: the latest copies come from there."""
    feeds = ticks.feeds.values()
    return min((f.last.reached for f in feeds if f.waited_for or (f.last.late and not f.last.ended)), default=None)
