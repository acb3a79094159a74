"""Positions out of payloads: the same as the decoder reads, for every type that carries one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cover import BEACON, CLASS_A, CLASS_B
from streams.feeds.decoded import DecodedRow
from streams.ingest.clean import fields_of
from streams.ingest.decode import decode, mmsi_of
from streams.ingest.fixes import POSITION_KINDS, Fix, fix_of, key_of
from streams.ingest.rows import row_fix_key
from streams.ingest.validity import message_of
from tests.streams.ingest.air import sent

KINDS = {1: CLASS_A, 2: CLASS_A, 3: CLASS_A, 18: CLASS_B, 19: CLASS_B, 27: CLASS_A, 4: BEACON, 21: BEACON}


def as_decoded(payload: bytes, kind: int) -> Fix | None:
    fields = fields_of(kind, decode(payload, 0))
    if fields["lat"] is None or fields["lon"] is None:
        return None
    beacon = KINDS[kind] == BEACON
    speed, course = (None, None) if beacon else (fields["speed_kn"], fields["course_deg"])
    return Fix(mmsi_of(payload), KINDS[kind], fields["lat"], fields["lon"], speed, course)


def about(fix: Fix | None) -> tuple[float | int | None, ...] | None:
    """pyais rounds."""
    return fix and tuple(part if part is None else round(part, 4) for part in fix)


@given(
    st.sampled_from(sorted(KINDS)),
    st.floats(-91, 91),
    st.floats(-181, 181),
    st.floats(0, 102.3),
    st.floats(0, 360),
)
def test_what_is_read_from_the_bits_is_what_the_decoder_reads(kind, lat, lon, speed, course):
    limits = {"speed": min(speed, 63) if kind == 27 else speed, "course": course, "lat": lat, "lon": lon}
    message = message_of(sent(type=kind, mmsi=273210440, shipname="NOBODY", name="NOBODY", **limits))
    assert isinstance(message, tuple)
    assert about(fix_of(key_of(message[1]))) == about(as_decoded(message[1], kind))
    assert fix_of(message[1]) == fix_of(key_of(message[1]))


def test_a_recording_is_read_as_the_decoder_reads_it(data_dir: Path) -> None:
    seen: set[int] = set()
    for line in (data_dir / "nmea" / "gpsd_ais-nmea.log").read_bytes().splitlines():
        message = message_of(line.strip())
        if isinstance(message, tuple) and message[0] in POSITION_KINDS:
            seen.add(message[0])
            assert about(fix_of(key_of(message[1]))) == about(as_decoded(message[1], message[0])), line
    assert seen >= {1, 3, 18}


@pytest.mark.parametrize(
    "row",
    [
        DecodedRow(366000001, 0, 40.5, -74.1, 9.5, 123.4),
        DecodedRow(366000001, 0, 40.5, -74.1, ais_class="B"),
    ],
)
def test_a_rows_key_gives_the_row_back(row: DecodedRow) -> None:
    kind = CLASS_B if row.ais_class == "B" else CLASS_A
    assert fix_of(row_fix_key(row)) == Fix(row.mmsi, kind, row.lat, row.lon, row.speed_kn, row.course_deg)


def test_a_row_without_a_place_is_none() -> None:
    assert fix_of(row_fix_key(DecodedRow(366000001, 0, 91.0, 181.0))) is None
