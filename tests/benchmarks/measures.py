"""What each stage does in a second, alone on its topics; beside it the bound (bare aiokafka) and the peer (pyais)."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from prometheus_client import REGISTRY
from pyais import decode

from alerts.core.hull import Hull
from alerts.core.instants import MINUTE, SECOND
from alerts.core.intervals import IntervalClosed, Watched
from alerts.core.reports import Origin, Report
from alerts.core.thresholds import Thresholds
from alerts.routing.routes import Routes
from streams import feed as feed_stage
from streams.chain import Chain
from streams.codec import encode
from streams.config import Config
from streams.detect import app as detect_stage
from streams.ingest import loop as ingest_stage
from streams.nmea import FeedRules
from streams.recordings import Recording
from streams.settings import FeedSettings, Settings
from streams.topics import Topic, Topics
from streams.topics_admin import ensure_topics
from streams.versions import publish
from tests.benchmarks import traffic

HULLS = 500


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure; `against` names the measure that it is divided by, `reach` what it has to be."""

    name: str
    figure: float
    unit: str
    against: str = ""
    reach: float | None = None
    low_is_good: bool = False

    @property
    def verdict(self) -> str:
        if self.reach is None:
            return ""
        met = self.figure <= self.reach if self.low_is_good else self.figure >= self.reach
        return "" if met else "FALLS SHORT"


@dataclass(slots=True)
class Bench:
    """Where to measure, and with how many sentences."""

    kafka: str
    redis: str
    count: int
    done: list[Measure] = field(default_factory=list)
    lines: Topic | None = None

    def settings(self) -> Settings:
        """Topics of their own for each measure: one partition, so that one core is what is measured."""
        topics = Topics(f"b{secrets.token_hex(4)}", source_partitions=1, report_partitions=1)
        return Settings(kafka=self.kafka, redis=self.redis, topics=topics)


def watching(hulls: tuple[Hull, ...]) -> Config:
    return Config(hulls, (), Thresholds(), (), Routes((), ()))


async def pyais_alone(bench: Bench) -> list[Measure]:
    """The peer: every sentence decoded, nothing else done."""
    sentences = [traffic.position(n) for n in range(min(bench.count, 50_000))]
    began = time.perf_counter()
    for sentence in sentences:
        decode(sentence)
    return [Measure("pyais alone", len(sentences) / (time.perf_counter() - began), "sentences/s")]


async def getmany_lines(bench: Bench) -> list[Measure]:
    """The bound of feed: bare aiokafka, one line a record."""
    bench.lines = Topic(f"b{secrets.token_hex(4)}.lines", 1)
    await fill(bench.kafka, bench.lines, traffic.lines(bench.count))
    seconds, _ = await read_bare(bench.kafka, bench.lines)
    return [Measure("getmany, a line a record", bench.count / seconds, "sentences/s")]


async def feed(bench: Bench) -> list[Measure]:
    """Somebody's topic with a line a record, to whole sentences."""
    assert bench.lines, "measure `getmany lines` first"
    settings = bench.settings()
    running = feed_stage.run(settings, [FeedSettings(traffic.FEED, "kafka", topic=bench.lines.name)])
    rate = await rate_of(running, "hullwatch_feed_sentences_total", {"feed": traffic.FEED}, bench.count)
    return [
        Measure("feed", rate, "sentences/s", "getmany, a line a record", 50_000),
        Measure("feed ", rate, "sentences/s", "pyais alone"),
    ]


async def getmany(bench: Bench) -> list[Measure]:
    """The bound of ingest: bare aiokafka, our records."""
    topic = Topic(f"b{secrets.token_hex(4)}.records", 1)
    await fill(bench.kafka, topic, traffic.records(bench.count))
    seconds, _ = await read_bare(bench.kafka, topic)
    return [Measure("getmany, our records", bench.count / seconds, "sentences/s")]


