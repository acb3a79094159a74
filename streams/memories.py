"""Memories and worlds as bytes, and an engine that stores them so.

    8 bytes offset of the last record applied | 1 byte version | msgpack

Big-endian, so that of two values of a key the one with the higher offset is the higher in bytes.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from alerts.core.alert import Alert
from alerts.core.engine import Engine, Record, Step
from alerts.core.memory import Memory
from alerts.core.world import WORLD_KEY, World

_HEAD = struct.Struct(">qB")
VERSION = 1

_memory = msgspec.msgpack.Decoder(Memory)
_world = msgspec.msgpack.Decoder(World)


class UnreadableMemoryError(ValueError):
    """A stored value that this program does not read: another version, or damaged."""


def pack(value: Memory | World) -> bytes:
    """The stored form of one value."""
    return _HEAD.pack(value.offset, VERSION) + msgspec.msgpack.encode(value)


def unpack(key: str, value: bytes) -> Memory | World:
    """The inverse of `pack`; raises UnreadableMemoryError naming the key."""
    try:
        version = _HEAD.unpack_from(value)[1]
        if version != VERSION:
            raise UnreadableMemoryError(f"memory of {key!r}: expected version {VERSION}, got {version}")
        return (_world if key == WORLD_KEY else _memory).decode(value[_HEAD.size :])
    except (struct.error, msgspec.MsgspecError) as error:
        raise UnreadableMemoryError(f"memory of {key!r}: {error}") from error


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
