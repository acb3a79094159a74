"""A broker that is away: how often it is asked whether it is there again."""

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka.client import AIOKafkaClient

from streams import embedded, patience


@pytest.fixture
def patient() -> Iterator[None]:
    before = AIOKafkaClient._metadata_update
    patience.wait_between_failures()
    yield
    AIOKafkaClient._metadata_update = before


async def times_asked(seconds: float) -> int:
    """By somebody who asks again as soon as the answer is no, as aiokafka's producer and consumer do."""
    with embedded.broker() as address:
        client = AIOKafkaClient(bootstrap_servers=address)
        await client.bootstrap()
        assert await client.force_metadata_update()
    loop, times = asyncio.get_running_loop(), 0
    until = loop.time() + seconds
    try:
        while loop.time() < until:
            assert not await client.force_metadata_update()
            times += 1
    finally:
        await client.close()
    return times


async def test_a_broker_that_refuses_is_asked_again_once_a_second(patient: None) -> None:
    assert await times_asked(2.5) <= 3


async def test_without_that_it_is_asked_without_end() -> None:
    """When this fails, aiokafka has learned it: take our patience out."""
    assert await times_asked(0.5) > 20
