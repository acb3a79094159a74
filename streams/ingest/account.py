"""What one step makes of messages: whose they are, what is reported of watched hulls, what is counted and rejected."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from alerts.core.hull import Hull
from alerts.core.instants import Instant
from alerts.core.reports import Origin, Report
from streams.ingest.clean import SHIP_KINDS, SILENT_KINDS, Fields, fields_of, valid_imo
from streams.ingest.decode import UndecodableError, decode, imo_of, mmsi_of, part_of
from streams.ingest.duplicates import OpenWindow
from streams.ingest.lying import WhoseShips
from streams.ingest.rows import RowBatch, row_fields, row_key, row_kind
from streams.ingest.tally import NoMessage, Rejected, Tally
from streams.ingest.usual import Numbers
from streams.ingest.validity import Message
from streams.ingest.watch_index import WatchIndex, is_anothers

VOYAGE = 5
"""The type that says an IMO number."""
_STATIC_PARTS = 24


class Said(NamedTuple):
    """Who heard one message, when, and where it stands."""

    feed: str
    station: str
    heard_at: Instant
    received_at: Instant
    origin: Origin


class Account:
    """Kept while ingest is at work.  `bindings` are those of the state (state.py), and what the step has learned."""

    def __init__(self, watch: WatchIndex, bindings: dict[int, int], window: OpenWindow) -> None:
        self.bindings = bindings
        self.reports: list[Report] = []
        self.rejects: list[Rejected] = []
        self._watch, self._window = watch, window
        self._accepted = self._duplicate = self._reported = 0
        self._rejected: dict[NoMessage, int] = {}

    def tally(self) -> Tally:
        """What became of all lines so far."""
        return Tally(self._accepted, self._duplicate, dict(self._rejected), self._reported)

    def said(self) -> tuple[list[Report], list[Rejected]]:
        """The reports and the rejects since this was asked last."""
        told = self.reports, self.rejects
        self.reports, self.rejects = [], []
        return told

    def mmsis(self) -> Numbers:
        """In order, those that may be watched hulls' by what is known so far."""
        learned = np.fromiter(self.bindings, np.int64)
        return np.sort(np.concatenate((self._watch.mmsis, learned))) if len(learned) else self._watch.mmsis

    def whose(self) -> WhoseShips:
        """The same, and whose each of them is."""
        return WhoseShips(None if self._watch.every_ship else self.mmsis(), self.hull_of)

    def hull_of(self, mmsi: int) -> str:
        """The id of the hull that this number is, by what is known so far; empty where it is none's."""
        hull = self._watch.by_number(mmsi, self.bindings)
        return "" if hull is None else hull.id

    def count(self, accepted: int, duplicate: int = 0) -> None:
        """So many lines."""
        self._accepted += accepted
        self._duplicate += duplicate

    def reject(self, reason: NoMessage, text: bytes, said: Said) -> None:
        """A sentence, or a record, that is not used."""
        lines = 1 if reason is NoMessage.RECORD else _lines(text)
        self._rejected[reason] = self._rejected.get(reason, 0) + lines
        self.rejects.append(Rejected(reason, said.feed, said.station, text, said.origin))

    def sort_rejects(self, begin: int) -> None:
        """Those from `begin` on, by their origins."""
        if len(self.rejects) > begin + 1:
            self.rejects[begin:] = sorted(self.rejects[begin:], key=lambda rejected: rejected.origin)

    def message(self, message: Message, text: bytes, said: Callable[[int], Said], place: int) -> None:
        """One message: counted, and reported where it is a watched hull's; `said` tells of what stands at `place`."""
        hull = self._whose(message)
        if hull is None:
            self.count(_lines(text))
        else:
            self._heed(hull, message, text, said(place))

    def row(self, batch: RowBatch, said: Callable[[int], Said], place: int) -> None:
        """One row of an archive, counted, and reported where it is a watched hull's."""
        row = batch.rows[place]
        hull = self._identified(row.mmsi, valid_imo(row.imo))
        if hull is None:
            self.count(1)
            return
        told = said(place)
        first = self._first_of_feed(told, row_key(row))
        self.count(first, not first)
        if first:
            self._report(hull, row.mmsi, row_kind(row), told, row_fields(row))

    def _whose(self, message: Message) -> Hull | None:
        kind, payload, _ = message
        if kind not in SHIP_KINDS:
            return None
        mmsi = mmsi_of(payload)
        if kind != VOYAGE:
            return self._watch.by_number(mmsi, self.bindings)
        return self._identified(mmsi, valid_imo(imo_of(payload)))

    def _identified(self, mmsi: int, imo: int | None) -> Hull | None:
        if imo is not None and self._watch.teaches(mmsi, imo) and self.bindings.get(mmsi) != imo:
            self.bindings = {**self.bindings, mmsi: imo}
        elif mmsi in self.bindings and self._watch.takes_back(mmsi, imo, self.bindings):
            self.bindings = {bound: number for bound, number in self.bindings.items() if bound != mmsi}
        return self._watch.by_identity(mmsi, imo, self.bindings)

    def _heed(self, hull: Hull, message: Message, text: bytes, said: Said) -> None:
        """Reported, if it is the first of its feed; one that nobody can decode is rejected."""
        kind, payload, _ = message
        if not self._first_of_feed(said, payload):
            self.count(0, _lines(text))
            return
        try:
            fields = _fields(message)
        except UndecodableError:
            self.reject(NoMessage.UNDECODABLE, text, said)
            return
        self.count(_lines(text))
        self._report(hull, mmsi_of(payload), kind, said, fields)

    def _first_of_feed(self, said: Said, payload: bytes) -> bool:
        """Each feed's first copy is a report: who hears her never depends on which feed was quicker here."""
        return not self._window.is_copy(b"%s %s" % (said.feed.encode(), payload), said.heard_at)

    def _report(self, hull: Hull, mmsi: int, kind: int, said: Said, fields: Fields) -> None:
        feed, station, heard_at, received_at, origin = said
        imo = fields.get("imo")
        if is_anothers(hull, imo):
            fields = Fields(another_imo=imo)
        self._reported += 1
        self.reports.append(Report(hull.id, feed, station, mmsi, kind, heard_at, received_at, origin, **fields))


def _lines(text: bytes) -> int:
    """Each part of a message is one."""
    return 1 + text.count(b"\n")


def _fields(message: Message) -> Fields:
    """Empty where the message carries nothing that a report has; raises UndecodableError."""
    kind, payload, fill = message
    if kind in SILENT_KINDS or (kind == _STATIC_PARTS and part_of(payload) > 1):
        return Fields()
    return fields_of(kind, decode(payload, fill))
