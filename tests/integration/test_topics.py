"""Topics on a real broker: made where missing, refused where they are others than the settings say."""

import asyncio
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.settings import ConfigError
from streams.topics import Topics, partition_of
from streams.topics_admin import ensure_topics, generation


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


async def test_a_topic_made_anew_has_another_generation(kafka: str, topics: Topics) -> None:
    before = await generation(kafka, topics.sentences.name)
    assert await generation(kafka, topics.sentences.name) == before
    await deleted(kafka, topics.sentences.name)
    await ensure_topics(kafka, topics)
    assert await generation(kafka, topics.sentences.name) != before


def test_a_hull_stays_on_her_partition() -> None:
    assert [partition_of(hull, 3) for hull in ("imo-9179842", "imo-8517839", "mmsi-273210440")] == [1, 0, 2]
