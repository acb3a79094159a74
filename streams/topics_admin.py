"""Topics on the broker: made where they are missing, refused where they are not what the settings say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from streams.settings import ConfigError
from streams.topic_ids import topic_id
from streams.topics import Topic, Topics

_COPIES = 3
"""Of each record, where there are so many brokers."""
_SETTLED_WITHIN_S, _AGAIN_S = 10.0, 0.1


async def ensure_topics(kafka: str, topics: Topics) -> None:
    """Creates the topics that are missing; raises ConfigError for one with another partition count."""
    async with _admin(kafka) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics.all() if topic.name not in there]
        await _create(admin, missing)
        found = await _counts(admin, [topic.name for topic in topics.all()])
    for topic in topics.all():
        if found.get(topic.name, topic.partitions) != topic.partitions:
            raise ConfigError(f"kafka {kafka}", f"topic {topic.name}", _other_count(topic, found[topic.name]))


async def generation(kafka: str, topic: str) -> str:
    """A word that a topic of the same name has no more once it was made anew; '0' where the broker tells no ids."""
    async with _admin(kafka) as admin:
        return await topic_id(admin, topic) or "0"


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


def _other_count(topic: Topic, found: int) -> str:
    return (
        f"{topic.partitions} partitions, found {found}: what is kept belongs to partitions; "
        "set the count back (HULLWATCH_SOURCE_PARTITIONS, HULLWATCH_REPORT_PARTITIONS), or take a new prefix and replay"
    )


async def _create(admin: AIOKafkaAdminClient, missing: list[Topic]) -> None:
    """Another stage may create the same at the same moment."""
    if not missing:
        return
    count = await _copies(admin)
    new = [NewTopic(topic.name, topic.partitions, count, topic_configs=topic.settings) for topic in missing]
    made = await admin.create_topics(new)
    for name, code, *message in made.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise for_code(code)(f"{name}: {message}")


async def _copies(admin: AIOKafkaAdminClient) -> int:
    return min(_COPIES, len((await admin.describe_cluster())["brokers"]))


async def _counts(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """Partitions of each topic; one just made or deleted is not known to every broker at once."""
    for _ in range(round(_SETTLED_WITHIN_S / _AGAIN_S)):
        told = await admin.describe_topics(names)
        if all(topic["error_code"] == 0 and topic["partitions"] for topic in told):
            break
        await asyncio.sleep(_AGAIN_S)
    return {topic["topic"]: len(topic["partitions"]) for topic in told}


@asynccontextmanager
async def _admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
