"""The dashboard stage: reads alerts and reports from Kafka and serves the page.

No consumer group: every dashboard sees all, and nothing is written.

    ais.alerts    from the beginning     --.
    ais.reports   from a day back at most --+--> Live --> page, API, stream
    ais.versions  the announced zones    --'
                  and watch entries
"""

import argparse
import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client import generate_latest

from alerts.core.hull import Hull
from alerts.core.instants import DAY
from alerts.core.intervals import Cover, IntervalClosed, Watched
from alerts.core.reports import Report
from alerts.core.zones import ZoneIndex
from alerts.dashboard.api import create_app
from alerts.dashboard.auth import Token
from alerts.dashboard.live import Incoming, Live, Mark
from alerts.dashboard.picture import Zones
from alerts.dashboard.server import served
from alerts.dashboard.sse import Broadcast
from streams.cli import add_settings, port, run_stage, settings_of
from streams.codec import UnknownRecordError, decode, decode_alert
from streams.health import unready
from streams.heeding import heed_cancellation
from streams.lasting import answers
from streams.metrics import DASHBOARD_LISTENERS, DASHBOARD_UNREADABLE, READY
from streams.needs import Need, until_there
from streams.progress import PROGRESS
from streams.settings import ConfigError, Settings
from streams.topics import Topic
from streams.versions import VersionReader

TRACKS_REACH_BACK_MS = DAY
TRACKS_AT_MOST = 200_000
"""Records of one partition that are read again at the start: about two seconds' work."""
BATCH = 2_000
_READY_ASKED_S = 0.1
_VERSIONS_ASKED_S = 0.5
_FETCH_WAIT_MS = 100
"""Tansu waits out half of a long poll before it answers."""
Read = Callable[[bytes], Incoming]
Seek = Callable[[AIOKafkaConsumer, list[TopicPartition]], Awaitable[None]]


async def run(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8080,
    token: str | None = None,
    without_token: frozenset[str] = frozenset(),
) -> None:
    """Serves until cancelled; says on stdout where, with the token in the address (one is drawn if none is given).

    Raises ConfigError for a token that will not do, a version that is not there, or an address that is taken.
    """
    key = _token(token)
    live = Live(Broadcast(secrets.token_hex(4)), sources=3)
    app = create_app(live, key, lambda: _measured(live), unready, without_token)
    async with AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(served(app, host, port, live.broadcast.close))
        except OSError as error:
            raise ConfigError(
                "hullwatch dashboard", "--port", f"a free port, got {host}:{port} ({error.strerror})"
            ) from error
        sys.stdout.write(f"dashboard: {address}/?token={key.secret}\n")
        sys.stdout.flush()
        sources = (in_force(settings), alerts(settings), reports(settings))
        await asyncio.gather(live.flush_forever(), _tell_ready(live), *(live.follow(source) for source in sources))


async def _tell_ready(live: Live) -> None:
    while not live.caught_up:
        await asyncio.sleep(_READY_ASKED_S)
    READY.set(1)


class _InForce(NamedTuple):
    """Zones and watch entries, as `apply` has announced them."""

    zones: ZoneIndex
    hulls: Mapping[str, Hull]


async def in_force(settings: Settings) -> AsyncIterator[Incoming]:
    """What is announced of zones and watch entries, then every change.

    `ais.reports` brings the changed entries, too; those of more than a day ago are only here.
    """
    await until_there(Need.KAFKA, settings.kafka, lambda: answers(settings.kafka))
    reader = VersionReader(settings.kafka, settings.topics)
    await reader.start()
    try:
        known = None
        while True:
            now = _InForce(reader.zones, {hull.id: hull for hull in reader.watchlist})
            for incoming in _changes(known, now):
                yield incoming
            if known is None:
                yield Mark.CAUGHT_UP
            known = now
            heed_cancellation()
            await asyncio.sleep(_VERSIONS_ASKED_S)
            await reader.poll()
    finally:
        await reader.stop()


def _changes(before: _InForce | None, now: _InForce) -> Iterator[Incoming]:
    if before is None or now.zones is not before.zones:
        yield Zones(tuple(now.zones.zones.values()))
    known = {} if before is None else before.hulls
    for hull in now.hulls.values():
        if known.get(hull.id) != hull:
            yield Watched(hull.id, hull)
    for gone in known.keys() - now.hulls.keys():
        yield Watched(gone, None)


