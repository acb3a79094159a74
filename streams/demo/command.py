"""Puts the demo together, and takes it apart again.

embedded broker and Redis, mail and web catchers
  '-> configuration applied --> ingest, clock, detect, dispatch, dashboard (processes) --> feed plays the story
"""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from alerts.core.hull import Hull
from alerts.core.instants import Instant
from streams import embedded, feed
from streams.cli import port
from streams.codec import decode_alert
from streams.demo.receivers import mail_catcher, webhook_catcher
from streams.demo.shown import Shown, shown
from streams.demo.stages import Stage, StageEndedError, done_by, running
from streams.demo.story import Story, angara, recording
from streams.feeds.file import UnreadableFileError
from streams.settings import DEFAULT_FOLDER, FeedSettings, Settings, load_config
from streams.topics import Topic, Topics
from streams.topics_admin import ensure_topics
from streams.versions import publish

STAGES = ("ingest", "clock", "detect", "dispatch")
_LOOK_S, _LOOKS = 1.0, 3
"""What the last lines raise is told when the stages have had nothing to do at so many looks ..."""
_STANDS_AFTER_S = 60.0
"""... or when nothing moved for so long."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch demo`."""
    parser.add_argument("file", nargs="?", metavar="FILE", help="a recording to play instead of the Angara case")
    parser.add_argument("--seed", type=int, default=0, help="another number, other ships and minutes (default 0)")
    parser.add_argument("--faster", type=_times, default=1.0, metavar="N", help="tell it N times faster (default 1)")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long a recording takes to play (default 180)")
    parser.add_argument(
        "--port", type=port, default=8080, help="of the dashboard (default 8080, another if it is taken)"
    )
    parser.add_argument(
        "--exit", action="store_true", help="stop when the story is told, instead of waiting for Ctrl-C"
    )


def main(args: argparse.Namespace) -> int:
    """0 when the story was told and everything is stopped; 1 where a stage ended by itself, 2 for a wrong file."""
    try:
        asyncio.run(_until_signalled(_demo(args)))
    except asyncio.CancelledError:
        sys.stdout.write("stopped: nothing is left running\n")
    except StageEndedError as error:
        sys.stderr.write(f"hullwatch demo: {error}\n")
        return 1
    except UnreadableFileError as error:
        sys.stderr.write(f"hullwatch: {error}\n")
        return 2
    return 0


