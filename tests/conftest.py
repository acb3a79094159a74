"""What every test may ask for: a real broker, a real Redis, topics of its own, recordings.

KAFKA_BOOTSTRAP_SERVERS and HULLWATCH_TEST_REDIS_URL name servers to use instead of the embedded ones;
HULLWATCH_TEST_DATA the folder of the recordings.

The searches draw the same examples in every run, so that a change is judged by itself; HULLWATCH_SEARCH=random draws
others each time, HULLWATCH_SEARCHES says how many.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams import embedded
from streams.settings import Settings
from streams.topics import Topics

hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("random", derandomize=False, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HULLWATCH_SEARCH") or "same")


LONGEST = ("tests/properties/test_chain.py", "tests/integration/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that nobody is left alone with it; the rest in the order of the tree."""
    items.sort(key=lambda item: next((n for n, path in enumerate(LONGEST) if item.nodeid.startswith(path)), 9))


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Bootstrap servers: Apache Kafka where one is named, else the embedded broker."""
    if address := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield address
        return
    with embedded.broker() as address:
        yield address


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of its own, or the one that is named (which is written to, never flushed)."""
    if url := os.environ.get("HULLWATCH_TEST_REDIS_URL"):
        yield url
        return
    with embedded.redis_server() as url:
        yield url


@pytest.fixture
def topics(kafka: str) -> Topics:
    """Topics that no other test has, made on the broker."""
    topics = Topics(prefix=f"t{secrets.token_hex(4)}", source_partitions=2, report_partitions=3)
    asyncio.run(_create(kafka, topics))
    return topics


@pytest.fixture
def settings(kafka: str, redis_url: str, topics: Topics) -> Settings:
    """The servers, the test's own topics, and the shipped configuration folder."""
    return Settings(kafka=kafka, redis=redis_url, topics=topics)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the recordings; skips where there is none."""
    named = os.environ.get("HULLWATCH_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not (folder / "nmea").is_dir():
        pytest.skip(f"no recordings in {folder} (HULLWATCH_TEST_DATA names another folder)")
    return folder


async def _create(kafka: str, topics: Topics) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(t.name, t.partitions, 1, topic_configs=t.settings) for t in topics.all()])
    finally:
        await admin.close()
