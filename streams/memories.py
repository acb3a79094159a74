"""Memories and worlds as bytes, and an engine that stores them so.

    8 bytes offset of the last record applied | 1 byte version | 8 bytes wake | msgpack, deflated where it is large

The offset is big-endian and comes first, so that of two values of a key the one with the higher offset is the higher in
bytes.  A hull whose 256 reports wait for a late feed repeats her feed and station in each: plain, she would take over
20 kB, deflated half.

The wake (the earliest interval end that is worth asking her at; a lower bound) stands in the header so that whoever
takes a partition over decodes nothing: a memory stays bytes until a record or its wake touches it.  Versions 1 and 2,
without it, are still read, and asked at the next interval; 3 and 4 are from before reports kept what a crew types, 5
and 6 from before a hull's own reception was learned, and are read as they are.  Another version is refused.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass

import msgspec

from alerts.core.alert import Alert
from alerts.core.engine import Engine, Record, Step
from alerts.core.frozen import replace
from alerts.core.instants import Instant
from alerts.core.intervals import CoverRun
from alerts.core.memory import Memory
from alerts.core.world import WORLD_KEY, World
from streams.settings import ConfigError

_HEAD, _WAKE = struct.Struct(">qB"), struct.Struct(">q")
PLAIN, DEFLATED = 7, 8
_WITHOUT_WAKE, _WITH_WAKE = (1, 2), (3, 4, 5, 6, PLAIN, DEFLATED)
"""The second of each two is deflated."""
_BEGINS = {**dict.fromkeys(_WITHOUT_WAKE, _HEAD.size), **dict.fromkeys(_WITH_WAKE, _HEAD.size + _WAKE.size)}
"""Where the body begins."""
LARGE_BYTES = 4_096
_NOW, _NEVER = 0, 2**63 - 1

_memory = msgspec.msgpack.Decoder(Memory)
_world = msgspec.msgpack.Decoder(World)


_MEND = "; see the runbook, 'A memory that cannot be read'"


class UnreadableMemoryError(ConfigError):
    """A stored value that this program does not read: another version, or damaged.  Nothing is guessed in its place."""

    def __init__(self, key: str, expected: str) -> None:
        super().__init__("changelog of detect", f"memory of {key!r}", expected)


def pack(value: Memory | World, wake: Instant | None = None) -> bytes:
    """The stored form of one value; `wake` None: not before the world changes.

    Of a world without its covers, but with those of its last record: the earlier ones stand in other rows.
    """
    if isinstance(value, World):
        value = replace(value, covers=())
    body = msgspec.msgpack.encode(value)
    at = _WAKE.pack(_NEVER if wake is None else wake)
    if len(body) <= LARGE_BYTES:
        return _HEAD.pack(value.offset, PLAIN) + at + body
    return _HEAD.pack(value.offset, DEFLATED) + at + zlib.compress(body, 1)


def unpack(key: str, value: bytes) -> Memory | World:
    """The inverse of `pack`; raises UnreadableMemoryError naming the key."""
    _, version = _head(key, value)
    body = value[_BEGINS[version] :]
    try:
        if version % 2 == 0:
            body = zlib.decompress(body)
        stored: Memory | World = (_world if key.startswith(WORLD_KEY) else _memory).decode(body)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise UnreadableMemoryError(key, f"a memory, found another thing ({error}){_MEND}") from error
    return stored


def wake_of(key: str, value: bytes, world: World) -> Instant | None:
    """When this hull is to be asked, by the header alone: at once where the world has turned since it was written.

    Raises UnreadableMemoryError, naming the key, for another version.
    """
    offset, version = _head(key, value)
    if offset < world.turned or version in _WITHOUT_WAKE:
        return _NOW
    (at,) = _WAKE.unpack_from(value, _HEAD.size)
    return None if at == _NEVER else int(at)


def _head(key: str, value: bytes) -> tuple[int, int]:
    """Offset and version."""
    if len(value) < _HEAD.size:
        raise UnreadableMemoryError(key, f"a header, got {len(value)} bytes{_MEND}")
    offset, version = _HEAD.unpack_from(value)
    if version not in _BEGINS:
        told = f"version 1 to {DEFLATED}, got {version}: a newer hullwatch wrote it, or it is damaged"
        raise UnreadableMemoryError(key, told + _MEND)
    if len(value) < _BEGINS[version]:
        raise UnreadableMemoryError(key, f"a header, got {len(value)} bytes{_MEND}")
    return offset, version


def world_of(rows: Iterable[tuple[str, bytes]]) -> World:
    """The newest world among stored rows, by their headers."""
    worlds = (row for row in rows if row[0].startswith(WORLD_KEY))
    newest = max(worlds, key=lambda row: _head(*row)[0], default=None)
    world = World() if newest is None else unpack(*newest)
    assert isinstance(world, World)
    return world


def _covers_of(rows: Iterable[tuple[str, bytes]]) -> Iterator[CoverRun]:
    """All covers that stored worlds hold, also such as the newest has forgotten."""
    for key, value in rows:
        if key.startswith(WORLD_KEY):
            world = unpack(key, value)
            assert isinstance(world, World)
            yield from world.news


class Memories(MutableMapping[str, Memory]):
    """Memories by hull, each of them bytes until it is first asked for."""

    def __init__(self, rows: Iterable[tuple[str, bytes]] = ()) -> None:
        self._values: dict[str, Memory | bytes] = dict(rows)

    def __getitem__(self, key: str) -> Memory:
        value = self._values[key]
        if isinstance(value, bytes):
            memory = unpack(key, value)
            assert isinstance(memory, Memory)
            value = self._values[key] = memory
        return value

    def __setitem__(self, key: str, memory: Memory) -> None:
        self._values[key] = memory

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


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
        """Takes over what is stored, and decodes no memory; raises UnreadableMemoryError."""
        values = dict(rows)
        world, covers = world_of(values.items()), _covers_of(values.items())
        hulls = {key: value for key, value in values.items() if not key.startswith(WORLD_KEY)}
        wakes = ((key, wake_of(key, value, world)) for key, value in hulls.items())
        self.engine.load(world, Memories(hulls.items()), wakes, covers)

    @property
    def resume_at(self) -> int:
        """The offset from which records must be read again."""
        return self.engine.resume_at

    def apply(self, offset: int, record: Record) -> StoredStep:
        """What this record takes; changes nothing yet."""
        step = self.engine.apply(offset, record)
        wakes = dict(step.wakes)
        writes = tuple((k, pack(v, wakes[k] if isinstance(v, Memory) else None)) for k, v in step.writes)
        return StoredStep(step.alerts, writes, step)

    def commit(self, stored: StoredStep) -> None:
        """The writes are stored."""
        self.engine.commit(stored.step)
