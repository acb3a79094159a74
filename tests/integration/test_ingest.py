"""The ingest stage on a real broker: killed, stopped, shared, and what it writes is what an undisturbed one writes."""

import asyncio
import itertools
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from alerts.core.instants import DAY
from alerts.core.intervals import IntervalClosed, Tick
from alerts.core.reports import Origin, Report
from streams.codec import encode
from streams.config import load_config
from streams.feed_records import batches
from streams.ingest import lead
from streams.ingest.lead import AT_ONCE, MOST_AHEAD
from streams.ingest.loop import run
from streams.ingest.pipeline import Outputs, State, step
from streams.ingest.watch_index import WatchIndex
from streams.metrics import READY
from streams.nmea import FeedRules, LineReader
from streams.scenario import SCENES, lines
from streams.sentences import Sentence, SentenceBatch, encode_batch
from streams.settings import ConfigError, Settings
from streams.topics_admin import generation
from streams.versions import publish
from tests.integration.feeds import process
from tests.integration.logs import by_source, once, records_of, write

Log = list[list[bytes]]


def sentences(settings: Settings, count: int = 30_000) -> Log:
    """The records of `ais.sentences` that a feed makes of the Angara's story."""
    reader = LineReader(FeedRules("north"))
    rows = [row.rstrip(b"\n") for row in itertools.islice(lines("angara"), count)]
    outputs = [*reader.read(rows), *reader.finish()]
    cut = batches(outputs, "north", settings.topics.sentences.partitions)
    return [[value for part in parts for value in part] for parts in cut]


async def undisturbed(settings: Settings, log: Log) -> dict[str, Outputs]:
    """What one run over each partition says, by source."""
    topic = settings.topics.sentences.name
    word = await generation(settings.kafka, topic)
    watch = WatchIndex.of(load_config(settings.config_dir).watchlist)
    sources = [f"{topic}:{word}:{number}" for number in range(len(log))]
    return {s: step(State(), list(enumerate(v)), s, watch)[1] for s, v in zip(sources, log, strict=True)}


def share(log: Log, begin: float, end: float) -> Log:
    return [values[int(len(values) * begin) : int(len(values) * end)] for values in log]


async def apply(settings: Settings) -> None:
    await publish(settings.kafka, settings.topics, load_config(settings.config_dir))


def reports(log: list[list[Any]]) -> list[Report]:
    """Of all partitions, without repeats, in the order of their origins."""
    said = [by_source(record for record in records if isinstance(record, Report)) for records in log]
    return sorted((report for rows in said for one in rows.values() for report in one), key=lambda r: r.origin)


def told(log: list[list[Any]]) -> list[Any]:
    """The clock's records that ingest makes of its log alone."""
    return [r for r in log[0] if r.origin.source != "apply" and not (isinstance(r, Tick) and r.read_to_end)]


@asynccontextmanager
async def ingesting(
    settings: Settings, say_every_s: float = 30.0, clock_stands_after_s: float = 0.2
) -> AsyncIterator["asyncio.Task[None]"]:
    """No clock runs here, so it is not waited for, unless it is said."""
    stage = asyncio.create_task(run(settings, say_every_s, clock_stands_after_s))
    try:
        yield stage
    finally:
        stage.cancel()
        with suppress(asyncio.CancelledError, ConfigError):
            await stage


async def assert_undisturbed(settings: Settings, log: Log) -> None:
    expected = await undisturbed(settings, log)
    clock = {source: list(outputs.clock) for source, outputs in expected.items()}
    written = await once(settings, settings.topics.clock, lambda now: by_source(told(now)) == clock)
    assert by_source(told(written)) == clock
    wanted = [report for _, outputs in sorted(expected.items()) for report in outputs.reports]
    assert len(wanted) > 100
    assert reports(await records_of(settings, settings.topics.reports)) == wanted


@pytest.mark.timeout(180)
async def test_writes_what_an_undisturbed_one_writes_whatever_dies(settings: Settings) -> None:
    await apply(settings)
    log = sentences(settings)
    ticking = await process(settings, "clock")  # ingest runs no further ahead than it has closed
    for number, death in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)):
        stage = await process(settings, "ingest")
        before = len(told(await records_of(settings, settings.topics.clock)))
        await write(settings, settings.topics.sentences, share(log, number / 4, (number + 1) / 4))
        await once(settings, settings.topics.clock, lambda now, least=before: len(told(now)) > least + 200)
        stage.send_signal(death)
        assert await stage.wait() == (0 if death is signal.SIGTERM else -death)
    stage = await process(settings, "ingest")
    await write(settings, settings.topics.sentences, share(log, 3 / 4, 1))
    await assert_undisturbed(settings, log)
    stage.send_signal(signal.SIGTERM)
    assert await stage.wait() == 0
    ticking.send_signal(signal.SIGTERM)
    assert await ticking.wait() == 0


