"""What a feed's lines have become, as records of `ais.sentences`: for each partition, in order.

A ship stays on one partition; a time record goes to every partition, behind the sentences before it.
"""

from collections.abc import Iterable
from functools import lru_cache

from streams.nmea_state import Output, Reject
from streams.sentences import Sentence, SentenceBatch, TimeRecord, encode_batch, encode_time

MOST_SENTENCES = 500
MOST_BYTES = 65_536
"""Of one record."""
MOST_BATCH_BYTES = 800_000
"""Of one batch of Kafka's, which is written whole or not at all; brokers take 1 MB unless told otherwise."""
_MMSI_MASK = (1 << 30) - 1


def batches(outputs: Iterable[Output], feed: str, partitions: int) -> list[list[list[bytes]]]:
    """The values of each partition, cut into batches; the same outputs give the same batches."""
    shelves = [_Shelf(feed) for _ in range(partitions)]
    for output in outputs:
        if type(output) is Sentence:
            shelves[partition_by_mmsi(output.text, partitions)].add(output)
        elif type(output) is TimeRecord:
            value = encode_time(output)
            for shelf in shelves:
                shelf.add_time(value)
    return [shelf.batches() for shelf in shelves]


def rejects(outputs: Iterable[Output]) -> list[Reject]:
    """The lines that are dead letters."""
    return [output for output in outputs if type(output) is Reject]


def partition_by_mmsi(text: bytes, partitions: int) -> int:
    """By the 30 bits of the sender's MMSI, bits 8 to 37 of the payload; 0 where the payload is too short."""
    return _mmsi(text.split(b",", 6)[5][1:7]) % partitions


@lru_cache(maxsize=262_144)
def _mmsi(sixbits: bytes) -> int:
    """From payload characters 2 to 7, which hold bits 6 to 41."""
    if len(sixbits) < 6:
        return 0
    bits = 0
    for character in sixbits[:6]:
        value = character - 48
        bits = bits << 6 | (value - 8 if value > 40 else value) & 0x3F
    return bits >> 4 & _MMSI_MASK


class _Shelf:
    """The values of one partition, and the sentences of the record that is not full yet."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._values: list[bytes] = []
        self._rows: list[Sentence] = []
        self._bytes = 0

    def add(self, sentence: Sentence) -> None:
        self._rows.append(sentence)
        self._bytes += len(sentence.text)
        if self._bytes >= MOST_BYTES or len(self._rows) >= MOST_SENTENCES:
            self._close()

    def add_time(self, value: bytes) -> None:
        self._close()
        self._values.append(value)

    def batches(self) -> list[list[bytes]]:
        self._close()
        cut: list[list[bytes]] = []
        size = MOST_BATCH_BYTES
        for value in self._values:
            size += len(value) + 64
            if size > MOST_BATCH_BYTES:
                cut.append([])
                size = len(value) + 64
            cut[-1].append(value)
        return cut

    def _close(self) -> None:
        if self._rows:
            self._values.append(encode_batch(SentenceBatch(self._feed, tuple(self._rows))))
            self._rows, self._bytes = [], 0
