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
from streams.log_ends import log_ends
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
    """One figure; `against` names the measure that it is divided by, `reach` what it has to be.

    A rate is what one second of a core brings: the count by the CPU time of this process, all threads.  `wall` is the
    same by the clock on the wall, which also waits for the broker and for whoever else is at work.
    """

    name: str
    figure: float
    unit: str
    against: str = ""
    reach: float | None = None
    low_is_good: bool = False
    wall: float | None = None

    @property
    def verdict(self) -> str:
        if self.reach is None:
            return ""
        met = self.figure <= self.reach if self.low_is_good else self.figure >= self.reach
        return "" if met else "FALLS SHORT"


@dataclass(frozen=True, slots=True)
class Watch:
    """Started now: what has gone by since, of CPU time and on the wall."""

    cpu_s: float = field(default_factory=time.process_time)
    wall_s: float = field(default_factory=time.perf_counter)

    def rates(self, count: float) -> tuple[float, float]:
        """So much done: a second of a core, and on the wall."""
        return count / (time.process_time() - self.cpu_s), count / (time.perf_counter() - self.wall_s)


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
    watch = Watch()
    for sentence in sentences:
        decode(sentence)
    rate, wall = watch.rates(len(sentences))
    return [Measure("pyais alone", rate, "sentences/s", wall=wall)]


async def getmany_lines(bench: Bench) -> list[Measure]:
    """The bound of feed: bare aiokafka, one line a record."""
    bench.lines = Topic(f"b{secrets.token_hex(4)}.lines", 1)
    await fill(bench.kafka, bench.lines, traffic.lines(bench.count))
    rate, wall = await read_bare(bench.kafka, bench.lines, bench.count)
    return [Measure("getmany, a line a record", rate, "sentences/s", wall=wall)]


async def feed(bench: Bench) -> list[Measure]:
    """Somebody's topic with a line a record, to whole sentences."""
    assert bench.lines, "measure `getmany lines` first"
    settings = bench.settings()
    running = feed_stage.run(settings, [FeedSettings(traffic.FEED, "kafka", topic=bench.lines.name)])
    rate, wall = await rate_of(running, "hullwatch_feed_sentences_total", {"feed": traffic.FEED}, bench.count)
    return [
        Measure("feed", rate, "sentences/s", "getmany, a line a record", 50_000, wall=wall),
        Measure("feed ", rate, "sentences/s", "pyais alone"),
    ]


async def getmany(bench: Bench) -> list[Measure]:
    """The bound of ingest: bare aiokafka, our records."""
    topic = Topic(f"b{secrets.token_hex(4)}.records", 1)
    await fill(bench.kafka, topic, traffic.records(bench.count))
    rate, wall = await read_bare(bench.kafka, topic, bench.count)
    return [Measure("getmany, our records", rate, "sentences/s", wall=wall)]


async def ingest(bench: Bench) -> list[Measure]:
    """Our records to reports, ticks and reception, 1,000 hulls watched."""
    settings = bench.settings()
    await ensure_topics(settings.kafka, settings.topics)
    await publish(settings.kafka, settings.topics, watching(traffic.WATCHED))
    await fill(bench.kafka, settings.topics.sentences, traffic.records(bench.count))
    rate, wall = await rate_of(
        ingest_stage.run(settings), "hullwatch_ingest_sentences_total", {"outcome": "accepted"}, bench.count
    )
    return [
        Measure("ingest", rate, "sentences/s", "getmany, our records", 400_000, wall=wall),
        Measure("ingest ", rate, "sentences/s", "pyais alone"),
    ]


async def detect(bench: Bench) -> list[Measure]:
    """Reports of watched hulls through Faust, table and changelog."""
    settings, count = bench.settings(), min(bench.count // 5, 60_000)
    await ensure_topics(settings.kafka, settings.topics)
    await fill(bench.kafka, settings.topics.reports, map(encode, reports(count)))
    rate, wall = await rate_of(
        detect_stage.run(settings), "hullwatch_detect_records_total", {"kind": "Report"}, count, most_s=300
    )
    return [Measure("detect", rate, "reports/s", "", 5_000, wall=wall)]


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
    """A file to alerts: a busy network, and an archive of which seventeen lines are a minute."""
    thin = min(bench.count, 50_000)
    return [
        replayed("replay", traffic.lines(bench.count), bench.count, None),
        replayed("replay, 17 lines a minute", traffic.thin_lines(thin), thin, 100_000),
    ]


def replayed(name: str, lines: Iterable[bytes], count: int, reach: float | None) -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "traffic.nmea")
        path.write_bytes(b"\n".join(lines))
        chain = Chain(watching(traffic.WATCHED))
        watch = Watch()
        for _ in chain.run(Recording(FeedRules(traffic.FEED), [str(path)]).arrivals()):
            pass
        rate, wall = watch.rates(count)
        return Measure(name, rate, "sentences/s", "pyais alone", reach, wall=wall)


async def fill(kafka: str, topic: Topic, values: Iterable[bytes]) -> None:
    """Into the topic's partitions: with one, in their order."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=20, max_batch_size=262_144) as producer:
        for value in values:
            await producer.send(topic.name, value, partition=0)
        await producer.flush()


async def read_bare(kafka: str, topic: Topic, count: int) -> tuple[float, float]:
    """What bare aiokafka does in a second, of a topic in which so many sentences lie."""
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=4 << 20, check_crcs=False
    ) as consumer:
        place = TopicPartition(topic.name, 0)
        end = (await log_ends(kafka, [place]))[place]
        consumer.assign([place])
        watch = Watch()
        while await consumer.position(place) < end:
            await consumer.getmany(timeout_ms=200)
        return watch.rates(count)


async def rate_of(
    stage: Coroutine[Any, Any, None], metric: str, labels: dict[str, str], count: int, most_s: float = 120.0
) -> tuple[float, float]:
    """What a stage does in a second, from its first output to the last; raises TimeoutError."""
    before = REGISTRY.get_sample_value(metric, labels) or 0.0
    async with running(stage) as task, asyncio.timeout(most_s):
        while not (first := (REGISTRY.get_sample_value(metric, labels) or 0.0) - before):
            await _looked(task)
        watch, done = Watch(), first
        while done < count:
            await _looked(task)
            done = (REGISTRY.get_sample_value(metric, labels) or 0.0) - before
        return watch.rates(done - first)


async def _looked(task: "asyncio.Task[None]") -> None:
    """A look at the metrics costs 0.3 ms; raises what the stage ended with."""
    if task.done():
        task.result()
    await asyncio.sleep(0.05)


@asynccontextmanager
async def running(stage: Coroutine[Any, Any, None]) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.ensure_future(stage)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
