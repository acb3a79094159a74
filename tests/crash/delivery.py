"""Dispatch under blows to its Redis: killed, rolled back to an older file, emptied; and to itself.

A receiver must get the last revision of each episode, each revision under one key, and nothing else.
"""

import asyncio
import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from aiokafka import AIOKafkaProducer

from alerts.core.alert import Alert
from streams.codec import encode_alert
from streams.settings import Settings
from streams.topics_admin import ensure_topics
from tests.crash.bench import Bench
from tests.crash.blows import Blows, Crew
from tests.crash.outcome import Outcome
from tests.crash.told import Longest, finally_said, records_of, sent, told_to, until_sent
from tests.receivers import http_receiver
from tests.servers import Server

A_SECOND = 60
_AWAY_S = (0.1, 2.0)


async def redis(bench: Bench) -> Outcome:
    """Two dispatchers, of which one stands by, and the alerts of 1,000 hulls."""
    outcome = Outcome("dispatch and its Redis")
    story = bench.stories["crowd"]
    alerts = story.alerts[: round(A_SECOND * bench.seconds)]
    truth = finally_said(records_of(alerts))
    async with http_receiver() as receiver:
        settings = told_to(receiver, story.config, bench)
        await ensure_topics(settings.kafka, settings.topics)
        async with (
            Crew(settings, bench.folder, outcome, "dispatch", changes=lambda: bench.changes) as crew,
            Longest(receiver) as longest,
        ):
            for _ in range(2):
                crew.join()
            saying = asyncio.create_task(_said(settings, alerts))
            await _blow_after_blow(bench, crew, outcome, saying)
            await until_sent(receiver, truth)
            outcome.longest_s = longest.stop()
    outcome.events, outcome.keys = len(alerts), len(truth)
    sent(alerts, receiver, outcome)
    return outcome


async def _said(settings: Settings, alerts: Sequence[Alert]) -> None:
    """All of them, at a steady rate."""
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all") as producer:
        for alert in alerts:
            await producer.send(settings.topics.alerts.name, encode_alert(alert), key=alert.id.encode(), partition=0)
            await asyncio.sleep(1 / A_SECOND)
        await producer.flush()


async def _blow_after_blow(bench: Bench, crew: Crew, outcome: Outcome, saying: "asyncio.Task[None]") -> None:
    server, dice = bench.servers.redis, bench.dice
    older = _Older(server, bench.folder / "older")
    blows = Blows(crew, outcome, dice, bench.session_s)
    turns: Iterator[tuple[str, Callable[[], None]]] = itertools.cycle(
        [("rolled back", older.restore), ("killed", _nothing), ("emptied", older.empty)]
    )
    while not saying.done():
        await asyncio.sleep(dice.uniform(0.3, 1.5))
        await asyncio.to_thread(older.keep)
        await asyncio.sleep(dice.uniform(0.3, 1.5))
        name, change = next(turns)
        outcome.done[f"redis {name}"] += 1
        await _while_down(server, change, dice)
        if dice.random() < 0.5:
            await blows.kill()
    await saying


async def _while_down(server: Server, change: Callable[[], None], dice: Random) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(change)
    await asyncio.sleep(dice.uniform(*_AWAY_S))
    server.begin()
    await asyncio.to_thread(server.wait_until_up)


def _nothing() -> None:
    """What it had written is there."""


class _Older:
    """A copy of the data folder of a server, as it was."""

    def __init__(self, server: Server, copy: Path) -> None:
        self._data, self._copy = server.folder / "data", copy

    def keep(self) -> None:
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(self._data, self._copy)

    def restore(self) -> None:
        self.empty()
        shutil.copytree(self._copy, self._data, dirs_exist_ok=True)

    def empty(self) -> None:
        shutil.rmtree(self._data)
        self._data.mkdir()
