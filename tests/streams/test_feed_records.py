"""Which partition a sentence goes to, and how what a feed says is cut into records and batches."""

import pytest

from streams.feed_records import MOST_BATCH_BYTES, MOST_SENTENCES, batches, partition_by_mmsi, rejects
from streams.ingest.decode import mmsi_of
from streams.nmea_state import NoSentence, Reject
from streams.sentences import Sentence, SentenceBatch, TimeRecord, decode

FIVE = b"!AIVDM,1,1,,B,16TNIe@01i9?GE6CpSDQK181QoTm,0*0F"
AT = 1_706_918_400_000


def said(text: bytes = FIVE, at: int = AT) -> Sentence:
    return Sentence(text, "mast", at, at)


@pytest.mark.parametrize(
    ("payload", "mmsi"),
    [
        (b"16TNIe@01i9?GE6CpSDQK181QoTm", 440_900_021),
        (b"55NPKf42?6bKD=W?O:0LDpE8v22222222222220", 367_532_984),
        (b"13u?etPv2;0n:dDPwUM1U1Cb069D", 265_547_250),
    ],
)
def test_a_ship_is_told_by_the_bits_of_her_mmsi(payload: bytes, mmsi: int) -> None:
    assert partition_by_mmsi(b"!AIVDM,1,1,,A," + payload + b",0*00", 1_000_000_000) == mmsi == mmsi_of(payload)


def test_a_payload_that_is_too_short_goes_somewhere() -> None:
    assert partition_by_mmsi(b"!AIVDM,1,1,,A,15,0*00", 4) == 0


def test_a_time_record_stands_behind_the_sentences_before_it_on_every_partition() -> None:
    times = [TimeRecord("north", AT), TimeRecord("north", AT + 10_000)]
    cut = batches([said(), times[0], said(at=AT + 1), said(at=AT + 2), times[1]], "north", 3)
    home = partition_by_mmsi(FIVE, 3)
    rows = [[decode(value) for part in parts for value in part] for parts in cut]
    assert rows[home] == [
        SentenceBatch("north", (said(),)),
        times[0],
        SentenceBatch("north", (said(at=AT + 1), said(at=AT + 2))),
        times[1],
    ]
    assert all(rows[number] == times for number in range(3) if number != home)


def test_records_and_batches_are_bounded_and_nothing_is_lost() -> None:
    long = FIVE.ljust(4_000, b"0")
    outputs = [said(long, AT + n) for n in range(1_000)] + [said(at=AT + n) for n in range(2 * MOST_SENTENCES + 1)]
    (parts,) = batches(outputs, "north", 1)
    assert all(sum(map(len, part)) <= MOST_BATCH_BYTES for part in parts)
    records = [decode(value) for part in parts for value in part]
    assert [row for record in records if isinstance(record, SentenceBatch) for row in record.sentences] == outputs
    assert max(len(record.sentences) for record in records if isinstance(record, SentenceBatch)) == MOST_SENTENCES


def test_dead_letters_go_into_no_record() -> None:
    letter = Reject(NoSentence.MALFORMED, b"!=")
    assert batches([letter], "north", 2) == [[], []]
    assert rejects([said(), letter]) == [letter]
