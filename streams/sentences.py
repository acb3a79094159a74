"""What the feed hands to ingest: whole sentences, many to a record, and time records between them.

A record of `ais.sentences` is one of two kinds, told apart by its first four bytes:

    HWS1   a batch of sentences of one feed on one partition (columns, little-endian; layout below)
    HWT1   a time record: JSON of `TimeRecord`

    HWS1 | u32 n | u16 m names | u16 name width | u16 length of feed | feed |
    heard_at i64[n] | received_at i64[n] | station u16[n] | length u32[n] | names (m x width, zero padded) | text

`text` holds the raw NMEA of each sentence, the parts of a group joined by a newline, each sentence ended by one, so
that a record stays readable in kcat.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts.core.frozen import Struct
from alerts.core.instants import Instant

BATCH, TIME = b"HWS1", b"HWT1"
_HEAD = struct.Struct("<4sIHHH")
_ROW_BYTES = 8 + 8 + 2 + 4
_FURTHEST = 1 << 60
"""Milliseconds; beyond 64 bits no state could be stored."""


class Sentence(Struct, frozen=True):
    """One raw NMEA message: one line, or all parts of a group joined by newlines, without tag block or suffix."""

    text: bytes
    station: str
    heard_at: Instant
    received_at: Instant


class TimeRecord(Struct, frozen=True):
    """ "Feed F has reached `reached`": its newest heard_at less its allowed lateness.

    It carries the feed's settings, so that nothing below needs them: `late`, the lag it may have, and how far two
    neighbouring records may lie apart before the span between them is an outage (None: never).  `ended`: the file
    is played to its end; `reached` is then its newest heard_at.
    """

    feed: str
    reached: Instant
    late: bool = False
    lateness_ms: int = 10_000
    outage_limit_ms: int | None = 300_000
    ended: bool = False


class SentenceBatch(Struct, frozen=True):
    """The sentences of one record, all of one feed; a sentence's place in the list is its `n`."""

    feed: str
    sentences: tuple[Sentence, ...]


class MalformedRecordError(ValueError):
    """A record of `ais.sentences` that is neither kind, or is cut short."""


def encode_batch(batch: SentenceBatch) -> bytes:
    """One HWS1 record."""
    rows = batch.sentences
    names = sorted({row.station for row in rows})
    number = {name: i for i, name in enumerate(names)}
    encoded = [name.encode() for name in names]
    width = max((len(name) for name in encoded), default=0)
    feed = batch.feed.encode()
    return b"".join(
        (
            _HEAD.pack(BATCH, len(rows), len(names), width, len(feed)),
            feed,
            np.array([row.heard_at for row in rows], "<i8").tobytes(),
            np.array([row.received_at for row in rows], "<i8").tobytes(),
            np.array([number[row.station] for row in rows], "<u2").tobytes(),
            np.array([len(row.text) + 1 for row in rows], "<u4").tobytes(),
            *(name.ljust(width, b"\0") for name in encoded),
            *(row.text + b"\n" for row in rows),
        )
    )


def encode_time(record: TimeRecord) -> bytes:
    """One HWT1 record."""
    return TIME + msgspec.json.encode(record)


_time = msgspec.json.Decoder(TimeRecord)


class Columns(NamedTuple):
    """A batch as columns, for whoever reads many: sentence `n` is the nth of each."""

    feed: str
    texts: Sequence[bytes]
    stations: Sequence[str]
    heard_at: Sequence[Instant]
    received_at: Sequence[Instant]


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """The same as it lies in the record: sentence `n` ends in `text` with its newline at `stops[n]`."""

    feed: str
    names: list[str]
    text: memoryview
    stops: NDArray[np.int64]
    stations: NDArray[np.uint16]
    heard_at: NDArray[np.int64]
    received_at: NDArray[np.int64]


