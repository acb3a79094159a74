"""How the loop that ingest and clock share reads its partitions on a real broker."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import pytest

from alerts.core.instants import Instant
from streams.exact_loop import ExactLoop, Owned, Rows
from streams.settings import Settings
from streams.topics_admin import ensure_topics
from tests.integration.logs import write

EACH = 6_000
"""Records of a partition: far more than the loop asks for at a time."""


class Counting:
    """Counts the records of each partition; notes how far they lie apart, and who is quiet too early."""

    name = "counting"

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.furthest_ahead, self.quiet_early = 0, set[str]()
        self.over = asyncio.Event()

    def first(self) -> int:
        return 0

    def dump(self, state: int) -> bytes:
        return b"%d" % state

    def load(self, data: bytes) -> int:
        return int(data)

    def reached(self, state: int) -> Instant:
        return state

    def may_apply(self, source: str, state: int) -> bool:
        return True

    async def apply(self, source: str, state: int, rows: Rows) -> tuple[int, int]:
        await asyncio.sleep(0.001)  # as if it wrote
        self.taken[source] = state + len(rows)
        return self.taken[source], len(rows)

    async def pause(self, owned: Mapping[int, Owned[int]]) -> None:
        counts = [one.state for one in owned.values()]
        if all(counts):
            self.furthest_ahead = max(self.furthest_ahead, max(counts) - min(counts))
        quiet = [one for one in owned.values() if one.quiet_since_s is not None]
        self.quiet_early |= {one.source for one in quiet if one.state < EACH}
        if len(quiet) == len(counts) and min(counts, default=0) == EACH:
            self.over.set()


@pytest.mark.timeout(120)
async def test_partitions_of_a_backlog_are_read_side_by_side(settings: Settings) -> None:
    await ensure_topics(settings.kafka, settings.topics)
    topic, work = settings.topics.sentences, Counting()
    await write(settings, topic, [[b"x" * 200] * EACH] * topic.partitions)
    reading = asyncio.create_task(ExactLoop(settings, topic, work).run())
    try:
        async with asyncio.timeout(60):
            await work.over.wait()
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
    assert not work.quiet_early, "it seemed to be read to its end"
    assert work.furthest_ahead <= EACH / 2
    assert list(work.taken.values()) == [EACH] * topic.partitions
