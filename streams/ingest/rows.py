"""Rows of decoded archives, as ingest takes them beside sentences: whose they are, and their fields, cleaned."""

from dataclasses import dataclass

import msgspec

from alerts.core.cover import CLASS_A, CLASS_B
from streams.feeds.decoded import DecodedRow
from streams.ingest.clean import Fields, angle, position, text, valid_imo
from streams.ingest.fixes import Fix, fix_key

_CLASS_KIND = {"A": 1, "B": 18}
"""The message type that a position of this class is sent with."""


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows of one feed, all under one station; a row's place in the list is its `n`."""

    feed: str
    station: str
    rows: tuple[DecodedRow, ...]


def row_key(row: DecodedRow) -> bytes:
    """What makes two rows the same."""
    return msgspec.msgpack.encode(row)


def row_fix_key(row: DecodedRow) -> bytes:
    """Her position as traffic."""
    kind = CLASS_B if row.ais_class == "B" else CLASS_A
    return fix_key(row.at, Fix(row.mmsi, kind, row.lat, row.lon, row.speed_kn, row.course_deg))


def row_kind(row: DecodedRow) -> int:
    """The AIS message type that stands for it."""
    return _CLASS_KIND.get(row.ais_class, 1)


def row_fields(row: DecodedRow) -> Fields:
    """Its fields, cleaned as those of a message are."""
    lat, lon = position(row.lat, row.lon)
    return Fields(
        lat=lat,
        lon=lon,
        speed_kn=row.speed_kn,
        course_deg=angle(row.course_deg),
        heading_deg=angle(row.heading_deg),
        status=row.status,
        imo=valid_imo(row.imo),
        name=text(row.name),
        call_sign=text(row.call_sign),
        ship_type=row.ship_type,
        draught_m=row.draught_m,
    )
