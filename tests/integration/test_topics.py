"""Topics on a real broker: made where missing, refused where they are others than the settings say."""

import asyncio
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from alerts.core.instants import DAY
from streams.detect.app import run
from streams.settings import ConfigError, Settings
from streams.topics import Topics, partition_of
from streams.topics_admin import copies, ensure_topics, generation


async def deleted(kafka: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.delete_topics([topic])
    while topic in await admin.list_topics():
        await asyncio.sleep(0.1)
    await admin.close()


async def test_makes_what_is_missing_and_says_it_twice(kafka: str, topics: Topics) -> None:
    await deleted(kafka, topics.rejects.name)
    await ensure_topics(kafka, topics)
    await ensure_topics(kafka, topics)
    assert await generation(kafka, topics.rejects.name) != "0"


@pytest.mark.parametrize("other", [{"source_partitions": 5}, {"report_partitions": 1}])
async def test_refuses_another_partition_count(kafka: str, topics: Topics, other: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=r"expected \d partitions, found \d.*take a new prefix"):
        await ensure_topics(kafka, replace(topics, **other))


async def names(kafka: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def kept_for_ms(kafka: str, topic: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        (told,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    found = {name: value for *_, entries in told.resources for name, value, *_ in entries}
    return int(found["retention.ms"])


async def test_alerts_are_kept_for_ever_and_the_rest_for_days(kafka: str, topics: Topics) -> None:
    kept = [topics.alerts, topics.sentences, topics.reports, topics.clock, topics.rejects]
    days = [await kept_for_ms(kafka, topic.name) / DAY for topic in kept]
    assert days == [-1 / DAY, 3, 7, 7, 7]


async def test_detect_started_first_makes_all_as_they_should_be(kafka: str, settings: Settings) -> None:
    first = Topics(prefix=f"{settings.topics.prefix}-first")
    detect = asyncio.create_task(run(replace(settings, topics=first)))
    while f"{first.prefix}-detect-memories-changelog" not in await names(kafka):
        assert not detect.done()
        await asyncio.sleep(0.2)
    detect.cancel()
    await asyncio.wait([detect])
    assert {topic.name for topic in first.all()} < await names(kafka)
    assert await kept_for_ms(kafka, first.reports.name) == 7 * DAY


async def test_one_broker_holds_one_copy(kafka: str) -> None:
    assert await copies(kafka) == 1


async def test_a_topic_made_anew_has_another_generation(kafka: str, topics: Topics) -> None:
    before = await generation(kafka, topics.sentences.name)
    assert await generation(kafka, topics.sentences.name) == before
    await deleted(kafka, topics.sentences.name)
    await ensure_topics(kafka, topics)
    assert await generation(kafka, topics.sentences.name) != before


def test_a_hull_stays_on_her_partition() -> None:
    assert [partition_of(hull, 3) for hull in ("imo-9179842", "imo-8517839", "mmsi-273210440")] == [1, 0, 2]
