import pytest

from streams.ingest.tally import NoMessage
from streams.ingest.validity import LENGTHS, message_of
from tests.streams.ingest.air import ANGARA, ANGARA_IMO, armoured, position, voyage
from tests.streams.lines import SIX_BITS, checked


def of_length(kind: int, characters: int, fill: int = 0) -> bytes:
    return armoured(SIX_BITS[kind : kind + 1] + b"0" * (characters - 1), fill)


def test_a_good_sentence_is_a_message():
    assert message_of(position(ANGARA)) == (1, position(ANGARA).split(b",")[5], 0)


def test_a_message_in_two_parts():
    message = message_of(voyage(ANGARA, ANGARA_IMO))
    assert isinstance(message, tuple)
    assert (message[0], len(message[1]), message[2]) == (5, 71, 2)


@pytest.mark.parametrize("bad", [position(ANGARA)[:-1] + b"G", position(ANGARA)[:-3], b"", b"*0"])
def test_a_bad_checksum(bad):
    assert message_of(bad) is NoMessage.CHECKSUM


def test_the_checksum_of_every_part_counts():
    first, second = voyage(ANGARA, ANGARA_IMO).split(b"\n")
    assert message_of(first + b"\n" + second[:-2] + b"00") is NoMessage.CHECKSUM


@pytest.mark.parametrize(
    "body", [b"!AIVDM,1,1,,A,15abc", b"!AIVDM,1,1,,A,15abc,7", b"!AIVDM,1,1,,A,15,abc,0", b"!AIVDM"]
)
def test_fields_that_are_missing(body):
    assert message_of(checked(body)) is NoMessage.MALFORMED


def test_characters_outside_the_armour():
    assert message_of(armoured(b"1" * 27 + b"x")) is NoMessage.CHARACTERS


@pytest.mark.parametrize("kind", [0, *range(28, 64)])
def test_types_that_do_not_exist(kind):
    assert message_of(of_length(kind, 28)) is NoMessage.TYPE


def test_an_empty_payload():
    assert message_of(armoured(b"")) is NoMessage.LENGTH


@pytest.mark.parametrize("kind", sorted(LENGTHS))
def test_every_type_has_its_lengths(kind):
    shortest, longest = min(LENGTHS[kind]), max(LENGTHS[kind])
    assert message_of(of_length(kind, shortest)) == (kind, SIX_BITS[kind : kind + 1] + b"0" * (shortest - 1), 0)
    assert isinstance(message_of(of_length(kind, longest)), tuple)
    assert message_of(of_length(kind, shortest - 1)) is NoMessage.LENGTH
    assert message_of(of_length(kind, longest + 1)) is NoMessage.LENGTH


@pytest.mark.parametrize("fill", range(6))
def test_receivers_may_differ_in_fill_bits(fill):
    assert isinstance(message_of(of_length(5, 71, fill)), tuple)


def test_a_type_27_has_one_slot_or_the_length_of_others():
    assert message_of(of_length(27, 20)) is NoMessage.LENGTH
    assert set(range(1, 28)) == LENGTHS.keys()
