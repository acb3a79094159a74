"""Within 5 s on the clock on the wall: from her first fix in Kafka to the alert that she lit up."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord
from pyais import decode as decode_ais

from alerts.core.alert import Alert
from alerts.core.instants import SECOND, Instant
from streams import feed, scenario
from streams.codec import decode_alert
from streams.config import load_config
from streams.demo.stages import Stage, done_by, running
from streams.scenario.angara import ANGARA_MMSI
from streams.sentences import BATCH, SentenceBatch, decode
from streams.settings import FeedSettings, Settings
from streams.topics import Topic, Topics
from streams.topics_admin import ensure_topics
from streams.versions import publish
from tests.integration.feeds import heard_at
from tests.integration.stages import environ_of

PROMISED_S = 5.0
STRAIT = next(scene.begin for scene in scenario.SCENES if scene.name == "Korea Strait")


def told(folder: Path) -> tuple[FeedSettings, FeedSettings]:
    """Her story up to the strait, and from there on."""
    parts = []
    rows = groupby(scenario.lines("angara", 0), key=lambda row: heard_at(row) >= STRAIT)
    for name, (_, lines) in zip(("before", "strait"), rows, strict=True):
        (folder / name).write_bytes(b"".join(lines))
        parts.append(FeedSettings(name, "file", path=str(folder / name)))
    return parts[0], parts[1]


def at_once(at: Instant) -> float:
    return 0.0


def as_in_the_demo(at: Instant) -> float:
    return scenario.play_at(at) - scenario.play_at(STRAIT)


async def caught_up(settings: Settings, stages: list[Stage]) -> None:
    """Returns when the stages have taken all that there is, however long the weeks before take this machine."""
    topics = (settings.topics.sentences, settings.topics.clock, settings.topics.reports)
    partitions = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, group_id=None) as consumer:
        before = None
        while True:
            ends, applied = await consumer.end_offsets(partitions), (await done_by(stages)).applied
            if ends == before and all(applied.get((tp.topic, tp.partition), 0) >= end for tp, end in ends.items()):
                return
            before = ends
            await asyncio.sleep(0.5)


async def tail(settings: Settings, topic: Topic) -> AsyncIterator["ConsumerRecord[bytes, bytes]"]:
    async with AIOKafkaConsumer(
        bootstrap_servers=settings.kafka, auto_offset_reset="earliest", fetch_max_wait_ms=50
    ) as consumer:
        consumer.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
        async for record in consumer:
            yield record


async def lit_up(settings: Settings) -> tuple[Alert, float]:
    """The alert, and when it could be read, which is after it was acknowledged."""
    async for record in tail(settings, settings.topics.alerts):
        alert = decode_alert(record.value or b"")
        if alert.rule == "lit_up":
            return alert, time.time()
    raise AssertionError("a tail ends only when it is left")


async def first_fix(settings: Settings, at: Instant) -> float:
    """When the record with it was made, which is before it was acknowledged."""
    async for record in tail(settings, settings.topics.sentences):
        if (record.value or b"").startswith(BATCH) and has_her(record.value or b"", at):
            return record.timestamp / SECOND
    raise AssertionError("a tail ends only when it is left")


def has_her(value: bytes, at: Instant) -> bool:
    batch = decode(value)
    assert isinstance(batch, SentenceBatch)
    heard = (sentence.text for sentence in batch.sentences if sentence.heard_at == at)
    return any(decode_ais(*text.split(b"\n")).mmsi == ANGARA_MMSI for text in heard)


@pytest.mark.timeout(400)
async def test_she_is_said_to_be_lit_up_within_seconds(settings: Settings, tmp_path: Path) -> None:
    live = replace(settings, topics=Topics(settings.topics.prefix + "s", source_partitions=2, report_partitions=2))
    await ensure_topics(live.kafka, live.topics)
    await publish(live.kafka, live.topics, load_config(live.config_dir))
    before, strait = told(tmp_path)
    async with running({"ingest": (), "clock": (), "detect": ()}, environ_of(live), tmp_path) as stages:
        await feed.run(live, [before], at_once)
        await caught_up(live, stages)
        feeding = asyncio.create_task(feed.run(live, [strait], as_in_the_demo))
        async with asyncio.timeout(120):
            alert, read_s = await lit_up(live)
            took_s = read_s - await first_fix(live, alert.happened_at)
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
    assert 0 < took_s < PROMISED_S, f"it took {took_s:.3f} s"