async def ingest(bench: Bench) -> list[Measure]:
    """Our records to reports, ticks and reception, 1,000 hulls watched."""
    settings = bench.settings()
    await ensure_topics(settings.kafka, settings.topics)
    await publish(settings.kafka, settings.topics, watching(traffic.WATCHED))
    await fill(bench.kafka, settings.topics.sentences, traffic.records(bench.count))
    rate = await rate_of(
        ingest_stage.run(settings), "hullwatch_ingest_sentences_total", {"outcome": "accepted"}, bench.count
    )
    return [
        Measure("ingest", rate, "sentences/s", "getmany, our records", 50_000),
        Measure("ingest ", rate, "sentences/s", "pyais alone"),
    ]


async def detect(bench: Bench) -> list[Measure]:
    """Reports of watched hulls through Faust, table and changelog."""
    settings, count = bench.settings(), min(bench.count // 5, 60_000)
    await ensure_topics(settings.kafka, settings.topics)
    await fill(bench.kafka, settings.topics.reports, map(encode, reports(count)))
    rate = await rate_of(
        detect_stage.run(settings), "hullwatch_detect_records_total", {"kind": "Report"}, count, most_s=300
    )
    return [Measure("detect", rate, "reports/s", "", 5_000)]


def reports(count: int) -> Iterator[Watched | Report | IntervalClosed]:
    """Hulls that report every ten seconds, and the interval records between."""
    for hull in range(HULLS):
        yield Watched(f"h{hull}", Hull(f"h{hull}"))
    for n in range(count):
        at = traffic.BEGIN + n // HULLS * 10 * SECOND
        if n % HULLS == 0 and (at - traffic.BEGIN) % MINUTE == 0:
            yield IntervalClosed(Origin("clock", n, 0), at - at % MINUTE)
        where = 130.0 + n // HULLS / 3_600
        hull, origin = n % HULLS, Origin("s:0", n, 0)
        yield Report(f"h{hull}", "bench", "st", 2 + hull, 1, at, at, origin, 30.0 + hull / 100, where, 9.0, 90.0)


async def replay(bench: Bench) -> list[Measure]:
    """A file to alerts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "traffic.nmea")
        path.write_bytes(b"\n".join(traffic.lines(bench.count)))
        chain = Chain(watching(traffic.WATCHED))
        began = time.perf_counter()
        for _ in chain.run(Recording(FeedRules(traffic.FEED), [str(path)]).arrivals()):
            pass
        return [Measure("replay", bench.count / (time.perf_counter() - began), "sentences/s", "pyais alone")]


async def fill(kafka: str, topic: Topic, values: Iterable[bytes]) -> None:
    """Into the topic's partitions: with one, in their order."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=20, max_batch_size=262_144) as producer:
        for value in values:
            await producer.send(topic.name, value, partition=0)
        await producer.flush()


async def read_bare(kafka: str, topic: Topic) -> tuple[float, int]:
    """Seconds from the first record to the last, and how many."""
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=4 << 20, check_crcs=False
    ) as consumer:
        place = TopicPartition(topic.name, 0)
        consumer.assign([place])
        began = end = time.perf_counter()
        count, quiet = 0, 0
        while quiet < 5:
            fetched = (await consumer.getmany(timeout_ms=200)).get(place, ())
            quiet = 0 if fetched else quiet + 1
            count += len(fetched)
            end = time.perf_counter() if fetched else end
        return end - began, count


async def rate_of(
    stage: Coroutine[Any, Any, None], metric: str, labels: dict[str, str], count: int, most_s: float = 120.0
) -> float:
    """What a stage does in a second, from its first output to the last."""
    before = REGISTRY.get_sample_value(metric, labels) or 0.0
    async with running(stage) as task:
        began = first = None
        for _ in range(round(most_s / 0.05)):
            now, done = time.perf_counter(), (REGISTRY.get_sample_value(metric, labels) or 0.0) - before
            if done and began is None:
                began, first = now, done
            if done >= count:
                break
            if task.done():
                task.result()
            await asyncio.sleep(0.05)
        assert began is not None
        assert first is not None
        return (done - first) / (now - began)


@asynccontextmanager
async def running(stage: Coroutine[Any, Any, None]) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.ensure_future(stage)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