def decode(value: bytes) -> SentenceBatch | TimeRecord:
    """One record of `ais.sentences`; raises MalformedRecordError."""
    if value[:4] == TIME:
        return decode_time(value)
    rows = columns(value)
    fields = zip(rows.texts, rows.stations, rows.heard_at, rows.received_at, strict=True)
    return SentenceBatch(rows.feed, tuple(Sentence(*row) for row in fields))


def decode_time(value: bytes) -> TimeRecord:
    """One HWT1 record; raises MalformedRecordError."""
    try:
        record = _time.decode(value[4:])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedRecordError(str(error)) from error
    if max(abs(record.reached), record.lateness_ms, record.outage_limit_ms or 0) > _FURTHEST:
        raise MalformedRecordError(f"expected times of less than 2**60 ms: {value[:200]!r}")
    return record


def columns_of(batch: SentenceBatch) -> Columns:
    """Those of a batch that was never a record."""
    rows = batch.sentences
    return Columns(
        batch.feed,
        [row.text for row in rows],
        [row.station for row in rows],
        [row.heard_at for row in rows],
        [row.received_at for row in rows],
    )


def columns(value: bytes) -> Columns:
    """One HWS1 record; raises MalformedRecordError."""
    try:
        return _columns(value)
    except (struct.error, ValueError, IndexError) as error:
        raise MalformedRecordError(str(error)) from error


def packed(value: bytes) -> Packed:
    """One HWS1 record, without taking it apart; raises MalformedRecordError where `columns` does."""
    try:
        return _packed(value)
    except (struct.error, ValueError, IndexError) as error:
        raise MalformedRecordError(str(error)) from error


def _columns(value: bytes) -> Columns:
    n, at, feed, names, text_at = _head(value)
    numbers = struct.unpack_from(f"<{2 * n}q{n}H{n}I", value, at)
    station, length = numbers[2 * n : 3 * n], numbers[3 * n :]
    ends = list(accumulate(length, initial=text_at))
    if ends[-1] != len(value) or 0 in length:
        raise _wrong_length(ends[-1], value)
    texts = [value[start : end - 1] for start, end in pairwise(ends)]
    return Columns(feed, texts, [names[number] for number in station], numbers[:n], numbers[n : 2 * n])


def _packed(value: bytes) -> Packed:
    n, at, feed, names, text_at = _head(value)
    heard_at, received_at = np.frombuffer(value, "<i8", 2 * n, at).reshape(2, n)
    stations = np.frombuffer(value, "<u2", n, at + 16 * n)
    length = np.frombuffer(value, "<u4", n, at + 18 * n)
    stops = np.cumsum(length, dtype=np.int64)
    expected = text_at + int(stops[-1] if n else 0)
    if expected != len(value) or not length.all():
        raise _wrong_length(expected, value)
    if n and stations.max() >= len(names):
        raise IndexError(f"expected {len(names)} stations, got number {stations.max()}")
    return Packed(feed, names, memoryview(value)[text_at:], stops, stations, heard_at, received_at)


def _head(value: bytes) -> tuple[int, int, str, list[str], int]:
    """How many sentences, where their columns begin, the feed, the stations, and where the text begins."""
    if value[:4] != BATCH:
        raise ValueError(f"expected HWS1 or HWT1, got {value[:4]!r}")
    _, n, m, width, feed_length = _HEAD.unpack_from(value)
    at = _HEAD.size + feed_length
    feed = value[_HEAD.size : at].decode()
    names_at = at + n * _ROW_BYTES
    text_at = names_at + m * width
    if text_at > len(value):  # before the names are read: noise can promise 65,535 of them
        raise _wrong_length(text_at, value)
    names = [value[names_at + i * width : names_at + (i + 1) * width].rstrip(b"\0").decode() for i in range(m)]
    return n, at, feed, names, text_at


def _wrong_length(expected: int, value: bytes) -> ValueError:
    return ValueError(f"expected {expected} bytes and no empty sentence, got {len(value)}")
