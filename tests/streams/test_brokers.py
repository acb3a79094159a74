"""A client that knows no broker, and a log of which nothing comes."""

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from streams import brokers, embedded, topics_admin
from streams.brokers import SilentLogError, reading, until_end
from streams.lasting import answers, passes
from streams.settings import Settings
from streams.snapshots import Snapshots
from tests.streams.stopping import stopping


@pytest.fixture
def insisting() -> Iterator[None]:
    before = AIOKafkaClient.bootstrap, AIOKafkaClient.fetch_all_metadata
    brokers.insist_on_brokers()
    yield
    AIOKafkaClient.bootstrap, AIOKafkaClient.fetch_all_metadata = before


async def test_a_broker_that_names_none_is_not_there() -> None:
    async with stopping() as broker:
        assert not await answers(broker.address)
    async with stopping(named=1) as broker:
        assert await answers(broker.address)


@pytest.mark.parametrize("kind", [AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient])
async def test_a_client_that_is_told_of_no_broker_does_not_start(kind: type, insisting: None) -> None:
    async with stopping() as broker:
        client = kind(bootstrap_servers=broker.address)
        with pytest.raises(KafkaConnectionError) as raised:
            await client.start()
        await (client.close if kind is AIOKafkaAdminClient else client.stop)()
    assert passes(raised.value)


async def test_without_that_it_knows_nobody_for_ever() -> None:
    """When this fails, aiokafka has learned it: take our insisting out."""
    async with stopping() as broker:
        client = AIOKafkaClient(bootstrap_servers=broker.address)
        await client.bootstrap()
        broker.named = 100
        (asked,) = client._conns.values()
        asked.close()  # as a broker does that ends
        client._conns.clear()
        try:
            assert not await client.force_metadata_update()
        finally:
            await client.close()


async def test_that_no_broker_tells_of_topics_passes(insisting: None) -> None:
    async with stopping(named=1) as broker, reading(broker.address) as consumer:
        with pytest.raises(KafkaError) as raised:
            await consumer.topics()
    assert passes(raised.value)


async def test_topics_are_not_made_with_the_copies_of_no_broker() -> None:
    async with stopping(named=1) as broker:
        with pytest.raises(KafkaConnectionError):
            await topics_admin.copies(broker.address)


async def test_what_is_read_once_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "ANSWER_MS", 300)
    async with asyncio.timeout(10), stopping(named=1) as broker:
        settings = Settings(kafka=broker.address)
        with pytest.raises(KafkaTimeoutError) as raised:
            await Snapshots(settings.kafka, settings.topics).load(["clock/0"])
    assert passes(raised.value)


async def test_a_log_of_which_nothing_comes_is_not_waited_for_without_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "SILENCE_LIMIT_S", 0.5)
    tp = TopicPartition(settings.topics.alerts.name, 0)
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        await producer.send_and_wait(tp.topic, b"alert", partition=0)
    async with asyncio.timeout(10), reading(settings.kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign([tp])
        assert [record.value async for record in until_end(consumer, [tp])] == [b"alert"]
        await consumer.seek_to_beginning(tp)
        consumer.pause(tp)
        with pytest.raises(SilentLogError):
            assert not [record async for record in until_end(consumer, [tp])]


async def test_nor_is_a_place_that_a_broker_has_gone_without_telling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "SILENCE_LIMIT_S", 0.5)
    tp = TopicPartition("t", 0)
    with embedded.broker() as address:
        consumer = AIOKafkaConsumer(bootstrap_servers=address)
        await consumer.start()
    try:
        consumer.assign([tp])
        async with asyncio.timeout(10):
            with pytest.raises(SilentLogError):
                await brokers.position(consumer, tp)
    finally:
        await consumer.stop()
