"""The feed stage: `hullwatch feed`.

Reads the inputs of feeds.toml, or the one that is named on the command line, and writes whole sentences and time
records to `ais.sentences` (feeding.py).  One process for each feed: two that write the same one at a time would mix.
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from alerts.core.instants import SECOND
from streams.cli import add_settings, run_stage, settings_of
from streams.feed_log import FeedLog
from streams.feed_settings import FeedSettings
from streams.feeding import Feeding
from streams.feeds.kafka import KafkaFeed
from streams.feeds.pace import Pace, PlayAt, at_speed
from streams.feeds.portions import Source
from streams.feeds.recorded import STDIN, FileFeed, StdinFeed
from streams.feeds.tcp import TcpFeed
from streams.feeds.udp import UdpFeed
from streams.metrics import READY
from streams.nmea import FeedRules
from streams.settings import ConfigError, Settings, load_config
from streams.snapshots import Snapshots
from streams.topics_admin import ensure_topics


async def run(settings: Settings, feeds: Sequence[FeedSettings] | None = None, play_at: PlayAt | None = None) -> None:
    """Runs until all feeds have ended or until cancelled; what is in hand is written.

    `feeds` are those of feeds.toml unless given; `play_at` paces recordings instead of their own `speed`.  Raises
    ConfigError.
    """
    feeds = load_config(settings.config_dir).feeds if feeds is None else feeds
    await ensure_topics(settings.kafka, settings.topics)
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(FeedLog(settings))
        snapshots = await stack.enter_async_context(Snapshots(settings.kafka, settings.topics))
        flows = []
        for feed in feeds:
            source = await _source(feed, settings, stack)
            flows.append(Feeding(_rules(feed), source, log, snapshots, _pace(feed, play_at)))
        READY.set(1)
        await _all(flows)


async def _all(flows: Sequence[Feeding]) -> None:
    """One that fails stops the others, which finish what they have in hand."""
    tasks = [asyncio.create_task(flow.run()) for flow in flows]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _source(feed: FeedSettings, settings: Settings, stack: AsyncExitStack) -> Source:
    source = _unopened(feed, settings)
    stack.push_async_callback(source.close)
    if isinstance(source, KafkaFeed):
        await source.identify()
    return source


def _unopened(feed: FeedSettings, settings: Settings) -> "TcpFeed | UdpFeed | KafkaFeed | FileFeed | StdinFeed":
    if feed.kind == "tcp":
        return TcpFeed(feed.name, feed.host, feed.port)
    if feed.kind == "udp":
        return UdpFeed(feed.name, feed.host, feed.port)
    if feed.kind == "kafka":
        return KafkaFeed(feed.name, feed.bootstrap or settings.kafka, feed.topic)
    if feed.kind == "stdin" or feed.path == STDIN:
        return StdinFeed(feed.name)
    return FileFeed(feed.name, feed.path)


def _rules(feed: FeedSettings) -> FeedRules:
    return FeedRules(feed.name, feed.station, feed.late, feed.lateness_ms, feed.outage_limit_ms)


def _pace(feed: FeedSettings, play_at: PlayAt | None) -> Pace | None:
    if feed.kind not in ("file", "stdin"):
        return None
    if play_at is not None:
        return Pace(play_at)
    return Pace(at_speed(feed.speed)) if feed.speed is not None else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch feed`."""
    add_settings(parser)
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--feed", metavar="NAME", action="append", help="a feed of feeds.toml; all of them unless given")
    ways.add_argument("--file", metavar="PATH", help="a recording, also gzip, zip or zstandard")
    ways.add_argument("--stdin", action="store_true", help="lines from standard input")
    ways.add_argument("--tcp", metavar="HOST:PORT", help="a server that sends lines")
    ways.add_argument("--udp", metavar="[HOST:]PORT", help="listen for datagrams of lines")
    ways.add_argument("--topic", metavar="TOPIC", help="a topic of the same Kafka with lines")
    parser.add_argument("--name", metavar="NAME", help="name of the feed that is not in feeds.toml (default: its kind)")
    parser.add_argument("--speed", metavar="N", type=_speed, help="play a recording N times as fast as life (1: live)")
    parser.add_argument("--late", action="store_true", help="may be late by up to 2 h, as satellites are")


def main(args: argparse.Namespace) -> int:
    """Runs the stage until its recordings end, or SIGTERM or SIGINT."""
    settings = settings_of(args)
    feeds = feeds_of(args, settings)
    return run_stage(lambda: run(settings, feeds), settings)


def feeds_of(args: argparse.Namespace, settings: Settings) -> tuple[FeedSettings, ...]:
    """The feeds that the arguments name; raises ConfigError."""
    named = _named(args)
    if named is not None:
        feed = replace(named, name=args.name or named.kind, speed=args.speed)
        return (replace(feed, late=True, lateness_ms=7_200 * SECOND, outage_limit_ms=None) if args.late else feed,)
    feeds = load_config(settings.config_dir).feeds
    wanted = args.feed or [feed.name for feed in feeds]
    known = {feed.name: feed for feed in feeds}
    for name in wanted:
        if name not in known:
            expected = f"one of {', '.join(sorted(known)) or 'no feeds at all'}, got {name!r}"
            raise ConfigError(str(settings.config_dir / "feeds.toml"), "--feed", expected)
    if not wanted:
        raise ConfigError(str(settings.config_dir / "feeds.toml"), "feeds", "a feed, or --file, --tcp, --udp, --topic")
    return tuple(known[name] for name in wanted)


def _named(args: argparse.Namespace) -> FeedSettings | None:
    """The one feed of the command line."""
    if args.file:
        return FeedSettings("", "file", path=args.file)
    if args.stdin:
        return FeedSettings("", "stdin")
    if args.tcp:
        return FeedSettings("", "tcp", host=_host(args.tcp, ""), port=_port(args.tcp))
    if args.udp:
        return FeedSettings("", "udp", host=_host(args.udp, "127.0.0.1"), port=_port(args.udp))
    if args.topic:
        return FeedSettings("", "kafka", topic=args.topic)
    return None


def _host(address: str, default: str) -> str:
    host = address.rpartition(":")[0] or default
    if not host:
        raise ConfigError("hullwatch feed", "--tcp", f"HOST:PORT, got {address!r}")
    return host


def _port(address: str) -> int:
    port = address.rpartition(":")[2]
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise ConfigError("hullwatch feed", "address", f"a port from 1 to 65535, got {address!r}")
    return int(port)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.001 <= speed <= 1_000_000:
        raise argparse.ArgumentTypeError(f"expected a number from 0.001 to 1000000, got {text}")
    return speed
