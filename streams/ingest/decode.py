"""Sentences to messages: the one door to pyais' decoder, and what is read from a payload without it.

A payload is armoured: each character is six bits (ITU-R M.1371-5 bits in IEC 61162-1 armour).  Type and MMSI stand in
the first seven characters, the IMO number of a type 5 in the next six, so that traffic nobody watches is never
decoded.
"""

from binascii import a2b_base64
from functools import lru_cache
from typing import Any

from pyais import bit_vector
from pyais.exceptions import AISBaseException
from pyais.messages import MSG_CLASS

ARMOUR = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
TO_BASE64 = bytes.maketrans(ARMOUR, _BASE64)
_THIRTY_BITS = (1 << 30) - 1
_FILLS = {b"%d" % bits: bits for bits in range(6)}


class UndecodableError(ValueError):
    """pyais does not read this payload, although its type and length are right."""


def payload_of(text: bytes) -> tuple[bytes, int] | None:
    """The armoured payload of a sentence (its parts joined by newlines) and its fill bits; None: fields are missing."""
    fields = text.split(b",")
    if len(fields) != 7:
        return _joined(text) if b"\n" in text else None
    fill = _FILLS.get(fields[6][:1])
    return None if fill is None else (fields[5], fill)


def _joined(text: bytes) -> tuple[bytes, int] | None:
    parts = [part.split(b",") for part in text.split(b"\n")]
    if any(len(fields) != 7 for fields in parts):
        return None
    fill = _FILLS.get(parts[-1][6][:1])
    return None if fill is None else (b"".join(fields[5] for fields in parts), fill)


def is_armoured(payload: bytes) -> bool:
    """Whether every character stands for six bits."""
    return not payload.translate(None, ARMOUR)


def kind_of(payload: bytes) -> int:
    """The message type of an armoured payload of at least one character."""
    return ARMOUR.index(payload[0])


def mmsi_of(payload: bytes) -> int:
    """The MMSI of an armoured payload of at least seven characters."""
    return _six_characters(payload[1:7]) >> 4 & _THIRTY_BITS


def imo_of(payload: bytes) -> int:
    """The IMO number as a type 5 of at least twelve characters says it: not checked, 0 where it says none."""
    return _six_characters(payload[6:12]) >> 2 & _THIRTY_BITS


def part_of(payload: bytes) -> int:
    """Which part a type 24 of at least seven characters is: 0 is A, 1 is B, others are not defined."""
    return _six_characters(payload[1:7]) >> 2 & 3


@lru_cache(maxsize=1 << 16)
def _six_characters(some: bytes) -> int:
    return int.from_bytes(a2b_base64(b"AA" + some.translate(TO_BASE64)), "big")


def decode(payload: bytes, fill: int) -> Any:
    """The message as pyais reads it, in its units and with its sentinels; raises UndecodableError.

    `payload` is armoured and of at least one character.
    """
    try:
        return MSG_CLASS[kind_of(payload)].from_vector(bit_vector(payload, fill))
    except (AISBaseException, LookupError, ValueError, TypeError) as error:
        raise UndecodableError(f"{type(error).__name__}: {error}") from error
