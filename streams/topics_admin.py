"""Topics on the broker: made where they are missing, refused where they are not what the settings say."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    InvalidReplicationFactorError,
    KafkaConnectionError,
    KafkaTimeoutError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from streams.brokers import ANSWER_MS
from streams.settings import ConfigError, ConfigErrors
from streams.topic_ids import topic_id
from streams.topics import Topic, Topics

_COPIES = 3
"""Of each record, where there are so many brokers."""
_SETTLED_WITHIN_S, _AGAIN_S = 10.0, 0.1


async def ensure_topics(kafka: str, topics: Topics) -> None:
    """Creates the topics that are missing; raises ConfigError for one with other partitions or other settings."""
    async with _admin(kafka) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics.all() if topic.name not in there]
        await _create(admin, missing)
        counts = await _counts(admin, [topic.name for topic in topics.all()])
        settings = await _settings(admin, [topic.name for topic in topics.all()])
    wrong = [
        ConfigError(f"kafka {kafka}", f"topic {topic.name}", expected)
        for topic in topics.all()
        for expected in _differences(kafka, topic, counts.get(topic.name), settings.get(topic.name, {}))
    ]
    if wrong:
        raise ConfigErrors(wrong)


async def generation(kafka: str, topic: str) -> str:
    """A word that a topic of the same name has no more once it was made anew; '0' where the broker tells no ids.

    Waits for a topic that was just made; raises UnknownTopicOrPartitionError.
    """
    async with _admin(kafka) as admin:
        for _ in range(round(_SETTLED_WITHIN_S / _AGAIN_S)):
            word = await topic_id(admin, topic)
            if word is not None:
                return word
            await asyncio.sleep(_AGAIN_S)
    raise UnknownTopicOrPartitionError(topic)


async def copies(kafka: str) -> int:
    """How many copies of each record a new topic is to have."""
    async with _admin(kafka) as admin:
        return await _copies(admin)


async def partition_count(kafka: str, topic: str) -> int | None:
    """How many partitions somebody's topic has; None where there is no such topic, which is not made by asking."""
    async with _admin(kafka) as admin:
        if topic not in await admin.list_topics():
            return None
        return (await _counts(admin, [topic]))[topic]


def _differences(kafka: str, topic: Topic, count: int | None, told: Mapping[str, str]) -> Iterator[str]:
    """What is expected of a topic that is another one; a setting that the broker does not tell is not compared."""
    if count not in (None, topic.partitions):
        yield (
            f"{topic.partitions} partitions, found {count}: what is kept belongs to partitions; set the count back "
            "(HULLWATCH_SOURCE_PARTITIONS, HULLWATCH_REPORT_PARTITIONS), or take a new prefix and replay"
        )
    others = {key: value for key, value in topic.settings.items() if told.get(key, value) != value}
    if others:
        expected = ",".join(f"{key}={value}" for key, value in others.items())
        found = ",".join(f"{key}={told[key]}" for key in others)
        yield (
            f"{expected}, found {found}: run kafka-configs.sh --bootstrap-server {kafka} --alter --entity-type topics "
            f"--entity-name {topic.name} --add-config {expected}"
        )


async def _create(admin: AIOKafkaAdminClient, missing: list[Topic]) -> None:
    """Another stage may create the same at the same moment."""
    if not missing:
        return
    count = await _copies(admin)
    new = [NewTopic(topic.name, topic.partitions, count, topic_configs=topic.settings) for topic in missing]
    made = await admin.create_topics(new)
    for name, code, *message in made.topic_errors:
        if code == InvalidReplicationFactorError.errno:  # so many brokers there were a moment ago
            raise KafkaConnectionError(f"{name}: {message}")
        if code not in (0, TopicAlreadyExistsError.errno):
            raise for_code(code)(f"{name}: {message}")


async def _copies(admin: AIOKafkaAdminClient) -> int:
    brokers = (await admin.describe_cluster())["brokers"]
    if not brokers:
        raise KafkaConnectionError("no broker is named")  # it stops (brokers.py)
    return min(_COPIES, len(brokers))


async def _counts(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """Partitions of each topic; one just made or deleted is not known to every broker at once."""
    for _ in range(round(_SETTLED_WITHIN_S / _AGAIN_S)):
        told = await admin.describe_topics(names)
        if all(topic["error_code"] == 0 and topic["partitions"] for topic in told):
            break
        await asyncio.sleep(_AGAIN_S)
    return {topic["topic"]: len(topic["partitions"]) for topic in told}


async def _settings(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """Settings by topic, as far as the broker tells them: Kafka all of them, Tansu those that were given."""
    told = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    resources = (resource for response in told for resource in response.resources)
    return {name: {key: value for key, value, *_ in entries} for _, _, _, name, entries in resources}


@asynccontextmanager
async def _admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=ANSWER_MS)
    try:
        await admin.start()
        yield admin
    except TimeoutError as error:  # aiokafka's own, where the controller does not answer
        raise KafkaTimeoutError(f"{kafka}: no answer within {ANSWER_MS // 1000} s") from error
    finally:
        await admin.close()
