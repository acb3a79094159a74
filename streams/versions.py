"""How a folder comes into force.

    ais.versions   contents by id     `applying`     `announced`     `applied`
                        1                  2              4               7
    ais.reports    a hull is watched       3      ... is watched no more  6
    ais.clock      the announcement                       5

In this order, each acknowledged before the next.  `applying` without the same `applied` is an apply that was cut off:
the next one writes everything again, which changes nothing for whoever had it.  Two at once are not kept apart.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiokafka import AIOKafkaProducer

from alerts.core.hull import Hull
from alerts.core.intervals import BY_APPLY, Announced, Versions, Watched
from alerts.core.reports import Origin
from alerts.core.thresholds import Thresholds
from alerts.core.zones import ZoneIndex
from streams.codec import encode
from streams.config import Config
from streams.topics import Topic, Topics, partition_of
from streams.version_contents import MAX_RECORD_BYTES, Contents, contents
from streams.version_log import ANNOUNCED, APPLIED, APPLYING, Log, VersionReader, announced, read_log, read_versions

__all__ = ["Contents", "Difference", "Published", "VersionReader", "announced", "contents", "publish", "read_versions"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Published:
    """What an apply changed; `resumed`: it ended one that was cut off; not `written`: the folder was in force."""

    versions: Versions
    hulls: Difference
    zones: Difference
    rules: bool
    resumed: bool
    cover: bool = False
    written: bool = False


async def publish(kafka: str, topics: Topics, config: Config, again: bool = False) -> Published:
    """Brings the folder into force; writes nothing where it is, unless `again`.  The topics must be there.

    Raises ConfigError.
    """
    new, log = contents(config), await read_log(kafka, topics.versions)
    before = log.marked(APPLIED)
    resumed = log.marks.get(APPLYING, Versions()) != before
    told = _compared(config, new.versions, log, resumed)
    if before == new.versions and not (resumed or again):
        return told
    was = _by_id(log.content(before.watchlist, ()))
    wanted = _by_id(config.watchlist)
    gone = set(was) - set(wanted)
    if resumed or again:
        was, gone = {}, log.ever_watched() - set(wanted)
    async with _writer(kafka, topics) as writer:
        await writer.contents(new, log)
        await writer.mark(APPLYING, new.versions)
        await writer.watched({key: hull for key, hull in wanted.items() if was.get(key) != hull})
        await writer.mark(ANNOUNCED, new.versions)
        await writer.tell_clock(new.versions)
        await writer.watched(dict.fromkeys(gone))
        await writer.mark(APPLIED, new.versions)
    return replace(told, written=True)


def _compared(config: Config, versions: Versions, log: Log, resumed: bool) -> Published:
    """To what is in force."""
    before = log.marked(ANNOUNCED)
    zones = log.content(before.zones, ZoneIndex.of(())).zones
    return Published(
        versions=versions,
        hulls=_difference(_by_id(log.content(before.watchlist, ())), _by_id(config.watchlist)),
        zones=_difference(zones, ZoneIndex.of(config.zones).zones),
        rules=log.content(before.rules, Thresholds()) != config.thresholds,
        resumed=resumed,
        cover=before.cover != versions.cover,
    )


def _by_id(hulls: Iterable[Hull]) -> dict[str, Hull]:
    return {hull.id: hull for hull in hulls}


class _Writer:
    """Each call returns when the broker has all of it."""

    def __init__(self, producer: AIOKafkaProducer, topics: Topics) -> None:
        self._producer = producer
        self._topics = topics

    async def contents(self, new: Contents, log: Log) -> None:
        await self._send(
            (self._topics.versions, 0, version, value)
            for version, value in new.values.items()
            if version not in log.contents
        )

    async def mark(self, name: str, versions: Versions) -> None:
        await self._send([(self._topics.versions, 0, name, encode(_announced(versions)))])

    async def tell_clock(self, versions: Versions) -> None:
        await self._send([(self._topics.clock, 0, ANNOUNCED, encode(_announced(versions)))])

    async def watched(self, hulls: Mapping[str, Hull | None]) -> None:
        count = self._topics.reports.partitions
        await self._send(
            (self._topics.reports, partition_of(key, count), key, encode(Watched(key, hull)))
            for key, hull in sorted(hulls.items())
        )

    async def _send(self, records: Iterable[tuple[Topic, int, str, bytes]]) -> None:
        sent = [
            await self._producer.send(topic.name, value, key=key.encode(), partition=partition)
            for topic, partition, key, value in records
        ]
        await asyncio.gather(*sent)


def _announced(versions: Versions) -> Announced:
    return Announced(Origin(BY_APPLY, 0, 0), versions)


def _difference(before: Mapping[str, object], after: Mapping[str, object]) -> Difference:
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(key for key in after.keys() & before.keys() if after[key] != before[key])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


@asynccontextmanager
async def _writer(kafka: str, topics: Topics) -> AsyncIterator[_Writer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_request_size=MAX_RECORD_BYTES)
    await producer.start()
    try:
        yield _Writer(producer, topics)
    finally:
        await producer.stop()
