"""Stored memories: round trips, refusals by the hull's key, and which of two is the later."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.engine import Engine
from alerts.core.frozen import replace
from alerts.core.memory import Memory
from alerts.core.reports import Origin
from alerts.core.water import Water
from alerts.core.world import WORLD_KEY, World
from alerts.rules import RULES
from streams.memories import LARGE_BYTES, Memories, StoredEngine, UnreadableMemoryError, pack, unpack, wake_of
from tests.fleet import ANGARA, HAVEN, OPEN_SEA, SHOAL, Watch, events, ship
from tests.properties.chain import Item, live
from tests.properties.worlds import arrivals

angara = ship(273210440).at("08:00")


def watched(reports: int = 1) -> Memory:
    watch = Watch()
    places = (SHOAL, HAVEN, OPEN_SEA)
    watch.hears(*(angara._with(at=angara.heard.at + n).near(places[n % 3]) for n in range(reports)))
    return watch.engine.memory(ANGARA.id)


@given(arrivals(), st.integers(0, 99))
def test_whatever_an_engine_writes_reads_back_as_it_was(arrival: list[Item], seed: int) -> None:
    for table in live(arrival, seed).tables:
        for key, value in table.items():
            stored = unpack(key, value)
            assert isinstance(stored, World if key.startswith(WORLD_KEY) else Memory)
            assert pack(stored, wake_of(key, value, World())) == value


@pytest.mark.parametrize("reports", [0, 1, 100])
def test_small_and_large_memories_read_back(reports: int) -> None:
    memory = watched(reports)
    assert unpack(ANGARA.id, pack(memory)) == memory


def test_a_large_memory_is_deflated_and_a_small_one_shows_its_words() -> None:
    small, large = pack(watched(1)), pack(watched(200))
    assert b"ANGARA" in small
    assert b"ANGARA" not in large
    assert len(large) < LARGE_BYTES * 2


@given(st.lists(st.integers(-1, 2**62), min_size=2, max_size=2), st.integers(1, 200))
def test_of_two_values_the_one_with_the_higher_offset_is_higher_in_bytes(offsets: list[int], reports: int) -> None:
    one, other = sorted(max(offset, 0) for offset in offsets)
    if one < other:
        assert pack(replace(LARGE, offset=one)) < pack(Memory(offset=other))
        assert pack(Memory(offset=one)) < pack(replace(LARGE, offset=other))


LARGE = watched(200)


@pytest.mark.parametrize("key", [ANGARA.id, WORLD_KEY])
def test_a_newer_version_is_refused_by_key_when_a_partition_is_taken_over(key: str) -> None:
    value = struct.pack(">qB", 7, 9) + pack(World())[9:]
    with pytest.raises(UnreadableMemoryError, match="expected version 1 to 8, got 9: a newer hullwatch") as refused:
        StoredEngine(Engine({}, RULES)).load([(key, value)])
    assert repr(key) in str(refused.value)


def test_a_version_from_before_statics_is_read_as_it_is() -> None:
    """Reports had ten parts then, and a track no statics."""
    memory = watched(3)
    body = msgspec.msgpack.decode(msgspec.msgpack.encode(memory))
    del body["track"]["statics"]
    body["recent"] = [heard[:10] for heard in body["recent"]]
    value = struct.pack(">qBq", memory.offset, 3, 5) + msgspec.msgpack.encode(body)
    assert unpack(ANGARA.id, value) == memory
    assert wake_of(ANGARA.id, value, World()) == 5


def test_a_version_from_before_her_own_reception_was_learned_is_read_as_it_is() -> None:
    memory = watched(3)
    body = msgspec.msgpack.decode(msgspec.msgpack.encode(memory))
    del body["track"]["habit"]
    value = struct.pack(">qBq", memory.offset, 5, 5) + msgspec.msgpack.encode(body)
    assert unpack(ANGARA.id, value) == memory


def test_a_world_from_before_silences_were_learned_is_read() -> None:
    watch = Watch()
    value = pack(watch.engine.world)
    body = msgspec.msgpack.decode(value[17:])
    assert body.pop("water")
    older = unpack(WORLD_KEY, value[:17] + msgspec.msgpack.encode(body))
    assert older == replace(watch.engine.world, covers=(), water=Water())


@pytest.mark.parametrize(("version", "reports"), [(1, 1), (2, 200)])
def test_versions_without_a_wake_are_read_and_asked_at_the_next_interval(version: int, reports: int) -> None:
    memory = watched(reports)
    value = struct.pack(">qB", memory.offset, version) + pack(memory, 5)[17:]
    assert unpack(ANGARA.id, value) == memory
    assert wake_of(ANGARA.id, value, World()) == 0


@pytest.mark.parametrize("wake", [None, 0, 1_706_918_400_000])
@pytest.mark.parametrize("reports", [1, 200])
def test_a_wake_is_told_by_the_header(reports: int, wake: int | None) -> None:
    value = pack(watched(reports), wake)
    assert wake_of(ANGARA.id, value[:17], World()) == wake


def test_a_wake_from_before_the_world_turned_is_not_believed() -> None:
    value = pack(Memory(offset=7), None)
    assert [wake_of(ANGARA.id, value, World(turned=turned)) for turned in (6, 7, 8)] == [None, None, 0]


@pytest.mark.parametrize("reports", [1, 200])
def test_a_memory_cut_short_is_refused_by_key(reports: int) -> None:
    value = pack(watched(reports))
    for length in range(0, len(value), max(1, len(value) // 50)):
        with pytest.raises(UnreadableMemoryError, match=ANGARA.id):
            unpack(ANGARA.id, value[:length])


def test_a_memory_of_another_shape_is_refused() -> None:
    with pytest.raises(UnreadableMemoryError, match=ANGARA.id):
        unpack(ANGARA.id, struct.pack(">qB", 7, 1) + b"\x93\x01\x02\x03")


def test_an_engine_over_stored_bytes_tells_and_goes_on_like_any_other() -> None:
    watch = Watch()
    watch.hears(angara)
    rows = {ANGARA.id: pack(watch.engine.memory(ANGARA.id)), WORLD_KEY: pack(watch.engine.world)}
    stored = StoredEngine(Engine(watch.contents, RULES))
    stored.load(rows.items())
    assert stored.resume_at == watch.engine.resume_at
    step = stored.apply(watch.offset + 1, angara.at("08:40").report(watch.origin))
    assert events(step.alerts) == []
    assert [(key, unpack(key, value)) for key, value in step.writes] == list(step.step.writes)
    stored.commit(step)
    assert stored.engine.memory(ANGARA.id).offset == watch.offset + 1


def test_an_engine_does_not_load_what_it_cannot_read() -> None:
    with pytest.raises(UnreadableMemoryError, match="imo-9179842"):
        StoredEngine(Engine({}, RULES)).load([(ANGARA.id, b"")])


def test_loading_decodes_nothing_and_a_damaged_memory_is_told_when_it_is_touched() -> None:
    stored = StoredEngine(Engine({}, RULES))
    stored.load([(ANGARA.id, pack(watched())[:40])])
    with pytest.raises(UnreadableMemoryError, match=ANGARA.id):
        stored.apply(99, angara.report(Origin("s", 99, 0)))


def test_a_memory_is_bytes_until_it_is_asked_for() -> None:
    value = pack(watched())
    memories = Memories([(ANGARA.id, value)])
    assert memories._values[ANGARA.id] is value
    assert memories[ANGARA.id] == watched()
    assert memories[ANGARA.id] is memories[ANGARA.id]
