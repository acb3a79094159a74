"""All that ingest knows of one source partition between two records, and its stored form.

1 byte version | zstd(msgpack)
"""

from dataclasses import dataclass, field

import msgspec
import zstandard

from streams.ingest.duplicates import Window
from streams.ingest.heard import Heard
from streams.ingest.ticks import TickState
from streams.ingest.traffic import Traffic

_VERSION = b"\x01"
_ZSTD_LEVEL = 1


@dataclass(frozen=True, slots=True)
class State:
    """`bindings`: MMSI -> the watched IMO number that it has said of itself."""

    ticks: TickState = field(default_factory=TickState)
    window: Window = field(default_factory=Window)
    heard: Heard = field(default_factory=Heard)
    bindings: dict[int, int] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)


class UnknownStateError(ValueError):
    """A stored state of another version, or a spoilt one."""


_decoder = msgspec.msgpack.Decoder(State)


def dump(state: State) -> bytes:
    """The state as bytes."""
    return _VERSION + zstandard.ZstdCompressor(_ZSTD_LEVEL).compress(msgspec.msgpack.encode(state))


def load(data: bytes) -> State:
    """The inverse of `dump`; raises UnknownStateError."""
    if data[:1] != _VERSION:
        raise UnknownStateError(f"state {_VERSION[0]}, found {data[:1].hex() or 'nothing'}")
    try:
        return _decoder.decode(zstandard.ZstdDecompressor().decompress(data[1:]))
    except (msgspec.MsgspecError, zstandard.ZstdError) as error:
        raise UnknownStateError(str(error)) from error
