"""Memories and worlds as bytes, and an engine that stores them so.

    8 bytes offset of the last record applied | 1 byte version | msgpack, deflated where it is large (version 2)

Big-endian, so that of two values of a key the one with the higher offset is the higher in bytes.  A hull whose 256
reports wait for a late feed repeats her feed and station in each: plain, she would take over 20 kB, deflated half.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from alerts.core.alert import Alert
from alerts.core.engine import Engine, Record, Step
from alerts.core.memory import Memory
from alerts.core.world import WORLD_KEY, World

_HEAD = struct.Struct(">qB")
PLAIN, DEFLATED = 1, 2
LARGE_BYTES = 4_096

_memory = msgspec.msgpack.Decoder(Memory)
_world = msgspec.msgpack.Decoder(World)


class UnreadableMemoryError(ValueError):
    """A stored value that this program does not read: another version, or damaged."""


def pack(value: Memory | World) -> bytes:
    """The stored form of one value."""
    body = msgspec.msgpack.encode(value)
    if len(body) <= LARGE_BYTES:
        return _HEAD.pack(value.offset, PLAIN) + body
    return _HEAD.pack(value.offset, DEFLATED) + zlib.compress(body, 1)


def unpack(key: str, value: bytes) -> Memory | World:
    """The inverse of `pack`; raises UnreadableMemoryError naming the key."""
    try:
        return (_world if key == WORLD_KEY else _memory).decode(_body(key, value))
    except (struct.error, zlib.error, msgspec.MsgspecError) as error:
        raise UnreadableMemoryError(f"memory of {key!r}: {error}") from error


def _body(key: str, value: bytes) -> bytes:
    version = _HEAD.unpack_from(value)[1]
    if version == DEFLATED:
        return zlib.decompress(value[_HEAD.size :])
    if version != PLAIN:
        raise UnreadableMemoryError(f"memory of {key!r}: expected version {PLAIN} or {DEFLATED}, got {version}")
    return value[_HEAD.size :]


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A step whose writes are bytes."""

    alerts: tuple[Alert, ...]
    writes: tuple[tuple[str, bytes], ...]
    step: Step


class StoredEngine:
    """An Engine over stored bytes: what detect keeps of one partition."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Takes over what is stored; raises UnreadableMemoryError."""
        self.engine.load((key, unpack(key, value)) for key, value in rows)

    @property
    def resume_at(self) -> int:
        """The offset from which records must be read again."""
        return self.engine.resume_at

    def apply(self, offset: int, record: Record) -> StoredStep:
        """What this record takes; changes nothing yet."""
        step = self.engine.apply(offset, record)
        writes = tuple((key, pack(value)) for key, value in step.writes)
        return StoredStep(step.alerts, writes, step)

    def commit(self, stored: StoredStep) -> None:
        """The writes are stored."""
        self.engine.commit(stored.step)