async def alerts(settings: Settings) -> AsyncIterator[Incoming]:
    """All that were ever published and are still kept, then those to come."""
    async for incoming in _tail(settings.kafka, settings.topics.alerts, _from_beginning, decode_alert):
        yield incoming


async def reports(settings: Settings) -> AsyncIterator[Incoming]:
    """Reports, closed intervals and watch entries of the last day, then those to come."""
    async for incoming in _tail(settings.kafka, settings.topics.reports, _from_a_day_back, _of_reports):
        yield incoming


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch dashboard`."""
    add_settings(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=port, default=8080, help="0: one that the system chooses (default: 8080)")
    parser.add_argument("--token", help="default: HULLWATCH_DASHBOARD_TOKEN, else one is drawn and printed")
    parser.add_argument(
        "--without-token",
        action="append",
        default=[],
        choices=("/healthz", "/readyz", "/metrics"),
        help="open this path to everybody; may be given twice",
    )


def main(args: argparse.Namespace) -> int:
    """Runs the stage until SIGTERM or SIGINT."""
    token = args.token or os.environ.get("HULLWATCH_DASHBOARD_TOKEN")
    settings = settings_of(args)
    open_paths = frozenset(args.without_token)
    return run_stage(lambda: run(settings, args.host, args.port, token, open_paths), settings, waits=False)


async def _tail(kafka: str, topic: Topic, seek: Seek, read: Read) -> AsyncIterator[Incoming]:
    await until_there(Need.KAFKA, kafka, lambda: answers(kafka))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=None, auto_offset_reset="earliest", fetch_max_wait_ms=_FETCH_WAIT_MS
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(topic.name, number) for number in await _partitions(consumer, topic)]
        consumer.assign(partitions)
        await seek(consumer, partitions)
        goal = await consumer.end_offsets(partitions)
        while not await _reached(consumer, goal):
            for incoming in await _batch(consumer, read):
                yield incoming
        yield Mark.CAUGHT_UP
        while True:
            for incoming in await _batch(consumer, read):
                yield incoming
            for place in partitions:
                end = consumer.highwater(place)
                PROGRESS.applied(place.topic, place.partition, await consumer.position(place), end)
    finally:
        await consumer.stop()


async def _batch(consumer: AIOKafkaConsumer, read: Read) -> list[Incoming]:
    heed_cancellation()
    fetched = await consumer.getmany(timeout_ms=500, max_records=BATCH)
    taken = []
    for record in (record for records in fetched.values() for record in records):
        try:
            taken.append(read(record.value or b""))
        except UnknownRecordError:
            DASHBOARD_UNREADABLE.labels(topic=record.topic).inc()
    return taken


async def _partitions(consumer: AIOKafkaConsumer, topic: Topic) -> list[int]:
    """Waits until the topic exists: stages may start in any order."""

    async def is_there() -> bool:
        return topic.name in await consumer.topics()

    await until_there(Need.TOPICS, topic.name, is_there)
    return sorted(consumer.partitions_for_topic(topic.name) or range(topic.partitions))


async def _reached(consumer: AIOKafkaConsumer, goal: dict[TopicPartition, int]) -> bool:
    return all([await consumer.position(partition) >= end for partition, end in goal.items()])


async def _from_beginning(consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
    await consumer.seek_to_beginning(*partitions)


async def _from_a_day_back(consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
    since_ms = time.time_ns() // 1_000_000 - TRACKS_REACH_BACK_MS
    day_old = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    begin, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    for partition in partitions:
        found = day_old.get(partition)
        since = found.offset if found else end[partition]
        consumer.seek(partition, max(since, begin[partition], end[partition] - TRACKS_AT_MOST))


def _of_reports(value: bytes) -> Incoming:
    record = decode(value)
    if isinstance(record, Report | IntervalClosed | Cover | Watched):
        return record
    raise UnknownRecordError(f"expected a report, a watch entry or an interval, got {type(record).__name__}")


def _token(given: str | None) -> Token:
    try:
        return Token(given) if given else Token.drawn()
    except ValueError as error:
        raise ConfigError("hullwatch dashboard", "token", str(error)) from error


def _measured(live: Live) -> bytes:
    DASHBOARD_LISTENERS.set(live.broadcast.listeners)
    return generate_latest()
