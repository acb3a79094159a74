import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.clean import LENGTH_OF_NAME, SHIP_KINDS, SILENT_KINDS, fields_of, position, text, valid_imo
from streams.ingest.decode import decode
from streams.ingest.validity import message_of
from tests.streams.ingest.air import ANGARA, ANGARA_IMO, HOMONYM_IMO, sent


def fields(**said: object) -> dict[str, object]:
    message = message_of(sent(mmsi=ANGARA, **said))
    assert isinstance(message, tuple), message
    kind, payload, fill = message
    return {name: value for name, value in fields_of(kind, decode(payload, fill)).items() if value is not None}


UNKNOWN = {"lat": 91.0, "lon": 181.0, "speed": 102.3, "course": 360.0, "heading": 511, "status": 15}


def test_a_position_report_in_our_units():
    assert fields(type=1, lat=-34.5, lon=-58.25, speed=12.3, course=359.9, heading=359, status=5) == {
        "lat": -34.5,
        "lon": -58.25,
        "speed_kn": 12.3,
        "course_deg": 359.9,
        "heading_deg": 359.0,
        "status": 5,
    }


@pytest.mark.parametrize("kind", [1, 18])
def test_what_says_not_available_is_unknown(kind):
    assert fields(type=kind, **UNKNOWN) == {}


@pytest.mark.parametrize(
    ("name", "value"), [("speed", 102.2), ("course", 0.0), ("heading", 0), ("status", 14), ("status", 0)]
)
def test_the_value_beside_it_is_known(name, value):
    assert list(fields(type=1, **(UNKNOWN | {name: value})).values()) == [value]


@pytest.mark.parametrize("course", [360.1, 409.5])
def test_a_course_beyond_the_circle_is_unknown(course):
    assert "course_deg" not in fields(type=1, course=course)


def test_type_27_says_not_available_in_its_own_way():
    assert fields(type=27, lat=91.0, lon=181.0, speed=63, course=511, status=15) == {}
    assert fields(type=27, lat=54.5, lon=7.5, speed=62, course=359, status=15) == {
        "lat": 54.5,
        "lon": 7.5,
        "speed_kn": 62.0,
        "course_deg": 359.0,
    }


def test_an_aircraft_is_faster():
    assert fields(type=9, **(UNKNOWN | {"speed": 1022}))["speed_kn"] == 1022
    assert "speed_kn" not in fields(type=9, **(UNKNOWN | {"speed": 1023}))


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(91, 0), (0, 181), (0.0, 0.0), (90.1, 10), (-90.1, 10), (10, 180.1), (10, -180.1), (None, 1), (1, None)],
)
def test_half_a_position_is_none(lat, lon):
    assert position(lat, lon) == (None, None)


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180), (0, 0.001), (0.001, 0)])
def test_the_ends_of_the_world_are_positions(lat, lon):
    assert position(lat, lon) == (lat, lon)


def test_static_and_voyage_data():
    said = {
        "callsign": "UBYT2@@",
        "shipname": "ANGARA@@@@",
        "ship_type": 70,
        "destination": "RAJIN  @@X",
        "draught": 7.1,
    }
    assert fields(type=5, imo=ANGARA_IMO, **said) == {
        "imo": ANGARA_IMO,
        "name": "ANGARA",
        "call_sign": "UBYT2",
        "ship_type": 70,
        "destination": "RAJIN",
        "draught_m": 7.1,
    }


def test_static_data_that_say_nothing():
    assert fields(type=5, imo=0, callsign="", shipname="", ship_type=0, destination="", draught=0) == {}


def test_class_b_says_its_name_and_its_call_sign_in_two_parts():
    assert fields(type=24, partno=0, shipname="MARIA") == {"name": "MARIA"}
    assert fields(type=24, partno=1, callsign="UBYT2", ship_type=36) == {"call_sign": "UBYT2", "ship_type": 36}


@pytest.mark.parametrize("imo", [ANGARA_IMO, HOMONYM_IMO, 8517839, 9161003, 9358010])
def test_imo_numbers_whose_check_digit_holds(imo):
    assert valid_imo(imo) == imo
    assert valid_imo(imo + 1) is None


@pytest.mark.parametrize("imo", [None, 0, 1, 999_999, 91798420, (1 << 30) - 1, -9179842])
def test_other_numbers_are_no_imo_numbers(imo):
    assert valid_imo(imo) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("@ANGARA", None),
        ("  ", None),
        ("AN\x1b[31mGARA\x00\r\n", "AN[31mGARA"),
        ("AN\u202eGARA", "ANGARA"),
        ("<SCRIPT SRC=//X.CO>", "<SCRIPT SRC=//X.CO>"),
        ("A" * 500, "A" * LENGTH_OF_NAME),
        (None, None),
    ],
)
def test_names_come_from_the_air(said, name):
    assert text(said) == name


@given(st.text())
def test_no_name_can_leave_its_line(said):
    name = text(said)
    assert name is None or (name.isprintable() and name.strip() == name and 0 < len(name) <= LENGTH_OF_NAME)


def test_what_ships_send_and_what_the_shore_sends():
    assert SILENT_KINDS < SHIP_KINDS
    assert SHIP_KINDS.isdisjoint({4, 16, 17, 20, 21, 22, 23})
