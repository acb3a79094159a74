"""From a fix in Kafka to the alert on the page's stream, while 5,000 sentences a second go by."""

import asyncio
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from aiokafka import AIOKafkaProducer
from httpx_sse import aconnect_sse
from pyais import encode_dict

from alerts.core.instants import MINUTE, SECOND
from streams.demo.stages import running
from streams.embedded import free_port
from streams.sentences import Sentence, SentenceBatch, TimeRecord, encode_batch, encode_time
from streams.settings import DEFAULT_FOLDER, Settings, load_config
from streams.topics_admin import ensure_topics
from streams.versions import publish
from tests.benchmarks import traffic
from tests.benchmarks.measures import Bench, Measure

A_SECOND = 5_000
SAMPLES = 150
EVERY_S = 0.2
FIRST = 538_000_000
ZONE = (34.0, 129.5)


async def latency(bench: Bench) -> list[Measure]:
    """Ships are first seen inside a zone, one every 200 ms; from the fix's acknowledgement to the event's arrival."""
    with tempfile.TemporaryDirectory() as folder:
        settings = await _configured(bench, Path(folder) / "config")
        async with _chain(settings, Path(folder)) as (address, token):
            sent, seen = await _measured(settings, address, token)
    took = sorted(seen[hull] - sent[hull] for hull in sent if hull in seen)
    if len(took) < SAMPLES:
        raise RuntimeError(f"{SAMPLES - len(took)} of {SAMPLES} alerts did not arrive")
    return [
        Measure("fix in Kafka to alert on SSE, median", took[len(took) // 2], "s", "", None, low_is_good=True),
        Measure("fix in Kafka to alert on SSE, p99", took[int(len(took) * 0.99)], "s", "", 0.5, low_is_good=True),
    ]


async def _configured(bench: Bench, folder: Path) -> Settings:
    shutil.copytree(DEFAULT_FOLDER, folder)
    rows = [f"mmsi-{FIRST + n},{FIRST + n}" for n in range(1_000)]
    (folder / "watchlist.csv").write_text("\n".join(["id,mmsi", *rows]) + "\n")
    topics = bench.settings().topics
    settings = Settings(bench.kafka, bench.redis, folder, topics)
    await ensure_topics(settings.kafka, topics)
    await publish(settings.kafka, topics, load_config(folder))
    return settings


@asynccontextmanager
async def _chain(settings: Settings, folder: Path) -> AsyncIterator[tuple[str, str]]:
    token, port = secrets.token_urlsafe(16), free_port()
    environ = {
        "HULLWATCH_KAFKA": settings.kafka,
        "HULLWATCH_REDIS": settings.redis,
        "HULLWATCH_CONFIG": str(settings.config_dir),
        "HULLWATCH_PREFIX": settings.topics.prefix,
        "HULLWATCH_SOURCE_PARTITIONS": str(settings.topics.source_partitions),
        "HULLWATCH_REPORT_PARTITIONS": str(settings.topics.report_partitions),
        "HULLWATCH_DASHBOARD_TOKEN": token,
    }
    names = {"ingest": (), "clock": (), "detect": (), "dashboard": ("--port", str(port))}
    async with running(names, environ, folder):
        yield f"http://127.0.0.1:{port}", token


async def _measured(settings: Settings, address: str, token: str) -> tuple[dict[str, float], dict[str, float]]:
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        listening = asyncio.create_task(_listen(address, token, seen))
        noise = asyncio.create_task(_noise(producer, settings))
        await asyncio.sleep(3)
        for n in range(SAMPLES):
            await _fix(producer, settings, FIRST + n, sent)
            await asyncio.sleep(EVERY_S)
        await asyncio.sleep(3)
        for task in (noise, listening):
            task.cancel()
        await asyncio.gather(noise, listening, return_exceptions=True)
    return sent, seen


async def _noise(producer: AIOKafkaProducer, settings: Settings) -> None:
    """Other ships, in the records and at the rhythm in which a feed writes them.

    Before them two time records: zones take hold when the first interval is closed.
    """
    n, begin = 0, int(time.time() * SECOND)
    for reached in (begin - 4 * MINUTE, begin - 10 * SECOND):
        record = encode_time(TimeRecord(traffic.FEED, reached))
        await producer.send(settings.topics.sentences.name, record, partition=0)
    while True:
        began = time.monotonic()
        now = int(time.time() * SECOND)
        rows = tuple(Sentence(traffic.position(n + i), "station", now, now) for i in range(A_SECOND // 10))
        await producer.send(
            settings.topics.sentences.name, encode_batch(SentenceBatch(traffic.FEED, rows)), partition=0
        )
        n += len(rows)
        if n % (10 * A_SECOND) == 0:
            record = encode_time(TimeRecord(traffic.FEED, now - 10 * SECOND))
            await producer.send(settings.topics.sentences.name, record, partition=0)
        await asyncio.sleep(max(0.0, 0.1 - (time.monotonic() - began)))


async def _fix(producer: AIOKafkaProducer, settings: Settings, mmsi: int, sent: dict[str, float]) -> None:
    now = int(time.time() * SECOND)
    fields = {"type": 1, "mmsi": mmsi, "lat": ZONE[0], "lon": ZONE[1], "speed": 10.0, "course": 200.0}
    text = encode_dict(fields, talker_id="AI", radio_channel="A")[0].encode()
    record = encode_batch(SentenceBatch(traffic.FEED, (Sentence(text, "station", now, now),)))
    await producer.send_and_wait(settings.topics.sentences.name, record, partition=0)
    sent[f"mmsi-{mmsi}"] = time.monotonic()


async def _listen(address: str, token: str, seen: dict[str, float]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(base_url=address, headers=headers, timeout=None, trust_env=False) as client,
        aconnect_sse(client, "GET", "/api/stream") as stream,
    ):
        async for event in stream.aiter_sse():
            if event.event == "alert":
                seen.setdefault(json.loads(event.data)["alert"]["hull"]["id"], time.monotonic())
