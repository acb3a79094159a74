"""What ingest hands to the engines: one decoded, cleaned AIS message of a watched hull, with its provenance."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from alerts.core.frozen import Struct
from alerts.core.instants import Instant


class Origin(Struct, frozen=True, order=True):
    """Where an output came from; never depends on where a batch ends.

    `source` is `topic:generation:partition`, `offset` the source record, `n` the sentence's place in that record
    before any filter.
    """

    source: str
    offset: int
    n: int


class Report(Struct, frozen=True):
    """One AIS message of a watched hull, in our units; unknown is None (ITU-R M.1371-5 sentinels are gone).

    `another_imo`: it was said under her MMSI with an IMO number that is not hers; nothing else of it is told.
    """

    hull: str
    feed: str
    station: str
    mmsi: int
    type: int
    heard_at: Instant
    received_at: Instant
    origin: Origin
    lat: float | None = None
    lon: float | None = None
    speed_kn: float | None = None
    course_deg: float | None = None
    heading_deg: float | None = None
    status: int | None = None
    imo: int | None = None
    name: str | None = None
    call_sign: str | None = None
    ship_type: int | None = None
    destination: str | None = None
    draught_m: float | None = None
    another_imo: int | None = None


Row = TypeVar("Row")


def in_parts(rows: Sequence[Row], most: int) -> Iterator[tuple[Row, ...]]:
    """Rows in their order, so many in a record at most."""
    return (tuple(rows[begin : begin + most]) for begin in range(0, len(rows), most))