async def test_one_that_takes_over_knows_how_far_the_last_one_was_ahead_of_the_clock(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each would bring a memory as many reports again as it may be ahead; 256 are all that it holds."""
    monkeypatch.setattr(lead, "MOST_AHEAD_MS", DAY)
    await apply(settings)
    begun = IntervalClosed(Origin("clock:g:0", 0, 0), SCENES[0].begin)
    await write(settings, settings.topics.reports, [[encode(begun)]] * settings.topics.reports.partitions)
    await write(settings, settings.topics.sentences, sentences(settings))

    def most_of_a_hull(log: list[list[Any]]) -> int:
        return max(Counter(report.hull for report in reports(log)).values(), default=0)

    READY.set(0)
    for _ in range(3):
        async with ingesting(settings, clock_stands_after_s=600.0):
            await once(settings, settings.topics.reports, lambda log: most_of_a_hull(log) > MOST_AHEAD)
            while not READY._value.get():
                await asyncio.sleep(0.05)
            await asyncio.sleep(1.5)
        READY.set(0)
    assert most_of_a_hull(await records_of(settings, settings.topics.reports)) <= MOST_AHEAD + AT_ONCE


async def test_two_share_the_partitions_and_one_takes_over(settings: Settings) -> None:
    await apply(settings)
    log = sentences(settings)
    async with ingesting(settings):
        await write(settings, settings.topics.sentences, share(log, 0, 0.3))
        await once(settings, settings.topics.clock, lambda now: len(told(now)) > 100)
        async with ingesting(settings):
            await write(settings, settings.topics.sentences, share(log, 0.3, 0.6))
            await asyncio.sleep(3)
        await write(settings, settings.topics.sentences, share(log, 0.6, 1))
        await assert_undisturbed(settings, log)


async def test_waits_for_a_watchlist(settings: Settings) -> None:
    log = sentences(settings, 2_000)
    async with ingesting(settings):
        await write(settings, settings.topics.sentences, log)
        await asyncio.sleep(2)
        assert not any(await records_of(settings, settings.topics.clock))
        await apply(settings)
        await once(settings, settings.topics.clock, lambda now: len(told(now)) > 10)


async def test_says_again_that_it_has_read_everything(settings: Settings) -> None:
    await apply(settings)
    async with ingesting(settings, say_every_s=1.0):
        await write(settings, settings.topics.sentences, sentences(settings, 2_000))

        def said_twice(log: list[list[Any]]) -> bool:
            said = [r.origin for r in log[0] if isinstance(r, Tick) and r.read_to_end]
            return len(set(said)) >= 2 * settings.topics.sentences.partitions

        (log,) = await once(settings, settings.topics.clock, said_twice)
    last = {r.origin.source: r for r in log if isinstance(r, Tick) and not r.read_to_end}
    again = [r for r in log if isinstance(r, Tick) and r.read_to_end]
    assert all((r.prompt, r.newest) == (last[r.origin.source].prompt, last[r.origin.source].newest) for r in again)
    assert all(r.origin > last[r.origin.source].origin for r in again), "the clock would skip them as repeats"


async def test_what_cannot_be_used_is_a_dead_letter_with_its_reason(settings: Settings) -> None:
    await apply(settings)
    spoilt = SentenceBatch("north", (Sentence(b"!AIVDM,1,1,,B,16TNIe@01i9?GE6CpSDQK181QoTm,0*00", "st", 1, 1),))
    await write(settings, settings.topics.sentences, [[b"not a record", encode_batch(spoilt)]])
    async with (
        ingesting(settings),
        AIOKafkaConsumer(
            settings.topics.rejects.name, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
        ) as consumer,
    ):
        letters = [await asyncio.wait_for(consumer.getone(), 30) for _ in range(2)]
    headers = {letter.value: dict(letter.headers) for letter in letters}
    assert headers[b"not a record"]["reason"] == b"record"
    assert headers[spoilt.sentences[0].text]["reason"] == b"checksum"
    assert headers[spoilt.sentences[0].text]["source"].endswith(b":0:1:0")


async def test_sentences_made_anew_are_refused(settings: Settings) -> None:
    await apply(settings)
    async with ingesting(settings):
        await write(settings, settings.topics.sentences, sentences(settings, 2_000))
        await once(settings, settings.topics.clock, lambda now: len(told(now)) > 10)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    await admin.delete_topics([settings.topics.sentences.name])
    while settings.topics.sentences.name in await admin.list_topics():
        await asyncio.sleep(0.1)
    await admin.close()
    with pytest.raises(ConfigError, match="made anew; take a new prefix"):
        await asyncio.wait_for(run(settings), 30)
