"""The dispatch stage: `ais.alerts` to people.

    lease --> offsets from the ledger --> Kafka from there --> dispatcher (alerts/delivery/dispatcher.py)
      ^                                                             |
      '----- lease lost, offset moved, Redis away: again -----------'

No consumer group: the offset stands in Redis, beside the outbox that it explains.  A second dispatcher waits for the
lease.  Told to stop, it sends what it has in hand, for eight seconds at most, and gives the lease back.
"""

import argparse
import asyncio
import logging
import os
import random
import secrets
import sys
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress

import aiohttp
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from alerts.core.instants import SECOND, Instant
from alerts.delivery.channel import Channel, Remembering
from alerts.delivery.channels import open_channel
from alerts.delivery.dispatcher import Dispatcher, Published
from alerts.delivery.happenings import Happened, WasDelayed, WasNotSent, WasSent
from alerts.delivery.http import http_session
from alerts.delivery.ledger import Ledger, Over, SessionOverError, open_ledger
from alerts.routing.routes import RouteError, Routes
from streams.cli import add_settings, run_stage, settings_of
from streams.codec import UnknownRecordError, decode_alert
from streams.heeding import heed_cancellation
from streams.log_ends import log_ends
from streams.metrics import (
    DISPATCH_DELAYED,
    DISPATCH_NOT_SENT,
    DISPATCH_SENT,
    DISPATCH_SESSIONS_OVER,
    DISPATCH_TOOK_SECONDS,
    READY,
)
from streams.needs import Need, missing, there, until_there
from streams.progress import PROGRESS
from streams.settings import ConfigError, Settings, load_config
from streams.topics import LARGEST_BYTES, Topic

LEASE_MS = 10 * SECOND
"""So long after a kill does a second dispatcher wait."""
IN_HAND_S = 8.0
"""So long may what is in hand take when the stage is told to stop."""
_AGAIN_S = 1.0
_BATCH = 500
_log = logging.getLogger("dispatch")


