import pytest

from streams.ingest.decode import UndecodableError, decode, imo_of, is_armoured, kind_of, mmsi_of, part_of, payload_of
from tests.streams.ingest.air import ANGARA, ANGARA_IMO, position, sent, voyage


def payload(text: bytes) -> bytes:
    found = payload_of(text)
    assert found
    return found[0]


@pytest.mark.parametrize("mmsi", [1, 2190067, 111265591, ANGARA, 999999999, (1 << 30) - 1])
def test_the_mmsi_is_read_without_decoding(mmsi):
    assert mmsi_of(payload(position(mmsi, status=15))) == mmsi


@pytest.mark.parametrize("kind", [1, 5, 9, 18, 19, 24, 27])
def test_the_type_is_read_without_decoding(kind):
    assert kind_of(payload(sent(type=kind, mmsi=ANGARA, partno=0))) == kind


@pytest.mark.parametrize("imo", [0, 1, ANGARA_IMO, (1 << 30) - 1])
def test_the_imo_number_of_a_type_5_is_read_without_decoding(imo):
    assert imo_of(payload(voyage(ANGARA, imo, ais_version=3))) == imo


@pytest.mark.parametrize("part", [0, 1])
def test_the_part_of_a_type_24(part):
    assert part_of(payload(sent(type=24, mmsi=ANGARA, partno=part))) == part


def test_parts_are_joined_and_the_last_one_has_the_fill_bits():
    text = b"!AIVDM,2,1,3,A,55abc,0*00\n!AIVDM,2,2,3,A,def,2*00"
    assert payload_of(text) == (b"55abcdef", 2)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"!AIVDM,1,1,,A,15abc*00",
        b"!AIVDM,1,1,,A,15abc,6*00",
        b"!AIVDM,1,1,,A,15abc,*00",
        b"!AIVDM,1,1,,A,1,2,0*00",
    ],
)
def test_a_sentence_without_its_seven_fields_has_no_payload(text):
    assert payload_of(text) is None
    assert payload_of(text + b"\n" + text) is None


@pytest.mark.parametrize("stranger", [b"x", b"X", b"/", b" ", b"\x80", b"\n"])
def test_characters_that_stand_for_no_six_bits(stranger):
    assert is_armoured(b"15abW`w0")
    assert not is_armoured(b"15ab" + stranger)


def test_what_pyais_refuses_is_said_so():
    with pytest.raises(UndecodableError, match="UnknownPartNo"):
        decode(payload(sent(type=24, mmsi=ANGARA, partno=0))[:6] + b"?" * 21, 0)
