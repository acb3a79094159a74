"""What the suite changes in a stage from outside: named places at which it dies, its cures, its time-outs.

A place that is no longer there is an error: a kill that hits nothing proves nothing.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from streams import exact_loop, topics
from streams.detect import agent, app, engines, fetch_guard, kept, publish, table
from streams.ordered import Ordered, Row
from tests.crash.stage import Changes

BEFORE_MEMORY = "alert acknowledged, memory not written"
AFTER_SNAPSHOT = "written, in no snapshot yet"
BETWEEN_PARTITIONS = "written to one partition, not to all"


def make(name: str, changes: Changes) -> None:
    """Changes this process, which is about to run the stage `name`."""
    if changes.session_s is not None:
        _session(changes.session_s)
    if changes.save_every_s is not None:
        _set(exact_loop, "SAVE_EVERY_S", changes.save_every_s)
    topics._CHANGELOG.update(changes.changelog)
    if changes.strike:
        _PLACES[changes.strike](_Blow(changes))
    if not changes.cures:
        without_cures()


@contextmanager
def changelog(settings: Mapping[str, str]) -> Iterator[None]:
    """In this process, which makes the topics."""
    before = dict(topics._CHANGELOG)
    topics._CHANGELOG.update(settings)
    try:
        yield
    finally:
        topics._CHANGELOG.update(before)


def _session(session_s: float) -> None:
    _set(app, "SESSION_S", session_s)
    _set(app, "HEARTBEAT_S", session_s / 5)
    _set(exact_loop, "SESSION_MS", round(session_s * 1000))
    _set(exact_loop, "HEARTBEAT_MS", round(session_s * 200))


def _set(owner: Any, name: str, value: Any) -> None:
    """As setattr, for what is there."""
    getattr(owner, name)
    setattr(owner, name, value)


class _Blow:
    """kill -9 when one place is reached for the n-th time."""

    def __init__(self, changes: Changes) -> None:
        self._changes, self._left = changes, changes.after

    def falls(self) -> None:
        self._left -= 1
        if self._left <= 0:
            with self._changes.struck.open("a") as struck:
                struck.write(self._changes.strike + "\n")
            os.kill(os.getpid(), signal.SIGKILL)


def _before_memory(blow: _Blow) -> None:
    write = agent.Detective._write

    def struck(self: agent.Detective, step: Any) -> None:
        if step.alerts:
            blow.falls()
        write(self, step)

    agent.Detective._write = struck  # type: ignore[method-assign]


def _after_snapshot(blow: _Blow) -> None:
    """Counted from the first snapshot of this process on."""
    save, work_off = exact_loop.ExactLoop._save, exact_loop.ExactLoop._work_off
    saved: set[int] = set()

    async def kept_(self: Any, number: int, owned: Any) -> None:
        await save(self, number, owned)
        saved.add(number)

    async def struck(self: Any) -> None:
        before = {number: owned.next for number, owned in self._owned.items()}
        await work_off(self)
        if any(owned.next not in (owned.saved, before[n]) for n, owned in self._owned.items() if n in saved):
            blow.falls()

    exact_loop.ExactLoop._save = kept_  # type: ignore[method-assign]
    exact_loop.ExactLoop._work_off = struck  # type: ignore[method-assign]


def _between_partitions(blow: _Blow) -> None:
    """One partition after the other, so that there is a between; every process begins with another one."""

    async def write(self: Ordered, topic: str, rows: Mapping[int, Sequence[Row]]) -> None:
        some = [(number, of) for number, of in rows.items() if of]
        begin = os.getpid() % max(1, len(some))
        for n, (number, of) in enumerate(some[begin:] + some[:begin]):
            if n == 1:
                blow.falls()
            await self._partition(topic, number, of)

    _set(Ordered, "write", write)


_PLACES: Mapping[str, Callable[[_Blow], None]] = {
    BEFORE_MEMORY: _before_memory,
    AFTER_SNAPSHOT: _after_snapshot,
    BETWEEN_PARTITIONS: _between_partitions,
}


def without_cures() -> None:
    """As Faust would do it, with the rule of offsets all the same: its other traps lose by it."""
    _set(kept.Span, "add", _last_one_counts)
    _set(kept.Kept, "acknowledged", lambda self, offset: False)
    _set(fetch_guard.FetchGuard, "fetch", _unguarded)
    _set(fetch_guard.FetchGuard, "seek", _unguarded)
    _set(engines.Engines, "arrived", lambda self, partition, offset: None)
    _set(engines.Engines, "resume_at", lambda self, partition, committed, begin, end: None)
    _set(table.Table, "_crash_if_lost", lambda self, sent: None)
    _set(publish.Publisher, "publish", _unacknowledged)


def _last_one_counts(self: kept.Span, key: bytes, value: bytes | None) -> None:
    if value is not None:
        self.best[key] = value


async def _unguarded(self: Any, work: Callable[[], Any]) -> Any:
    return await work()


async def _unacknowledged(self: Any, alerts: Any) -> None:
    publisher = self

    async def later() -> None:
        await asyncio.sleep(0.5)
        await _publish(publisher, alerts)

    _late.add(asyncio.ensure_future(later()))


_publish = publish.Publisher.publish
_late: set[Any] = set()
