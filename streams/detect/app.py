"""The detect stage: `hullwatch detect`.

At-least-once: what repeats is recognised by the offset in each memory.  No idempotent or transactional producer: ids
are derived, and Tansu refuses both.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import faust
from aiokafka.errors import KafkaTimeoutError
from faust.types import TP

from streams.cli import add_settings, run_stage, settings_of
from streams.detect.agent import Detective
from streams.detect.contents import Contents
from streams.detect.engines import Engines
from streams.detect.made_of import check_topics
from streams.detect.publish import Publisher
from streams.detect.source import Transport
from streams.detect.table import Table, Tables, memories
from streams.lasting import StuckError
from streams.metrics import LOADED_SECONDS, READY
from streams.progress import IN_VAIN_AFTER_S, PROGRESS
from streams.settings import Settings
from streams.stacks import stacks
from streams.topics import Topic, Topics
from streams.topics_admin import copies, ensure_topics

STOP_WITHIN_S = 9.0
SESSION_S, HEARTBEAT_S, REBALANCE_S = 6.0, 1.0, 10.0
LINGER_S = 0.03
"""Shared cost of a memory's write: 3,000 a second without, 8,000 with 20-50 ms (measured)."""
_TELL_EVERY_S = 0.5
QUIET = ("faust", "mode", "aiokafka")


class NotLoadedError(KafkaTimeoutError):  # type: ignore[misc]  # aiokafka has no types
    """The memories are not loaded, and nothing comes; the stage begins again."""


class App(faust.App):
    """Faust's app, with what our consumer and agent need."""

    mundane_level = "debug"
    engines: Engines
    source: str
    kafka: str

    def _new_transport(self) -> Any:
        return Transport(self.conf.broker_consumer, self)

    async def on_stop(self) -> None:
        """Cure for a stop that hangs: after a crash nothing can be flushed, and Faust fails at it half-way.

        What is dropped here is made again from the source.
        """
        if self.crash_reason is not None:
            self._drop_unsent()
        await super().on_stop()

    def _drop_unsent(self) -> None:
        pending = self.producer.buffer.pending
        while not pending.empty():
            pending.get_nowait()
        sender = getattr(self.producer, "_producer", None)  # aiokafka's, once it is started
        if sender is not None:
            sender._sender.sender_task.cancel()  # else its `stop` waits for the broker, for 20 minutes

    async def _producer_flush(self, logger: Any) -> None:
        if self.crash_reason is None:
            await super()._producer_flush(logger)


def create_app(kafka: str, topics: Topics, engines: Engines, data_dir: Path, copies: int) -> App:
    """The app without its agent: group and client id are `PREFIX-detect`; `data_dir` is only Faust's scratch.

    `copies` of each memory are on the brokers, where the changelog is still to be made.
    """
    app = App(
        f"{topics.prefix}-detect",
        broker=f"kafka://{kafka.replace(',', ';')}",
        store="memory://",
        Table=Table,
        TableManager=Tables,
        datadir=str(data_dir),
        web_enabled=False,
        topic_disable_leader=True,
        topic_partitions=topics.reports.partitions,
        topic_replication_factor=copies,
        table_standby_replicas=0,
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_rebalance_timeout=REBALANCE_S,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        producer_linger=LINGER_S,
        processing_guarantee="at_least_once",
    )
    app.engines, app.source, app.kafka = engines, topics.reports.name, kafka
    return app


def follow(app: App, source: Topic, detective: Detective) -> None:
    """The one agent, one record at a time: with more, Faust commits past records that are still at work."""

    async def detect(stream: Any) -> None:
        async for event in stream.events():
            try:
                await detective.take(event.message)
            except Exception as error:
                await app.crash(error)
                await asyncio.Event().wait()  # an error must not acknowledge the record; the stop ends this

    topic = app.topic(
        source.name,
        partitions=source.partitions,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        allow_empty=True,
    )
    app.agent(topic, concurrency=1)(detect)


