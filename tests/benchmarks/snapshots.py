"""What keeping 200,000 ships costs ingest: its snapshots, beside the traffic that it reads between two of them."""

import time
from collections.abc import Iterator

from alerts.core.instants import MINUTE, SECOND
from streams.exact_loop import SAVE_EVERY_S
from streams.ingest.pipeline import State, dump, load, step
from streams.ingest.sailing import SHIP
from streams.ingest.watch_index import WatchIndex
from streams.sentences import Sentence, SentenceBatch, TimeRecord, encode_batch, encode_time
from streams.snapshots import Snapshot, Snapshots
from streams.topics_admin import ensure_topics
from tests.benchmarks import traffic
from tests.benchmarks.measures import Bench, Measure

SHIPS, PARTITIONS, TIMES = 200_000, 4, 3


async def snapshots(bench: Bench) -> list[Measure]:
    """The share of a core that is spent on snapshots, one every ten seconds of each of four partitions."""
    settings = bench.settings()
    await ensure_topics(settings.kafka, settings.topics)
    states = [heard(number) for number in range(PARTITIONS)]
    known = sum(len(state.traffic.ships) // SHIP.itemsize for state in states)
    size = sum(len(dump(state)) for state in states)
    async with Snapshots(settings.kafka, settings.topics) as kept:
        began = time.process_time()
        for number, state in enumerate(states):
            snapshot = Snapshot("ais.sentences:17f46e1a214748c8b852376b37465c32:0", 1, dump(state))
            await kept.save(f"ingest/{number}", snapshot.dump())
        spent_s = time.process_time() - began
    told = f"snapshots of {known:,} ships, {size / 1e6:.1f} MB, share of ingest"
    return [
        Measure(told, 100 * spent_s / SAVE_EVERY_S, "%", "", 3.0, low_is_good=True),
        Measure("taking them over", took_over_s(states), "s", low_is_good=True),
    ]


def heard(number: int) -> State:
    """A partition on which every ship of its own was heard three times in a minute."""
    state, watch = State(), WatchIndex.of(())
    for offset, value in enumerate(records(number)):
        state, _ = step(state, [(offset, value)], f"s:{number}", watch)
    return state


def records(number: int) -> Iterator[bytes]:
    ships = SHIPS // PARTITIONS
    yield encode_time(TimeRecord(traffic.FEED, traffic.BEGIN - MINUTE))
    for k in range(TIMES):
        for first in range(0, ships, 500):
            yield batch(number, k, first)
    yield encode_time(TimeRecord(traffic.FEED, traffic.BEGIN + TIMES * 20 * SECOND))


def batch(number: int, k: int, first: int) -> bytes:
    """500 ships, one after the other; each says where she is every twenty seconds."""
    rows = []
    for n in range(first, first + 500):
        at = traffic.BEGIN + k * 20 * SECOND + n * 20 * SECOND * PARTITIONS // SHIPS
        rows.append(Sentence(traffic.at_sea(n * PARTITIONS + number, k), f"station-{n % 40}", at, at + SECOND))
    return encode_batch(SentenceBatch(traffic.FEED, tuple(rows)))


def took_over_s(states: list[State]) -> float:
    stored = [dump(state) for state in states]
    began = time.process_time()
    for data in stored:
        load(data)
    return time.process_time() - began
