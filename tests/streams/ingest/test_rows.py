from alerts.core.frozen import replace
from alerts.core.intervals import StationCount
from streams.feeds.decoded import DecodedRow
from streams.ingest.pipeline import Outputs, State, step
from streams.ingest.rows import RowBatch
from streams.ingest.watch_index import WatchIndex
from tests.streams.ingest.air import (
    ANGARA,
    ANGARA_IMO,
    HOMONYM_IMO,
    OTHER,
    SOURCE,
    WATCH,
    reached,
    receptions,
)
from tests.streams.lines import at

ROW = DecodedRow(ANGARA, at("08:00:05"), 42.2, 130.3, 12.0, 200.0, 201.0, 0)


def read(*rows: DecodedRow, watch: WatchIndex = WATCH, state: State | None = None) -> tuple[State, Outputs]:
    return step(
        state or State(), [(4, RowBatch("archive", "noaa", rows)), (5, reached("08:01:00", "archive"))], SOURCE, watch
    )


def test_a_row_of_a_watched_hull_is_a_report():
    _, out = read(replace(ROW, mmsi=OTHER), ROW)
    (report,) = out.reports
    assert (report.hull, report.feed, report.station, report.type) == ("imo-9179842", "archive", "noaa", 1)
    assert (report.heard_at, report.received_at, report.origin.offset, report.origin.n) == (ROW.at, ROW.at, 4, 1)
    assert (report.lat, report.lon, report.speed_kn, report.course_deg) == (42.2, 130.3, 12.0, 200.0)


def test_class_b_is_a_type_18():
    _, out = read(replace(ROW, ais_class="B"))
    assert [report.type for report in out.reports] == [18]


def test_identical_rows_are_one():
    _, out = read(ROW, ROW, replace(ROW, lat=42.3))
    assert (out.tally.accepted, out.tally.duplicate, out.tally.reports) == (2, 1, 2)


def test_rows_count_as_heard():
    _, out = read(ROW, replace(ROW, mmsi=OTHER))
    (record,) = receptions(out)
    assert [run.stations for run in record.runs] == [(StationCount("noaa", 2, 2, 0),)]


def test_an_imo_number_in_a_row_is_believed_as_in_a_type_5():
    state, out = read(replace(ROW, mmsi=OTHER, imo=ANGARA_IMO), replace(ROW, imo=HOMONYM_IMO))
    told = [(report.hull, report.mmsi, report.another_imo, report.lat is None) for report in out.reports]
    assert told == [("imo-9179842", OTHER, None, False), ("imo-9179842", ANGARA, HOMONYM_IMO, True)]
    _, out = read(replace(ROW, mmsi=OTHER, at=ROW.at + 60_000), state=state)
    assert [report.hull for report in out.reports] == ["imo-9179842"]


def test_rows_are_cleaned_as_messages_are():
    _, out = read(replace(ROW, lat=0.0, lon=0.0, imo=1, name="ANGARA\x07@x", call_sign="", heading_deg=400.0))
    (report,) = out.reports
    assert (report.lat, report.lon, report.imo, report.name, report.call_sign) == (None, None, None, "ANGARA", None)
    assert report.heading_deg is None


def test_all_ships_of_an_archive():
    _, out = read(ROW, replace(ROW, mmsi=2190067), watch=WatchIndex.all_ships())
    assert [report.hull for report in out.reports] == [f"mmsi-{ANGARA}"]
