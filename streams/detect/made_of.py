"""The memories belong to one topic of reports, and stand in one changelog.

In another topic of reports of the same name their offsets mean other records, and offsets alone tell only one that is
shorter than what the memories have applied (engines.py).  In another changelog there are no memories: detect would
begin at the oldest report kept, and have forgotten every silence that is older.  So the first start keeps the ids of
both topics beside the snapshots, and every later one compares.
"""

from streams.settings import ConfigError
from streams.snapshots import Snapshots
from streams.topics import Topics
from streams.topics_admin import generation


async def check_topics(kafka: str, topics: Topics) -> None:
    """Raises ConfigError where the reports or the changelog are not the topic that they were at the first start."""
    ids = {topic.name: await generation(kafka, topic.name) for topic in (topics.reports, topics.changelog)}
    async with Snapshots(kafka, topics) as snapshots:
        known = await snapshots.load([_key(name) for name in ids])
        for name, found in ids.items():
            was = known.get(_key(name))
            if was is None:
                await snapshots.save(_key(name), found.encode())
            elif was != found.encode():
                raise ConfigError(f"kafka {kafka}", f"topic {name}", _made_anew(was.decode(), found))


def _key(topic: str) -> str:
    return f"detect/{topic}"


def _made_anew(was: str, found: str) -> str:
    return (
        f"the topic with id {was}, which the memories belong to, found one with id {found} that was made anew; "
        "take a new prefix, or make all topics anew"
    )
