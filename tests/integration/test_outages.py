"""Servers that are not there yet, go away and come back: every stage waits, says so, and loses nothing."""

import asyncio
import itertools
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from streams import embedded, feed_log
from streams.config import load_config
from streams.embedded import free_port
from streams.feed_settings import FeedSettings
from streams.leashed import leashed
from streams.nmea import FeedRules
from streams.scenario import lines
from streams.settings import DEFAULT_FOLDER, Settings
from streams.topics import Topics
from streams.topics_admin import ensure_topics
from streams.versions import publish
from tests.integration.feeds import expected, feeding, log_once, sentences
from tests.integration.line import Line, line
from tests.integration.stages import environ_of

SEED = int(os.environ.get("HULLWATCH_SEED", "1"))
CHAIN = ("ingest", "clock", "detect", "dispatch", "dashboard")


@dataclass
class Running:
    """A stage as a process, with the port where it tells of itself."""

    name: str
    process: asyncio.subprocess.Process
    port: int
    log: Path

    async def readyz(self) -> tuple[int, str]:
        """0 where it does not listen yet."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/readyz") as said:
                return said.status, await said.text()
        except aiohttp.ClientError:
            return 0, ""

    async def says(self, what: Callable[[int, str], bool], within_s: float) -> float:
        """How long it took until it said so."""
        begun_s = time.monotonic()
        while not what(*(said := await self.readyz())):
            assert self.process.returncode is None, self.log.read_text()
            assert time.monotonic() - begun_s < within_s, f"{self.name}: {said}\n{self.log.read_text()[-3000:]}"
            await asyncio.sleep(0.1)
        return time.monotonic() - begun_s

    async def stop(self) -> int | None:
        """By SIGTERM, within ten seconds; the exit status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 10)


def is_ready(status: int, _: str) -> bool:
    return status == 200


def waits_for(need: str) -> Callable[[int, str], bool]:
    return lambda status, said: status == 503 and f"waits for {need}" in said


