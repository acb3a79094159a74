"""The partition count of `ais.reports` is fixed at creation; a start that finds another one is refused."""

from aiokafka.admin import AIOKafkaAdminClient

from streams.settings import ConfigError
from streams.topics import Topics


async def check_partitions(kafka: str, topics: Topics, changelog: str) -> None:
    """Raises ConfigError where the source or its changelog has other partitions than the settings say."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        there = set(await admin.list_topics())  # to describe one that is not there would create it
        names = [name for name in (topics.reports.name, changelog) if name in there]
        found = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(names)}
    finally:
        await admin.close()
    for name in names:
        if found[name] != topics.reports.partitions:
            what = f"{topics.reports.partitions} partitions, found {found[name]}: memories belong to partitions."
            cure = "Set the count back, or take a new prefix and replay"
            raise ConfigError(f"kafka {kafka}", f"topic {name}", f"{what}  {cure}")
