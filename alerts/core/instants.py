"""Time as a value: an Instant is whole milliseconds since 1970-01-01T00:00:00Z (docs/adr/0001)."""

from datetime import UTC, datetime, timedelta

Instant = int
"""Milliseconds since the epoch, UTC.  Durations are ints of milliseconds too, with `_ms` in their names."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
INTERVAL = MINUTE
"""One minute of event time: the only step in which time passes below ingest."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def interval_end(at: Instant) -> Instant:
    """The first end of an interval at or after `at`."""
    return -(-at // INTERVAL) * INTERVAL


def interval_start(at: Instant) -> Instant:
    """The last end of an interval at or before `at`."""
    return at // INTERVAL * INTERVAL


def rfc3339(at: Instant) -> str:
    """`2024-02-03T04:05:06Z`, with milliseconds only where there are any."""
    moment = _EPOCH + timedelta(milliseconds=at)
    spec = "milliseconds" if at % SECOND else "seconds"
    return moment.isoformat(timespec=spec).removesuffix("+00:00") + "Z"


def parse_rfc3339(text: str) -> Instant:
    """The Instant of an RFC 3339 date-time; raises ValueError where the offset is missing."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no UTC offset; expected e.g. 2024-02-03T04:05:06Z")
    return round((moment - _EPOCH) / timedelta(milliseconds=1))


def spoken(duration_ms: int) -> str:
    """A duration as a watch officer says it: `31 min`, `5 h 06 min`, `12 d 3 h`."""
    minutes = duration_ms // MINUTE
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"
