"""What numpy tells of many sentences at once: those of the usual form, which are nearly all.

    !AIVDM,1,1,,A,payload,0*5C      one line, in which no character but the marks `!,,,,,,*` stands for no six bits

A usual sentence is a message by the same tests as in validity.py (checksum, fields, characters, type, length).  Of
every other one `validity.message_of` says what it is, or why it is none: only there is a reason named.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.ingest.validity import LENGTHS
from streams.nmea_checksum import VALUES

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
PADDING = b"0" * 64
"""Stands behind a text, so that whole words can be read from its last payload; of characters that are no marks."""
_MARKS = np.frombuffer(b"!,,,,,,*\n", np.uint8)
_COMMA_BEFORE, _COMMA_BEHIND, _STAR = 5, 6, 7
"""Which of the marks stand beside the payload, and before the checksum."""
_LONGEST_SENTENCE = 1_000
"""Longer ones are not usual; the checksum is the plain one up to 4,096 (streams/nmea_checksum.py)."""
_FILLS = 6
_ONES = np.uint64(0x0101010101010101)
_LONGEST = max(map(max, LENGTHS.values()))


def _lengths() -> Flags:
    table = np.zeros((64, _LONGEST + 2), bool)
    for kind, lengths in LENGTHS.items():
        table[kind, list(lengths)] = True
    return table


def _checksums() -> NDArray[np.int16]:
    table = np.full(1 << 16, -1, np.int16)
    for digits, value in VALUES.items():
        table[int.from_bytes(digits, "big")] = value
    return table


_LENGTHS, _CHECKSUMS = _lengths(), _checksums()


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """Those that are usual: `rows` says which, the other columns stand beside it.

    A payload is `text[begins:ends]`.
    """

    rows: Numbers
    begins: Numbers
    ends: Numbers
    kinds: Numbers
    mmsis: Numbers


def usual(text: bytes, starts: Numbers, stops: Numbers) -> Usual:
    """The usual ones of the sentences `text[starts:stops]`, each with its newline; behind them stands PADDING."""
    data = np.frombuffer(text, np.uint8)
    rows, marks = _framed(data, starts, stops)
    kept = _checksum_holds(data, marks) & (data[marks[:, _COMMA_BEHIND] + 1] - np.uint8(ord("0")) < _FILLS)
    begins, ends = marks[:, _COMMA_BEFORE] + 1, marks[:, _COMMA_BEHIND]
    rows, begins, ends = rows[kept], begins[kept], ends[kept]
    kinds = six_bits(data[begins])
    kept = _LENGTHS[kinds, np.minimum(ends - begins, _LONGEST + 1)]
    rows, begins, ends, kinds = rows[kept], begins[kept], ends[kept], kinds[kept]
    return Usual(rows, begins, ends, kinds, mmsis_at(text, begins))


def _framed(data: NDArray[np.uint8], starts: Numbers, stops: Numbers) -> tuple[Numbers, Numbers]:
    """Which sentences have the marks of a usual one and no others, and where those stand: nine columns."""
    marks = np.flatnonzero(_is_mark(data))
    first = np.searchsorted(marks, starts)
    rows = np.flatnonzero(np.searchsorted(marks, stops) - first == len(_MARKS))
    found = marks[first[rows, None] + np.arange(len(_MARKS))]
    begin, stop = starts[rows], stops[rows]
    right = (found[:, 0] == begin) & (found[:, _STAR] == stop - 4)
    right &= (stop - begin <= _LONGEST_SENTENCE) & (data[found] == _MARKS).all(axis=1)
    return rows[right], found[right]


def _is_mark(data: NDArray[np.uint8]) -> Flags:
    """Whether a character stands for no six bits; uint8 wraps round, so that one comparison tells both bounds."""
    above = data - np.uint8(ord("0"))
    return (above >= 40) & (above - np.uint8(48) >= 24)


def _checksum_holds(data: NDArray[np.uint8], marks: Numbers) -> Flags:
    star = marks[:, _STAR]
    spans = np.column_stack((marks[:, 0] + 1, star)).ravel()
    total = np.bitwise_xor.reduceat(data, spans)[::2] if len(spans) else data[:0]
    said = _CHECKSUMS[data[star + 1].astype(np.int64) << 8 | data[star + 2]]
    held: Flags = said == total
    return held


def six_bits(characters: NDArray[np.uint8]) -> Numbers:
    """What armoured characters stand for."""
    above = characters.astype(np.int64) - ord("0")
    return above - 8 * (above >= 48)


def mmsis_at(text: bytes, begins: Numbers) -> Numbers:
    """The MMSI of each armoured payload of at least seven characters."""
    return words_at(text, begins) >> 10 & (1 << 30) - 1


def words_at(text: bytes, begins: Numbers) -> Numbers:
    """48 bits from each place: those of eight armoured characters."""
    return words_of(np.ndarray((len(text) - 7,), ">u8", text, 0, (1,))[begins])


def words_of(characters: NDArray[np.uint64]) -> Numbers:
    """The 48 bits of eight armoured characters each, the first of them the highest byte, as in a text."""
    eight = characters.astype(np.uint64)
    beyond_w = (eight >> np.uint64(6)) & (eight >> np.uint64(5)) & _ONES
    eight |= _ONES << np.uint64(7)  # nothing is borrowed from a neighbour; what stands behind a payload is no six bits
    eight -= _ONES * np.uint64(ord("0")) + (beyond_w << np.uint64(3))
    return _joined(_joined(_joined(eight, 8, 6), 16, 12), 32, 24).view(np.int64)


def _joined(words: NDArray[np.uint64], step: int, width: int) -> NDArray[np.uint64]:
    """Of each two neighbours of `width` bits, `step` apart, one of twice the width."""
    low = np.uint64(sum((1 << width) - 1 << at for at in range(0, 64, 2 * step)))
    return (words & low) | (words >> np.uint64(step - width)) & low << np.uint64(width)
