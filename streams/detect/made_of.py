"""The memories belong to one topic of reports: in another of the same name its offsets mean other records.

Offsets alone tell only a topic that is shorter than what the memories have applied (engines.py); so the first start
keeps the topic's id beside the snapshots, and every later one compares.
"""

from streams.settings import ConfigError
from streams.snapshots import Snapshots
from streams.topics import Topics
from streams.topics_admin import generation

_KEY = "detect/reports"


async def check_source(kafka: str, topics: Topics) -> None:
    """Raises ConfigError where the topic of reports is not the one that the memories were made of."""
    found = await generation(kafka, topics.reports.name)
    async with Snapshots(kafka, topics) as snapshots:
        known = (await snapshots.load([_KEY])).get(_KEY)
        if known is None:
            await snapshots.save(_KEY, found.encode())
        elif known != found.encode():
            raise ConfigError(f"kafka {kafka}", f"topic {topics.reports.name}", _made_anew(known.decode(), found))


def _made_anew(known: str, found: str) -> str:
    return (
        f"the topic with id {known}, of which the memories were made, found one with id {found} that was made anew; "
        "take a new prefix, or make all topics anew"
    )