async def _until_signalled(work: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    await task


async def _demo(args: argparse.Namespace) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hullwatch-demo-")))
        sys.stdout.write("getting ready: two servers, five stages, the story\n")
        sys.stdout.flush()
        told = await asyncio.to_thread(_story, args, folder)
        screen = stack.enter_context(shown(told.lasts_s))
        settings = await _servers(stack, folder, told, screen)
        stages = await stack.enter_async_context(_chain(settings, args.port, folder, screen))
        await _play(settings, stages, told, screen)
        screen.line("the story is told")
        if not args.exit:
            screen.line("the dashboard stays open until you press Ctrl-C", "bold")
            await asyncio.Event().wait()


def _times(text: str) -> float:
    times = float(text)
    if not 0.01 <= times <= 1_000:
        raise argparse.ArgumentTypeError(f"expected a number from 0.01 to 1000, got {text}")
    return times


def _story(args: argparse.Namespace, folder: Path) -> Story:
    told = recording(args.file, args.seconds) if args.file else angara(args.seed, folder)
    return replace(told, play_at=lambda at: told.play_at(at) / args.faster)


async def _servers(stack: AsyncExitStack, folder: Path, told: Story, screen: Shown) -> Settings:
    kafka = stack.enter_context(embedded.broker())
    redis = stack.enter_context(embedded.redis_server())
    mail = await stack.enter_async_context(mail_catcher(screen.delivered))
    hook = await stack.enter_async_context(webhook_catcher(screen.delivered))
    settings = Settings(kafka, redis, _configured(folder / "config", mail, hook, told.hulls), Topics("demo"))
    await ensure_topics(kafka, settings.topics)
    await publish(kafka, settings.topics, load_config(settings.config_dir))
    return settings


def _configured(folder: Path, mail_port: int, hook: str, hulls: Sequence[Hull] | None) -> Path:
    """The shipped folder, with the catchers as destinations, and the recording's ships where there is one."""
    shutil.copytree(DEFAULT_FOLDER, folder)
    (folder / "routes.toml").write_text(_ROUTES.format(port=mail_port, hook=hook))
    if hulls is not None:
        rows = [f'{hull.id},{hull.mmsi},"{(hull.name or "").replace(chr(34), "")}",{hull.reason}' for hull in hulls]
        (folder / "watchlist.csv").write_text("\n".join(["id,mmsi,name,reason", *rows]) + "\n")
    return folder


_ROUTES = """
[destinations.mail]
channel = "email"
host = "127.0.0.1"
port = {port}
tls = "none"
from = "hullwatch@example.org"
to = ["watch@example.org"]

[destinations.hook]
channel = "webhook"
url = "{hook}"

[[routes]]
name = "everything"
to = ["mail", "hook"]
"""


@asynccontextmanager
async def _chain(settings: Settings, port: int, folder: Path, screen: Shown) -> AsyncIterator[list[Stage]]:
    """All stages but the feed, at work."""
    token = secrets.token_urlsafe(16)
    port = embedded.free_port(port)
    environ = {
        "HULLWATCH_KAFKA": settings.kafka,
        "HULLWATCH_REDIS": settings.redis,
        "HULLWATCH_CONFIG": str(settings.config_dir),
        "HULLWATCH_PREFIX": settings.topics.prefix,
        "HULLWATCH_DASHBOARD_TOKEN": token,
    }
    names: dict[str, tuple[str, ...]] = dict.fromkeys(STAGES, ())
    names["dashboard"] = ("--port", str(port))
    async with running(names, environ, folder) as stages:
        screen.line(f"dashboard: http://127.0.0.1:{port}/?token={token}", "bold")
        yield stages


async def _play(settings: Settings, stages: list[Stage], told: Story, screen: Shown) -> None:
    """Feeds the story, and shows alerts as they fire, until all of it is told."""
    showing = asyncio.create_task(_show_alerts(settings, screen))
    begin_s = told.play_at(told.begin)

    def play_at(at: Instant) -> float:
        due_s = told.play_at(at)
        screen.reached(at, told.scene_at(at), due_s - begin_s)
        return due_s

    try:
        feeding = FeedSettings(told.feed, "file", path=str(told.path))
        await feed.run(settings, [feeding], play_at)
        await _settled(settings, stages, screen)
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


async def _settled(settings: Settings, stages: list[Stage], screen: Shown) -> None:
    """Returns when every stage has taken all that there is for it, all alerts are told and shown, and no more comes.

    Or when all of them stand.  A broker that is busy says late where its topics end: alerts are counted by who
    publishes them.
    """
    alerts, topics = settings.topics.alerts, _topics(settings)
    partitions = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, group_id=None) as consumer:
        before, looks, moved_s = None, 0, time.monotonic()
        while looks < _LOOKS and time.monotonic() - moved_s < _STANDS_AFTER_S:
            ends, done = await consumer.end_offsets(partitions), await done_by(stages)
            taken = done.applied
            read = all(taken.get((tp.topic, tp.partition), 0) >= end for tp, end in ends.items())
            told = sum(at for (topic, _), at in taken.items() if topic == alerts.name)
            now = ends, done, screen.alerts
            moved_s = moved_s if now == before else time.monotonic()
            still = now == before and read and min(told, screen.alerts) >= done.alerts
            before, looks = now, looks + 1 if still else 0
            await asyncio.sleep(_LOOK_S)


def _topics(settings: Settings) -> tuple[Topic, ...]:
    topics = settings.topics
    return topics.sentences, topics.clock, topics.reports, topics.alerts


async def _show_alerts(settings: Settings, screen: Shown) -> None:
    async for record in _tail(settings.kafka, settings.topics.alerts):
        screen.alert(decode_alert(record.value or b""))


async def _tail(kafka: str, topic: Topic) -> AsyncIterator["ConsumerRecord[bytes, bytes]"]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=None, auto_offset_reset="earliest", fetch_max_wait_ms=50
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic.name, partition) for partition in range(topic.partitions)])
        async for record in consumer:
            yield record
    finally:
        await consumer.stop()
