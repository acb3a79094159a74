"""Alerts and dead letters to Kafka, acknowledged."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from alerts.core.alert import Alert
from streams.codec import encode_alert
from streams.topics import LARGEST_BYTES, Topics


class Publisher:
    """A producer of its own: an alert does not wait for the linger that makes memories cheap."""

    def __init__(self, kafka: str, topics: Topics) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=kafka, acks="all", linger_ms=0, max_request_size=LARGEST_BYTES
        )
        self._topics = topics

    async def __aenter__(self) -> "Publisher":
        await self._producer.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._producer.stop()

    async def publish(self, alerts: Iterable[Alert]) -> None:
        """All of them in their order, keyed by episode; raises KafkaError where one is not acknowledged."""
        topic = self._topics.alerts.name
        acks = [await self._producer.send(topic, encode_alert(a), key=a.id.encode()) for a in alerts]
        await asyncio.gather(*acks)

    async def refuse(self, message: Any, reason: str) -> None:
        """The record as it came, with where it came from and why it is of no use."""
        source = f"{message.topic}:{message.partition}:{message.offset}"
        headers = [("stage", b"detect"), ("source", source.encode()), ("reason", reason.encode())]
        await self._producer.send_and_wait(self._topics.rejects.name, message.value, key=message.key, headers=headers)
