"""Topics on a real broker: made where missing, refused where they are others than the settings say."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import UnknownTopicOrPartitionError

from alerts.core.instants import DAY
from streams import topics_admin
from streams.detect.app import run
from streams.detect.made_of import check_topics
from streams.settings import ConfigError, Settings
from streams.topics import Topic, Topics, partition_of
from streams.topics_admin import copies, ensure_topics, generation


@asynccontextmanager
async def administering(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def deleted(kafka: str, topic: str) -> None:
    async with administering(kafka) as admin:
        await admin.delete_topics([topic])
        while topic in await admin.list_topics():
            await asyncio.sleep(0.1)


async def test_makes_what_is_missing_and_says_it_twice(kafka: str, topics: Topics) -> None:
    await deleted(kafka, topics.rejects.name)
    await ensure_topics(kafka, topics)
    await ensure_topics(kafka, topics)
    assert await generation(kafka, topics.rejects.name) != "0"


@pytest.mark.parametrize("other", [{"source_partitions": 5}, {"report_partitions": 1}])
async def test_refuses_another_partition_count(kafka: str, topics: Topics, other: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=r"expected \d partitions, found \d.*take a new prefix"):
        await ensure_topics(kafka, replace(topics, **other))


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("alerts", "retention.ms", "604800000"),
        ("versions", "cleanup.policy", "delete"),
        ("changelog", "min.compaction.lag.ms", "0"),
        ("rejects", "max.message.bytes", "1048588"),
    ],
)
async def test_refuses_other_settings_and_says_what_to_run(kafka: str, name: str, key: str, value: str) -> None:
    topics = Topics(f"t{secrets.token_hex(4)}")
    topic: Topic = getattr(topics, name)
    made = NewTopic(topic.name, topic.partitions, 1, topic_configs={**topic.settings, key: value})
    async with administering(kafka) as admin:
        await admin.create_topics([made])
    with pytest.raises(ConfigError) as refused:
        await ensure_topics(kafka, topics)
    wanted = f"{key}={topic.settings[key]}"
    assert str(refused.value) == (
        f"kafka {kafka}: topic {topic.name}: expected {wanted}, found {key}={value}: run kafka-configs.sh "
        f"--bootstrap-server {kafka} --alter --entity-type topics --entity-name {topic.name} --add-config {wanted}"
    )


async def test_all_that_is_wrong_is_told_at_once(kafka: str, topics: Topics) -> None:
    other = replace(topics, source_partitions=5, report_partitions=1)
    with pytest.raises(ConfigError) as refused:
        await ensure_topics(kafka, other)
    assert str(refused.value).count("take a new prefix") == 3  # sentences, reports and the changelog


@pytest.mark.parametrize("name", ["reports", "changelog"])
async def test_what_was_made_anew_under_the_memories_is_refused_however_long_it_is(
    kafka: str, settings: Settings, name: str
) -> None:
    topics = settings.topics
    await check_topics(kafka, topics)
    await check_topics(kafka, topics)
    await deleted(kafka, getattr(topics, name).name)
    await ensure_topics(kafka, topics)
    with pytest.raises(ConfigError, match=rf"topic \S+{name}: expected the topic with id \w+, .* made anew; take"):
        await run(settings)


async def names(kafka: str) -> set[str]:
    async with administering(kafka) as admin:
        return set(await admin.list_topics())


async def kept_for_ms(kafka: str, topic: str) -> int:
    async with administering(kafka) as admin:
        (told,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    found = {name: value for *_, entries in told.resources for name, value, *_ in entries}
    return int(found["retention.ms"])


async def test_alerts_are_kept_for_ever_and_the_rest_for_days(kafka: str, topics: Topics) -> None:
    kept = [topics.alerts, topics.sentences, topics.reports, topics.clock, topics.rejects]
    days = [await kept_for_ms(kafka, topic.name) / DAY for topic in kept]
    assert days == [-1 / DAY, 3, 7, 7, 7]


async def test_detect_started_first_makes_all_as_they_should_be(kafka: str, settings: Settings) -> None:
    first = Topics(prefix=f"{settings.topics.prefix}-first")
    detect = asyncio.create_task(run(replace(settings, topics=first)))
    while not {topic.name for topic in first.all()} <= await names(kafka):
        assert not detect.done()
        await asyncio.sleep(0.2)
    detect.cancel()
    await asyncio.wait([detect])
    assert await kept_for_ms(kafka, first.reports.name) == 7 * DAY


async def test_one_broker_holds_one_copy(kafka: str) -> None:
    assert await copies(kafka) == 1


async def test_a_topic_made_anew_has_another_generation(kafka: str, topics: Topics) -> None:
    before = await generation(kafka, topics.sentences.name)
    assert await generation(kafka, topics.sentences.name) == before
    await deleted(kafka, topics.sentences.name)
    await ensure_topics(kafka, topics)
    assert await generation(kafka, topics.sentences.name) != before


async def test_a_topic_that_is_not_there_has_no_generation(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics_admin, "_SETTLED_WITHIN_S", 0.3)
    with pytest.raises(UnknownTopicOrPartitionError, match="nowhere"):
        await generation(kafka, "nowhere")


def test_a_hull_stays_on_her_partition() -> None:
    assert [partition_of(hull, 3) for hull in ("imo-9179842", "imo-8517839", "mmsi-273210440")] == [1, 0, 2]
