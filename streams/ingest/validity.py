"""Whether a sentence is a message: by checksum, fields, characters, type and length, without decoding it.

Lengths are those of ITU-R M.1371-5, annex 8, counted in armoured characters (six bits each) because receivers differ in
fill bits: a type 5 of 424 bits comes as 426, a position of 168 as 163.
"""

from streams.ingest.decode import is_armoured, kind_of, payload_of
from streams.ingest.tally import NoMessage
from streams.nmea_checksum import holds


def _characters(bits: int) -> int:
    return -(-bits // 6)


def _exactly(*bits: int) -> frozenset[int]:
    return frozenset(map(_characters, bits))


def _between(least: int, most: int) -> frozenset[int]:
    return frozenset(range(_characters(least), _characters(most) + 1))


LENGTHS: dict[int, frozenset[int]] = {
    **dict.fromkeys((1, 2, 3, 4, 9, 11, 18, 22), _exactly(168)),
    5: _exactly(424),
    6: _between(72, 1008),
    7: _between(72, 168),
    8: _between(40, 1008),
    10: _exactly(72),
    12: _between(72, 1008),
    13: _between(72, 168),
    14: _between(40, 1008),
    15: _between(88, 168),
    16: _between(96, 168),
    17: _between(80, 816),
    19: _exactly(312),
    20: _between(72, 186),
    21: _between(272, 368),
    23: _exactly(160),
    24: _exactly(160, 168),
    25: _between(40, 168),
    26: _between(60, 1064),
    27: _exactly(96, 168),
}
"""Type -> the lengths it may have.  Three are met in the field that the standard does not have: type 16 padded to a
whole slot, type 20 of 186 bits, type 27 in a slot of 168."""

Message = tuple[int, bytes, int]
"""Type, armoured payload, fill bits."""


def message_of(text: bytes) -> Message | NoMessage:
    """The message of a sentence (one line, or its parts joined by newlines), or why it is none."""
    if not holds(text):
        return NoMessage.CHECKSUM
    found = payload_of(text)
    if found is None:
        return NoMessage.MALFORMED
    payload, fill = found
    if not is_armoured(payload):
        return NoMessage.CHARACTERS
    if not payload:
        return NoMessage.LENGTH
    kind = kind_of(payload)
    lengths = LENGTHS.get(kind)
    if lengths is None:
        return NoMessage.TYPE
    return (kind, payload, fill) if len(payload) in lengths else NoMessage.LENGTH
