"""The decoder against gpsd: its sample of nearly all types (scaled), and a recorded log (raw integers)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from streams.ingest.clean import SHIP_KINDS, SILENT_KINDS
from streams.ingest.decode import decode, mmsi_of
from streams.ingest.validity import Message, message_of
from streams.nmea import FeedRules, LineReader
from streams.sentences import Sentence
from tests.streams.lines import DATA

pytestmark = pytest.mark.skipif(not (DATA / "conformance").is_dir(), reason=f"no conformance files in {DATA}")

SCALED = DATA / "conformance" / "sample.aivdm", DATA / "conformance" / "sample.aivdm.js.chk"
RAW = DATA / "nmea" / "gpsd_ais-nmea.log", DATA / "conformance" / "ais-nmea.log.chk"
COMPARED = (SHIP_KINDS - SILENT_KINDS) | {4}
TEXT = {"shipname": "shipname", "callsign": "callsign", "destination": "destination"}
WHOLE = {"imo": "imo", "shiptype": "ship_type", "heading": "heading", "status": "status", "dest_mmsi": "dest_mmsi"}
MEASURED = ("lat", "lon", "speed", "course", "draught")


def messages(path: Any) -> Iterator[Message]:
    """All messages of a file; gpsd writes line ends out in some of its samples."""
    lines = path.read_bytes().replace(rb"\x0d\x0a", b"").split(b"\n")
    reader = LineReader(FeedRules("gpsd", start=1))
    for out in reader.read(lines) + reader.finish():
        if isinstance(out, Sentence):
            message = message_of(out.text)
            assert isinstance(message, tuple), (message, out.text)
            yield message


def expected(path: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith('{"class":"AIS"')]


def matched(files: tuple[Any, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Each message that gpsd expects beside ours, in the order of the file; gpsd prints a type 24 only when whole."""
    left = expected(files[1])
    pairs = []
    for message in messages(files[0]):
        kind, payload, fill = message
        if left and (kind, mmsi_of(payload)) == (left[0]["type"], left[0]["mmsi"]):
            pairs.append((left.pop(0), decode(payload, fill)))
    assert not left, f"{len(left)} messages of gpsd not met, the first: {left[0]}"
    return pairs


def differences(wanted: dict[str, Any], got: Any, unit: dict[str, float]) -> list[str]:
    """The fields of which a report is made, where the two do not say the same; gpsd prints type 27 to one digit.

    Of all other messages only type and MMSI are used (of a differential correction, 17, pyais has the place wrong).
    """
    if wanted["type"] not in COMPARED:
        return []
    pairs = [(name, wanted.get(name), getattr(got, ours, None)) for name, ours in (TEXT | WHOLE).items()]
    found = [pair for pair in pairs if None not in pair and not same(*pair[1:])]
    close = 0.06 if wanted["type"] == 27 else 1.1e-6
    for name in MEASURED:
        theirs, ours = wanted.get(name), getattr(got, name, None)
        if isinstance(theirs, int | float) and ours is not None and abs(theirs / unit.get(name, 1.0) - ours) > close:
            found.append((name, theirs, ours))
    return [f"type {wanted['type']} of {wanted['mmsi']}: {pair}" for pair in found]


def same(theirs: Any, ours: Any) -> bool:
    """Numbers exactly, unless gpsd has words for them; names up to the first `@`, where gpsd ends them."""
    if isinstance(ours, str):
        return bool(theirs.strip() == ours.partition("@")[0].strip())
    return isinstance(theirs, str) or bool(theirs == int(ours))


def test_every_message_of_the_sample_says_what_gpsd_says():
    pairs = matched(SCALED)
    assert len(pairs) == 97
    assert [problem for wanted, got in pairs for problem in differences(wanted, got, {})] == []


def test_every_message_of_the_log_says_what_gpsd_says():
    pairs = matched(RAW)
    assert len(pairs) == 166
    raw = {"lat": 600_000, "lon": 600_000, "speed": 10, "course": 10, "draught": 10}
    assert [problem for wanted, got in pairs for problem in differences(wanted, got, raw)] == []