async def run(settings: Settings, routes: Routes | None = None, lease_ms: int = LEASE_MS) -> None:
    """Runs until cancelled; `routes` are those of the configuration folder unless given.

    Raises ConfigError for a wrong route or a secret that is not set, or where the topic was created anew.
    """
    routes = routes or load_config(settings.config_dir).routes
    async with AsyncExitStack() as stack:
        channels = _channels(settings, routes, await stack.enter_async_context(http_session()))
        ledger = await _opened_ledger(stack, settings, routes)
        rejects = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", max_request_size=LARGEST_BYTES)
        stack.push_async_callback(rejects.stop)
        await rejects.start()
        while True:
            heed_cancellation()
            dispatcher = Dispatcher(ledger, routes, channels, _now, random.random, _tell)
            try:
                await _session(settings, ledger, dispatcher, tuple(channels), rejects, lease_ms)
            except SessionOverError as over:
                _over(over)
                await asyncio.sleep(_AGAIN_S)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch dispatch`."""
    add_settings(parser)


def main(args: argparse.Namespace) -> int:
    """Runs the stage until SIGTERM or SIGINT."""
    settings = settings_of(args)
    return run_stage(lambda: run(settings), settings)


def _channels(settings: Settings, routes: Routes, session: aiohttp.ClientSession) -> dict[str, Channel]:
    try:
        opened = {d.name: open_channel(d, os.environ, session, _now, sys.stdout) for d in routes.destinations}
    except RouteError as error:
        raise ConfigError(str(settings.config_dir / "routes.toml"), error.where, error.expected) from error
    return {name: Remembering(channel) for name, channel in opened.items()}


async def _opened_ledger(stack: AsyncExitStack, settings: Settings, routes: Routes) -> Ledger:
    name, token = f"hullwatch:{settings.topics.alerts.name}", secrets.token_hex(8)
    try:
        ledger = open_ledger(settings.redis, name, token, routes.delivery.keep_ms)
        return await stack.enter_async_context(ledger)
    except ValueError as error:
        raise ConfigError("hullwatch dispatch", "redis", f"an address as redis://127.0.0.1:6379/0 ({error})") from error


def _over(over: SessionOverError) -> None:
    DISPATCH_SESSIONS_OVER.labels(reason=str(over.why)).inc()
    if over.why is Over.UNAVAILABLE:
        missing(Need.REDIS, str(over))
    else:
        _log.warning("session over, beginning again: %s", over)


async def _session(
    settings: Settings,
    ledger: Ledger,
    dispatcher: Dispatcher,
    destinations: tuple[str, ...],
    rejects: AIOKafkaProducer,
    lease_ms: int,
) -> None:
    """From a lease taken to a lease lost or the stage told to stop."""
    server = await _leased(ledger, lease_ms)
    keeping = asyncio.ensure_future(_keep(ledger, lease_ms, server))
    reading = asyncio.ensure_future(_read(settings, dispatcher, rejects))
    working = [asyncio.ensure_future(dispatcher.work(destination)) for destination in destinations]
    try:
        heed_cancellation()
        await _until_one_ends(keeping, reading, *working)
    finally:
        dispatcher.stop()
        await _cancelled([reading])
        if working:
            await asyncio.wait(working, timeout=IN_HAND_S)
        await _cancelled([keeping, *working])
        with suppress(SessionOverError):
            await ledger.release()


async def _leased(ledger: Ledger, lease_ms: int) -> str:
    """Waits for the lease, standing by; the word of the server that gave it."""
    stands_by = False
    while True:
        heed_cancellation()
        server = await ledger.server()
        has_it = await ledger.acquire(lease_ms)
        there(Need.REDIS)
        READY.set(1)
        if has_it:
            return server
        if not stands_by:
            _log.info("stands by: another dispatcher has the lease")
        stands_by = True
        await asyncio.sleep(_AGAIN_S)


async def _keep(ledger: Ledger, lease_ms: int, server: str) -> None:
    """Renews the lease three times in its life; ends when it is lost, or Redis may know less than it did."""
    while await ledger.renew(lease_ms):
        if await ledger.server() != server:
            raise SessionOverError(Over.RESTARTED)
        heed_cancellation()
        await asyncio.sleep(lease_ms / 3 / SECOND)
    raise SessionOverError(Over.LEASE_LOST)


async def _read(settings: Settings, dispatcher: Dispatcher, rejects: AIOKafkaProducer) -> None:
    kafka = settings.kafka
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=None, auto_offset_reset="earliest", fetch_max_wait_ms=100
    )
    await consumer.start()
    try:
        partitions = await _partitions(consumer, settings.topics.alerts)
        consumer.assign(partitions)
        await _seek(kafka, consumer, dispatcher, partitions)
        while True:
            heed_cancellation()
            fetched = await consumer.getmany(timeout_ms=500, max_records=_BATCH)
            for record in (record for records in fetched.values() for record in records):
                await dispatcher.take_in(await _published(record, settings.topics.rejects, rejects))
            for place in partitions:
                following = await consumer.position(place)
                PROGRESS.applied(place.topic, place.partition, following, consumer.highwater(place))
    finally:
        PROGRESS.forget()
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: Topic) -> list[TopicPartition]:
    """Waits until the topic exists: stages may start in any order."""

    async def is_there() -> bool:
        return topic.name in await consumer.topics()

    await until_there(Need.TOPICS, topic.name, is_there)
    numbers = consumer.partitions_for_topic(topic.name) or range(topic.partitions)
    return [TopicPartition(topic.name, number) for number in sorted(numbers)]


async def _seek(
    kafka: str, consumer: AIOKafkaConsumer, dispatcher: Dispatcher, partitions: list[TopicPartition]
) -> None:
    """To where the ledger stands, else to the oldest that Kafka keeps; raises ConfigError for a topic made anew."""
    oldest, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    for place in partitions:
        stands = await dispatcher.begin(place.partition)
        if stands is None:
            stands = oldest[place]
        if stands > end[place] and stands > (await log_ends(kafka, [place]))[place]:
            raise ConfigError(place.topic, f"partition {place.partition}", _made_anew(stands, end[place]))
        if stands < oldest[place]:
            _log.warning("%s: offsets %d to %d were no longer kept by Kafka", place, stands, oldest[place] - 1)
        consumer.seek(place, max(stands, oldest[place]))


def _made_anew(stands: int, end: int) -> str:
    return (
        f"{stands} records or more, as the ledger in Redis has read, got {end}: the topic was created anew; "
        "delete the ledger's keys in Redis to begin at its start"
    )


async def _published(record: "ConsumerRecord[bytes, bytes]", topic: Topic, rejects: AIOKafkaProducer) -> Published:
    """The record with its alert; without one when it cannot be read, and then it is in the rejects."""
    body = record.value or b""
    at = record.timestamp if record.timestamp > 0 else _now()
    try:
        return Published(record.partition, record.offset, at, body, decode_alert(body))
    except UnknownRecordError as error:
        source = f"{record.topic}:{record.partition}:{record.offset}"
        headers = [("stage", b"dispatch"), ("source", source.encode()), ("reason", str(error).encode())]
        await rejects.send_and_wait(topic.name, body, key=record.key, headers=headers)
        return Published(record.partition, record.offset, at, body, None)


async def _until_one_ends(*tasks: "asyncio.Future[None]") -> None:
    """All of them go on for ever; raises what the first one raised."""
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in ended:
        task.result()


async def _cancelled(tasks: Iterable["asyncio.Future[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _tell(happened: Happened) -> None:
    """The one place where an end of a message becomes a log line and a number."""
    _log.info("%s", happened)
    label = happened.destination.partition("/")[0]
    match happened:
        case WasSent(took_ms=took_ms):
            DISPATCH_SENT.labels(destination=label).inc()
            DISPATCH_TOOK_SECONDS.labels(destination=label).observe(took_ms / SECOND)
        case WasDelayed(reason=reason):
            DISPATCH_DELAYED.labels(destination=label, reason=str(reason)).inc()
        case WasNotSent(reason=why):
            DISPATCH_NOT_SENT.labels(destination=label, reason=str(why)).inc()


def _now() -> Instant:
    return time.time_ns() // 1_000_000
