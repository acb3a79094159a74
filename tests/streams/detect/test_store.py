"""The store behind the Faust table, without a broker."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faust.streams import _current_event
from faust.types import TP

from streams.detect import store as stores
from streams.detect.app import App, create_app
from streams.detect.engines import Engines
from streams.detect.kept import Kept, Span
from streams.detect.store import NotOwnedError, Store
from streams.detect.table import memories
from streams.topics import Topics
from tests.streams.detect.hands import DARK, rows_after

TOPICS = Topics("test")


async def never(version: str) -> object:
    raise AssertionError(version)


@pytest.fixture
def engines() -> Engines:
    return Engines({}, never)


@pytest.fixture
async def app(engines: Engines, tmp_path: Path) -> App:
    return create_app("127.0.0.1:1", TOPICS, engines, tmp_path, 1)


@pytest.fixture
async def store(app: App, engines: Engines) -> Store:
    table = memories(app, TOPICS, "127.0.0.1:1", engines)
    assert isinstance(table.data, Store)
    return table.data


@dataclass
class Message:
    partition: int
    topic: str = "test.reports"


class Event:
    """The event at hand, as Faust's stream sets it."""

    def __init__(self, partition: int) -> None:
        self.message = Message(partition)


@contextmanager
def at_hand(partition: int) -> Iterator[None]:
    event = Event(partition)
    token = _current_event.set(lambda: event)  # type: ignore[arg-type]
    try:
        yield
    finally:
        _current_event.reset(token)


def test_a_partition_is_served_from_its_own_rows(store: Store) -> None:
    store.kept = {0: Kept({b"angara": b"0"}), 1: Kept({b"angara": b"1"})}
    with at_hand(1):
        assert store[b"angara"] == b"1"
        store[b"maia"] = b"m"
    assert store.kept[1].rows == {b"angara": b"1", b"maia": b"m"}
    assert store.kept[0].rows == {b"angara": b"0"}


def test_a_partition_that_is_not_loaded_is_refused(store: Store) -> None:
    store.kept = {0: Kept({b"angara": b"0"})}
    with at_hand(2), pytest.raises(NotOwnedError, match=r"test\.reports/2"):
        store[b"angara"]


def test_the_table_is_compacted_and_lies_beside_its_source(app: App) -> None:
    table = memories(app, TOPICS, "127.0.0.1:1", app.engines)
    assert table.changelog_topic_name == TOPICS.changelog.name
    assert table.changelog_topic.partitions == TOPICS.reports.partitions
    assert table.changelog_topic.compacting
    assert table.changelog_topic.config.items() >= TOPICS.changelog.settings.items()


def test_fausts_own_views_are_off(app: App) -> None:
    assert not app.conf.web_enabled


async def test_a_load_that_a_newer_rebalance_overtook_changes_nothing(
    store: Store, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overtaken(*_: Any) -> dict[int, Span]:
        store._generation = 8
        return {0: Span(2, rows_after(*DARK))}

    monkeypatch.setattr(stores, "read_spans", overtaken)
    store._generation = 7
    await store._catch_up({0}, 7)
    assert (store.kept, engines.of(0)) == ({}, None)


async def test_an_error_while_loading_stops_the_worker(store: Store, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async def damaged(*_: Any) -> dict[int, Span]:
        return {0: Span(1, {b"angara": b"\x00" * 8 + b"\x63junk"})}

    monkeypatch.setattr(stores, "read_spans", damaged)

    @dataclass(frozen=True)
    class Assigned:
        partition: int

    await store.on_recovery_completed({Assigned(0)}, set())
    assert app.crashed
    assert "expected version 1 to 8, got 99" in str(app.crash_reason)


async def test_a_write_that_kafka_does_not_take_stops_the_worker(
    store: Store, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(store.table.changelog_topic, "send_soon", lambda **_: sent)
    store.table.send_changelog(0, b"angara", b"memory")
    sent.set_exception(TimeoutError("not acknowledged"))
    await asyncio.sleep(0.01)
    assert app.crashed
    assert isinstance(app.crash_reason, TimeoutError)


# rebalances


class Assignor:
    """What the group has given us."""

    def __init__(self, *partitions: int) -> None:
        self._partitions = partitions

    def assigned_actives(self) -> set[TP]:
        return {TP(TOPICS.changelog.name, partition) for partition in self._partitions}


async def test_a_partition_that_moved_away_is_dropped_whatever_faust_calls_new(
    store: Store, app: App, engines: Engines
) -> None:
    for partition in (0, 1):
        store.kept[partition] = Kept(rows_after(*DARK))
        engines.own(partition, store.kept[partition].rows)
    app.assignor = Assignor(1)  # type: ignore[assignment]
    await store.on_rebalance(set(), set(), set(), 5)
    assert (list(store.kept), engines.of(0) is None, engines.of(1) is None) == ([1], True, False)


async def test_fausts_recovery_never_fetches_so_it_cannot_race(store: Store, app: App) -> None:
    recovery, changelog = app.tables.recovery, TP(TOPICS.changelog.name, 0)
    recovery.active_tps = {changelog}
    recovery.active_highwaters[changelog], recovery.active_offsets[changelog] = 10, 3
    assert recovery.need_recovery(), "Faust would fetch: then a fetch in flight may be dropped, and it hangs or skips"
    app.assignor = Assignor(0)  # type: ignore[assignment]
    await store.on_rebalance(set(), set(), set(), 5)
    assert not recovery.need_recovery()


# foreign hands


async def test_a_hole_in_the_changelog_is_read_and_what_is_old_in_it_is_written_over(
    store: Store, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_after(*DARK)
    store.kept = {0: Kept(dict(rows), position=10)}
    engines.own(0, rows)
    old, asked, written = rows_after(*DARK[:1]), [], []

    async def read(kafka: str, topic: str, starts: dict[int, int]) -> dict[int, Span]:
        asked.append(starts)
        span = Span(12)
        span.add(b"angara", old[b"angara"])
        return {0: span}

    monkeypatch.setattr(stores, "read_spans", read)
    monkeypatch.setattr(stores, "MEND_AFTER_S", 0.0)
    monkeypatch.setattr(store.table, "send_changelog", lambda *record: written.append(record))
    store.set_persisted_offset(TP(TOPICS.changelog.name, 0), 11)
    await asyncio.sleep(0.05)
    assert asked == [{0: 10}]
    assert written == [(0, b"angara", rows[b"angara"])]
    assert store.kept[0].position == 12


async def test_at_a_start_it_is_not_waited_for_as_faust_does(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs a broker is told here only that it is called."""
    called: list[str] = []

    async def channels() -> None:
        called.append("channels")

    async def recovery() -> None:
        called.append("recovery")

    tables: Any = app.tables
    monkeypatch.setattr(tables, "_update_channels", channels)
    monkeypatch.setattr(tables.recovery, "start", recovery)
    async with asyncio.timeout(0.5):
        await tables.on_start()
    assert called == ["channels", "recovery"]
