"""What archives of decoded positions do to their values, and what becomes of each line."""

from pathlib import Path

import pytest

from streams.feeds.decoded import DecodedFile, DecodedRow, NoRow, read_decoded
from streams.feeds.file import UnreadableFileError, open_recorded
from tests.streams.lines import at

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Draft,TranscieverClass"
FIX = "273210440,2024-02-03T08:00:00,40.5,131.25"
EIGHT = at("08:00:00")


def read(folder: Path, *lines: str, header: str = HEADER) -> DecodedFile:
    path = folder / "archive.csv"
    path.write_bytes("\n".join([header, *lines, ""]).encode())
    return read_decoded(open_recorded(str(path)))


def row(folder: Path, cells: str) -> DecodedRow:
    """The one row of these cells behind a fix."""
    (only,) = read(folder, f"{FIX},{cells}").rows
    return only


def test_a_whole_row(tmp_path: Path) -> None:
    told = row(tmp_path, " 10.5,90.0,88.0, ANGARA ,IMO9179842,UBYT2,70.0,0.0,6.5,A")
    assert told == DecodedRow(
        mmsi=273210440,
        at=EIGHT,
        lat=40.5,
        lon=131.25,
        speed_kn=10.5,
        course_deg=90.0,
        heading_deg=88.0,
        status=0,
        imo=9179842,
        name="ANGARA",
        call_sign="UBYT2",
        ship_type=70,
        draught_m=6.5,
    )


def test_what_a_row_leaves_empty_is_unknown(tmp_path: Path) -> None:
    assert row(tmp_path, ",,,,,,,,,") == DecodedRow(273210440, EIGHT, 40.5, 131.25)
    assert row(tmp_path, "nan,x,511.0,,IMO,,0,15,0,") == DecodedRow(273210440, EIGHT, 40.5, 131.25)


@pytest.mark.parametrize(
    ("speed", "course", "meant"),
    [("-0.1", "-0.4", (None, None)), ("-51.2", "-204.7", (51.2, 204.9)), ("0.0", "-60.6", (0.0, 349.0))],
)
def test_speeds_and_courses_that_were_read_with_a_sign(
    speed: str, course: str, meant: tuple[float | None, float | None], tmp_path: Path
) -> None:
    told = row(tmp_path, f"{speed},{course},,,,,,,,")
    assert (told.speed_kn, told.course_deg) == meant


@pytest.mark.parametrize(
    ("cells", "ais_class"),
    [
        (",,,,,,,,,B", "B"),
        (",,,YACHT,,,37.0,,0.0,b", "B"),
        (",,,,,,,5.0,,B", "A"),
        (",,,,IMO9179842,,,,,B", "A"),
        (",,,,,,,,3.1,B", "A"),
        (",,,,,,,,,", "A"),
    ],
)
def test_who_sends_what_only_class_a_does_is_class_a(cells: str, ais_class: str, tmp_path: Path) -> None:
    assert row(tmp_path, cells).ais_class == ais_class


def test_columns_are_found_by_any_of_their_names_and_others_are_left_alone(tmp_path: Path) -> None:
    header = "vessel_name,base_date_time,longitude,latitude,mmsi,transceiver,ais_version"
    found = read(tmp_path, "ANGARA,2024-02-03 08:00:00,131.25,40.5,273210440,B,2", header=header)
    assert found.rows == (DecodedRow(273210440, EIGHT, 40.5, 131.25, name="ANGARA", ais_class="B"),)


def test_a_header_without_the_needed_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"line 1: expected the columns of MarineCadastre, missing: .*lat"):
        read(tmp_path, header="MMSI,BaseDateTime,LON,SOG")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", NoRow.MALFORMED),
        (FIX, NoRow.MALFORMED),
        (f"{FIX},,,,,,,,,", NoRow.MALFORMED),
        (f'{FIX},,,,"ANGARA,,,,,,,', NoRow.MALFORMED),
        (f"{FIX},,,,A\rB,,,,,,", NoRow.MALFORMED),
        (f"{FIX.replace('273210440', '-7')},,,,,,,,,,", NoRow.MMSI),
        (f"{FIX.replace('273210440', '1234567890')},,,,,,,,,,", NoRow.MMSI),
        (f"{FIX.replace('T08', 'T25')},,,,,,,,,,", NoRow.NO_TIME),
        (f"{FIX.replace('40.5', '91.0')},,,,,,,,,,", NoRow.POSITION),
        (f"{FIX.replace('131.25', '')},,,,,,,,,,", NoRow.POSITION),
    ],
)
def test_a_row_that_is_not_used_is_told_by_its_line(line: str, reason: NoRow, tmp_path: Path) -> None:
    found = read(tmp_path, f"{FIX},,,,,,,,,,", line, f"{FIX},,,,,,,,,,")
    assert [(bad.reason, bad.line) for bad in found.rejected] == [(reason, 3)]
    assert (len(found.rows), found.other) == (2, 1)


def test_quoted_cells_and_carriage_returns(tmp_path: Path) -> None:
    found = read(tmp_path, f'{FIX},,,,"ANGARA, EX ""B""",,,,,,A\r', f"{FIX},,,,ANGARA,,,,,,A\r")
    assert [one.name for one in found.rows] == ['ANGARA, EX "B"', "ANGARA"]


def test_rows_come_in_the_order_of_time_and_ship(tmp_path: Path) -> None:
    told = [(mmsi, minute) for mmsi in (273210442, 273210441) for minute in (2, 1)]
    lines = [f"{mmsi},2024-02-03T08:0{minute}:00,40,131,,,,,,,,,," for mmsi, minute in told]
    found = [(one.at, one.mmsi) for one in read(tmp_path, *lines).rows]
    assert found == sorted((at(f"08:0{minute}:00"), mmsi) for mmsi, minute in told)


def fixes(folder: Path, *minutes_lons: tuple[int, float], told: str = ",") -> list[tuple[float | None, float | None]]:
    lines = [f"273210440,2024-02-03T08:{minute:02}:00,0.0,{lon},{told},,,,,,,," for minute, lon in minutes_lons]
    return [(one.speed_kn, one.course_deg) for one in read(folder, *lines).rows]


def test_speed_and_course_are_those_from_the_fix_before_or_else_to_the_next(tmp_path: Path) -> None:
    """A sixtieth of a degree of the equator in six minutes: ten knots."""
    assert fixes(tmp_path, (0, 1.0), (6, 1 + 1 / 60), (12, 1.0)) == [(10.0, 90.0), (10.0, 90.0), (10.0, 270.0)]


def test_what_a_row_says_itself_stands(tmp_path: Path) -> None:
    assert fixes(tmp_path, (0, 1.0), (6, 1 + 1 / 60), told="7.0,") == [(7.0, 90.0)] * 2
    assert fixes(tmp_path, (0, 1.0), (6, 1 + 1 / 60), told="7.0,200.0") == [(7.0, 200.0)] * 2


def test_between_fixes_half_an_hour_apart_or_impossibly_far_nothing_is_known(tmp_path: Path) -> None:
    assert fixes(tmp_path, (0, 1.0), (31, 1.1)) == [(None, None)] * 2
    assert fixes(tmp_path, (0, 1.0), (1, 4.0)) == [(None, None)] * 2


def test_who_lies_still_has_no_course(tmp_path: Path) -> None:
    assert fixes(tmp_path, (0, 1.0), (6, 1.0)) == [(0.0, None)] * 2
