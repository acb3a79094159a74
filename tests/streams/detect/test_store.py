"""The store behind the Faust table, without a broker."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faust.streams import _current_event

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
    assert "expected version 1 to 4, got 99" in str(app.crash_reason)


async def test_a_write_that_kafka_does_not_take_stops_the_worker(store: Store, app: App) -> None:
    sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    sent.set_exception(TimeoutError("not acknowledged"))
    store.table._crash_if_lost(sent)
    await asyncio.sleep(0.01)
    assert app.crashed
    assert isinstance(app.crash_reason, TimeoutError)