async def run(settings: Settings) -> None:
    """Detects until cancelled; what is in hand is finished and committed.

    Raises ConfigError where the topics are other ones than expected, and the error that made it stop.
    """
    topics = settings.topics
    await ensure_topics(settings.kafka, topics)  # else Faust and the broker make them, with settings of their own
    await check_topics(settings.kafka, topics)
    async with AsyncExitStack() as stack:
        data_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="hullwatch-detect-"))
        publisher = await stack.enter_async_context(Publisher(settings.kafka, topics))
        contents = Contents(settings.kafka, topics)
        engines = Engines(await contents.all(), contents.fetch)
        app = create_app(settings.kafka, topics, engines, Path(data_dir), await copies(settings.kafka))
        table = memories(app, topics, settings.kafka, engines)
        follow(app, topics.reports, Detective(engines, table, publisher.publish, publisher.refuse))
        await _until_stopped(app)


async def _until_stopped(app: App) -> None:
    working, heeding = asyncio.create_task(_work(app)), asyncio.create_task(_heed_loading(app))
    try:
        await asyncio.wait([working, heeding], return_when=asyncio.FIRST_COMPLETED)
        if heeding.done() and (error := heeding.exception()) is not None:
            app._crash(error)
        else:
            working.result()
    finally:
        READY.set(0)
        for task in (working, heeding):
            task.cancel()
        await asyncio.wait([working, heeding], timeout=1.0)
        await _stopped(app)
    if app.crash_reason is not None:
        raise app.crash_reason


async def _work(app: App) -> None:
    await app.start()  # which joins and loads
    app.sensors.remove(app.monitor)  # Faust's own statistics, which nobody reads: a tenth of the work
    telling = asyncio.create_task(_tell_standing(app))
    try:
        await app.wait()
    finally:
        telling.cancel()


async def _heed_loading(app: App) -> None:
    """Cure for a join or a recovery that waits for what will not come, after a broker that went away meanwhile.

    Raises NotLoadedError.
    """
    while True:
        if _loads(app):
            PROGRESS.loads()
        else:
            PROGRESS.loaded()
        if PROGRESS.loads_in_vain(time.monotonic()):
            reason = f"not loaded, and nothing came for {IN_VAIN_AFTER_S:.0f} s, though Kafka is there"
            logging.getLogger("stage").error("%s\n%s", reason, stacks())
            raise NotLoadedError(reason)
        await asyncio.sleep(_TELL_EVERY_S)


def _loads(app: App) -> bool:
    recovery = app.tables.recovery  # type: ignore[attr-defined]  # of its interface, which lacks it
    return bool(app.rebalancing or recovery.in_recovery or not recovery.completed.is_set())


async def _stopped(app: App) -> None:
    """Raises StuckError where Faust does not get done; cancelling it would be waiting for it."""
    stopping = asyncio.ensure_future(app.stop())
    await asyncio.wait([stopping], timeout=STOP_WITHIN_S)
    if not stopping.done():
        stuck = StuckError(f"Faust did not stop within {STOP_WITHIN_S:.0f} s, after {app.crash_reason!r}")
        logging.getLogger("stage").error("ends, it is stuck: %s\n%s", stuck, stacks())
        raise stuck
    stopping.result()


async def _tell_standing(app: App) -> None:
    """Whether its memories are loaded, and how far behind it reads."""
    begun_s: float | None = None
    while True:
        now_s = asyncio.get_running_loop().time()
        loads = _loads(app)
        if loads and begun_s is None:
            begun_s = now_s
        if not loads and begun_s is not None:
            LOADED_SECONDS.set(now_s - begun_s)
            begun_s = None
        READY.set(0 if loads else 1)
        _tell_progress(app)
        await asyncio.sleep(_TELL_EVERY_S)


def _tell_progress(app: App) -> None:
    assigned = app.consumer.assignment()
    read = {n: at for n, at in app.engines.positions().items() if TP(app.source, n) in assigned}
    for partition, following in read.items():
        PROGRESS.applied(app.source, partition, following, app.consumer.highwater(TP(app.source, partition)))
    PROGRESS.keep(app.source, read)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch detect`."""
    add_settings(parser)


def main(args: argparse.Namespace) -> int:
    """Runs the stage until SIGTERM or SIGINT."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    settings = settings_of(args)
    return run_stage(lambda: run(settings), settings)
