"""Values to bytes and back, for every topic but `ais.sentences`.

Internal records are `kind/version` + a space + JSON, so that kcat shows them as they are and an unknown kind or a
newer version is refused by name.  An alert is the plain JSON of docs/alerts.md.
"""

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from alerts.core.alert import Alert
from alerts.core.ended import SilencesEnded
from alerts.core.fallen import FellSilent
from alerts.core.instants import Instant
from alerts.core.intervals import (
    Announced,
    CellsHeard,
    Cover,
    IntervalClosed,
    Jumped,
    OutageFound,
    Reception,
    Tick,
    Watched,
)
from alerts.core.reports import Report

_KINDS: dict[type, bytes] = {
    Report: b"report/1",
    Watched: b"watched/1",
    IntervalClosed: b"interval/1",
    Tick: b"tick/1",
    OutageFound: b"outage/1",
    Reception: b"reception/2",
    CellsHeard: b"cells/1",
    Jumped: b"jumped/1",
    FellSilent: b"fell/1",
    SilencesEnded: b"ended/1",
    Cover: b"cover/1",
    Announced: b"announced/1",
}


@dataclass(frozen=True, slots=True)
class _ClosedUntil:
    end: Instant


_DECODERS: dict[bytes, msgspec.json.Decoder[Any]] = {name: msgspec.json.Decoder(kind) for kind, name in _KINDS.items()}
FURTHEST = 253_402_300_800_000
"""The year 10000: beyond it no time can be shown, and beyond 64 bits no memory can be stored."""
_closed_until = msgspec.json.Decoder(_ClosedUntil)
_LONG_NUMBER = re.compile(rb"\d{15}")
"""Nearly no record has one, so that nearly none is gone through; fractions can be as long."""
_alert = msgspec.json.Decoder(dict[str, Any])


class UnknownRecordError(ValueError):
    """A record of a kind or version that this program does not read, or that does not decode."""


def encode(record: object) -> bytes:
    """`kind/version JSON`; raises KeyError for a type that is no record."""
    return _KINDS[type(record)] + b" " + msgspec.json.encode(record)


def decode(value: bytes) -> Any:
    """The record; raises UnknownRecordError, also for a number at which a later step would fail."""
    kind, _, body = value.partition(b" ")
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise UnknownRecordError(f"expected one of {', '.join(k.decode() for k in _DECODERS)}, got {kind[:40]!r}")
    try:
        record = decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise UnknownRecordError(f"{kind.decode()}: {error}") from error
    if not _holds_no_giant(record, body):
        raise UnknownRecordError(f"{kind.decode()}: expected whole numbers of less than {FURTHEST}")
    return record


def closed_until(value: bytes) -> Instant:
    """The end of an interval record, of which nothing else is read; raises UnknownRecordError."""
    try:
        return _closed_until.decode(value.partition(b" ")[2]).end
    except msgspec.MsgspecError as error:
        raise UnknownRecordError(f"interval: {error}") from error


def _holds_no_giant(record: object, body: bytes) -> bool:
    if isinstance(record, Report):
        return _is_near(record)
    return _LONG_NUMBER.search(body) is None or _is_bounded(record)


def _is_near(report: Report) -> bool:
    """The quick form, for the kind of which there are most."""
    origin = report.origin
    places = (report.heard_at, report.received_at, origin.offset, origin.n, report.mmsi, report.type)
    said = (report.status or 0, report.imo or 0, report.another_imo or 0, report.ship_type or 0)
    return min(*places, *said) > -FURTHEST and max(*places, *said) < FURTHEST


def _is_bounded(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < FURTHEST
    if isinstance(value, tuple):
        return all(map(_is_bounded, value))
    if isinstance(value, dict):
        return all(map(_is_bounded, value.items()))
    names = value.__struct_fields__ if isinstance(value, msgspec.Struct) else ()
    return all(_is_bounded(getattr(value, name)) for name in names)


def encode_alert(alert: Alert) -> bytes:
    """One JSON object, keys in the order of docs/alerts.md: the value of `ais.alerts` and a line of replay."""
    return msgspec.json.encode(alert.published())


def decode_alert(value: bytes) -> Alert:
    """The Alert; raises UnknownRecordError."""
    try:
        return Alert.of(_alert.decode(value))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise UnknownRecordError(f"alert: {type(error).__name__}: {error}") from error
