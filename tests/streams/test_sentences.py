"""Records of `ais.sentences`: round trips, readable text, and refusal of anything else or cut short."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sentences import (
    MalformedRecordError,
    Sentence,
    SentenceBatch,
    TimeRecord,
    columns,
    decode,
    encode_batch,
    encode_time,
)

ONE = b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24"
TWO = (
    b"!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0*3E\n!AIVDM,2,2,3,B,1@0000000000000,2*55"
)

instants = st.integers(-(2**63), 2**63 - 1)
names = st.text(max_size=9).filter(lambda n: not n.endswith("\0") and not any(0xD800 <= ord(c) < 0xE000 for c in n))
sentences = st.builds(Sentence, st.sampled_from([ONE, TWO, b""]) | st.binary(max_size=40), names, instants, instants)
batches = st.builds(SentenceBatch, names, st.lists(sentences, max_size=8).map(tuple))
time_records = st.builds(
    TimeRecord,
    names,
    st.integers(-(2**60), 2**60),
    st.booleans(),
    st.integers(0, 10**8),
    st.none() | st.integers(0, 10**8),
    st.booleans(),
)


def coast(*texts: bytes, station: str = "mast") -> SentenceBatch:
    return SentenceBatch("coast", tuple(Sentence(text, station, n, n + 10) for n, text in enumerate(texts)))


@given(batches)
def test_a_batch_reads_back_as_it_was(batch: SentenceBatch) -> None:
    assert decode(encode_batch(batch)) == batch


@given(batches)
def test_the_nth_of_each_column_is_the_nth_sentence(batch: SentenceBatch) -> None:
    rows = columns(encode_batch(batch))
    assert rows.feed == batch.feed
    for n, said in enumerate(batch.sentences):
        assert Sentence(rows.texts[n], rows.stations[n], rows.heard_at[n], rows.received_at[n]) == said
    assert len(rows.texts) == len(rows.heard_at) == len(batch.sentences)


@given(time_records)
def test_a_time_record_reads_back_as_it_was(record: TimeRecord) -> None:
    assert decode(encode_time(record)) == record


def test_the_two_kinds_are_told_apart_by_their_first_bytes() -> None:
    assert encode_batch(coast(ONE))[:4] == b"HWS1"
    assert encode_time(TimeRecord("coast", 7))[:4] == b"HWT1"


def test_the_sentences_stay_readable() -> None:
    assert encode_batch(coast(ONE, TWO)).endswith(ONE + b"\n" + TWO + b"\n")


def test_a_station_is_named_once() -> None:
    assert encode_batch(coast(*[ONE] * 50, station="lighthouse")).count(b"lighthouse") == 1


@pytest.mark.parametrize("value", [b"", b"HW", b"HWS2" + bytes(10), ONE, b"hws1" + bytes(10)])
def test_another_kind_is_refused_by_its_first_bytes(value: bytes) -> None:
    with pytest.raises(MalformedRecordError, match="expected HWS1 or HWT1, got"):
        decode(value)


@given(batches, st.data())
def test_a_batch_cut_short_is_refused(batch: SentenceBatch, data: st.DataObject) -> None:
    value = encode_batch(batch)
    with pytest.raises(MalformedRecordError):
        decode(value[: data.draw(st.integers(0, len(value) - 1))])


@given(time_records, st.data())
def test_a_time_record_cut_short_is_refused(record: TimeRecord, data: st.DataObject) -> None:
    value = encode_time(record)
    with pytest.raises(MalformedRecordError):
        decode(value[: data.draw(st.integers(0, len(value) - 1))])


def test_a_batch_with_something_after_it_is_refused() -> None:
    with pytest.raises(MalformedRecordError, match="bytes and no empty sentence"):
        decode(encode_batch(coast(ONE)) + b"!")


def test_a_sentence_without_even_its_end_is_refused() -> None:
    batch = encode_batch(coast(b"", b"a"))
    lengths = struct.pack("<II", 1, 2)
    assert lengths in batch
    with pytest.raises(MalformedRecordError, match="no empty sentence"):
        decode(batch.replace(lengths, struct.pack("<II", 0, 3)))


def test_a_station_number_without_a_name_is_refused() -> None:
    batch = encode_batch(coast(ONE))
    at = struct.calcsize("<4sIHHH") + len("coast") + 16
    with pytest.raises(MalformedRecordError):
        decode(batch[:at] + struct.pack("<H", 1) + batch[at + 2 :])


@given(st.binary(max_size=200))
def test_noise_after_the_kind_is_refused_or_read_but_never_breaks(noise: bytes) -> None:
    for kind in (b"HWS1", b"HWT1"):
        try:
            decode(kind + noise)
        except MalformedRecordError:
            continue


@pytest.mark.parametrize("wrong", [{"reached": 2**60 + 1}, {"reached": -(2**60) - 1}, {"lateness_ms": 2**60 + 1}])
def test_a_time_that_no_state_could_hold_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(MalformedRecordError, match=r"less than 2\*\*60 ms"):
        decode(encode_time(TimeRecord("coast", **{"reached": 0} | wrong)))


def test_a_time_record_of_another_shape_is_refused() -> None:
    with pytest.raises(MalformedRecordError, match="reached"):
        decode(b'HWT1{"feed": "coast"}')
    with pytest.raises(MalformedRecordError, match="reached"):
        decode(b'HWT1{"feed": "coast", "reached": "08:00"}')
