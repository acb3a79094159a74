"""Records and alerts as bytes: round trips, what kcat shows, and refusals by name."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.alert import Alert, Event, Place, Position, Severity
from alerts.core.cover import CellSum
from alerts.core.ended import SilencesEnded
from alerts.core.fallen import FellSilent
from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.instants import MINUTE
from alerts.core.intervals import (
    Announced,
    CellsHeard,
    Cover,
    CoverRun,
    IntervalClosed,
    Jumped,
    LateTick,
    Outage,
    OutageFound,
    Reception,
    Tick,
    Versions,
    Watched,
)
from alerts.core.reports import Origin, Report
from streams.codec import UnknownRecordError, decode, decode_alert, encode, encode_alert
from tests.fleet import ANGARA, ship

text = st.text(max_size=20).filter(lambda t: not any(0xD800 <= ord(c) < 0xE000 for c in t))
counts = st.integers(0, 2**31)
times = st.integers(0, 4_102_444_800_000)
degrees = st.floats(-180, 180)
for kind, strategy in ((str, text), (int, times), (float, degrees)):
    st.register_type_strategy(kind, strategy)
kinds = [Report, Watched, IntervalClosed, Cover, Tick, OutageFound, Reception, CellsHeard, Jumped, FellSilent]
records = st.one_of([st.from_type(kind) for kind in (*kinds, SilencesEnded, Announced)])


@given(records)
def test_a_record_reads_back_as_it_was(record: object) -> None:
    back = decode(encode(record))
    assert back == record
    assert type(back) is type(record)


def test_a_record_is_shown_by_kcat_as_its_kind_its_version_and_json() -> None:
    kind, _, body = encode(Watched("imo-9179842", ANGARA)).partition(b" ")
    assert kind == b"watched/1"
    assert json.loads(body)["hull"]["name"] == "ANGARA"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (ship(273210440).report(Origin("s", 1, 0)), "report/1"),
        (Watched("a", None), "watched/1"),
        (IntervalClosed(Origin("s", 1, 0), MINUTE), "interval/1"),
        (Tick(Origin("s", 1, 0), None), "tick/1"),
        (OutageFound(Origin("s", 1, 0), Outage("coast", 0, None)), "outage/1"),
        (Reception(Origin("s", 1, 0), "coast", ()), "reception/2"),
        (FellSilent(Origin("s", 1, 0), ()), "fell/1"),
        (Announced(Origin("s", 1, 0), Versions()), "announced/1"),
        (SilencesEnded(Origin("s", 1, 0), ()), "ended/1"),
    ],
)
def test_kinds_are_named_as_they_always_were(record: object, kind: str) -> None:
    assert encode(record).startswith(kind.encode() + b" {")


def test_interval_records_from_before_silences_were_learned_are_read() -> None:
    for record in (IntervalClosed(Origin("s", 1, 0), MINUTE), Cover(Origin("s", 1, 0), ())):
        kind, _, body = encode(record).partition(b" ")
        older = json.loads(body)
        assert older.pop("ended") == []
        assert decode(kind + b" " + json.dumps(older).encode()) == record


@pytest.mark.parametrize("value", [b"", b"{}", b"report/2 {}", b"alert/1 {}", b"\xff\xfe", b"report/1{}"])
def test_another_kind_or_a_newer_version_is_refused_by_name(value: bytes) -> None:
    with pytest.raises(UnknownRecordError, match=r"expected one of report/1, .*announced/1, got b"):
        decode(value)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"id": 7}', b'{"id": "a", "hull": {"imo": 1}}'])
def test_a_record_that_does_not_decode_is_refused_by_kind(body: bytes) -> None:
    with pytest.raises(UnknownRecordError, match=r"^watched/1: "):
        decode(b"watched/1 " + body)


@given(records, st.data())
def test_a_record_cut_short_is_refused(record: object, data: st.DataObject) -> None:
    value = encode(record)
    with pytest.raises(UnknownRecordError):
        decode(value[: data.draw(st.integers(0, len(value) - 1))])


BEYOND = 253_402_300_800_000
"""The year 10000."""


@pytest.mark.parametrize("number", [BEYOND, -BEYOND, 2**63, 2**70])
def test_a_number_at_which_a_later_step_would_fail_is_refused(number: int) -> None:
    report = ship(273210440).report(Origin("s", 1, 0))
    for odd in (
        replace(report, heard_at=number),
        replace(report, received_at=number),
        replace(report, origin=Origin("s", number, 0)),
        replace(report, origin=Origin("s", 0, number)),
        *(replace(report, **{field: number}) for field in ("mmsi", "type", "status", "imo", "ship_type")),
        IntervalClosed(Origin("s", 1, 0), MINUTE, (Outage("coast", 0, number),)),
        Tick(Origin("s", 1, 0), number),
        Cover(Origin("s", 1, 0), (CoverRun(0, MINUTE, 10.0, {number: CellSum(1, 2, 3)}),)),
        Cover(Origin("s", 1, 0), (CoverRun(0, MINUTE, 10.0, {7: CellSum(1, 2, number)}),)),
    ):
        with pytest.raises(UnknownRecordError, match="expected whole numbers of less than 253402300800000"):
            decode(encode(odd))


def test_a_long_fraction_and_a_long_name_are_no_long_numbers() -> None:
    report = replace(ship(273210440).report(Origin("s", 1, 0)), lat=0.12345678901234567, name="1234567890123456789")
    assert decode(encode(report)) == report
    assert decode(encode(replace(report, heard_at=BEYOND - 1))) == replace(report, heard_at=BEYOND - 1)


def test_a_type_that_is_no_record_is_a_bug() -> None:
    with pytest.raises(KeyError):
        encode(LateTick("space", 0, 0))


def test_what_a_newer_writer_added_is_not_read() -> None:
    assert decode(b'watched/1 {"id": "a", "hull": null, "since": 7}') == Watched("a", None)


# alerts

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | degrees | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
told_hulls = st.from_type(Hull).map(lambda hull: replace(hull, habitually_dark=False))
"""An alert says who a hull is, not what the watchlist asks for."""
alerts = st.builds(
    Alert,
    id=text,
    revision=counts,
    event=st.sampled_from(Event),
    rule=text,
    severity=st.sampled_from(Severity),
    hull=st.none() | told_hulls,
    happened_at=times,
    known_at=times,
    position=st.none() | st.from_type(Position),
    place=st.none() | st.from_type(Place),
    cause=st.none() | text,
    summary=text,
    evidence=st.dictionaries(text, json_values, max_size=3),
)
KEYS = list(Alert.__struct_fields__)


@given(alerts)
def test_an_alert_reads_back_as_it_was(alert: Alert) -> None:
    assert decode_alert(encode_alert(alert)) == alert


@given(alerts)
def test_an_alert_is_plain_json_with_its_keys_in_one_order(alert: Alert) -> None:
    assert list(json.loads(encode_alert(alert))) == KEYS


def angara_dark() -> dict[str, Any]:
    alert = Alert("a", 0, Event.OPENED, "went_dark", Severity.WARNING, ANGARA, 0, 0, None, None, None, "dark")
    record: dict[str, Any] = json.loads(encode_alert(alert))
    return record


@pytest.mark.parametrize("key", KEYS)
def test_an_alert_without_one_of_its_fields_is_refused_by_name(key: str) -> None:
    record = angara_dark()
    del record[key]
    with pytest.raises(UnknownRecordError, match=f"alert: KeyError: '{key}'"):
        decode_alert(msgspec.json.encode(record))


@pytest.mark.parametrize(
    "change",
    [
        {"event": "opend"},
        {"severity": "bad"},
        {"happened_at": "yesterday"},
        {"known_at": "2024-02-03T04:05:06"},
        {"happened_at": 7},
        {"hull": {"imo": 9179842}},
        {"position": {"lat": 1}},
        {"place": {"port": "x"}},
    ],
    ids=str,
)
def test_an_alert_with_a_wrong_field_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UnknownRecordError, match=r"^alert: "):
        decode_alert(msgspec.json.encode(angara_dark() | change))


@pytest.mark.parametrize("value", [b"", b"[]", b"null", b'"alert"', b"\xff"])
def test_what_is_no_alert_is_refused(value: bytes) -> None:
    with pytest.raises(UnknownRecordError, match=r"^alert: "):
        decode_alert(value)


def test_severities_rise() -> None:
    assert [Severity(name).rank for name in ("info", "caution", "warning", "critical")] == [0, 1, 2, 3]
