"""All alerts that were ever published: from `ais.alerts`, or from JSON lines as `hullwatch replay` prints them."""

import sys
from collections.abc import Iterator
from pathlib import Path

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from alerts.core.alert import Alert
from streams.brokers import reading, until_end
from streams.codec import UnknownRecordError, decode_alert, encode_alert
from streams.settings import ConfigError, Settings
from streams.topics_admin import ensure_topics

STDIN = Path("-")


async def published(settings: Settings) -> list[Alert]:
    """What the topic holds now; what cannot be read is passed over.  Raises ConfigError where no broker answers."""
    found: list[Alert] = []
    place = TopicPartition(settings.topics.alerts.name, 0)
    try:
        await ensure_topics(settings.kafka, settings.topics)
        async with reading(settings.kafka, auto_offset_reset="earliest") as consumer:
            consumer.assign([place])
            async for record in until_end(consumer, [place]):
                found += _read(record.value or b"")
    except KafkaError as error:
        raise _no_broker(settings, error) from error
    return found


async def publish(settings: Settings, alert: Alert) -> None:
    """Acknowledged when it returns.  Raises ConfigError where no broker takes it."""
    try:
        await ensure_topics(settings.kafka, settings.topics)
        async with AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all") as producer:
            name = settings.topics.alerts.name
            await producer.send_and_wait(name, encode_alert(alert), key=alert.id.encode(), partition=0)
    except KafkaError as error:
        raise _no_broker(settings, error) from error


def of_file(path: Path) -> Iterator[Alert]:
    """One a line; `-` is the standard input.  Raises ConfigError naming the line that is no alert."""
    try:
        lines = sys.stdin.buffer.read().splitlines() if path == STDIN else path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(str(path), "", f"a file that can be read ({error.strerror})") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _alert(path, number, line)


def _alert(path: Path, number: int, line: bytes) -> Alert:
    try:
        return decode_alert(line)
    except UnknownRecordError as error:
        raise ConfigError(str(path), f"line {number}", f"an alert as JSON ({error})") from error


def _read(value: bytes) -> list[Alert]:
    try:
        return [decode_alert(value)]
    except UnknownRecordError:
        return []


def _no_broker(settings: Settings, error: KafkaError) -> ConfigError:
    return ConfigError(f"kafka {settings.kafka}", "", f"a broker that answers ({error})")
