"""Memories and worlds as bytes, and an engine that stores them so.

    8 bytes offset of the last record applied | 8 bytes wake time (-1: none) | 1 byte version | msgpack

Big-endian, so that of two values of a key the higher offset is the higher in bytes; loading by wake time needs no
decoding.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from alerts.core.alert import Alert
from alerts.core.engine import Engine, Record, Step
from alerts.core.memory import Memory
from alerts.core.world import WORLD_KEY, World

_HEAD = struct.Struct(">qqB")
VERSION = 1

_memory = msgspec.msgpack.Decoder(Memory)
_world = msgspec.msgpack.Decoder(World)


class UnreadableMemoryError(ValueError):
    """A stored value that this program does not read: another version, or damaged."""


def pack(value: Memory | World, wakes_at: int | None = None) -> bytes:
    """The stored form of one value."""
    return _HEAD.pack(value.offset, -1 if wakes_at is None else wakes_at, VERSION) + msgspec.msgpack.encode(value)


def unpack(key: str, value: bytes) -> Memory | World:
    """The inverse of `pack`; raises UnreadableMemoryError naming the key."""
    try:
        version = _HEAD.unpack_from(value)[2]
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
        writes = tuple((key, pack(value, self.engine.wakes_at(value))) for key, value in step.writes)
        return StoredStep(step.alerts, writes, step)

    def commit(self, stored: StoredStep) -> None:
        """The writes are stored."""
        self.engine.commit(stored.step)
