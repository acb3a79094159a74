"""Reading `ais.versions`: contents by id, and three marks.

contents        by id, immutable
`applying`      what the last apply wanted           without the same `applied`, it was cut off
`announced`     what is in force
`applied`       ... and of which everybody was told
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.core.hull import Hull
from alerts.core.intervals import Announced, Versions
from alerts.core.zones import ZoneIndex
from streams.brokers import reading, until_end
from streams.codec import UnknownRecordError, decode
from streams.config import ConfigError
from streams.metrics import VERSIONS_UNREADABLE
from streams.needs import Need, until_there
from streams.topics import Topic, Topics
from streams.version_contents import MAX_RECORD_BYTES, content

APPLYING, ANNOUNCED, APPLIED = "applying", "announced", "applied"
_NO_ZONES = ZoneIndex.of(())
T = TypeVar("T")


@dataclass(slots=True)
class Log:
    """All of `ais.versions`, as far as it was read."""

    contents: dict[str, object] = field(default_factory=dict)
    marks: dict[str, Versions] = field(default_factory=dict)

    def take(self, key: bytes | None, value: bytes | None) -> None:
        """One record; bytes that are not what their key says are nobody's version, counted and passed over.

        They stay in the topic: a compacted one is its own place of dead letters.
        """
        name = (key or b"").decode(errors="replace")
        if name in (APPLYING, ANNOUNCED, APPLIED):
            known = self._take_mark(name, value or b"")
        else:
            known = self._take_content(name, value or b"")
        if not known:
            VERSIONS_UNREADABLE.inc()

    def _take_mark(self, name: str, value: bytes) -> bool:
        mark = _mark(name, value)
        self.marks |= mark
        return bool(mark)

    def _take_content(self, name: str, value: bytes) -> bool:
        what = content(name, value)
        if what is not None:
            self.contents.setdefault(name, what)
        return what is not None

    def marked(self, name: str) -> Versions:
        """None of them where there is no such mark, or not all that it stands for."""
        versions = self.marks.get(name, Versions())
        ids = {versions.zones, versions.rules, versions.watchlist, versions.cover} - {""}
        return versions if ids <= self.contents.keys() else Versions()

    def content(self, version: str, unset: T) -> T:
        """`unset` for the empty id; raises ConfigError where it is not there."""
        if not version:
            return unset
        what = self.contents.get(version)
        if not isinstance(what, type(unset)):
            raise ConfigError("topic of versions", version, "its content, which was announced; `hullwatch apply` again")
        return what

    def ever_watched(self) -> set[str]:
        """Ids of the hulls of any list that was ever published."""
        return {hull.id for what in self.contents.values() if isinstance(what, tuple) for hull in what}


async def read_versions(kafka: str, topics: Topics) -> dict[str, object]:
    """Every version's ZoneIndex, Thresholds, hulls or Curve by its id; empty where the topic is not there yet."""
    return (await read_log(kafka, topics.versions)).contents


async def announced(kafka: str, topics: Topics) -> Versions | None:
    """The ids in force; None before the first apply."""
    return (await read_log(kafka, topics.versions)).marks.get(ANNOUNCED)


class VersionReader:
    """Follows what is announced: the watchlist for ingest, and the zones, too, for the page."""

    def __init__(self, kafka: str, topics: Topics) -> None:
        self._kafka = kafka
        self._topic = topics.versions
        self._log = Log()
        self._open = AsyncExitStack()
        self.watchlist: tuple[Hull, ...] = ()

    async def start(self) -> None:
        """Waits for the topic and reads it to its end."""
        self._consumer = await self._open.enter_async_context(_reading(self._kafka))
        try:
            await until_there(Need.TOPICS, self._topic.name, lambda: _assigned(self._consumer, self._topic))
            async for key, value in _to_end(self._consumer, self._topic):
                self._log.take(key, value)
            self._follow()
        except BaseException:
            await self.stop()
            raise

    async def poll(self) -> bool:
        """Whether the announced watchlist has changed; does not wait.  Raises ConfigError where it is not there."""
        fetched = await self._consumer.getmany(timeout_ms=0)
        for record in (record for records in fetched.values() for record in records):
            self._log.take(record.key, record.value)
        return bool(fetched) and self._follow()

    @property
    def zones(self) -> ZoneIndex:
        """The announced ones: the same object until there are others.  Raises ConfigError where they are not there."""
        return self._log.content(self._announced.zones, _NO_ZONES)

    async def stop(self) -> None:
        """Closes the connection."""
        await self._open.aclose()

    @property
    def _announced(self) -> Versions:
        return self._log.marks.get(ANNOUNCED, Versions())

    def _follow(self) -> bool:
        before = self.watchlist
        self.watchlist = self._log.content(self._announced.watchlist, ())
        return before != self.watchlist


def _mark(name: str, value: bytes) -> dict[str, Versions]:
    try:
        record = decode(value)
    except UnknownRecordError:
        return {}
    return {name: record.versions} if isinstance(record, Announced) else {}


async def read_log(kafka: str, topic: Topic) -> Log:
    """All of it that there is now; empty where the topic is not there yet."""
    log = Log()
    async with _reading(kafka) as consumer:
        if await _assigned(consumer, topic):
            async for key, value in _to_end(consumer, topic):
                log.take(key, value)
    return log


def _reading(kafka: str) -> AbstractAsyncContextManager[Any]:
    return reading(kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=MAX_RECORD_BYTES)


async def _assigned(consumer: AIOKafkaConsumer, topic: Topic) -> bool:
    """False where the topic is not there; asking for it by name could create it."""
    if topic.name not in await consumer.topics():
        return False
    consumer.assign([TopicPartition(topic.name, 0)])
    return True


async def _to_end(consumer: AIOKafkaConsumer, topic: Topic) -> AsyncIterator[tuple[bytes | None, bytes | None]]:
    """From the beginning to where it ends now."""
    partition = TopicPartition(topic.name, 0)
    await consumer.seek_to_beginning(partition)
    async for record in until_end(consumer, [partition]):
        yield record.key, record.value