async def begun(settings: Settings, folder: Path, name: str, *arguments: str) -> Running:
    port, log = free_port(), folder / f"{name}.log"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *leashed([sys.executable, "-m", "streams", name, *arguments]),
            env={**os.environ, **environ_of(settings), "HULLWATCH_METRICS_PORT": str(port)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    return Running(name, process, port, log)


@asynccontextmanager
async def several(settings: Settings, folder: Path, *names: str) -> AsyncIterator[dict[str, Running]]:
    arguments = {"dashboard": ("--port", "0"), "feed": ("--tcp", f"127.0.0.1:{free_port()}")}
    running: dict[str, Running] = {}
    try:
        for name in names:
            running[name] = await begun(settings, folder, name, *arguments.get(name, ()))
        yield running
    finally:
        for one in running.values():
            if one.process.returncode is None:
                one.process.kill()
                await one.process.wait()


@asynccontextmanager
async def broker_behind_a_line() -> AsyncIterator[tuple[str, Line]]:
    """A broker of our own that clients find at the other end of the line."""
    seen, own = free_port(), free_port()
    with embedded.broker(own, seen_at=seen):
        async with line(seen, own) as between:
            yield f"127.0.0.1:{seen}", between


async def test_stages_start_in_any_order_with_no_server_there(tmp_path: Path) -> None:
    names = [*CHAIN, "feed"]
    random.Random(SEED).shuffle(names)
    ports = free_port(), free_port()
    settings = Settings(f"127.0.0.1:{ports[0]}", f"redis://127.0.0.1:{ports[1]}/0", DEFAULT_FOLDER, Topics("t", 2, 2))
    async with several(settings, tmp_path, *names) as running, AsyncExitStack() as stack:
        await asyncio.gather(*(one.says(waits_for("kafka"), 30) for one in running.values()))
        stack.enter_context(embedded.broker(ports[0]))
        await running["ingest"].says(waits_for("watchlist"), 30)
        await running["dispatch"].says(waits_for("redis"), 30)
        stack.enter_context(embedded.redis_server(ports[1]))
        await publish(settings.kafka, settings.topics, load_config(settings.config_dir))
        await asyncio.gather(*(one.says(is_ready, 60) for one in running.values()))
        stopped = await asyncio.gather(*(one.stop() for one in running.values()))
    assert stopped == [0] * len(names)
    for one in running.values():
        said = one.log.read_text()
        assert said.count("waits for kafka") == said.count("kafka is there") == 1, said


@pytest.mark.parametrize("with_kafka", [True, False])
async def test_told_to_stop_at_any_moment_of_its_start_a_stage_stops(
    with_kafka: bool, settings: Settings, tmp_path: Path
) -> None:
    await publish(settings.kafka, settings.topics, load_config(settings.config_dir))
    where = settings if with_kafka else replace(settings, kafka=f"127.0.0.1:{free_port()}")
    dice = random.Random(f"{SEED} {with_kafka}")
    async with several(where, tmp_path, *CHAIN, "feed") as running:

        async def stopped(one: Running, after_s: float) -> int | None:
            while not (await one.readyz())[0]:
                await asyncio.sleep(0.02)
            await asyncio.sleep(after_s)
            return await one.stop()

        for one, status in zip(
            running.values(),
            await asyncio.gather(*(stopped(one, dice.uniform(0, 1.5)) for one in running.values())),
            strict=True,
        ):
            assert status == 0, f"{one.name}: {one.log.read_text()[-3000:]}"


async def test_a_stage_says_that_kafka_went_away_and_goes_on_when_it_is_back(redis_url: str, tmp_path: Path) -> None:
    async with broker_behind_a_line() as (kafka, between):
        settings = Settings(kafka, redis_url, DEFAULT_FOLDER, Topics(f"t{free_port()}", 2, 2))
        await ensure_topics(kafka, settings.topics)
        await publish(kafka, settings.topics, load_config(settings.config_dir))
        async with several(settings, tmp_path, *CHAIN) as running:
            await asyncio.gather(*(one.says(is_ready, 60) for one in running.values()))
            await between.cut()
            await asyncio.gather(*(one.says(waits_for("kafka"), 10) for one in running.values()))
            await between.mend()
            await asyncio.gather(*(one.says(is_ready, 60) for one in running.values()))
            assert await asyncio.gather(*(one.stop() for one in running.values())) == [0] * len(running)


async def test_dispatch_says_that_redis_went_away(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    own = replace(settings, redis=f"redis://127.0.0.1:{port}/0")
    async with several(own, tmp_path, "dispatch") as running:
        one = running["dispatch"]
        with embedded.redis_server(port):
            await one.says(is_ready, 30)
        await one.says(waits_for("redis"), 15)
        with embedded.redis_server(port):
            await one.says(is_ready, 30)
            assert await one.stop() == 0


async def test_lines_that_come_once_are_written_once_though_kafka_was_away(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For longer than aiokafka tries by itself: the log is asked what it has of the last flush."""
    monkeypatch.setattr(feed_log, "GIVEN_UP_MS", 1_000)
    rows = [row.rstrip(b"\n") for row in itertools.islice(lines("harbour"), 3_000)]

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for n in range(0, len(rows), 20):
            writer.write(b"\n".join([*rows[n : n + 20], b""]))
            await asyncio.sleep(0.03)
        await reader.read()
        writer.close()

    async with broker_behind_a_line() as (kafka, between):
        settings = Settings(kafka, redis_url, topics=Topics("t", 2, 2))
        await ensure_topics(kafka, settings.topics)
        async with await asyncio.start_server(tell, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with feeding(settings, FeedSettings("tcp", "tcp", host="127.0.0.1", port=port)) as stage:
                await log_once(settings, lambda log: len(sentences(log)) > 100)
                await between.cut()
                await asyncio.sleep(3)
                await between.mend()
                wanted = sentences(expected(rows, settings, FeedRules("tcp")))
                log = await log_once(settings, lambda log: len(sentences(log)) >= len(wanted), 60)
                assert not stage.done()
    texts = [sentence.text for sentence in sentences(log)]  # type: ignore[attr-defined]
    assert sorted(texts) == sorted(sentence.text for sentence in wanted)  # type: ignore[attr-defined]
